//! The driver: operations in, completions out, one system call a turn.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::Arc;

use io_uring::{IoUring, opcode, squeue, types};
use rustix::time::{ClockId, clock_gettime};
use slab::Slab;

use super::descriptors::{Close, Closing, Descriptors};
use super::doorbells::Doorbells;
use super::entry::{Entry, Kind};
use super::memory::Memory;
use super::probe::{RingError, RingReport, check_operations, explain, kernel_version};
use super::provided::Provided;
use crate::arena::Arena;
use crate::io::{Completion, Driver, Op, OpId, Output, ShardId, Wait};

/// `user_data` of submissions that have no entry. Entries are numbered from zero.
pub(super) const CANCEL: u64 = u64::MAX - 1;
/// Completions that another ring has sent here.
pub(super) const RING: u64 = u64::MAX - 2;
/// Doorbells rung: with the number of the shard added.
pub(super) const BELL: u64 = 1 << 63;

/// Threads the kernel may start for operations that cannot be had without blocking: files and
/// names, and everything else. The hot path uses none.
const WORKERS_MAX: [u32; 2] = [32, 4];

/// Sizes of a ring.
#[derive(Clone, Copy, Debug)]
pub struct RingConfig {
    /// Operations that can be submitted in one system call.
    pub entries: u32,
    /// Open files and sockets; lowered to what the process may open.
    pub descriptors: u32,
    /// Buffers to receive into: a power of two.
    pub receive_buffers: u16,
    /// Size of each in bytes.
    pub receive_buffer_bytes: u32,
    /// Whether to register the arena.
    pub register_memory: bool,
    /// Sends of fewer bytes than this are copied: pinning pages and waiting for the second completion
    /// costs more than the copy. Start value of the design; the benchmark suite replaces it.
    pub zero_copy_min_bytes: usize,
    /// Connections of a listener that may wait to be accepted; the kernel caps it at
    /// `net.core.somaxconn`.
    pub backlog: u32,
}

impl Default for RingConfig {
    fn default() -> Self {
        Self {
            entries: 512,
            descriptors: 16384,
            receive_buffers: 64,
            receive_buffer_bytes: 64 << 10,
            register_memory: true,
            zero_copy_min_bytes: 16 << 10,
            backlog: 1024,
        }
    }
}

/// A shard's io_uring.
pub struct RingDriver {
    pub(super) ring: IoUring,
    shard: ShardId,
    pub(super) doorbells: Arc<Doorbells>,
    /// Shards whose doorbell was rung since the last submission.
    pub(super) rung: Vec<bool>,
    pub(super) descriptors: Descriptors,
    /// What the kernel may touch. Leaked rather than freed when operations are still in flight.
    pub(super) lent: ManuallyDrop<Lent>,
    /// Where the operations are that can be cancelled.
    places: BTreeMap<OpId, usize>,
    pub(super) truncate: bool,
    pub(super) zero_copy_min_bytes: usize,
    pub(super) backlog: i32,
    /// Everything is being cancelled: nothing is to be continued.
    draining: bool,
    /// Completions that needed no ring.
    ready: VecDeque<Completion>,
    /// Operations without news, whose ends need not be told before something else happens.
    pub(super) quiet: Vec<OpId>,
    reaped: Vec<(u64, i32, u32)>,
    /// Kept for its capacity.
    spare: Vec<(u64, i32, u32)>,
    dice: u64,
}

/// Memory that the kernel has pointers into.
pub(super) struct Lent {
    pub(super) entries: Slab<Entry>,
    pub(super) provided: Provided,
    pub(super) memory: Memory,
}

