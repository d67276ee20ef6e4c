//! What every generated message can do.

use std::fmt::Debug;

use super::array::View;
use super::error::{DecodeError, DecodeErrorKind, EncodeError};
use super::format::Format;
use super::generated::ApiKey;
use super::reader::Reader;
use super::writer::Writer;

/// A message of the protocol: a request, a response, a header, or the key or value of a record.
pub trait Message: Clone + Debug + Default + PartialEq {
    /// Its name in Kafka's definitions.
    const NAME: &'static str;
    /// Lowest version.
    const MIN_VERSION: i16;
    /// Highest released version.
    const MAX_VERSION: i16;
    /// First flexible version (KIP-482); beyond [`Message::MAX_VERSION`] when there is none.
    const FLEXIBLE_FROM: i16;

    /// The same message in received bytes.
    type View<'a>: View<'a> + Copy + Debug;

    /// Appends the fields of this message, without checking that the version exists.
    ///
    /// # Errors
    /// When the version cannot express the message, see [`EncodeError`].
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError>;

    /// Copies a view. For tests, clients and start-up: the copy takes more memory than the bytes.
    fn from_view(view: Self::View<'_>) -> Self;

    /// How this message looks in `version`.
    fn format(version: i16) -> Format {
        Format { version, flexible: version >= Self::FLEXIBLE_FROM }
    }

    /// Appends this message to `w`.
    ///
    /// # Errors
    /// When there is no such version or it cannot express the message; `w` is then spoilt.
    fn encode(&self, w: &mut Writer, version: i16) -> Result<(), EncodeError> {
        if !(Self::MIN_VERSION..=Self::MAX_VERSION).contains(&version) {
            return Err(EncodeError::UnsupportedVersion {
                message: Self::NAME,
                min: Self::MIN_VERSION,
                max: Self::MAX_VERSION,
                version,
            });
        }
        self.write(w, Self::format(version))
    }

    /// Reads a message that takes up all of `bytes`, and checks all of it. Allocates nothing.
    ///
    /// # Errors
    /// When the bytes are not such a message in this version, or more bytes follow.
    fn decode(bytes: &[u8], version: i16) -> Result<Self::View<'_>, DecodeError> {
        let mut reader = Reader::new(bytes);
        let view = Self::decode_from(&mut reader, version)?;
        match reader.finish() {
            Ok(()) => Ok(view),
            Err(error) => Err(DecodeError { message: Self::NAME, version, ..error }),
        }
    }

    /// Reads a message and leaves `reader` behind it.
    ///
    /// # Errors
    /// When the bytes do not begin with such a message in this version.
    fn decode_from<'a>(
        reader: &mut Reader<'a>,
        version: i16,
    ) -> Result<Self::View<'a>, DecodeError> {
        let (min, max) = (Self::MIN_VERSION, Self::MAX_VERSION);
        let read = if (min..=max).contains(&version) {
            Self::View::read(reader, Self::format(version))
        } else {
            Err(reader.error(DecodeErrorKind::UnsupportedVersion { min, max }))
        };
        read.map_err(|error| DecodeError { message: Self::NAME, version, ..error })
    }
}

/// A request, with its answer.
pub trait Request: Message {
    /// Its API key.
    const KEY: ApiKey;
    /// The answer, which has the same version.
    type Response: Message;
}
