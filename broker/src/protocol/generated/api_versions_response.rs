// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ApiVersionsResponse`, versions 0-4, flexible from 3.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ApiVersionsResponse`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsResponse {
    /// The top-level error code.
    pub error_code: i16,
    /// The APIs supported by the broker.
    pub api_keys: Vec<ApiVersion>,
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 1+.
    pub throttle_time_ms: i32,
    /// Features supported by the broker. Note: in v0-v3, features with MinSupportedVersion = 0 are
    /// omitted. Versions 3+.
    pub supported_features: Vec<SupportedFeatureKey>,
    /// The monotonically increasing epoch for the finalized features information. Valid values are
    /// >= 0. A value of -1 is special and represents unknown epoch. Versions 3+.
    pub finalized_features_epoch: i64,
    /// List of cluster-wide finalized features. The information is valid only if
    /// FinalizedFeaturesEpoch >= 0. Versions 3+.
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// Set by a KRaft controller if the required configurations for ZK migration are present.
    /// Versions 3+.
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            api_keys: Default::default(),
            throttle_time_ms: Default::default(),
            supported_features: Default::default(),
            finalized_features_epoch: -1,
            finalized_features: Default::default(),
            zk_migration_ready: Default::default(),
        }
    }
}

/// A [`ApiVersionsResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ApiVersionsResponseView<'a> {
    /// See [`ApiVersionsResponse::error_code`].
    pub error_code: i16,
    /// See [`ApiVersionsResponse::api_keys`].
    pub api_keys: Array<'a, ApiVersionView>,
    /// See [`ApiVersionsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`ApiVersionsResponse::supported_features`].
    pub supported_features: Array<'a, SupportedFeatureKeyView<'a>>,
    /// See [`ApiVersionsResponse::finalized_features_epoch`].
    pub finalized_features_epoch: i64,
    /// See [`ApiVersionsResponse::finalized_features`].
    pub finalized_features: Array<'a, FinalizedFeatureKeyView<'a>>,
    /// See [`ApiVersionsResponse::zk_migration_ready`].
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponseView<'_> {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            api_keys: Default::default(),
            throttle_time_ms: Default::default(),
            supported_features: Default::default(),
            finalized_features_epoch: -1,
            finalized_features: Default::default(),
            zk_migration_ready: Default::default(),
        }
    }
}

impl<'a> View<'a> for ApiVersionsResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.api_keys = Array::read(r, f)?;
        if f.version >= 1 {
            v.throttle_time_ms = r.i32()?;
        }

        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 3 => {
                        v.supported_features = Array::read(r, f)?;
                    }
                    1 if f.version >= 3 => {
                        v.finalized_features_epoch = r.i64()?;
                    }
                    2 if f.version >= 3 => {
                        v.finalized_features = Array::read(r, f)?;
                    }
                    3 if f.version >= 3 => {
                        v.zk_migration_ready = r.bool()?;
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(v)
    }
}

impl From<ApiVersionsResponseView<'_>> for ApiVersionsResponse {
    fn from(v: ApiVersionsResponseView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            api_keys: v.api_keys.iter().map(Into::into).collect(),
            throttle_time_ms: v.throttle_time_ms,
            supported_features: v.supported_features.iter().map(Into::into).collect(),
            finalized_features_epoch: v.finalized_features_epoch,
            finalized_features: v.finalized_features.iter().map(Into::into).collect(),
            zk_migration_ready: v.zk_migration_ready,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ApiVersionsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.api_keys = g.array(|g| ApiVersion::filled(g, f));
        if f.version >= 1 {
            m.throttle_time_ms = g.i32();
        }
        if f.version >= 3 {
            m.supported_features = g.array(|g| SupportedFeatureKey::filled(g, f));
        }
        if f.version >= 3 {
            m.finalized_features_epoch = g.i64();
        }
        if f.version >= 3 {
            m.finalized_features = g.array(|g| FinalizedFeatureKey::filled(g, f));
        }
        if f.version >= 3 {
            m.zk_migration_ready = g.bool();
        }
        m
    }
}

/// Part of a [`ApiVersionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiVersion {
    /// The API index.
    pub api_key: i16,
    /// The minimum supported version, inclusive.
    pub min_version: i16,
    /// The maximum supported version, inclusive.
    pub max_version: i16,
}

impl ApiVersion {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.api_key);
        w.i16(self.min_version);
        w.i16(self.max_version);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`ApiVersion`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApiVersionView {
    /// See [`ApiVersion::api_key`].
    pub api_key: i16,
    /// See [`ApiVersion::min_version`].
    pub min_version: i16,
    /// See [`ApiVersion::max_version`].
    pub max_version: i16,
}

