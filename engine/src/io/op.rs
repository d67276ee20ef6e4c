//! The closed set of operations: all that a shard can ask of the outside world.
//!
//! Two drivers carry them out, the ring ([`crate::ring`]) and the simulator ([`crate::sim`]). An
//! operation owns its buffers from submission to its *terminal* completion (the one with
//! `more == false`), so that nothing the kernel may still touch is ever freed.

use std::any::Any;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::chunk::Chunk;
use crate::arena::{Buf, Slice};

/// Names an operation in flight. Never used twice by one executor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OpId(pub u64);

/// An open file of a driver.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// An open socket of a driver, listening or connected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SocketId(pub u32);

/// A shard of a node, counted from zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ShardId(pub u16);

/// How a file is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OpenOptions {
    /// Open for writing as well as reading.
    pub write: bool,
    /// Create it when it does not exist.
    pub create: bool,
    /// Fail when it exists.
    pub exclusive: bool,
    /// Cut it to zero bytes.
    pub truncate: bool,
    /// Bypass the page cache (`O_DIRECT`): offsets, lengths and memory aligned to
    /// [`crate::arena::BLOCK_BYTES`].
    pub direct: bool,
}

/// What a write promises when it completes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// Nothing: a crash may lose all, part or torn pieces of it until a sync of the file completes.
    Cached,
    /// The bytes are on the medium (`RWF_DSYNC`).
    Durable,
}

/// What [`Op::Stat`] tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileStat {
    /// Length in bytes.
    pub len: u64,
    /// Whether it is a directory.
    pub is_dir: bool,
}

/// One operation.
#[derive(Debug)]
pub enum Op {
    /// Opens a file. Output: [`Output::File`].
    Open {
        /// Where.
        path: PathBuf,
        /// How.
        options: OpenOptions,
    },
    /// Closes a file after whatever is in flight on it.
    CloseFile {
        /// Which.
        file: FileId,
    },
    /// Reads up to `len` bytes to the start of `buf`. Output: [`Output::Read`], short at the end
    /// of the file only.
    Read {
        /// From where.
        file: FileId,
        /// Byte offset in the file.
        offset: u64,
        /// Target; its capacity is at least `len`.
        buf: Buf,
        /// Bytes wanted.
        len: usize,
    },
    /// Writes all of `bytes`. Output: [`Output::Done`]; a short write is an error.
    Write {
        /// Where to.
        file: FileId,
        /// Byte offset in the file.
        offset: u64,
        /// What.
        bytes: Slice,
        /// What the completion promises.
        durability: Durability,
    },
    /// Makes a file's data and length durable (`fdatasync`).
    SyncFile {
        /// Which.
        file: FileId,
    },
    /// Makes the entries of a directory durable: creations, renames and removals in it.
    SyncDir {
        /// Which.
        path: PathBuf,
    },
    /// Reserves space for the first `len` bytes, which read as zeros (`fallocate`).
    Allocate {
        /// Which.
        file: FileId,
        /// Length in bytes.
        len: u64,
    },
    /// Sets the length of a file.
    Truncate {
        /// Which.
        file: FileId,
        /// Length in bytes.
        len: u64,
    },
    /// Renames a file or directory, replacing a file at the target.
    Rename {
        /// Old name.
        from: PathBuf,
        /// New name.
        to: PathBuf,
    },
    /// Removes a file.
    RemoveFile {
        /// Which.
        path: PathBuf,
    },
    /// Removes an empty directory.
    RemoveDir {
        /// Which.
        path: PathBuf,
    },
    /// Creates a directory; its parent must exist.
    CreateDir {
        /// Which.
        path: PathBuf,
    },
    /// Names of the entries of a directory, sorted. Output: [`Output::Names`]. May block: for
    /// start-up and control requests.
    ListDir {
        /// Which.
        path: PathBuf,
    },
    /// Length and kind of a path. Output: [`Output::Stat`].
    Stat {
        /// Which.
        path: PathBuf,
    },
    /// Size and free bytes of the file system that holds a path. Output: [`Output::Space`]. May
    /// block.
    FreeSpace {
        /// Which.
        path: PathBuf,
    },
    /// Listens for connections; several shards of a node may listen on one address. Output:
    /// [`Output::Listening`].
    Listen {
        /// Where.
        address: SocketAddr,
    },
    /// Accepts connections, one completion each (multishot). Output: [`Output::Accepted`]. An
    /// error that more follows concerns one connection only.
    Accept {
        /// The listening socket.
        socket: SocketId,
    },
    /// Connects. Output: [`Output::Socket`].
    Connect {
        /// Where to.
        address: SocketAddr,
    },
    /// Receives, one completion for each piece (multishot). Output: [`Output::Received`]; the
    /// terminal one has no chunk when the peer has closed, or is an error. It may end at any time
    /// with `ENOBUFS` (no provided buffer free): ask again.
    Receive {
        /// From where.
        socket: SocketId,
        /// Whether it ends with the first piece.
        once: bool,
    },
    /// Receives to the end of `buf` until `len` more bytes are in it. Output: [`Output::Read`], with fewer
    /// when the peer has closed or the connection is broken: the next operation tells which.
    ReceiveInto {
        /// From where.
        socket: SocketId,
        /// Target; its spare capacity is at least `len`.
        buf: Buf,
        /// Bytes wanted.
        len: usize,
    },
    /// Sends all of `pieces` in order. Output: [`Output::Done`] when the socket has taken them;
    /// with `zero_copy` the memory stays owned until a second, terminal completion that carries no
    /// news.
    Send {
        /// Where to.
        socket: SocketId,
        /// What, gathered.
        pieces: Vec<Slice>,
        /// Whether the network may read straight from the memory.
        zero_copy: bool,
    },
    /// Ends both directions of a connection; operations in flight on it complete.
    Shutdown {
        /// Which.
        socket: SocketId,
    },
    /// Closes a socket; operations in flight on it are cancelled.
    CloseSocket {
        /// Which.
        socket: SocketId,
    },
    /// Takes a connected socket off this shard; no operation may be in flight on it (`EBUSY`). Output:
    /// [`Output::Detached`].
    Detach {
        /// Which.
        socket: SocketId,
    },
    /// Takes over a socket that another shard of this node has detached. Output: [`Output::Socket`].
    Attach {
        /// Which.
        socket: Detached,
    },
    /// Wakes another shard of this node that may be asleep.
    Doorbell {
        /// Which.
        shard: ShardId,
    },
}

