//! The words of the wire that mean something: a type each, parsed once, so that a value that
//! exists is valid.

mod roster_scopes;

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

pub use roster_scopes::RosterScopes;

/// Everything but RFC 3986's unreserved characters is encoded in a query value.
const QUERY_VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a value for the query of a URI; a space becomes `%20`.
pub fn encode_query_value(value: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(value, QUERY_VALUE)
}

/// Why a text is not a value of the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A client identifier is 1 to 128 visible ASCII characters.
    #[error("a client_id is 1 to 128 visible ASCII characters")]
    ClientId,
    /// A redirect URI is absolute, http or https, without fragment and user information
    /// (RFC 6749 section 3.1.2), and its host stands there in letters that every parser reads alike.
    #[error("a redirect URI is an absolute http or https URI without fragment or user name")]
    RedirectUri,
    /// There are four kinds of role.
    #[error("a role is student, teacher, staff or district_admin")]
    RoleKind,
    /// A state is at most [`State::MOST_BYTES`] of UTF-8 without NUL.
    #[error("state is longer than {} bytes, or no text", State::MOST_BYTES)]
    State,
    /// A nonce is at most [`Nonce::MOST_BYTES`] of UTF-8 without NUL.
    #[error("nonce is longer than {} bytes, or no text", Nonce::MOST_BYTES)]
    Nonce,
    /// A code challenge is 43 characters of unpadded base64url (RFC 7636 section 4.2).
    #[error("a code challenge is 43 characters of base64url")]
    CodeChallenge,
}

/// An application's public identifier (RFC 6749 section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(String);

impl ClientId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(Malformed::ClientId) }
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an application takes its users back. Two are equal when they are the same bytes: no
/// normalisation (RFC 9700 section 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// The URI as it was registered or sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the connection to it is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
    }

    /// Scheme, host and port: `https://app.example:8443`.
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// The host, without a port: what of an address may stand in a log.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.0).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether it leads to the machine that opens it or into a private network, by name or by
    /// number (RFC 1918, RFC 4193, RFC 6598, RFC 6761).
    pub fn is_on_a_private_network(&self) -> bool {
        let Ok(url) = Url::parse(&self.0) else { return true };
        match url.host() {
            None => true,
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                let last = name.rsplit('.').next().unwrap_or_default();
                !name.contains('.') || matches!(last, "localhost" | "local" | "internal")
            }
            Some(Host::Ipv4(address)) => is_private(address),
            Some(Host::Ipv6(address)) => match address.to_ipv4() {
                Some(inside) => is_private(inside),
                None => {
                    address.is_unique_local()
                        || address.is_unicast_link_local()
                        || address.is_multicast()
                }
            },
        }
    }

    /// The URI with these parameters as its fragment (RFC 6749 section 4.2.2).
    pub fn with_fragment(&self, parameters: &[(&str, &str)]) -> String {
        let mut fragment = url::form_urlencoded::Serializer::new(String::new());
        fragment.extend_pairs(parameters);
        format!("{}#{}", self.0, fragment.finish())
    }

    /// The URI with these parameters after those it was registered with.
    pub fn with_query(&self, parameters: &[(&str, &str)]) -> String {
        use fmt::Write as _;

        let room = parameters.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
        let mut uri = String::with_capacity(self.0.len() + usize::min(room, 8192));
        uri.push_str(&self.0);
        let mut separator = match self.0.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        for (name, value) in parameters {
            // Writing to a String cannot fail.
            let _ = write!(uri, "{separator}{name}={}", encode_query_value(value));
            separator = "&";
        }
        uri
    }
}

fn is_private(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || first == 0
        || (first == 100 && (64..128).contains(&second))
}

