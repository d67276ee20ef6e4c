//! Shards and the way between them.

use std::cell::{Cell, RefCell};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::arena::Slice;
use ringlog_engine::io::{Io, ShardId};
use ringlog_engine::ring::RingConfig;
use ringlog_engine::shard::{QUEUE_DEPTH, Seat, ShardConfig, run_shards, run_shards_holding};

use super::{ARENA, config};

fn shard() -> ShardConfig {
    ShardConfig { core: None, arena_bytes: ARENA, ring: config(false), look_nanos: 0 }
}

#[test]
fn many_hops_between_two_shards_lose_no_wake_up() {
    hop_often(shard());
}

#[test]
fn shards_that_look_for_work_before_they_sleep_lose_no_wake_up() {
    hop_often(ShardConfig { look_nanos: 50_000, ..shard() });
}

fn hop_often(shard: ShardConfig) {
    const HOPS: u64 = 250_000;
    let ends = run_shards(&[shard, shard], |io: Io, seat: Seat<Cell<u64>>, _| async move {
        seat.open(Rc::new(Cell::new(0)));
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

#[test]
fn a_sleeping_shard_is_woken_each_time() {
    let ends = run_shards(&[shard(), shard()], |io: Io, seat: Seat<()>, _| async move {
        seat.open(Rc::new(()));
        if seat.shard() == ShardId(1) {
            // Without the doorbell nothing would happen here for a long time.
            io.sleep(Duration::from_secs(2)).await;
            return 0;
        }
        let began = io.now();
        for round in 0..500_u64 {
            seat.submit_to(ShardId(1), |_| async {}).await.unwrap();
            // Long enough for the other one to fall asleep again, more often than not.
            io.sleep(Duration::from_micros(round % 100 * 10)).await;
        }
        io.now() - began
    })
    .unwrap();
    assert!(ends[0] < 1_900_000_000, "{} ns", ends[0]);
}

#[test]
fn work_starts_in_the_order_sent_even_when_the_queue_is_full() {
    const MANY: usize = QUEUE_DEPTH * 3;
    let ends =
        run_shards(&[shard(), shard()], |io: Io, seat: Seat<RefCell<Vec<usize>>>, _| async move {
            seat.open(Rc::default());
            if seat.shard() == ShardId(1) {
                while seat.context().unwrap().borrow().len() < MANY {
                    io.sleep(Duration::from_millis(1)).await;
                }
                io.sleep(Duration::from_millis(50)).await;
                return seat.context().unwrap().take();
            }
            let sent: Vec<_> = (0..MANY)
                .map(|n| {
                    let seat = seat.clone();
                    io.spawn(async move {
                        let work = move |seen: Rc<RefCell<Vec<usize>>>| async move {
                            seen.borrow_mut().push(n)
                        };
                        seat.submit_to(ShardId(1), work).await
                    })
                })
                .collect();
            for one in sent {
                one.await.unwrap().unwrap();
            }
            Vec::new()
        })
        .unwrap();
    assert!(ends[1].iter().copied().eq(0..MANY));
}

#[test]
fn whoever_waits_for_a_shard_that_stops_is_told() {
    let ends = run_shards(&[shard(), shard()], |io: Io, seat: Seat<Io>, _| async move {
        seat.open(Rc::new(io.clone()));
        if seat.shard() == ShardId(1) {
            io.sleep(Duration::from_millis(20)).await;
            return true;
        }
        let waiting = seat.submit_to(ShardId(1), |io| async move {
            io.sleep(Duration::from_secs(3600)).await;
        });
        let told = waiting.await.is_err();
        told && seat.submit_to(ShardId(1), |_| async {}).await.is_err()
    })
    .unwrap();
    assert_eq!(ends, [true, true]);
}

#[test]
fn what_the_rings_hold_stays_open_while_they_run_and_is_closed_after() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let held = writer.try_clone().unwrap();
    let ends = std::thread::scope(|scope| {
        let (begun, has_begun) = std::sync::mpsc::channel();
        let running = scope.spawn(move || {
            let main = move |io: Io, _: Seat<()>, _| {
                begun.send(()).unwrap();
                async move { io.sleep(Duration::from_millis(50)).await }
            };
            run_shards_holding(&[shard(), shard()], Some(held.as_fd()), main).unwrap()
        });
        has_begun.recv().unwrap();
        drop(writer);
        running.join().unwrap()
    });
    assert_eq!(ends.len(), 2);
    // Ends when the last descriptor of the writing side is closed.
    assert_eq!(std::io::Read::read(&mut reader, &mut [0]).unwrap(), 0);
}

#[test]
fn no_shard_begins_when_one_cannot_be_had() {
    let broken = ShardConfig { ring: RingConfig { entries: 1 << 30, ..config(false) }, ..shard() };
    let ends = run_shards(&[shard(), broken], |_: Io, _: Seat<()>, _| async move {
        panic!("a shard began");
    });
    let error = ends.map(|_: Vec<()>| ()).unwrap_err().to_string();
    assert!(error.contains("Linux"), "{error}");
}

#[test]
fn work_for_the_own_shard_is_done_in_place() {
    let ends = run_shards(&[shard()], |_: Io, seat: Seat<Cell<u8>>, _| async move {
        seat.open(Rc::new(Cell::new(1)));
        seat.submit_to(ShardId(0), |cell| async move { cell.get() }).await.unwrap()
    })
    .unwrap();
    assert_eq!(ends, [1]);
}

/// What a shard does its work with for another one.
struct There {
    io: Io,
    done: Cell<bool>,
}

#[test]
fn a_connection_moves_between_shards_while_its_peer_sends() {
    const MOVES: usize = 50;
    const BYTES: usize = 1 << 20;
    let ends = run_shards(&[shard(), shard()], |io: Io, seat: Seat<There>, _| async move {
        seat.open(Rc::new(There { io: io.clone(), done: Cell::new(false) }));
        if seat.shard() == ShardId(1) {
            // Lives for as long as the other one has work for it.
            while !seat.context().unwrap().done.get() {
                io.sleep(Duration::from_millis(1)).await;
            }
            return Vec::new();
        }
        let listener = io.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.address();
        let peer = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            let sent: Vec<u8> = (0..BYTES).map(|n| (n % 251) as u8).collect();
            sent.chunks(3001).for_each(|part| stream.write_all(part).unwrap());
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            answer
        });
        let mut socket = listener.accept().await.unwrap();
        let mut received = Vec::new();
        for _ in 0..MOVES {
            // Nothing at the end, each time.
            if let Some(chunk) = socket.receive().await.unwrap() {
                received.extend_from_slice(&chunk);
            }
            let mut travelling = socket.detach().await.unwrap();
            received.append(&mut travelling.received);
            // There and back, with a chunk received on the way.
            let (part, back) = seat
                .submit_to(ShardId(1), move |there: Rc<There>| async move {
                    let socket = there.io.attach(travelling).await.unwrap();
                    let chunk = socket.receive().await.unwrap();
                    let part = chunk.map_or(Vec::new(), |chunk| chunk.to_vec());
                    (part, socket.detach().await.unwrap())
                })
                .await
                .unwrap();
            received.extend(part);
            received.extend_from_slice(&back.received);
            socket = io.attach(back).await.unwrap();
        }
        while let Some(chunk) = socket.receive().await.unwrap() {
            received.extend_from_slice(&chunk);
        }
        socket.send(vec![Slice::copy_from(b"all")], false).await.unwrap();
        drop(socket);
        seat.submit_to(ShardId(1), |there| async move { there.done.set(true) }).await.unwrap();
        assert_eq!(peer.join().unwrap(), b"all");
        received
    });
    let expected: Vec<u8> = (0..BYTES).map(|n| (n % 251) as u8).collect();
    assert!(ends.unwrap()[0] == expected, "every byte, in order, once");
}
