// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `PartitionChangeRecord`, versions 0-2, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `PartitionChangeRecord`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionChangeRecord {
    /// The partition id.
    pub partition_id: i32,
    /// The unique ID of this topic.
    pub topic_id: Uuid,
    /// null if the ISR didn't change; the new in-sync replicas otherwise.
    pub isr: Option<Vec<i32>>,
    /// -1 if there is now no leader; -2 if the leader didn't change; the new leader otherwise.
    pub leader: i32,
    /// null if the replicas didn't change; the new replicas otherwise.
    pub replicas: Option<Vec<i32>>,
    /// null if the removing replicas didn't change; the new removing replicas otherwise.
    pub removing_replicas: Option<Vec<i32>>,
    /// null if the adding replicas didn't change; the new adding replicas otherwise.
    pub adding_replicas: Option<Vec<i32>>,
    /// -1 if it didn't change; 0 if the leader was elected from the ISR or recovered from an
    /// unclean election; 1 if the leader that was elected using unclean leader election and it is
    /// still recovering.
    pub leader_recovery_state: i8,
    /// null if the log dirs didn't change; the new log directory for each replica otherwise.
    /// Versions 1+.
    pub directories: Option<Vec<Uuid>>,
    /// null if the ELR didn't change; the new eligible leader replicas otherwise. Versions 2.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// null if the LastKnownElr didn't change; the last known eligible leader replicas otherwise.
    /// Versions 2.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionChangeRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Default::default(),
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

/// A [`PartitionChangeRecord`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct PartitionChangeRecordView<'a> {
    /// See [`PartitionChangeRecord::partition_id`].
    pub partition_id: i32,
    /// See [`PartitionChangeRecord::topic_id`].
    pub topic_id: Uuid,
    /// See [`PartitionChangeRecord::isr`].
    pub isr: Option<Array<'a, i32>>,
    /// See [`PartitionChangeRecord::leader`].
    pub leader: i32,
    /// See [`PartitionChangeRecord::replicas`].
    pub replicas: Option<Array<'a, i32>>,
    /// See [`PartitionChangeRecord::removing_replicas`].
    pub removing_replicas: Option<Array<'a, i32>>,
    /// See [`PartitionChangeRecord::adding_replicas`].
    pub adding_replicas: Option<Array<'a, i32>>,
    /// See [`PartitionChangeRecord::leader_recovery_state`].
    pub leader_recovery_state: i8,
    /// See [`PartitionChangeRecord::directories`].
    pub directories: Option<Array<'a, Uuid>>,
    /// See [`PartitionChangeRecord::eligible_leader_replicas`].
    pub eligible_leader_replicas: Option<Array<'a, i32>>,
    /// See [`PartitionChangeRecord::last_known_elr`].
    pub last_known_elr: Option<Array<'a, i32>>,
}

