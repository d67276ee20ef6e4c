//! The ring driver on the real kernel: files, sockets, shards, and the lifetime of what is lent to
//! the kernel.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

mod files;
mod shards;
mod sockets;

use std::future::Future;
use std::time::Duration;

use ringlog_engine::arena::{Arena, Slice};
use ringlog_engine::exec::{Executor, Patience};
use ringlog_engine::io::{Io, OpenOptions, ShardId, Socket};
use ringlog_engine::ring::{Doorbells, RingConfig, RingDriver};

const ARENA: usize = 32 << 20;

fn config(register_memory: bool) -> RingConfig {
    RingConfig {
        entries: 64,
        descriptors: 256,
        receive_buffers: 4,
        receive_buffer_bytes: 4096,
        register_memory,
        ..RingConfig::default()
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
        executor.run(main(io.clone()), &(), Patience::new(0)).expect("main ends");
        assert_eq!(executor.drain(), 0);
        assert_eq!(executor.core().tasks(), 0);
        assert_eq!(in_use(&io), lent, "memory leaks");
    };
    std::thread::spawn(body).join().unwrap();
}

/// Bytes of the arena in use. What comes back is noted when the arena is next asked for memory.
fn in_use(io: &Io) -> usize {
    let spare = io.arena().alloc(1).unwrap();
    io.arena().used() - spare.capacity()
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
