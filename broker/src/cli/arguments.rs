//! What can be given on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::client::ClientOptions;

/// What stands under the help of every command.
const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no broker could be reached, \
4 the configuration is wrong.";

/// A Kafka-compatible log broker with every acknowledged record on the medium.
#[derive(Debug, Parser)]
#[command(name = "ringlog", version, about, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Serve(Serve),
    /// Create, list, describe, change and delete topics.
    #[command(subcommand)]
    Topic(Topic),
    /// List, describe and delete consumer groups.
    #[command(subcommand)]
    Group(Group),
    Produce(Produce),
    Consume(Consume),
    /// Measure a broker: throughput, latency, its CPU time.
    Bench(ringlog_bench::Arguments),
    Inspect(Inspect),
    /// Print the completions of a shell.
    Completions(Completions),
    /// Write man pages.
    Man(Man),
    /// Print docs/configuration.md.
    #[command(hide = true)]
    ConfigDocs,
}

/// Run a broker.
///
/// Without arguments it serves on localhost:9092 from ./ringlog-data. Settings have Kafka's names;
/// docs/configuration.md lists them. The first SIGTERM or SIGINT stops it cleanly, the second at
/// once.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Serve {
    /// Read settings from FILE: TOML when its name ends in .toml, Java properties otherwise.
    #[arg(long, value_name = "FILE", env = "RINGLOG_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Keep all data in DIR (log.dirs) [default: ringlog-data].
    #[arg(long, value_name = "DIR")]
    pub(super) data_dir: Option<String>,
    /// Listen on HOST:PORT (listeners) [default: localhost:9092].
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) listen: Option<String>,
    /// Tell clients to connect to HOST:PORT (advertised.listeners) [default: as --listen].
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) advertise: Option<String>,
    /// Use these cores, such as 0,2-5 (ringlog.cores) [default: all].
    #[arg(long, value_name = "LIST")]
    pub(super) cores: Option<String>,
    /// Set KEY to VALUE, over everything else; may be given often.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// Write log lines for people or for programs (ringlog.log.format) [default: text].
    #[arg(long, value_name = "text|json")]
    pub(super) log_format: Option<String>,
    /// Log at this level: error, warn, info, debug, trace (ringlog.log.level) [default: info].
    #[arg(long, value_name = "LEVEL")]
    pub(super) log_level: Option<String>,
}

/// How to reach a cluster.
#[derive(Clone, Debug, Args)]
pub(super) struct Connect {
    /// Brokers to begin with.
    #[arg(
        short = 'b',
        long,
        value_name = "HOST:PORT,...",
        env = "RINGLOG_BOOTSTRAP",
        default_value = "localhost:9092",
        value_delimiter = ','
    )]
    pub(super) bootstrap_server: Vec<String>,
    /// Give up after this many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) timeout: u64,
}

impl Connect {
    pub(super) fn options(&self) -> ClientOptions {
        let operation_timeout = Duration::from_secs(self.timeout);
        ClientOptions {
            bootstrap: self.bootstrap_server.clone(),
            request_timeout: operation_timeout.min(Duration::from_secs(10)),
            operation_timeout,
            ..ClientOptions::default()
        }
    }
}

/// How lists are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// Columns, for people.
    Table,
    /// JSON, for programs.
    Json,
}

/// How lists are printed.
#[derive(Clone, Debug, Args)]
pub(super) struct Listing {
    /// Print a table, or JSON.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub(super) format: ListFormat,
}

#[derive(Debug, Subcommand)]
pub(super) enum Topic {
    /// Create a topic.
    Create(TopicCreate),
    /// List topics.
    List(TopicList),
    /// Show the partitions and the settings of topics.
    Describe(TopicDescribe),
    /// Change a topic: its settings, or the number of its partitions.
    Alter(TopicAlter),
    /// Delete topics with all their records.
    Delete(TopicDelete),
}

