//! Writes Rust for Kafka's message definitions.
//!
//! [`definition`] reads the JSON, [`schema`] resolves versions and types, the `emit` modules write
//! Rust, `rustfmt` lays it out. Nothing here runs when the broker is built.

mod definition;
mod emit_api_key;
mod emit_field;
mod emit_struct;
mod names;
mod schema;
mod selection;
mod versions;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use definition::Definition;
use schema::Message;

/// What stops the generator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or directory that cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A definition that is not as Kafka's documentation says.
    #[error("{path}: {what}")]
    Definition {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A message of the selection that the definitions lack.
    #[error(
        "there is no {0}.json below the directory: unzip kafka-clients, kafka-group-coordinator \
         and kafka-metadata of the same Kafka version into it"
    )]
    Missing(&'static str),
    /// rustfmt failed.
    #[error("rustfmt failed on the generated files: {0}")]
    Rustfmt(String),
}

/// Reads the definitions below `from` and replaces the generated files. Returns a one-line summary.
pub(crate) fn run(from: &Path) -> Result<String, Error> {
    let mut definitions = BTreeMap::new();
    read_definitions(from, &mut definitions)?;
    let unstable = unstable_versions(&definitions);

    let mut messages = Vec::new();
    for &name in selection::MESSAGES {
        let (path, definition) = definitions.get(name).ok_or(Error::Missing(name))?;
        let is_api = matches!(definition.kind.as_str(), "request" | "response");
        let unstable = definition.api_key.is_some_and(|key| is_api && unstable.contains(&key));
        let message = Message::resolve(definition, unstable)
            .map_err(|what| Error::Definition { path: path.clone(), what })?;
        messages.push(message);
    }
    let requests: Vec<&Definition> =
        definitions.values().map(|(_, d)| d).filter(|d| d.kind == "request").collect();

    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../broker/src/protocol/generated");
    clear(&out)?;
    let mut files = Vec::new();
    for message in &messages {
        files.push(write(&out, &message.module, &emit_struct::file(message))?);
    }
    files.push(write(&out, "api_key", &emit_api_key::file(&requests, &unstable))?);
    files.push(write(&out, "mod", &emit_struct::index(&messages))?);
    format(&files)?;
    Ok(format!("{} messages, {} files in {}", messages.len(), files.len(), out.display()))
}

fn read_definitions(
    dir: &Path,
    definitions: &mut BTreeMap<String, (PathBuf, Definition)>,
) -> Result<(), Error> {
    let io = |source| Error::Io { path: dir.to_owned(), source };
    for entry in fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.is_dir() {
            read_definitions(&path, definitions)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            let text = fs::read_to_string(&path)
                .map_err(|source| Error::Io { path: path.clone(), source })?;
            if let Some(definition) = Definition::parse(&text)
                .map_err(|what| Error::Definition { path: path.clone(), what })?
            {
                definitions.insert(definition.name.clone(), (path, definition));
            }
        }
    }
    Ok(())
}

/// API keys whose highest version is not released.
fn unstable_versions(definitions: &BTreeMap<String, (PathBuf, Definition)>) -> Vec<i16> {
    let unstable = definitions.values().filter(|(_, d)| d.latest_version_unstable);
    unstable.filter_map(|(_, d)| d.api_key).collect()
}

fn clear(out: &Path) -> Result<(), Error> {
    let io = |source| Error::Io { path: out.to_owned(), source };
    fs::create_dir_all(out).map_err(io)?;
    for entry in fs::read_dir(out).map_err(io)? {
        let path = entry.map_err(io)?.path();
        fs::remove_file(&path).map_err(|source| Error::Io { path, source })?;
    }
    Ok(())
}

fn write(out: &Path, module: &str, text: &str) -> Result<PathBuf, Error> {
    let path = out.join(format!("{module}.rs"));
    let note =
        "// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.\n";
    fs::write(&path, format!("{note}{text}"))
        .map_err(|source| Error::Io { path: path.clone(), source })?;
    Ok(path)
}

fn format(files: &[PathBuf]) -> Result<(), Error> {
    let run = Command::new("rustfmt").arg("--edition=2024").args(files).output();
    match run {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Error::Rustfmt(String::from_utf8_lossy(&output.stderr).into_owned())),
        Err(error) => Err(Error::Rustfmt(error.to_string())),
    }
}
