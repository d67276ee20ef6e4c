//! In which version, and in which of the two encodings, a message is read or written.

/// The version of a message and whether that version is *flexible* (KIP-482: compact lengths and
/// tagged fields). Passed down through the nested structs of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Version of the message.
    pub version: i16,
    /// Whether the version has compact lengths and tagged fields.
    pub flexible: bool,
}

impl Format {
    /// The same version with the old encoding: the client id of a request header is a plain string
    /// even in the header's flexible version, so that a broker can read the header of any request.
    #[must_use]
    pub fn rigid(self) -> Self {
        Self { flexible: false, ..self }
    }
}
