//! Prints instances of every message at every version, one a line: name, version, `default` or
//! `random`, bytes in hexadecimal. `tests/codec/run` gives them to Apache Kafka's own classes.
#![forbid(unsafe_code)]

use std::io::{self, BufWriter, Write};

use ringlog::protocol::fill::{Fill, Filled};
use ringlog::protocol::{Message, Writer, generated};

fn main() -> io::Result<()> {
    let seeds = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(20);
    let mut out = BufWriter::new(io::stdout().lock());
    macro_rules! print_all {
        ($($name:ident,)*) => { $(print::<generated::$name>(&mut out, seeds)?;)* };
    }
    ringlog::for_each_message!(print_all);
    out.flush()
}

fn print<M: Message + Filled>(out: &mut impl Write, seeds: u64) -> io::Result<()> {
    for version in M::MIN_VERSION..=M::MAX_VERSION {
        line(out, "default", &M::default(), version)?;
        for seed in 0..seeds {
            line(out, "random", &M::filled(&mut Fill::new(seed), M::format(version)), version)?;
        }
    }
    Ok(())
}

fn line<M: Message>(out: &mut impl Write, kind: &str, message: &M, version: i16) -> io::Result<()> {
    let mut w = Writer::new();
    let encoded = message.encode(&mut w, version).and_then(|()| w.into_bytes());
    write!(out, "{} {version} {kind} ", M::NAME)?;
    for byte in encoded.map_err(io::Error::other)? {
        write!(out, "{byte:02x}")?;
    }
    writeln!(out)
}
