//! The v3 dialects: one object a person, with the roles inside.

pub(super) mod endpoints;
mod user;

use serde::Serialize;
use serde_json::json;

pub use user::User;

use super::members::FactMember;
use super::schema::{self, Schema};
use super::tables::{self, Details};
use super::words::GRADES;
use super::{
    Collection, Dialect as Any, District, DistrictObject, DistrictShape, Endpoint, Envelope, Item,
    Link, List, LmsShape, People, Person, Section, SectionObject, courses, is_false,
};
use crate::vocabulary::RoleKind;

/// What v3.0 tells of the roster's facts; later dialects add to it.
pub(super) const DETAILS: &Details = &Details {
    grades: GRADES,
    student: STUDENT,
    teacher: &[tables::TEACHER, tables::EXTENSIONS],
    staff: &[tables::DEPARTMENT, tables::STAFF_ROLES, tables::STAFF, tables::EXTENSIONS],
    district_admin: &[tables::DISTRICT_ADMIN],
    school: &[tables::SCHOOL_GRADES, tables::SCHOOL, tables::EXTENSIONS],
    section: &[tables::SECTION, tables::EXTENSIONS],
};

const STUDENT: &[&[FactMember]] =
    &[tables::STUDENT, tables::GENDERED, tables::ENROLLED, tables::EXTENSIONS];

/// What sets a v3 dialect apart.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The prefix in paths: `/v3.0`.
    pub prefix: &'static str,
    /// What it can be asked.
    pub(super) endpoints: &'static [Endpoint],
    /// What it tells of the roster's facts.
    pub(super) details: &'static Details,
    /// What it tells of a district.
    pub(super) district: DistrictShape,
    /// Whether it tells of learning management systems.
    pub(super) lms: LmsShape,
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

impl Dialect {
    /// What it can be asked; paths stand behind the prefix.
    pub const fn endpoints(self) -> &'static [Endpoint] {
        self.endpoints
    }

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
        let mut links = vec![
            Link { rel: "self", uri: self.user_uri(person.id) },
            Link { rel: "district", uri: self.district_uri(person.district) },
        ];
        if let Some(role) = person.roles.iter().find(|role| role.tells_roster()) {
            links = Any::V3(self).links(Collection::People(People::Users), person.id, role.told);
        }
        Envelope { kind: None, data: self.user_object(person), links }
    }

    /// A person.
    pub fn user_object<'a>(self, person: &Person<'a>) -> User<'a> {
        User { person: *person, details: self.details, lms: self.lms }
    }

    /// `GET /districts/{id}`.
    pub fn district(self, district: District<'_>) -> Envelope<DistrictObject<'_>> {
        let uri = self.district_uri(district.id);
        let data = Any::V3(self).district_object(district);
        Envelope { kind: None, data, links: vec![Link { rel: "self", uri }] }
    }

    /// `GET /districts`, of which a token has one.
    pub fn districts(self, district: District<'_>) -> List<DistrictObject<'_>> {
        let uri = self.district_uri(district.id);
        let data = Any::V3(self).district_object(district);
        List::at(format!("{}/districts", self.prefix), vec![Item { data, uri }])
    }

    /// `GET /sections/{id}`.
    pub fn section<'a>(self, section: &Section<'a>) -> Envelope<SectionObject<'a>> {
        let uri = self.section_uri(section.id);
        let users = format!("{uri}/users");
        let mut links = vec![
            Link { rel: "self", uri },
            Link { rel: "district", uri: self.district_uri(section.district) },
            Link { rel: "users", uri: users },
        ];
        if let Some(record) = &section.record {
            links = Any::V3(self).links(Collection::Sections, section.id, record.told);
        }
        Envelope { kind: None, data: Any::V3(self).section_object(*section), links }
    }

    /// `GET /users/{id}/sections`.
    pub fn sections<'a>(self, id: &str, sections: &[Section<'a>]) -> List<SectionObject<'a>> {
        let item = |section: &Section<'a>| Item {
            data: Any::V3(self).section_object(*section),
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
        let item = |person: &Person<'a>| Item {
            data: self.user_object(person),
            uri: self.user_uri(person.id),
        };
        let mut items: Vec<_> = people.iter().map(item).collect();
        items.sort_by_key(|item| item.data.person.id);
        let mut uri = format!("{}/users", self.section_uri(section));
        if let Some(role) = role {
            uri.push_str("?role=");
            uri.push_str(role.name());
        }
        List::at(uri, items)
    }

    /// The schemas of what only the v3 dialects print.
    pub(super) fn schemas(self) -> Vec<(&'static str, Schema)> {
        let me = Schema::default()
            .always("id", schema::id())
            .always("district", schema::id())
            .always("type", json!({ "const": "user" }))
            .always("authorized_by", schema::text())
            .may("loginas_by_admin", json!({ "const": true }));
        vec![
            ("Me", me),
            ("User", user::user_schema(self.details, self.lms)),
            ("Resource", courses::resource_schema()),
        ]
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
