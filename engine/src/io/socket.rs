//! Listening and connected sockets.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::handle::unexpected;
use super::op::{Detached, Op, Output, SocketId};
use super::{Chunk, Io};
use crate::arena::{Buf, Slice};
use crate::exec::Stream;

/// Chunks that may wait on one connection, after its task had its turn, before the driver is told
/// to stop receiving: what a connection that nobody reads may cost.
const CHUNKS_WAITING: usize = 2;

/// Times in a row that receiving is tried again at once when all provided buffers were in use: most
/// come back within a turn.
const RETRIES: u32 = 4;

/// Pause before receiving is tried again when all provided buffers were in use.
const RETRY: Duration = Duration::from_millis(1);

/// Accepted connections that may wait.
const ACCEPTED_WAITING: usize = 128;

/// A listening socket; closed when dropped.
pub struct Listener {
    io: Io,
    id: SocketId,
    address: SocketAddr,
    accepted: RefCell<Option<Stream>>,
}

impl Listener {
    pub(super) fn new(io: Io, id: SocketId, address: SocketAddr) -> Self {
        Self { io, id, address, accepted: RefCell::new(None) }
    }

    /// The address bound to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next connection.
    ///
    /// # Errors
    /// What the network says; `EMFILE` and the like may pass.
    #[allow(clippy::await_holding_refcell_ref)] // one task accepts; a second one is a bug
    pub async fn accept(&self) -> io::Result<Socket> {
        let mut accepted = self.accepted.borrow_mut();
        loop {
            let stream = accepted.get_or_insert_with(|| {
                self.io.core.stream(Op::Accept { socket: self.id }, ACCEPTED_WAITING)
            });
            match stream.next().await {
                Some(Ok(Output::Accepted(id, peer))) => {
                    return Ok(Socket::new(self.io.clone(), id, peer));
                }
                Some(Ok(other)) => return unexpected(&other),
                // Stopped because many connections waited, or of concern to nobody any more.
                Some(Err(e)) if is_passing(&e) => {}
                Some(Err(e)) => return Err(e),
                // A multishot operation may end at any time without a reason, and does after an
                // error that concerns more than one connection.
                None => *accepted = None,
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepted.replace(None);
        self.io.core.submit_detached(Op::CloseSocket { socket: self.id });
    }
}

/// A connected socket. One task may receive while another sends; closed when dropped.
pub struct Socket {
    io: Io,
    id: SocketId,
    peer: SocketAddr,
    received: RefCell<Option<Stream>>,
    /// It belongs to this shard no more.
    detached: Cell<bool>,
}

/// A connection on its way from one shard to another, with what it has received. Closed when dropped.
#[derive(Debug)]
pub struct Travelling {
    socket: Detached,
    peer: SocketAddr,
    /// Received and not taken, in order.
    pub received: Vec<u8>,
}

impl Socket {
    pub(super) fn new(io: Io, id: SocketId, peer: SocketAddr) -> Self {
        Self { io, id, peer, received: RefCell::new(None), detached: Cell::new(false) }
    }

    /// The other end.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// The next bytes; nothing when the peer has closed its side. Receiving pauses by itself while
    /// nobody calls this, and the peer's window closes.
    ///
    /// # Errors
    /// What the network says: the connection is of no more use.
    pub async fn receive(&self) -> io::Result<Option<Chunk>> {
        self.receive_as(false).await
    }

    /// As [`Socket::receive`], and nothing more is received when it returns, but for what an earlier
    /// [`Socket::receive`] has begun: for [`Socket::receive_into`] to go on.
    ///
    /// # Errors
    /// As for [`Socket::receive`].
    pub async fn receive_once(&self) -> io::Result<Option<Chunk>> {
        self.receive_as(true).await
    }

    #[allow(clippy::await_holding_refcell_ref)] // one task receives; a second one is a bug
    async fn receive_as(&self, once: bool) -> io::Result<Option<Chunk>> {
        let mut received = self.received.borrow_mut();
        let mut refused = 0;
        loop {
            let stream = received.get_or_insert_with(|| {
                self.io.core.stream(Op::Receive { socket: self.id, once }, CHUNKS_WAITING)
            });
            match stream.next().await {
                Some(Ok(Output::Received(chunk))) => return Ok(chunk),
                Some(Ok(other)) => return unexpected(&other),
                // Stopped by ourselves because too much was waiting, which is now taken.
                Some(Err(e)) if e.raw_os_error() == Some(libc::ECANCELED) => *received = None,
                // Provided buffers come back when other tasks have used up their chunks.
                Some(Err(e)) if e.raw_os_error() == Some(libc::ENOBUFS) => {
                    *received = None;
                    refused += 1;
                    if refused > RETRIES {
                        self.io.sleep(RETRY).await;
                    } else {
                        self.io.yield_now().await;
                    }
                }
                Some(Err(e)) => return Err(e),
                None => *received = None,
            }
        }
    }

    /// Receives to the end of `buf` until `len` more bytes are in it, without a copy in between; fewer when
    /// the peer has closed its side. To be called behind [`Socket::pause`].
    ///
    /// # Errors
    /// What the network says: the connection is of no more use.
    pub async fn receive_into(&self, buf: Buf, len: usize) -> io::Result<Buf> {
        let receiving = Op::ReceiveInto { socket: self.id, buf, len };
        match self.io.core.start_cancellable(receiving).await? {
            Output::Read(buf) => Ok(buf),
            other => unexpected(&other),
        }
    }

    /// Stops receiving, and returns what has come by then. That the peer has closed, or the connection is
    /// broken, is for whoever receives next: a broken one has ended then, if nothing else.
    ///
    /// # Errors
    /// When the driver answers what was not asked.
    pub async fn pause(&self) -> io::Result<Vec<Chunk>> {
        let mut come = Vec::new();
        let stream = self.received.take();
        if let Some(mut stream) = stream {
            stream.stop();
            while let Some(news) = stream.next().await {
                match news {
                    Ok(Output::Received(chunk)) => come.extend(chunk),
                    Ok(other) => return unexpected(&other),
                    Err(_) => {}
                }
            }
        }
        Ok(come)
    }

    /// Sends all of `pieces` in order; completes when the socket has taken them.
    ///
    /// # Errors
    /// What the network says: the connection is of no more use.
    pub async fn send(&self, pieces: Vec<Slice>, zero_copy: bool) -> io::Result<()> {
        self.io.done(Op::Send { socket: self.id, pieces, zero_copy }).await
    }

    /// Takes the connection off this shard, for another one to [`Io::attach`] it. What was sent must have
    /// been taken.
    ///
    /// # Errors
    /// What the network says: the connection is of no more use, and closed.
    pub async fn detach(self) -> io::Result<Travelling> {
        let mut received = Vec::new();
        for chunk in self.pause().await? {
            received.extend_from_slice(&chunk);
        }
        // From here on it is the operation's, whose output closes it if nobody takes it.
        self.detached.set(true);
        match self.io.core.start(Op::Detach { socket: self.id }).await {
            Ok(Output::Detached(socket)) => Ok(Travelling { socket, peer: self.peer, received }),
            Ok(other) => unexpected(&other),
            Err(error) => {
                self.detached.set(false);
                Err(error)
            }
        }
    }

    /// Ends both directions, so that whoever waits on this connection is released.
    ///
    /// # Errors
    /// What the network says.
    pub async fn shutdown(&self) -> io::Result<()> {
        self.io.done(Op::Shutdown { socket: self.id }).await
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.received.replace(None);
        if !self.detached.get() {
            self.io.core.submit_detached(Op::CloseSocket { socket: self.id });
        }
    }
}

impl Io {
    /// Takes over a connection that another shard of this node has detached. What it had received is for
    /// whoever called that.
    ///
    /// # Errors
    /// When this shard can have no more descriptors. The connection is closed.
    pub async fn attach(&self, from: Travelling) -> io::Result<Socket> {
        match self.core.start(Op::Attach { socket: from.socket }).await? {
            Output::Socket(id) => Ok(Socket::new(self.clone(), id, from.peer)),
            other => unexpected(&other),
        }
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Socket({}, {})", self.id.0, self.peer)
    }
}

/// Whether an error of accepting says nothing about the listening socket (`accept(2)`).
fn is_passing(e: &io::Error) -> bool {
    matches!(
        e.raw_os_error(),
        Some(libc::ECANCELED | libc::ECONNABORTED | libc::ENOTCONN | libc::EPROTO | libc::EAGAIN)
    )
}
