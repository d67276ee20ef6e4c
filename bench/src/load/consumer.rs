//! A connection that consumes: one request at a time for all its partitions.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use super::batch;
use super::driver::Session;
use super::gauge::Gauge;
use super::inbox::Inbox;
use super::producer::failed;
use super::stamp::Clock;
use crate::error::BenchError;
use crate::wire::{Answer, frame};

const OFFSET_OUT_OF_RANGE: i16 = 1;

/// Where a consumer is in a partition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) partition: i32,
    pub(super) first: i64,
    pub(super) next: i64,
    /// Where it goes back to the first, if it does.
    pub(super) end: Option<i64>,
    /// Offset after the last record that consumers may see, as far as is known.
    pub(super) known: i64,
}

/// What a connection reads, and from whom.
pub(super) struct Place {
    pub(super) stream: TcpStream,
    pub(super) address: String,
    /// Sorted by partition.
    pub(super) spans: Vec<Span>,
}

/// A connection that consumes.
pub(super) struct Consumer {
    stream: TcpStream,
    address: String,
    gauge: Arc<Gauge>,
    /// Tells how long ago a batch was to be sent. Without it, latency is that of each request.
    clock: Option<Clock>,
    /// When it begins to read.
    begin: Instant,
    spans: Vec<Span>,
    inbox: Inbox,
    request: Request,
    lag: u64,
    behind: bool,
    latencies: Vec<u64>,
}

/// The request, made once: only the offsets change.
struct Request {
    frame: Vec<u8>,
    offsets_at: Vec<usize>,
    written: usize,
    asked: Option<Instant>,
}

impl Consumer {
    pub(super) fn new(
        place: Place,
        topic: &str,
        fetch_bytes: u32,
        clock: Option<Clock>,
        gauge: Arc<Gauge>,
    ) -> Self {
        let partitions: Vec<i32> = place.spans.iter().map(|span| span.partition).collect();
        let most = i32::try_from(fetch_bytes).unwrap_or(i32::MAX);
        let (frame, offsets_at) = frame::fetch(topic, &partitions, most);
        gauge.is_behind();
        let mut consumer = Self {
            stream: place.stream,
            address: place.address,
            gauge,
            clock,
            begin: Instant::now(),
            spans: place.spans,
            inbox: Inbox::new(fetch_bytes as usize + (64 << 10)),
            request: Request { frame, offsets_at, written: 0, asked: None },
            lag: 0,
            behind: true,
            latencies: Vec::with_capacity(4096),
        };
        consumer.note_lag();
        consumer
    }

