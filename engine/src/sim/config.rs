//! What a world is like: its size, its limits and its faults.
//!
//! Probabilities are per event (a write, a segment of a stream, a turn of a shard). Times are in
//! nanoseconds unless a name says otherwise.

use super::rng::Rng;

/// One microsecond in nanoseconds.
pub const MICROSECOND: u64 = 1_000;
/// One millisecond in nanoseconds.
pub const MILLISECOND: u64 = 1_000_000;
/// One second in nanoseconds.
pub const SECOND: u64 = 1_000_000_000;

/// The whole world.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Nodes, counted from zero. Clients are nodes too.
    pub nodes: usize,
    /// Shards of each node.
    pub shards: u16,
    /// Memory of each shard in bytes.
    pub arena_bytes: usize,
    /// Provided receive buffers of each shard.
    pub provided_buffers: u16,
    /// Size of a provided receive buffer in bytes.
    pub provided_bytes: usize,
    /// Events kept for the readable trace.
    pub trace_events: usize,
    /// What this run is, in words: printed on failure.
    pub about: String,
    /// The command that replays this run, without the seed: printed on failure.
    pub replay: String,
    /// The disks.
    pub disk: DiskConfig,
    /// The network.
    pub net: NetConfig,
    /// Clocks and processors.
    pub clock: ClockConfig,
}

/// A disk and what ails it.
#[derive(Clone, Debug)]
pub struct DiskConfig {
    /// Size in bytes.
    pub capacity: u64,
    /// Shortest and longest time an operation takes.
    pub latency: (u64, u64),
    /// Chance that an operation is slow.
    pub slow: f64,
    /// Shortest and longest time a slow operation takes.
    pub slow_latency: (u64, u64),
    /// Chance that a read fails with `EIO`.
    pub read_error: f64,
    /// Chance that a write fails with `EIO`; all, part or nothing of it is then on the disk.
    pub write_error: f64,
    /// Chance that a sync of a file or directory fails with `EIO`.
    pub sync_error: f64,
    /// Chance that a write makes its last sector unreadable until it is written again.
    pub latent_error: f64,
    /// Chance that a read flips one bit on the medium first.
    pub bit_rot: f64,
    /// Chance that a write lands elsewhere in the file and reports success.
    pub misdirected: f64,
    /// Chance that a write is lost and reports success.
    pub lost_write: f64,
    /// Chance that a read is answered with what its sectors held before they were last written.
    pub stale_read: f64,
}

/// The network and what ails it.
#[derive(Clone, Debug)]
pub struct NetConfig {
    /// Shortest and longest time a segment travels.
    pub delay: (u64, u64),
    /// Bytes one direction of a connection holds: under way and not yet received.
    pub window: usize,
    /// Longest piece of a stream that travels at once.
    pub segment: usize,
    /// Chance that a segment or a received chunk is cut short.
    pub short: f64,
    /// Chance that a segment clogs its link for a while.
    pub clog: f64,
    /// Longest time a link is clogged.
    pub clog_time: u64,
    /// Chance that a segment is answered with a reset.
    pub reset: f64,
    /// Chance that a multishot operation ends with a result.
    pub multishot_end: f64,
    /// Chance that a receive finds no provided buffer though there are some.
    pub no_buffers: f64,
    /// How long a connection waits for the other end to answer.
    pub connect_timeout: u64,
    /// How long sent bytes may stay unanswered before the connection is given up.
    pub stream_timeout: u64,
}

/// Clocks and processors.
#[derive(Clone, Debug)]
pub struct ClockConfig {
    /// Wall clock at the start, in milliseconds since 1970.
    pub start_ms: i64,
    /// Largest offset of a node's wall clock at the start, either way, in milliseconds.
    pub offset_ms: u64,
    /// Largest drift of a node's wall clock, either way, in parts per million.
    pub drift_ppm: u64,
    /// Chance that the wall clock of a node jumps in a turn of one of its shards.
    pub jump: f64,
    /// Largest such jump, either way, in milliseconds.
    pub jump_ms: u64,
    /// Most tasks polled in one turn of a shard.
    pub turn_tasks: usize,
    /// Longest time a turn takes.
    pub turn: u64,
    /// Chance that a turn takes long: a stolen processor, a page fault.
    pub stall: f64,
    /// Longest such turn.
    pub stall_time: u64,
    /// Longest time a doorbell takes.
    pub doorbell: u64,
}

