// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `FindCoordinatorRequest`, versions 0-6, flexible from 3.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `FindCoordinatorRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindCoordinatorRequest {
    /// The coordinator key. Versions 0-3.
    pub key: String,
    /// The coordinator key type. (group, transaction, share). Versions 1+.
    pub key_type: i8,
    /// The coordinator keys. Versions 4+.
    pub coordinator_keys: Vec<String>,
}

/// A [`FindCoordinatorRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct FindCoordinatorRequestView<'a> {
    /// See [`FindCoordinatorRequest::key`].
    pub key: &'a str,
    /// See [`FindCoordinatorRequest::key_type`].
    pub key_type: i8,
    /// See [`FindCoordinatorRequest::coordinator_keys`].
    pub coordinator_keys: Array<'a, &'a str>,
}

impl<'a> View<'a> for FindCoordinatorRequestView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version <= 3 {
            v.key = r.string(f)?;
        }
        if f.version >= 1 {
            v.key_type = r.i8()?;
        }
        if f.version >= 4 {
            v.coordinator_keys = Array::read(r, f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<FindCoordinatorRequestView<'_>> for FindCoordinatorRequest {
    fn from(v: FindCoordinatorRequestView<'_>) -> Self {
        Self {
            key: v.key.into(),
            key_type: v.key_type,
            coordinator_keys: v.coordinator_keys.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FindCoordinatorRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 3 {
            m.key = g.string();
        }
        if f.version >= 1 {
            m.key_type = g.i8();
        }
        if f.version >= 4 {
            m.coordinator_keys = g.array(|g| g.string());
        }
        m
    }
}

impl Message for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinatorRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 6;
    const FLEXIBLE_FROM: i16 = 3;

    type View<'a> = FindCoordinatorRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 3 {
            w.string(&self.key, f)?;
        } else if !self.key.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "FindCoordinatorRequest.key",
                version: f.version,
            });
        }
        if f.version >= 1 {
            w.i8(self.key_type);
        } else if self.key_type != 0 {
            return Err(EncodeError::FieldNotInVersion {
                field: "FindCoordinatorRequest.key_type",
                version: f.version,
            });
        }
        if f.version >= 4 {
            w.count(self.coordinator_keys.len(), f)?;
            for value in &self.coordinator_keys {
                w.string(value, f)?;
            }
        } else if !self.coordinator_keys.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "FindCoordinatorRequest.coordinator_keys",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: FindCoordinatorRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for FindCoordinatorRequest {
    const KEY: ApiKey = ApiKey::FindCoordinator;
    type Response = super::FindCoordinatorResponse;
}
