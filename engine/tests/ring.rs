//! The ring driver on the real kernel: files, sockets, shards, and the lifetime of what is lent to
//! the kernel.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, missing_docs)]

use std::future::Future;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::arena::{Arena, Buf, Slice};
use ringlog_engine::exec::Executor;
use ringlog_engine::io::{Durability, Io, OpenOptions, ShardId, Socket};
use ringlog_engine::ring::{Doorbells, RingConfig, RingDriver};
use ringlog_engine::shard::{Seat, ShardConfig, run_shards};

const ARENA: usize = 32 << 20;

fn config(register_memory: bool) -> RingConfig {
    RingConfig {
        entries: 64,
        descriptors: 256,
        receive_buffers: 4,
        receive_buffer_bytes: 4096,
        register_memory,
    }
}

/// Runs `main` on a ring of its own and checks that nothing is left behind.
fn on_ring<F: Future<Output = ()> + 'static>(
    register: bool,
    main: impl FnOnce(Io) -> F + Send + 'static,
) {
    let body = move || {
        let arena = Arena::new(ARENA);
        let (driver, _) =
            RingDriver::new(ShardId(0), &arena, Doorbells::new(1), &config(register)).unwrap();
        let lent = arena.used();
        let executor = Executor::new(ShardId(0), arena, Box::new(driver));
        let io = executor.io();
        executor.run(main(io.clone()), || true, || ()).expect("main ends");
        executor.drain();
        assert_eq!(executor.core().tasks(), 0);
        let spare = io.arena().alloc(1).unwrap();
        assert_eq!(io.arena().used() - spare.capacity(), lent, "memory leaks");
    };
    std::thread::spawn(body).join().unwrap();
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn filled(io: &Io, len: usize, byte: u8) -> Slice {
    let mut buf = io.arena().alloc(len).unwrap();
    buf.set_len(len);
    buf.fill(byte);
    buf.freeze()
}

const DIRECT: OpenOptions =
    OpenOptions { write: true, create: true, exclusive: false, truncate: false, direct: true };

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
        assert!(io.free_space(root).await.unwrap() > 0);
    });
}

async fn pair(io: &Io) -> (Socket, Socket) {
    let listener = io.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let client = io.connect(listener.address()).await.unwrap();
    (client, listener.accept().await.unwrap())
}

async fn receive_exactly(socket: &Socket, len: usize) -> Vec<u8> {
    let mut got = Vec::new();
    while got.len() < len {
        got.extend_from_slice(&socket.receive().await.unwrap().expect("more bytes"));
    }
    got
}

#[test]
fn gathered_sends_arrive_in_order_with_and_without_copies() {
    on_ring(true, |io| async move {
        let (client, server) = pair(&io).await;
        for zero_copy in [false, true] {
            for round in 0..200_u32 {
                let pieces: Vec<Slice> = (0..round % 7 + 1)
                    .map(|n| filled(&io, 1 + (round as usize * 977) % 20_000, n as u8))
                    .collect();
                let wanted: Vec<u8> = pieces.iter().flat_map(|p| p.to_vec()).collect();
                let (sent, got) =
                    both(client.send(pieces, zero_copy), receive_exactly(&server, wanted.len()))
                        .await;
                sent.unwrap();
                assert!(got == wanted, "round {round}");
            }
        }
        client.shutdown().await.unwrap();
        assert!(server.receive().await.unwrap().is_none());
    });
}

/// Polls both to their ends.
async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (Box::pin(a), Box::pin(b));
    let (mut x, mut y) = (None, None);
    std::future::poll_fn(move |cx| {
        if x.is_none()
            && let std::task::Poll::Ready(out) = a.as_mut().poll(cx)
        {
            x = Some(out);
        }
        if y.is_none()
            && let std::task::Poll::Ready(out) = b.as_mut().poll(cx)
        {
            y = Some(out);
        }
        match (x.take(), y.take()) {
            (Some(x), Some(y)) => std::task::Poll::Ready((x, y)),
            (left, right) => {
                (x, y) = (left, right);
                std::task::Poll::Pending
            }
        }
    })
    .await
}

#[test]
fn a_connection_that_nobody_reads_does_not_starve_another() {
    on_ring(true, |io| async move {
        let (idle, unread) = pair(&io).await;
        let (busy, server) = pair(&io).await;
        // Far more than all provided buffers hold; the peer's window closes and the send waits.
        let flood = vec![filled(&io, 4 << 20, 1); 3];
        let flooding = io.spawn(async move { idle.send(flood, false).await });
        // Its first bytes are here before the other connection asks for buffers.
        drop(unread.receive().await.unwrap().expect("bytes"));
        io.sleep(Duration::from_millis(20)).await;
        for _ in 0..100 {
            busy.send(vec![filled(&io, 100, 2)], false).await.unwrap();
            let got = io.timeout(Duration::from_secs(10), receive_exactly(&server, 100)).await;
            assert_eq!(got.expect("in time").len(), 100);
        }
        drop(flooding);
    });
}

#[test]
fn what_is_dropped_in_flight_ends_by_itself() {
    on_ring(true, |io| async move {
        let (client, server) = pair(&io).await;
        let waiting = io.spawn(async move { server.receive().await.map(|_| ()) });
        io.sleep(Duration::from_millis(5)).await;
        drop(client.send(vec![filled(&io, 1 << 20, 3)], true));
        drop(waiting);
        let listener = io.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let late = io.timeout(Duration::from_millis(5), listener.accept()).await;
        assert!(late.is_none());
    });
}

#[test]
fn timers_fire_in_order() {
    on_ring(true, |io| async move {
        let began = io.now();
        let slow = io.spawn({
            let io = io.clone();
            async move { io.sleep(Duration::from_millis(30)).await }
        });
        io.sleep(Duration::from_millis(10)).await;
        assert!(!slow.is_finished());
        slow.await.unwrap();
        assert!(io.now() - began >= 30_000_000);
    });
}

#[test]
fn many_hops_between_two_shards_lose_no_wake_up() {
    const HOPS: u64 = 250_000;
    let shard = ShardConfig { core: None, arena_bytes: ARENA, ring: config(false) };
    let ends =
        run_shards(&[shard, shard], |io: Io, seat: Seat<std::cell::Cell<u64>>, _| async move {
            seat.open(Rc::new(std::cell::Cell::new(0)));
            let other = ShardId(1 - seat.shard().0);
            let mut sum = 0;
            for n in 0..HOPS {
                sum += seat
                    .submit_to(other, move |count| async move {
                        count.set(count.get() + 1);
                        n
                    })
                    .await
                    .unwrap();
            }
            // The other one may still be hopping.
            while seat.context().unwrap().get() < HOPS {
                io.sleep(Duration::from_millis(1)).await;
            }
            // Its last replies are on their way.
            io.sleep(Duration::from_millis(50)).await;
            sum
        })
        .unwrap();
    assert_eq!(ends, [HOPS * (HOPS - 1) / 2; 2]);
}
