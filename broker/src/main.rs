//! The `ringlog` program.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use ringlog::server::{Settings, default_shard, resolve, run};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("config-docs") {
        print!("{}", ringlog::config::markdown());
        return ExitCode::SUCCESS;
    }
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ringlog: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let mut settings = Settings::default();
    let mut listen = "localhost:9092".to_owned();
    let mut shards = 1;
    let mut words = std::env::args().skip(2);
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        match key.as_str() {
            "--data-dir" => settings.data_dir = value.into(),
            "--listen" => listen = value,
            "--set" => {
                let (key, value) = value.split_once('=').ok_or("--set key=value")?;
                match key {
                    "num.partitions" => settings.num_partitions = value.parse()?,
                    "ringlog.cores" => shards = value.split(',').count(),
                    "ringlog.journal.file.bytes" => {
                        settings.storage.journal_file_bytes = value.parse()?;
                        settings.storage.journal_frame_bytes =
                            settings.storage.journal_frame_bytes.min(value.parse::<usize>()? / 4);
                    }
                    "message.max.bytes" => {
                        settings.topic_defaults.insert("max.message.bytes".into(), value.into());
                    }
                    "log.segment.bytes" => {
                        settings.topic_defaults.insert("segment.bytes".into(), value.into());
                    }
                    _ => {}
                }
            }
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    settings.listen = resolve(&listen)?;
    if let Some((host, _)) = listen.rsplit_once(':') {
        settings.advertise.0 = host.to_owned();
    }
    let shards = vec![default_shard(None, 256 << 20); shards];
    run(settings, &shards)?;
    Ok(())
}
