//! The first lines a broker prints: where it serves, from what, and what to try.

use std::io::{self, Write};
use std::net::SocketAddr;

use ringlog_engine::ring::RingReport;

use super::{Settings, Started, device};

/// What is known when the node serves.
pub(super) struct Summary<'a> {
    pub(super) settings: &'a Settings,
    /// Whether the data directory was empty.
    pub(super) is_new: bool,
    /// The core of each shard.
    pub(super) cores: &'a [Option<usize>],
    /// Memory of all shards in bytes.
    pub(super) arena_bytes: usize,
    pub(super) ring: &'a RingReport,
    pub(super) started: &'a Started,
}

impl Summary<'_> {
    /// One log line, for programs.
    pub(super) fn log(&self) {
        let Self { settings, ring, started, .. } = self;
        tracing::info!(
            addresses = self.addresses(","),
            data_dir = %settings.data_dir.display(),
            device = device::describe(&settings.data_dir),
            cores = self.cores(","),
            kernel = ring.kernel,
            registered_memory = ring.registered_memory,
            topics = started.topics,
            partitions = started.partitions,
            cluster_id = started.cluster_id,
            recovery = self.recovery(),
            journal_bytes = started.recovery.journal_bytes,
            recovery_ms = started.recovery.millis,
            "serving"
        );
    }

    /// A few lines on standard output, for people.
    pub(super) fn print(&self) {
        // Whoever closed standard output does not want them.
        self.write(&mut io::stdout().lock()).unwrap_or_default();
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Self { settings, started, .. } = self;
        let dir = &settings.data_dir;
        let (host, advertised) = &settings.advertise;
        let port = match advertised {
            0 => started.addresses.first().map_or(0, SocketAddr::port),
            port => *port,
        };
        let recovery = &started.recovery;
        writeln!(
            out,
            "ringlog {} serves on {}",
            env!("CARGO_PKG_VERSION"),
            self.addresses(" and ")
        )?;
        writeln!(out, "  clients    are told {host}:{port}")?;
        writeln!(out, "  data       {}", dir.display())?;
        writeln!(out, "  device     {}", device::describe(dir))?;
        writeln!(
            out,
            "  cores      {}, {} MiB for records",
            self.cores(" "),
            self.arena_bytes >> 20
        )?;
        writeln!(out, "  ring       {}", self.ring)?;
        writeln!(
            out,
            "  recovery   {}: {} ms, {} bytes of journal read",
            self.recovery(),
            recovery.millis,
            recovery.journal_bytes
        )?;
        writeln!(out, "  holds      {} topics, {} partitions", started.topics, started.partitions)?;
        let server = match (host.as_str(), port) {
            ("localhost", 9092) => String::new(),
            _ => format!(" -b {host}:{port}"),
        };
        writeln!(out, "try next, in another terminal:")?;
        writeln!(out, "  echo hello | ringlog produce greetings{server}")?;
        writeln!(out, "  ringlog consume greetings --exit{server}")?;
        writeln!(out, "  ringlog topic describe greetings{server}")?;
        out.flush()
    }

    fn addresses(&self, between: &str) -> String {
        let addresses: Vec<String> =
            self.started.addresses.iter().map(ToString::to_string).collect();
        addresses.join(between)
    }

    fn cores(&self, between: &str) -> String {
        let name = |core: &Option<usize>| core.map_or("any".to_owned(), |core| core.to_string());
        let cores: Vec<String> = self.cores.iter().map(name).collect();
        cores.join(between)
    }

    fn recovery(&self) -> &'static str {
        match self.started.recovery.clean {
            _ if self.is_new => "new directory",
            true => "closed cleanly",
            false => "recovered after a crash",
        }
    }
}
