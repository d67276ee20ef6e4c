//! Answers, read field by field.

use crate::error::BenchError;

/// Longest text in the few answers that are read, in bytes.
const TEXT_MAX: usize = 64 << 10;

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

    /// A number of a flexible version: seven bits a byte.
    pub(crate) fn varint(&mut self) -> Read<u32> {
        let mut value = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.array::<1>()?[0];
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.wrong("a number is too long"))
    }

    /// Elements of an array of a flexible version that follow.
    pub(crate) fn compact_count(&mut self) -> Read<usize> {
        let count = (self.varint()? as usize).saturating_sub(1);
        if count > self.bytes.len() {
            return Err(self.wrong("it counts more elements than it has bytes"));
        }
        Ok(count)
    }

    /// A text of a flexible version.
    pub(crate) fn compact_text(&mut self) -> Read<&'a str> {
        let length = self.compact_count()?;
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
    use super::Answer;

    #[test]
    fn a_short_answer_is_an_error_that_names_the_broker() {
        let mut answer = Answer::new(&[0, 0, 0, 1, 0], "host:1").unwrap();
        let error = answer.i16().unwrap_err().to_string();
        assert!(error.contains("host:1") && error.contains("ends too early"), "{error}");
    }

    #[test]
    fn an_array_cannot_promise_more_than_there_is() {
        let mut answer = Answer::new(&[0, 0, 0, 1, 0, 0, 0, 9, 1], "host:1").unwrap();
        assert!(answer.count().is_err());
        let mut answer = Answer::new(&[0, 0, 0, 1, 0x80, 0x01, 1], "host:1").unwrap();
        assert!(answer.compact_count().is_err());
    }
}
