//! A machine in memory: a [`Driver`] that does at once what it is asked for, with one client.
//!
//! It costs as little as it can, and what it costs can be told from the rest: all of it happens beneath the
//! methods of [`Port`]. The engine's simulator, whose faults and whose dice are of no use here, costs far
//! more than the code it drives. What may not live here: faults, anything random, real time.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ringlog_engine::arena::{Buf, Slice};
use ringlog_engine::io::op::Driver;
use ringlog_engine::io::{
    Chunk, ChunkHome, Completion, FileId, FileStat, Op, OpId, Output, ShardId, SocketId, Space,
    Wait,
};

/// The time that it always is, in ms since 1970.
pub(crate) const WALL_MS: i64 = 1_700_000_000_000;

/// What a turn takes, in ns.
const TURN_NANOS: u64 = 1_000;

/// Bytes that are received at a time, as on the ring.
const RECEIVED_BYTES: usize = 64 << 10;

/// Bytes of a file that are kept, from its begin; no path reads what lies behind them.
const KEPT_BYTES: usize = 16 << 20;

/// The one connection.
const CONNECTION: SocketId = SocketId(1);
const LISTENER: SocketId = SocketId(0);

/// The operation whose completion says that another shard has rung.
const DOORBELL: OpId = OpId(u64::MAX);

/// What several shards have in common: who was rung.
pub(crate) type Bells = Rc<RefCell<Vec<bool>>>;

/// A file's bytes, as far as they were written, and its length.
#[derive(Default)]
struct File {
    bytes: Vec<u8>,
    len: usize,
}

type Shared = Rc<RefCell<File>>;

/// A receive that has not ended.
struct Receiving {
    id: OpId,
    how: How,
}

/// How it receives.
enum How {
    Pieces { once: bool },
    Into { buf: Buf, missing: usize },
}

/// What one shard sees.
pub(crate) struct Machine {
    shard: ShardId,
    bells: Bells,
    now: u64,
    files: BTreeMap<PathBuf, Shared>,
    dirs: BTreeSet<PathBuf>,
    open: Vec<Option<Shared>>,
    done: VecDeque<Completion>,
    accepting: Option<OpId>,
    receiving: Option<Receiving>,
    /// What the client has sent and the shard has not received.
    sent: VecDeque<Slice>,
    home: ChunkHome,
    /// What the client has received since it last sent something.
    answer: Vec<u8>,
}

/// A shard's way to its machine.
pub(crate) struct Port(pub(crate) Rc<RefCell<Machine>>);

// `bench/instructions` leaves out what happens beneath these, by their names.
impl Driver for Port {
    fn submit(&mut self, id: OpId, op: Op) {
        self.0.borrow_mut().submit(id, op);
    }

    fn cancel(&mut self, id: OpId) {
        self.0.borrow_mut().cancel(id);
    }

    fn turn(&mut self, wait: Wait, out: &mut Vec<Completion>) {
        self.0.borrow_mut().turn(wait, out);
    }

    fn now(&self) -> u64 {
        self.0.borrow().now
    }

    fn wall_ms(&self) -> i64 {
        WALL_MS
    }

    fn random(&mut self) -> u64 {
        0x5eed
    }
}

impl Machine {
    pub(crate) fn new(shard: ShardId, bells: Bells) -> Self {
        Self {
            shard,
            bells,
            now: 1,
            files: BTreeMap::new(),
            dirs: BTreeSet::from([PathBuf::from("/")]),
            open: Vec::new(),
            done: VecDeque::new(),
            accepting: None,
            receiving: None,
            sent: VecDeque::new(),
            home: ChunkHome::default(),
            answer: Vec::new(),
        }
    }

    /// Has the client connect.
    pub(crate) fn connect(&mut self) {
        let peer = SocketAddr::from(([10, 0, 0, 9], 999));
        let id = self.accepting.expect("the shard listens");
        self.complete(id, Ok(Output::Accepted(CONNECTION, peer)), true);
    }

