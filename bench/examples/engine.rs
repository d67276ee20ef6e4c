//! The engine without a network: what one shard appends durably, or reads from the device, in a
//! directory of its own. `bench/engine-vs-fio` runs it side by side with fio.
//!
//! `cargo run --release -p ringlog-bench --example engine -- append --bytes 65536 --depth 4 --dir DIR`
#![forbid(unsafe_code)]
// Time is what is measured.
#![allow(clippy::disallowed_methods)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use hdrhistogram::Histogram;
use ringlog_bench::{Batch, BenchError, usage};
use ringlog_engine::io::Io;
use ringlog_engine::log::{
    AppendOptions, LogConfig, PartitionLog, Storage, StorageConfig, recover,
};
use ringlog_engine::ring::RingConfig;
use ringlog_engine::shard::{ShardConfig, run_shards};

/// Memory of the shard: what a core of a server gets.
const ARENA_BYTES: usize = 768 << 20;

#[derive(Clone, Debug, Parser)]
#[command(about = "What the engine appends or reads without a network")]
struct Arguments {
    /// Append durably, or read in order what is in no memory.
    load: Load,
    /// Bytes of an append, or the most that a read is to bring.
    #[arg(long, value_name = "BYTES", default_value_t = 65536,
          value_parser = clap::value_parser!(u32).range(128..=8 << 20))]
    bytes: u32,
    /// Appends under way at the same time.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    depth: u16,
    /// How long to measure, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Bytes written before reading.
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 30)]
    fill: u64,
    /// An empty or missing directory; it is left for whoever made it to remove.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Load {
    Append,
    Read,
}

type Outcome = Result<Measured, Box<dyn Error>>;

/// What was done in a stretch of time.
struct Measured {
    bytes: u64,
    time: Duration,
    /// CPU time of the process, the kernel's on its behalf included.
    cpu: f64,
    nanos: Histogram<u64>,
}

/// The stretch that is measured.
struct Watch {
    began: Instant,
    cpu: f64,
    bytes: u64,
    nanos: Histogram<u64>,
}

