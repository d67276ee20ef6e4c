//! Process tests: a real broker, a real client (librdkafka), real crashes.
//!
//! Set `RINGLOG_TEST_BOOTSTRAP=host:port` to run the client tests against another broker, such as
//! Apache Kafka, to see what it does.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, missing_docs)]

mod admin;
mod crash;
mod damage;
mod disk_full;
mod groups;
mod hostile;
mod roundtrip;

use ringlog_tests::broker::Broker;

/// The broker that client tests talk to: one for each test, or the one that the environment names.
enum Target {
    Own(Box<Broker>),
    Given(String),
}

impl Target {
    fn start(settings: &[&str]) -> Self {
        match std::env::var("RINGLOG_TEST_BOOTSTRAP") {
            Ok(bootstrap) => Self::Given(bootstrap),
            Err(_) => Self::Own(Box::new(Broker::start(settings).expect("a broker"))),
        }
    }

    fn bootstrap(&self) -> String {
        match self {
            Self::Own(broker) => broker.bootstrap(),
            Self::Given(bootstrap) => bootstrap.clone(),
        }
    }
}

/// A topic name that no other run has used.
fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    format!("{name}-{nanos}")
}