/// What a completion brings.
#[derive(Debug)]
pub enum Output {
    /// It is done.
    Done,
    /// An open file.
    File(FileId),
    /// A connected socket.
    Socket(SocketId),
    /// A connected socket that belongs to no shard.
    Detached(Detached),
    /// A listening socket and the address it is bound to (the port given out for port 0).
    Listening(SocketId, SocketAddr),
    /// An accepted connection and its peer.
    Accepted(SocketId, SocketAddr),
    /// The buffer of a read, its length set to the bytes that are in it.
    Read(Buf),
    /// Received bytes; nothing when the peer has closed its side.
    Received(Option<Chunk>),
    /// Names in a directory.
    Names(Vec<String>),
    /// What a path is.
    Stat(FileStat),
    /// Bytes of a file system.
    Space(Space),
}

/// A connected socket on its way from one shard to another: what its driver keeps of it. Closed when
/// dropped.
#[derive(Debug)]
pub struct Detached(pub(crate) Box<dyn Any + Send>);

/// Bytes of a file system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Space {
    /// All that it has.
    pub total: u64,
    /// What users may still take.
    pub free: u64,
}

/// News of an operation.
#[derive(Debug)]
pub struct Completion {
    /// Which.
    pub id: OpId,
    /// What came of it. A cancelled operation ends with `ECANCELED`.
    pub result: io::Result<Output>,
    /// Whether more completions of it follow. The driver frees the operation with the last one.
    pub more: bool,
}

/// How long a driver may wait for a completion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// Not at all.
    Poll,
    /// Until this moment on the driver's clock, in nanoseconds.
    Until(u64),
    /// For as long as it takes.
    Forever,
}

/// Carries out operations, and is the only source of time and randomness.
pub trait Driver {
    /// Takes an operation on. It may be put off until the next [`Driver::turn`].
    fn submit(&mut self, id: OpId, op: Op);

    /// Asks for an operation to end early. Its terminal completion still comes, with whatever
    /// result it had by then.
    fn cancel(&mut self, id: OpId);

    /// Asks for all operations in flight to end early, because the shard is about to stop. A driver
    /// that frees them by itself need not do anything.
    fn cancel_all(&mut self) {}

    /// Starts what was submitted, waits for at least one completion as `wait` allows, and moves
    /// all there are to `out`. One system call on the ring. The simulator never waits here: it
    /// delivers completions itself.
    fn turn(&mut self, wait: Wait, out: &mut Vec<Completion>);

    /// Whether a turn that does not wait would bring completions; told without a system call.
    fn has_news(&mut self) -> bool {
        false
    }

    /// Nanoseconds on a clock that never goes back.
    fn now(&self) -> u64;

    /// Milliseconds since 1970 (UTC) on a clock that may jump.
    fn wall_ms(&self) -> i64;

    /// Sixty-four random bits: not for secrets.
    fn random(&mut self) -> u64;
}
