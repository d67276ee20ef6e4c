//! The four codecs, as Kafka's clients frame them.

use std::io::{Read, Write};

use super::BatchError;

/// Bytes that the records of one batch may take once decompressed. A batch on the wire is bounded
/// by `max.message.bytes`; this bounds what a bomb in it can do.
pub const DECOMPRESSED_BYTES_MAX: usize = 256 << 20;

/// Header of the framing that snappy-java gives its streams; librdkafka sends bare blocks.
const XERIAL_HEADER: [u8; 16] =
    [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];

/// The part of it that tells framing from a bare block.
const XERIAL_MAGIC: &[u8] = XERIAL_HEADER.split_at(8).0;

/// Plain bytes in one block of that framing.
const XERIAL_BLOCK: usize = 32 << 10;

/// How the records of a batch are compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// Deflate with a gzip header.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4 frames.
    Lz4,
    /// Zstandard (KIP-110).
    Zstd,
}

impl Compression {
    pub(super) fn from_id(id: i16) -> Result<Self, BatchError> {
        Ok(match id {
            0 => Self::None,
            1 => Self::Gzip,
            2 => Self::Snappy,
            3 => Self::Lz4,
            4 => Self::Zstd,
            other => return Err(BatchError::Compression(other)),
        })
    }

    pub(super) fn id(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

    /// Kafka's name of the codec.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The codec that Kafka calls `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd]
            .into_iter()
            .find(|codec| codec.name() == name)
    }

    /// Compresses `plain`.
    ///
    /// # Errors
    /// What the encoder says.
    pub(super) fn compress(self, plain: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        match self {
            Self::None => out.extend_from_slice(plain),
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(&mut out, Default::default());
                encoder.write_all(plain)?;
                encoder.finish()?;
            }
            Self::Snappy => {
                out.extend_from_slice(&XERIAL_HEADER);
                let mut encoder = snap::raw::Encoder::new();
                for block in plain.chunks(XERIAL_BLOCK) {
                    let packed = encoder.compress_vec(block).map_err(std::io::Error::other)?;
                    let length = u32::try_from(packed.len()).map_err(std::io::Error::other)?;
                    out.extend_from_slice(&length.to_be_bytes());
                    out.extend_from_slice(&packed);
                }
            }
            Self::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(&mut out);
                encoder.write_all(plain)?;
                encoder.finish().map_err(std::io::Error::other)?;
            }
            Self::Zstd => out = zstd::stream::encode_all(plain, zstd::DEFAULT_COMPRESSION_LEVEL)?,
        }
        Ok(out)
    }

    /// Decompresses `packed` to at most `limit` bytes. Memory grows with what comes out, never with
    /// what a header promises.
    pub(super) fn decompress(self, packed: &[u8], limit: usize) -> Result<Vec<u8>, BatchError> {
        match self {
            Self::None => Ok(packed.to_vec()),
            Self::Gzip => self.inflate(flate2::read::MultiGzDecoder::new(packed), limit),
            Self::Snappy => self.unsnap(packed, limit),
            Self::Lz4 => self.inflate(lz4_flex::frame::FrameDecoder::new(packed), limit),
            Self::Zstd => {
                let decoder =
                    zstd::stream::read::Decoder::new(packed).map_err(|error| self.bad(&error))?;
                self.inflate(decoder, limit)
            }
        }
    }

    fn inflate(self, decoder: impl Read, limit: usize) -> Result<Vec<u8>, BatchError> {
        let mut out = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        decoder.take(most).read_to_end(&mut out).map_err(|error| self.bad(&error))?;
        if out.len() > limit {
            return Err(BatchError::Inflated { limit });
        }
        Ok(out)
    }

    fn unsnap(self, packed: &[u8], limit: usize) -> Result<Vec<u8>, BatchError> {
        let mut out = Vec::new();
        let mut decoder = snap::raw::Decoder::new();
        let mut block = |packed: &[u8], out: &mut Vec<u8>| {
            // The length is the sender's claim: a block cannot grow more than about 21-fold.
            let size = snap::raw::decompress_len(packed).map_err(|error| self.bad(&error))?;
            if size > limit - out.len() {
                return Err(BatchError::Inflated { limit });
            }
            if size > packed.len().saturating_mul(64) {
                return Err(self.bad(&"a block promises more than it can hold"));
            }
            let at = out.len();
            out.resize(at + size, 0);
            decoder.decompress(packed, &mut out[at..]).map_err(|error| self.bad(&error))?;
            Ok(())
        };
        if !packed.starts_with(XERIAL_MAGIC) {
            block(packed, &mut out)?;
            return Ok(out);
        }
        let mut rest = packed;
        loop {
            // Streams may follow one another, as snappy-java reads them, too. Two version numbers
            // follow the magic.
            while rest.starts_with(XERIAL_MAGIC) {
                rest = rest
                    .get(XERIAL_HEADER.len()..)
                    .ok_or_else(|| self.bad(&"the stream header is cut short"))?;
            }
            let Some((length, tail)) = rest.split_first_chunk() else { break };
            let length = u32::from_be_bytes(*length) as usize;
            let (packed, tail) =
                tail.split_at_checked(length).ok_or_else(|| self.bad(&"a block is cut short"))?;
            block(packed, &mut out)?;
            rest = tail;
        }
        if rest.is_empty() { Ok(out) } else { Err(self.bad(&"bytes behind the last block")) }
    }

    fn bad(self, why: &dyn std::fmt::Display) -> BatchError {
        BatchError::Decompression { codec: self.name(), why: why.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Compression; 5] = [
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];

    #[test]
    fn every_codec_gives_back_what_it_took() {
        let plain: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
        for codec in ALL {
            let packed = codec.compress(&plain).unwrap();
            assert_eq!(codec.decompress(&packed, plain.len()).unwrap(), plain, "{codec:?}");
            assert_eq!(codec.decompress(&codec.compress(b"").unwrap(), 0).unwrap(), b"");
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let plain = vec![0; 1 << 20];
        for codec in &ALL[1..] {
            let packed = codec.compress(&plain).unwrap();
            let verdict = codec.decompress(&packed, 1000);
            assert_eq!(verdict, Err(BatchError::Inflated { limit: 1000 }), "{codec:?}");
        }
    }

    #[test]
    fn bare_snappy_blocks_are_read_too() {
        let packed = snap::raw::Encoder::new().compress_vec(b"librdkafka").unwrap();
        assert_eq!(Compression::Snappy.decompress(&packed, 100).unwrap(), b"librdkafka");
    }

    #[test]
    fn streams_one_after_another_are_read_as_one() {
        // Not LZ4: Kafka's reader, too, ends behind the first frame.
        for codec in [Compression::Gzip, Compression::Snappy, Compression::Zstd] {
            let packed = [codec.compress(b"one ").unwrap(), codec.compress(b"two").unwrap()];
            assert_eq!(codec.decompress(&packed.concat(), 100).unwrap(), b"one two", "{codec:?}");
        }
    }

    #[test]
    fn garbage_is_an_error() {
        for codec in &ALL[1..] {
            assert!(codec.decompress(b"garbage that is no stream", 1000).is_err(), "{codec:?}");
        }
    }
}
