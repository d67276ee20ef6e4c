//! Drives connections that never wait: one thread serves as many as it is given.
//!
//! epoll tells, once a change, which connections can be read from or written to; a connection tells when it
//! wants to be called by itself. Nothing here is allocated once the thread runs.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};

use super::gauge::End;
use crate::error::BenchError;
use crate::wire::PATIENCE;

/// Longest time until a thread looks whether the run has ended.
const LOOK: Duration = Duration::from_millis(100);
/// Time between looks for connections on which no answer comes.
const WATCH: Duration = Duration::from_secs(1);

/// A connection and what it is for.
pub(super) trait Session: Send + 'static {
    fn stream(&self) -> &TcpStream;
    fn address(&self) -> &str;

    /// Sets when it begins; nothing is sent before.
    fn begin(&mut self, begin: Instant);

    /// Does all that can be done without waiting. `readable` is whether there may be something to read.
    /// Returns when it wants to be called at the latest, if it does.
    fn advance(&mut self, readable: bool) -> Result<Option<Instant>, BenchError>;

    /// When the oldest request was made that has no answer.
    fn waits_since(&self) -> Option<Instant>;
}

/// Drives connections until the end is near.
pub(super) fn drive<S: Session>(sessions: Vec<S>, end: &End) {
    exact_timers();
    if let Err(error) = turn(sessions, end) {
        end.fail(error);
    }
}

fn turn<S: Session>(mut sessions: Vec<S>, end: &End) -> Result<(), BenchError> {
    let failed = |error: rustix::io::Errno| BenchError::Machine {
        what: "epoll".to_owned(),
        why: error.to_string(),
    };
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(failed)?;
    let interest = epoll::EventFlags::IN
        | epoll::EventFlags::OUT
        | epoll::EventFlags::RDHUP
        | epoll::EventFlags::ET;
    for (number, session) in sessions.iter().enumerate() {
        let data = epoll::EventData::new_u64(number as u64);
        epoll::add(&poll, session.stream(), data, interest).map_err(failed)?;
    }
    let mut due: Vec<Option<Instant>> = vec![None; sessions.len()];
    let mut events = Vec::with_capacity(sessions.len().clamp(1, 256));
    for (session, due) in sessions.iter_mut().zip(&mut due) {
        *due = session.advance(false)?;
    }
    let mut watch = Instant::now() + WATCH;
    while !end.is_near() {
        let now = Instant::now();
        let next = due
            .iter()
            .flatten()
            .min()
            .map_or(LOOK, |next| next.saturating_duration_since(now).min(LOOK));
        let timeout = Timespec { tv_sec: 0, tv_nsec: next.subsec_nanos().into() };
        match epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(failed(error)),
        }
        for event in events.drain(..) {
            let number = usize::try_from(event.data.u64()).unwrap_or(usize::MAX);
            if let (Some(session), Some(due)) = (sessions.get_mut(number), due.get_mut(number)) {
                let flags = event.flags;
                let written = flags == epoll::EventFlags::OUT;
                *due = session.advance(!written)?;
            }
        }
        let now = Instant::now();
        for (session, due) in sessions.iter_mut().zip(&mut due) {
            if due.is_some_and(|due| due <= now) {
                *due = session.advance(false)?;
            }
        }
        if now >= watch {
            watch = now + WATCH;
            let silent = |session: &&S| {
                session.waits_since().is_some_and(|since| now.duration_since(since) > PATIENCE)
            };
            if let Some(session) = sessions.iter().find(silent) {
                return Err(BenchError::Connection {
                    address: session.address().to_owned(),
                    why: format!("no answer in {} s", PATIENCE.as_secs()),
                });
            }
        }
    }
    Ok(())
}

/// The kernel may wake a sleeper late by its slack, 50 us by default: a latency that is not the broker's.
fn exact_timers() {
    let least = std::num::NonZeroU64::MIN;
    // Without it times are a little less exact.
    rustix::thread::set_current_timer_slack(Some(least)).unwrap_or_default();
}