#[derive(Debug, Args)]
pub(super) struct TopicCreate {
    #[command(flatten)]
    pub(super) connect: Connect,
    /// Name of the topic.
    pub(super) name: String,
    /// Number of partitions [default: the broker's num.partitions].
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    pub(super) partitions: Option<i32>,
    /// Number of replicas [default: the broker's default.replication.factor].
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i16).range(1..))]
    pub(super) replication_factor: Option<i16>,
    /// Set KEY to VALUE, such as retention.ms=3600000; may be given often.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(super) set: Vec<(String, String)>,
    /// Succeed when there is such a topic already.
    #[arg(long)]
    pub(super) if_not_exists: bool,
    /// Only ask the broker whether it would create it.
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct TopicList {
    #[command(flatten)]
    pub(super) connect: Connect,
    #[command(flatten)]
    pub(super) listing: Listing,
    /// The cluster's own topics too.
    #[arg(long)]
    pub(super) internal: bool,
}

#[derive(Debug, Args)]
pub(super) struct TopicDescribe {
    #[command(flatten)]
    pub(super) connect: Connect,
    #[command(flatten)]
    pub(super) listing: Listing,
    /// Names of the topics.
    #[arg(required = true)]
    pub(super) names: Vec<String>,
    /// All settings, not the topic's own alone.
    #[arg(short, long)]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
pub(super) struct TopicAlter {
    #[command(flatten)]
    pub(super) connect: Connect,
    /// Name of the topic.
    pub(super) name: String,
    /// Give it this many partitions; there is no way back.
    #[arg(short, long, value_name = "N", required_unless_present_any = ["set", "unset"],
          value_parser = clap::value_parser!(i32).range(1..))]
    pub(super) partitions: Option<i32>,
    /// Set KEY to VALUE; may be given often.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(super) set: Vec<(String, String)>,
    /// Go back to the broker's value of KEY; may be given often.
    #[arg(long, value_name = "KEY")]
    pub(super) unset: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct TopicDelete {
    #[command(flatten)]
    pub(super) connect: Connect,
    /// Names of the topics.
    #[arg(required = true)]
    pub(super) names: Vec<String>,
    /// Succeed when there is no such topic.
    #[arg(long)]
    pub(super) if_exists: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Group {
    /// List groups.
    List(GroupList),
    /// Show the members, offsets and lag of groups.
    Describe(GroupDescribe),
    /// Delete groups that have no members, with their offsets.
    Delete(GroupDelete),
}

#[derive(Debug, Args)]
pub(super) struct GroupList {
    #[command(flatten)]
    pub(super) connect: Connect,
    #[command(flatten)]
    pub(super) listing: Listing,
}

#[derive(Debug, Args)]
pub(super) struct GroupDescribe {
    #[command(flatten)]
    pub(super) connect: Connect,
    #[command(flatten)]
    pub(super) listing: Listing,
    /// Names of the groups.
    #[arg(required = true)]
    pub(super) names: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct GroupDelete {
    #[command(flatten)]
    pub(super) connect: Connect,
    /// Names of the groups.
    #[arg(required = true)]
    pub(super) names: Vec<String>,
}

/// Compression of batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Codec {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// When a record counts as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AcksWanted {
    /// When every in-sync replica has it.
    #[value(alias = "-1")]
    All,
    /// When the leader has it.
    #[value(name = "1")]
    One,
    /// At once.
    #[value(name = "0")]
    Zero,
}

/// Send records to a topic.
///
/// Each line of standard input is a record; with FILES each file is one. The program ends with 0
/// only when every record was acknowledged. Delimiters know \n, \t, \r, \0, \\ and \xNN.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  echo hello | ringlog produce greetings
  ringlog produce users -K: < users.txt              # key:value in each line
  ringlog produce pictures -k cat -z zstd cat.jpg    # a file as one record

{EXIT_CODES}"))]
pub(super) struct Produce {
    #[command(flatten)]
    pub(super) connect: Connect,
    /// Name of the topic.
    pub(super) topic: String,
    /// Files to send, a record each.
    pub(super) files: Vec<PathBuf>,
    /// Send each line of FILE, not of standard input.
    #[arg(short, long, value_name = "FILE", conflicts_with = "files")]
    pub(super) lines: Option<PathBuf>,
    /// Send everything to partition N [default: by key, as Kafka's Java producer].
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub(super) partition: Option<i32>,
    /// What stands between key and value.
    #[arg(short = 'K', long, value_name = "DELIMITER")]
    pub(super) key_delimiter: Option<String>,
    /// What stands between records.
    #[arg(short = 'D', long, value_name = "DELIMITER", default_value = "\\n")]
    pub(super) delimiter: String,
    /// Give every record this key.
    #[arg(short = 'k', long, value_name = "KEY", conflicts_with = "key_delimiter")]
    pub(super) key: Option<String>,
    /// Give every record this header; may be given often. NAME alone is a header without a value.
    #[arg(short = 'H', long, value_name = "NAME=VALUE")]
    pub(super) header: Vec<String>,
    /// Send empty keys and values as null: an empty value is a tombstone then.
    #[arg(short = 'Z', long)]
    pub(super) null: bool,
    /// Compress batches.
    #[arg(short = 'z', long, value_enum, default_value_t = Codec::None)]
    pub(super) compression: Codec,
    /// When a record counts as sent.
    #[arg(long, value_enum, default_value_t = AcksWanted::All)]
    pub(super) acks: AcksWanted,
    /// Send this many records and no more.
    #[arg(short, long, value_name = "N")]
    pub(super) count: Option<u64>,
    /// Wait this long for more records before a batch is sent, in ms.
    #[arg(long, value_name = "MS", default_value_t = 20)]
    pub(super) linger: u64,
    /// Bytes of records at which a batch is sent.
    #[arg(long, value_name = "BYTES", default_value_t = 524_288,
          value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(super) batch_bytes: u64,
    /// Do not ask for a producer id: a batch that is sent again may then be there twice.
    #[arg(long)]
    pub(super) no_idempotence: bool,
}

/// Print the records of topics.
///
/// Without --exit or --count it waits for more. In a group, SIGINT and SIGTERM end it in order: what
/// was printed is committed.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Tokens of --format:
  %s value          %S its length (-1: null)    %R its length as four bytes
  %k key            %K its length (-1: null)    %h headers as name=value,...
  %t topic          %p partition                %o offset
  %T timestamp, ms  %% a percent sign           \\n \\r \\t \\\\ \\xNN as in C

Examples:
  ringlog consume greetings --exit                     # everything there is
  ringlog consume greetings -o -10 -e                  # the last ten of each partition
  ringlog consume greetings -o @1700000000000          # from a time on, ms since 1970
  ringlog consume greetings -g readers                 # as a member of a group
  ringlog consume greetings -f '%p:%o %k=%s\\n'

{EXIT_CODES}"))]
pub(super) struct Consume {
    #[command(flatten)]
    pub(super) connect: Connect,
    /// Names of the topics.
    #[arg(required = true)]
    pub(super) topics: Vec<String>,
    /// Read these partitions alone.
    #[arg(short, long, value_name = "N,...", value_delimiter = ',', conflicts_with = "group",
          value_parser = clap::value_parser!(i32).range(0..))]
    pub(super) partitions: Vec<i32>,
    /// Begin at: beginning, end, an offset, -N (N before the end), @MS (a time). In a group: where
    /// it has not committed an offset.
    #[arg(short, long, value_name = "WHERE", default_value = "beginning",
          allow_hyphen_values = true, value_parser = start)]
    pub(super) offset: crate::client::Start,
    /// Read as a member of GROUP, and commit what was printed.
    #[arg(short, long, value_name = "GROUP")]
    pub(super) group: Option<String>,
    /// Stop after this many records.
    #[arg(short, long, value_name = "N")]
    pub(super) count: Option<u64>,
    /// Stop at the end of all partitions, instead of waiting for more.
    #[arg(short = 'e', long)]
    pub(super) exit: bool,
    /// How to print a record: a text with the tokens below, or `json`, which is --json.
    #[arg(short, long, value_name = "FORMAT", conflicts_with_all = ["json", "key_delimiter"])]
    pub(super) format: Option<String>,
    /// Print a JSON object a line.
    #[arg(short = 'J', long, conflicts_with_all = ["key_delimiter"])]
    pub(super) json: bool,
    /// Print the key and this before the value.
    #[arg(short = 'K', long, value_name = "DELIMITER")]
    pub(super) key_delimiter: Option<String>,
    /// Print this after each record.
    #[arg(short = 'D', long, value_name = "DELIMITER", default_value = "\\n")]
    pub(super) delimiter: String,
    /// Print NULL for null keys and values, which are empty otherwise.
    #[arg(short = 'Z', long)]
    pub(super) null: bool,
    /// Show records of open and aborted transactions too.
    #[arg(long)]
    pub(super) uncommitted: bool,
    /// Ask for this many bytes of each partition at a time.
    #[arg(long, value_name = "BYTES", default_value_t = 1_048_576,
          value_parser = clap::value_parser!(i32).range(1..=100_000_000))]
    pub(super) fetch_bytes: i32,
}

