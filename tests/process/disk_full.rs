//! A file system that is full: a small ext4 in a file, mounted through a loop device.
//!
//! Needs root, `mkfs.ext4` and loop devices; without them the tests say on stderr, past the capture
//! of the test runner, that they were skipped, and why.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::{ClientContext, Message};
use ringlog_tests::broker::{Broker, program};
use ringlog_tests::clients::{PATIENCE, config, read_all};

const FILE_SYSTEM_BYTES: u64 = 160 << 20;
const RECORD_BYTES: usize = 50_000;
const PARTITIONS: i32 = 2;

/// How soon after space is freed appends must be taken again: the broker looks every second.
const RESUME_LIMIT: Duration = Duration::from_secs(30);

const SETTINGS: &[&str] = &[
    "num.partitions=2",
    "ringlog.cores=0,1",
    "log.segment.bytes=8388608",
    "ringlog.journal.file.bytes=4194304",
    "ringlog.disk.reserve.bytes=16777216",
];

/// A file system of its own, gone when dropped.
struct SmallDisk {
    home: tempfile::TempDir,
}

impl SmallDisk {
    /// Nothing, said loudly, where it cannot be had.
    fn mount(test: &str) -> Option<Self> {
        match Self::try_mount() {
            Ok(disk) => Some(disk),
            Err(why) => {
                let line = format!("\nSKIPPED {test}: no file system to fill up: {why}\n");
                // Not by `eprintln!`, which the test runner hides when a test passes.
                std::io::stderr().write_all(line.as_bytes()).unwrap_or_default();
                None
            }
        }
    }

    fn try_mount() -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("mounting needs root".into());
        }
        let root = program().parent().unwrap_or(Path::new("."));
        let home = tempfile::Builder::new().prefix("disk-").tempdir_in(root);
        let home = home.map_err(|error| error.to_string())?;
        let (image, mount) = (home.path().join("image"), home.path().join("mount"));
        let made = fs::File::create(&image).and_then(|file| file.set_len(FILE_SYSTEM_BYTES));
        made.and_then(|()| fs::create_dir(&mount)).map_err(|error| error.to_string())?;
        run(Command::new("mkfs.ext4").args(["-q", "-m", "0", "-F"]).arg(&image))?;
        run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&mount))?;
        Ok(Self { home })
    }

    fn path(&self) -> PathBuf {
        self.home.path().join("mount")
    }

    /// Takes all the space that is left, as another program might.
    fn use_up(&self) {
        let mut file = fs::File::create(self.path().join("ballast")).expect("a file");
        let mut chunk = vec![1; 1 << 20];
        while !chunk.is_empty() {
            match file.write_all(&chunk).and_then(|()| file.sync_data()) {
                Ok(()) => {}
                Err(_) => chunk.truncate(chunk.len() / 2),
            }
        }
    }

    fn give_back(&self) {
        fs::remove_file(self.path().join("ballast")).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a broker that is being killed may still hold files.
        if let Err(error) = run(Command::new("umount").arg("-l").arg(self.path())) {
            std::io::stderr().write_all(error.as_bytes()).unwrap_or_default();
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// What became of the records sent to one topic.
#[derive(Default)]
struct Fates {
    /// Numbers of the acknowledged ones by partition and offset.
    kept: Mutex<BTreeMap<(i32, i64), u64>>,
    refused: Mutex<Vec<RDKafkaErrorCode>>,
}

impl ClientContext for Fates {}

impl ProducerContext for Fates {
    type DeliveryOpaque = Box<u64>;

    fn delivery(&self, delivery: &DeliveryResult<'_>, number: Box<u64>) {
        match delivery {
            Ok(message) => {
                let at = (message.partition(), message.offset());
                let before = self.kept.lock().expect("a lock").insert(at, *number);
                assert_eq!(before, None, "two records at {at:?}");
            }
            Err((error, _)) => {
                let code = match error {
                    KafkaError::MessageProduction(code) => *code,
                    other => panic!("{other}"),
                };
                self.refused.lock().expect("a lock").push(code);
            }
        }
    }
}

/// A record that its number determines, and that no codec would shrink.
fn value(number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..RECORD_BYTES / 8).flat_map(|_| next()).collect()
}

struct Load<'a> {
    topic: &'a str,
    producer: BaseProducer<Fates>,
    next: u64,
}

impl<'a> Load<'a> {
    fn new(bootstrap: &str, topic: &'a str) -> Self {
        let mut config = config(bootstrap);
        // So that the broker's answer is seen, and not what the client makes of many.
        config.set("acks", "all").set("retries", "0").set("message.max.bytes", "1000000");
        let producer = config.create_with_context(Fates::default()).expect("a producer");
        Self { topic, producer, next: 0 }
    }

    fn fates(&self) -> &Fates {
        self.producer.context()
    }

    fn send(&mut self) {
        let value = value(self.next);
        let record = BaseRecord::<(), [u8], Box<u64>>::with_opaque_to(self.topic, self.next.into())
            .payload(&value)
            .partition((self.next % 2) as i32);
        self.producer.send(record).map_err(|(error, _)| error).expect("room in the queue");
        self.next += 1;
        while self.producer.in_flight_count() > 20 {
            self.producer.poll(Duration::from_millis(10));
        }
    }

