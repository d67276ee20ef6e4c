//! The hot paths in seconds, and the two ways to a CRC-32C side by side.
//!
//! `cargo bench -p ringlog-paths -- validate` measures those with this in their names;
//! `-- --save-baseline NAME` and `-- --baseline NAME` compare two builds. Criterion's options are the rest.
#![forbid(unsafe_code)]
// Time is what is measured.
#![allow(clippy::disallowed_methods)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use ringlog_paths::{PATHS, Path};

/// Times that a path is repeated before it is prepared anew: what a broker writes stays in memory.
const LIFE: u64 = 2000;

/// From a small record to a large batch.
const CRC_BYTES: [usize; 5] = [64, 256, 1 << 10, 64 << 10, 1 << 20];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    paths(&mut criterion);
    crc(&mut criterion);
    criterion.final_summary();
}

fn paths(criterion: &mut Criterion) {
    for path in PATHS {
        // A group keeps its throughput, which not every path has.
        let mut group = criterion.benchmark_group("paths");
        if path.bytes > 0 {
            group.throughput(Throughput::Bytes(path.bytes as u64));
        }
        group.bench_function(path.name, |bencher| bencher.iter_custom(|times| time(path, times)));
        group.finish();
    }
}

/// Time that doing a path `times` takes, without that to prepare it.
fn time(path: &Path, times: u64) -> Duration {
    let mut total = Duration::ZERO;
    let mut left = times;
    while left > 0 {
        let mut once = (path.prepare)();
        once();
        let some = left.min(LIFE);
        let began = Instant::now();
        for _ in 0..some {
            once();
        }
        total += began.elapsed();
        left -= some;
    }
    total
}

fn crc(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("crc");
    for size in CRC_BYTES {
        let bytes: Vec<u8> = (0..size).map(|n| (n.wrapping_mul(n) / 32) as u8).collect();
        assert_eq!(crc_fast::crc32_iscsi(&bytes), crc32c::crc32c(&bytes));
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(BenchmarkId::new("crc-fast", size), &bytes, |bencher, bytes| {
            bencher.iter(|| crc_fast::crc32_iscsi(black_box(bytes)));
        });
        group.bench_with_input(BenchmarkId::new("crc32c", size), &bytes, |bencher, bytes| {
            bencher.iter(|| crc32c::crc32c(black_box(bytes)));
        });
    }
    group.finish();
}
