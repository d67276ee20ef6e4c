//! A connection that waits for each answer: for what comes before a load.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::error::BenchError;

/// Longest wait for any one answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Longest answer that is read, in bytes: above what any load here asks for.
pub(crate) const ANSWER_MAX: usize = 256 << 20;

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    address: String,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Result<Self, BenchError> {
        let unreachable = |error: std::io::Error| BenchError::Unreachable {
            address: address.to_owned(),
            why: error.to_string(),
        };
        let mut last = std::io::Error::other("the name has no address");
        for address_number in address.to_socket_addrs().map_err(unreachable)? {
            match TcpStream::connect_timeout(&address_number, Duration::from_secs(5)) {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(unreachable)?;
                    stream.set_read_timeout(Some(PATIENCE)).map_err(unreachable)?;
                    stream.set_write_timeout(Some(PATIENCE)).map_err(unreachable)?;
                    return Ok(Self { stream, address: address.to_owned() });
                }
                Err(error) => last = error,
            }
        }
        Err(unreachable(last))
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn send(&mut self, frame: &[u8]) -> Result<(), BenchError> {
        self.stream.write_all(frame).map_err(|e| self.failed(&e))
    }

    /// Receives one answer into `buffer`, without its length.
    fn receive(&mut self, buffer: &mut Vec<u8>) -> Result<(), BenchError> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).map_err(|e| self.failed(&e))?;
        let length = u32::from_be_bytes(length) as usize;
        if length > ANSWER_MAX {
            let why = "it is longer than 256 MiB";
            return Err(BenchError::Answer { address: self.address.clone(), why });
        }
        buffer.resize(length, 0);
        self.stream.read_exact(buffer).map_err(|e| self.failed(&e))
    }

    /// Sends a request and returns its answer.
    pub(crate) fn ask(&mut self, frame: &[u8]) -> Result<Vec<u8>, BenchError> {
        let mut buffer = Vec::new();
        self.send(frame)?;
        self.receive(&mut buffer)?;
        Ok(buffer)
    }

    /// Its socket, which from now on never waits.
    pub(crate) fn into_stream(self) -> Result<TcpStream, BenchError> {
        self.stream.set_nonblocking(true).map_err(|e| self.failed(&e))?;
        Ok(self.stream)
    }

    fn failed(&self, error: &std::io::Error) -> BenchError {
        BenchError::connection(&self.address, error)
    }
}