impl Watch {
    fn start() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            began: Instant::now(),
            cpu: cpu_seconds()?,
            bytes: 0,
            nanos: Histogram::new_with_bounds(1, 60_000_000_000, 3)?,
        })
    }

    fn note(&mut self, bytes: usize, since: Instant) {
        self.bytes += bytes as u64;
        self.nanos.saturating_record(u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }

    fn stop(self) -> Outcome {
        let (time, cpu) = (self.began.elapsed(), cpu_seconds()? - self.cpu);
        Ok(Measured { bytes: self.bytes, time, cpu, nanos: self.nanos })
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ring = RingConfig::default();
    let shard = ShardConfig { core: None, arena_bytes: ARENA_BYTES, ring, look_nanos: 0 };
    let run = arguments.clone();
    let outcome = run_shards::<(), _, _, _>(&[shard], move |io, _, _| {
        let arguments = run.clone();
        async move { measure(&io, &arguments).await.map_err(|error| error.to_string()) }
    });
    let measured = outcome.map_err(|error| error.to_string()).and_then(|mut all| match all.pop() {
        Some(measured) => measured,
        None => Err("the shard did not start".to_owned()),
    });
    match measured {
        Ok(measured) => {
            let seconds = measured.time.as_secs_f64();
            let at = |quantile| measured.nanos.value_at_quantile(quantile) as f64 / 1e3;
            println!(
                "{{\"mb_per_second\": {:.1}, \"operations_per_second\": {:.0}, \
                 \"cpu_seconds_per_gb\": {:.3}, \
                 \"latency_us\": {{\"p50\": {:.1}, \"p99\": {:.1}, \"p99_9\": {:.1}}}}}",
                measured.bytes as f64 / 1e6 / seconds,
                measured.nanos.len() as f64 / seconds,
                measured.cpu / (measured.bytes.max(1) as f64 / 1e9),
                at(0.5),
                at(0.99),
                at(0.999),
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("engine: {}: {error}", arguments.dir.display());
            ExitCode::FAILURE
        }
    }
}

async fn measure(io: &Io, arguments: &Arguments) -> Outcome {
    if !io.list_dir(&arguments.dir).await.unwrap_or_default().is_empty() {
        return Err("the directory is not empty".into());
    }
    match arguments.load {
        Load::Append => append(io, arguments).await,
        Load::Read => read(io, arguments).await,
    }
}

async fn open(io: &Io, dir: &Path) -> Result<Storage, Box<dyn Error>> {
    let config = StorageConfig::default();
    let recovered = recover(io, dir, &config).await?;
    Ok(Storage::start(io.clone(), dir.into(), 0, config, recovered.logs).await?)
}

async fn create(io: &Io, dir: &Path) -> Result<(Storage, Rc<PartitionLog>), Box<dyn Error>> {
    let storage = open(io, dir).await?;
    let log = storage.create_log("bench-0", [1; 16], 0, LogConfig::default()).await?;
    Ok((storage, log))
}

/// Appends `bytes` once, and waits until they are on the medium.
async fn append_one(log: &PartitionLog, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    loop {
        match log.append(bytes, AppendOptions::default()) {
            Ok(appended) => return Ok(appended.durable.await?),
            Err(error) if error.is_back_pressure() => log.room().await,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn append(io: &Io, arguments: &Arguments) -> Outcome {
    let (storage, log) = create(io, &arguments.dir).await?;
    let bytes: Rc<Vec<u8>> = Rc::new(batch(arguments.bytes as usize)?.bytes);
    // The first files are made, and memory is touched for the first time.
    for _ in 0..64 {
        append_one(&log, &bytes).await?;
    }
    let watch = Rc::new(std::cell::RefCell::new(Watch::start()?));
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let mut tasks = Vec::new();
    for _ in 0..arguments.depth {
        let (log, bytes, watch) = (log.clone(), bytes.clone(), watch.clone());
        tasks.push(io.spawn(async move {
            while Instant::now() < end {
                let began = Instant::now();
                append_one(&log, &bytes).await.map_err(|error| error.to_string())?;
                watch.borrow_mut().note(bytes.len(), began);
            }
            Ok::<(), String>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let watch = Rc::try_unwrap(watch).map_err(|_| "a task goes on")?.into_inner();
    let measured = watch.stop();
    storage.shutdown().await?;
    measured
}

async fn read(io: &Io, arguments: &Arguments) -> Outcome {
    let (storage, log) = create(io, &arguments.dir).await?;
    let bytes = batch(64 << 10)?.bytes;
    for _ in 0..arguments.fill / bytes.len() as u64 {
        loop {
            match log.append(&bytes, AppendOptions::default()) {
                Ok(_) => break,
                Err(error) if error.is_back_pressure() => log.room().await,
                Err(error) => return Err(error.into()),
            }
        }
    }
    drop(log);
    // Nothing of it is in memory afterwards: segments are written and read past the page cache.
    storage.shutdown().await?;
    let storage = open(io, &arguments.dir).await?;
    let log = storage.logs().pop().ok_or("the log is gone")?;
    let (limit, most) = (log.log_end_offset(), arguments.bytes as usize);
    let mut watch = Watch::start()?;
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let mut offset = 0;
    while Instant::now() < end {
        let began = Instant::now();
        let found = log.read(offset, most, limit, true).await?;
        watch.note(found.bytes, began);
        // Batches of one record, all of the same size; from the end it begins again.
        offset += (found.bytes / bytes.len()) as i64;
        if offset >= limit {
            offset = 0;
        }
    }
    let measured = watch.stop();
    storage.shutdown().await?;
    measured
}

/// A batch of one record, `bytes` long or a little less.
fn batch(bytes: usize) -> Result<Batch, BenchError> {
    Batch::filled(bytes.saturating_sub(80), bytes)
}

/// CPU time of this process.
fn cpu_seconds() -> Result<f64, BenchError> {
    Ok(usage(std::process::id())?.cpu_seconds)
}
