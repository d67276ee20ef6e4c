//! A client's connection: the real protocol over the simulated network.

use std::net::SocketAddr;
use std::time::Duration;

use ringlog::protocol::{Message, Request, decode_response, encode_request, frame};
use ringlog_engine::io::{Io, Socket};

/// Time after which an answer is given up, and the connection with it.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// The connection is of no more use; whatever was asked may or may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

/// A connection to the broker. Answers come in the order of the requests.
pub struct Wire {
    io: Io,
    socket: Socket,
    received: Vec<u8>,
    next_id: i32,
    /// Correlation ids of the requests under way, oldest first.
    asked: std::collections::VecDeque<i32>,
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    /// When there is nobody.
    pub async fn connect(io: &Io, address: SocketAddr) -> Result<Self, Broken> {
        let connected = io.timeout(PATIENCE, io.connect(address)).await;
        let socket = match connected {
            Some(Ok(socket)) => socket,
            Some(Err(error)) => return Err(Broken(error.to_string())),
            None => return Err(Broken("connecting takes too long".into())),
        };
        let (received, asked) = Default::default();
        Ok(Self { io: io.clone(), socket, received, next_id: 1, asked })
    }

    /// Requests whose answers have not come.
    pub fn in_flight(&self) -> usize {
        self.asked.len()
    }

    /// Sends a request and does not wait for its answer.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn ask<M: Request>(&mut self, version: i16, request: &M) -> Result<(), Broken> {
        let id = self.next_id;
        self.next_id += 1;
        let frame = encode_request(version, id, Some("simulated"), request)
            .unwrap_or_else(|e| panic!("the workload made a request that cannot be: {e}"));
        self.asked.push_back(id);
        match self.io.timeout(PATIENCE, self.socket.send(frame, false)).await {
            Some(sent) => sent.map_err(|e| Broken(e.to_string())),
            None => Err(Broken("sending takes too long".into())),
        }
    }

    /// Waits for the answer to the oldest request under way, which was an `M` of this version.
    ///
    /// # Errors
    /// When the connection breaks.
    ///
    /// # Panics
    /// When what comes is no such answer.
    pub async fn answer<M: Request>(&mut self, version: i16) -> Result<M::Response, Broken> {
        let expected = self.asked.pop_front();
        let deadline = self.io.now() + PATIENCE.as_nanos() as u64;
        loop {
            let length = frame::length(&self.received, 64 << 20)
                .unwrap_or_else(|e| panic!("the broker sent no frame: {e}"));
            if let Some(end) = length.map(|length| length + frame::LENGTH_BYTES)
                && self.received.len() >= end
            {
                let body = &self.received[frame::LENGTH_BYTES..end];
                let (id, view) = decode_response::<M>(body, version)
                    .unwrap_or_else(|e| panic!("{:?} version {version}: {e}", M::KEY));
                assert_eq!(Some(id), expected, "answers come in the order of the requests");
                let response = <M::Response as Message>::from_view(view);
                self.received.drain(..end);
                return Ok(response);
            }
            match self.io.timeout_at(deadline, self.socket.receive()).await {
                Some(Ok(Some(chunk))) => self.received.extend_from_slice(&chunk),
                Some(Ok(None)) => return Err(Broken("closed by the broker".into())),
                Some(Err(e)) => return Err(Broken(e.to_string())),
                None => return Err(Broken("no answer in time".into())),
            }
        }
    }

    /// Asks and waits for the answer; nothing else is under way.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn call<M: Request>(
        &mut self,
        version: i16,
        request: &M,
    ) -> Result<M::Response, Broken> {
        self.ask(version, request).await?;
        self.answer::<M>(version).await
    }
}
