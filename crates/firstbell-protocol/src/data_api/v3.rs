//! The v3 dialects: one object a person, with the roles inside.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{
    District, Envelope, Item, Link, List, Name, Person, PersonRole, Section, SectionObject,
    is_false,
};
use crate::vocabulary::RoleKind;

/// What sets a v3 dialect apart.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The prefix in paths: `/v3.0`.
    pub prefix: &'static str,
}

/// What `/me` says: who of which district logged in. The type is always `user`.
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

/// A person with all roles that the application may see.
#[derive(Debug, Serialize)]
pub struct User<'a> {
    id: &'a str,
    district: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    name: Name<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<&'a str>,
    roles: Roles<'a>,
}

impl Dialect {
    /// `GET /me`.
    pub fn me<'a>(self, person: &Person<'a>) -> Envelope<Me<'a>> {
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
                Link { rel: "canonical", uri: self.user_uri(person.id) },
                Link { rel: "district", uri: self.district_uri(person.district) },
            ],
        }
    }

    /// `GET /users/{id}`.
    pub fn user<'a>(self, person: &Person<'a>) -> Envelope<User<'a>> {
        Envelope {
            kind: None,
            data: user_object(person),
            links: vec![
                Link { rel: "self", uri: self.user_uri(person.id) },
                Link { rel: "district", uri: self.district_uri(person.district) },
            ],
        }
    }

    /// `GET /districts/{id}`.
    pub fn district(self, district: District<'_>) -> Envelope<District<'_>> {
        let uri = self.district_uri(district.id);
        Envelope { kind: None, data: district, links: vec![Link { rel: "self", uri }] }
    }

    /// `GET /districts`, of which a token has one.
    pub fn districts(self, district: District<'_>) -> List<District<'_>> {
        let uri = self.district_uri(district.id);
        List::at(format!("{}/districts", self.prefix), vec![Item { data: district, uri }])
    }

    /// `GET /sections/{id}`.
    pub fn section<'a>(self, section: &Section<'a>) -> Envelope<SectionObject<'a>> {
        let uri = self.section_uri(section.id);
        let users = format!("{uri}/users");
        Envelope {
            kind: None,
            data: section_object(section),
            links: vec![
                Link { rel: "self", uri },
                Link { rel: "district", uri: self.district_uri(section.district) },
                Link { rel: "users", uri: users },
            ],
        }
    }

    /// `GET /users/{id}/sections`.
    pub fn sections<'a>(self, id: &str, sections: &[Section<'a>]) -> List<SectionObject<'a>> {
        let item = |section: &Section<'a>| Item {
            data: section_object(section),
            uri: self.section_uri(section.id),
        };
        let uri = format!("{}/sections", self.user_uri(id));
        List::at(uri, sections.iter().map(item).collect())
    }

    /// `GET /sections/{id}/users`, `role` being what the request asked for.
    pub fn users<'a>(
        self,
        section: &str,
        role: Option<RoleKind>,
        people: &[Person<'a>],
    ) -> List<User<'a>> {
        let item =
            |person: &Person<'a>| Item { data: user_object(person), uri: self.user_uri(person.id) };
        let mut items: Vec<_> = people.iter().map(item).collect();
        items.sort_by_key(|item| item.data.id);
        let mut uri = format!("{}/users", self.section_uri(section));
        if let Some(role) = role {
            uri.push_str("?role=");
            uri.push_str(role.name());
        }
        List::at(uri, items)
    }

    fn user_uri(self, id: &str) -> String {
        format!("{}/users/{id}", self.prefix)
    }

    fn section_uri(self, id: &str) -> String {
        format!("{}/sections/{id}", self.prefix)
    }

    fn district_uri(self, id: &str) -> String {
        format!("{}/districts/{id}", self.prefix)
    }
}

fn user_object<'a>(person: &Person<'a>) -> User<'a> {
    User {
        id: person.id,
        district: person.district,
        email: person.email,
        name: person.name,
        created: person.created,
        last_modified: person.last_modified,
        roles: Roles(person.roles),
    }
}

fn section_object<'a>(section: &Section<'a>) -> SectionObject<'a> {
    SectionObject::of(section, |member| member.user)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_api::samples::{ADMIN, TEACHER, person, section};
    use crate::data_api::{v3_0, v3_1};

    fn text(value: &impl Serialize) -> String {
        serde_json::to_string(value).expect("prints")
    }

    #[test]
    fn me_is_the_person_with_links() {
        let text = text(&v3_0::DIALECT.me(&person(&[TEACHER])));
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
        let text = text(&v3_0::DIALECT.user(&person(&[TEACHER, ADMIN])));
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
        assert!(!text(&v3_0::DIALECT.user(&person)).contains("email"));
    }

    #[test]
    fn a_section_names_people_by_their_own_ids() {
        let text = text(&v3_1::DIALECT.sections("1a", &[section()]));
        assert!(text.contains(r#""teacher":"62817c88dc4dc002ea40b594","#), "{text}");
        let links = r#""links":[{"rel":"self","uri":"/v3.1/users/1a/sections"}]}"#;
        assert!(text.ends_with(links), "{text}");
        assert!(!text.contains("6298ef2e9e30ed3d9066e118"), "no role's id: {text}");
    }

    #[test]
    fn a_list_of_people_says_what_was_asked_for() {
        let list = v3_1::DIALECT.users("1b", Some(RoleKind::Student), &[person(&[TEACHER])]);
        assert_eq!(list.links[0].uri, "/v3.1/sections/1b/users?role=student");
        assert_eq!(list.data[0].uri, "/v3.1/users/62817c88dc4dc002ea40b594");
    }
}
