//! `.txnindex`: the aborted transactions that end in a segment. Kafka's `TransactionIndex` and
//! `AbortedTxn`. There is no file when there are none.

use super::FormatError;

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 34;
const VERSION: i16 = 0;

/// A transaction that was aborted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AbortedTxn {
    /// Producer id.
    pub producer_id: i64,
    /// First offset of the transaction.
    pub first_offset: i64,
    /// Offset of its marker.
    pub last_offset: i64,
    /// Last stable offset when it ended.
    pub last_stable_offset: i64,
}

impl AbortedTxn {
    /// The entry's bytes.
    pub fn encode(&self) -> [u8; ENTRY_BYTES] {
        let mut out = [0; ENTRY_BYTES];
        out[..2].copy_from_slice(&VERSION.to_be_bytes());
        out[2..10].copy_from_slice(&self.producer_id.to_be_bytes());
        out[10..18].copy_from_slice(&self.first_offset.to_be_bytes());
        out[18..26].copy_from_slice(&self.last_offset.to_be_bytes());
        out[26..].copy_from_slice(&self.last_stable_offset.to_be_bytes());
        out
    }
}

/// Reads a file.
///
/// # Errors
/// An entry of another version or out of order, or a length that is no multiple of an entry's.
pub fn decode(bytes: &[u8]) -> Result<Vec<AbortedTxn>, FormatError> {
    let (entries, ragged) = bytes.as_chunks::<ENTRY_BYTES>();
    let mut txns: Vec<AbortedTxn> = Vec::with_capacity(entries.len());
    for (index, [v0, v1, fields @ ..]) in entries.iter().enumerate() {
        let found = i16::from_be_bytes([*v0, *v1]);
        if found > VERSION {
            let (found, known) = (i64::from(found), i64::from(VERSION));
            return Err(FormatError::Version { found, known });
        }
        let (longs, _) = fields.as_chunks::<8>();
        let long = |at: usize| longs.get(at).map_or(0, |long| i64::from_be_bytes(*long));
        let txn = AbortedTxn {
            producer_id: long(0),
            first_offset: long(1),
            last_offset: long(2),
            last_stable_offset: long(3),
        };
        if txns.last().is_some_and(|last| txn.last_offset <= last.last_offset) {
            return Err(FormatError::Entry { index, what: "its last offset does not rise" });
        }
        txns.push(txn);
    }
    if !ragged.is_empty() {
        let need = bytes.len() - ragged.len();
        return Err(FormatError::Length { have: bytes.len(), need });
    }
    Ok(txns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_and_faults_are_named() {
        let txn = |n| AbortedTxn {
            producer_id: 5,
            first_offset: n,
            last_offset: n + 3,
            last_stable_offset: n,
        };
        let bytes = [txn(10).encode(), txn(20).encode()].concat();
        assert_eq!(decode(&bytes), Ok(vec![txn(10), txn(20)]));
        assert_eq!(decode(&[]), Ok(vec![]));
        assert!(matches!(decode(&bytes[..40]), Err(FormatError::Length { have: 40, need: 34 })));
        let back = [txn(20).encode(), txn(10).encode()].concat();
        assert!(matches!(decode(&back), Err(FormatError::Entry { index: 1, .. })));
    }
}
