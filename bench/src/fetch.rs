//! The fetching load: from the first offset to the last that there was at the start, and again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use crate::arguments::FetchArguments;
use crate::batches;
use crate::cluster;
use crate::connection::Connection;
use crate::error::BenchError;
use crate::load::{End, Gauge, Load};
use crate::wire::{self, Answer};

/// Starts it.
pub(crate) fn start(arguments: &FetchArguments) -> Result<Load, BenchError> {
    let common = &arguments.common;
    let mut connection = cluster::connect(&common.bootstrap_server)?;
    let leaders = cluster::leaders(&mut connection, &common.topic)?;
    let shares = cluster::share(&leaders, usize::from(common.connections));
    let mut load = Load::new();
    let mut empty = true;
    for (address, partitions) in shares {
        let mut connection = Connection::open(&address)?;
        let first = cluster::offsets(&mut connection, &common.topic, &partitions, -2)?;
        let last = cluster::offsets(&mut connection, &common.topic, &partitions, -1)?;
        let spans: BTreeMap<i32, Span> = first
            .into_iter()
            .filter_map(|(partition, first)| {
                let end = *last.get(&partition)?;
                (end > first).then_some((partition, Span { first, next: first, end }))
            })
            .collect();
        if spans.is_empty() {
            continue;
        }
        empty = false;
        let closing = connection.share()?;
        load.hang_up.push(Box::new(move || closing.close()));
        let gauge = Gauge::new();
        load.gauges.push(gauge.clone());
        let max_bytes = i32::try_from(arguments.fetch_bytes).unwrap_or(i32::MAX);
        let reader = Reader { connection, topic: common.topic.clone(), spans, max_bytes, gauge };
        let end = load.end.clone();
        load.threads.push(std::thread::spawn(move || reader.run(&end)));
    }
    if empty {
        let topic = &common.topic;
        let why = format!("topic {topic} is empty: fill it with ringlog bench produce -t {topic}");
        return Err(BenchError::Usage(why));
    }
    Ok(load)
}

#[derive(Debug)]
struct Span {
    first: i64,
    next: i64,
    end: i64,
}

struct Reader {
    connection: Connection,
    topic: String,
    spans: BTreeMap<i32, Span>,
    max_bytes: i32,
    gauge: Arc<Gauge>,
}

impl Reader {
    fn run(mut self, end: &Arc<End>) {
        let mut buffer = Vec::new();
        while !end.is_near() {
            if let Err(error) = self.turn(&mut buffer) {
                end.fail(error);
                return;
            }
        }
    }

    fn turn(&mut self, buffer: &mut Vec<u8>) -> Result<(), BenchError> {
        let left = |span: &Span| span.next < span.end;
        if !self.spans.values().any(left) {
            for span in self.spans.values_mut() {
                span.next = span.first;
            }
        }
        let wanted: Vec<(i32, i64)> = self
            .spans
            .iter()
            .filter(|(_, span)| left(span))
            .map(|(&partition, span)| (partition, span.next))
            .collect();
        let began = Instant::now();
        self.connection.send(&wire::fetch(&self.topic, &wanted, self.max_bytes))?;
        self.connection.receive(buffer)?;
        let took = began.elapsed();
        let (records, bytes) = self.take(buffer)?;
        self.gauge.done(records, bytes, took);
        Ok(())
    }

    /// Moves on behind what an answer brought; returns its records and bytes.
    fn take(&mut self, frame: &[u8]) -> Result<(u64, u64), BenchError> {
        let mut answer = Answer::new(frame, self.connection.address())?;
        answer.i32()?;
        let code = answer.i16()?;
        if code != 0 {
            return Err(BenchError::refused("a fetch", code));
        }
        answer.i32()?;
        let (mut records, mut bytes) = (0, 0);
        for _ in 0..answer.count()? {
            let topic = answer.text()?;
            for _ in 0..answer.count()? {
                let (partition, code) = (answer.i32()?, answer.i16()?);
                if code != 0 {
                    return Err(BenchError::refused(
                        format!("a fetch of {topic}-{partition}"),
                        code,
                    ));
                }
                answer.take(24)?;
                let aborted = answer.count()?;
                answer.take(aborted * 16)?;
                let set = answer.bytes()?;
                let (found, next) = batches::count(set);
                records += found;
                bytes += set.len() as u64;
                if let (Some(span), Some(next)) = (self.spans.get_mut(&partition), next) {
                    span.next = next;
                }
            }
        }
        Ok((records, bytes))
    }
}
