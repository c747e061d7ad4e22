//! The v3.0 dialect: one object a person, with the roles inside.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{District, Envelope, Link, Name, Person, PersonRole, is_false};
use crate::vocabulary::RoleKind;

/// The dialect's prefix in paths.
pub const PREFIX: &str = "/v3.0";

/// What `/v3.0/me` says: who of which district logged in. The type is always `user`.
#[derive(Debug, Serialize)]
pub struct Me<'a> {
    id: &'a str,
    district: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    authorized_by: &'a str,
    #[serde(rename = "loginas_by_admin", skip_serializing_if = "is_false")]
    by_admin: bool,
}

/// `GET /v3.0/me`.
pub fn me<'a>(person: &Person<'a>) -> Envelope<Me<'a>> {
    Envelope {
        kind: Some("user"),
        data: Me {
            id: person.id,
            district: person.district,
            kind: "user",
            authorized_by: person.authorized_by,
            by_admin: person.by_admin,
        },
        links: vec![
            Link { rel: "self", uri: "/me".to_owned() },
            Link { rel: "canonical", uri: format!("{PREFIX}/users/{}", person.id) },
            Link { rel: "district", uri: format!("{PREFIX}/districts/{}", person.district) },
        ],
    }
}

/// A person with all roles that the application may see.
#[derive(Debug, Serialize)]
pub struct User<'a> {
    id: &'a str,
    district: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    name: Name<'a>,
    created: &'a str,
    last_modified: &'a str,
    roles: Roles<'a>,
}

/// Roles keyed by their kind, in the order given: relying parties take the first key as the
/// person's type.
#[derive(Debug)]
struct Roles<'a>(&'a [PersonRole<'a>]);

impl Serialize for Roles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for role in self.0 {
            map.serialize_entry(role.kind.name(), &RoleNode::of(*role))?;
        }
        map.end()
    }
}

/// What is told of one role. `schools` is there and empty, as recorded replies of this tier show
/// it, because clients index into it.
#[derive(Debug, Serialize)]
struct RoleNode<'a> {
    legacy_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sis_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schools: Option<[&'a str; 0]>,
}

impl<'a> RoleNode<'a> {
    fn of(role: PersonRole<'a>) -> Self {
        Self {
            legacy_id: role.id,
            sis_id: role.sis_id,
            grade: role.grade,
            schools: (role.kind != RoleKind::DistrictAdmin).then_some([]),
        }
    }
}

/// `GET /v3.0/users/{id}`.
pub fn user<'a>(person: &Person<'a>) -> Envelope<User<'a>> {
    Envelope {
        kind: None,
        data: User {
            id: person.id,
            district: person.district,
            email: person.email,
            name: person.name,
            created: person.created,
            last_modified: person.last_modified,
            roles: Roles(person.roles),
        },
        links: vec![
            Link { rel: "self", uri: format!("{PREFIX}/users/{}", person.id) },
            Link { rel: "district", uri: format!("{PREFIX}/districts/{}", person.district) },
        ],
    }
}

/// `GET /v3.0/districts/{id}`.
pub fn district(district: District<'_>) -> Envelope<District<'_>> {
    let uri = format!("{PREFIX}/districts/{}", district.id);
    Envelope { kind: None, data: district, links: vec![Link { rel: "self", uri }] }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const TEACHER: PersonRole<'_> = PersonRole {
        kind: RoleKind::Teacher,
        id: "6298ef2e9e30ed3d9066e118",
        grade: None,
        sis_id: None,
    };
    pub(crate) const ADMIN: PersonRole<'_> = PersonRole {
        kind: RoleKind::DistrictAdmin,
        id: "62817af1d65e86e415b6f68d",
        grade: None,
        sis_id: None,
    };

    pub(crate) fn person<'a>(roles: &'a [PersonRole<'a>]) -> Person<'a> {
        Person {
            id: "62817c88dc4dc002ea40b594",
            district: "62817af12d430f5d54001f99",
            email: Some("pe@bot.example"),
            name: Name { first: "PE", middle: None, last: "Bot" },
            created: "2022-05-15T22:20:03.535Z",
            last_modified: "2024-07-10T16:22:11.422Z",
            roles,
            authorized_by: "district",
            by_admin: false,
        }
    }

    #[test]
    fn me_is_the_person_with_links() {
        let text = serde_json::to_string(&me(&person(&[TEACHER]))).expect("prints");
        assert_eq!(
            text,
            concat!(
                r#"{"type":"user","data":{"id":"62817c88dc4dc002ea40b594","#,
                r#""district":"62817af12d430f5d54001f99","type":"user","authorized_by":"district"},"#,
                r#""links":[{"rel":"self","uri":"/me"},"#,
                r#"{"rel":"canonical","uri":"/v3.0/users/62817c88dc4dc002ea40b594"},"#,
                r#"{"rel":"district","uri":"/v3.0/districts/62817af12d430f5d54001f99"}]}"#
            )
        );
    }

    #[test]
    fn a_person_with_two_roles_is_one_object_with_the_roles_in_order() {
        let text = serde_json::to_string(&user(&person(&[TEACHER, ADMIN]))).expect("prints");
        let roles = concat!(
            r#""roles":{"teacher":{"legacy_id":"6298ef2e9e30ed3d9066e118","schools":[]},"#,
            r#""district_admin":{"legacy_id":"62817af1d65e86e415b6f68d"}}"#
        );
        assert!(text.contains(roles), "{text}");
        assert!(text.contains(r#""name":{"first":"PE","last":"Bot"}"#), "{text}");
    }

    #[test]
    fn a_person_without_email_has_no_email_member() {
        let mut person = person(&[TEACHER]);
        person.email = None;
        assert!(!serde_json::to_string(&user(&person)).expect("prints").contains("email"));
    }
}
