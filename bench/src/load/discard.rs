//! A server in this process that discards what is produced: what sockets and the driver can do.

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::error::BenchError;

/// Starts it; returns where it is. It ends with the process, its connections with those of the load.
pub(super) fn start(topic: &str) -> Result<String, BenchError> {
    let failed = |error: std::io::Error| BenchError::Machine {
        what: "a server on 127.0.0.1".to_owned(),
        why: error.to_string(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?.to_string();
    let answer = answer(topic);
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let answer = answer.clone();
            std::thread::spawn(move || discard(stream, answer));
        }
    });
    Ok(address)
}

/// Answers every frame when all of it has come.
fn discard(mut stream: TcpStream, mut answer: Vec<u8>) {
    let Ok(reading) = stream.try_clone() else { return };
    // Without it answers wait for company.
    stream.set_nodelay(true).unwrap_or_default();
    let mut reading = BufReader::with_capacity(256 << 10, reading);
    let mut head = [0; 12];
    while reading.read_exact(&mut head).is_ok() {
        let [a, b, c, d, _, _, _, _, correlation @ ..] = head;
        let rest = u64::from(u32::from_be_bytes([a, b, c, d])).saturating_sub(8);
        let mut body = (&mut reading).take(rest);
        if std::io::copy(&mut body, &mut std::io::sink()).ok() != Some(rest) {
            return;
        }
        answer[4..8].copy_from_slice(&correlation);
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}

/// The answer to a produce request that succeeded.
fn answer(topic: &str) -> Vec<u8> {
    let mut answer = vec![0; 8];
    answer.extend(1_i32.to_be_bytes());
    answer.extend(u16::try_from(topic.len()).unwrap_or(0).to_be_bytes());
    answer.extend(topic.as_bytes());
    answer.extend(1_i32.to_be_bytes());
    answer.extend([0; 4 + 2 + 24 + 4]);
    let length = u32::try_from(answer.len() - 4).unwrap_or(0);
    answer[..4].copy_from_slice(&length.to_be_bytes());
    answer
}
