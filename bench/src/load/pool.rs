//! The batches that a producing load chooses from.

use std::ops::Range;

use super::batch::{Batch, Noise, Recipe};
use super::keys::KeySpace;
use super::stamp::Clock;
use crate::error::BenchError;
use crate::scenario::ProducerLoad;

/// Most bytes of a load's batches.
const POOL_BYTES: u64 = 1 << 30;
/// Batches of a load whose sizes vary, or of a partition whose keys do.
const VARIANTS: u64 = 64;
/// Bytes within which there may be so many.
const VARIANT_BYTES: u64 = 128 << 20;

/// Batches made beforehand, which all connections of a load share.
#[derive(Debug)]
pub(super) struct Pool {
    batches: Vec<Batch>,
    /// Those of each partition, when records have keys.
    keyed: Option<Vec<Range<usize>>>,
}

impl Pool {
    /// Makes them. With a clock they can tell when they were to be sent.
    pub(super) fn make(
        load: &ProducerLoad,
        partitions: usize,
        clock: Option<&Clock>,
    ) -> Result<Self, BenchError> {
        let groups = if load.keys.is_some() { partitions.max(1) as u64 } else { 1 };
        let largest = u64::from(load.batch_bytes.most().max(load.record_bytes.most())) + 1024;
        if groups * largest > POOL_BYTES {
            return Err(BenchError::Usage(format!(
                "{}: a keyed batch of {largest} bytes for each of {groups} partitions is above 1 GiB: \
                 make batch_bytes smaller",
                load.name
            )));
        }
        let varies =
            load.keys.is_some() || !load.record_bytes.is_fixed() || !load.batch_bytes.is_fixed();
        let variants =
            if varies { (VARIANT_BYTES / (groups * largest)).clamp(1, VARIANTS) } else { 1 };
        let mut noise = Noise::new(0);
        let mut pool = Self { batches: Vec::new(), keyed: None };
        let Some(keys) = load.keys else {
            for _ in 0..variants {
                pool.batches.push(batch(load, clock, &mut noise, &mut |_, _| false)?);
            }
            return Ok(pool);
        };
        let space = KeySpace::new(keys, partitions);
        let mut ranges = Vec::with_capacity(partitions);
        for partition in 0..partitions {
            let from = pool.batches.len();
            for _ in 0..if space.has(partition) { variants } else { 0 } {
                let mut key = |out: &mut Vec<u8>, random| space.put(partition, random, out);
                pool.batches.push(batch(load, clock, &mut noise, &mut key)?);
            }
            ranges.push(from..pool.batches.len());
        }
        pool.keyed = Some(ranges);
        Ok(pool)
    }

    /// The batch that is the `turn`th for a partition.
    pub(super) fn get(&self, partition: i32, turn: usize) -> Option<&Batch> {
        let range = match &self.keyed {
            None => 0..self.batches.len(),
            Some(keyed) => keyed.get(usize::try_from(partition).ok()?)?.clone(),
        };
        let count = range.len();
        if count == 0 { None } else { self.batches.get(range.start + turn % count) }
    }

    /// Whether there is a batch for a partition.
    pub(super) fn serves(&self, partition: i32) -> bool {
        self.get(partition, 0).is_some()
    }

    /// Most bytes of a batch that change each time it is sent.
    pub(super) fn head_max(&self) -> usize {
        self.batches.iter().map(Batch::head).max().unwrap_or(0)
    }

    /// Whether all of them can tell when they were to be sent.
    pub(super) fn is_stamped(&self) -> bool {
        self.batches.iter().all(|batch| batch.stamp.is_some())
    }
}

fn batch(
    load: &ProducerLoad,
    clock: Option<&Clock>,
    noise: &mut Noise,
    key: &mut dyn FnMut(&mut Vec<u8>, u64) -> bool,
) -> Result<Batch, BenchError> {
    let mut sizes = Noise::new(noise.next());
    let mut keys = Noise::new(noise.next());
    let recipe = Recipe {
        bytes: load.batch_bytes.pick(sizes.next()) as usize,
        compression: load.compression.compression(),
        clock,
        size: &mut || load.record_bytes.pick(sizes.next()) as usize,
        key: &mut |out| key(out, keys.next()),
    };
    Batch::make(recipe, noise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Keys;

    #[test]
    fn one_batch_does_when_all_are_alike() {
        let pool = Pool::make(&ProducerLoad::default(), 9, None).unwrap();
        assert_eq!(pool.batches.len(), 1);
        assert!(pool.serves(8));
    }

    #[test]
    fn sizes_that_vary_make_batches_that_do() {
        let load = ProducerLoad {
            record_bytes: "10..2000".parse().unwrap(),
            batch_bytes: "1KB:1,20KB:1".parse().unwrap(),
            ..ProducerLoad::default()
        };
        let pool = Pool::make(&load, 1, None).unwrap();
        let sizes: std::collections::BTreeSet<usize> =
            pool.batches.iter().map(|batch| batch.bytes.len()).collect();
        assert!(sizes.len() > 20, "{sizes:?}");
        assert!(sizes.iter().any(|size| *size > 15_000), "{sizes:?}");
    }

    #[test]
    fn keyed_batches_are_of_their_partition() {
        let keys = Some(Keys { count: 3, bytes: 8 });
        let batch_bytes = "2000".parse().unwrap();
        let load = ProducerLoad { keys, batch_bytes, ..ProducerLoad::default() };
        let pool = Pool::make(&load, 10, None).unwrap();
        let served = (0..10).filter(|partition| pool.serves(*partition)).count();
        assert!((1..=3).contains(&served), "{served}");
    }

    #[test]
    fn keyed_batches_that_take_too_much_memory_are_refused() {
        let load = ProducerLoad { keys: Some(Keys::default()), ..ProducerLoad::default() };
        let said = Pool::make(&load, 5000, None).unwrap_err().to_string();
        assert!(said.contains("make batch_bytes smaller"), "{said}");
    }
}
