//! Starting and stopping, and every reason why it cannot.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use ringlog_tests::broker::{Broker, program};
use rustix::process::Signal;
use rustix::thread::{CapabilitySet, capabilities, remove_capability_from_bounding_set};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
use tempfile::TempDir;

fn serve(arguments: &[&str]) -> Output {
    Command::new(program()).arg("serve").args(arguments).output().expect("it runs")
}

/// A directory on the file system that the program was built on.
fn home() -> TempDir {
    tempfile::tempdir_in(program().parent().expect("a folder")).expect("a directory")
}

/// The line on stderr that says what is wrong, when the program ended with `code`.
fn complaint(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_start_says_where_it_serves_from_what_and_what_to_try() {
    let broker = Broker::start(&["ringlog.cores=0"]).expect("a broker");
    let log = wait_for(&broker, "try next");
    let address = broker.bootstrap();
    for expected in [
        format!("serves on {address}"),
        format!("data       {}", broker.data().display()),
        "device     ".to_owned(),
        "cores      0, ".to_owned(),
        "ring       io_uring on Linux ".to_owned(),
        "recovery   new directory: ".to_owned(),
        format!("ringlog consume greetings --exit -b {address}"),
    ] {
        assert!(log.contains(&expected), "`{expected}` is not in:\n{log}");
    }
}

#[test]
fn a_second_process_on_the_same_directory_is_refused() {
    let broker = Broker::start(&[]).expect("a broker");
    let data = broker.data().to_string_lossy().into_owned();
    let said = complaint(&serve(&["--data-dir", &data, "--listen", "127.0.0.1:0"]), 1);
    let pid = broker.pid().expect("it runs");
    assert!(said.contains(&data) && said.contains(&format!("in use by process {pid}")), "{said}");
}

#[test]
fn a_directory_of_another_node_is_refused_and_left_as_it_is() {
    let mut broker = Broker::start(&["node.id=3"]).expect("a broker");
    let data = broker.data().to_string_lossy().into_owned();
    let other = ["--data-dir", &data, "--listen", "127.0.0.1:0", "--set", "node.id=4"];
    let refused = || {
        let said = complaint(&serve(&other), 1);
        assert!(said.contains(&format!("{data} belongs to node.id 3")), "{said}");
        assert!(said.contains("has node.id 4") && said.contains("--set node.id=3"), "{said}");
    };
    let created = Command::new(program())
        .args(["topic", "create", "t", "-b", &broker.bootstrap()])
        .output()
        .expect("it runs");
    assert!(created.status.success(), "{created:?}");
    broker.kill().expect("killed");
    refused();
    broker.launch().expect("its own node may");
    assert!(broker.stop().expect("it stops").success());
    refused();
    assert!(broker.data().join(".kafka_cleanshutdown").exists());
}

#[test]
fn a_directory_of_kafka_is_refused_and_left_as_it_is() {
    let kafka = tempfile::tempdir().expect("a directory");
    let files = [
        ("meta.properties", "version=1\ncluster.id=c\nnode.id=1\n"),
        (".kafka_cleanshutdown", r#"{"version":0,"brokerEpoch":9}"#),
    ];
    for (name, text) in files {
        std::fs::write(kafka.path().join(name), text).expect("written");
    }
    let data = kafka.path().to_string_lossy().into_owned();
    let said = complaint(&serve(&["--data-dir", &data, "--listen", "127.0.0.1:0"]), 1);
    assert!(said.contains(&format!("{data}/meta.properties")), "{said}");
    assert!(said.contains("another broker program") && said.contains("--data-dir"), "{said}");
    for (name, text) in files {
        assert_eq!(std::fs::read_to_string(kafka.path().join(name)).expect(name), text);
    }
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let said = complaint(&serve(&["--set", "log.segmnt.bytes=1"]), 4);
    assert!(said.contains("log.segmnt.bytes") && said.contains("log.segment.bytes"), "{said}");
}

#[test]
fn a_core_that_the_machine_does_not_have_is_refused() {
    let said = complaint(&serve(&["--cores", "0,4000"]), 4);
    assert!(said.contains("--cores") && said.contains("names core 4000"), "{said}");
}

#[test]
fn a_batch_that_does_not_fit_is_refused_with_what_is_in_its_way() {
    let large = ["--set", "message.max.bytes=1000000000"];
    let small = ["--set", "ringlog.journal.file.bytes=4194304"];
    let said = complaint(&serve(&[large, small].concat()), 4);
    assert!(said.contains("message.max.bytes is 1000000000"), "{said}");
    assert!(said.contains("larger ringlog.journal.file.bytes"), "{said}");
}

#[test]
fn an_invalid_value_is_refused_with_its_origin() {
    let said = complaint(&serve(&["--set", "num.partitions=none"]), 4);
    assert!(said.contains("num.partitions") && said.contains("none"), "{said}");
    let output = Command::new(program())
        .arg("serve")
        .env("RINGLOG_NUM_PARTITIONS", "0")
        .output()
        .expect("it runs");
    let said = complaint(&output, 4);
    assert!(said.contains("RINGLOG_NUM_PARTITIONS"), "{said}");
}

#[test]
fn a_file_with_an_error_is_refused_with_its_line() {
    let home = home();
    let file = home.path().join("server.properties");
    fs::write(&file, "node.id=3\n\nnum.partition=3\n").expect("written");
    let said = complaint(&serve(&["--config", &file.to_string_lossy()]), 4);
    assert!(said.contains("server.properties:3"), "{said}");
    assert!(said.contains("did you mean `num.partitions`"), "{said}");
}

#[test]
fn a_directory_that_cannot_be_made_is_a_clear_error() {
    let said = complaint(&serve(&["--data-dir", "/proc/ringlog", "--listen", "127.0.0.1:0"]), 1);
    assert!(said.contains("/proc/ringlog") && said.contains("--data-dir"), "{said}");
}

#[test]
fn a_directory_of_somebody_else_is_a_clear_error() {
    let home = home();
    let data = home.path().join("data");
    fs::create_dir(&data).expect("made");
    for path in [home.path(), &data] {
        fs::set_permissions(path, Permissions::from_mode(0o555)).expect("changed");
    }
    let mut command = Command::new(program());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data);
    if is_root() {
        command.uid(65_534).gid(65_534);
    }
    let output = match command.output() {
        Ok(output) => output,
        // The program itself is out of reach for others.
        Err(error) => return eprintln!("skipped: {error}"),
    };
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).expect("changed back");
    let said = complaint(&output, 1);
    assert!(said.contains(&*data.to_string_lossy()), "{said}");
    assert!(said.contains("Permission denied") && said.contains("let this user own it"), "{said}");
}

