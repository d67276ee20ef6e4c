//! Writes the primitive types of the protocol, and collects record bytes without copying them.

use ringlog_engine::arena::Slice;

use super::error::EncodeError;
use super::format::Format;
use super::uuid::Uuid;

/// Record batches as they go on the wire: pieces of memory, one behind the other.
pub type Records = Vec<Slice>;

/// Collects the bytes of one message. Record batches are not copied: the writer remembers between
/// which of its own bytes they belong, and [`Writer::finish`] gives the whole as a list of pieces.
#[derive(Debug, Default)]
pub struct Writer {
    own: Vec<u8>,
    /// Pieces of others, each with the offset in `own` that it goes before; offsets never decrease.
    others: Vec<(usize, Slice)>,
    others_bytes: usize,
    framed: bool,
}

/// A tagged field that was begun, see [`Writer::begin_tag`].
#[derive(Debug)]
#[must_use = "a tagged field that is begun must be ended"]
pub struct Tag {
    own: usize,
    others: usize,
    others_bytes: usize,
}

impl Writer {
    /// A writer of a bare message: the key or value of a record, for example.
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer of a frame for the network: it will begin with its length (four bytes).
    pub fn framed() -> Self {
        // Most responses fit: one allocation instead of six.
        let mut own = Vec::with_capacity(256);
        own.extend_from_slice(&[0; 4]);
        Self { own, framed: true, ..Self::default() }
    }

    /// Bytes written, with those of record batches and with the length of the frame.
    pub fn len(&self) -> usize {
        self.own.len() + self.others_bytes
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pieces to send, in order: its own bytes in heap memory, record batches where they are.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`] when a frame is larger than its length can say.
    pub fn finish(self) -> Result<Vec<Slice>, EncodeError> {
        self.finish_in(Slice::copy_small)
    }

    /// The same with the caller's choice of memory for the writer's own bytes: `place` is called
    /// once and copies them, into an arena for example.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`] when a frame is larger than its length can say.
    pub fn finish_in(
        mut self,
        place: impl FnOnce(&[u8]) -> Slice,
    ) -> Result<Vec<Slice>, EncodeError> {
        self.set_frame_length()?;
        let own = place(&self.own);
        if self.others.is_empty() {
            return Ok(vec![own]);
        }
        let mut pieces = Vec::with_capacity(self.others.len() * 2 + 1);
        let mut done = 0;
        for (at, other) in self.others {
            if at > done {
                pieces.push(own.slice(done..at));
                done = at;
            }
            pieces.push(other);
        }
        if own.len() > done {
            pieces.push(own.slice(done..));
        }
        Ok(pieces)
    }

    /// All bytes in one vector, record batches copied: for records, tests and cold paths.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`] when a frame is larger than its length can say.
    pub fn into_bytes(mut self) -> Result<Vec<u8>, EncodeError> {
        self.set_frame_length()?;
        if self.others.is_empty() {
            return Ok(self.own);
        }
        let mut bytes = Vec::with_capacity(self.len());
        let mut own = self.own.as_slice();
        let mut done = 0;
        for (at, other) in &self.others {
            let (head, rest) = own.split_at(at - done);
            bytes.extend_from_slice(head);
            bytes.extend_from_slice(other);
            (own, done) = (rest, *at);
        }
        bytes.extend_from_slice(own);
        Ok(bytes)
    }

    fn set_frame_length(&mut self) -> Result<(), EncodeError> {
        if !self.framed {
            return Ok(());
        }
        let length = signed(self.len() - 4)?;
        if let Some(prefix) = self.own.first_chunk_mut::<4>() {
            *prefix = length.to_be_bytes();
        }
        Ok(())
    }

