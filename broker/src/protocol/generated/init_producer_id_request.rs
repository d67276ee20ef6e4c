// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `InitProducerIdRequest`, versions 0-5, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `InitProducerIdRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdRequest {
    /// The transactional id, or null if the producer is not transactional.
    pub transactional_id: Option<String>,
    /// The time in ms to wait before aborting idle transactions sent by this producer. This is only
    /// relevant if a TransactionalId has been defined.
    pub transaction_timeout_ms: i32,
    /// The producer id. This is used to disambiguate requests if a transactional id is reused
    /// following its expiration. Versions 3+.
    pub producer_id: i64,
    /// The producer's current epoch. This will be checked against the producer epoch on the broker,
    /// and the request will return an error if they do not match. Versions 3+.
    pub producer_epoch: i16,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Some(Default::default()),
            transaction_timeout_ms: Default::default(),
            producer_id: -1,
            producer_epoch: -1,
        }
    }
}

/// A [`InitProducerIdRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct InitProducerIdRequestView<'a> {
    /// See [`InitProducerIdRequest::transactional_id`].
    pub transactional_id: Option<&'a str>,
    /// See [`InitProducerIdRequest::transaction_timeout_ms`].
    pub transaction_timeout_ms: i32,
    /// See [`InitProducerIdRequest::producer_id`].
    pub producer_id: i64,
    /// See [`InitProducerIdRequest::producer_epoch`].
    pub producer_epoch: i16,
}

impl Default for InitProducerIdRequestView<'_> {
    fn default() -> Self {
        Self {
            transactional_id: Some(Default::default()),
            transaction_timeout_ms: Default::default(),
            producer_id: -1,
            producer_epoch: -1,
        }
    }
}

impl<'a> View<'a> for InitProducerIdRequestView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.transactional_id = r.nullable_string(f)?;
        v.transaction_timeout_ms = r.i32()?;
        if f.version >= 3 {
            v.producer_id = r.i64()?;
        }
        if f.version >= 3 {
            v.producer_epoch = r.i16()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<InitProducerIdRequestView<'_>> for InitProducerIdRequest {
    fn from(v: InitProducerIdRequestView<'_>) -> Self {
        Self {
            transactional_id: v.transactional_id.map(Into::into),
            transaction_timeout_ms: v.transaction_timeout_ms,
            producer_id: v.producer_id,
            producer_epoch: v.producer_epoch,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for InitProducerIdRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.transactional_id = if g.null() { None } else { Some(g.string()) };
        m.transaction_timeout_ms = g.i32();
        if f.version >= 3 {
            m.producer_id = g.i64();
        }
        if f.version >= 3 {
            m.producer_epoch = g.i16();
        }
        m
    }
}

impl Message for InitProducerIdRequest {
    const NAME: &'static str = "InitProducerIdRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = InitProducerIdRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.nullable_string(self.transactional_id.as_deref(), f)?;
        w.i32(self.transaction_timeout_ms);
        if f.version >= 3 {
            w.i64(self.producer_id);
        } else if self.producer_id != -1 {
            return Err(EncodeError::FieldNotInVersion {
                field: "InitProducerIdRequest.producer_id",
                version: f.version,
            });
        }
        if f.version >= 3 {
            w.i16(self.producer_epoch);
        } else if self.producer_epoch != -1 {
            return Err(EncodeError::FieldNotInVersion {
                field: "InitProducerIdRequest.producer_epoch",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: InitProducerIdRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for InitProducerIdRequest {
    const KEY: ApiKey = ApiKey::InitProducerId;
    type Response = super::InitProducerIdResponse;
}
