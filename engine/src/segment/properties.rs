//! The small text files of keys and values: `partition.metadata`, `meta.properties`,
//! `.kafka_cleanshutdown`.

use super::{FormatError, id};

const PARTITION_METADATA_VERSION: i64 = 0;
const META_PROPERTIES_VERSION: i64 = 1;

/// The bytes of `partition.metadata`, which tells a partition's topic id.
pub fn encode_partition_metadata(topic_id: [u8; 16]) -> Vec<u8> {
    let topic_id = id::to_text(topic_id);
    format!("version: {PARTITION_METADATA_VERSION}\ntopic_id: {topic_id}").into_bytes()
}

/// Topic id in a `partition.metadata`.
///
/// # Errors
/// A missing key, another version, or an id that is none.
pub fn decode_partition_metadata(bytes: &[u8]) -> Result<[u8; 16], FormatError> {
    let pairs = Pairs::parse(bytes, ':')?;
    pairs.check_version(PARTITION_METADATA_VERSION)?;
    let (line, text) = pairs.get("topic_id")?;
    // A topic id of zeros is one that was never set.
    id::from_text(text)
        .filter(|id| *id != [0; 16])
        .ok_or_else(|| FormatError::Line { line, what: format!("'{text}' is not a topic id") })
}

/// `meta.properties`: to which cluster and node a log directory belongs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetaProperties {
    /// Cluster id.
    pub cluster_id: String,
    /// Node id.
    pub node_id: i32,
    /// Id of the directory itself; Kafka before 3.7 wrote none.
    pub directory_id: Option<[u8; 16]>,
}

impl MetaProperties {
    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!(
            "version={META_PROPERTIES_VERSION}\ncluster.id={}\nnode.id={}\n",
            escape(&self.cluster_id),
            self.node_id
        );
        if let Some(directory_id) = self.directory_id {
            text.push_str(&format!("directory.id={}\n", id::to_text(directory_id)));
        }
        text.into_bytes()
    }

    /// Reads the file. Keys of no meaning here are overlooked.
    ///
    /// # Errors
    /// A missing key, another version, or a value that is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let pairs = Pairs::parse(bytes, '=')?;
        pairs.check_version(META_PROPERTIES_VERSION)?;
        let (line, text) = pairs.get("node.id")?;
        let node_id = text.parse().map_err(|_| {
            let what = format!("'{text}' is not a node id");
            FormatError::Line { line, what }
        })?;
        let directory_id = match pairs.get("directory.id") {
            Err(_) => None,
            Ok((line, text)) => Some(id::from_text(text).ok_or_else(|| {
                let what = format!("'{text}' is not a directory id");
                FormatError::Line { line, what }
            })?),
        };
        let cluster_id = unescape(pairs.get("cluster.id")?.1);
        Ok(Self { cluster_id, node_id, directory_id })
    }
}

/// The bytes of `.kafka_cleanshutdown`. A broker epoch of -1 is one that is not known.
pub fn encode_clean_shutdown(broker_epoch: i64) -> Vec<u8> {
    format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}").into_bytes()
}

/// Keys and values of a text, with the line of each.
struct Pairs<'a> {
    pairs: Vec<(usize, &'a str, &'a str)>,
}

impl<'a> Pairs<'a> {
    fn parse(bytes: &'a [u8], separator: char) -> Result<Self, FormatError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| FormatError::Line { line: 1, what: "the file is not text".to_owned() })?;
        let mut pairs = Vec::new();
        for (text, line) in text.lines().zip(1..) {
            let text = text.trim();
            if text.is_empty() || text.starts_with(['#', '!']) {
                continue;
            }
            let Some((key, value)) = text.split_once(separator) else {
                let what = format!("'{text}' is not a key and a value");
                return Err(FormatError::Line { line, what });
            };
            pairs.push((line, key.trim(), value.trim()));
        }
        Ok(Self { pairs })
    }

    fn get(&self, key: &'static str) -> Result<(usize, &'a str), FormatError> {
        // As Java's Properties: the last one counts.
        let found = self.pairs.iter().rev().find(|(_, each, _)| *each == key);
        found.map(|(line, _, value)| (*line, *value)).ok_or(FormatError::Missing { key })
    }

    fn check_version(&self, known: i64) -> Result<(), FormatError> {
        let (line, text) = self.get("version")?;
        match text.parse() {
            Ok(found) if found == known => Ok(()),
            Ok(found) => Err(FormatError::Version { found, known }),
            Err(_) => {
                let what = format!("'{text}' is not a version");
                Err(FormatError::Line { line, what })
            }
        }
    }
}

/// Java's Properties put a backslash before these.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for each in value.chars() {
        if matches!(each, '\\' | ':' | '=' | '#' | '!') {
            out.push('\\');
        }
        out.push(each);
    }
    out
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(each) = chars.next() {
        if each == '\\' {
            out.extend(chars.next());
        } else {
            out.push(each);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_id_comes_back() {
        let bytes = encode_partition_metadata([9; 16]);
        assert_eq!(bytes.len(), 43);
        assert_eq!(decode_partition_metadata(&bytes), Ok([9; 16]));
        let zero = encode_partition_metadata([0; 16]);
        assert!(matches!(decode_partition_metadata(&zero), Err(FormatError::Line { line: 2, .. })));
        let missing = decode_partition_metadata(b"version: 0\n");
        assert_eq!(missing, Err(FormatError::Missing { key: "topic_id" }));
        let newer = decode_partition_metadata(b"version: 1\ntopic_id: x");
        assert_eq!(newer, Err(FormatError::Version { found: 1, known: 0 }));
    }

    #[test]
    fn a_directory_knows_where_it_belongs() {
        let mut meta = MetaProperties {
            cluster_id: "my=cluster".to_owned(),
            node_id: 3,
            directory_id: Some([7; 16]),
        };
        assert_eq!(MetaProperties::decode(&meta.encode()), Ok(meta.clone()));
        meta.directory_id = None;
        assert_eq!(MetaProperties::decode(&meta.encode()), Ok(meta));
        let bad = MetaProperties::decode(b"# one\nversion=1\ncluster.id=a\nnode.id=x\n");
        assert!(matches!(bad, Err(FormatError::Line { line: 4, .. })));
        assert!(MetaProperties::decode(&[0xff, 0xfe]).is_err());
    }

    #[test]
    fn the_clean_mark_is_kafkas() {
        assert_eq!(encode_clean_shutdown(11), br#"{"version":0,"brokerEpoch":11}"#);
    }
}
