//! `ringlog produce`.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use ringlog_engine::batch::Compression;

use super::arguments::{AcksWanted, Codec, Produce};
use super::delimiter::{find, next_record, unescape};
use super::error::CliError;
use crate::client::{Acks, Client, OwnedRecord, Partitioning, Producer, ProducerOptions, wall_ms};

/// Records that are read ahead of sending.
const READ_AHEAD: usize = 1024;
/// Bytes that batches carry beside keys and values, at most: a limit on options, not on records.
const BATCH_BYTES_MAX: usize = 100_000_000;

pub(super) fn run(arguments: Produce) -> Result<(), CliError> {
    let shape = Shape::new(&arguments)?;
    let input: Option<Box<dyn BufRead + Send>> = match &arguments.lines {
        _ if !arguments.files.is_empty() => None,
        Some(path) => {
            let file =
                File::open(path).map_err(|error| CliError::File { path: path.clone(), error })?;
            Some(Box::new(BufReader::with_capacity(256 << 10, file)))
        }
        None => Some(Box::new(BufReader::with_capacity(64 << 10, io::stdin()))),
    };
    let mut client = Client::connect(arguments.connect.options())?;
    let options = ProducerOptions {
        acks: match arguments.acks {
            AcksWanted::All => Acks::All,
            AcksWanted::One => Acks::Leader,
            AcksWanted::Zero => Acks::None,
        },
        compression: match arguments.compression {
            Codec::None => Compression::None,
            Codec::Gzip => Compression::Gzip,
            Codec::Snappy => Compression::Snappy,
            Codec::Lz4 => Compression::Lz4,
            Codec::Zstd => Compression::Zstd,
        },
        batch_bytes: usize::try_from(arguments.batch_bytes).unwrap_or(BATCH_BYTES_MAX),
        partitioning: arguments.partition.map_or(Partitioning::ByKey, Partitioning::Fixed),
        idempotent: !arguments.no_idempotence,
    };
    let mut producer = Producer::new(&mut client, &arguments.topic, options)?;
    let count = arguments.count.unwrap_or(u64::MAX);
    match input {
        None => {
            for path in arguments.files.iter().take(usize::try_from(count).unwrap_or(usize::MAX)) {
                let bytes = std::fs::read(path)
                    .map_err(|error| CliError::File { path: path.clone(), error })?;
                producer.send(&mut client, &shape.record(bytes))?;
            }
        }
        Some(input) => {
            let (sender, receiver) = sync_channel(READ_AHEAD);
            let delimiter = shape.delimiter.clone();
            // Reading may block for ever; batches must leave all the same.
            std::thread::spawn(move || read(input, &delimiter, count, &sender));
            send(&mut client, &mut producer, &shape, &receiver, arguments.linger)?;
        }
    }
    producer.flush(&mut client)?;
    Ok(())
}

/// Hands on record after record, and an error at last.
fn read(
    mut input: Box<dyn BufRead + Send>,
    delimiter: &[u8],
    count: u64,
    sender: &SyncSender<io::Result<Vec<u8>>>,
) {
    for _ in 0..count {
        let record = match next_record(&mut input, delimiter) {
            Ok(None) => return,
            Ok(Some(record)) => Ok(record),
            Err(error) => Err(error),
        };
        let failed = record.is_err();
        if sender.send(record).is_err() || failed {
            return;
        }
    }
}

fn send(
    client: &mut Client,
    producer: &mut Producer,
    shape: &Shape,
    receiver: &Receiver<io::Result<Vec<u8>>>,
    linger_ms: u64,
) -> Result<(), CliError> {
    let linger = Duration::from_millis(linger_ms);
    loop {
        let bytes = match receiver.recv_timeout(linger) {
            Ok(bytes) => bytes,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {
                producer.flush(client)?;
                match receiver.recv() {
                    Ok(bytes) => bytes,
                    Err(_) => return Ok(()),
                }
            }
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                producer.flush(client)?;
                return Err(CliError::Failed(format!("cannot read the input: {error}")));
            }
        };
        producer.send(client, &shape.record(bytes))?;
    }
}

/// A header of every record.
type Header = (Vec<u8>, Option<Vec<u8>>);

/// How bytes become a record.
struct Shape {
    delimiter: Vec<u8>,
    key_delimiter: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    headers: Vec<Header>,
    null: bool,
}

impl Shape {
    fn new(arguments: &Produce) -> Result<Self, CliError> {
        let unescape = |option: &str, text: &str| {
            unescape(text).map_err(|why| CliError::Usage(format!("{option}: {why}")))
        };
        let headers = arguments.header.iter().map(|header| match header.split_once('=') {
            Some((name, value)) => (name.as_bytes().to_vec(), Some(value.as_bytes().to_vec())),
            None => (header.as_bytes().to_vec(), None),
        });
        Ok(Self {
            delimiter: unescape("--delimiter", &arguments.delimiter)?,
            key_delimiter: arguments
                .key_delimiter
                .as_deref()
                .map(|text| unescape("--key-delimiter", text))
                .transpose()?,
            key: arguments.key.as_ref().map(|key| key.as_bytes().to_vec()),
            headers: headers.collect(),
            null: arguments.null,
        })
    }

    fn record(&self, bytes: Vec<u8>) -> OwnedRecord {
        let at = self.key_delimiter.as_ref().and_then(|delimiter| find(&bytes, delimiter));
        let (key, value) = match (at, &self.key_delimiter) {
            (Some(at), Some(delimiter)) => {
                let value = bytes.get(at + delimiter.len()..).unwrap_or_default().to_vec();
                (bytes.get(..at).map(<[u8]>::to_vec), value)
            }
            _ => (self.key.clone(), bytes),
        };
        let not_null = |bytes: &Vec<u8>| !(self.null && bytes.is_empty());
        OwnedRecord {
            timestamp: wall_ms(),
            key: key.filter(not_null),
            value: Some(value).filter(not_null),
            headers: self.headers.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> Shape {
        Shape {
            delimiter: b"\n".to_vec(),
            key_delimiter: Some(b"::".to_vec()),
            key: None,
            headers: vec![(b"h".to_vec(), None)],
            null: false,
        }
    }

    #[test]
    fn a_key_stands_before_its_delimiter() {
        let record = shape().record(b"k::v::w".to_vec());
        assert_eq!(record.key.as_deref(), Some(&b"k"[..]));
        assert_eq!(record.value.as_deref(), Some(&b"v::w"[..]));
        assert_eq!(record.headers.len(), 1);
        assert_eq!(shape().record(b"v".to_vec()).key, None);
    }

    #[test]
    fn empty_is_null_only_when_asked_for() {
        let empty = shape().record(b"::".to_vec());
        assert_eq!(
            (empty.key.as_deref(), empty.value.as_deref()),
            (Some(&b""[..]), Some(&b""[..]))
        );
        let null = Shape { null: true, ..shape() }.record(b"k::".to_vec());
        assert_eq!((null.key.as_deref(), null.value), (Some(&b"k"[..]), None));
    }
}
