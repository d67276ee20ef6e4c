//! Signals that end the process.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::AsRawFd;
use std::thread::JoinHandle;

use ringlog_engine::arena::Buf;
use ringlog_engine::io::{Io, OpenOptions};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

/// Catches SIGTERM and SIGINT while it lives. The first one is told to the shard that waits for it;
/// the second one ends the process at once, even when no shard gets to run any more, which is why a
/// thread of its own waits for them.
pub(super) struct StopSignals {
    /// What the thread says goes through here into the ring of the shard.
    pipe: PipeReader,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl StopSignals {
    /// Begins to catch them.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn catch() -> io::Result<Self> {
        let (pipe, writer) = io::pipe()?;
        let signals = Signals::new([SIGTERM, SIGINT])?;
        let handle = signals.handle();
        let body = move || wait(signals, writer);
        let thread = std::thread::Builder::new().name("ringlog-signals".to_owned()).spawn(body)?;
        Ok(Self { pipe, handle, thread: Some(thread) })
    }

    /// A path under which the first signal can be read; for [`first`].
    pub(super) fn path(&self) -> String {
        format!("/proc/self/fd/{}", self.pipe.as_raw_fd())
    }
}

impl Drop for StopSignals {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            // It does not panic, and if it did there is nothing more to stop.
            thread.join().unwrap_or_default();
        }
    }
}

fn wait(mut signals: Signals, mut pipe: PipeWriter) {
    let mut caught = signals.forever();
    if caught.next().is_none() {
        return;
    }
    // The reading side lives as long as this thread.
    pipe.write_all(b"s").unwrap_or_default();
    if let Some(signal) = caught.next() {
        tracing::warn!(
            "ended by a second signal before everything was written out: the next start recovers"
        );
        std::process::exit(128 + signal);
    }
}

/// Completes when the first signal has come to the [`StopSignals`] of this path. Nobody polls: the
/// ring reads from a pipe.
pub(super) async fn first(io: Io, path: String) {
    let heard = async {
        let pipe = io.open(path, OpenOptions::default()).await?;
        pipe.read_at(0, Buf::heap(1), 1).await
    };
    if let Err(error) = heard.await {
        tracing::error!(%error, "signals cannot be heard: stopping");
    }
}