    /// Sends until the broker refuses; every refusal must be of the same kind.
    fn fill(&mut self) {
        while self.fates().refused.lock().expect("a lock").is_empty() {
            self.send();
            assert!(self.next < 10_000, "more fits than there is space");
        }
        self.producer.flush(PATIENCE).expect("answered");
        let refused = std::mem::take(&mut *self.fates().refused.lock().expect("a lock"));
        let storage = RDKafkaErrorCode::KafkaStorageError;
        assert!(refused.iter().all(|code| *code == storage), "{refused:?}");
    }

    /// Sends until a record is taken again.
    fn resume(&mut self, broker: &Broker) {
        let (began, before) = (Instant::now(), self.kept());
        while self.kept() == before {
            assert!(began.elapsed() < RESUME_LIMIT, "still refused:\n{}", broker.log());
            self.send();
            self.producer.flush(PATIENCE).expect("answered");
            std::thread::sleep(Duration::from_millis(50));
        }
        self.fates().refused.lock().expect("a lock").clear();
        for _ in 0..20 {
            self.send();
        }
        self.producer.flush(PATIENCE).expect("answered");
        assert!(self.fates().refused.lock().expect("a lock").is_empty(), "refused again");
    }

    fn kept(&self) -> usize {
        self.fates().kept.lock().expect("a lock").len()
    }

    /// Reads the topic: what was acknowledged is there, at its offset, byte for byte. Kafka lets a
    /// record that was refused be there as well only if the answer left that open; ours never does.
    fn check(&self, broker: &Broker) {
        let kept = self.fates().kept.lock().expect("a lock").clone();
        let mut found = BTreeMap::new();
        read_all(&broker.bootstrap(), self.topic, PARTITIONS, |message| {
            let at = (message.partition(), message.offset());
            found.insert(at, message.payload().unwrap_or_default().to_vec());
        })
        .unwrap_or_else(|error| panic!("{error}:\n{}", broker.log()));
        for (at, number) in &kept {
            let there = found.get(at).unwrap_or_else(|| panic!("{at:?} is lost"));
            assert!(*there == value(*number), "{at:?} is not what was acknowledged");
        }
        assert_eq!(found.len(), kept.len(), "refused records are there");
    }
}

fn delete_topic(broker: &Broker, topic: &str) {
    let mut command = Command::new(program());
    command.args(["topic", "delete", topic, "-b", &broker.bootstrap()]);
    run(&mut command).expect("deleted");
}

fn count(broker: &Broker, text: &str) -> usize {
    broker.log().lines().filter(|line| line.contains(text)).count()
}

fn start(disk: &SmallDisk) -> Broker {
    let broker = Broker::prepare(SETTINGS).expect("prepared");
    let mut broker = broker.with_data(disk.path().join("data"));
    broker.launch().expect("it serves");
    broker
}

#[test]
fn a_full_disk_refuses_records_until_a_topic_is_deleted() {
    let Some(disk) = SmallDisk::mount("a_full_disk_refuses_records_until_a_topic_is_deleted")
    else {
        return;
    };
    let mut broker = start(&disk);
    let bootstrap = broker.bootstrap();
    let mut first = Load::new(&bootstrap, "first");
    for _ in 0..600 {
        first.send();
    }
    first.producer.flush(PATIENCE).expect("answered");
    assert_eq!(first.kept(), 600);
    let mut load = Load::new(&bootstrap, "kept");
    load.fill();
    assert!(load.kept() > 600, "{} records fit", load.kept());
    first.check(&broker);
    load.check(&broker);
    // Creating a topic may have come upon it too.
    assert!((1..=2).contains(&count(&broker, "no space left")), "{}", broker.log());

    // A crash and a start in this state lose nothing, and the state is the same.
    broker.kill().expect("killed");
    broker.launch().expect("it serves");
    load.check(&broker);
    load.fill();
    load.check(&broker);

    // As does a stop in order.
    assert!(broker.stop().expect("it stops").success());
    broker.launch().expect("it serves");
    load.fill();
    load.check(&broker);

    // A stop gives back what segments had in advance: that may have been enough for a moment.
    let before = count(&broker, "there is space again");
    delete_topic(&broker, "first");
    load.resume(&broker);
    load.check(&broker);
    assert_eq!(count(&broker, "there is space again"), before + 1, "{}", broker.log());
    assert!(broker.stop().expect("it stops").success());
    broker.launch().expect("it serves");
    load.check(&broker);
}

#[test]
fn space_that_another_program_took_and_gave_back_is_waited_for() {
    let Some(disk) =
        SmallDisk::mount("space_that_another_program_took_and_gave_back_is_waited_for")
    else {
        return;
    };
    let mut broker = start(&disk);
    let bootstrap = broker.bootstrap();
    let mut load = Load::new(&bootstrap, "kept");
    for _ in 0..100 {
        load.send();
    }
    // Not a byte is left, not even of the reserve.
    disk.use_up();
    load.fill();
    load.check(&broker);
    disk.give_back();
    load.resume(&broker);
    load.check(&broker);

    disk.use_up();
    load.fill();
    broker.kill().expect("killed");
    // Recovery may need room; whether it does or not, nothing is lost.
    match broker.launch() {
        Ok(_) => load.check(&broker),
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains("free space"), "{said}");
        }
    }
    broker.kill().expect("killed");
    disk.give_back();
    broker.launch().expect("it serves");
    load.resume(&broker);
    load.check(&broker);
}
