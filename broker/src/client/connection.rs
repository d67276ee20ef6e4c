//! One connection to one broker: requests and answers, one at a time.

use std::collections::BTreeMap;
use std::io::{self, IoSlice, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::clock::Deadline;
use super::error::ClientError;
use crate::protocol::generated::{ApiVersionsRequest, ApiVersionsResponse};
use crate::protocol::{ApiKey, ErrorCode, Message, Request, decode_response, encode_request};

/// Longest answer that is read, in bytes: above any fetch this client asks for.
const ANSWER_BYTES_MAX: usize = 512 << 20;

/// A connection to a broker whose versions are known.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    address: String,
    client_id: String,
    timeout: Duration,
    correlation_id: i32,
    versions: BTreeMap<i16, (i16, i16)>,
}

impl Connection {
    /// Connects, and asks for the versions.
    ///
    /// # Errors
    /// When the broker cannot be reached or does not answer as one.
    pub fn open(address: &str, client_id: &str, timeout: Duration) -> Result<Self, ClientError> {
        let stream = connect(address, timeout)?;
        let broken = |error| ClientError::Connection { address: address.to_owned(), error };
        stream.set_nodelay(true).map_err(broken)?;
        let mut connection = Self {
            stream,
            address: address.to_owned(),
            client_id: client_id.to_owned(),
            timeout,
            correlation_id: 0,
            versions: BTreeMap::new(),
        };
        connection.negotiate()?;
        Ok(connection)
    }

    /// The broker, as `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends a request in the highest version that both sides know and `max` allows, and waits for
    /// the answer.
    ///
    /// # Errors
    /// When there is no such version, or the connection breaks; it is of no use then.
    pub fn call_up_to<M: Request>(
        &mut self,
        request: &M,
        max: i16,
        wait: Duration,
    ) -> Result<M::Response, ClientError> {
        let version = self.version::<M>(max)?;
        let frame = self.exchange(request, version, wait)?;
        let (id, view) = decode_response::<M>(&frame, version)
            .map_err(|error| ClientError::answer(&self.address, error))?;
        if id != self.correlation_id {
            let why = format!("request {} was answered as {id}", self.correlation_id);
            return Err(ClientError::Answer { address: self.address.clone(), why });
        }
        Ok(M::Response::from_view(view))
    }

    /// As [`Connection::call_up_to`] without a limit of its own.
    ///
    /// # Errors
    /// See there.
    pub fn call<M: Request>(&mut self, request: &M) -> Result<M::Response, ClientError> {
        self.call_up_to(request, i16::MAX, self.timeout)
    }

    /// Sends a request that has no answer: a produce with acks=0.
    ///
    /// # Errors
    /// See [`Connection::call_up_to`].
    pub fn send_only<M: Request>(&mut self, request: &M, max: i16) -> Result<(), ClientError> {
        let version = self.version::<M>(max)?;
        self.send(request, version)
    }

    /// The highest version of an API that both sides know, up to `max`.
    ///
    /// # Errors
    /// When there is none.
    pub fn version<M: Request>(&self, max: i16) -> Result<i16, ClientError> {
        let max = max.min(M::MAX_VERSION);
        let common = self.versions.get(&M::KEY.id()).and_then(|(low, high)| {
            let version = max.min(*high);
            (version >= *low && version >= M::MIN_VERSION).then_some(version)
        });
        common.ok_or_else(|| ClientError::Unsupported {
            address: self.address.clone(),
            api: M::KEY,
            min: M::MIN_VERSION,
            max,
        })
    }

