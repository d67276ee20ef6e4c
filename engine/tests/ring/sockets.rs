//! Connections.

use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::arena::{Buf, Slice};

use super::{both, filled, in_use, on_ring, pair, receive_exactly};

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
fn thousands_of_messages_are_echoed_whole() {
    on_ring(true, |io| async move {
        let (client, server) = pair(&io).await;
        let echo = io.spawn(async move {
            let mut turn = 0_u32;
            while let Some(chunk) = server.receive().await.unwrap() {
                turn += 1;
                server.send(vec![Slice::copy_from(&chunk)], turn.is_multiple_of(2)).await.unwrap();
            }
        });
        for round in 0..4000_usize {
            let len = 1 + (round * 7919) % 40_000;
            let message = filled(&io, len, round as u8);
            let (sent, got) = both(
                client.send(vec![message.clone()], round % 3 == 0),
                receive_exactly(&client, len),
            )
            .await;
            sent.unwrap();
            assert!(got == message[..], "round {round}");
        }
        client.shutdown().await.unwrap();
        echo.await.unwrap();
    });
}

#[test]
fn closing_ends_a_send_to_a_peer_that_does_not_read() {
    on_ring(true, |io| async move {
        for zero_copy in [false, true] {
            let (client, server) = pair(&io).await;
            let used = in_use(&io);
            let flood = vec![filled(&io, 4 << 20, 1); 4];
            let sent = io.timeout(Duration::from_millis(30), client.send(flood, zero_copy)).await;
            assert!(sent.is_none(), "the peer does not read");
            drop(client);
            // What was sent without copying is in use until the peer has it, or is gone.
            drop(server);
            let began = io.now();
            while in_use(&io) > used {
                assert!(io.now() - began < 5_000_000_000, "memory is still in use");
                io.sleep(Duration::from_millis(1)).await;
            }
        }
    });
}

#[test]
fn more_connections_than_may_wait_are_all_accepted() {
    on_ring(true, |io| async move {
        for _ in 0..4 {
            let listener = io.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
            let first = io.connect(listener.address()).await.unwrap();
            // From here on connections are accepted whether or not somebody asks for them.
            drop((first, listener.accept().await.unwrap()));
            let mut clients = Vec::new();
            for _ in 0..110 {
                clients.push(io.connect(listener.address()).await.unwrap());
            }
            for client in &clients {
                let server = listener.accept().await.unwrap();
                client.send(vec![Slice::copy_from(b"x")], false).await.unwrap();
                drop(server);
            }
            // Some that nobody accepts: their descriptors come back all the same.
            drop(clients.split_off(55));
            for _ in 0..20 {
                clients.push(io.connect(listener.address()).await.unwrap());
            }
        }
    });
}

#[test]
fn a_table_full_of_connections_refuses_and_recovers() {
    on_ring(true, |io| async move {
        let listener = io.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.address();
        let mut open = Vec::new();
        let refused = loop {
            let (client, server) = both(io.connect(address), listener.accept()).await;
            match (client, server) {
                (Ok(client), Ok(server)) => open.push((client, server)),
                (client, server) => break client.err().or(server.err()).unwrap(),
            }
        };
        assert_eq!(refused.raw_os_error(), Some(24), "EMFILE");
        assert!(open.len() > 100);
        open.clear();
        let (client, server) = both(io.connect(address), listener.accept()).await;
        assert!(client.is_ok() && server.is_ok());
    });
}

#[test]
fn a_peer_gone_before_it_is_accepted_disturbs_nobody() {
    on_ring(true, |io| async move {
        let listener = io.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        for _ in 0..20 {
            let gone = socket2::Socket::new(
                socket2::Domain::IPV4,
                socket2::Type::STREAM,
                Some(socket2::Protocol::TCP),
            )
            .unwrap();
            gone.connect(&listener.address().into()).unwrap();
            gone.set_linger(Some(Duration::ZERO)).unwrap();
            drop(gone);
        }
        let client = io.connect(listener.address()).await.unwrap();
        client.send(vec![Slice::copy_from(b"here")], false).await.unwrap();
        loop {
            let server = listener.accept().await.unwrap();
            if let Ok(Some(chunk)) = server.receive().await {
                assert_eq!(&chunk[..], b"here");
                return;
            }
        }
    });
}

#[test]
fn many_connections_share_few_buffers() {
    on_ring(true, |io| async move {
        let mut tasks = Vec::new();
        for n in 0..24_u8 {
            let (client, server) = pair(&io).await;
            let flood = vec![filled(&io, 256 << 10, n); 2];
            tasks.push(io.spawn(async move {
                let (sent, got) =
                    both(client.send(flood, false), receive_exactly(&server, 512 << 10)).await;
                sent.unwrap();
                assert!(got.iter().all(|&b| b == n), "bytes of another connection");
            }));
        }
        for task in tasks {
            io.timeout(Duration::from_secs(20), task).await.expect("in time").unwrap();
        }
    });
}

