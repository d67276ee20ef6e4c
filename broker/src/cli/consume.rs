//! `ringlog consume`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::arguments::Consume;
use super::delimiter::unescape;
use super::error::CliError;
use super::layout::{Format, Layout};
use super::output::out;
use crate::client::{Client, Consumer, ConsumerOptions, Deadline, Member, Start, TopicPartition};

/// How long a fetch waits for records.
const FETCH_WAIT: Duration = Duration::from_millis(500);
/// Time after which a silent member leaves its group.
const SESSION_TIMEOUT: Duration = Duration::from_secs(45);
/// Time between two commits of a member.
const COMMIT_INTERVAL: Duration = Duration::from_secs(5);

pub(super) fn run(arguments: Consume) -> Result<(), CliError> {
    let layout = layout(&arguments)?;
    let mut client = Client::connect(arguments.connect.options())?;
    let topics: BTreeSet<String> = arguments.topics.iter().cloned().collect();
    let mut consumer = Consumer::new(ConsumerOptions {
        partition_bytes: arguments.fetch_bytes,
        read_committed: !arguments.uncommitted,
        ..ConsumerOptions::default()
    });
    let mut printer =
        Printer { layout, out: out(), left: arguments.count.unwrap_or(u64::MAX), failed: None };
    match &arguments.group {
        None => {
            let mut starts = Vec::new();
            for topic in &topics {
                let all = client.topic(topic, false)?.partitions;
                let all: BTreeSet<i32> = all.iter().map(|partition| partition.index).collect();
                let wanted = if arguments.partitions.is_empty() {
                    all.clone()
                } else {
                    arguments.partitions.iter().copied().collect()
                };
                if let Some(missing) = wanted.difference(&all).next() {
                    let why =
                        format!("topic {topic} has {} partitions, from 0: no {missing}", all.len());
                    return Err(CliError::Failed(why));
                }
                starts.extend(wanted.into_iter().map(|p| ((topic.clone(), p), arguments.offset)));
            }
            consumer.assign(&mut client, &starts)?;
            alone(&mut client, &mut consumer, &mut printer, arguments.exit)
        }
        Some(group) => {
            let topics: Vec<String> = topics.into_iter().collect();
            for topic in &topics {
                client.topic(topic, false)?;
            }
            in_group(&mut client, &mut consumer, &mut printer, group, &topics, &arguments)
        }
    }
}

fn alone(
    client: &mut Client,
    consumer: &mut Consumer,
    printer: &mut Printer,
    exit: bool,
) -> Result<(), CliError> {
    loop {
        if printer.left == 0 {
            return Ok(());
        }
        let flow = consumer.poll(client, FETCH_WAIT, |record| printer.print(&record))?;
        printer.finish()?;
        if flow.is_break() || (exit && consumer.is_at_end()) {
            return Ok(());
        }
    }
}

/// As [`alone`], with partitions that the group gives and offsets that it keeps. SIGINT and SIGTERM
/// end it in order: what was printed is committed, and the group is left.
fn in_group(
    client: &mut Client,
    consumer: &mut Consumer,
    printer: &mut Printer,
    group: &str,
    topics: &[String],
    arguments: &Consume,
) -> Result<(), CliError> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    let mut member = Member::join(client, group, topics, SESSION_TIMEOUT)?;
    let mut committed = assign(client, consumer, &member, group, arguments.offset)?;
    let mut next_commit = Deadline::after(COMMIT_INTERVAL);
    let done = loop {
        if printer.left == 0 || stop.load(Ordering::Relaxed) {
            break Ok(());
        }
        let polled = consumer.poll(client, FETCH_WAIT, |record| printer.print(&record));
        let flow = match polled {
            Ok(flow) => flow,
            Err(error) => break Err(CliError::from(error)),
        };
        if let Err(error) = printer.finish() {
            break Err(error);
        }
        if flow.is_break() || (arguments.exit && consumer.is_at_end()) {
            break Ok(());
        }
        if next_commit.is_over() {
            next_commit = Deadline::after(COMMIT_INTERVAL);
            commit(client, consumer, &member, &mut committed)?;
        }
        if member.heartbeat(client)? {
            commit(client, consumer, &member, &mut committed)?;
            member.rejoin(client)?;
            committed = assign(client, consumer, &member, group, arguments.offset)?;
        }
    };
    // What was printed counts as read, whatever else went wrong.
    commit(client, consumer, &member, &mut committed)?;
    member.leave(client)?;
    done
}

/// Begins where the group stands. Returns the positions, which need not be committed again.
fn assign(
    client: &mut Client,
    consumer: &mut Consumer,
    member: &Member,
    group: &str,
    start: Start,
) -> Result<BTreeMap<TopicPartition, i64>, CliError> {
    let offsets = client.group_offsets(group)?;
    let committed: BTreeMap<_, _> =
        offsets.into_iter().map(|offset| (offset.partition, offset.offset)).collect();
    let starts: Vec<(TopicPartition, Start)> = member
        .assignment()
        .iter()
        .map(|partition| {
            let start = committed.get(partition).map_or(start, |offset| Start::Offset(*offset));
            (partition.clone(), start)
        })
        .collect();
    consumer.assign(client, &starts)?;
    Ok(committed)
}

/// Commits the positions that have moved.
fn commit(
    client: &mut Client,
    consumer: &Consumer,
    member: &Member,
    committed: &mut BTreeMap<TopicPartition, i64>,
) -> Result<(), CliError> {
    let mut moved = consumer.positions();
    moved.retain(|partition, offset| committed.get(partition) != Some(offset));
    member.commit(client, &moved)?;
    committed.extend(moved);
    Ok(())
}

fn layout(arguments: &Consume) -> Result<Layout, CliError> {
    if arguments.json || arguments.format.as_deref() == Some("json") {
        return Ok(Layout::Json);
    }
    let usage = |option: &str, why: String| CliError::Usage(format!("{option}: {why}"));
    if let Some(format) = &arguments.format {
        let format = Format::parse(format, arguments.null).map_err(|why| usage("--format", why))?;
        return Ok(Layout::Format(format));
    }
    let delimiter = unescape(&arguments.delimiter).map_err(|why| usage("--delimiter", why))?;
    let key = arguments.key_delimiter.as_deref().map(unescape).transpose();
    let key = key.map_err(|why| usage("--key-delimiter", why))?;
    Ok(Layout::Format(Format::plain(key.as_deref(), &delimiter, arguments.null)))
}

/// Prints records until there are enough, or nobody reads them.
struct Printer {
    layout: Layout,
    out: io::BufWriter<io::StdoutLock<'static>>,
    left: u64,
    failed: Option<io::Error>,
}

impl Printer {
    fn print(&mut self, record: &crate::client::FetchedRecord<'_>) -> ControlFlow<()> {
        if let Err(error) = self.layout.write(&mut self.out, record) {
            self.failed = Some(error);
            return ControlFlow::Break(());
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Hands on what was printed, so that it is seen at once.
    fn finish(&mut self) -> Result<(), CliError> {
        match self.failed.take() {
            Some(error) => Err(error.into()),
            None => Ok(self.out.flush()?),
        }
    }
}