impl RingDriver {
    /// A ring for the calling thread, which must be the one that drives it.
    ///
    /// # Errors
    /// [`RingError`], which says how to mend it.
    pub fn new(
        shard: ShardId,
        arena: &Arena,
        doorbells: Arc<Doorbells>,
        config: &RingConfig,
    ) -> Result<(Self, RingReport), RingError> {
        let ring: IoUring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_coop_taskrun()
            .setup_taskrun_flag()
            .setup_submit_all()
            .setup_cqsize(config.entries.saturating_mul(8))
            .build(config.entries)
            .map_err(|error| explain(error, "IORING_SETUP_DEFER_TASKRUN"))?;
        let truncate = check_operations(&ring)?;
        ring.submitter()
            .register_iowq_max_workers(&mut WORKERS_MAX.clone())
            .map_err(|error| explain(error, "a limit on worker threads"))?;
        let limit = raise_descriptor_limit().min(u64::from(config.descriptors));
        let limit = u32::try_from(limit).unwrap_or(config.descriptors);
        let descriptors = Descriptors::new(&ring.submitter(), limit)
            .map_err(|error| explain(error, "a table of registered files"))?;
        let provided = Provided::new(
            &ring.submitter(),
            arena,
            config.receive_buffers,
            config.receive_buffer_bytes,
        )
        .map_err(|error| explain(error, "a ring of provided buffers"))?;
        let (memory, refused) = Memory::new(&ring, arena.region().clone(), config.register_memory);
        let report = RingReport {
            kernel: kernel_version(),
            registered_memory: memory.is_registered(),
            truncate,
            descriptors: limit,
            advice: refused.map(|error| unregistered(arena.capacity(), &error)),
        };
        doorbells.set(shard, ring.as_raw_fd());
        let driver = Self {
            ring,
            shard,
            rung: vec![false; doorbells.shards()],
            doorbells,
            descriptors,
            lent: ManuallyDrop::new(Lent { entries: Slab::new(), provided, memory }),
            places: BTreeMap::new(),
            truncate,
            zero_copy_min_bytes: config.zero_copy_min_bytes,
            backlog: i32::try_from(config.backlog).unwrap_or(i32::MAX),
            draining: false,
            ready: VecDeque::new(),
            quiet: Vec::new(),
            reaped: Vec::new(),
            spare: Vec::new(),
            dice: seed(),
        };
        Ok((driver, report))
    }

    /// Keeps `fd` open for as long as the kernel has work of this ring in hand. When the process is
    /// killed its own descriptors are closed at once, but what its rings had begun ends later: a
    /// lock on a descriptor held here lasts until the last write has come to an end.
    ///
    /// # Errors
    /// When the table of descriptors is full.
    pub fn hold(&mut self, fd: OwnedFd) -> Result<(), RingError> {
        self.descriptors
            .insert(&self.ring.submitter(), fd)
            .map(drop)
            .map_err(|error| explain(error, "a descriptor to hold"))
    }

    pub(super) fn finish(&mut self, id: OpId, result: io::Result<Output>) {
        self.ready.push_back(Completion { id, result, more: false });
    }

    /// Queues a submission, making room when the queue is full.
    pub(super) fn push(&mut self, entry: squeue::Entry) {
        loop {
            // SAFETY: what `entry` points to is owned by a table entry that stays until its
            // terminal completion, or by this driver.
            if unsafe { self.ring.submission().push(&entry) }.is_ok() {
                return;
            }
            self.flush();
        }
    }

    /// Hands what is queued to the kernel without waiting for anything.
    pub(super) fn flush(&mut self) {
        self.rung.fill(false);
        if let Err(error) = self.ring.submit() {
            expect_passing(&error);
            // Completions may have to be taken first.
            self.reap();
        }
    }

    /// Takes an operation into the table and queues it. An operation on a `slot` in which nothing is
    /// open fails.
    pub(super) fn start(
        &mut self,
        id: OpId,
        slot: Option<u32>,
        kind: Kind,
        entry: impl FnOnce(&mut Kind) -> squeue::Entry,
    ) {
        let Some(key) = self.enter(id, slot, kind) else { return };
        let entry = entry(&mut self.lent.entries[key].kind).user_data(key as u64);
        self.push(entry);
    }

    /// Takes an operation into the table.
    pub(super) fn enter(&mut self, id: OpId, slot: Option<u32>, kind: Kind) -> Option<usize> {
        if slot.is_some_and(|slot| !self.descriptors.begin(slot)) {
            self.finish(id, Err(io::Error::from_raw_os_error(libc::EBADF)));
            return None;
        }
        let cancellable = kind.can_be_cancelled();
        let key = self.lent.entries.insert(Entry { id, slot, kind });
        if cancellable {
            self.places.insert(id, key);
        }
        Some(key)
    }

