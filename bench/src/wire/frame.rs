//! The requests of a load, in versions that every Kafka broker since 2.1 and all of 4.x serve.
//!
//! None but ApiVersions is a flexible version: fixed widths make frames that can be made once and sent often.

use crate::scenario::Topic;

const PRODUCE: (i16, i16) = (0, 7);
const FETCH: (i16, i16) = (1, 10);
const LIST_OFFSETS: (i16, i16) = (2, 4);
const METADATA: (i16, i16) = (3, 7);
const API_VERSIONS: (i16, i16) = (18, 3);
const CREATE_TOPICS: (i16, i16) = (19, 3);

const CLIENT_ID: &str = "ringlog-bench";
/// Offset of the correlation id in a frame.
pub(crate) const CORRELATION_AT: usize = 8;

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

/// What the broker serves, and the features that its cluster has finalised (KIP-584).
pub(crate) fn api_versions() -> Vec<u8> {
    let mut frame = Frame::new(API_VERSIONS);
    // The header is flexible too: no tags, then software name and version, then no tags.
    frame.i8(0);
    for text in [CLIENT_ID, env!("CARGO_PKG_VERSION")] {
        frame.i8(i8::try_from(text.len() + 1).unwrap_or(i8::MAX));
        frame.0.extend(text.as_bytes());
    }
    frame.i8(0);
    frame.done()
}

/// Creation of one topic.
pub(crate) fn create_topic(topic: &Topic) -> Vec<u8> {
    let mut frame = Frame::new(CREATE_TOPICS);
    frame.i32(1);
    frame.text(&topic.name);
    frame.i32(i32::try_from(topic.partitions).unwrap_or(i32::MAX));
    frame.i16(i16::try_from(topic.replicas).unwrap_or(i16::MAX));
    frame.i32(0);
    frame.i32(i32::try_from(topic.config.len()).unwrap_or(i32::MAX));
    for (key, value) in &topic.config {
        frame.text(key);
        frame.text(value);
    }
    frame.i32(30_000);
    frame.i8(0);
    frame.done()
}

/// What comes before the batch in a produce request for one partition. Its last eight bytes are the partition
/// and the length of the batch; they and the length of the frame are set for each batch.
pub(crate) fn produce_head(topic: &str, acks: i16) -> Vec<u8> {
    let mut frame = Frame::new(PRODUCE);
    frame.i16(-1);
    frame.i16(acks);
    frame.i32(30_000);
    frame.i32(1);
    frame.text(topic);
    frame.i32(1);
    frame.i32(0);
    frame.i32(0);
    frame.done()
}

/// A request for records of partitions, and where in it the offsets to begin at are, to be set each time.
pub(crate) fn fetch(topic: &str, partitions: &[i32], max_bytes: i32) -> (Vec<u8>, Vec<usize>) {
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
    frame.i32(i32::try_from(partitions.len()).unwrap_or(i32::MAX));
    let mut offsets_at = Vec::with_capacity(partitions.len());
    for &partition in partitions {
        frame.i32(partition);
        frame.i32(-1);
        offsets_at.push(frame.0.len());
        frame.i64(0);
        frame.i64(-1);
        frame.i32(max_bytes);
    }
    frame.i32(0);
    (frame.done(), offsets_at)
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

#[cfg(test)]
mod tests {
    use super::{api_versions, fetch, metadata, produce_head};

    #[test]
    fn a_frame_begins_with_its_length_and_names_its_api() {
        for (frame, api) in [(metadata(Some("t")), [0, 3, 0, 7]), (api_versions(), [0, 18, 0, 3])] {
            assert_eq!(frame[..4], (frame.len() as u32 - 4).to_be_bytes());
            assert_eq!(frame[4..8], api);
        }
    }

    #[test]
    fn a_produce_head_ends_with_partition_and_length() {
        assert!(produce_head("t", -1).ends_with(b"\0\x01t\0\0\0\x01\0\0\0\0\0\0\0\0"));
    }

    #[test]
    fn offsets_of_a_fetch_are_where_it_says() {
        let (frame, at) = fetch("t", &[3, 4], 1 << 20);
        assert_eq!(at[1] - at[0], 28);
        assert_eq!(
            frame[at[1] - 8..at[1] + 8],
            [0, 0, 0, 4, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]
        );
    }
}
