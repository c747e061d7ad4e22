//! A district's OneRoster service, from which rosters are fetched.

use std::time::Duration;

use crate::lanes::Rules;

/// How many districts' rosters a node fetches at a time. One whose service becomes slow while those in
/// trouble have all lanes that are theirs is cut off, and gone on with later: a fetch may take an hour,
/// and nobody else waits that long.
pub const FETCH_LANES: Rules =
    Rules { all: 4, of_one: 1, of_troubled: 2, prompt: Duration::from_mins(5) };

/// The version of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneRosterVersion {
    /// OneRoster 1.1, under `…/ims/oneroster/v1p1`.
    OneOne,
    /// OneRoster 1.2, under `…/ims/oneroster/rostering/v1p2` and beside it.
    OneTwo,
}

impl OneRosterVersion {
    /// `1.1` or `1.2`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::OneOne => "1.1",
            Self::OneTwo => "1.2",
        }
    }

    /// The version of this text.
    pub fn named(text: &str) -> Option<Self> {
        [Self::OneOne, Self::OneTwo].into_iter().find(|version| version.text() == text)
    }

    /// What a token must allow, as the security framework of the version names it (OneRoster 1.1
    /// section 3.6, OneRoster 1.2 Rostering Service section 4.2): people and classes; beside it what
    /// a service may keep to itself.
    pub const fn scopes(self) -> [&'static str; 3] {
        match self {
            Self::OneOne => [
                "https://purl.imsglobal.org/spec/or/v1p1/scope/roster.readonly",
                "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-demographics.readonly",
                "https://purl.imsglobal.org/spec/or/v1p1/scope/resource.readonly",
            ],
            Self::OneTwo => [
                "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly",
                "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-demographics.readonly",
                "https://purl.imsglobal.org/spec/or/v1p2/scope/resource.readonly",
            ],
        }
    }
}

/// How a district's service is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct OneRosterService {
    /// Which version it speaks.
    pub version: OneRosterVersion,
    /// Its address up to and with `/ims/oneroster`, without a slash at the end.
    pub root: String,
    /// Where it gives tokens (RFC 6749 section 4.4).
    pub token_url: String,
    /// The client that we are there.
    pub client_id: String,
    /// Its secret, sealed.
    pub sealed_secret: Vec<u8>,
    /// The OneRoster filter that every list is asked with: `status='active'`.
    pub filter: Option<String>,
    /// How often it is fetched by itself; never, where there is nothing.
    pub every: Option<Duration>,
}

/// Without the secret, though it is sealed.
impl std::fmt::Debug for OneRosterService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneRosterService")
            .field("version", &self.version)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