    /// Has the client send a request.
    pub(crate) fn send(&mut self, frame: &Slice) {
        self.answer.clear();
        let pieces = (0..frame.len()).step_by(RECEIVED_BYTES);
        let piece = |at| frame.slice(at..frame.len().min(at + RECEIVED_BYTES));
        self.sent.extend(pieces.map(piece));
    }

    /// The answer, when it is there.
    pub(crate) fn answer(&self) -> Option<&[u8]> {
        let length = u32::from_be_bytes(*self.answer.first_chunk()?) as usize;
        self.answer.get(4..4 + length)
    }

    fn complete(&mut self, id: OpId, result: io::Result<Output>, more: bool) {
        self.done.push_back(Completion { id, result, more });
    }

    fn cancel(&mut self, id: OpId) {
        let accepting = self.accepting.take_if(|there| *there == id).is_some();
        let receiving = self.receiving.take_if(|there| there.id == id).is_some();
        if accepting || receiving {
            self.complete(id, Err(rustix::io::Errno::CANCELED.into()), false);
        }
    }

    fn turn(&mut self, wait: Wait, out: &mut Vec<Completion>) {
        self.now += TURN_NANOS;
        if !self.sent.is_empty() {
            self.receive();
        }
        if std::mem::take(&mut self.bells.borrow_mut()[usize::from(self.shard.0)]) {
            self.complete(DOORBELL, Ok(Output::Done), false);
        }
        if let (Wait::Until(at), true) = (wait, self.done.is_empty()) {
            self.now = self.now.max(at);
        }
        out.extend(self.done.drain(..));
    }

    /// Receives what was sent: a piece, or as much as goes into the buffer.
    fn receive(&mut self) {
        let Some(Receiving { id, how }) = self.receiving.take() else { return };
        match how {
            How::Pieces { once } => {
                let Some(piece) = self.sent.pop_front() else { return };
                let chunk = Chunk::lent(piece, self.home.clone(), 0);
                self.home.borrow_mut().clear();
                self.complete(id, Ok(Output::Received(Some(chunk))), !once);
                if !once {
                    self.receiving = Some(Receiving { id, how });
                }
            }
            How::Into { mut buf, mut missing } => {
                while missing > 0
                    && let Some(piece) = self.sent.pop_front()
                {
                    let now = piece.len().min(missing);
                    buf.extend_from_slice(&piece[..now]);
                    missing -= now;
                    if now < piece.len() {
                        self.sent.push_front(piece.slice(now..));
                    }
                }
                match missing {
                    0 => self.complete(id, Ok(Output::Read(buf)), false),
                    _ => self.receiving = Some(Receiving { id, how: How::Into { buf, missing } }),
                }
            }
        }
    }

    fn submit(&mut self, id: OpId, op: Op) {
        let result = match op {
            Op::Accept { .. } => {
                self.accepting = Some(id);
                return;
            }
            Op::Receive { once, .. } => {
                self.receiving = Some(Receiving { id, how: How::Pieces { once } });
                return;
            }
            Op::ReceiveInto { buf, len, .. } => {
                self.receiving = Some(Receiving { id, how: How::Into { buf, missing: len } });
                return;
            }
            Op::Send { pieces, zero_copy, .. } => {
                for piece in &pieces {
                    self.answer.extend_from_slice(piece);
                }
                if zero_copy {
                    self.complete(id, Ok(Output::Done), true);
                }
                Ok(Output::Done)
            }
            op => self.perform(op),
        };
        self.complete(id, result, false);
    }