#[test]
fn buffers_held_back_delay_others_and_come_back() {
    on_ring(true, |io| async move {
        let (client, server) = pair(&io).await;
        let (other, peer) = pair(&io).await;
        // All four buffers there are, each with one small message.
        let mut held = Vec::new();
        for _ in 0..4 {
            client.send(vec![Slice::copy_from(b"hold")], false).await.unwrap();
            held.push(server.receive().await.unwrap().unwrap());
        }
        other.send(vec![Slice::copy_from(b"wait")], false).await.unwrap();
        let starved = io.timeout(Duration::from_millis(20), peer.receive()).await;
        assert!(starved.is_none());
        held.clear();
        let got = io.timeout(Duration::from_secs(5), peer.receive()).await;
        assert_eq!(&got.expect("in time").unwrap().unwrap()[..], b"wait");
    });
}

#[test]
fn shutting_down_releases_whoever_receives() {
    on_ring(true, |io| async move {
        let (client, server) = pair(&io).await;
        let server = Rc::new(server);
        let waiting = io.spawn({
            let server = server.clone();
            async move { server.receive().await.map(|chunk| chunk.is_none()) }
        });
        io.sleep(Duration::from_millis(2)).await;
        server.shutdown().await.unwrap();
        assert!(waiting.await.unwrap().unwrap());
        assert!(client.receive().await.unwrap().is_none());
        let late = client.send(vec![Slice::copy_from(b"late")], false).await;
        let error = match late {
            // The peer's refusal comes back in its own time.
            Ok(()) => client.receive().await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(error.is_err() || client.receive().await.is_ok());
    });
}

#[test]
fn a_connect_that_is_given_up_does_not_hold_up_the_end() {
    on_ring(true, |io| async move {
        // TEST-NET-1 (RFC 5737) does not answer; where it is unreachable that is told at once.
        let nowhere = "192.0.2.1:9".parse().unwrap();
        let outcome = io.timeout(Duration::from_millis(10), io.connect(nowhere)).await;
        assert!(!matches!(outcome, Some(Ok(_))));
    });
}

#[test]
fn more_pieces_than_one_call_takes_are_sent_in_order() {
    on_ring(true, |io| async move {
        for zero_copy in [false, true] {
            let (client, server) = pair(&io).await;
            let whole = filled(&io, 64 << 10, 0);
            let pieces: Vec<Slice> = (0..5000).map(|n| whole.slice(n..n + 1 + n % 40)).collect();
            let len = pieces.iter().map(|piece| piece.len()).sum();
            let (sent, got) =
                both(client.send(pieces, zero_copy), receive_exactly(&server, len)).await;
            sent.unwrap();
            assert_eq!(got.len(), len);
        }
    });
}

#[test]
fn bytes_are_received_straight_into_a_buffer_behind_those_that_came_before() {
    const TOTAL: usize = 3 << 20;
    on_ring(true, |io| async move {
        let (mut client, server) = pair(&io).await;
        for first in [1, 5000] {
            let wanted: Vec<u8> = (0..TOTAL).map(|n| (n % 251) as u8).collect();
            let pieces: Vec<Slice> = wanted.chunks(700_001).map(Slice::copy_from).collect();
            let sending = io.spawn(async move {
                let sent = client.send(pieces, false).await;
                (client, sent.is_ok())
            });
            let mut buf = Buf::heap(TOTAL);
            // Piece by piece, once; then all of the rest but for a few bytes.
            while buf.len() < first {
                let chunk = server.receive().await.unwrap().expect("bytes");
                buf.extend_from_slice(&chunk);
            }
            for chunk in server.pause().await.unwrap() {
                buf.extend_from_slice(&chunk);
            }
            let missing = TOTAL - 10 - buf.len();
            let mut buf = server.receive_into(buf, missing).await.unwrap();
            assert_eq!(buf.len(), TOTAL - 10);
            let last = server.receive_once().await.unwrap().expect("bytes");
            buf.extend_from_slice(&last);
            assert!(buf[..] == wanted, "every byte, in order, once");
            let (back, sent) = sending.await.unwrap();
            assert!(sent);
            client = back;
        }
        // The end of the stream cuts it short, and is told by the next one.
        client.send(vec![Slice::copy_from(b"end")], false).await.unwrap();
        drop(client);
        let buf = server.receive_into(Buf::heap(100), 100).await.unwrap();
        assert_eq!(&buf[..], b"end");
        assert!(server.receive_once().await.unwrap().is_none());
    });
}
