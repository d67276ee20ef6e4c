//! Input that no client would send.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
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
    for stream in &streams {
        one_line_about(broker, stream.local_addr().expect("an address"));
    }
    produce_one(&broker.bootstrap());
}

/// Checks that the broker's log has one line about a client, and returns it.
fn one_line_about(broker: &Broker, client: SocketAddr) -> String {
    let (log, peer) = (broker.log(), format!("peer={client}"));
    let is_about = |line: &&str| line.split_whitespace().any(|word| word == peer);
    let lines: Vec<&str> = log.lines().filter(is_about).collect();
    assert_eq!(lines.len(), 1, "of {peer} in:\n{log}");
    assert!(lines[0].contains("connection closed") && lines[0].contains("reason="), "{lines:?}");
    lines[0].to_owned()
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

/// A connection that sends a frame byte by byte.
struct Trickle {
    stream: TcpStream,
    client: SocketAddr,
    began: Instant,
    /// When the broker closed it, since it began.
    closed: Option<Duration>,
}

impl Trickle {
    fn begin(broker: &Broker) -> Self {
        let mut stream = TcpStream::connect(broker.address()).expect("connected");
        let client = stream.local_addr().expect("an address");
        let began = Instant::now();
        stream.write_all(&10_000_u32.to_be_bytes()).expect("written");
        stream.set_nonblocking(true).expect("set");
        Self { stream, client, began, closed: None }
    }

    /// Sends the next byte, and looks whether the connection is still there.
    fn go_on(&mut self) {
        // Of a connection that was closed the next read tells.
        let _sent = self.stream.write(&[0]);
        match self.stream.read(&mut [0; 16]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Ok(1..) => panic!("the broker answers half a request"),
            Ok(0) | Err(_) => self.closed = Some(self.began.elapsed()),
        }
    }
}

#[test]
fn a_frame_that_trickles_in_is_closed_in_time_with_one_line_and_others_are_served() {
    const LIMIT: Duration = Duration::from_secs(2);
    let broker = Broker::start(&["ringlog.frame.timeout.ms=2000"]).expect("a broker");
    let bootstrap = broker.bootstrap();
    produce_one(&bootstrap);
    let before = broker.resident_kib().expect("a size");
    let mut slow: Vec<Trickle> = (0..50).map(|_| Trickle::begin(&broker)).collect();
    let (ended, began) = (AtomicBool::new(false), Instant::now());
    let mut most = before;
    let served = std::thread::scope(|scope| {
        let others = scope.spawn(|| {
            let mut served = 0;
            while !ended.load(Ordering::Relaxed) {
                produce_one(&bootstrap);
                served += 1;
            }
            served
        });
        // At this pace the frame would be whole after minutes.
        while slow.iter().any(|each| each.closed.is_none()) && began.elapsed() < PATIENCE {
            slow.iter_mut().filter(|each| each.closed.is_none()).for_each(Trickle::go_on);
            most = most.max(broker.resident_kib().unwrap_or(u64::MAX));
            std::thread::sleep(Duration::from_millis(20));
        }
        ended.store(true, Ordering::Relaxed);
        others.join().expect("others are served")
    });
    assert!(served > 1, "others were served {served} times in {:?}", began.elapsed());
    for each in &slow {
        let closed = each.closed.expect("a slow client holds its connection");
        // Bytes that come do not put the end off; under load it comes somewhat later.
        assert!(closed >= LIMIT && closed < LIMIT * 3, "closed after {closed:?}");
        let line = one_line_about(&broker, each.client);
        assert!(line.contains("did not end within 2s"), "{line}");
    }
    assert!(most < before + FLAT_KIB, "memory went from {before} to {most} KiB");
}

#[test]
fn a_refusal_of_records_without_acks_ends_the_connection() {
    let broker = Broker::start(&["auto.create.topics.enable=false"]).expect("a broker");
    let mut stream = TcpStream::connect(broker.address()).expect("connected");
    // Produce (version 3) with acks=0 for partition 0 of a topic that there is not.
    let mut request = Vec::new();
    request.extend([0_i16, 3].iter().flat_map(|number| number.to_be_bytes()));
    request.extend(7_i32.to_be_bytes());
    // No client id, no transactional id, no acks.
    request.extend([-1_i16, -1, 0].iter().flat_map(|number| number.to_be_bytes()));
    request.extend([1000_i32, 1].iter().flat_map(|number| number.to_be_bytes()));
    request.extend(4_i16.to_be_bytes());
    request.extend(b"none");
    // One partition, number 0, no bytes of records.
    request.extend([1_i32, 0, 0].iter().flat_map(|number| number.to_be_bytes()));
    stream.write_all(&(request.len() as u32).to_be_bytes()).expect("written");
    stream.write_all(&request).expect("written");
    assert!(is_closed(&mut stream, PATIENCE), "the connection stays open");
    let line = one_line_about(&broker, stream.local_addr().expect("an address"));
    assert!(line.contains("none-0") && line.contains("UNKNOWN_TOPIC_OR_PARTITION"), "{line}");
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
