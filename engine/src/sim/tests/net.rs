use std::net::SocketAddr;
use std::time::Duration;

use super::*;
use crate::io::Socket;
use crate::sim::{SimConfig, World};

fn server(world: &World) -> SocketAddr {
    (world.ip(0), 9092).into()
}

async fn connect(io: &Io, address: SocketAddr) -> Socket {
    loop {
        match io.connect(address).await {
            Ok(socket) => return socket,
            Err(_) => io.sleep(Duration::from_millis(1)).await,
        }
    }
}

/// Sends everything that arrives back, on every shard of node 0.
fn echo(world: &World, shards: u16) {
    for shard in 0..shards {
        world.node(0).shard(shard).spawn(|io| async move {
            let listener = io.listen("0.0.0.0:9092".parse().unwrap()).await.unwrap();
            loop {
                let Ok(socket) = listener.accept().await else { continue };
                io.spawn(async move {
                    while let Ok(Some(chunk)) = socket.receive().await {
                        let bytes = Slice::copy_from(&chunk);
                        drop(chunk);
                        let zero_copy = bytes.len().is_multiple_of(2);
                        if socket.send(vec![bytes], zero_copy).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
    }
}

/// Sends `n` pseudo-random bytes and expects them back; tells whether the connection held.
async fn talk(io: Io, address: SocketAddr, n: usize) -> bool {
    let socket = std::rc::Rc::new(connect(&io, address).await);
    let bytes: Vec<u8> = (0..n).map(|i| (i * 31 % 251) as u8).collect();
    let out = Slice::copy_from(&bytes);
    let sender = {
        let socket = socket.clone();
        let cut = n / 3;
        io.spawn(async move {
            socket.send(vec![out.slice(..cut), out.slice(cut..)], false).await.is_ok()
        })
    };
    let mut back = Vec::new();
    while back.len() < n {
        match socket.receive().await {
            Ok(Some(chunk)) => back.extend_from_slice(&chunk),
            Ok(None) | Err(_) => return false,
        }
    }
    assert_eq!(back, bytes);
    sender.await.unwrap()
}

#[test]
fn a_stream_keeps_its_bytes_in_order_whatever_the_network_does() {
    for seed in 0..40 {
        let mut config = SimConfig::swarm(seed).with_nodes(2).with_shards(2);
        config.net.reset = 0.0;
        let mut world = World::new(seed, config);
        echo(&world, 2);
        let address = server(&world);
        assert!(world.block_on(1, move |io| talk(io, address, 30_000)), "seed {seed}");
        world.finish();
    }
}

#[test]
fn resets_end_connections_and_nothing_leaks() {
    let mut broken = 0;
    for seed in 0..20 {
        let mut config = SimConfig::calm().with_nodes(2);
        config.net.reset = 0.2;
        config.net.segment = 1000;
        let mut world = World::new(seed, config);
        echo(&world, 1);
        let address = server(&world);
        broken += usize::from(!world.block_on(1, move |io| talk(io, address, 10_000)));
        world.finish();
    }
    assert!(broken > 10, "{broken}");
}

#[test]
fn nobody_listening_is_a_refusal_and_a_cut_link_a_timeout() {
    let mut world = World::new(1, SimConfig::calm().with_nodes(2));
    let address = server(&world);
    let connect =
        move |io: Io| async move { io.connect(address).await.unwrap_err().raw_os_error().unwrap() };
    assert_eq!(world.block_on(1, connect), libc::ECONNREFUSED);
    world.cut(1, 0);
    assert_eq!(world.block_on(1, connect), libc::ETIMEDOUT);
    world.heal();
    assert_eq!(world.block_on(1, connect), libc::ECONNREFUSED);
}

#[test]
fn a_partition_holds_bytes_back_and_healing_lets_them_through() {
    for (from, to) in [(0, 1), (1, 0)] {
        let mut world = World::new(2, SimConfig::calm().with_nodes(2));
        echo(&world, 1);
        let address = server(&world);
        let socket = world.block_on(1, move |io| async move { connect(&io, address).await });
        world.cut(from, to);
        let answer = world.node(1).spawn(move |_| async move {
            socket.send(vec![Slice::copy_from(b"ping")], false).await.unwrap();
            socket.receive().await.unwrap().unwrap().to_vec()
        });
        world.run_for(Duration::from_secs(2));
        assert!(!answer.is_finished());
        world.heal();
        assert_eq!(world.join(answer), b"ping");
    }
}

#[test]
fn a_partition_that_lasts_breaks_the_connection() {
    let mut world = World::new(2, SimConfig::calm().with_nodes(2));
    echo(&world, 1);
    let address = server(&world);
    let socket = world.block_on(1, move |io| async move { connect(&io, address).await });
    world.partition(&[0], &[1]);
    let code = world.block_on(1, move |_| async move {
        socket.send(vec![Slice::copy_from(b"ping")], false).await.unwrap();
        socket.receive().await.unwrap_err().raw_os_error().unwrap()
    });
    assert_eq!(code, libc::ETIMEDOUT);
}

#[test]
fn a_closed_peer_is_the_end_of_the_stream() {
    let mut world = World::new(3, SimConfig::calm().with_nodes(2));
    let serve = world.node(0).spawn(|io| async move {
        let listener = io.listen("0.0.0.0:9092".parse().unwrap()).await.unwrap();
        let socket = listener.accept().await.unwrap();
        let first = socket.receive().await.unwrap().unwrap().to_vec();
        assert!(socket.receive().await.unwrap().is_none());
        // The other end is gone: what is still sent is answered with a reset.
        let _ = socket.send(vec![Slice::copy_from(b"late")], false).await;
        io.sleep(Duration::from_millis(50)).await;
        let late = socket.send(vec![Slice::copy_from(b"later")], false).await;
        (first, late.unwrap_err().raw_os_error())
    });
    let address = server(&world);
    world.block_on(1, move |io| async move {
        let socket = connect(&io, address).await;
        socket.send(vec![Slice::copy_from(b"bye")], false).await.unwrap();
    });
    assert_eq!(world.join(serve), (b"bye".to_vec(), Some(libc::EPIPE)));
    world.finish();
}

#[test]
fn shutdown_releases_whoever_waits() {
    let mut world = World::new(3, SimConfig::calm().with_nodes(2));
    echo(&world, 1);
    let address = server(&world);
    let ended = world.block_on(1, move |io| async move {
        let socket = std::rc::Rc::new(connect(&io, address).await);
        let waiting = {
            let socket = socket.clone();
            io.spawn(async move { socket.receive().await.unwrap().is_none() })
        };
        io.sleep(Duration::from_millis(5)).await;
        socket.shutdown().await.unwrap();
        waiting.await.unwrap()
    });
    assert!(ended);
    world.finish();
}

#[test]
fn a_reader_that_stops_closes_the_window() {
    let mut config = SimConfig::calm().with_nodes(2);
    config.net.window = 4096;
    config.provided_bytes = 512;
    let mut world = World::new(4, config);
    let accepted = world.node(0).spawn(|io| async move {
        let listener = io.listen("0.0.0.0:9092".parse().unwrap()).await.unwrap();
        let socket = listener.accept().await.unwrap();
        io.sleep(Duration::from_secs(1)).await;
        let mut n = 0;
        while let Some(chunk) = socket.receive().await.unwrap() {
            n += chunk.len();
        }
        n
    });
    let address = server(&world);
    let took = world.block_on(1, move |io| async move {
        let socket = connect(&io, address).await;
        let before = io.now();
        socket.send(vec![Slice::copy_from(&[5; 20_000])], false).await.unwrap();
        io.now() - before
    });
    assert!(took > 900_000_000, "{took}");
    assert_eq!(world.join(accepted), 20_000);
}

#[test]
fn few_provided_buffers_slow_down_and_lose_nothing() {
    let mut config = SimConfig::calm().with_nodes(2);
    config.provided_buffers = 1;
    config.provided_bytes = 64;
    config.net.no_buffers = 0.2;
    config.net.multishot_end = 0.3;
    let mut world = World::new(5, config);
    echo(&world, 1);
    let address = server(&world);
    assert!(world.block_on(1, move |io| talk(io, address, 3000)));
    world.finish();
}

#[test]
fn several_shards_share_an_address() {
    let mut world = World::new(6, SimConfig::calm().with_nodes(2).with_shards(3));
    let counts: Vec<_> = (0..3)
        .map(|shard| {
            world.node(0).shard(shard).spawn(|io| async move {
                let listener = io.listen("0.0.0.0:9092".parse().unwrap()).await.unwrap();
                let mut n = 0;
                while io.timeout(Duration::from_secs(5), listener.accept()).await.is_some() {
                    n += 1;
                }
                n
            })
        })
        .collect();
    let address = server(&world);
    world.block_on(1, move |io| async move {
        for _ in 0..60 {
            connect(&io, address).await;
        }
    });
    let counts: Vec<usize> = counts.into_iter().map(|count| world.join(count)).collect();
    assert_eq!(counts.iter().sum::<usize>(), 60);
    assert!(counts.iter().all(|n| *n > 5), "{counts:?}");
}