impl<'a> View<'a> for ApiVersionView {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.api_key = r.i16()?;
        v.min_version = r.i16()?;
        v.max_version = r.i16()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ApiVersionView> for ApiVersion {
    fn from(v: ApiVersionView) -> Self {
        Self { api_key: v.api_key, min_version: v.min_version, max_version: v.max_version }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ApiVersion {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.api_key = g.i16();
        m.min_version = g.i16();
        m.max_version = g.i16();
        m
    }
}

/// Part of a [`ApiVersionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SupportedFeatureKey {
    /// The name of the feature.
    pub name: String,
    /// The minimum supported version for the feature.
    pub min_version: i16,
    /// The maximum supported version for the feature.
    pub max_version: i16,
}

impl SupportedFeatureKey {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.i16(self.min_version);
        w.i16(self.max_version);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`SupportedFeatureKey`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SupportedFeatureKeyView<'a> {
    /// See [`SupportedFeatureKey::name`].
    pub name: &'a str,
    /// See [`SupportedFeatureKey::min_version`].
    pub min_version: i16,
    /// See [`SupportedFeatureKey::max_version`].
    pub max_version: i16,
}

impl<'a> View<'a> for SupportedFeatureKeyView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.min_version = r.i16()?;
        v.max_version = r.i16()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<SupportedFeatureKeyView<'_>> for SupportedFeatureKey {
    fn from(v: SupportedFeatureKeyView<'_>) -> Self {
        Self { name: v.name.into(), min_version: v.min_version, max_version: v.max_version }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for SupportedFeatureKey {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.min_version = g.i16();
        m.max_version = g.i16();
        m
    }
}

/// Part of a [`ApiVersionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FinalizedFeatureKey {
    /// The name of the feature.
    pub name: String,
    /// The cluster-wide finalized max version level for the feature.
    pub max_version_level: i16,
    /// The cluster-wide finalized min version level for the feature.
    pub min_version_level: i16,
}

impl FinalizedFeatureKey {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.i16(self.max_version_level);
        w.i16(self.min_version_level);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`FinalizedFeatureKey`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct FinalizedFeatureKeyView<'a> {
    /// See [`FinalizedFeatureKey::name`].
    pub name: &'a str,
    /// See [`FinalizedFeatureKey::max_version_level`].
    pub max_version_level: i16,
    /// See [`FinalizedFeatureKey::min_version_level`].
    pub min_version_level: i16,
}

impl<'a> View<'a> for FinalizedFeatureKeyView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.max_version_level = r.i16()?;
        v.min_version_level = r.i16()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<FinalizedFeatureKeyView<'_>> for FinalizedFeatureKey {
    fn from(v: FinalizedFeatureKeyView<'_>) -> Self {
        Self {
            name: v.name.into(),
            max_version_level: v.max_version_level,
            min_version_level: v.min_version_level,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FinalizedFeatureKey {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.max_version_level = g.i16();
        m.min_version_level = g.i16();
        m
    }
}

impl Message for ApiVersionsResponse {
    const NAME: &'static str = "ApiVersionsResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 3;

    type View<'a> = ApiVersionsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.count(self.api_keys.len(), f)?;
        for value in &self.api_keys {
            value.write(w, f)?;
        }
        if f.version >= 1 {
            w.i32(self.throttle_time_ms);
        }

        if f.flexible {
            w.uvarint(
                u32::from(f.version >= 3 && !self.supported_features.is_empty())
                    + u32::from(f.version >= 3 && self.finalized_features_epoch != -1)
                    + u32::from(f.version >= 3 && !self.finalized_features.is_empty())
                    + u32::from(f.version >= 3 && self.zk_migration_ready),
            );
            if f.version >= 3 && !self.supported_features.is_empty() {
                let tag = w.begin_tag(0);
                w.count(self.supported_features.len(), f)?;
                for value in &self.supported_features {
                    value.write(w, f)?;
                }
                w.end_tag(tag)?;
            }
            if f.version >= 3 && self.finalized_features_epoch != -1 {
                let tag = w.begin_tag(1);
                w.i64(self.finalized_features_epoch);
                w.end_tag(tag)?;
            }
            if f.version >= 3 && !self.finalized_features.is_empty() {
                let tag = w.begin_tag(2);
                w.count(self.finalized_features.len(), f)?;
                for value in &self.finalized_features {
                    value.write(w, f)?;
                }
                w.end_tag(tag)?;
            }
            if f.version >= 3 && self.zk_migration_ready {
                let tag = w.begin_tag(3);
                w.bool(self.zk_migration_ready);
                w.end_tag(tag)?;
            }
        }
        Ok(())
    }

    fn from_view(view: ApiVersionsResponseView<'_>) -> Self {
        view.into()
    }
}
