//! Frames: four bytes of length, then a request or a response.

/// Bytes of the length in front of a frame.
pub const LENGTH_BYTES: usize = 4;

/// Why a connection's bytes are not frames. The connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A length below zero.
    #[error("a frame announces the negative length {length}: this is not a Kafka client")]
    NegativeLength {
        /// The length as sent.
        length: i32,
    },
    /// A length above the limit.
    #[error(
        "a frame announces {length} bytes, the limit is {limit}: this is not a Kafka client, or \
         the limit (socket.request.max.bytes after authentication) is too low for it"
    )]
    TooLong {
        /// The length as sent.
        length: usize,
        /// The limit in force.
        limit: usize,
    },
}

/// Reads the length in front of a frame: `None` until four bytes are there.
///
/// # Errors
/// When the length is negative or above `limit`.
pub fn length(received: &[u8], limit: usize) -> Result<Option<usize>, FrameError> {
    let Some(prefix) = received.first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
    let length = i32::from_be_bytes(*prefix);
    match usize::try_from(length) {
        Err(_) => Err(FrameError::NegativeLength { length }),
        Ok(length) if length > limit => Err(FrameError::TooLong { length, limit }),
        Ok(length) => Ok(Some(length)),
    }
}

/// A frame without its length, and the bytes behind it; `None` when the frame is not all there.
pub type Split<'a> = Option<(&'a [u8], &'a [u8])>;

/// Splits the first frame, without its length, off the received bytes.
///
/// # Errors
/// When the length is negative or above `limit`.
pub fn split(received: &[u8], limit: usize) -> Result<Split<'_>, FrameError> {
    let Some(length) = length(received, limit)? else { return Ok(None) };
    let body = received.get(LENGTH_BYTES..).unwrap_or_default();
    Ok(body.split_at_checked(length))
}

/// How large a buffer may be that holds the first `received` bytes of a frame of `total` bytes
/// (both with the length): twice what has arrived, never less than 4 KiB, never more than the frame.
/// A peer that announces much and sends little so costs little.
pub fn buffer_bytes(received: usize, total: usize) -> usize {
    received.saturating_mul(2).max(4096).min(total.max(received))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_split_when_they_are_whole() {
        let bytes = [0, 0, 0, 2, 7, 8, 9];
        for part in 0..6 {
            assert_eq!(split(&bytes[..part], 10), Ok(None), "{part} bytes");
        }
        assert_eq!(split(&bytes, 10), Ok(Some((&bytes[4..6], &bytes[6..]))));
        assert_eq!(split(&[0; 4], 0), Ok(Some((&[][..], &[][..]))));
    }

    #[test]
    fn lengths_beyond_the_limit_are_refused_before_the_frame_arrives() {
        assert_eq!(length(&[0, 0, 0, 11], 10), Err(FrameError::TooLong { length: 11, limit: 10 }));
        assert_eq!(length(&[0xff; 4], 10), Err(FrameError::NegativeLength { length: -1 }));
        assert_eq!(
            length(&[0x7f, 0xff, 0xff, 0xff], 104_857_600),
            Err(FrameError::TooLong { length: i32::MAX as usize, limit: 104_857_600 })
        );
    }

    #[test]
    fn buffers_grow_with_the_bytes_that_arrived() {
        assert_eq!(buffer_bytes(4, 100 << 20), 4096);
        assert_eq!(buffer_bytes(4096, 100 << 20), 8192);
        assert_eq!(buffer_bytes(90 << 20, 100 << 20), 100 << 20);
        assert_eq!(buffer_bytes(4, 20), 20);
    }
}
