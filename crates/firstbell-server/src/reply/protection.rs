//! Headers that every reply carries, whatever the handler made of it: a new route has them without
//! thinking of them. What a handler set itself stays.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

use super::cookie::Transport;

/// Nothing but a page needs more; pages have a policy of their own.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

const YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what is missing: no guessed content types, no frames, no use by other origins, no
/// referrer; over HTTPS, never again without it (RFC 6797).
pub fn add(headers: &mut HeaderMap, transport: Transport) {
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, NOTHING),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
    ] {
        headers.entry(name).or_insert(value);
    }
    if transport == Transport::Https {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(YEAR);
    }
}
