//! People. One person is one [`User`] with one or several [`Role`]s; the v2 dialects show a role
//! as if it were the person, the v3 dialects show the person.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::id::{RoleId, UserId};
use crate::time::Timestamp;

/// A person of a district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The person's identifier, the same in every role.
    pub id: UserId,
    /// Unverified, optional, changeable.
    pub email: Option<Email>,
    /// The person's name.
    pub name: PersonName,
    /// When the roster first named the person.
    pub created: Timestamp,
    /// When the roster last changed anything about the person.
    pub last_modified: Timestamp,
    /// Set while an administrator keeps the person from logging in.
    pub suspended_since: Option<Timestamp>,
    /// What of theirs still counts.
    pub generation: Generation,
    /// The person's roles in the order of [`RoleKind`]; never empty.
    pub roles: Vec<Role>,
}

impl User {
    /// The person's role of this kind.
    pub fn role(&self, kind: RoleKind) -> Option<&Role> {
        self.roles.iter().find(|role| role.kind == kind)
    }

    /// The role with this id.
    pub fn role_by_id(&self, id: RoleId) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// What the roster says that the person types to log in in this role.
    pub fn login_name<'u>(&'u self, role: &'u Role) -> Option<&'u str> {
        login_name(&role.details, self.email.as_ref())
    }
}

/// The detail of a role that is its Username.
pub const DISTRICT_USERNAME: &str = "credentials.district_username";

/// What somebody types to log in in a role with these details: the Username, or where there is none
/// the email address.
pub fn login_name<'r>(details: &'r Details, email: Option<&'r Email>) -> Option<&'r str> {
    let username = details.get(DISTRICT_USERNAME).map(|username| &**username);
    username.or_else(|| email.map(Email::as_str))
}

/// How often everything that a person had was ended: by a suspension, or by signing them out
/// everywhere. A session has the generation that its person had when it began, and hands it on to
/// its codes and their tokens; whatever is of another generation than its person counts no more.
/// No clock decides, so nothing depends on how well those of two nodes agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Generation(i64);

impl Generation {
    /// The generation after so many ends.
    pub const fn after(ends: i64) -> Self {
        Self(ends)
    }

    /// How many ends there were before it.
    pub const fn ends(self) -> i64 {
        self.0
    }
}

/// One role of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The role's own identifier: `legacy_id` in v3, `id` in v2.
    pub id: RoleId,
    /// Which role it is.
    pub kind: RoleKind,
    /// Its id in the student information system, unique among roles of its kind in the district.
    pub sis_id: String,
    /// Everything else that the roster said of the role.
    pub details: Details,
}

pub use firstbell_protocol::vocabulary::RoleKind;

/// A person's name, in whatever script.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonName {
    /// Given name.
    pub first: String,
    /// Middle name, if there is one.
    pub middle: Option<String>,
    /// Family name.
    pub last: String,
}

impl PersonName {
    /// The first letter of the first and of the last name.
    pub fn initials(&self) -> String {
        [&self.first, &self.last].into_iter().filter_map(|part| part.chars().next()).collect()
    }

    /// First and last name, as pages greet the person.
    pub fn full(&self) -> String {
        match (self.first.is_empty(), self.last.is_empty()) {
            (false, false) => format!("{} {}", self.first, self.last),
            (true, _) => self.last.clone(),
            (_, true) => self.first.clone(),
        }
    }
}

/// An email address as the roster gave it. Two that differ only in case are one address.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it is compared.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

/// Redacted: a child's address belongs in no log.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// A text that is no email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an email address has one @ with a name before it and a domain after it, and no spaces")]
pub struct MalformedEmail;

impl FromStr for Email {
    type Err = MalformedEmail;

    fn from_str(text: &str) -> Result<Self, MalformedEmail> {
        // Nearly all are plain ASCII, and lists read them by the thousand.
        let is_graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
        let has_gap = || text.contains(|c: char| c.is_whitespace() || c.is_control());
        let plain = text.len() <= 254 && (is_graphic || !has_gap());
        let parts = text.split_once('@').filter(|(name, domain)| {
            !name.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
        match parts {
            Some(_) if plain => Ok(Self(text.to_owned())),
            _ => Err(MalformedEmail),
        }
    }
}

/// The columns of a roster that no rule of this crate reads, by their wire name (`grade`, `dob`,
/// `ext.bus_route`). An empty cell is absent.
pub type Details = BTreeMap<String, String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_need_one_at_and_no_spaces() {
        for good in ["a@b", "ana.núñez@school.example"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n"] {
            assert_eq!(bad.parse::<Email>(), Err(MalformedEmail), "{bad}");
        }
    }

    #[test]
    fn a_name_with_one_part_has_no_stray_space() {
        let name = PersonName { first: "Cher".into(), middle: None, last: String::new() };
        assert_eq!(name.full(), "Cher");
    }
}
