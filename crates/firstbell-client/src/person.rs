//! Who a token belongs to: `/v3.0/me` says the id, `/v3.0/users/{id}` the rest. What a reply
//! leaves out, sets to null or sends empty is the same: not known.

use std::collections::BTreeMap;
use std::fmt;

use firstbell_protocol::vocabulary::RoleKind;
use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::exchange::AccessToken;
use crate::settings::Firstbell;
use crate::transport::{Failure, MalformedReply, NoAnswer};

/// What `/v3.0/me` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The person's id: globally unique, the same in every role, stable. The key to match on.
    pub id: String,
    /// The district's id; missing for people whom a teacher shared, not a district.
    pub district: Option<String>,
}

/// A person, as far as the district shares them.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The person's id, as in [`Me::id`].
    pub id: String,
    /// The district's id.
    pub district: String,
    /// The email address. It is not verified, it changes, many students have none, and the same
    /// one may occur in two districts.
    pub email: Option<String>,
    /// The name.
    pub name: PersonName,
    /// The roles of kinds known here, by [`Person::default_role`]'s order.
    pub roles: Vec<PersonRole>,
    /// The names of roles of other kinds.
    pub unknown_roles: Vec<String>,
}

/// A child's name and address have no place in a log.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A name as the district writes it: any script, any part may be missing.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PersonName {
    /// Given name.
    pub first: Option<String>,
    /// Middle name.
    pub middle: Option<String>,
    /// Family name.
    pub last: Option<String>,
}

impl PersonName {
    /// First and last name; empty when neither is known.
    pub fn full(&self) -> String {
        let parts: Vec<&str> =
            [&self.first, &self.last].into_iter().flatten().map(|s| &**s).collect();
        parts.join(" ")
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRole {
    /// Which.
    pub kind: RoleKind,
    /// The role's own id, which versions of the API before 3.0 took for the person's.
    pub legacy_id: Option<String>,
}

impl Person {
    /// The role to begin with. A login does not say in which role a person comes, so there must be
    /// a rule: **the widest responsibility first**, district administrator, then staff, teacher,
    /// student. Who answers for a district finds its settings at once and is one click from their
    /// class; the other way round they would have to know that there is more. A student has no
    /// other role. `None` when every role is of an unknown kind.
    pub fn default_role(&self) -> Option<RoleKind> {
        self.roles.first().map(|role| role.kind)
    }
}

/// Why it is not known who this is. Nobody is to be logged in.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// Nothing was heard.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// 401 or 403: the token is over, revoked, or not good for this.
    #[error("the access token was not accepted")]
    TokenRefused,
    /// 404: the district stopped sharing the person.
    #[error("the person is not shared any more")]
    NotShared,
    /// 429 or 5xx: Firstbell, or something in front of it, is busy or down.
    #[error("Firstbell is unavailable (status {status})")]
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// `/users/{id}` told of another person or district than `/me`.
    #[error("two replies name two different people")]
    SomebodyElse,
    /// An answer that makes no sense.
    #[error("the Data API sent {0}")]
    Malformed(#[from] MalformedReply),
}

impl From<Failure> for ReplyError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoAnswer(no_answer) => Self::NoAnswer(no_answer),
            Failure::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}

impl Firstbell {
    /// `GET /v3.0/me`.
    ///
    /// # Errors
    /// [`ReplyError`], a variant per cause.
    pub async fn me(&self, token: &AccessToken) -> Result<Me, ReplyError> {
        let reply: Envelope<MeReply> = self.read("/v3.0/me", token).await?;
        let id = reply.data.id.and_then(identifier).ok_or(MalformedReply::Member("id"))?;
        Ok(Me { id, district: known(reply.data.district) })
    }

    /// `GET /v3.0/me`, then `GET /v3.0/users/{id}`. Links in the replies are not followed.
    ///
    /// # Errors
    /// [`ReplyError`], a variant per cause.
    pub async fn person(&self, token: &AccessToken) -> Result<Person, ReplyError> {
        let me = self.me(token).await?;
        let reply: Envelope<UserReply> =
            self.read(&format!("/v3.0/users/{}", me.id), token).await?;
        person(me, reply.data)
    }

    async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &AccessToken,
    ) -> Result<T, ReplyError> {
        let reply = self.transport.read(path, token.reveal()).await?;
        match reply.status {
            status if status.is_success() => Ok(reply.json()?),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(ReplyError::TokenRefused),
            StatusCode::NOT_FOUND => Err(ReplyError::NotShared),
            status if reply.is_unavailable() => {
                Err(ReplyError::Unavailable { status: status.as_u16() })
            }
            status => Err(MalformedReply::Status(status.as_u16()).into()),
        }
    }
}

fn person(me: Me, reply: UserReply) -> Result<Person, ReplyError> {
    let id = reply.id.and_then(identifier).ok_or(MalformedReply::Member("id"))?;
    if id != me.id {
        return Err(ReplyError::SomebodyElse);
    }
    let district = match (me.district, known(reply.district)) {
        (Some(mine), Some(theirs)) if mine != theirs => return Err(ReplyError::SomebodyElse),
        (mine, theirs) => mine.or(theirs).ok_or(MalformedReply::Member("district"))?,
    };
    let name = reply.name.unwrap_or_default();
    let (roles, unknown_roles) = sorted_roles(reply.roles.unwrap_or_default());
    Ok(Person {
        id,
        district,
        email: known(reply.email),
        name: PersonName {
            first: known(name.first),
            middle: known(name.middle),
            last: known(name.last),
        },
        roles,
        unknown_roles,
    })
}

fn sorted_roles(reply: BTreeMap<String, Option<RoleReply>>) -> (Vec<PersonRole>, Vec<String>) {
    let mut roles = Vec::new();
    let mut unknown = Vec::new();
    for (name, role) in reply {
        let Some(role) = role else { continue };
        match name.parse() {
            Ok(kind) => roles.push(PersonRole { kind, legacy_id: role.legacy_id() }),
            Err(_) => unknown.push(name),
        }
    }
    // The protocol's order is the other way round.
    roles.sort_by_key(|role| std::cmp::Reverse(role.kind));
    (roles, unknown)
}

/// An id becomes part of a path: nothing but letters and digits.
fn identifier(text: String) -> Option<String> {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then_some(text)
}

/// A text that says something, without white space around it.
fn known(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct MeReply {
    id: Option<String>,
    district: Option<String>,
}

#[derive(Deserialize)]
struct UserReply {
    id: Option<String>,
    district: Option<String>,
    email: Option<String>,
    name: Option<NameReply>,
    roles: Option<BTreeMap<String, Option<RoleReply>>>,
}

#[derive(Deserialize, Default)]
struct NameReply {
    first: Option<String>,
    middle: Option<String>,
    last: Option<String>,
}

/// What is told of a role, or something else in its place.
#[derive(Deserialize)]
#[serde(untagged)]
enum RoleReply {
    Told { legacy_id: Option<String> },
    Otherwise(IgnoredAny),
}

impl RoleReply {
    fn legacy_id(self) -> Option<String> {
        match self {
            Self::Told { legacy_id } => known(legacy_id),
            Self::Otherwise(_) => None,
        }
    }
}
