//! Who answers: what a broker tells of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Answer, Connection, frame};
use crate::error::BenchError;

/// Tag of the finalised features in an ApiVersions answer (KIP-584).
const FINALIZED_FEATURES: u32 = 2;

/// What a broker tells of itself. The protocol has no field for its name or version; the levels of its
/// features and the newest requests that it serves stand for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Where it was asked.
    pub address: String,
    /// The newest version that it serves of Produce and Fetch.
    pub produce_version_max: i16,
    /// Of Fetch.
    pub fetch_version_max: i16,
    /// Levels of the features that its cluster has finalised, such as `metadata.version`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, i16>,
}

/// Asks a broker.
pub(crate) fn identity(connection: &mut Connection) -> Result<Identity, BenchError> {
    let answer = connection.ask(&frame::api_versions())?;
    read(&answer, connection.address())
}

fn read(frame: &[u8], address: &str) -> Result<Identity, BenchError> {
    let mut identity = Identity { address: address.to_owned(), ..Identity::default() };
    let mut answer = Answer::new(frame, address)?;
    let code = answer.i16()?;
    if code != 0 {
        // Too old for this version of the request; that it is there is all that is known then.
        return Ok(identity);
    }
    for _ in 0..answer.compact_count()? {
        let (api, _, newest) = (answer.i16()?, answer.i16()?, answer.i16()?);
        skip_tags(&mut answer)?;
        match api {
            0 => identity.produce_version_max = newest,
            1 => identity.fetch_version_max = newest,
            _ => {}
        }
    }
    answer.i32()?;
    for _ in 0..answer.varint()? {
        let (tag, length) = (answer.varint()?, answer.varint()?);
        let content = answer.take(length as usize)?;
        if tag == FINALIZED_FEATURES {
            // It has no correlation id before it, which `Answer` passes over.
            let whole = [&[0; 4], content].concat();
            identity.features = features(&mut Answer::new(&whole, address)?)?;
        }
    }
    Ok(identity)
}

fn features(answer: &mut Answer<'_>) -> Result<BTreeMap<String, i16>, BenchError> {
    let mut features = BTreeMap::new();
    for _ in 0..answer.compact_count()? {
        let name = answer.compact_text()?.to_owned();
        let level = answer.i16()?;
        answer.i16()?;
        skip_tags(answer)?;
        features.insert(name, level);
    }
    Ok(features)
}

fn skip_tags(answer: &mut Answer<'_>) -> Result<(), BenchError> {
    for _ in 0..answer.varint()? {
        answer.varint()?;
        let length = answer.varint()?;
        answer.take(length as usize)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn versions_and_features_are_read() {
        let mut frame = vec![0, 0, 0, 1, 0, 0, 3];
        frame.extend([0, 0, 0, 3, 0, 13, 0]);
        frame.extend([0, 1, 0, 4, 0, 18, 0]);
        frame.extend([0, 0, 0, 0, 1, 2, 9, 2]);
        frame.extend([3, b'a', b'b', 0, 25, 0, 1, 0]);
        // The length of the tag counts the array's own length.
        let identity = read(&frame, "host:1").unwrap();
        assert_eq!((identity.produce_version_max, identity.fetch_version_max), (13, 18));
        assert_eq!(identity.features.get("ab"), Some(&25));
    }

    #[test]
    fn an_old_broker_is_known_by_its_address_only() {
        let identity = read(&[0, 0, 0, 1, 0, 35, 0], "host:1").unwrap();
        assert_eq!((identity.address.as_str(), identity.fetch_version_max), ("host:1", 0));
    }
}