    /// Bytes as they are, without a length.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.own.extend_from_slice(bytes);
    }

    /// One byte, 0 or 1.
    pub fn bool(&mut self, value: bool) {
        self.own.push(u8::from(value));
    }

    /// A signed byte.
    pub fn i8(&mut self, value: i8) {
        self.raw(&value.to_be_bytes());
    }

    /// Two bytes, signed, big end first (as all that follow).
    pub fn i16(&mut self, value: i16) {
        self.raw(&value.to_be_bytes());
    }

    /// Two bytes, unsigned.
    pub fn u16(&mut self, value: u16) {
        self.raw(&value.to_be_bytes());
    }

    /// Four bytes, signed.
    pub fn i32(&mut self, value: i32) {
        self.raw(&value.to_be_bytes());
    }

    /// Four bytes, unsigned.
    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_be_bytes());
    }

    /// Eight bytes, signed.
    pub fn i64(&mut self, value: i64) {
        self.raw(&value.to_be_bytes());
    }

    /// Eight bytes, IEEE 754.
    pub fn f64(&mut self, value: f64) {
        self.raw(&value.to_be_bytes());
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self, value: Uuid) {
        self.raw(&value.0);
    }

    /// An unsigned variable-length integer.
    pub fn uvarint(&mut self, value: u32) {
        let (bytes, len) = uvarint(value);
        self.own.extend(bytes.iter().take(len));
    }

    /// A string.
    pub fn string(&mut self, value: &str, f: Format) -> Result<(), EncodeError> {
        if f.flexible {
            self.uvarint(plus_one(value.len())?);
        } else {
            let too_long = EncodeError::TooLong { length: value.len(), max: i16::MAX as usize };
            self.i16(i16::try_from(value.len()).map_err(|_| too_long)?);
        }
        self.raw(value.as_bytes());
        Ok(())
    }

    /// A string or null.
    pub fn nullable_string(&mut self, value: Option<&str>, f: Format) -> Result<(), EncodeError> {
        match value {
            Some(value) => return self.string(value, f),
            None if f.flexible => self.uvarint(0),
            None => self.i16(-1),
        }
        Ok(())
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8], f: Format) -> Result<(), EncodeError> {
        self.count(value.len(), f)?;
        self.raw(value);
        Ok(())
    }

    /// A byte string or null.
    pub fn nullable_bytes(&mut self, value: Option<&[u8]>, f: Format) -> Result<(), EncodeError> {
        match value {
            Some(value) => self.bytes(value, f),
            None => {
                self.null(f);
                Ok(())
            }
        }
    }

    /// Record batches, which are not copied.
    pub fn records(&mut self, value: &[Slice], f: Format) -> Result<(), EncodeError> {
        self.count(value.iter().map(|piece| piece.len()).sum(), f)?;
        for piece in value.iter().filter(|piece| !piece.is_empty()) {
            self.others_bytes += piece.len();
            self.others.push((self.own.len(), piece.clone()));
        }
        Ok(())
    }

    /// Record batches or null.
    pub fn nullable_records(
        &mut self,
        value: Option<&[Slice]>,
        f: Format,
    ) -> Result<(), EncodeError> {
        match value {
            Some(value) => self.records(value, f),
            None => {
                self.null(f);
                Ok(())
            }
        }
    }

    /// The count of an array's elements, or the length of a byte string.
    pub fn count(&mut self, count: usize, f: Format) -> Result<(), EncodeError> {
        if f.flexible {
            self.uvarint(plus_one(count)?);
        } else {
            self.i32(signed(count)?);
        }
        Ok(())
    }

    /// Null in place of an array or a byte string.
    pub fn null(&mut self, f: Format) {
        if f.flexible {
            self.uvarint(0);
        } else {
            self.i32(-1);
        }
    }

    /// Whether a nullable struct follows.
    pub fn present(&mut self, present: bool) {
        self.i8(if present { 1 } else { -1 });
    }

    /// Begins a tagged field; write its content, then [`Writer::end_tag`].
    pub fn begin_tag(&mut self, tag: u32) -> Tag {
        self.uvarint(tag);
        Tag { own: self.own.len(), others: self.others.len(), others_bytes: self.others_bytes }
    }

    /// Ends a tagged field: puts its size, now known, in front of its content.
    pub fn end_tag(&mut self, tag: Tag) -> Result<(), EncodeError> {
        let size = self.own.len() - tag.own + self.others_bytes - tag.others_bytes;
        let (bytes, len) = uvarint(signed(size)? as u32);
        self.own.splice(tag.own..tag.own, bytes.into_iter().take(len));
        for (at, _) in self.others.iter_mut().skip(tag.others) {
            *at += len;
        }
        Ok(())
    }
}