    /// Writes the request, if there is one to be written.
    fn ask(&mut self) -> Result<(), BenchError> {
        if self.request.asked.is_none() {
            for (span, at) in self.spans.iter().zip(&self.request.offsets_at) {
                let place = self.request.frame.get_mut(*at..at + 8);
                place.unwrap_or_default().copy_from_slice(&span.next.to_be_bytes());
            }
            self.request.written = 0;
            self.request.asked = Some(Instant::now());
        }
        while let Some(rest) = self.request.frame.get(self.request.written..) {
            if rest.is_empty() {
                break;
            }
            match self.stream.write(rest) {
                Ok(count) => self.request.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(BenchError::connection(&self.address, &error)),
            }
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<(), BenchError> {
        loop {
            let more = self.inbox.fill(&mut self.stream);
            let more = more.map_err(|broken| failed(&self.address, broken))?;
            let now = Instant::now();
            let address = &self.address;
            while let Some(frame) = self.inbox.frame().map_err(|broken| failed(address, broken))? {
                let Some(asked) = self.request.asked.take() else {
                    let why = "nothing was asked";
                    return Err(BenchError::Answer { address: address.clone(), why });
                };
                self.latencies.clear();
                let mut found = Found { clock: self.clock, now, latencies: &mut self.latencies };
                let (records, bytes) = take(frame, address, &mut self.spans, &mut found)?;
                if self.clock.is_none() {
                    let nanos = now.saturating_duration_since(asked).as_nanos();
                    self.latencies.push(u64::try_from(nanos).unwrap_or(u64::MAX));
                }
                self.gauge.took(&self.latencies);
                if bytes > 0 {
                    self.gauge.done(records, bytes);
                }
            }
            if self.request.asked.is_none() {
                self.note_lag();
                if self.behind && self.lag == 0 {
                    self.behind = false;
                    self.gauge.has_caught_up();
                }
                self.ask()?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn note_lag(&mut self) {
        let left = self.spans.iter().map(|span| span.known.saturating_sub(span.next));
        let lag = left.fold(0, |sum, left| sum + u64::try_from(left).unwrap_or(0));
        self.gauge.lags(self.lag, lag);
        self.lag = lag;
    }
}

/// Where latencies go.
struct Found<'a> {
    clock: Option<Clock>,
    now: Instant,
    latencies: &'a mut Vec<u64>,
}

/// Moves on behind what an answer brought; returns its records and bytes.
fn take(
    frame: &[u8],
    address: &str,
    spans: &mut [Span],
    found: &mut Found<'_>,
) -> Result<(u64, u64), BenchError> {
    let mut answer = Answer::new(frame, address)?;
    answer.i32()?;
    let code = answer.i16()?;
    if code != 0 {
        return Err(BenchError::refused("a fetch", code));
    }
    answer.i32()?;
    let (mut records, mut bytes) = (0, 0);
    // The time of the clock is the same for the whole answer.
    let now = found.clock.map_or(0, |clock| clock.nanos(found.now));
    for _ in 0..answer.count()? {
        let topic = answer.text()?;
        for _ in 0..answer.count()? {
            let (partition, code) = (answer.i32()?, answer.i16()?);
            if code == OFFSET_OUT_OF_RANGE {
                let what = format!(
                    "a fetch of {topic}-{partition}: retention has removed what was still to be read"
                );
                return Err(BenchError::refused(what, code));
            }
            if code != 0 {
                return Err(BenchError::refused(format!("a fetch of {topic}-{partition}"), code));
            }
            let known = answer.i64()?;
            answer.take(16)?;
            let aborted = answer.count()?;
            answer.take(aborted * 16)?;
            let set = answer.bytes()?;
            bytes += set.len() as u64;
            let next = batch::each(set, |batch, count| {
                records += count;
                if let Some(sent) = found.clock.and_then(|clock| clock.read(batch)) {
                    found.latencies.push(now.saturating_sub(sent));
                }
            });
            // Spans are sorted by partition.
            let at = spans.binary_search_by_key(&partition, |span| span.partition);
            if let Some(span) = at.ok().and_then(|at| spans.get_mut(at)) {
                span.known = known;
                span.next = next.unwrap_or(span.next);
                if span.end.is_some_and(|end| span.next >= end) {
                    span.next = span.first;
                }
            }
        }
    }
    Ok((records, bytes))
}

impl Session for Consumer {
    fn stream(&self) -> &TcpStream {
        &self.stream
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn begin(&mut self, begin: Instant) {
        self.begin = begin;
    }

    fn advance(&mut self, readable: bool) -> Result<Option<Instant>, BenchError> {
        if Instant::now() < self.begin {
            return Ok(Some(self.begin));
        }
        if readable && self.request.asked.is_some() {
            self.receive()?;
        }
        self.ask()?;
        Ok(None)
    }

    fn waits_since(&self) -> Option<Instant> {
        self.request.asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::batch::Batch;

    /// An answer with one batch for each partition of `t`.
    fn answer(partitions: &[(i32, i16, i64)], set: &[u8]) -> Vec<u8> {
        let mut frame = vec![0; 4 + 4 + 2 + 4];
        frame.extend(1_i32.to_be_bytes());
        frame.extend([0, 1, b't']);
        frame.extend((partitions.len() as i32).to_be_bytes());
        for (partition, code, known) in partitions {
            frame.extend(partition.to_be_bytes());
            frame.extend(code.to_be_bytes());
            frame.extend(known.to_be_bytes());
            frame.extend([0; 16]);
            frame.extend((-1_i32).to_be_bytes());
            frame.extend((set.len() as i32).to_be_bytes());
            frame.extend(set);
        }
        frame
    }

    fn span(partition: i32, end: Option<i64>) -> Span {
        Span { partition, first: 0, next: 0, end, known: 0 }
    }

    fn taken(frame: &[u8], spans: &mut [Span]) -> Result<(u64, u64), BenchError> {
        let mut latencies = Vec::new();
        let mut found = Found { clock: None, now: Instant::now(), latencies: &mut latencies };
        take(frame, "host:1", spans, &mut found)
    }

    #[test]
    fn it_goes_on_behind_what_came_and_back_at_its_end() {
        let batch = Batch::filled(10, 1000).unwrap();
        let records = i64::from(batch.records);
        let mut spans = [span(2, None), span(5, Some(records))];
        let frame = answer(&[(5, 0, 99), (2, 0, 77)], &batch.bytes);
        let (found, bytes) = taken(&frame, &mut spans).unwrap();
        assert_eq!((found, bytes), (2 * batch.records as u64, 2 * batch.bytes.len() as u64));
        assert_eq!((spans[0].next, spans[0].known), (records, 77));
        assert_eq!((spans[1].next, spans[1].known), (0, 99));
    }

    #[test]
    fn a_refusal_names_the_partition() {
        let said = taken(&answer(&[(3, 6, 0)], b""), &mut [span(3, None)]).unwrap_err().to_string();
        assert!(said.contains("t-3") && said.contains("NOT_LEADER"), "{said}");
        let said = taken(&answer(&[(3, 1, 0)], b""), &mut [span(3, None)]).unwrap_err().to_string();
        assert!(said.contains("retention has removed"), "{said}");
    }
}