    fn negotiate(&mut self) -> Result<(), ClientError> {
        let request = ApiVersionsRequest {
            client_software_name: "ringlog".to_owned(),
            client_software_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        // A broker that does not know the version answers in version 0, with an error.
        let newest = ApiVersionsRequest::MAX_VERSION;
        let frame = self.exchange(&request, newest, self.timeout)?;
        let too_new = ErrorCode::UnsupportedVersion.code();
        let old = |frame: &[u8]| {
            decode_response::<ApiVersionsRequest>(frame, 0)
                .map(|(_, view)| ApiVersionsResponse::from_view(view))
        };
        let response = match decode_response::<ApiVersionsRequest>(&frame, newest) {
            Ok((_, view)) if view.error_code != too_new => ApiVersionsResponse::from_view(view),
            _ => {
                let answer = old(&frame);
                let answer = answer.map_err(|error| ClientError::answer(&self.address, error))?;
                if answer.api_keys.is_empty() {
                    let frame = self.exchange(&ApiVersionsRequest::default(), 0, self.timeout)?;
                    old(&frame).map_err(|error| ClientError::answer(&self.address, error))?
                } else {
                    answer
                }
            }
        };
        if response.error_code != too_new {
            ClientError::check(response.error_code, None, || self.address.to_string())?;
        }
        let versions =
            response.api_keys.iter().map(|v| (v.api_key, (v.min_version, v.max_version)));
        self.versions = versions.collect();
        Ok(())
    }

    fn exchange<M: Request>(
        &mut self,
        request: &M,
        version: i16,
        wait: Duration,
    ) -> Result<Vec<u8>, ClientError> {
        self.send(request, version)?;
        self.receive(M::KEY, wait)
    }

    fn send<M: Request>(&mut self, request: &M, version: i16) -> Result<(), ClientError> {
        self.correlation_id = self.correlation_id.wrapping_add(1);
        let pieces = encode_request(version, self.correlation_id, Some(&self.client_id), request)?;
        let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut left = slices.as_mut_slice();
        self.stream.set_write_timeout(Some(self.timeout)).map_err(|e| self.broken(e))?;
        while !left.is_empty() {
            match self.stream.write_vectored(left) {
                Ok(0) => return Err(self.broken(io::ErrorKind::WriteZero.into())),
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(M::KEY, self.timeout, error)),
            }
        }
        Ok(())
    }

    fn receive(&mut self, api: ApiKey, wait: Duration) -> Result<Vec<u8>, ClientError> {
        let deadline = Deadline::after(wait);
        let mut length = [0; 4];
        self.read_exact(&mut length, api, deadline, wait)?;
        let length = usize::try_from(i32::from_be_bytes(length)).ok();
        let Some(length) = length.filter(|length| *length <= ANSWER_BYTES_MAX) else {
            let why = "its answer has an impossible length; is this the port of a Kafka listener?";
            return Err(ClientError::Answer { address: self.address.clone(), why: why.to_owned() });
        };
        // The buffer grows as bytes arrive: the length alone is not to be believed.
        let mut frame = Vec::new();
        while frame.len() < length {
            let start = frame.len();
            let end = length.min(start + (1 << 20));
            frame.resize(end, 0);
            let Some(part) = frame.get_mut(start..) else { break };
            self.read_exact(part, api, deadline, wait)?;
        }
        Ok(frame)
    }

    fn read_exact(
        &mut self,
        mut buffer: &mut [u8],
        api: ApiKey,
        deadline: Deadline,
        wait: Duration,
    ) -> Result<(), ClientError> {
        while !buffer.is_empty() {
            // A timeout of zero means none at all to the system.
            let left = deadline.left().max(Duration::from_millis(1));
            self.stream.set_read_timeout(Some(left)).map_err(|error| self.broken(error))?;
            match self.stream.read(buffer) {
                Ok(0) => return Err(self.broken(io::ErrorKind::UnexpectedEof.into())),
                Ok(read) => buffer = buffer.get_mut(read..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(api, wait, error)),
            }
        }
        Ok(())
    }

    fn failed(&self, api: ApiKey, waited: Duration, error: io::Error) -> ClientError {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                ClientError::NoAnswer { address: self.address.clone(), api, waited }
            }
            _ => self.broken(error),
        }
    }

    fn broken(&self, error: io::Error) -> ClientError {
        ClientError::Connection { address: self.address.clone(), error }
    }
}

fn connect(address: &str, timeout: Duration) -> Result<TcpStream, ClientError> {
    let unreachable = |error| ClientError::Unreachable { address: address.to_owned(), error };
    if address
        .rsplit_once(':')
        .is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err())
    {
        return Err(ClientError::Address(address.to_owned()));
    }
    let addresses = address.to_socket_addrs().map_err(unreachable)?;
    let deadline = Deadline::after(timeout);
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for candidate in addresses {
        let left = deadline.left().max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&candidate, left) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(unreachable(last))
}