/// The bytes of a variable-length integer, and how many of them count.
fn uvarint(mut value: u32) -> ([u8; 5], usize) {
    let mut bytes = [0; 5];
    let mut len = 0;
    for byte in &mut bytes {
        len += 1;
        *byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            break;
        }
        *byte |= 0x80;
    }
    (bytes, len)
}

fn signed(length: usize) -> Result<i32, EncodeError> {
    i32::try_from(length).map_err(|_| EncodeError::TooLong { length, max: i32::MAX as usize })
}

fn plus_one(length: usize) -> Result<u32, EncodeError> {
    Ok(signed(length)? as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Reader;

    const RIGID: Format = Format { version: 0, flexible: false };
    const FLEXIBLE: Format = Format { version: 0, flexible: true };

    fn joined(pieces: &[Slice]) -> Vec<u8> {
        pieces.iter().flat_map(|piece| piece.iter().copied()).collect()
    }

    #[test]
    fn varints_are_as_short_as_can_be() {
        for value in [0, 1, 127, 128, 16_383, 16_384, 1 << 21, (1 << 28) - 1, 1 << 28, u32::MAX] {
            let mut w = Writer::new();
            w.uvarint(value);
            let bytes = w.into_bytes().unwrap();
            assert_eq!(bytes.len(), (32 - value.leading_zeros()).max(1).div_ceil(7) as usize);
            assert_eq!(Reader::new(&bytes).uvarint(), Ok(value));
        }
    }

    #[test]
    fn record_bytes_are_handed_on_and_not_copied() {
        let first = Slice::copy_from(b"first");
        let second = Slice::copy_from(b"second");
        let mut w = Writer::framed();
        w.i8(1);
        w.records(&[first.clone(), Slice::empty(), second.clone()], RIGID).unwrap();
        w.records(std::slice::from_ref(&second), FLEXIBLE).unwrap();
        w.i8(2);
        assert_eq!(w.len(), 4 + 1 + 4 + 11 + 1 + 6 + 1);
        let pieces = w.finish().unwrap();
        let expected = b"\0\0\0\x18\x01\0\0\0\x0bfirstsecond\x07second\x02";
        assert_eq!(joined(&pieces), expected);
        assert_eq!(pieces.len(), 6);
        assert_eq!(pieces[1].as_ptr(), first.as_ptr());
        assert_eq!(pieces[2].as_ptr(), second.as_ptr());
    }

    #[test]
    fn tagged_fields_may_hold_record_bytes() {
        let mut w = Writer::new();
        w.records(&[Slice::copy_from(b"before")], FLEXIBLE).unwrap();
        let tag = w.begin_tag(3);
        w.i8(9);
        w.records(&[Slice::copy_from(&[7; 200])], FLEXIBLE).unwrap();
        w.end_tag(tag).unwrap();
        w.i8(8);
        let pieces = w.finish().unwrap();
        let expected = [&b"\x07before\x03\xcb\x01\x09\xc9\x01"[..], &[7; 200], &[8]].concat();
        assert_eq!(joined(&pieces), expected);
    }

    #[test]
    fn both_ways_to_finish_give_the_same_bytes() {
        let write = || {
            let mut w = Writer::framed();
            w.records(&[Slice::copy_from(b"ab"), Slice::copy_from(b"c")], RIGID).unwrap();
            w
        };
        assert_eq!(write().into_bytes().unwrap(), joined(&write().finish().unwrap()));
    }

    #[test]
    fn strings_too_long_for_their_length_field_are_refused() {
        let long = "a".repeat(32_768);
        let mut w = Writer::new();
        let max = i16::MAX as usize;
        let refused = Err(EncodeError::TooLong { length: 32_768, max });
        assert_eq!(w.string(&long, RIGID), refused);
        assert_eq!(w.string(&long[1..], RIGID), Ok(()));
        assert_eq!(w.string(&long, FLEXIBLE), Ok(()));
    }
}
