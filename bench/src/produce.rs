//! The producing load.
//!
//! Each connection has two threads: one sends a frame made beforehand, in which only the partition and the
//! correlation id change, the other reads acknowledgements. At a given rate a batch has a time at which it is
//! to be sent, and its latency counts from there even when the broker made it late: no coordinated omission.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crate::arguments::ProduceArguments;
use crate::batches::Batch;
use crate::cluster;
use crate::connection::Connection;
use crate::error::BenchError;
use crate::load::{End, Gauge, Load};
use crate::wire::{self, Answer, CORRELATION_AT};

/// Starts it against a cluster.
pub(crate) fn start(arguments: &ProduceArguments) -> Result<Load, BenchError> {
    let common = &arguments.common;
    let mut connection = cluster::connect(&common.bootstrap_server)?;
    let leaders = cluster::ensure_topic(
        &mut connection,
        &common.topic,
        arguments.partitions,
        &arguments.topic_config,
    )?;
    let shares = cluster::share(&leaders, usize::from(common.connections));
    start_on(arguments, &shares)
}

/// Starts it with a connection for each share.
pub(crate) fn start_on(
    arguments: &ProduceArguments,
    shares: &[(String, Vec<i32>)],
) -> Result<Load, BenchError> {
    let size = usize::try_from(arguments.batch_bytes).unwrap_or(usize::MAX);
    let batch = Batch::filled(arguments.record_bytes as usize, size)?;
    let interval = arguments.interval(batch.records, shares.len())?;
    let mut load = Load::new();
    let began = Instant::now();
    for (number, (address, partitions)) in shares.iter().enumerate() {
        let topic = &arguments.common.topic;
        let mut sending = Connection::open(address)?;
        let (receiving, closing) = (sending.share()?, sending.share()?);
        load.hang_up.push(Box::new(move || closing.close()));
        let gauge = Gauge::new();
        load.gauges.push(gauge.clone());
        let (credit, credits) = channel();
        for _ in 0..arguments.in_flight {
            // The other end is right here.
            credit.send(()).unwrap_or_default();
        }
        let (sent, due) = channel();
        let answers = Answers {
            connection: receiving,
            gauge,
            records: batch.records.into(),
            bytes: batch.bytes.len() as u64,
        };
        let end = load.end.clone();
        load.threads.push(std::thread::spawn(move || answers.run(&due, &credit, &end)));

        let frame = wire::produce(topic, 0, arguments.acks.code(), &batch.bytes);
        let mut frame = Outgoing { partition_at: frame.len() - batch.bytes.len() - 8, frame };
        let partitions = partitions.clone();
        let end = load.end.clone();
        // The connections' times to send lie between one another.
        let first = interval
            .map(|all| began + all * u32::try_from(number).unwrap_or(0) / shares.len() as u32);
        let mut pace = interval.zip(first).map(|(interval, next)| Pace { interval, next });
        load.threads.push(std::thread::spawn(move || {
            exact_timers();
            let mut correlation = 0_i32;
            for &partition in partitions.iter().cycle() {
                let intended = pace.as_mut().map(|pace| pace.wait(&end));
                if end.is_near() || credits.recv().is_err() {
                    return;
                }
                correlation = correlation.wrapping_add(1);
                let when = intended.unwrap_or_else(Instant::now);
                if sent.send(when).is_err() {
                    return;
                }
                if let Err(error) = sending.send(frame.for_partition(partition, correlation)) {
                    end.fail(error);
                    return;
                }
            }
        }));
    }
    Ok(load)
}

/// The kernel may wake a sleeper late by its slack, 50 us by default: a latency that is not the broker's.
fn exact_timers() {
    let least = std::num::NonZeroU64::MIN;
    // Without it times are a little less exact.
    rustix::thread::set_current_timer_slack(Some(least)).unwrap_or_default();
}

struct Outgoing {
    frame: Vec<u8>,
    partition_at: usize,
}

impl Outgoing {
    fn for_partition(&mut self, partition: i32, correlation: i32) -> &[u8] {
        let at = self.partition_at;
        self.frame[at..at + 4].copy_from_slice(&partition.to_be_bytes());
        self.frame[CORRELATION_AT..CORRELATION_AT + 4].copy_from_slice(&correlation.to_be_bytes());
        &self.frame
    }
}

/// Times at which batches are to be sent.
struct Pace {
    interval: Duration,
    next: Instant,
}

impl Pace {
    /// Waits for the next time; returns it, however late it has become.
    fn wait(&mut self, end: &End) -> Instant {
        let intended = self.next;
        self.next += self.interval;
        loop {
            let left = intended.saturating_duration_since(Instant::now());
            if left.is_zero() || end.is_near() {
                return intended;
            }
            // A load at a low rate must not hold up the end.
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
    }
}

struct Answers {
    connection: Connection,
    gauge: Arc<Gauge>,
    records: u64,
    bytes: u64,
}

impl Answers {
    fn run(mut self, due: &Receiver<Instant>, credit: &Sender<()>, end: &End) {
        let mut buffer = Vec::new();
        while let Ok(sent) = due.recv() {
            let answered = self.connection.receive(&mut buffer);
            let now = Instant::now();
            match answered.and_then(|()| acknowledged(&buffer, self.connection.address())) {
                Ok(()) => {
                    self.gauge.done(self.records, self.bytes, now.saturating_duration_since(sent));
                }
                Err(error) => {
                    end.fail(error);
                    return;
                }
            }
            if credit.send(()).is_err() {
                return;
            }
        }
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