    /// Takes an operation off the table.
    pub(super) fn end(&mut self, key: usize) -> Kind {
        self.leave_slot(key);
        let entry = self.lent.entries.remove(key);
        if entry.kind.can_be_cancelled() {
            self.places.remove(&entry.id);
        }
        entry.kind
    }

    /// Notes that an operation is done with its descriptor, and closes that if it was the last one.
    pub(super) fn leave_slot(&mut self, key: usize) {
        let Some(slot) = self.lent.entries.get_mut(key).and_then(|entry| entry.slot.take()) else {
            return;
        };
        if let Some((by, fd)) = self.descriptors.end(&self.ring.submitter(), slot) {
            self.close_now(by, fd);
        }
    }

    /// Whether the rest of a half-done operation is not wanted any more.
    pub(super) fn is_abandoned(&self, slot: Option<u32>) -> bool {
        self.draining || slot.is_some_and(|slot| self.descriptors.is_closing(slot))
    }

    /// Closes a descriptor. What is in flight on a file goes on; what is in flight on a socket is
    /// cancelled, for a peer that does not read would keep it for ever.
    pub(super) fn close(&mut self, by: Closing, slot: u32) {
        match self.descriptors.close(&self.ring.submitter(), slot, by) {
            Close::Now(fd) => self.close_now(by, fd),
            Close::Later if by.file => {}
            Close::Later => {
                let all = types::CancelBuilder::fd(types::Fixed(slot)).all();
                self.push(opcode::AsyncCancel2::new(all).build().user_data(CANCEL));
            }
            Close::Unknown => {
                self.finish(by.id, Err(io::Error::from_raw_os_error(libc::EBADF)));
            }
        }
    }

    fn close_now(&mut self, by: Closing, fd: OwnedFd) {
        if by.file {
            let fd = fd.into_raw_fd();
            self.start(by.id, None, Kind::Close { fd }, |_| {
                opcode::Close::new(types::Fd(fd)).build().flags(squeue::Flags::ASYNC)
            });
        } else {
            drop(fd);
            self.finish(by.id, Ok(Output::Done));
        }
    }

    /// Queues a wake-up of the shard whose ring is `fd`. It has no entry, and says nothing unless it
    /// fails.
    pub(super) fn ring_bell(&mut self, shard: ShardId, fd: RawFd) {
        if let Some(rung) = self.rung.get_mut(usize::from(shard.0))
            && !std::mem::replace(rung, true)
        {
            self.push(
                opcode::MsgRingData::new(types::Fd(fd), 0, RING, None)
                    .build()
                    .flags(squeue::Flags::SKIP_SUCCESS)
                    .user_data(BELL + u64::from(shard.0)),
            );
        }
    }

    /// Moves completions out of the kernel's queue.
    fn reap(&mut self) {
        let queue = self.ring.completion();
        self.reaped.extend(queue.map(|entry| (entry.user_data(), entry.result(), entry.flags())));
    }

    /// Submits what is queued and waits for a completion for at most `nanos`; for as long as it
    /// takes without. One system call.
    fn submit_and_wait(&mut self, nanos: Option<u64>) -> io::Result<usize> {
        self.rung.fill(false);
        match nanos {
            Some(0) => {
                let mut queue = self.ring.submission();
                queue.sync();
                let waiting = queue.len() as u32;
                drop(queue);
                const GET_EVENTS: u32 = 1; // IORING_ENTER_GETEVENTS: run deferred work
                // SAFETY: no argument is passed; submitted entries are kept as `push` says.
                unsafe { self.ring.submitter().enter::<()>(waiting, 0, GET_EVENTS, None) }
            }
            Some(nanos) => {
                let time = types::Timespec::new()
                    .sec(nanos / 1_000_000_000)
                    .nsec((nanos % 1_000_000_000) as u32);
                self.ring.submitter().submit_with_args(1, &types::SubmitArgs::new().timespec(&time))
            }
            None => self.ring.submit_and_wait(1),
        }
    }
}

impl Driver for RingDriver {
    fn submit(&mut self, id: OpId, op: Op) {
        self.submit_op(id, op);
    }

