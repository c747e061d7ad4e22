//! Redirect URIs: what ours takes, other parsers take too, and all of them mean the same host.
//! The others: WHATWG (the `url` crate), `http::Uri`, and RFC 3986 appendix B by hand.

use std::net::Ipv6Addr;

use firstbell_protocol::vocabulary::RedirectUri;
use http::Uri;
use url::Url;

/// Where an address leads: scheme and host in small letters, and the port.
#[derive(Debug, PartialEq, Eq)]
struct Meant {
    scheme: String,
    host: String,
    port: u16,
}

impl Meant {
    fn new(scheme: &str, host: &str, port: Option<u16>) -> Self {
        let scheme = scheme.to_ascii_lowercase();
        let usual = if scheme == "https" { 443 } else { 80 };
        let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let host = match inside.map(str::parse::<Ipv6Addr>) {
            Some(Ok(address)) => format!("[{address}]"),
            Some(Err(_)) | None => host.to_ascii_lowercase(),
        };
        Self { scheme, host, port: port.unwrap_or(usual) }
    }

    fn by_whatwg(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        Some(Self::new(url.scheme(), url.host_str()?, url.port()))
    }

    fn by_http(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        Some(Self::new(uri.scheme_str()?, uri.host()?, uri.port_u16()))
    }

    /// `^(([^:/?#]+):)?(//([^/?#]*))?…`; the authority as in section 3.2.
    fn by_rfc_3986(text: &str) -> Option<Self> {
        let end = text.find([':', '/', '?', '#'])?;
        let (scheme, rest) = text.split_at(end);
        let rest = rest.strip_prefix("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        assert!(!authority.contains('@'), "{text}");
        let (host, port) = match authority.rfind(':') {
            Some(colon) if !authority.ends_with(']') => authority.split_at(colon),
            _ => (authority, ""),
        };
        let port = match port.trim_start_matches(':') {
            "" => None,
            digits => Some(digits.parse().ok()?),
        };
        Some(Self::new(scheme, host, port))
    }
}

/// Takes an address.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(ours) = text.parse::<RedirectUri>() else { return };
    assert_eq!(ours.as_str(), text, "no normalisation");

    let meant = Meant::by_whatwg(text).expect("a URL");
    assert_eq!(Some(&meant), Meant::by_rfc_3986(text).as_ref(), "{text}");
    assert_eq!(Some(&meant), Meant::by_http(text).as_ref(), "{text}");
    assert_eq!(Meant::new("https", &ours.host(), None).host, meant.host);
    assert_eq!(ours.is_https(), meant.scheme == "https", "{text}");
    if ["localhost", "127.0.0.1", "[::1]"].contains(&meant.host.as_str()) {
        assert!(ours.is_on_a_private_network(), "{text}");
    }

    let parameters = [("code", "a b"), ("state", "&=#")];
    for answered in [ours.with_query(&parameters), ours.with_fragment(&parameters)] {
        assert_eq!(Meant::by_whatwg(&answered).as_ref(), Some(&meant), "{answered}");
        assert_eq!(Meant::by_rfc_3986(&answered).as_ref(), Some(&meant), "{answered}");
    }
}
