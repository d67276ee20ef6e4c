//! ApiVersions (18): what this broker serves.

use super::{Answer, Context, SERVED, encode};
use crate::protocol::generated::api_versions_response::ApiVersion;
use crate::protocol::generated::{ApiVersionsRequest, ApiVersionsRequestView, ApiVersionsResponse};
use crate::protocol::{ApiKey, ErrorCode};

pub(super) async fn handle(context: Context, request: ApiVersionsRequestView<'_>) -> Answer {
    let named = request.client_software_name;
    let legal = |text: &str| {
        let mut inner = text.chars();
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        edge(text.chars().next())
            && edge(text.chars().next_back())
            && inner.all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    // KIP-511: names that would spoil metrics are refused.
    let refused = context.version >= 3 && !(legal(named) && legal(request.client_software_version));
    let error = if refused { ErrorCode::InvalidRequest } else { ErrorCode::None };
    context.answer_now::<ApiVersionsRequest>(&response(error))
}

/// The answer to a version that is not known: in version 0, with the list, so that the client can
/// choose again.
pub(super) fn unsupported(context: &Context) -> Answer {
    let response = response(ErrorCode::UnsupportedVersion);
    let reply = encode::<ApiVersionsRequest>(0, context.correlation_id, &response);
    Box::pin(std::future::ready(reply))
}

fn response(error: ErrorCode) -> ApiVersionsResponse {
    let api_keys = SERVED.iter().map(|served| ApiVersion {
        api_key: served.key.id(),
        // librdkafka takes a broker that lacks Produce version 0 for one it cannot speak to
        // (KAFKA-18659); requests below version 3 are refused all the same.
        min_version: if served.key == ApiKey::Produce { 0 } else { served.min },
        max_version: served.max,
    });
    let mut api_keys: Vec<ApiVersion> = api_keys.collect();
    api_keys.sort_by_key(|api| api.api_key);
    let error_code = error.code();
    ApiVersionsResponse { error_code, api_keys, ..Default::default() }
}
