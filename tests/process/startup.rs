//! Starting and stopping, and every reason why it cannot.

use std::process::{Command, Output};
use std::time::Duration;

use ringlog_tests::broker::{Broker, program};

fn serve(arguments: &[&str]) -> Output {
    Command::new(program()).arg("serve").args(arguments).output().expect("it runs")
}

/// The one line on stderr that says what is wrong.
fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_second_process_on_the_same_directory_is_refused() {
    let broker = Broker::start(&[]).expect("a broker");
    let data = broker.data().to_string_lossy().into_owned();
    let said = complaint(&serve(&["--data-dir", &data, "--listen", "127.0.0.1:0"]));
    assert!(said.contains(&data) && said.contains("in use"), "{said}");
    assert!(said.trim().lines().count() <= 2, "{said}");
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let said = complaint(&serve(&["--set", "log.segmnt.bytes=1"]));
    assert!(said.contains("log.segmnt.bytes") && said.contains("log.segment.bytes"), "{said}");
}

#[test]
fn an_invalid_value_is_refused_with_its_range() {
    let said = complaint(&serve(&["--set", "num.partitions=none"]));
    assert!(said.contains("num.partitions") && said.contains("none"), "{said}");
}

#[test]
fn a_directory_that_cannot_be_made_is_a_clear_error() {
    let said = complaint(&serve(&["--data-dir", "/proc/ringlog", "--listen", "127.0.0.1:0"]));
    assert!(said.contains("/proc/ringlog"), "{said}");
}

#[test]
fn an_address_in_use_is_a_clear_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let home = tempfile::tempdir_in(program().parent().expect("a folder")).expect("a directory");
    let data = home.path().to_string_lossy().into_owned();
    let said = complaint(&serve(&["--data-dir", &data, "--listen", &address]));
    assert!(said.contains(&address), "{said}");
}

#[test]
fn sigterm_stops_cleanly_and_the_next_start_finds_nothing_to_repair() {
    let mut broker = Broker::start(&[]).expect("a broker");
    assert!(broker.stop().expect("it stops").success());
    broker.launch().expect("it starts again");
    assert!(broker.stop().expect("it stops").success());
    assert!(broker.log().contains("clean"), "{}", broker.log());
}

#[test]
fn a_stop_before_it_serves_ends_too() {
    let mut broker = Broker::prepare(&[]).expect("prepared");
    broker.spawn().expect("started");
    std::thread::sleep(Duration::from_millis(30));
    broker.signal(rustix::process::Signal::TERM).expect("signalled");
    broker.wait(Duration::from_secs(30)).expect("it ends");
}
