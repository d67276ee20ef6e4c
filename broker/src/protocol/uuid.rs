//! The 16-byte identifier of topics, directories and members.

use std::fmt;
use std::str::FromStr;

/// A UUID as Kafka sends it: 16 bytes, big end first. Its text form is Kafka's too: URL-safe Base64
/// without padding, 22 characters.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Uuid {
    /// All zeros: "no id".
    pub const ZERO: Self = Self([0; 16]);
    /// Kafka's reserved id of the metadata topic, `0…01`.
    pub const METADATA_TOPIC: Self = Self(1u128.to_be_bytes());

    /// Whether all bytes are zero.
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// A version 4 (random) UUID out of 16 random bytes. A result that Kafka reserves (the first
    /// hundred) or whose text would begin with `-` is the caller's to draw again: see
    /// [`Uuid::is_reserved`].
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(bytes)
    }

    /// Whether Kafka would not give this id out: one of the first hundred values, or a text that
    /// begins with `-` and so looks like a flag on a command line.
    pub fn is_reserved(&self) -> bool {
        u128::from_be_bytes(self.0) < 100 || self.0[0] >> 2 == 62
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 22 digits of 6 bits hold 132 bits: the last digit carries two bits and four zeros.
        let bits = u128::from_be_bytes(self.0);
        for digit in 0..22 {
            let six = match 122i32 - digit * 6 {
                shift @ 0.. => (bits >> shift) & 63,
                shift => (bits << -shift) & 63,
            };
            let letter = ALPHABET.get(six as usize).copied().unwrap_or(b'A');
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a UUID in Kafka's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID: expected 22 characters of URL-safe Base64 such as MkU3OEVBNTcwNTJENDM2Qg")]
pub struct UuidError;

impl FromStr for Uuid {
    type Err = UuidError;

    fn from_str(text: &str) -> Result<Self, UuidError> {
        if text.len() != 22 {
            return Err(UuidError);
        }
        let mut bits = 0u128;
        for (digit, letter) in text.bytes().enumerate() {
            let six = ALPHABET.iter().position(|&c| c == letter).ok_or(UuidError)? as u128;
            if digit < 21 {
                bits = bits << 6 | six;
            } else if six & 15 == 0 {
                bits = bits << 2 | six >> 4;
            } else {
                return Err(UuidError);
            }
        }
        Ok(Self(bits.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kafkas_base64() {
        // Kafka prints its own reserved ids so.
        assert_eq!(Uuid::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(Uuid::METADATA_TOPIC.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!(Uuid([0xff; 16]).to_string(), "_____________________w");
        for byte in 0..=255u8 {
            let id = Uuid(std::array::from_fn(|i| byte.wrapping_mul(31).wrapping_add(i as u8 * 7)));
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn texts_that_are_no_uuid_are_refused() {
        for text in [
            "",
            "AAAA",
            "AAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAAAB",
            "é".repeat(11).as_str(),
        ] {
            assert_eq!(text.parse::<Uuid>(), Err(UuidError), "{text}");
        }
    }

    #[test]
    fn random_ids_are_version_four() {
        let id = Uuid::from_random([0xff; 16]);
        assert_eq!((id.0[6], id.0[8]), (0x4f, 0xbf));
        assert!(!id.is_reserved());
        assert!(Uuid([0xf8; 16]).is_reserved() && Uuid::METADATA_TOPIC.is_reserved());
    }
}
