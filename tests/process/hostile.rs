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
