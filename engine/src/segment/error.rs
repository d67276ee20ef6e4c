//! What can be wrong with a file.

/// Why the bytes of a file are not what its name promises. Whoever read the file adds its path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The file is shorter or longer than its contents say.
    #[error("it has {have} bytes where {need} should be")]
    Length {
        /// Bytes there are.
        have: usize,
        /// Bytes there should be.
        need: usize,
    },
    /// A version this program does not know.
    #[error("its version is {found}; this program knows {known}")]
    Version {
        /// Version of the file.
        found: i64,
        /// Newest version known.
        known: i64,
    },
    /// The bytes are not those that were written.
    #[error("it carries checksum {stored:08x}, its bytes have {computed:08x}")]
    Checksum {
        /// In the file.
        stored: u32,
        /// Of the bytes.
        computed: u32,
    },
    /// An entry of an index does not follow the one before.
    #[error("entry {index}: {what}")]
    Entry {
        /// Which entry, from zero.
        index: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A line of a text file is wrong.
    #[error("line {line}: {what}")]
    Line {
        /// Which line, from one.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A key of a properties file is missing.
    #[error("{key} is missing")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// It belongs to something else.
    #[error("it is of {found}, not of {expected}")]
    Misplaced {
        /// What it says it belongs to.
        found: String,
        /// What it should belong to.
        expected: String,
    },
}
