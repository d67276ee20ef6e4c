// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `InitProducerIdResponse`, versions 0-5, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `InitProducerIdResponse`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The current producer id.
    pub producer_id: i64,
    /// The current epoch associated with the producer id.
    pub producer_epoch: i16,
}

impl Default for InitProducerIdResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            producer_id: -1,
            producer_epoch: Default::default(),
        }
    }
}

/// A [`InitProducerIdResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct InitProducerIdResponseView {
    /// See [`InitProducerIdResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`InitProducerIdResponse::error_code`].
    pub error_code: i16,
    /// See [`InitProducerIdResponse::producer_id`].
    pub producer_id: i64,
    /// See [`InitProducerIdResponse::producer_epoch`].
    pub producer_epoch: i16,
}

impl Default for InitProducerIdResponseView {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            producer_id: -1,
            producer_epoch: Default::default(),
        }
    }
}

impl<'a> View<'a> for InitProducerIdResponseView {
    const LEAST: usize = 16;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.error_code = r.i16()?;
        v.producer_id = r.i64()?;
        v.producer_epoch = r.i16()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<InitProducerIdResponseView> for InitProducerIdResponse {
    fn from(v: InitProducerIdResponseView) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            producer_id: v.producer_id,
            producer_epoch: v.producer_epoch,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for InitProducerIdResponse {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.error_code = g.i16();
        m.producer_id = g.i64();
        m.producer_epoch = g.i16();
        m
    }
}

impl Message for InitProducerIdResponse {
    const NAME: &'static str = "InitProducerIdResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = InitProducerIdResponseView;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.i64(self.producer_id);
        w.i16(self.producer_epoch);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: InitProducerIdResponseView) -> Self {
        view.into()
    }
}
