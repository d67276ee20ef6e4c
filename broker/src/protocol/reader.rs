//! Reads the primitive types of the protocol out of received bytes, without copying any.

use super::error::{DecodeError, DecodeErrorKind};
use super::format::Format;
use super::uuid::Uuid;

/// A cursor over the bytes of one message. Every method either moves behind one value or fails; none
/// allocates. Errors carry the offset only, [`Reader::describe`] adds whose bytes they were.
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
