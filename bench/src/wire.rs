//! The five requests that a load needs, in versions that every Kafka broker since 2.1 and all of 4.x serve.
//!
//! None of them is a flexible version: fixed widths make frames that can be made once and sent often.

use crate::error::BenchError;

const PRODUCE: (i16, i16) = (0, 7);
const FETCH: (i16, i16) = (1, 10);
const LIST_OFFSETS: (i16, i16) = (2, 4);
const METADATA: (i16, i16) = (3, 7);
const CREATE_TOPICS: (i16, i16) = (19, 3);

const CLIENT_ID: &str = "ringlog-bench";
/// Offset of the correlation id in a frame.
pub(crate) const CORRELATION_AT: usize = 8;
/// Longest text in the few answers that are read, in bytes.
const TEXT_MAX: usize = 64 << 10;

/// A frame being made. Its length is set at the end.
pub(crate) struct Frame(Vec<u8>);

impl Frame {
    fn new((api, version): (i16, i16)) -> Self {
        let mut frame = Self(vec![0; 4]);
        frame.i16(api);
        frame.i16(version);
        frame.i32(0);
        frame.text(CLIENT_ID);
        frame
    }

    fn i8(&mut self, value: i8) {
        self.0.extend(value.to_be_bytes());
    }

    fn i16(&mut self, value: i16) {
        self.0.extend(value.to_be_bytes());
    }

    fn i32(&mut self, value: i32) {
        self.0.extend(value.to_be_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.0.extend(value.to_be_bytes());
    }

    fn text(&mut self, value: &str) {
        self.i16(i16::try_from(value.len()).unwrap_or(i16::MAX));
        self.0.extend(value.as_bytes());
    }

    fn bytes(&mut self, value: &[u8]) {
        self.i32(i32::try_from(value.len()).unwrap_or(i32::MAX));
        self.0.extend(value);
    }

    fn done(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len() - 4).unwrap_or(u32::MAX);
        self.0[..4].copy_from_slice(&length.to_be_bytes());
        self.0
    }
}

/// Metadata of one topic, or of none but the brokers. Never creates it.
pub(crate) fn metadata(topic: Option<&str>) -> Vec<u8> {
    let mut frame = Frame::new(METADATA);
    frame.i32(i32::from(topic.is_some()));
    if let Some(topic) = topic {
        frame.text(topic);
    }
    frame.i8(0);
    frame.done()
}

/// Creation of one topic; `replicas` of -1 is the broker's default (since Kafka 2.4).
pub(crate) fn create_topic(topic: &str, partitions: i32, configs: &[(String, String)]) -> Vec<u8> {
    let mut frame = Frame::new(CREATE_TOPICS);
    frame.i32(1);
    frame.text(topic);
    frame.i32(partitions);
    frame.i16(1);
    frame.i32(0);
    frame.i32(i32::try_from(configs.len()).unwrap_or(i32::MAX));
    for (key, value) in configs {
        frame.text(key);
        frame.text(value);
    }
    frame.i32(30_000);
    frame.i8(0);
    frame.done()
}

/// One batch for one partition.
pub(crate) fn produce(topic: &str, partition: i32, acks: i16, batch: &[u8]) -> Vec<u8> {
    let mut frame = Frame::new(PRODUCE);
    frame.i16(-1);
    frame.i16(acks);
    frame.i32(30_000);
    frame.i32(1);
    frame.text(topic);
    frame.i32(1);
    frame.i32(partition);
    frame.bytes(batch);
    frame.done()
}

/// Records of partitions from given offsets.
pub(crate) fn fetch(topic: &str, positions: &[(i32, i64)], max_bytes: i32) -> Vec<u8> {
    let mut frame = Frame::new(FETCH);
    frame.i32(-1);
    frame.i32(500);
    frame.i32(1);
    frame.i32(max_bytes);
    frame.i8(0);
    // No session.
    frame.i32(0);
    frame.i32(-1);
    frame.i32(1);
    frame.text(topic);
    frame.i32(i32::try_from(positions.len()).unwrap_or(i32::MAX));
    for &(partition, offset) in positions {
        frame.i32(partition);
        frame.i32(-1);
        frame.i64(offset);
        frame.i64(-1);
        frame.i32(max_bytes);
    }
    frame.i32(0);
    frame.done()
}

/// The first (`-2`) or the next (`-1`) offset of partitions.
pub(crate) fn list_offsets(topic: &str, partitions: &[i32], timestamp: i64) -> Vec<u8> {
    let mut frame = Frame::new(LIST_OFFSETS);
    frame.i32(-1);
    frame.i8(0);
    frame.i32(1);
    frame.text(topic);
    frame.i32(i32::try_from(partitions.len()).unwrap_or(i32::MAX));
    for &partition in partitions {
        frame.i32(partition);
        frame.i32(-1);
        frame.i64(timestamp);
    }
    frame.done()
}

/// Reads an answer field by field.
pub(crate) struct Answer<'a> {
    bytes: &'a [u8],
    address: &'a str,
}

type Read<T> = Result<T, BenchError>;

impl<'a> Answer<'a> {
    /// An answer without its length, from the correlation id on.
    pub(crate) fn new(frame: &'a [u8], address: &'a str) -> Read<Self> {
        let mut answer = Self { bytes: frame, address };
        answer.i32()?;
        Ok(answer)
    }

    pub(crate) fn wrong(&self, why: &'static str) -> BenchError {
        BenchError::Answer { address: self.address.to_owned(), why }
    }

    pub(crate) fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (taken, rest) =
            self.bytes.split_at_checked(count).ok_or_else(|| self.wrong("it ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.wrong("it ends too early"))
    }

    pub(crate) fn bool(&mut self) -> Read<bool> {
        Ok(self.array::<1>()?[0] != 0)
    }

    pub(crate) fn i16(&mut self) -> Read<i16> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    pub(crate) fn i32(&mut self) -> Read<i32> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    pub(crate) fn i64(&mut self) -> Read<i64> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    /// Elements of an array that follow; what is absent has none.
    pub(crate) fn count(&mut self) -> Read<usize> {
        let count = usize::try_from(self.i32()?.max(0)).unwrap_or(usize::MAX);
        if count > self.bytes.len() {
            return Err(self.wrong("it counts more elements than it has bytes"));
        }
        Ok(count)
    }

    pub(crate) fn text(&mut self) -> Read<&'a str> {
        let length = usize::try_from(self.i16()?.max(0)).unwrap_or(0).min(TEXT_MAX);
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.wrong("a text is not UTF-8"))
    }

    pub(crate) fn bytes(&mut self) -> Read<&'a [u8]> {
        let length = usize::try_from(self.i32()?.max(0)).unwrap_or(usize::MAX);
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, metadata, produce};

    #[test]
    fn a_frame_begins_with_its_length_and_names_its_api() {
        let frame = metadata(Some("t"));
        assert_eq!(frame[..4], (frame.len() as u32 - 4).to_be_bytes());
        assert_eq!(frame[4..8], [0, 3, 0, 7]);
    }

    #[test]
    fn a_produce_frame_ends_with_its_batch() {
        assert!(produce("t", 0, -1, b"a batch").ends_with(b"\0\0\0\x07a batch"));
    }

    #[test]
    fn a_short_answer_is_an_error_that_names_the_broker() {
        let mut answer = Answer::new(&[0, 0, 0, 1, 0], "host:1").unwrap();
        let error = answer.i16().unwrap_err().to_string();
        assert!(error.contains("host:1") && error.contains("ends too early"), "{error}");
    }
}
