//! What can be wrong with bytes that are decoded, and with a message that is encoded.

/// Bytes that are not a valid message. Nothing was allocated for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} version {version}, byte {offset}: {kind}")]
pub struct DecodeError {
    /// Name of the message, or of the part of the frame, that was being read.
    pub message: &'static str,
    /// Version in which it was being read.
    pub version: i16,
    /// Offset in the message at which the reader stood, in bytes.
    pub offset: usize,
    /// What was wrong there.
    pub kind: DecodeErrorKind,
}

/// What was wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The message ends in the middle of a field.
    #[error("{wanted} bytes are needed, {left} are left")]
    Truncated {
        /// Bytes the field takes.
        wanted: usize,
        /// Bytes there are.
        left: usize,
    },
    /// More elements are announced than the remaining bytes could hold.
    #[error("{count} elements of at least {least} bytes are announced, {left} bytes are left")]
    TooManyElements {
        /// The announced count.
        count: u32,
        /// Least size of one element, in bytes.
        least: usize,
        /// Bytes there are.
        left: usize,
    },
    /// A length or count below -1.
    #[error("the length {length} is negative")]
    NegativeLength {
        /// The length as sent.
        length: i32,
    },
    /// Null in a field that may not be null.
    #[error("null in a field that may not be null")]
    UnexpectedNull,
    /// A variable-length integer that does not end, or does not fit.
    #[error("a variable-length integer is longer than its type")]
    VarintTooLong,
    /// A string that is not UTF-8.
    #[error("a string is not valid UTF-8")]
    NotUtf8,
    /// A tagged field whose announced size is not the size of its content.
    #[error("tagged field {tag} has {left} bytes more than its content")]
    TagSize {
        /// Number of the field.
        tag: u32,
        /// Bytes left over.
        left: usize,
    },
    /// Bytes behind the end of the message.
    #[error("{left} bytes follow the end of the message")]
    TrailingBytes {
        /// How many.
        left: usize,
    },
    /// A version that this broker does not read.
    #[error("the version is not between {min} and {max}")]
    UnsupportedVersion {
        /// Lowest version known.
        min: i16,
        /// Highest version known.
        max: i16,
    },
    /// A record whose type this broker does not know.
    #[error("record type {id} is unknown")]
    UnknownRecord {
        /// The type as stored.
        id: i32,
    },
    /// A metadata record in a frame of another version than 1.
    #[error("frame version {version} is unknown, only version 1 is")]
    UnknownFrame {
        /// The version as stored.
        version: u32,
    },
}

/// A message that cannot be expressed in the version asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A field is set that this version does not have, and leaving it out would change the meaning.
    #[error("{field} is set, but version {version} does not have it")]
    FieldNotInVersion {
        /// The field, as `Struct.field`.
        field: &'static str,
        /// Version of the message.
        version: i16,
    },
    /// A field is null that may not be null in this version.
    #[error("{field} is null, which version {version} does not allow")]
    NullNotInVersion {
        /// The field, as `Struct.field`.
        field: &'static str,
        /// Version of the message.
        version: i16,
    },
    /// The message does not exist in this version.
    #[error("{message} has the versions {min} to {max}, not {version}")]
    UnsupportedVersion {
        /// The message.
        message: &'static str,
        /// Lowest version known.
        min: i16,
        /// Highest version known.
        max: i16,
        /// Version asked for.
        version: i16,
    },
    /// A string, byte string, array or frame is longer than its length field can say.
    #[error("{length} bytes or elements are more than a length field of {max} can say")]
    TooLong {
        /// The length.
        length: usize,
        /// The most the field can say.
        max: usize,
    },
}
