//! Kafka's text form of a 16-byte id: base64url without padding, 22 characters.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const TEXT_CHARS: usize = 22;
/// 22 characters hold 132 bits, four more than the id.
const SPARE_BITS: u32 = 4;

/// The id's text.
pub fn to_text(id: [u8; 16]) -> String {
    let bits = u128::from_be_bytes(id);
    let digit = |index: usize| {
        // The last character has the four spare bits, which are zero.
        let shift = 6 * (TEXT_CHARS - 1 - index) as u32;
        let sextet = match shift.checked_sub(SPARE_BITS) {
            Some(shift) => bits >> shift,
            None => bits << (SPARE_BITS - shift),
        };
        char::from(ALPHABET[(sextet & 63) as usize])
    };
    (0..TEXT_CHARS).map(digit).collect()
}

/// The id of a text. `None`: not 22 characters of base64url, or spare bits that are not zero.
pub fn from_text(text: &str) -> Option<[u8; 16]> {
    let (last, rest) = text.as_bytes().split_last()?;
    if text.len() != TEXT_CHARS {
        return None;
    }
    let sextet = |byte: &u8| ALPHABET.iter().position(|each| each == byte).map(|at| at as u128);
    let mut bits = 0;
    for byte in rest {
        bits = bits << 6 | sextet(byte)?;
    }
    let last = sextet(last)?;
    let spare = last & ((1 << SPARE_BITS) - 1);
    (spare == 0).then(|| (bits << 2 | last >> SPARE_BITS).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_come_back(id: [u8; 16]) {
            prop_assert_eq!(from_text(&to_text(id)), Some(id));
        }
    }

    #[test]
    fn the_text_is_that_of_kafka() {
        // Kafka's Uuid.METADATA_TOPIC_ID is 00000000-0000-0000-0000-000000000001.
        let id = 1_u128.to_be_bytes();
        assert_eq!(to_text(id), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!(from_text("AAAAAAAAAAAAAAAAAAAAAQ"), Some(id));
        for text in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAR", "AAAAAAAAAAAAAAAAAAAA+Q"] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }
}
