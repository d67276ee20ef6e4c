//! The records inside a batch.

use std::borrow::Cow;

use super::{BatchError, BatchView, Compression, TimestampType};

/// A header of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header<'a> {
    /// Its name; UTF-8 by convention, which neither Kafka nor this checks.
    pub key: &'a [u8],
    /// Its value; null is not the same as empty.
    pub value: Option<&'a [u8]>,
}

/// A record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// Its offset.
    pub offset: i64,
    /// Its time (ms since 1970).
    pub timestamp: i64,
    /// Its key; null is not the same as empty.
    pub key: Option<&'a [u8]>,
    /// Its value; null is not the same as empty.
    pub value: Option<&'a [u8]>,
    headers: &'a [u8],
    header_count: u32,
}

impl<'a> Record<'a> {
    /// Number of headers.
    pub fn header_count(&self) -> u32 {
        self.header_count
    }

    /// The headers, in order.
    pub fn headers(&self) -> impl Iterator<Item = Header<'a>> + use<'a> {
        let mut rest = self.headers;
        // Parsing the record has walked these bytes already.
        (0..self.header_count).map_while(move |_| header(&mut rest))
    }
}

/// The records of a batch, decompressed when they have to be.
#[derive(Debug)]
pub struct Records<'a> {
    payload: Cow<'a, [u8]>,
    base_offset: i64,
    base_timestamp: i64,
    log_append_time: Option<i64>,
    count: i32,
}

impl<'a> BatchView<'a> {
    /// Its records, which take at most `limit` bytes once decompressed.
    ///
    /// # Errors
    /// [`BatchError::Compression`], [`BatchError::Decompression`] and [`BatchError::Inflated`].
    pub fn records(&self, limit: usize) -> Result<Records<'a>, BatchError> {
        let payload = match self.compression()? {
            Compression::None => Cow::Borrowed(self.payload()),
            codec => Cow::Owned(codec.decompress(self.payload(), limit)?),
        };
        let log_append_time =
            (self.timestamp_type() == TimestampType::LogAppend).then(|| self.max_timestamp());
        Ok(Records {
            payload,
            base_offset: self.base_offset(),
            base_timestamp: self.base_timestamp(),
            log_append_time,
            count: self.record_count(),
        })
    }
}

impl Records<'_> {
    /// Walks the records in order. Ends at the first one that does not follow the format, which is
    /// yielded as an error; so are bytes behind the last one.
    pub fn iter(&self) -> impl Iterator<Item = Result<Record<'_>, BatchError>> {
        let mut rest = &self.payload[..];
        let mut index = 0;
        let mut failed = false;
        std::iter::from_fn(move || {
            if failed || (index >= self.count && rest.is_empty()) {
                return None;
            }
            let item = if index >= self.count {
                Err("bytes behind the last record")
            } else {
                self.record(&mut rest)
            };
            failed = item.is_err();
            let item = item.map_err(|what| BatchError::Record { index, what });
            index += 1;
            Some(item)
        })
    }

    fn record<'r>(&self, rest: &mut &'r [u8]) -> Result<Record<'r>, &'static str> {
        let mut body = field(rest)?.ok_or("a record cannot be null")?;
        let body = &mut body;
        let _attributes = body.split_off_first().ok_or("it has no attributes")?;
        let timestamp_delta = varlong(body).ok_or("its timestamp is cut short")?;
        let offset_delta = varint(body).ok_or("its offset is cut short")?;
        let key = field(body)?;
        let value = field(body)?;
        let header_count = varint(body).ok_or("its headers are cut short")?;
        let header_count =
            u32::try_from(header_count).map_err(|_| "it has a negative header count")?;
        let headers = *body;
        for _ in 0..header_count {
            header(body).ok_or("a header does not follow the format")?;
        }
        if !body.is_empty() {
            return Err("it has bytes behind its headers");
        }
        Ok(Record {
            offset: self.base_offset.wrapping_add(i64::from(offset_delta)),
            timestamp: self
                .log_append_time
                .unwrap_or(self.base_timestamp.wrapping_add(timestamp_delta)),
            key,
            value,
            headers,
            header_count,
        })
    }
}

fn header<'a>(rest: &mut &'a [u8]) -> Option<Header<'a>> {
    Some(Header { key: field(rest).ok()??, value: field(rest).ok()? })
}

/// Bytes behind a length; -1 is null.
fn field<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>, &'static str> {
    let length = varint(rest).ok_or("a length is cut short")?;
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| "a length is negative")?;
    rest.split_off(..length).map(Some).ok_or("it is cut short")
}

fn varint(rest: &mut &[u8]) -> Option<i32> {
    i32::try_from(varlong(rest)?).ok()
}

/// A zigzag-encoded integer of up to ten bytes.
fn varlong(rest: &mut &[u8]) -> Option<i64> {
    let mut raw = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *rest.split_off_first()?;
        raw |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((raw >> 1) as i64 ^ -((raw & 1) as i64));
        }
    }
    None
}

/// Appends a zigzag-encoded integer.
pub(super) fn put_varlong(out: &mut Vec<u8>, value: i64) {
    let mut raw = ((value << 1) ^ (value >> 63)) as u64;
    while raw >= 0x80 {
        out.push(raw as u8 | 0x80);
        raw >>= 7;
    }
    out.push(raw as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back() {
        for value in [0, -1, 1, 63, -64, 64, 300, i64::from(i32::MIN), i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            put_varlong(&mut out, value);
            assert_eq!(varlong(&mut &out[..]), Some(value));
        }
        assert_eq!(varlong(&mut &[0x80; 11][..]), None);
        assert_eq!(varint(&mut &[0xff, 0xff, 0xff, 0xff, 0x7f][..]), None);
    }
}
