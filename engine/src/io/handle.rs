//! [`Io`]: what a task holds to reach the world.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use super::op::{FileStat, Op, OpenOptions, Output, ShardId, Space};
use super::{File, Listener, Socket};
use crate::arena::Arena;
use crate::exec::{Core, JoinHandle, Notified};

/// A shard's way to its driver, its clock, its memory and its executor. Cheap to clone; stays on
/// its shard.
#[derive(Clone)]
pub struct Io {
    pub(crate) core: Rc<Core>,
}

impl Io {
    /// The shard this handle belongs to.
    pub fn shard(&self) -> ShardId {
        self.core.shard()
    }

    /// The shard's memory.
    pub fn arena(&self) -> &Arena {
        self.core.arena()
    }

    /// Nanoseconds on a clock that never goes back.
    pub fn now(&self) -> u64 {
        self.core.now()
    }

    /// Milliseconds since 1970 (UTC).
    pub fn wall_ms(&self) -> i64 {
        self.core.wall_ms()
    }

    /// Sixty-four random bits: not for secrets.
    pub fn random(&self) -> u64 {
        self.core.random()
    }

    /// Sixteen random bytes with the version and variant bits of a random UUID.
    pub fn random_uuid(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.random().to_be_bytes());
        bytes[8..].copy_from_slice(&self.random().to_be_bytes());
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        bytes
    }

    /// Runs a task on this shard. It goes on when the handle is dropped.
    pub fn spawn<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> JoinHandle<T> {
        self.core.spawn(task)
    }

    /// Runs a task on this shard and takes its first steps at once, so that tasks begin in the order
    /// of the calls. Tasks that were only spawned begin in any order.
    pub fn start<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> JoinHandle<T> {
        self.core.start_now(task)
    }

    /// Completes after `time`.
    pub async fn sleep(&self, time: Duration) {
        self.sleep_until(self.now().saturating_add(nanos(time))).await;
    }

    /// Completes when [`Io::now`] has reached `deadline` (ns).
    pub async fn sleep_until(&self, deadline: u64) {
        self.core.timer(deadline).await;
    }

    /// Runs `future` for at most `time`; nothing when it took longer, and it is dropped then.
    pub async fn timeout<F: Future>(&self, time: Duration, future: F) -> Option<F::Output> {
        self.timeout_at(self.now().saturating_add(nanos(time)), future).await
    }

    /// Runs `future` until [`Io::now`] has reached `deadline` (ns) at most.
    pub async fn timeout_at<F: Future>(&self, deadline: u64, future: F) -> Option<F::Output> {
        let mut future = std::pin::pin!(future);
        let mut timer = std::pin::pin!(self.core.timer(deadline));
        std::future::poll_fn(|cx| {
            if let std::task::Poll::Ready(out) = future.as_mut().poll(cx) {
                return std::task::Poll::Ready(Some(out));
            }
            timer.as_mut().poll(cx).map(|()| None)
        })
        .await
    }

    /// Lets the other ready tasks run first.
    pub async fn yield_now(&self) {
        let mut yielded = false;
        std::future::poll_fn(|cx| {
            if yielded {
                return std::task::Poll::Ready(());
            }
            yielded = true;
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
    }

    /// Wakes another shard of this node.
    pub fn ring_doorbell(&self, shard: ShardId) {
        self.core.submit_detached(Op::Doorbell { shard });
    }

    /// Completes when another shard has rung, or rang since the last call.
    pub fn doorbell(&self) -> Notified<'_> {
        self.core.doorbell()
    }

    /// Opens a file.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn open(&self, path: impl Into<PathBuf>, options: OpenOptions) -> io::Result<File> {
        match self.run(Op::Open { path: path.into(), options }).await? {
            Output::File(id) => Ok(File::new(self.clone(), id)),
            other => unexpected(&other),
        }
    }

    /// Makes creations, renames and removals in a directory durable.
    ///
    /// # Errors
    /// What the file system says. Never retry: the loss may have happened.
    pub async fn sync_dir(&self, path: impl Into<PathBuf>) -> io::Result<()> {
        self.done(Op::SyncDir { path: path.into() }).await
    }

    /// Renames a file or directory.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn rename(&self, from: impl Into<PathBuf>, to: impl Into<PathBuf>) -> io::Result<()> {
        self.done(Op::Rename { from: from.into(), to: to.into() }).await
    }

    /// Removes a file.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn remove_file(&self, path: impl Into<PathBuf>) -> io::Result<()> {
        self.done(Op::RemoveFile { path: path.into() }).await
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn remove_dir(&self, path: impl Into<PathBuf>) -> io::Result<()> {
        self.done(Op::RemoveDir { path: path.into() }).await
    }

    /// Creates a directory whose parent exists.
    ///
    /// # Errors
    /// What the file system says; `AlreadyExists` when it is there.
    pub async fn create_dir(&self, path: impl Into<PathBuf>) -> io::Result<()> {
        self.done(Op::CreateDir { path: path.into() }).await
    }

    /// Names in a directory, sorted.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn list_dir(&self, path: impl Into<PathBuf>) -> io::Result<Vec<String>> {
        match self.run(Op::ListDir { path: path.into() }).await? {
            Output::Names(names) => Ok(names),
            other => unexpected(&other),
        }
    }

    /// Length and kind of a path; nothing when it does not exist.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn stat(&self, path: impl AsRef<Path>) -> io::Result<Option<FileStat>> {
        match self.run(Op::Stat { path: path.as_ref().into() }).await {
            Ok(Output::Stat(stat)) => Ok(Some(stat)),
            Ok(other) => unexpected(&other),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Free bytes of the file system that holds `path`.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn free_space(&self, path: impl Into<PathBuf>) -> io::Result<u64> {
        Ok(self.space(path).await?.free)
    }

    /// Size and free bytes of the file system that holds `path`.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn space(&self, path: impl Into<PathBuf>) -> io::Result<Space> {
        match self.run(Op::FreeSpace { path: path.into() }).await? {
            Output::Space(space) => Ok(space),
            other => unexpected(&other),
        }
    }

    /// Listens on `address`. Shards of one node may each listen on the same one.
    ///
    /// # Errors
    /// What the network says, `AddrInUse` among them.
    pub async fn listen(&self, address: SocketAddr) -> io::Result<Listener> {
        match self.run(Op::Listen { address }).await? {
            Output::Listening(id, bound) => Ok(Listener::new(self.clone(), id, bound)),
            other => unexpected(&other),
        }
    }

    /// Connects to `address`. Dropping the future gives up.
    ///
    /// # Errors
    /// What the network says.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<Socket> {
        match self.core.start_cancellable(Op::Connect { address }).await? {
            Output::Socket(id) => Ok(Socket::new(self.clone(), id, address)),
            other => unexpected(&other),
        }
    }

    /// Runs an operation with a single answer. Dropping the future leaves the operation to finish
    /// on its own.
    pub(crate) async fn run(&self, op: Op) -> io::Result<Output> {
        self.core.start(op).await
    }

    pub(super) async fn done(&self, op: Op) -> io::Result<()> {
        match self.run(op).await? {
            Output::Done => Ok(()),
            other => unexpected(&other),
        }
    }
}

/// A driver that answers with the wrong kind of output is broken beyond repair.
pub(super) fn unexpected<T>(output: &Output) -> io::Result<T> {
    Err(io::Error::other(format!("driver answered with {output:?}")))
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