    fn cancel(&mut self, id: OpId) {
        if let Some(&key) = self.places.get(&id) {
            self.push(opcode::AsyncCancel::new(key as u64).build().user_data(CANCEL));
        }
    }

    fn cancel_all(&mut self) {
        self.draining = true;
        let any = types::CancelBuilder::any();
        self.push(opcode::AsyncCancel2::new(any).build().user_data(CANCEL));
    }

    fn turn(&mut self, wait: Wait, out: &mut Vec<Completion>) {
        self.lent.provided.replenish();
        let idle = self.ready.is_empty()
            && self.reaped.is_empty()
            && (self.quiet.is_empty() || !self.draining);
        let wait = if idle { wait } else { Wait::Poll };
        let nanos = match wait {
            Wait::Until(deadline) => Some(deadline.saturating_sub(self.now())),
            Wait::Poll => Some(0),
            Wait::Forever => None,
        };
        if let Err(error) = self.submit_and_wait(nanos) {
            expect_passing(&error);
        }
        self.reap();
        // Continuing an operation may need room in the queue, and reap more.
        while !self.reaped.is_empty() {
            let mut batch = std::mem::replace(&mut self.reaped, std::mem::take(&mut self.spare));
            for (key, result, flags) in batch.drain(..) {
                self.complete(key, result, flags, out);
            }
            self.spare = batch;
        }
        let quiet = self.quiet.drain(..);
        out.extend(quiet.map(|id| Completion { id, result: Ok(Output::Done), more: false }));
        out.extend(self.ready.drain(..));
    }

    fn has_news(&mut self) -> bool {
        // Completions of a ring whose work is deferred are made when its thread enters the kernel: until
        // then a flag tells of them.
        !self.ready.is_empty()
            || !self.ring.completion().is_empty()
            || self.ring.submission().taskrun()
    }

    fn now(&self) -> u64 {
        let time = clock_gettime(ClockId::Monotonic);
        time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
    }

    fn wall_ms(&self) -> i64 {
        let time = clock_gettime(ClockId::Realtime);
        time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    fn random(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Drop for RingDriver {
    fn drop(&mut self) {
        self.doorbells.set(self.shard, -1);
        if self.lent.entries.is_empty() {
            // SAFETY: dropped once, here, and not used afterwards. Nothing is in flight, so the
            // kernel has no use for it.
            unsafe { ManuallyDrop::drop(&mut self.lent) }
        }
        // Otherwise the kernel may still write to what is lent: better leaked than freed. The
        // executor drains before it drops its driver; only a panic or a peer that takes for ever to
        // acknowledge comes here, and the process is about to end.
    }
}

/// Stops the process on a refusal that trying again does not mend: a ring that takes nothing in
/// serves nobody.
fn expect_passing(error: &io::Error) {
    match error.raw_os_error() {
        // Time is up, a signal came, or completions must be reaped or memory must come back first.
        Some(libc::ETIME | libc::EINTR | libc::EBUSY | libc::EAGAIN) => {}
        _ => panic!("io_uring_enter failed: {error}"),
    }
}

/// Closes a descriptor that an operation failed to close.
pub(super) fn close_plain(fd: RawFd) {
    // SAFETY: the driver took this descriptor out of its owner to have it closed, and the kernel has
    // said that it did not.
    drop(unsafe { OwnedFd::from_raw_fd(fd) });
}

fn unregistered(bytes: usize, error: &io::Error) -> String {
    format!(
        "{} MiB of memory could not be registered with the kernel ({error}): raise the limit on \
         locked memory (`ulimit -l unlimited`, or LimitMEMLOCK=infinity in a systemd unit); served \
         without, each read and write pins its pages anew",
        bytes >> 20
    )
}

/// Raises the limit on open descriptors as far as the process may, and returns it.
fn raise_descriptor_limit() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // When it cannot be raised, what there is has to do.
    setrlimit(Resource::Nofile, limit).unwrap_or_default();
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

fn seed() -> u64 {
    let mut bytes = [0; 8];
    match rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()) {
        Ok(8) => u64::from_ne_bytes(bytes),
        // Nothing here is secret: the time will do.
        _ => clock_gettime(ClockId::Realtime).tv_nsec.unsigned_abs(),
    }
}
