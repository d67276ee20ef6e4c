//! A process that may lock no memory is served all the same. In a process of its own: the limit is
//! one of the whole process.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

use ringlog_engine::arena::Arena;
use ringlog_engine::exec::{Executor, Patience};
use ringlog_engine::io::{Durability, OpenOptions, ShardId};
use ringlog_engine::ring::{Doorbells, RingConfig, RingDriver};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

#[test]
fn without_locked_memory_the_ring_works_and_says_how_to_mend_it() {
    setrlimit(Resource::Memlock, Rlimit { current: Some(64 << 10), maximum: Some(64 << 10) })
        .unwrap();
    // The limit does not hold for a thread with this capability.
    let mut able = capabilities(None).unwrap();
    able.effective.remove(CapabilitySet::IPC_LOCK);
    set_capabilities(None, able).unwrap();

    let arena = Arena::new(32 << 20);
    let config = RingConfig { entries: 64, receive_buffers: 4, ..RingConfig::default() };
    let (driver, report) = RingDriver::new(ShardId(0), &arena, Doorbells::new(1), &config).unwrap();
    assert!(!report.registered_memory);
    let advice = report.advice.unwrap();
    assert!(advice.contains("32 MiB") && advice.contains("LimitMEMLOCK"), "{advice}");

    let executor = Executor::new(ShardId(0), arena, Box::new(driver));
    let io = executor.io();
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = home.path().join("log");
    let main = async move {
        let options =
            OpenOptions { write: true, create: true, direct: true, ..OpenOptions::default() };
        let file = io.open(path, options).await.unwrap();
        let mut buf = io.arena().alloc(4096).unwrap();
        buf.set_len(4096);
        buf.fill(3);
        file.write_at(0, buf.freeze(), Durability::Durable).await.unwrap();
        let got = file.read_at(0, io.arena().alloc(4096).unwrap(), 4096).await.unwrap();
        assert!(got.iter().all(|&byte| byte == 3));
    };
    executor.run(main, &(), Patience::new(0)).unwrap();
    assert_eq!(executor.drain(), 0);
}