impl SimConfig {
    /// One node with one shard, and nothing goes wrong.
    pub fn calm() -> Self {
        Self {
            nodes: 1,
            shards: 1,
            arena_bytes: 16 << 20,
            provided_buffers: 64,
            provided_bytes: 16 << 10,
            trace_events: 200,
            about: String::new(),
            replay: String::new(),
            disk: DiskConfig {
                capacity: 1 << 40,
                latency: (20 * MICROSECOND, 120 * MICROSECOND),
                slow: 0.0,
                slow_latency: (5 * MILLISECOND, 200 * MILLISECOND),
                read_error: 0.0,
                write_error: 0.0,
                sync_error: 0.0,
                latent_error: 0.0,
                bit_rot: 0.0,
                misdirected: 0.0,
                lost_write: 0.0,
                stale_read: 0.0,
            },
            net: NetConfig {
                delay: (50 * MICROSECOND, 500 * MICROSECOND),
                window: 256 << 10,
                segment: 16 << 10,
                short: 0.0,
                clog: 0.0,
                clog_time: 300 * MILLISECOND,
                reset: 0.0,
                multishot_end: 0.0,
                no_buffers: 0.0,
                connect_timeout: 3 * SECOND,
                stream_timeout: 15 * SECOND,
            },
            clock: ClockConfig {
                start_ms: 1_700_000_000_000,
                offset_ms: 0,
                drift_ppm: 0,
                jump: 0.0,
                jump_ms: 3_600_000,
                turn_tasks: 64,
                turn: 2 * MICROSECOND,
                stall: 0.0,
                stall_time: 50 * MILLISECOND,
                doorbell: 5 * MICROSECOND,
            },
        }
    }

    /// Sets the number of nodes.
    pub fn with_nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// Sets the number of shards of each node.
    pub fn with_shards(mut self, shards: u16) -> Self {
        self.shards = shards;
        self
    }

    /// A world in which each seed has its own random subset of faults that a correct program
    /// survives without any loss: delays, stalls, short reads, resets, slow disks, tiny limits,
    /// clocks that jump. Faults that destroy data or stop a log directory are left off; add them
    /// with [`SimConfig::with_disk_faults`].
    ///
    /// Subsets rather than everything at once ("swarm testing", Groce and others, 2012): a fault
    /// that always strikes hides the states that only its absence can reach.
    pub fn swarm(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x5357_4152_4d00);
        let mut config = Self::calm();
        let mut on = |p: f64| if rng.chance(0.5) { p } else { 0.0 };
        config.disk.slow = on(0.02);
        config.net.short = on(0.3);
        config.net.clog = on(0.01);
        config.net.reset = on(0.002);
        config.net.multishot_end = on(0.1);
        config.net.no_buffers = on(0.05);
        config.clock.jump = on(0.001);
        config.clock.stall = on(0.002);
        if rng.chance(0.5) {
            config.provided_buffers = rng.between(2, 8) as u16;
            config.provided_bytes = 1 << rng.between(9, 12);
        }
        if rng.chance(0.5) {
            config.net.window = rng.between(512, 8192) as usize;
            config.net.segment = rng.between(64, 2048) as usize;
        }
        if rng.chance(0.5) {
            config.clock.offset_ms = 60_000;
            config.clock.drift_ppm = 200;
        }
        if rng.chance(0.3) {
            config.clock.turn_tasks = 1;
        }
        if rng.chance(0.3) {
            config.disk.latency = (2 * MICROSECOND, 20 * MILLISECOND);
        }
        config
    }

    /// Adds a random subset of the faults that stop a log directory (`EIO`) to a world.
    pub fn with_disk_faults(mut self, seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x4449_534b);
        let mut on = |p: f64| if rng.chance(0.4) { p } else { 0.0 };
        self.disk.read_error = on(0.002);
        self.disk.write_error = on(0.002);
        self.disk.sync_error = on(0.004);
        self
    }

    /// Switches every fault off and leaves the limits as they are, for the part of a run in which
    /// everything must make progress again.
    pub fn without_faults(mut self) -> Self {
        let calm = Self::calm();
        self.disk = DiskConfig { capacity: self.disk.capacity, ..calm.disk };
        self.net = NetConfig { window: self.net.window, segment: self.net.segment, ..calm.net };
        self.clock.jump = 0.0;
        self.clock.stall = 0.0;
        self
    }
}
