//! Input that no client would send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use ringlog_tests::broker::Broker;
use ringlog_tests::clients::{PATIENCE, config};

/// Memory that many bad connections may cost in all, in KiB.
const FLAT_KIB: u64 = 16 * 1024;

fn produce_one(bootstrap: &str) {
    let producer: BaseProducer = config(bootstrap).create().expect("a producer");
    producer
        .send(BaseRecord::<(), str>::to("others").payload("fine"))
        .map_err(|(error, _)| error)
        .expect("room in the queue");
    producer.flush(PATIENCE).expect("others are served");
}

/// Whether the broker closes the connection within `limit`.
fn is_closed(stream: &mut TcpStream, limit: Duration) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a time limit");
    let began = Instant::now();
    let mut sink = [0; 1024];
    while began.elapsed() < limit {
        match stream.read(&mut sink) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(e)
                if matches!(
                    e.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) => {}
            Err(_) => return true,
        }
    }
    false
}

fn hostile_connections(broker: &Broker, bytes: &[u8]) {
    produce_one(&broker.bootstrap());
    let before = broker.resident_kib().expect("a size");
    let mut streams: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(broker.address()).expect("connected");
            // The broker may close before it has taken everything.
            let _closed_early = stream.write_all(bytes).is_err();
            stream
        })
        .collect();
    for stream in &mut streams {
        assert!(is_closed(stream, PATIENCE), "the connection stays open");
    }
    let after = broker.resident_kib().expect("a size");
    assert!(after < before + FLAT_KIB, "memory went from {before} to {after} KiB");
    produce_one(&broker.bootstrap());
}

#[test]
fn garbage_is_closed_and_costs_nothing() {
    // Garbage may well begin like a frame of several MiB, of which the rest never comes.
    let broker = Broker::start(&["ringlog.frame.timeout.ms=500"]).expect("a broker");
    let garbage: Vec<u8> =
        (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    hostile_connections(&broker, &garbage);
}

#[test]
fn a_two_gib_length_prefix_is_closed_and_costs_nothing() {
    let broker = Broker::start(&[]).expect("a broker");
    let mut bytes = 0x7fff_ffff_u32.to_be_bytes().to_vec();
    bytes.extend([0; 1000]);
    hostile_connections(&broker, &bytes);
}

#[test]
fn an_http_request_is_closed_with_a_line_in_the_log() {
    let broker = Broker::start(&[]).expect("a broker");
    hostile_connections(&broker, b"GET / HTTP/1.1\r\nHost: ringlog\r\n\r\n");
    assert!(broker.log().contains("127.0.0.1"), "no line names the peer:\n{}", broker.log());
}

#[test]
fn a_begun_frame_that_never_ends_is_closed_and_others_are_served() {
    let broker = Broker::start(&["ringlog.frame.timeout.ms=1000"]).expect("a broker");
    let mut slow: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(broker.address()).expect("connected");
            stream.write_all(&1000_u32.to_be_bytes()).expect("written");
            stream.write_all(b"\0").expect("written");
            stream
        })
        .collect();
    produce_one(&broker.bootstrap());
    for stream in &mut slow {
        assert!(is_closed(stream, Duration::from_secs(20)), "a slow client holds its connection");
    }
}

/// Connections that begin a frame of `length` bytes for API `key` and send `sent` of them, or as
/// many as are taken.
fn half_sent(broker: &Broker, count: usize, key: u16, length: u32, sent: usize) -> Vec<TcpStream> {
    let bytes = vec![0; sent];
    let connect = |_| {
        let mut stream = TcpStream::connect(broker.address()).expect("connected");
        stream.set_write_timeout(Some(Duration::from_millis(100))).expect("a time limit");
        stream.write_all(&length.to_be_bytes()).expect("written");
        // What the broker does not read now it may read later, or never.
        let _all = stream.write_all(&key.to_be_bytes()).and_then(|()| stream.write_all(&bytes));
        stream
    };
    (0..count).map(connect).collect()
}

#[test]
fn half_sent_large_requests_starve_nobody_and_end() {
    let settings = ["ringlog.frame.timeout.ms=3000", "ringlog.cores=0"];
    let broker = Broker::start(&settings).expect("a broker");
    produce_one(&broker.bootstrap());
    // Requests may take 64 MiB here, of 512 MiB that are sent in each round. The allocator keeps several
    // times that, in pieces that vary from round to round.
    let mut sizes = vec![broker.resident_kib().expect("a size")];
    for _ in 0..4 {
        // Together twice the memory of the whole broker.
        let mut streams = half_sent(&broker, 32, 0, 90 << 20, 16 << 20);
        produce_one(&broker.bootstrap());
        for stream in &mut streams {
            assert!(is_closed(stream, PATIENCE), "the connection stays open");
        }
        sizes.push(broker.resident_kib().expect("a size"));
    }
    let most = sizes[0] + 448 * 1024;
    assert!(sizes.iter().all(|size| *size < most), "{sizes:?} KiB");
    produce_one(&broker.bootstrap());
}

#[test]
fn a_large_request_of_another_api_than_produce_is_closed_at_once() {
    const METADATA: u16 = 3;
    let broker = Broker::start(&[]).expect("a broker");
    for stream in &mut half_sent(&broker, 10, METADATA, 50 << 20, 1 << 20) {
        assert!(is_closed(stream, Duration::from_secs(10)), "the connection stays open");
    }
    assert!(broker.log().contains("a request of Metadata announces"), "{}", broker.log());
    produce_one(&broker.bootstrap());
}

/// A Fetch (version 4) of partition 0 of a topic from its beginning.
fn fetch_request(topic: &str) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(1_i16.to_be_bytes());
    out.extend(4_i16.to_be_bytes());
    out.extend(7_i32.to_be_bytes());
    out.extend((-1_i16).to_be_bytes());
    for number in [-1_i32, 500, 1, 50 << 20] {
        out.extend(number.to_be_bytes());
    }
    out.push(0);
    out.extend(1_i32.to_be_bytes());
    out.extend((topic.len() as u16).to_be_bytes());
    out.extend(topic.as_bytes());
    out.extend(1_i32.to_be_bytes());
    out.extend(0_i32.to_be_bytes());
    out.extend(0_i64.to_be_bytes());
    out.extend((50_i32 << 20).to_be_bytes());
    let mut frame = (out.len() as u32).to_be_bytes().to_vec();
    frame.extend(out);
    frame
}

#[test]
fn clients_that_take_no_answers_are_closed_and_starve_nobody() {
    let settings = ["ringlog.frame.timeout.ms=2000", "ringlog.cores=0", "num.partitions=1"];
    let broker = Broker::start(&settings).expect("a broker");
    let producer: BaseProducer = config(&broker.bootstrap()).create().expect("a producer");
    let value = vec![7; 100_000];
    for _ in 0..400 {
        producer
            .send(BaseRecord::<(), [u8]>::to("large").payload(&value))
            .map_err(|(error, _)| error)
            .expect("room in the queue");
        producer.poll(Duration::ZERO);
    }
    producer.flush(PATIENCE).expect("acknowledged");
    let streams: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(broker.address()).expect("connected");
            stream.write_all(&fetch_request("large")).expect("written");
            stream
        })
        .collect();
    produce_one(&broker.bootstrap());
    let began = Instant::now();
    while broker.log().matches("an answer is not taken").count() < streams.len() {
        assert!(began.elapsed() < PATIENCE, "not all are closed:\n{}", broker.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    produce_one(&broker.bootstrap());
}
