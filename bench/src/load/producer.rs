//! A connection that produces.
//!
//! It sends batches made beforehand; only lengths, partition, correlation id and the time change. At a
//! given rate a batch has a time at which it is to be sent, and its latency counts from there even when
//! the broker made it late: no coordinated omission.

use std::io::{ErrorKind, IoSlice, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::driver::Session;
use super::gauge::Gauge;
use super::inbox::{Broken, Inbox};
use super::pool::Pool;
use super::stamp::Clock;
use crate::error::BenchError;
use crate::wire::Answer;
use crate::wire::frame::{self, CORRELATION_AT};

/// A connection that produces.
pub(super) struct Producer {
    pub(super) stream: TcpStream,
    pub(super) address: String,
    pub(super) pool: Arc<Pool>,
    pub(super) clock: Clock,
    pub(super) gauge: Arc<Gauge>,
    pub(super) pace: Option<Pace>,
    pub(super) turns: Turns,
    pub(super) window: Window,
    pub(super) outgoing: Outgoing,
    pub(super) inbox: Inbox,
}

/// Partitions in turn.
pub(super) struct Turns {
    partitions: Vec<i32>,
    next: usize,
    count: usize,
}

impl Turns {
    pub(super) fn new(partitions: Vec<i32>, begin: usize) -> Self {
        let next = begin % partitions.len().max(1);
        Self { partitions, next, count: begin }
    }

    /// The next partition, and a number that differs each time.
    fn take(&mut self) -> (i32, usize) {
        let partition = self.partitions.get(self.next).copied().unwrap_or(0);
        self.next = (self.next + 1) % self.partitions.len().max(1);
        self.count = self.count.wrapping_add(1);
        (partition, self.count)
    }
}

/// Times at which batches are to be sent.
#[derive(Debug)]
pub(super) struct Pace {
    began: Instant,
    /// Seconds from there to the next batch.
    next: f64,
    seconds_per_record: f64,
}

impl Pace {
    /// `rate` records a second; the first batch is due `first` seconds after the beginning, so that the
    /// connections of a load lie between one another.
    pub(super) fn new(rate: f64, first: f64) -> Self {
        Self { began: Instant::now(), next: first, seconds_per_record: 1.0 / rate }
    }

    fn due(&self) -> Instant {
        // A wait beyond all runs is cut to the longest of them.
        self.began + Duration::from_secs_f64(self.next.clamp(0.0, 1e7))
    }

    fn sent(&mut self, records: u32) {
        self.next += f64::from(records) * self.seconds_per_record;
    }
}

/// A batch that has no answer yet.
#[derive(Clone, Copy)]
struct UnderWay {
    intended: Instant,
    sent: Instant,
    records: u32,
    bytes: u32,
}

/// Batches under way.
pub(super) struct Window {
    batches: Box<[Option<UnderWay>]>,
    oldest: usize,
    count: usize,
}

impl Window {
    pub(super) fn new(in_flight: u32) -> Self {
        Self { batches: vec![None; in_flight.max(1) as usize].into(), oldest: 0, count: 0 }
    }

    fn is_full(&self) -> bool {
        self.count == self.batches.len()
    }

    fn push(&mut self, batch: UnderWay) {
        let at = (self.oldest + self.count) % self.batches.len();
        if let Some(place) = self.batches.get_mut(at) {
            *place = Some(batch);
            self.count += 1;
        }
    }

    fn pop(&mut self) -> Option<UnderWay> {
        let batch = self.batches.get_mut(self.oldest)?.take()?;
        self.oldest = (self.oldest + 1) % self.batches.len();
        self.count -= 1;
        Some(batch)
    }
}

/// The request that is being sent: a head of its own, then the rest of a batch that others send too.
pub(super) struct Outgoing {
    head: Vec<u8>,
    /// Bytes of the head before the batch.
    before: usize,
    /// The batch, by partition and turn, and how much of it is in the head.
    batch: Option<(i32, usize, usize)>,
    written: usize,
    correlation: i32,
}

impl Outgoing {
    pub(super) fn new(topic: &str, acks: i16, head_max: usize) -> Self {
        let mut head = frame::produce_head(topic, acks);
        let before = head.len();
        head.reserve_exact(head_max);
        Self { head, before, batch: None, written: 0, correlation: 0 }
    }

    /// Makes it the request for a batch. Returns the batch's records and bytes.
    fn prepare(
        &mut self,
        pool: &Pool,
        (partition, turn): (i32, usize),
        nanos: u64,
    ) -> Option<(u32, u32)> {
        let batch = pool.get(partition, turn)?;
        self.correlation = self.correlation.wrapping_add(1);
        let bytes = u32::try_from(batch.bytes.len()).ok()?;
        let length = u32::try_from(self.before).ok()? - 4 + bytes;
        self.head.truncate(self.before);
        self.head[..4].copy_from_slice(&length.to_be_bytes());
        self.head[CORRELATION_AT..CORRELATION_AT + 4]
            .copy_from_slice(&self.correlation.to_be_bytes());
        self.head[self.before - 8..self.before - 4].copy_from_slice(&partition.to_be_bytes());
        self.head[self.before - 4..].copy_from_slice(&bytes.to_be_bytes());
        self.head.extend_from_slice(batch.bytes.get(..batch.head())?);
        if let (Some(stamp), Some(copy)) = (&batch.stamp, self.head.get_mut(self.before..)) {
            stamp.set(copy, nanos);
        }
        self.batch = Some((partition, turn, batch.head()));
        self.written = 0;
        Some((batch.records, bytes))
    }

    /// Writes what can be written; true when nothing is left.
    fn flush(&mut self, pool: &Pool, stream: &mut impl Write) -> std::io::Result<bool> {
        let Some((partition, turn, head)) = self.batch else { return Ok(true) };
        let shared = pool.get(partition, turn).and_then(|batch| batch.bytes.get(head..));
        let shared = shared.unwrap_or_default();
        let whole = self.head.len() + shared.len();
        while self.written < whole {
            let own = self.head.get(self.written..).unwrap_or_default();
            let rest = shared.get(self.written.saturating_sub(self.head.len())..);
            let parts = [IoSlice::new(own), IoSlice::new(rest.unwrap_or_default())];
            match stream.write_vectored(&parts) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.batch = None;
        Ok(true)
    }
}

impl Producer {
    fn receive(&mut self) -> Result<(), BenchError> {
        loop {
            let more = self.inbox.fill(&mut self.stream);
            let more = more.map_err(|broken| failed(&self.address, broken))?;
            let now = Instant::now();
            while let Some(answer) =
                self.inbox.frame().map_err(|broken| failed(&self.address, broken))?
            {
                acknowledged(answer, &self.address)?;
                let Some(batch) = self.window.pop() else {
                    let why = "nothing was asked";
                    return Err(BenchError::Answer { address: self.address.clone(), why });
                };
                let nanos = now.saturating_duration_since(batch.intended).as_nanos();
                self.gauge.took(&[u64::try_from(nanos).unwrap_or(u64::MAX)]);
                self.gauge.done(batch.records.into(), batch.bytes.into());
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn send(&mut self) -> Result<Option<Instant>, BenchError> {
        loop {
            let flushed = self.outgoing.flush(&self.pool, &mut self.stream);
            if !flushed.map_err(|e| BenchError::connection(&self.address, &e))? {
                return Ok(None);
            }
            if self.window.is_full() {
                return Ok(None);
            }
            let now = Instant::now();
            let intended = match &self.pace {
                None => now,
                Some(pace) => {
                    let due = pace.due();
                    if due > now {
                        return Ok(Some(due));
                    }
                    due
                }
            };
            let nanos = self.clock.nanos(intended);
            let sent = self.outgoing.prepare(&self.pool, self.turns.take(), nanos);
            let Some((records, bytes)) = sent else {
                let why = "it is above 4 GiB".to_owned();
                return Err(BenchError::Machine { what: "a batch".to_owned(), why });
            };
            if let Some(pace) = &mut self.pace {
                pace.sent(records);
            }
            self.window.push(UnderWay { intended, sent: now, records, bytes });
        }
    }
}

impl Session for Producer {
    fn stream(&self) -> &TcpStream {
        &self.stream
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn begin(&mut self, begin: Instant) {
        if let Some(pace) = &mut self.pace {
            pace.began = begin;
        }
    }

    fn advance(&mut self, readable: bool) -> Result<Option<Instant>, BenchError> {
        if readable {
            self.receive()?;
        }
        self.send()
    }

    fn waits_since(&self) -> Option<Instant> {
        Some(self.window.batches.get(self.window.oldest)?.as_ref()?.sent)
    }
}

pub(super) fn failed(address: &str, broken: Broken) -> BenchError {
    match broken {
        Broken::Stream(error) => BenchError::connection(address, &error),
        Broken::Frame(why) => BenchError::Answer { address: address.to_owned(), why },
    }
}

fn acknowledged(frame: &[u8], address: &str) -> Result<(), BenchError> {
    let mut answer = Answer::new(frame, address)?;
    for _ in 0..answer.count()? {
        let topic = answer.text()?;
        for _ in 0..answer.count()? {
            let (partition, code) = (answer.i32()?, answer.i16()?);
            if code != 0 {
                return Err(BenchError::refused(format!("a batch for {topic}-{partition}"), code));
            }
            answer.take(24)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ProducerLoad;
    use ringlog_engine::batch::BatchView;

    #[test]
    fn batches_are_due_evenly_however_late_they_are_sent() {
        let mut pace = Pace::new(1000.0, 0.25);
        let began = pace.began;
        pace.sent(500);
        pace.sent(250);
        assert_eq!(pace.due() - began, Duration::from_secs(1));
    }

    #[test]
    fn partitions_take_turns() {
        let mut turns = Turns::new(vec![4, 7], 1);
        assert_eq!([turns.take(), turns.take(), turns.take()], [(7, 2), (4, 3), (7, 4)]);
    }

    #[test]
    fn a_window_is_full_until_its_oldest_is_answered() {
        let mut window = Window::new(2);
        let now = Instant::now();
        for records in [1, 2] {
            assert!(!window.is_full());
            window.push(UnderWay { intended: now, sent: now, records, bytes: 0 });
        }
        assert!(window.is_full());
        assert_eq!(window.pop().map(|batch| batch.records), Some(1));
        window.push(UnderWay { intended: now, sent: now, records: 3, bytes: 0 });
        assert_eq!(window.pop().map(|batch| batch.records), Some(2));
        assert_eq!(window.pop().map(|batch| batch.records), Some(3));
        assert!(window.pop().is_none());
    }

    /// Takes a few bytes, then none, in turn.
    struct Narrow(Vec<u8>, usize);

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.1 += 1;
            if self.1.is_multiple_of(2) {
                return Err(ErrorKind::WouldBlock.into());
            }
            let count = bytes.len().min(77);
            self.0.extend(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_written_in_pieces_is_a_whole_request_with_its_time() {
        let clock = Clock::start();
        let pool = Pool::make(&ProducerLoad::default(), 1, Some(&clock)).unwrap();
        let mut outgoing = Outgoing::new("t", -1, pool.head_max());
        for nanos in [5, 1 << 40] {
            let (_, bytes) = outgoing.prepare(&pool, (9, 0), nanos).unwrap();
            let mut out = Narrow(Vec::new(), 0);
            while !outgoing.flush(&pool, &mut out).unwrap() {}
            let batch = out.0.len() - bytes as usize;
            assert_eq!(out.0[..4], (out.0.len() as u32 - 4).to_be_bytes());
            assert_eq!(out.0[batch - 8..batch - 4], 9_i32.to_be_bytes());
            let (view, rest) = BatchView::split_first(&out.0[batch..]).unwrap();
            assert_eq!((view.crc(), rest.len()), (view.computed_crc(), 0));
            assert_eq!(clock.read(&out.0[batch..]), Some(nanos));
        }
    }
}