impl FromStr for RedirectUri {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        // The parser of the `url` crate forgives control characters, spaces and backslashes, and
        // a browser may read them otherwise: refuse what it would have to repair, and what is no
        // letter of a URI (RFC 3986 section 2), which other parsers refuse or take for a host's.
        let is_of_a_uri = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if text.len() > 2048 || !text.bytes().all(is_of_a_uri) {
            return Err(Malformed::RedirectUri);
        }
        let url = Url::parse(text).map_err(|_| Malformed::RedirectUri)?;
        // The host as it is written is the one that browsers go to, not one that they make of it:
        // of `https:///host`, `https:443://host`, `%68ost`, `0x7f.1`, `user@host`.
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let names_host = |rest: &str, host: &str| {
            let (written, behind) = rest.split_at_checked(host.len()).unwrap_or_default();
            let ends = behind.is_empty() || behind.starts_with(['/', '?', ':']);
            written.eq_ignore_ascii_case(host) && ends
        };
        let is_as_written = rest.zip(url.host_str()).is_some_and(|(a, b)| names_host(a, b));
        let fits = is_as_written
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if fits { Ok(Self(text.to_owned())) } else { Err(Malformed::RedirectUri) }
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The application's own mark on an authorization request, returned as it came
/// (RFC 6749 section 4.1.1). Never empty: `state=` counts as not sent, because strict clients
/// refuse an empty one.
#[derive(Clone, PartialEq, Eq)]
pub struct State(String);

impl State {
    /// The longest state that is taken.
    pub const MOST_BYTES: usize = 4096;

    /// The state as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the parameter; an empty one is none.
    ///
    /// What was no UTF-8 in the request has become U+FFFD before it gets here: it could not be
    /// returned byte for byte, so it is refused. NUL is no text in PostgreSQL.
    ///
    /// # Errors
    /// [`Malformed::State`] when it is longer than [`State::MOST_BYTES`] or no text.
    pub fn parse(text: &str) -> Result<Option<Self>, Malformed> {
        if text.contains(['\0', '\u{FFFD}']) {
            return Err(Malformed::State);
        }
        match text.len() {
            0 => Ok(None),
            1..=Self::MOST_BYTES => Ok(Some(Self(text.to_owned()))),
            _ => Err(Malformed::State),
        }
    }
}

/// A state may be the key of somebody's session: it is not logged.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State(…)")
    }
}

/// What an application wants to find again in the ID token (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// The longest nonce that is taken.
    pub const MOST_BYTES: usize = 1024;

    /// The nonce as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Nonce {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fits =
            (1..=Self::MOST_BYTES).contains(&text.len()) && !text.contains(['\0', '\u{FFFD}']);
        if fits { Ok(Self(text.to_owned())) } else { Err(Malformed::Nonce) }
    }
}

/// A nonce ties a login to a browser: it is not logged.
impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}

/// SHA-256 of a code verifier, by which whoever redeems a code shows that they asked for it
/// (RFC 7636, method S256; `plain` is not taken: RFC 9700 section 2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeChallenge([u8; 32]);

impl CodeChallenge {
    /// The hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The challenge that is this hash.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for CodeChallenge {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Malformed::CodeChallenge)?;
        bytes.try_into().map(Self).map_err(|_| Malformed::CodeChallenge)
    }
}

/// The kinds of role a person can have, in the order in which a person's roles are told. A student
/// is never anything else; of the others, teacher comes first because relying parties take the
/// first role as the person's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleKind {
    /// Learns.
    Student,
    /// Teaches.
    Teacher,
    /// Works at a school or in the district: `school_admin` in v2, `staff` in v3.
    Staff,
    /// Answers for the district.
    DistrictAdmin,
}

impl RoleKind {
    /// All kinds, in order.
    pub const ALL: [Self; 4] = [Self::Student, Self::Teacher, Self::Staff, Self::DistrictAdmin];

    /// The name in the v3 dialects, the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Teacher => "teacher",
            Self::Staff => "staff",
            Self::DistrictAdmin => "district_admin",
        }
    }

    /// The name in the v2 dialects; with an `s`, the collection's name in paths.
    pub const fn v2_name(self) -> &'static str {
        match self {
            Self::Staff => "school_admin",
            other => other.name(),
        }
    }
}

impl FromStr for RoleKind {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(Malformed::RoleKind)
    }
}

#[cfg(test)]
mod tests;
