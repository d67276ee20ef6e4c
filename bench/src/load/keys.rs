//! Keys, and the partitions that Kafka's own partitioner chooses for them.

use crate::scenario::Keys;

/// The keys of each partition, by the partition's number.
#[derive(Debug)]
pub(super) struct KeySpace {
    bytes: usize,
    by_partition: Vec<Vec<u32>>,
}

impl KeySpace {
    pub(super) fn new(keys: Keys, partitions: usize) -> Self {
        let bytes = keys.bytes as usize;
        let mut by_partition = vec![Vec::new(); partitions.max(1)];
        let mut key = Vec::new();
        for number in 0..keys.count {
            key.clear();
            put(&mut key, number, bytes);
            let partition = (murmur2(&key) & 0x7fff_ffff) as usize % partitions.max(1);
            if let Some(keys) = by_partition.get_mut(partition) {
                keys.push(number);
            }
        }
        Self { bytes, by_partition }
    }

    /// Puts one of a partition's keys there, chosen by a number that is random; false when it has none.
    pub(super) fn put(&self, partition: usize, random: u64, out: &mut Vec<u8>) -> bool {
        let Some(keys) = self.by_partition.get(partition).filter(|keys| !keys.is_empty()) else {
            return false;
        };
        let chosen = usize::try_from(random % keys.len() as u64).unwrap_or(0);
        if let Some(number) = keys.get(chosen) {
            put(out, *number, self.bytes);
        }
        true
    }

    /// Whether a record can go to a partition.
    pub(super) fn has(&self, partition: usize) -> bool {
        self.by_partition.get(partition).is_some_and(|keys| !keys.is_empty())
    }
}

/// The number in decimal, with zeros before it or its last digits alone, as many as `bytes`.
fn put(out: &mut Vec<u8>, mut number: u32, bytes: usize) {
    let from = out.len();
    out.resize(from + bytes, b'0');
    for digit in out.iter_mut().skip(from).rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// MurmurHash2 with the seed of Kafka's producers (`Utils.murmur2`).
fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ bytes.len() as u32;
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (at, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kafka's own vectors (`UtilsTest.testMurmur2`).
    #[test]
    fn the_hash_is_that_of_kafka() {
        for (key, hash) in [
            (&b"21"[..], -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ] {
            assert_eq!(murmur2(key) as i32, hash);
        }
    }

    #[test]
    fn every_key_is_of_one_partition() {
        let space = KeySpace::new(Keys { count: 1000, bytes: 8 }, 7);
        assert_eq!(space.by_partition.iter().map(Vec::len).sum::<usize>(), 1000);
        let mut key = Vec::new();
        assert!(space.put(3, 17, &mut key));
        assert_eq!(key.len(), 8);
        assert_eq!((murmur2(&key) & 0x7fff_ffff) % 7, 3);
    }

    #[test]
    fn a_partition_may_have_no_key() {
        let space = KeySpace::new(Keys { count: 1, bytes: 4 }, 2);
        assert!(space.has(0) != space.has(1));
        assert!(!space.put(usize::from(space.has(0)), 0, &mut Vec::new()));
    }
}