#[test]
fn a_file_system_without_direct_io_is_a_clear_error() {
    let home = home();
    // ramfs never has O_DIRECT, and a user may mount it in a namespace.
    let script =
        "mount -t ramfs none \"$1\" && exec \"$2\" serve --listen 127.0.0.1:0 --data-dir \"$1\"";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .args([home.path(), program()])
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => return eprintln!("skipped: unshare: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("unshare:") || said.contains("mount:") {
        return eprintln!("skipped: {said}");
    }
    let said = complaint(&output, 1);
    assert!(said.contains("has no O_DIRECT") && said.contains("ext4 or XFS"), "{said}");
}

#[test]
fn an_address_in_use_is_a_clear_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let home = home();
    let data = home.path().to_string_lossy().into_owned();
    let said = complaint(&serve(&["--data-dir", &data, "--listen", &address]), 1);
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");
}

#[test]
fn an_address_of_another_broker_is_a_clear_error() {
    let broker = Broker::start(&[]).expect("a broker");
    let home = home();
    let data = home.path().to_string_lossy().into_owned();
    let said = complaint(&serve(&["--data-dir", &data, "--listen", &broker.bootstrap()]), 1);
    assert!(said.contains(&broker.bootstrap()) && said.contains("--listen"), "{said}");
}

#[test]
fn io_uring_that_is_forbidden_is_a_clear_error() {
    for (errno, expected) in [(libc_errno::EPERM, "seccomp"), (libc_errno::ENOSYS, "seccomp")] {
        let output = in_thread(move || {
            forbid_io_uring(errno);
            let home = home();
            serve(&["--listen", "127.0.0.1:0", "--data-dir", &home.path().to_string_lossy()])
        });
        let said = complaint(&output, 1);
        assert!(said.contains("io_uring") && said.contains(expected), "{said}");
    }
}

