//! What a connection has received and nobody has read yet.

use std::io::{ErrorKind, Read};

use crate::wire::ANSWER_MAX;

/// Frames as they come in.
#[derive(Debug)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    from: usize,
    to: usize,
}

/// Why nothing can be received.
pub(super) enum Broken {
    /// The connection failed.
    Stream(std::io::Error),
    /// What came is no frame.
    Frame(&'static str),
}

impl Inbox {
    pub(super) fn new(capacity: usize) -> Self {
        Self { bytes: vec![0; capacity.max(16)], from: 0, to: 0 }
    }

    /// Reads once. Returns whether there may be more to read.
    pub(super) fn fill(&mut self, stream: &mut impl Read) -> Result<bool, Broken> {
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
        }
        let wanted = self.length()?.map_or(0, |length| length + 4);
        if wanted > self.bytes.len() - self.from || self.to == self.bytes.len() {
            self.bytes.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
            if wanted > self.bytes.len() {
                // Once for the largest answer.
                self.bytes.resize(wanted.next_multiple_of(4096), 0);
            }
        }
        let room = self.bytes.get_mut(self.to..).unwrap_or_default();
        let most = room.len();
        loop {
            match stream.read(room) {
                Ok(0) => return Err(Broken::Stream(ErrorKind::UnexpectedEof.into())),
                Ok(count) => {
                    self.to += count;
                    // Less than there was room for is all there was.
                    return Ok(count == most);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Broken::Stream(error)),
            }
        }
    }

    /// The next frame that has come whole, without its length.
    pub(super) fn frame(&mut self) -> Result<Option<&[u8]>, Broken> {
        let Some(length) = self.length()? else { return Ok(None) };
        let begin = self.from + 4;
        if self.to < begin + length {
            return Ok(None);
        }
        self.from = begin + length;
        Ok(self.bytes.get(begin..begin + length))
    }

    fn length(&self) -> Result<Option<usize>, Broken> {
        let come = self.bytes.get(self.from..self.to).unwrap_or_default();
        let Some(length) = come.first_chunk().map(|length| u32::from_be_bytes(*length) as usize)
        else {
            return Ok(None);
        };
        if length > ANSWER_MAX {
            return Err(Broken::Frame("it is longer than 256 MiB"));
        }
        Ok(Some(length))
    }
}

#[cfg(test)]
mod tests {
    use super::{Broken, Inbox};

    /// Gives what it has in pieces of a size.
    struct Pieces<'a>(&'a [u8], usize);

    impl std::io::Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(out.len());
            if self.0.is_empty() {
                return Err(std::io::ErrorKind::WouldBlock.into());
            }
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn frames_come_whole_however_they_are_cut() {
        let mut sent = Vec::new();
        for length in [0_usize, 1, 30, 5000, 2] {
            sent.extend((length as u32).to_be_bytes());
            sent.extend(std::iter::repeat_n(length as u8, length));
        }
        for piece in [1, 3, 7, 100, 10_000] {
            let (mut inbox, mut stream) = (Inbox::new(16), Pieces(&sent, piece));
            let mut lengths = Vec::new();
            while lengths.len() < 5 {
                assert!(inbox.fill(&mut stream).is_ok());
                while let Ok(Some(frame)) = inbox.frame() {
                    assert!(frame.iter().all(|byte| *byte == frame.len() as u8));
                    lengths.push(frame.len());
                }
            }
            assert_eq!(lengths, [0, 1, 30, 5000, 2], "pieces of {piece}");
        }
    }

    #[test]
    fn a_frame_that_is_too_long_is_refused_before_it_has_come() {
        let (mut inbox, mut stream) = (Inbox::new(16), Pieces(&[0xff; 8], 8));
        assert!(inbox.fill(&mut stream).is_ok());
        assert!(matches!(inbox.frame(), Err(Broken::Frame(_))));
    }
}
