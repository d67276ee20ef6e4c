//! A checkpoint's contents for who only wants to look at them.

use super::LogId;
use super::checkpoint::Checkpoint;

/// What a checkpoint of a directory or a journal says.
#[derive(Clone, Debug)]
pub(crate) struct CheckpointFacts {
    /// Random id of the directory.
    pub(crate) directory: [u8; 16],
    /// Starts of the directory.
    pub(crate) generation: u64,
    /// Incarnation of the journal; zeros for the directory's.
    pub(crate) journal: [u8; 16],
    /// First frame that is needed.
    pub(crate) floor: u64,
    /// Last frame that was durable.
    pub(crate) mark: u64,
    /// The journal was stopped in order.
    pub(crate) clean: bool,
    /// Logs deleted since the directory's checkpoint.
    pub(crate) deleted: usize,
    /// Its logs.
    pub(crate) logs: Vec<LogFacts>,
}

/// What a checkpoint says of a log.
#[derive(Clone, Debug)]
pub(crate) struct LogFacts {
    pub(crate) id: LogId,
    pub(crate) name: String,
    pub(crate) topic_id: [u8; 16],
    pub(crate) partition: i32,
    pub(crate) log_start_offset: i64,
    pub(crate) next_offset: i64,
    pub(crate) durable_segment: i64,
    pub(crate) durable_position: u64,
    pub(crate) segments: usize,
    pub(crate) producers: usize,
    pub(crate) epochs: usize,
    pub(crate) faulty_ranges: usize,
    pub(crate) cuts: u32,
}

/// Reads a checkpoint.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn describe_checkpoint(bytes: &[u8]) -> Result<CheckpointFacts, String> {
    let checkpoint = Checkpoint::decode(bytes)?;
    let logs = checkpoint.logs.into_iter().map(|log| LogFacts {
        id: log.id,
        topic_id: log.topic_id,
        partition: log.partition,
        log_start_offset: log.log_start,
        next_offset: log.next_offset,
        durable_segment: log.durable.segment,
        durable_position: log.durable.position,
        segments: log.segments.len(),
        producers: log.producers.len(),
        epochs: log.epochs.len(),
        faulty_ranges: log.faulty.len(),
        cuts: log.cuts,
        name: log.name,
    });
    Ok(CheckpointFacts {
        directory: checkpoint.directory,
        generation: checkpoint.generation,
        journal: checkpoint.journal,
        floor: checkpoint.floor,
        mark: checkpoint.mark,
        clean: checkpoint.clean,
        deleted: checkpoint.deleted.len(),
        logs: logs.collect(),
    })
}
