//! `ringlog bench` as people use it: against a broker, against none, against one that dies.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use ringlog_tests::broker::{Broker, program};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

fn bench(arguments: &[&str], bootstrap: &str) -> Command {
    let mut command = Command::new(program());
    command.arg("bench").args(arguments).env("RINGLOG_BOOTSTRAP", bootstrap);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str], bootstrap: &str) -> Output {
    bench(arguments, bootstrap).output().expect("it runs")
}

/// What a bench prints that ends well.
fn prints(arguments: &[&str], bootstrap: &str) -> String {
    let output = run(arguments, bootstrap);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The only line that a bench has to say when it ends with `code`.
fn complaint(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

fn home() -> TempDir {
    tempfile::tempdir_in(program().parent().expect("a folder")).expect("a directory")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn name(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Paths of outputs in a directory, as words of a command line.
struct Files {
    _home: TempDir,
    json: PathBuf,
    page: PathBuf,
    log: PathBuf,
}

impl Files {
    fn new() -> Self {
        let home = home();
        let at = |name: &str| home.path().join(name);
        Self {
            json: at("report.json"),
            page: at("report.html"),
            log: at("report.hlog"),
            _home: home,
        }
    }

    fn words(&self) -> Vec<&str> {
        let (json, page) = (name(&self.json), name(&self.page));
        vec!["--json", json, "--report", page, "--hdr-log", name(&self.log)]
    }
}

const SMALL: [&str; 8] = ["-s", "2", "--warmup", "0", "--rate", "500", "--batch-bytes", "1100"];

#[test]
fn end_to_end_measures_both_sides_and_writes_every_output() {
    let broker = Broker::start(&[]).expect("a broker");
    let (files, pid) = (Files::new(), broker.pid().expect("it runs").to_string());
    let command = ["end-to-end", "-p", "3", "-c", "2", "--consumers", "2", "--broker-pid", &pid];
    let words = [&command[..], &SMALL, &files.words()].concat();
    let table = prints(&words, &broker.bootstrap());
    assert!(table.contains("to the acknowledgement") && table.contains("end to end"), "{table}");

    let report = json(&text(&files.json));
    let [produced, consumed] = [&report["loads"][0], &report["loads"][1]];
    assert!(produced["records"].as_u64() > Some(100), "{produced}");
    assert!(consumed["latency_us"]["count"].as_u64() > Some(100), "{consumed}");
    assert_eq!(consumed["latency_of"], "end-to-end");
    assert_eq!(produced["intervals"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["scenario"]["topic"]["partitions"], 3);
    assert_eq!(report["environment"]["broker"]["address"], broker.bootstrap());
    assert!(report["broker"]["cpu_seconds_per_gb"].as_f64() > Some(0.0), "{report}");
    assert!(report.get("partial").is_none());

    let page = text(&files.page);
    assert!(
        page.starts_with("<!doctype html>") && page.contains("Latency by percentile"),
        "{page}"
    );
    let log = text(&files.log);
    assert!(log.starts_with('#') && log.contains("Tag=produce,") && log.contains("Tag=consume,"));
}

#[test]
fn compressed_and_keyed_batches_arrive_with_their_time() {
    let broker = Broker::start(&[]).expect("a broker");
    for codec in ["lz4", "snappy", "zstd"] {
        let load = ["end-to-end", "-t", codec, "-p", "3", "--keys", "50", "-r", "50..300"];
        let words = [&load[..], &["--compression", codec, "--format", "json"], &SMALL].concat();
        let report = json(&prints(&words, &broker.bootstrap()));
        assert!(report["loads"][1]["latency_us"]["count"].as_u64() > Some(10), "{codec}: {report}");
    }
    let output = run(&["end-to-end", "--compression", "gzip"], &broker.bootstrap());
    assert!(complaint(&output, 2).contains("use none, lz4, snappy or zstd"));
}

#[test]
fn what_was_measured_until_the_broker_died_is_reported_as_partial() {
    let mut broker = Broker::start(&[]).expect("a broker");
    let files = Files::new();
    let load =
        ["end-to-end", "-s", "600", "--warmup", "0", "--batch-bytes", "1100", "--rate", "200"];
    let words = [&load[..], &["--format", "json"], &files.words()].concat();
    let child = bench(&words, &broker.bootstrap()).spawn().expect("it runs");
    wait_for_interval(&files.log);
    broker.kill().expect("killed");
    let output = child.wait_with_output().expect("it ends");
    assert!(complaint(&output, 1).contains("the connection to"));
    let report = json(&String::from_utf8_lossy(&output.stdout));
    assert!(report["partial"].as_str().is_some_and(|why| why.contains("the connection to")));
    assert!(report["loads"][0]["records"].as_u64() > Some(0), "{report}");
    assert_eq!(json(&text(&files.json))["partial"], report["partial"]);
    assert!(text(&files.page).contains("<b>Partial.</b>"));
}

#[test]
fn a_run_that_is_interrupted_still_reports() {
    let broker = Broker::start(&[]).expect("a broker");
    let files = Files::new();
    let load = ["produce", "-s", "600", "--warmup", "0", "--batch-bytes", "1100", "--rate", "200"];
    let child =
        bench(&[&load[..], &files.words()].concat(), &broker.bootstrap()).spawn().expect("it runs");
    wait_for_interval(&files.log);
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, Signal::INT).expect("a signal");
    let output = child.wait_with_output().expect("it ends");
    assert!(complaint(&output, 130).contains("interrupted"));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("PARTIAL: interrupted after"));
    let report = json(&text(&files.json));
    assert!(report["loads"][0]["records"].as_u64() > Some(0), "{report}");
}

/// Waits until a run that goes on has measured something.
fn wait_for_interval(log: &Path) {
    let until = Instant::now() + Duration::from_secs(120);
    let measured = || std::fs::read_to_string(log).is_ok_and(|text| text.contains("Tag=produce,"));
    while !measured() {
        assert!(Instant::now() < until, "nothing was measured in two minutes");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_scenario_is_run_from_a_file_or_by_its_name() {
    let broker = Broker::start(&[]).expect("a broker");
    let home = home();
    let file = home.path().join("mine.toml");
    let scenario = "name = \"mine\"\nseconds = 1\nwarmup_seconds = 0\n[topic]\nname = \"mine\"\n\
                    [[produce]]\nrate = 300\nbatch_bytes = 1100\n[[consume]]\nstart = \"beginning\"\n";
    std::fs::write(&file, scenario).expect("written");
    let report = json(&prints(&["run", name(&file), "--format", "json"], &broker.bootstrap()));
    assert_eq!(report["scenario"]["name"], "mine");
    assert!(report["loads"][1]["records"].as_u64() > Some(0), "{report}");

    // The topic is there now: the report tells the partitions it has, not those it would be created with.
    let few = ["produce", "-t", "mine", "-p", "9", "-s", "1", "--warmup", "0", "--rate", "200"];
    let report = json(&prints(&[&few[..], &["--format", "json"]].concat(), &broker.bootstrap()));
    assert_eq!(report["scenario"]["topic"]["partitions"], 1);

    let listed = prints(&["scenarios"], "");
    assert!(listed.contains("backlog-drain") && listed.contains("https://"), "{listed}");
    let few = ["-s", "1", "--warmup", "0", "--rate", "200", "--format", "json"];
    let words = [&["run", "keyed-small-batches"], &few[..]].concat();
    let report = json(&prints(&words, &broker.bootstrap()));
    assert_eq!(report["scenario"]["produce"][0]["keys"]["count"], 100_000);
}

#[test]
fn a_wrong_key_in_a_scenario_is_told_with_its_line_and_what_was_meant() {
    let home = home();
    let file = home.path().join("wrong.toml");
    std::fs::write(&file, "name = \"w\"\n\n[[produce]]\nconections = 4\n").expect("written");
    let said = complaint(&run(&["run", name(&file)], ""), 2);
    assert!(said.contains("wrong.toml:4:1: unknown key conections"), "{said}");
    assert!(said.contains("did you mean connections?"), "{said}");
    let said = complaint(&run(&["run", "backlog-drian"], ""), 2);
    assert!(said.contains("did you mean backlog-drain?"), "{said}");
}

#[test]
fn what_cannot_be_reached_or_is_not_there_is_told() {
    let broker = Broker::start(&[]).expect("a broker");
    let said = complaint(&run(&["produce"], "127.0.0.1:1"), 3);
    assert!(said.contains("no connection to 127.0.0.1:1"), "{said}");
    let said = complaint(&run(&["fetch", "-t", "missing"], &broker.bootstrap()), 1);
    assert!(said.contains("topic missing does not exist"), "{said}");
    let unknown = ["produce", "--topic-config", "no.such.setting=1", "-t", "refused"];
    let said = complaint(&run(&unknown, &broker.bootstrap()), 1);
    assert!(said.contains("the broker refused topic refused"), "{said}");
    let said = complaint(&run(&["loopback", "--broker-pid", "999999999"], ""), 1);
    assert!(said.contains("--broker-pid 999999999"), "{said}");
}

#[test]
fn a_full_disk_spoils_no_other_output() {
    let (files, quick) = (Files::new(), ["loopback", "-s", "1", "--warmup", "0", "--json"]);
    let output = run(&[&quick[..], &["/dev/full", "--hdr-log", name(&files.log)]].concat(), "");
    let said = complaint(&output, 1);
    assert!(said.contains("/dev/full cannot be written") && said.contains("make room"), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("MB/s"));
    assert!(text(&files.log).contains("Tag=produce,"));
}

#[test]
fn a_sweep_tells_the_rates_it_tried_and_two_reports_are_compared() {
    let broker = Broker::start(&[]).expect("a broker");
    let files = Files::new();
    let sweep = ["sweep", "--rates", "100,200", "-s", "1", "--warmup", "0", "--p99-ms", "60000"];
    let words = [&sweep[..], &["--batch-bytes", "1100"], &files.words()].concat();
    assert!(prints(&words, &broker.bootstrap()).contains("knee"));
    let report = json(&text(&files.json));
    let steps = report["sweep"]["steps"].as_array().expect("steps");
    assert_eq!(steps.iter().map(|step| &step["asked"]).collect::<Vec<_>>(), [100.0, 200.0]);
    assert!(text(&files.page).contains("Latency by achieved rate"));

    let other = files.json.with_file_name("other.json");
    let load = ["produce", "-s", "1", "--warmup", "0", "--rate", "300", "--json", name(&other)];
    prints(&load, &broker.bootstrap());
    let (a, b) = (name(&files.json), name(&other));
    let table = prints(&["compare", a, b], "");
    assert!(table.contains("The scenarios differ:") && table.contains("MB/s"), "{table}");
    let compared = json(&prints(&["compare", a, a, "--format", "json"], ""));
    assert_eq!(compared["scenario_differences"].as_array().map(Vec::len), Some(0));
    assert_eq!(compared["rows"][0]["ratio"], 1.0);
    let said = complaint(&run(&["compare", a, "/proc/version"], ""), 2);
    assert!(said.contains("/proc/version is no report"), "{said}");
}
