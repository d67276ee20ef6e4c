//! Operations in flight, with all that the kernel may touch until they end.

use std::cell::Cell;
use std::collections::VecDeque;
use std::ffi::CString;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;

use socket2::SockAddr;

use crate::arena::{Buf, Slice};
use crate::io::{Durability, OpId};

/// Most pieces of memory in one system call: `IOV_MAX`.
const PIECES_MAX: usize = 1024;

/// An operation in flight. What the kernel has pointers into is boxed or allocated, so that an entry
/// may move.
pub(super) struct Entry {
    pub(super) id: OpId,
    /// The slot it works on, until the kernel needs it no more.
    pub(super) slot: Option<u32>,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Open {
        _path: CString,
    },
    Read {
        buf: Buf,
    },
    Write(Write),
    Send(Box<Send>),
    /// Waits for one completion and needs nothing but the paths it names.
    Simple {
        _paths: [Option<CString>; 2],
    },
    Stat {
        _path: CString,
        stat: Box<libc::statx>,
    },
    /// The directory is being opened.
    SyncDirOpen {
        _path: CString,
    },
    /// The directory is being synced.
    SyncDir {
        _directory: OwnedFd,
    },
    Accept,
    Receive,
    ReceiveInto {
        buf: Buf,
    },
    Connect {
        socket: Option<OwnedFd>,
        _peer: Box<SockAddr>,
    },
    /// A file's last descriptor is being closed by a worker thread of the kernel.
    Close {
        fd: RawFd,
    },
}

impl Kind {
    /// Whether somebody may ask for it to end early.
    pub(super) fn can_be_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Accept | Self::Receive | Self::ReceiveInto { .. } | Self::Connect { .. }
        )
    }
}

/// A write and how far it has come.
pub(super) struct Write {
    pub(super) slot: u32,
    pub(super) offset: u64,
    pub(super) bytes: Slice,
    pub(super) done: usize,
    pub(super) durability: Durability,
}

/// A gathered send and how far it has come.
pub(super) struct Send {
    pub(super) slot: u32,
    pub(super) zero_copy: bool,
    pub(super) pieces: VecDeque<Slice>,
    /// Bytes of the first piece already sent.
    skip: usize,
    /// Pieces that are sent but may still be read by the network.
    sent: Vec<Slice>,
    vectors: Vec<libc::iovec>,
    pub(super) header: libc::msghdr,
    /// Zero-copy notifications still to come.
    pub(super) notifications: u32,
    /// The outcome was reported; only notifications are missing.
    pub(super) reported: bool,
    /// What the connection has pinned, and how much of that is this send's.
    pinned: Option<(Rc<Cell<usize>>, usize)>,
}

impl Send {
    pub(super) fn new(slot: u32, pieces: Vec<Slice>, zero_copy: bool) -> Box<Self> {
        // SAFETY: a msghdr of zeros is an empty message: null pointers and zero lengths.
        let header = unsafe { std::mem::zeroed() };
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        Box::new(Self {
            slot,
            zero_copy,
            pieces,
            skip: 0,
            sent: Vec::new(),
            vectors: Vec::new(),
            header,
            notifications: 0,
            reported: false,
            pinned: None,
        })
    }

    /// Notes that the bytes of a send without copying are pinned until it ends.
    pub(super) fn pin(&mut self, all: Rc<Cell<usize>>, bytes: usize) {
        if self.pinned.is_none() {
            all.set(all.get() + bytes);
            self.pinned = Some((all, bytes));
        }
    }

    /// Points the message header at what is still to be sent, and returns its bytes.
    pub(super) fn prepare(&mut self) -> usize {
        let mut skip = self.skip;
        self.vectors.clear();
        for piece in self.pieces.iter().take(PIECES_MAX) {
            let rest = &piece[std::mem::take(&mut skip)..];
            self.vectors.push(libc::iovec {
                iov_base: rest.as_ptr().cast_mut().cast(),
                iov_len: rest.len(),
            });
        }
        self.header.msg_iov = self.vectors.as_mut_ptr();
        self.header.msg_iovlen = self.vectors.len() as _;
        self.vectors.iter().map(|vector| vector.iov_len).sum()
    }

    /// The bytes still to be sent, when they lie in one piece.
    pub(super) fn only_piece(&self) -> Option<&[u8]> {
        (self.pieces.len() == 1).then(|| &self.pieces[0][self.skip..])
    }

    /// Notes that `bytes` more were sent. Returns whether that was all.
    pub(super) fn advance(&mut self, bytes: usize) -> bool {
        self.skip += bytes;
        while let Some(first) = self.pieces.front() {
            if self.skip < first.len() {
                return false;
            }
            self.skip -= first.len();
            if let Some(piece) = self.pieces.pop_front()
                && self.zero_copy
            {
                self.sent.push(piece);
            }
        }
        true
    }
}

impl Drop for Send {
    fn drop(&mut self) {
        if let Some((all, bytes)) = self.pinned.take() {
            all.set(all.get() - bytes);
        }
    }
}

/// A path as the kernel wants it.
pub(super) fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("{path:?} has a zero byte"))
    })
}

/// An address of the other kind.
pub(super) fn peer_of(address: &SockAddr) -> io::Result<SocketAddr> {
    address.as_socket().ok_or_else(|| io::Error::other("the peer has no IP address"))
}
