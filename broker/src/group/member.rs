//! A member of a classic group.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::model::{Blob, MemberMetadata, Protocol};
use super::reply::{DescribedMember, JoinedMember};
use super::step::ReplyTo;

/// A member of a classic group. Its parked requests are here; [`super::classic::Group`] counts them.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub id: Arc<str>,
    pub instance_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
    pub rebalance_timeout_ms: i32,
    pub session_timeout_ms: i32,
    /// Supported protocols, the preferred one first, each name once.
    pub protocols: Vec<Protocol>,
    pub assignment: Blob,
    /// The JoinGroup that is answered when the join phase ends.
    pub awaiting_join: Option<ReplyTo>,
    /// The SyncGroup that is answered when the leader's assignment is stored.
    pub awaiting_sync: Option<ReplyTo>,
    /// Whether it has never completed a join. Such a member is removed when its time is up even
    /// while it waits for one: its client may be long gone.
    pub is_new: bool,
}

impl Member {
    /// Metadata in a protocol.
    pub(super) fn metadata(&self, protocol: &str) -> Option<&Blob> {
        self.protocols.iter().find(|p| &*p.name == protocol).map(|p| &p.metadata)
    }

    /// The member's favourite among the candidates.
    pub(super) fn vote<'a>(&self, candidates: &BTreeSet<&'a Arc<str>>) -> Option<&'a Arc<str>> {
        self.protocols.iter().find_map(|p| candidates.get(&p.name).copied())
    }

    /// Whether a session that ran out does no harm: members that wait for the group cannot be
    /// expected to send heartbeats.
    pub(super) fn is_excused(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }

    /// Bytes of metadata and assignment that it holds.
    pub(super) fn bytes(&self) -> usize {
        protocol_bytes(&self.protocols) + self.assignment.len()
    }

    pub(super) fn joined(&self, protocol: &str) -> JoinedMember {
        JoinedMember {
            member_id: self.id.clone(),
            instance_id: self.instance_id.clone(),
            metadata: self.metadata(protocol).cloned().unwrap_or_default(),
        }
    }

    pub(super) fn described(&self, protocol: Option<&str>) -> DescribedMember {
        DescribedMember {
            member_id: self.id.clone(),
            instance_id: self.instance_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            metadata: protocol.and_then(|p| self.metadata(p)).cloned().unwrap_or_default(),
            assignment: self.assignment.clone(),
        }
    }

    /// The member as it is stored.
    pub(super) fn stored(&self, protocol: &str, assignment: Blob) -> MemberMetadata {
        MemberMetadata {
            member_id: self.id.clone(),
            instance_id: self.instance_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            rebalance_timeout_ms: self.rebalance_timeout_ms,
            session_timeout_ms: self.session_timeout_ms,
            subscription: self.metadata(protocol).cloned().unwrap_or_default(),
            assignment,
        }
    }
}

/// Bytes of protocol names and metadata.
pub(super) fn protocol_bytes(protocols: &[Protocol]) -> usize {
    protocols.iter().map(|p| p.name.len() + p.metadata.len()).sum()
}

/// The protocols with each name once: where a client repeats one, its first metadata counts.
pub(super) fn distinct(protocols: Vec<Protocol>) -> Vec<Protocol> {
    let mut seen = BTreeSet::new();
    protocols.into_iter().filter(|p| seen.insert(p.name.clone())).collect()
}
