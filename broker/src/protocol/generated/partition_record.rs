// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `PartitionRecord`, versions 0-2, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `PartitionRecord`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRecord {
    /// The partition id.
    pub partition_id: i32,
    /// The unique ID of this topic.
    pub topic_id: Uuid,
    /// The replicas of this partition, sorted by preferred order.
    pub replicas: Vec<i32>,
    /// The in-sync replicas of this partition.
    pub isr: Vec<i32>,
    /// The replicas that we are in the process of removing.
    pub removing_replicas: Vec<i32>,
    /// The replicas that we are in the process of adding.
    pub adding_replicas: Vec<i32>,
    /// The lead replica, or -1 if there is no leader.
    pub leader: i32,
    /// 1 if the partition is recovering from an unclean leader election; 0 otherwise.
    pub leader_recovery_state: i8,
    /// The epoch of the partition leader.
    pub leader_epoch: i32,
    /// An epoch that gets incremented each time we change anything in the partition.
    pub partition_epoch: i32,
    /// The log directory hosting each replica, sorted in the same exact order as the Replicas
    /// field. Versions 1+.
    pub directories: Vec<Uuid>,
    /// The eligible leader replicas of this partition. Versions 2.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// The last known eligible leader replicas of this partition. Versions 2.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Default::default(),
            replicas: Default::default(),
            isr: Default::default(),
            removing_replicas: Default::default(),
            adding_replicas: Default::default(),
            leader: -1,
            leader_recovery_state: Default::default(),
            leader_epoch: -1,
            partition_epoch: -1,
            directories: Default::default(),
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

/// A [`PartitionRecord`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct PartitionRecordView<'a> {
    /// See [`PartitionRecord::partition_id`].
    pub partition_id: i32,
    /// See [`PartitionRecord::topic_id`].
    pub topic_id: Uuid,
    /// See [`PartitionRecord::replicas`].
    pub replicas: Array<'a, i32>,
    /// See [`PartitionRecord::isr`].
    pub isr: Array<'a, i32>,
    /// See [`PartitionRecord::removing_replicas`].
    pub removing_replicas: Array<'a, i32>,
    /// See [`PartitionRecord::adding_replicas`].
    pub adding_replicas: Array<'a, i32>,
    /// See [`PartitionRecord::leader`].
    pub leader: i32,
    /// See [`PartitionRecord::leader_recovery_state`].
    pub leader_recovery_state: i8,
    /// See [`PartitionRecord::leader_epoch`].
    pub leader_epoch: i32,
    /// See [`PartitionRecord::partition_epoch`].
    pub partition_epoch: i32,
    /// See [`PartitionRecord::directories`].
    pub directories: Array<'a, Uuid>,
    /// See [`PartitionRecord::eligible_leader_replicas`].
    pub eligible_leader_replicas: Option<Array<'a, i32>>,
    /// See [`PartitionRecord::last_known_elr`].
    pub last_known_elr: Option<Array<'a, i32>>,
}

impl Default for PartitionRecordView<'_> {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Default::default(),
            replicas: Default::default(),
            isr: Default::default(),
            removing_replicas: Default::default(),
            adding_replicas: Default::default(),
            leader: -1,
            leader_recovery_state: Default::default(),
            leader_epoch: -1,
            partition_epoch: -1,
            directories: Default::default(),
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl<'a> View<'a> for PartitionRecordView<'a> {
    const LEAST: usize = 37;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_id = r.i32()?;
        v.topic_id = r.uuid()?;
        v.replicas = Array::read(r, f)?;
        v.isr = Array::read(r, f)?;
        v.removing_replicas = Array::read(r, f)?;
        v.adding_replicas = Array::read(r, f)?;
        v.leader = r.i32()?;

        v.leader_epoch = r.i32()?;
        v.partition_epoch = r.i32()?;
        if f.version >= 1 {
            v.directories = Array::read(r, f)?;
        }

        r.tagged_fields(|tag, r| {
            match tag {
                0 => {
                    v.leader_recovery_state = r.i8()?;
                }
                1 if f.version >= 2 => {
                    v.eligible_leader_replicas = Array::read_nullable(r, f)?;
                }
                2 if f.version >= 2 => {
                    v.last_known_elr = Array::read_nullable(r, f)?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(v)
    }
}

impl From<PartitionRecordView<'_>> for PartitionRecord {
    fn from(v: PartitionRecordView<'_>) -> Self {
        Self {
            partition_id: v.partition_id,
            topic_id: v.topic_id,
            replicas: v.replicas.iter().collect(),
            isr: v.isr.iter().collect(),
            removing_replicas: v.removing_replicas.iter().collect(),
            adding_replicas: v.adding_replicas.iter().collect(),
            leader: v.leader,
            leader_recovery_state: v.leader_recovery_state,
            leader_epoch: v.leader_epoch,
            partition_epoch: v.partition_epoch,
            directories: v.directories.iter().collect(),
            eligible_leader_replicas: v.eligible_leader_replicas.map(|x| x.iter().collect()),
            last_known_elr: v.last_known_elr.map(|x| x.iter().collect()),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for PartitionRecord {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition_id = g.i32();
        m.topic_id = g.uuid();
        m.replicas = g.array(|g| g.i32());
        m.isr = g.array(|g| g.i32());
        m.removing_replicas = g.array(|g| g.i32());
        m.adding_replicas = g.array(|g| g.i32());
        m.leader = g.i32();
        m.leader_recovery_state = g.i8();
        m.leader_epoch = g.i32();
        m.partition_epoch = g.i32();
        if f.version >= 1 {
            m.directories = g.array(|g| g.uuid());
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

impl Message for PartitionRecord {
    const NAME: &'static str = "PartitionRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = PartitionRecordView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_id);
        w.uuid(self.topic_id);
        w.count(self.replicas.len(), f)?;
        for value in &self.replicas {
            w.i32(*value);
        }
        w.count(self.isr.len(), f)?;
        for value in &self.isr {
            w.i32(*value);
        }
        w.count(self.removing_replicas.len(), f)?;
        for value in &self.removing_replicas {
            w.i32(*value);
        }
        w.count(self.adding_replicas.len(), f)?;
        for value in &self.adding_replicas {
            w.i32(*value);
        }
        w.i32(self.leader);

        w.i32(self.leader_epoch);
        w.i32(self.partition_epoch);
        if f.version >= 1 {
            w.count(self.directories.len(), f)?;
            for value in &self.directories {
                w.uuid(*value);
            }
        } else if !self.directories.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionRecord.directories",
                version: f.version,
            });
        }
        if f.version <= 1 && self.eligible_leader_replicas.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionRecord.eligible_leader_replicas",
                version: f.version,
            });
        }
        if f.version <= 1 && self.last_known_elr.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionRecord.last_known_elr",
                version: f.version,
            });
        }
        w.uvarint(
            u32::from(self.leader_recovery_state != 0)
                + u32::from(f.version >= 2 && self.eligible_leader_replicas.is_some())
                + u32::from(f.version >= 2 && self.last_known_elr.is_some()),
        );
        if self.leader_recovery_state != 0 {
            let tag = w.begin_tag(0);
            w.i8(self.leader_recovery_state);
            w.end_tag(tag)?;
        }
        if f.version >= 2 && self.eligible_leader_replicas.is_some() {
            let tag = w.begin_tag(1);
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
            let tag = w.begin_tag(2);
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
        Ok(())
    }

    fn from_view(view: PartitionRecordView<'_>) -> Self {
        view.into()
    }
}

impl PartitionRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 3;
}
