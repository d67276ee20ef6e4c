//! Reads the primitive types of the protocol out of received bytes, without copying any.

use super::error::{DecodeError, DecodeErrorKind};
use super::format::Format;
use super::uuid::Uuid;

/// A cursor over the bytes of one message. Every method either moves behind one value or fails; none
/// allocates. Errors carry the offset; whose bytes they were is added by [`super::Message::decode`].
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Offset of `rest`'s end in the message: keeps offsets right in the reader of a tagged field.
    end: usize,
}

type Result<T> = std::result::Result<T, DecodeError>;

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, end: bytes.len() }
    }

    /// The bytes not yet read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// How many bytes are not yet read.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Offset of the next byte in the message.
    pub fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// An error at the present offset.
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { message: "message", version: 0, offset: self.offset(), kind }
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        match self.rest.split_at_checked(n) {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(head)
            }
            None => {
                Err(self.error(DecodeErrorKind::Truncated { wanted: n, left: self.rest.len() }))
            }
        }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        match self.rest.split_first_chunk::<N>() {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(*head)
            }
            None => {
                Err(self.error(DecodeErrorKind::Truncated { wanted: N, left: self.rest.len() }))
            }
        }
    }

    /// A boolean: any byte but zero is true, as in Kafka.
    pub fn bool(&mut self) -> Result<bool> {
        Ok(self.i8()? != 0)
    }

    /// A signed byte.
    pub fn i8(&mut self) -> Result<i8> {
        self.fixed().map(i8::from_be_bytes)
    }

    /// Two bytes, signed, big end first (as all that follow).
    pub fn i16(&mut self) -> Result<i16> {
        self.fixed().map(i16::from_be_bytes)
    }

    /// Two bytes, unsigned.
    pub fn u16(&mut self) -> Result<u16> {
        self.fixed().map(u16::from_be_bytes)
    }

    /// Four bytes, signed.
    pub fn i32(&mut self) -> Result<i32> {
        self.fixed().map(i32::from_be_bytes)
    }

    /// Four bytes, unsigned.
    pub fn u32(&mut self) -> Result<u32> {
        self.fixed().map(u32::from_be_bytes)
    }

    /// Eight bytes, signed.
    pub fn i64(&mut self) -> Result<i64> {
        self.fixed().map(i64::from_be_bytes)
    }

    /// Eight bytes, IEEE 754.
    pub fn f64(&mut self) -> Result<f64> {
        self.fixed().map(f64::from_be_bytes)
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self) -> Result<Uuid> {
        self.fixed().map(Uuid)
    }

    /// An unsigned variable-length integer of at most 32 bits (five bytes).
    pub fn uvarint(&mut self) -> Result<u32> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let [byte] = self.fixed()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0x0f {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.error(DecodeErrorKind::VarintTooLong))
    }

    /// A string.
    pub fn string(&mut self, f: Format) -> Result<&'a str> {
        self.nullable_string(f)?.ok_or_else(|| self.error(DecodeErrorKind::UnexpectedNull))
    }

    /// A string or null.
    pub fn nullable_string(&mut self, f: Format) -> Result<Option<&'a str>> {
        let len = if f.flexible { self.compact_len()? } else { i32::from(self.i16()?) };
        let Some(len) = self.length(len)? else { return Ok(None) };
        let bytes = self.take(len)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(self.error(DecodeErrorKind::NotUtf8)),
        }
    }

    /// A byte string, or record batches.
    pub fn bytes(&mut self, f: Format) -> Result<&'a [u8]> {
        self.nullable_bytes(f)?.ok_or_else(|| self.error(DecodeErrorKind::UnexpectedNull))
    }

    /// A byte string or record batches, or null.
    pub fn nullable_bytes(&mut self, f: Format) -> Result<Option<&'a [u8]>> {
        match self.count(f)? {
            Some(len) => self.take(len).map(Some),
            None => Ok(None),
        }
    }

    /// The element count of an array (or the length of a byte string, which looks the same). `None`
    /// is null. Not yet checked against the bytes that are left.
    pub fn count(&mut self, f: Format) -> Result<Option<usize>> {
        let len = if f.flexible { self.compact_len()? } else { self.i32()? };
        self.length(len)
    }

    /// A length sent as itself plus one, so that zero means null (here -1).
    fn compact_len(&mut self) -> Result<i32> {
        let plus_one = self.uvarint()?;
        // 0 gives -1; what does not fit an i32 comes out negative and is refused by `length`.
        Ok(plus_one.wrapping_sub(1) as i32)
    }

    fn length(&self, length: i32) -> Result<Option<usize>> {
        match usize::try_from(length) {
            Ok(length) => Ok(Some(length)),
            Err(_) if length == -1 => Ok(None),
            Err(_) => Err(self.error(DecodeErrorKind::NegativeLength { length })),
        }
    }

    /// Whether a nullable struct follows: one byte, negative for null.
    pub fn present(&mut self) -> Result<bool> {
        Ok(self.i8()? >= 0)
    }

    /// Reads the tagged fields at the end of a struct: calls `known` with the number and a reader of
    /// the content of each. `known` returns false for a number it does not know, which is skipped.
    pub fn tagged_fields(
        &mut self,
        mut known: impl FnMut(u32, &mut Reader<'a>) -> Result<bool>,
    ) -> Result<()> {
        let count = self.uvarint()?;
        // A tagged field takes a byte for its number and one for its size.
        self.check_count(count as usize, 2)?;
        for _ in 0..count {
            let tag = self.uvarint()?;
            let size = self.uvarint()? as usize;
            let content = self.take(size)?;
            let mut field = Reader { rest: content, end: self.offset() };
            if known(tag, &mut field)? && field.remaining() > 0 {
                return Err(self.error(DecodeErrorKind::TagSize { tag, left: field.remaining() }));
            }
        }
        Ok(())
    }

    /// Refuses a count of elements that the remaining bytes cannot hold.
    pub fn check_count(&self, count: usize, least: usize) -> Result<()> {
        let left = self.rest.len();
        if count.checked_mul(least).is_some_and(|bytes| bytes <= left) {
            return Ok(());
        }
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Err(self.error(DecodeErrorKind::TooManyElements { count, least, left }))
    }

    /// Fails when bytes are left.
    pub fn finish(&self) -> Result<()> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(self.error(DecodeErrorKind::TrailingBytes { left })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Array, Message, generated};

    const RIGID: Format = Format { version: 0, flexible: false };
    const FLEXIBLE: Format = Format { version: 0, flexible: true };

    fn kind<T: std::fmt::Debug>(result: Result<T>) -> DecodeErrorKind {
        result.unwrap_err().kind
    }

    #[test]
    fn varints_end_at_five_bytes_and_32_bits() {
        let read = |bytes: &[u8]| Reader::new(bytes).uvarint();
        assert_eq!(read(&[0]), Ok(0));
        assert_eq!(read(&[0x7f]), Ok(127));
        assert_eq!(read(&[0x80, 1]), Ok(128));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok(u32::MAX));
        // Kafka, too, takes a value with needless zeros behind it.
        assert_eq!(read(&[0x81, 0x80, 0x80, 0x80, 0]), Ok(1));
        assert_eq!(kind(read(&[0xff, 0xff, 0xff, 0xff, 0x1f])), DecodeErrorKind::VarintTooLong);
        assert_eq!(kind(read(&[0x80; 9])), DecodeErrorKind::VarintTooLong);
        assert_eq!(kind(read(&[0x80])), DecodeErrorKind::Truncated { wanted: 1, left: 0 });
    }

    #[test]
    fn strings_are_utf8_and_no_longer_than_their_bytes() {
        let read = |bytes: &'static [u8], f| Reader::new(bytes).nullable_string(f);
        assert_eq!(read(b"\0\x02hi", RIGID), Ok(Some("hi")));
        assert_eq!(read(b"\x03hi", FLEXIBLE), Ok(Some("hi")));
        assert_eq!(read(b"\xff\xff", RIGID), Ok(None));
        assert_eq!(read(b"\0", FLEXIBLE), Ok(None));
        assert_eq!(kind(read(b"\0\x02\xc3\x28", RIGID)), DecodeErrorKind::NotUtf8);
        let truncated = DecodeErrorKind::Truncated { wanted: 0x7fff, left: 1 };
        assert_eq!(kind(read(b"\x7f\xffa", RIGID)), truncated);
        let negative = DecodeErrorKind::NegativeLength { length: -2 };
        assert_eq!(kind(read(b"\xff\xfe", RIGID)), negative);
        assert_eq!(kind(Reader::new(b"\0").string(FLEXIBLE)), DecodeErrorKind::UnexpectedNull);
    }

    #[test]
    fn compact_lengths_beyond_31_bits_are_negative() {
        let read = |bytes: &'static [u8]| Reader::new(bytes).nullable_bytes(FLEXIBLE);
        let error = kind(read(b"\xff\xff\xff\xff\x0f"));
        assert_eq!(error, DecodeErrorKind::NegativeLength { length: -2 });
    }

    #[test]
    fn counts_that_the_bytes_cannot_hold_are_refused_at_once() {
        // Two thousand million integers in six bytes.
        let bytes = [0x7f, 0xff, 0xff, 0xff, 0, 0];
        let error = kind(Array::<i32>::read(&mut Reader::new(&bytes), RIGID));
        assert_eq!(
            error,
            DecodeErrorKind::TooManyElements { count: i32::MAX as u32, least: 4, left: 2 }
        );
        let error =
            kind(Reader::new(&[0xff, 0xff, 0xff, 0xff, 7, 0]).tagged_fields(|_, _| Ok(true)));
        assert!(matches!(error, DecodeErrorKind::TooManyElements { least: 2, left: 1, .. }));
    }

    #[test]
    fn tagged_fields_are_read_by_their_size_or_skipped() {
        let bytes = [3, 0, 4, 0, 0, 0, 9, 5, 2, 1, 2, 0xff, 1, 0, 7];
        let mut reader = Reader::new(&bytes);
        let mut value = 0;
        let mut offset = 0;
        let read = reader.tagged_fields(|tag, r| {
            if tag == 0 {
                offset = r.offset();
                value = r.i32()?;
            }
            Ok(tag == 0)
        });
        assert_eq!((read, value, offset, reader.rest()), (Ok(()), 9, 3, &[7][..]));

        let known = |bytes: &'static [u8]| {
            kind(Reader::new(bytes).tagged_fields(|_, r| r.i8().map(|_| true)))
        };
        assert_eq!(known(&[1, 0, 2, 1, 1]), DecodeErrorKind::TagSize { tag: 0, left: 1 });
        assert_eq!(known(&[1, 0, 0, 1]), DecodeErrorKind::Truncated { wanted: 1, left: 0 });
        assert_eq!(known(&[1, 0, 9, 1]), DecodeErrorKind::Truncated { wanted: 9, left: 1 });
    }

    #[test]
    fn errors_say_where_in_which_message() {
        let error = generated::MetadataRequest::decode(&[0, 0, 0, 1, 0, 5, b'a'], 3).unwrap_err();
        assert_eq!(
            error.to_string(),
            "MetadataRequest version 3, byte 6: 5 bytes are needed, 1 are left"
        );
    }
}