#[test]
fn with_little_lockable_memory_it_serves_and_says_so_once() {
    let home = home();
    let data = home.path().to_owned();
    let mut child = in_thread(move || {
        // The limit does not hold for who has this capability, which root gets back at each exec
        // unless it has left the bounding set.
        if capabilities(None).is_ok_and(|has| has.effective.contains(CapabilitySet::IPC_LOCK)) {
            remove_capability_from_bounding_set(CapabilitySet::IPC_LOCK).expect("given up");
        }
        let script = "ulimit -l 8192 && exec \"$0\" \"$@\"";
        Command::new("sh")
            .args(["-c", script])
            .arg(program())
            .args(["serve", "--listen", "127.0.0.1:0", "--set", "ringlog.memory.bytes=268435456"])
            .args(["--set", "ringlog.journal.file.bytes=16777216", "--data-dir"])
            .arg(&data)
            .stdout(fs::File::create(data.join("out")).expect("a file"))
            .stderr(fs::File::create(data.join("err")).expect("a file"))
            .spawn()
            .expect("it runs")
    });
    let (out, err) = (home.path().join("out"), home.path().join("err"));
    let serves = poll(|| read(&out).contains("try next").then_some(()));
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert!(serves.is_some(), "it does not serve: {}", read(&err));
    assert!(read(&out).contains("memory not registered"), "{}", read(&out));
    let advice = "LimitMEMLOCK";
    let lines: Vec<String> =
        read(&err).lines().filter(|line| line.contains(advice)).map(str::to_owned).collect();
    assert_eq!(lines.len(), 1, "{}", read(&err));
}

#[test]
fn sigterm_stops_cleanly_and_the_next_start_finds_nothing_to_repair() {
    let mut broker = Broker::start(&[]).expect("a broker");
    assert!(broker.stop().expect("it stops").success());
    broker.launch().expect("it starts again");
    wait_for(&broker, "recovery   closed cleanly");
    let began = Instant::now();
    assert!(broker.stop().expect("it stops").success());
    assert!(began.elapsed() < Duration::from_secs(5), "it took {:?}", began.elapsed());
}

#[test]
fn a_stop_before_it_serves_ends_too() {
    let mut broker = Broker::prepare(&[]).expect("prepared");
    broker.spawn().expect("started");
    // Caught from here on.
    poll(|| broker.data().join(".lock").exists().then_some(())).expect("it begins");
    broker.signal(Signal::TERM).expect("signalled");
    broker.wait(Duration::from_secs(30)).expect("it ends");
}

#[test]
fn a_second_signal_ends_it_at_once_with_a_warning() {
    // A client that keeps its connection open and takes no answers delays the stop.
    let mut broker = Broker::start(&[]).expect("a broker");
    let _client = stuck_client(&broker);
    broker.signal(Signal::TERM).expect("signalled");
    wait_for(&broker, "stopping");
    broker.signal(Signal::INT).expect("signalled");
    let status = broker.wait(Duration::from_secs(10)).expect("it ends");
    assert_eq!(status.code(), Some(130), "{}", broker.log());
    assert!(broker.log().contains("ended by a second signal"), "{}", broker.log());
}

/// A connection with a fetch that waits for longer than any test.
fn stuck_client(broker: &Broker) -> std::net::TcpStream {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(broker.address()).expect("connected");
    // Half a frame: the broker waits for the rest.
    stream.write_all(&[0, 0, 1, 0, 0, 3]).expect("sent");
    stream
}

/// Runs `work` in a thread of its own: what it gives up, it gives up for itself and its children.
fn in_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    // Built before anything is given up.
    program();
    std::thread::scope(|scope| scope.spawn(work).join().expect("no panic"))
}

mod libc_errno {
    pub(super) const EPERM: u32 = 1;
    pub(super) const ENOSYS: u32 = 38;
}

/// Answers `errno` to this thread and its children when they ask for a ring.
fn forbid_io_uring(errno: u32) {
    const IO_URING_SETUP: i64 = 425;
    let arch: TargetArch = std::env::consts::ARCH.try_into().expect("a known machine");
    let rules = [(IO_URING_SETUP, Vec::new())].into();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), arch);
    let program: BpfProgram = filter.expect("a filter").try_into().expect("a program");
    seccompiler::apply_filter(&program).expect("applied");
}

/// The broker's log, once `text` is in it.
fn wait_for(broker: &Broker, text: &str) -> String {
    let log = poll(|| Some(broker.log()).filter(|log| log.contains(text)));
    log.unwrap_or_else(|| panic!("`{text}` is not in:\n{}", broker.log()))
}

/// What `look` finds, looked for again and again for half a minute.
fn poll<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if let Some(found) = look() {
            return Some(found);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
