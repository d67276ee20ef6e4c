//! The commands against a running broker, and `inspect` against what it leaves behind.
//!
//! `RINGLOG_TEST_BOOTSTRAP=host:port` runs those that speak the wire protocol against another broker,
//! such as Apache Kafka.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use ringlog_tests::broker::{Broker, program};
use serde_json::Value;

use super::unique;

/// The program as a client of one broker.
struct Client {
    bootstrap: String,
    /// Ended when the test has ended.
    _broker: Option<Broker>,
}

impl Client {
    fn start() -> Self {
        match std::env::var("RINGLOG_TEST_BOOTSTRAP") {
            Ok(bootstrap) => Self { bootstrap, _broker: None },
            Err(_) => {
                let settings = ["group.initial.rebalance.delay.ms=0"];
                let broker = Broker::start(&settings).expect("a broker");
                Self { bootstrap: broker.bootstrap(), _broker: Some(broker) }
            }
        }
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        run(arguments, &self.bootstrap, input)
    }

    /// What a command prints that ends well.
    fn prints(&self, arguments: &[&str], input: &[u8]) -> String {
        let output = self.run(arguments, input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        assert!(said.is_empty(), "{arguments:?} has complaints: {said}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.prints(&[arguments, &["--format", "json"]].concat(), b"");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The only line that a command has to say when it ends with `code`.
    fn complains(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments, b"");
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }
}

fn run(arguments: &[&str], bootstrap: &str, input: &[u8]) -> Output {
    let mut child = Command::new(program())
        .args(arguments)
        .env("RINGLOG_BOOTSTRAP", bootstrap)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        // It may end before it has read everything.
        scope.spawn(move || stdin.write_all(input).unwrap_or_default());
        child.wait_with_output().expect("it ends")
    })
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_topic_is_created_described_changed_and_deleted() {
    let client = Client::start();
    let topic = unique("life");
    let created =
        client.prints(&["topic", "create", &topic, "-p", "2", "--set", "retention.ms=60000"], b"");
    assert!(created.contains("created"), "{created}");
    let said = client.complains(&["topic", "create", &topic], 1);
    assert!(said.contains("TOPIC_ALREADY_EXISTS"), "{said}");
    client.prints(&["topic", "create", &topic, "--if-not-exists"], b"");
    let said = client.complains(&["topic", "create", "no", "--set", "retention.msx=1"], 1);
    assert!(said.contains("retention.msx"), "{said}");

    let described = &client.json(&["topic", "describe", &topic])[0];
    assert_eq!(described["settings"]["retention.ms"], "60000");
    assert_eq!(described["partitions"].as_array().map(Vec::len), Some(2));
    let listed = client.json(&["topic", "list"]);
    let listed = listed.as_array().expect("a list").iter().find(|t| t["name"] == *topic);
    assert_eq!(listed.expect("our topic")["partitions"], 2);
    let table = client.prints(&["topic", "list"], b"");
    assert!(table.starts_with("TOPIC") && table.contains(&topic), "{table}");

    client.prints(&["topic", "alter", &topic, "--set", "retention.ms=7", "-p", "3"], b"");
    let described = &client.json(&["topic", "describe", &topic])[0];
    assert_eq!(described["settings"]["retention.ms"], "7");
    assert_eq!(described["partitions"].as_array().map(Vec::len), Some(3));
    client.prints(&["topic", "alter", &topic, "--unset", "retention.ms"], b"");
    let described = &client.json(&["topic", "describe", &topic])[0];
    assert_eq!(described["settings"].get("retention.ms"), None, "{described}");

    client.prints(&["topic", "delete", &topic], b"");
    let said = client.complains(&["topic", "describe", &topic], 1);
    assert!(said.contains("there is no topic"), "{said}");
    client.prints(&["topic", "delete", &topic, "--if-exists"], b"");
}

#[test]
fn what_is_produced_is_consumed_with_every_codec() {
    let client = Client::start();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = unique(codec);
        client.prints(&["topic", "create", &topic, "-p", "3"], b"");
        let lines: Vec<String> = (0..2000).map(|n| format!("key{}\tvalue {n}", n % 17)).collect();
        let input = lines.join("\n");
        client.prints(&["produce", &topic, "-z", codec, "-K", "\\t"], input.as_bytes());
        let output = client.prints(&["consume", &topic, "-e", "-K", "\\t"], b"");
        assert_eq!(sorted(&output), sorted(&input), "{codec}");
    }
}

#[test]
fn every_part_of_a_record_can_be_printed() {
    let client = Client::start();
    let topic = unique("parts");
    client.prints(&["topic", "create", &topic, "-p", "1"], b"");
    client.prints(&["produce", &topic, "-k", "k", "-H", "a=1", "-H", "b"], b"value\n");
    client.prints(&["produce", &topic, "-K", ":", "-Z"], b"gone:\n");
    let format = "%t %p %o [%k %K] [%s %S] %h;";
    let output = client.prints(&["consume", &topic, "-e", "-f", format], b"");
    let expected = format!("{topic} 0 0 [k 1] [value 5] a=1,b=NULL;{topic} 0 1 [gone 4] [ -1] ;");
    assert_eq!(output, expected);
    let output = client.prints(&["consume", &topic, "-J", "-o", "-1", "-c", "1"], b"");
    let record: Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!((&record["key"], &record["payload"]), (&"gone".into(), &Value::Null));
}