    fn perform(&mut self, op: Op) -> io::Result<Output> {
        match op {
            Op::Open { path, options } => {
                let file = match self.files.get(&path) {
                    Some(_) if options.exclusive => {
                        return Err(io::ErrorKind::AlreadyExists.into());
                    }
                    Some(file) => file.clone(),
                    None if options.create => self.files.entry(path).or_default().clone(),
                    None => return missing(),
                };
                if options.truncate {
                    *file.borrow_mut() = File::default();
                }
                self.open.push(Some(file));
                return Ok(Output::File(FileId(self.open.len() as u32 - 1)));
            }
            Op::CloseFile { file } => self.open[file.0 as usize] = None,
            Op::Read { file, offset, mut buf, len } => {
                buf.set_len(len);
                let read = self.file(file).borrow().read(offset as usize, &mut buf);
                buf.set_len(read);
                return Ok(Output::Read(buf));
            }
            Op::Write { file, offset, bytes, .. } => {
                self.file(file).borrow_mut().write(offset as usize, &bytes);
            }
            Op::Allocate { file, len } => {
                let mut file = self.file(file).borrow_mut();
                file.len = file.len.max(len as usize);
            }
            Op::Truncate { file, len } => {
                let mut file = self.file(file).borrow_mut();
                file.bytes.truncate(len as usize);
                file.len = len as usize;
            }
            Op::Rename { from, to } => match self.files.remove(&from) {
                Some(file) => drop(self.files.insert(to, file)),
                None => self.rename_dir(&from, &to),
            },
            Op::RemoveFile { path } => drop(self.files.remove(&path)),
            Op::RemoveDir { path } => drop(self.dirs.remove(&path)),
            Op::CreateDir { path } => {
                return match self.dirs.insert(path) {
                    true => Ok(Output::Done),
                    false => Err(io::ErrorKind::AlreadyExists.into()),
                };
            }
            Op::ListDir { path } => return self.list(&path).map(Output::Names),
            Op::Stat { path } => {
                let len = self.files.get(&path).map(|file| file.borrow().len as u64);
                let is_dir = self.dirs.contains(&path);
                if len.is_none() && !is_dir {
                    return missing();
                }
                return Ok(Output::Stat(FileStat { len: len.unwrap_or(0), is_dir }));
            }
            Op::FreeSpace { .. } => {
                return Ok(Output::Space(Space { total: 1 << 40, free: 1 << 40 }));
            }
            Op::Listen { address } => return Ok(Output::Listening(LISTENER, address)),
            Op::Doorbell { shard } => self.bells.borrow_mut()[usize::from(shard.0)] = true,
            _ => {}
        }
        Ok(Output::Done)
    }

    fn file(&self, id: FileId) -> &Shared {
        self.open[id.0 as usize].as_ref().expect("the file is open")
    }

    fn rename_dir(&mut self, from: &Path, to: &Path) {
        let moved = |path: &Path| Some(to.join(path.strip_prefix(from).ok()?));
        let inside = |path: &PathBuf| path.starts_with(from);
        let dirs: Vec<PathBuf> = self.dirs.iter().filter(|path| inside(path)).cloned().collect();
        for dir in dirs {
            self.dirs.remove(&dir);
            self.dirs.extend(moved(&dir));
        }
        let files: Vec<PathBuf> = self.files.keys().filter(|path| inside(path)).cloned().collect();
        for path in files {
            let file = self.files.remove(&path);
            self.files.extend(moved(&path).zip(file));
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        if !self.dirs.contains(dir) {
            return missing();
        }
        let all = self.files.keys().chain(&self.dirs);
        let inside =
            all.filter(|path| path.parent() == Some(dir)).filter_map(|path| path.file_name());
        let mut names: Vec<String> = inside.map(|name| name.to_string_lossy().into()).collect();
        names.sort();
        Ok(names)
    }
}

impl File {
    fn read(&self, offset: usize, out: &mut [u8]) -> usize {
        let n = self.len.saturating_sub(offset).min(out.len());
        let there = self.bytes.len().saturating_sub(offset).min(n);
        out[..there].copy_from_slice(&self.bytes[offset..][..there]);
        out[there..n].fill(0);
        n
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        self.len = self.len.max(end);
        if end > KEPT_BYTES {
            return;
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[offset..end].copy_from_slice(bytes);
    }
}

fn missing<T>() -> io::Result<T> {
    Err(io::ErrorKind::NotFound.into())
}
