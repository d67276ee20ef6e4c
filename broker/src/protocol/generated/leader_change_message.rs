// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `LeaderChangeMessage`, versions 0-1, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `LeaderChangeMessage`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaderChangeMessage {
    /// The version of the leader change message.
    pub version: i16,
    /// The ID of the newly elected leader.
    pub leader_id: i32,
    /// The set of voters in the quorum for this epoch.
    pub voters: Vec<Voter>,
    /// The voters who voted for the leader at the time of election.
    pub granting_voters: Vec<Voter>,
}

/// A [`LeaderChangeMessage`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaderChangeMessageView<'a> {
    /// See [`LeaderChangeMessage::version`].
    pub version: i16,
    /// See [`LeaderChangeMessage::leader_id`].
    pub leader_id: i32,
    /// See [`LeaderChangeMessage::voters`].
    pub voters: Array<'a, VoterView>,
    /// See [`LeaderChangeMessage::granting_voters`].
    pub granting_voters: Array<'a, VoterView>,
}

impl<'a> View<'a> for LeaderChangeMessageView<'a> {
    const LEAST: usize = 9;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.version = r.i16()?;
        v.leader_id = r.i32()?;
        v.voters = Array::read(r, f)?;
        v.granting_voters = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<LeaderChangeMessageView<'_>> for LeaderChangeMessage {
    fn from(v: LeaderChangeMessageView<'_>) -> Self {
        Self {
            version: v.version,
            leader_id: v.leader_id,
            voters: v.voters.iter().map(Into::into).collect(),
            granting_voters: v.granting_voters.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for LeaderChangeMessage {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.version = g.i16();
        m.leader_id = g.i32();
        m.voters = g.array(|g| Voter::filled(g, f));
        m.granting_voters = g.array(|g| Voter::filled(g, f));
        m
    }
}

/// Part of a [`LeaderChangeMessage`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voter {
    /// The ID of the voter.
    pub voter_id: i32,
    /// The directory id of the voter. Versions 1.
    pub voter_directory_id: Uuid,
}

impl Voter {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.voter_id);
        if f.version >= 1 {
            w.uuid(self.voter_directory_id);
        } else if !self.voter_directory_id.is_zero() {
            return Err(EncodeError::FieldNotInVersion {
                field: "Voter.voter_directory_id",
                version: f.version,
            });
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`Voter`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct VoterView {
    /// See [`Voter::voter_id`].
    pub voter_id: i32,
    /// See [`Voter::voter_directory_id`].
    pub voter_directory_id: Uuid,
}

impl<'a> View<'a> for VoterView {
    const LEAST: usize = 5;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.voter_id = r.i32()?;
        if f.version >= 1 {
            v.voter_directory_id = r.uuid()?;
        }
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<VoterView> for Voter {
    fn from(v: VoterView) -> Self {
        Self { voter_id: v.voter_id, voter_directory_id: v.voter_directory_id }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for Voter {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.voter_id = g.i32();
        if f.version >= 1 {
            m.voter_directory_id = g.uuid();
        }
        m
    }
}

impl Message for LeaderChangeMessage {
    const NAME: &'static str = "LeaderChangeMessage";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 1;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = LeaderChangeMessageView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.version);
        w.i32(self.leader_id);
        w.count(self.voters.len(), f)?;
        for value in &self.voters {
            value.write(w, f)?;
        }
        w.count(self.granting_voters.len(), f)?;
        for value in &self.granting_voters {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: LeaderChangeMessageView<'_>) -> Self {
        view.into()
    }
}