/// Look into a data directory or a file of it. Never writes.
///
/// PATH is a data directory, a partition's directory, a journal, a segment, an index, a
/// checkpoint or a producer snapshot; damaged ones are shown as far as they go. The exit code is 1
/// when something is wrong. A broker may run meanwhile; what it is writing may then look unfinished.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Inspect {
    #[command(flatten)]
    pub(super) listing: Listing,
    /// What to look into.
    pub(super) path: PathBuf,
    /// Show the records of each batch.
    #[arg(short, long)]
    pub(super) records: bool,
    /// Show this many rows of each file; all of it is looked at anyway.
    #[arg(long, value_name = "N", default_value_t = u64::MAX, hide_default_value = true)]
    pub(super) rows: u64,
    /// Show this many bytes of a key or value.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(super) value_bytes: usize,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct Man {
    /// Where to: a page a command.
    pub(super) dir: PathBuf,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) =
        text.split_once('=').ok_or("expected KEY=VALUE, such as retention.ms=3600000")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

fn start(text: &str) -> Result<crate::client::Start, String> {
    use crate::client::Start;
    let wrong = "expected beginning, end, an offset, -N or @MS";
    let number = |text: &str| text.parse::<i64>().ok().filter(|n| *n >= 0).ok_or(wrong);
    match text {
        "beginning" | "earliest" => Ok(Start::Beginning),
        "end" | "latest" => Ok(Start::End),
        _ => {
            if let Some(time) = text.strip_prefix('@') {
                Ok(Start::Timestamp(number(time)?))
            } else if let Some(count) = text.strip_prefix('-') {
                Ok(Start::BeforeEnd(number(count)?))
            } else {
                Ok(Start::Offset(number(text)?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Start;
    use clap::CommandFactory;

    fn parse(line: &str) -> Command {
        Cli::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{error}")).command
    }

    fn fails(line: &str) -> String {
        Cli::try_parse_from(line.split(' ')).unwrap_err().to_string()
    }

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_documentation_names_every_command() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/commands.md");
        let text = std::fs::read_to_string(path).unwrap();
        let cli = Cli::command();
        for command in cli.get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = command.get_name();
            assert!(text.contains(name), "docs/commands.md has nothing on {name}");
            for under in command.get_subcommands() {
                assert!(text.contains(under.get_name()), "nor on {name} {}", under.get_name());
            }
        }
    }

    #[test]
    fn serve_needs_nothing_and_takes_settings() {
        assert!(matches!(parse("ringlog serve"), Command::Serve(_)));
        let Command::Serve(serve) = parse(
            "ringlog serve --data-dir d --listen :1 --cores 0,1 --set a=1 --set b=2 --log-format json",
        ) else {
            panic!("not serve")
        };
        assert_eq!(serve.set, ["a=1", "b=2"]);
        assert_eq!(serve.cores.as_deref(), Some("0,1"));
    }

    #[test]
    fn offsets_are_read_as_kcat_reads_them() {
        for (text, expected) in [
            ("beginning", Start::Beginning),
            ("end", Start::End),
            ("17", Start::Offset(17)),
            ("-5", Start::BeforeEnd(5)),
            ("@1700", Start::Timestamp(1700)),
        ] {
            let line = format!("ringlog consume t -o {text}");
            let Command::Consume(consume) = parse(&line) else { panic!("not consume") };
            assert_eq!(consume.offset, expected);
        }
        assert!(fails("ringlog consume t -o soon").contains("expected beginning"));
    }

    #[test]
    fn several_brokers_are_taken() {
        let Command::Produce(produce) = parse("ringlog produce t -b a:1,b:2 -K: -z zstd") else {
            panic!("not produce")
        };
        assert_eq!(produce.connect.bootstrap_server, ["a:1", "b:2"]);
        assert_eq!(produce.key_delimiter.as_deref(), Some(":"));
        assert_eq!(produce.compression, Codec::Zstd);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        assert!(fails("ringlog topic alter t").contains("--partitions"));
        assert!(fails("ringlog consume t -g g -p 1").contains("cannot be used with"));
        assert!(fails("ringlog topic create t --set x").contains("expected KEY=VALUE"));
        assert!(fails("ringlog topic create t -p 0").contains("0 is not in"));
    }
}