#[test]
fn a_file_of_any_bytes_is_a_record() {
    let client = Client::start();
    let topic = unique("file");
    client.prints(&["topic", "create", &topic, "-p", "1"], b"");
    let bytes: Vec<u8> =
        (0..300_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &bytes).expect("written");
    client.prints(&["produce", &topic, &file.path().to_string_lossy()], b"");
    let output = client.run(&["consume", &topic, "-e", "-D", ""], b"");
    assert_eq!(output.stdout, bytes);
}

#[test]
fn a_group_goes_on_where_it_stood() {
    let client = Client::start();
    let (topic, group) = (unique("work"), unique("workers"));
    client.prints(&["topic", "create", &topic, "-p", "2"], b"");
    client.prints(&["produce", &topic, "-p", "1"], b"1\n2\n3\n4\n5\n");
    let first = client.prints(&["consume", &topic, "-g", &group, "-c", "2"], b"");
    let rest = client.prints(&["consume", &topic, "-g", &group, "-e"], b"");
    assert_eq!((first.as_str(), rest.as_str()), ("1\n2\n", "3\n4\n5\n"));
    client.prints(&["produce", &topic, "-p", "1"], b"6\n");

    let described = &client.json(&["group", "describe", &group])[0];
    assert_eq!(described["state"], "Empty");
    let partitions = described["partitions"].as_array().expect("partitions");
    let row = partitions.iter().find(|row| row["partition"] == 1).expect("its partition");
    assert_eq!(
        (&row["offset"], &row["end_offset"], &row["lag"]),
        (&5.into(), &6.into(), &1.into())
    );
    let listed = client.json(&["group", "list"]);
    assert!(listed.as_array().is_some_and(|all| all.iter().any(|g| g["group"] == *group)));

    client.prints(&["group", "delete", &group], b"");
    let said = client.complains(&["group", "describe", &group], 1);
    assert!(said.contains(&group), "{said}");
}

#[test]
fn a_broker_that_is_not_there_is_an_error_of_its_own() {
    let nobody = Client { bootstrap: "127.0.0.1:1".to_owned(), _broker: None };
    let said = nobody.complains(&["topic", "list", "--timeout", "1"], 3);
    assert!(said.contains("127.0.0.1:1") && said.contains("ringlog serve"), "{said}");
    nobody.complains(&["topic", "list", "-b", "no port"], 2);
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let client = Client::start();
    let topic = unique("head");
    client.prints(&["topic", "create", &topic, "-p", "1"], b"");
    let input: String = (0..100_000).map(|n| format!("{n}\n")).collect();
    client.prints(&["produce", &topic], input.as_bytes());
    let mut child = Command::new(program())
        .args(["consume", &topic, "-e", "-b", &client.bootstrap])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[test]
fn inspect_shows_what_a_stopped_broker_left_and_what_is_damaged() {
    let mut broker = Broker::start(&[]).expect("a broker");
    let client = Client { bootstrap: broker.bootstrap(), _broker: None };
    client.prints(&["topic", "create", "kept"], b"");
    client.prints(&["produce", "kept", "-k", "the key"], b"the value\n");
    assert!(broker.stop().expect("it stops").success());
    let data = broker.data().to_string_lossy().into_owned();
    let partition = broker.data().join("kept-0");
    let before = listing(&partition);

    let all = client.prints(&["inspect", &data], b"");
    for kind in ["(storage checkpoint)", "(journal)", "(segment)", "(offset index)", "(time index)"]
    {
        assert!(all.contains(kind), "no {kind} in:\n{all}");
    }
    let shown = client.prints(&["inspect", &partition.to_string_lossy(), "--records"], b"");
    assert!(shown.contains("the key") && shown.contains("the value"), "{shown}");
    let text = client.prints(&["inspect", &data, "--format", "json", "--rows", "3"], b"");
    for line in text.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    assert_eq!(listing(&partition), before, "something was written");

    let segment = partition.join("00000000000000000000.log");
    let mut bytes = std::fs::read(&segment).expect("a segment");
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    std::fs::write(&segment, &bytes).expect("written");
    let output = client.run(&["inspect", &partition.to_string_lossy()], b"");
    assert_eq!(output.status.code(), Some(1));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("faults 1") || shown.contains("CRC"), "{shown}");
}

/// Names, lengths and contents of the files of a directory.
fn listing(dir: &std::path::Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = std::fs::read_dir(dir).expect("a directory");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name(), std::fs::read(entry.path()).expect("a file")))
        .collect();
    files.sort();
    files
}

#[test]
fn completions_and_man_pages_name_every_command() {
    let script = run(&["completions", "bash"], "", b"");
    let script = String::from_utf8(script.stdout).expect("text");
    let dir = tempfile::tempdir().expect("a directory");
    let made = run(&["man", &dir.path().to_string_lossy()], "", b"");
    assert!(made.status.success());
    for command in ["serve", "topic", "group", "produce", "consume", "inspect"] {
        assert!(script.contains(command), "no {command}");
        assert!(dir.path().join(format!("ringlog-{command}.1")).exists(), "no page of {command}");
    }
}