impl Default for PartitionChangeRecordView<'_> {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Default::default(),
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl<'a> View<'a> for PartitionChangeRecordView<'a> {
    const LEAST: usize = 21;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_id = r.i32()?;
        v.topic_id = r.uuid()?;

        r.tagged_fields(|tag, r| {
            match tag {
                0 => {
                    v.isr = Array::read_nullable(r, f)?;
                }
                1 => {
                    v.leader = r.i32()?;
                }
                2 => {
                    v.replicas = Array::read_nullable(r, f)?;
                }
                3 => {
                    v.removing_replicas = Array::read_nullable(r, f)?;
                }
                4 => {
                    v.adding_replicas = Array::read_nullable(r, f)?;
                }
                5 => {
                    v.leader_recovery_state = r.i8()?;
                }
                6 if f.version >= 2 => {
                    v.eligible_leader_replicas = Array::read_nullable(r, f)?;
                }
                7 if f.version >= 2 => {
                    v.last_known_elr = Array::read_nullable(r, f)?;
                }
                8 if f.version >= 1 => {
                    v.directories = Array::read_nullable(r, f)?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(v)
    }
}

impl From<PartitionChangeRecordView<'_>> for PartitionChangeRecord {
    fn from(v: PartitionChangeRecordView<'_>) -> Self {
        Self {
            partition_id: v.partition_id,
            topic_id: v.topic_id,
            isr: v.isr.map(|x| x.iter().collect()),
            leader: v.leader,
            replicas: v.replicas.map(|x| x.iter().collect()),
            removing_replicas: v.removing_replicas.map(|x| x.iter().collect()),
            adding_replicas: v.adding_replicas.map(|x| x.iter().collect()),
            leader_recovery_state: v.leader_recovery_state,
            directories: v.directories.map(|x| x.iter().collect()),
            eligible_leader_replicas: v.eligible_leader_replicas.map(|x| x.iter().collect()),
            last_known_elr: v.last_known_elr.map(|x| x.iter().collect()),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for PartitionChangeRecord {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition_id = g.i32();
        m.topic_id = g.uuid();
        m.isr = if g.null() { None } else { Some(g.array(|g| g.i32())) };
        m.leader = g.i32();
        m.replicas = if g.null() { None } else { Some(g.array(|g| g.i32())) };
        m.removing_replicas = if g.null() { None } else { Some(g.array(|g| g.i32())) };
        m.adding_replicas = if g.null() { None } else { Some(g.array(|g| g.i32())) };
        m.leader_recovery_state = g.i8();
        if f.version >= 1 {
            m.directories = if g.null() { None } else { Some(g.array(|g| g.uuid())) };
        }
        if f.version >= 2 {
            m.eligible_leader_replicas = if g.null() { None } else { Some(g.array(|g| g.i32())) };
        }
        if f.version >= 2 {
            m.last_known_elr = if g.null() { None } else { Some(g.array(|g| g.i32())) };
        }
        m
    }
}

impl Message for PartitionChangeRecord {
    const NAME: &'static str = "PartitionChangeRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = PartitionChangeRecordView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_id);
        w.uuid(self.topic_id);

        if f.version <= 0 && self.directories.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionChangeRecord.directories",
                version: f.version,
            });
        }
        if f.version <= 1 && self.eligible_leader_replicas.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionChangeRecord.eligible_leader_replicas",
                version: f.version,
            });
        }
        if f.version <= 1 && self.last_known_elr.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionChangeRecord.last_known_elr",
                version: f.version,
            });
        }
        w.uvarint(
            u32::from(self.isr.is_some())
                + u32::from(self.leader != -2)
                + u32::from(self.replicas.is_some())
                + u32::from(self.removing_replicas.is_some())
                + u32::from(self.adding_replicas.is_some())
                + u32::from(self.leader_recovery_state != -1)
                + u32::from(f.version >= 2 && self.eligible_leader_replicas.is_some())
                + u32::from(f.version >= 2 && self.last_known_elr.is_some())
                + u32::from(f.version >= 1 && self.directories.is_some()),
        );
        if self.isr.is_some() {
            let tag = w.begin_tag(0);
            match &self.isr {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.i32(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        if self.leader != -2 {
            let tag = w.begin_tag(1);
            w.i32(self.leader);
            w.end_tag(tag)?;
        }
        if self.replicas.is_some() {
            let tag = w.begin_tag(2);
            match &self.replicas {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.i32(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        if self.removing_replicas.is_some() {
            let tag = w.begin_tag(3);
            match &self.removing_replicas {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.i32(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        if self.adding_replicas.is_some() {
            let tag = w.begin_tag(4);
            match &self.adding_replicas {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.i32(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        if self.leader_recovery_state != -1 {
            let tag = w.begin_tag(5);
            w.i8(self.leader_recovery_state);
            w.end_tag(tag)?;
        }
        if f.version >= 2 && self.eligible_leader_replicas.is_some() {
            let tag = w.begin_tag(6);
            match &self.eligible_leader_replicas {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.i32(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        if f.version >= 2 && self.last_known_elr.is_some() {
            let tag = w.begin_tag(7);
            match &self.last_known_elr {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.i32(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        if f.version >= 1 && self.directories.is_some() {
            let tag = w.begin_tag(8);
            match &self.directories {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.uuid(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        Ok(())
    }

    fn from_view(view: PartitionChangeRecordView<'_>) -> Self {
        view.into()
    }
}

impl PartitionChangeRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 5;
}
