// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ConfigRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ConfigRecord`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRecord {
    /// The type of resource this configuration applies to.
    pub resource_type: i8,
    /// The name of the resource this configuration applies to.
    pub resource_name: String,
    /// The name of the configuration key.
    pub name: String,
    /// The value of the configuration, or null if the it should be deleted.
    pub value: Option<String>,
}

impl Default for ConfigRecord {
    fn default() -> Self {
        Self {
            resource_type: Default::default(),
            resource_name: Default::default(),
            name: Default::default(),
            value: Some(Default::default()),
        }
    }
}

/// A [`ConfigRecord`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ConfigRecordView<'a> {
    /// See [`ConfigRecord::resource_type`].
    pub resource_type: i8,
    /// See [`ConfigRecord::resource_name`].
    pub resource_name: &'a str,
    /// See [`ConfigRecord::name`].
    pub name: &'a str,
    /// See [`ConfigRecord::value`].
    pub value: Option<&'a str>,
}

impl Default for ConfigRecordView<'_> {
    fn default() -> Self {
        Self {
            resource_type: Default::default(),
            resource_name: Default::default(),
            name: Default::default(),
            value: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for ConfigRecordView<'a> {
    const LEAST: usize = 5;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.resource_type = r.i8()?;
        v.resource_name = r.string(f)?;
        v.name = r.string(f)?;
        v.value = r.nullable_string(f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<ConfigRecordView<'_>> for ConfigRecord {
    fn from(v: ConfigRecordView<'_>) -> Self {
        Self {
            resource_type: v.resource_type,
            resource_name: v.resource_name.into(),
            name: v.name.into(),
            value: v.value.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ConfigRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.resource_type = g.i8();
        m.resource_name = g.string();
        m.name = g.string();
        m.value = if g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for ConfigRecord {
    const NAME: &'static str = "ConfigRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = ConfigRecordView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i8(self.resource_type);
        w.string(&self.resource_name, f)?;
        w.string(&self.name, f)?;
        w.nullable_string(self.value.as_deref(), f)?;
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: ConfigRecordView<'_>) -> Self {
        view.into()
    }
}

impl ConfigRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 4;
}
