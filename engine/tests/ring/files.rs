//! Files and names.

use std::path::PathBuf;

use ringlog_engine::arena::Buf;
use ringlog_engine::io::Durability;

use super::{DIRECT, filled, folder, on_ring};

#[test]
fn durable_direct_writes_are_read_back_from_registered_and_other_memory() {
    for register in [true, false] {
        let home = folder();
        let path = home.path().join("log");
        on_ring(register, move |io| async move {
            let file = io.open(path, DIRECT).await.unwrap();
            file.allocate(1 << 20).await.unwrap();
            file.write_at(4096, filled(&io, 8192, 7), Durability::Durable).await.unwrap();
            let mut heap = Buf::heap(4096);
            heap.set_len(4096);
            heap.fill(9);
            file.write_at(12288, heap.freeze(), Durability::Cached).await.unwrap();
            file.sync().await.unwrap();
            let buf = io.arena().alloc(16384).unwrap();
            let got = file.read_at(4096, buf, 12288).await.unwrap();
            assert!(got[..8192].iter().all(|&b| b == 7) && got[8192..].iter().all(|&b| b == 9));
            file.truncate(5000).await.unwrap();
            let got = file.read_at(4096, io.arena().alloc(4096).unwrap(), 4096).await.unwrap();
            assert_eq!(got.len(), 904);
        });
    }
}

#[test]
fn names_are_made_moved_listed_and_removed() {
    let home = folder();
    let root: PathBuf = home.path().into();
    on_ring(true, move |io| async move {
        io.create_dir(root.join("a")).await.unwrap();
        let again = io.create_dir(root.join("a")).await.unwrap_err();
        assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
        drop(io.open(root.join("a/one"), DIRECT).await.unwrap());
        io.rename(root.join("a/one"), root.join("a/two")).await.unwrap();
        io.sync_dir(root.join("a")).await.unwrap();
        assert_eq!(io.list_dir(root.join("a")).await.unwrap(), ["two"]);
        assert!(io.stat(root.join("a")).await.unwrap().unwrap().is_dir);
        assert!(io.stat(root.join("a/one")).await.unwrap().is_none());
        io.remove_file(root.join("a/two")).await.unwrap();
        io.remove_dir(root.join("a")).await.unwrap();
        let space = io.space(root).await.unwrap();
        assert!(space.free > 0 && space.free <= space.total);
    });
}

#[test]
fn a_slot_is_not_given_out_again_while_something_is_in_flight_on_it() {
    let home = folder();
    let root: PathBuf = home.path().into();
    on_ring(true, move |io| async move {
        for round in 0..200 {
            let doomed = io.open(root.join("doomed"), DIRECT).await.unwrap();
            // Workers of the kernel look the file up at some later time.
            let (other, io) = (io.clone(), io.clone());
            other.spawn(async move {
                let one = io.timeout(std::time::Duration::ZERO, doomed.allocate(1 << 20)).await;
                let two = io.timeout(std::time::Duration::ZERO, doomed.truncate(8192)).await;
                let three = io.timeout(std::time::Duration::ZERO, doomed.sync()).await;
                assert!(one.is_none() && two.is_none() && three.is_none());
            });
            other.yield_now().await;
            let innocent = other.open(root.join("innocent"), DIRECT).await.unwrap();
            innocent.sync().await.unwrap();
            let stat = other.stat(root.join("innocent")).await.unwrap().unwrap();
            assert_eq!(stat.len, 0, "round {round}");
        }
    });
}

#[test]
fn more_operations_than_any_queue_holds_all_end() {
    let home = folder();
    let path = home.path().join("log");
    on_ring(true, move |io| async move {
        let file = std::rc::Rc::new(io.open(path, DIRECT).await.unwrap());
        let block = filled(&io, 4096, 5);
        let writes: Vec<_> = (0..3000_u64)
            .map(|n| {
                let (file, block) = (file.clone(), block.clone());
                io.spawn(async move { file.write_at(n * 4096, block, Durability::Cached).await })
            })
            .collect();
        for write in writes {
            write.await.unwrap().unwrap();
        }
        let got = file.read_at(2999 * 4096, io.arena().alloc(8192).unwrap(), 8192).await.unwrap();
        assert_eq!(&got[..], &block[..]);
    });
}

#[test]
fn a_block_is_overwritten_durably_in_place() {
    let home = folder();
    let path = home.path().join("log");
    on_ring(true, move |io| async move {
        let file = io.open(path, DIRECT).await.unwrap();
        for byte in 1..=20 {
            file.write_at(0, filled(&io, 4096, byte), Durability::Durable).await.unwrap();
            let got = file.read_at(0, io.arena().alloc(4096).unwrap(), 4096).await.unwrap();
            assert!(got.iter().all(|&b| b == byte));
        }
    });
}

#[test]
fn reads_and_writes_that_nobody_waits_for_give_their_memory_back() {
    let home = folder();
    let path = home.path().join("log");
    on_ring(true, move |io| async move {
        let file = io.open(path, DIRECT).await.unwrap();
        file.allocate(1 << 20).await.unwrap();
        for n in 0..50 {
            let write = file.write_at(n * 4096, filled(&io, 8192, 1), Durability::Durable);
            assert!(io.timeout(std::time::Duration::ZERO, write).await.is_none());
            let buf = io.arena().alloc(1 << 16).unwrap();
            let read = file.read_at(0, buf, 1 << 16);
            assert!(io.timeout(std::time::Duration::ZERO, read).await.is_none());
        }
    });
}

#[test]
fn what_is_wrong_with_a_name_or_an_offset_is_told() {
    let home = folder();
    let root: PathBuf = home.path().into();
    on_ring(true, move |io| async move {
        let zero = io.open("a\0b", DIRECT).await.unwrap_err();
        assert_eq!(zero.kind(), std::io::ErrorKind::InvalidInput);
        let exclusive = ringlog_engine::io::OpenOptions { exclusive: true, ..DIRECT };
        let file = io.open(root.join("log"), exclusive).await.unwrap();
        let again = io.open(root.join("log"), exclusive).await.unwrap_err();
        assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
        let odd = file.write_at(1, filled(&io, 4096, 1), Durability::Durable).await.unwrap_err();
        assert_eq!(odd.kind(), std::io::ErrorKind::InvalidInput);
        let absent = io.sync_dir(root.join("absent")).await.unwrap_err();
        assert_eq!(absent.kind(), std::io::ErrorKind::NotFound);
    });
}

#[test]
fn open_files_are_limited_and_come_back() {
    let home = folder();
    let path = home.path().join("log");
    on_ring(true, move |io| async move {
        for _ in 0..3 {
            let mut files = Vec::new();
            let refused = loop {
                match io.open(&path, DIRECT).await {
                    Ok(file) => files.push(file),
                    Err(error) => break error,
                }
            };
            assert_eq!(refused.raw_os_error(), Some(24), "EMFILE");
            assert_eq!(files.len(), 256);
        }
    });
}
