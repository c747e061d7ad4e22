//! The v2 dialects: a role is told as if it were the person, under the role's own id.

pub(super) mod endpoints;
mod role;

use serde::Serialize;
use serde_json::json;

pub use role::RoleObject;

use super::schema::{self, Schema};
use super::tables::Details;
use super::{
    AtMe, Collection, Dialect as Any, District, DistrictObject, DistrictShape, Endpoint, Envelope,
    Item, Link, List, Name, People, Person, PersonKind, PersonRole, Section, SectionObject,
    contact, is_false,
};
use crate::vocabulary::RoleKind;

/// What sets a v2 dialect apart.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The prefix in paths: `/v2.1`.
    pub prefix: &'static str,
    /// What it can be asked.
    pub(super) endpoints: &'static [Endpoint],
    /// What it tells of the roster's facts.
    pub(super) details: &'static Details,
    /// What it tells of a district.
    pub(super) district: DistrictShape,
}

/// What `/me` says: which role of which district logged in.
#[derive(Debug, Serialize)]
pub struct Me<'a> {
    id: &'a str,
    district: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    authorized_by: &'a str,
    #[serde(rename = "loginas_by_admin", skip_serializing_if = "is_false")]
    by_admin: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'a str>,
}

impl Dialect {
    /// What it can be asked; paths stand behind the prefix.
    pub const fn endpoints(self) -> &'static [Endpoint] {
        self.endpoints
    }

    /// `GET /me` for a person who logged in as `role`.
    pub fn me<'a>(self, person: &Person<'a>, role: PersonRole<'a>) -> Envelope<Me<'a>> {
        let kind = role.kind.v2_name();
        let tells = person.at_me == AtMe::Person;
        Envelope {
            kind: Some(kind),
            data: Me {
                id: role.id,
                district: person.district,
                kind,
                authorized_by: person.authorized_by,
                by_admin: person.by_admin,
                name: tells.then_some(person.name),
                email: person.email.filter(|_| tells),
                grade: role.grade(self.details.grades).filter(|_| tells),
            },
            links: vec![
                Link { rel: "self", uri: "/me".to_owned() },
                Link { rel: "canonical", uri: self.role_uri(role.kind, role.id) },
                Link { rel: "district", uri: self.district_uri(person.district) },
            ],
        }
    }

    /// `GET /{students,teachers,school_admins,district_admins}/{id}`.
    pub fn role<'a>(self, person: &Person<'a>, role: PersonRole<'a>) -> Envelope<RoleObject<'a>> {
        let mut links = vec![
            Link { rel: "self", uri: self.role_uri(role.kind, role.id) },
            Link { rel: "district", uri: self.district_uri(person.district) },
        ];
        if role.tells_roster() {
            let people = People::In(PersonKind::from(role.kind));
            links = Any::V2(self).links(Collection::People(people), role.id, role.told);
        } else if person.at_me == AtMe::Person {
            let uri = format!("{}/sections", self.role_uri(role.kind, role.id));
            links.push(Link { rel: "sections", uri });
        }
        Envelope { kind: None, data: self.role_object(person, role), links }
    }

    /// A person in one of their roles.
    pub fn role_object<'a>(self, person: &Person<'a>, role: PersonRole<'a>) -> RoleObject<'a> {
        RoleObject { person: *person, role, details: self.details }
    }

    /// `GET /districts/{id}`.
    pub fn district(self, district: District<'_>) -> Envelope<DistrictObject<'_>> {
        let uri = self.district_uri(district.id);
        let data = Any::V2(self).district_object(district);
        Envelope { kind: None, data, links: vec![Link { rel: "self", uri }] }
    }

    /// `GET /districts`, of which a token has one.
    pub fn districts(self, district: District<'_>) -> List<DistrictObject<'_>> {
        let uri = self.district_uri(district.id);
        let data = Any::V2(self).district_object(district);
        List::at(format!("{}/districts", self.prefix), vec![Item { data, uri }])
    }

    /// `GET /sections/{id}`.
    pub fn section<'a>(self, section: &Section<'a>) -> Envelope<SectionObject<'a>> {
        let uri = self.section_uri(section.id);
        let students = format!("{uri}/students");
        let mut links = vec![
            Link { rel: "self", uri },
            Link { rel: "district", uri: self.district_uri(section.district) },
            Link { rel: "students", uri: students },
        ];
        if let Some(record) = &section.record {
            links = Any::V2(self).links(Collection::Sections, section.id, record.told);
        }
        Envelope { kind: None, data: Any::V2(self).section_object(*section), links }
    }

    /// `GET /{teachers,students}/{id}/sections`.
    pub fn sections<'a>(
        self,
        kind: RoleKind,
        id: &str,
        sections: &[Section<'a>],
    ) -> List<SectionObject<'a>> {
        let item = |section: &Section<'a>| Item {
            data: Any::V2(self).section_object(*section),
            uri: self.section_uri(section.id),
        };
        let uri = format!("{}/sections", self.role_uri(kind, id));
        List::at(uri, sections.iter().map(item).collect())
    }

    /// `GET /sections/{id}/students`: people who are students there, each with that role alone.
    pub fn students<'a>(self, section: &str, people: &[Person<'a>]) -> List<RoleObject<'a>> {
        let item = |person: &Person<'a>| {
            let role = person.roles.first()?;
            let uri = self.role_uri(role.kind, role.id);
            Some(Item { data: self.role_object(person, *role), uri })
        };
        let mut items: Vec<_> = people.iter().filter_map(item).collect();
        items.sort_by_key(|item| item.data.role.id);
        List::at(format!("{}/students", self.section_uri(section)), items)
    }

    /// The schemas of what only the v2 dialects print.
    pub(super) fn schemas(self) -> Vec<(&'static str, Schema)> {
        let kinds = RoleKind::ALL.map(RoleKind::v2_name);
        let me = Schema::default()
            .always("id", schema::id())
            .always("district", schema::id())
            .always("type", json!({ "type": "string", "enum": kinds }))
            .always("authorized_by", schema::text())
            .may("loginas_by_admin", json!({ "const": true }))
            .may("name", schema::name())
            .may("email", schema::text())
            .may("grade", schema::word(self.details.grades));
        let people = RoleKind::ALL.map(|kind| {
            let collection = Collection::People(People::In(PersonKind::from(kind)));
            (collection.schema_name(), role::role_schema(kind, self.details))
        });
        let others = [("Me", me), ("Contact", contact::object_schema())];
        others.into_iter().chain(people).collect()
    }

    fn role_uri(self, kind: RoleKind, id: &str) -> String {
        format!("{}/{}s/{id}", self.prefix, kind.v2_name())
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
    use crate::data_api::samples::{ADMIN, STUDENT, TEACHER, person, section};
    use crate::data_api::{v2_0, v2_1};

    fn text(value: &impl Serialize) -> String {
        serde_json::to_string(value).expect("prints")
    }

    #[test]
    fn me_is_the_role_that_logged_in() {
        let text = text(&v2_1::DIALECT.me(&person(&[TEACHER, ADMIN]), ADMIN));
        assert_eq!(
            text,
            concat!(
                r#"{"type":"district_admin","data":{"id":"62817af1d65e86e415b6f68d","#,
                r#""district":"62817af12d430f5d54001f99","type":"district_admin","authorized_by":"district"},"#,
                r#""links":[{"rel":"self","uri":"/me"},"#,
                r#"{"rel":"canonical","uri":"/v2.1/district_admins/62817af1d65e86e415b6f68d"},"#,
                r#"{"rel":"district","uri":"/v2.1/districts/62817af12d430f5d54001f99"}]}"#
            )
        );
    }

    #[test]
    fn me_of_a_classroom_tells_the_person_too() {
        let mut teacher = person(&[TEACHER]);
        teacher.at_me = AtMe::Person;
        let told = text(&v2_0::DIALECT.me(&teacher, TEACHER));
        let expected = concat!(
            r#""type":"teacher","authorized_by":"district","#,
            r#""name":{"first":"PE","last":"Bot"},"email":"pe@bot.example"}"#
        );
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn a_role_is_told_as_a_person_under_its_own_id() {
        let text = text(&v2_1::DIALECT.role(&person(&[TEACHER]), TEACHER));
        assert!(text.starts_with(r#"{"data":{"id":"6298ef2e9e30ed3d9066e118","#), "{text}");
        assert!(text.contains(r#"{"rel":"self","uri":"/v2.1/teachers/6298ef2e9e30ed3d9066e118"}"#));
        assert!(!text.contains("62817c88dc4dc002ea40b594"), "the person's v3 id stays out: {text}");
    }

    #[test]
    fn a_section_names_people_by_their_roles() {
        let text = text(&v2_1::DIALECT.sections(RoleKind::Teacher, "1a", &[section()]));
        assert_eq!(
            text,
            concat!(
                r#"{"data":[{"data":{"id":"62817b0a2d430f5d5400200a","#,
                r#""district":"62817af12d430f5d54001f99","name":"Math 4","grade":"TransitionalKindergarten","#,
                r#""subject":"math","teacher":"6298ef2e9e30ed3d9066e118","#,
                r#""teachers":["6298ef2e9e30ed3d9066e118","6298ef2e9e30ed3d9066e100"],"#,
                r#""students":["628000000000000000000001","628000000000000000000002"]},"#,
                r#""uri":"/v2.1/sections/62817b0a2d430f5d5400200a"}],"#,
                r#""links":[{"rel":"self","uri":"/v2.1/teachers/1a/sections"}]}"#
            )
        );
    }

    #[test]
    fn nobody_stands_in_the_place_of_a_primary_teacher_who_is_not_told() {
        let told = Section { primary: None, ..section() };
        let text = text(&v2_1::DIALECT.sections(RoleKind::Teacher, "1a", &[told]));
        assert!(
            text.contains(r#""subject":"math","teachers":["6298ef2e9e30ed3d9066e118","#),
            "{text}"
        );
    }

    #[test]
    fn students_stand_in_the_order_of_their_ids() {
        let later = PersonRole { id: "628000000000000000000002", ..STUDENT };
        let (first, second) = ([STUDENT], [later]);
        let students = [person(&second), person(&first)];
        let list = v2_1::DIALECT.students("62817b0a2d430f5d5400200a", &students);
        let ids: Vec<_> = list.data.iter().map(|item| item.data.role.id).collect();
        assert_eq!(ids, ["628000000000000000000001", "628000000000000000000002"]);
        assert_eq!(list.links[0].uri, "/v2.1/sections/62817b0a2d430f5d5400200a/students");
        assert_eq!(list.data[0].uri, "/v2.1/students/628000000000000000000001");
    }

    #[test]
    fn the_older_dialect_has_fewer_words() {
        let told = text(&v2_0::DIALECT.section(&section()));
        assert!(told.contains(r#""grade":"Other""#), "{told}");
        let district = District {
            id: "1",
            name: Some("Ada"),
            portal_url: Some("https://login.example/in/ada"),
            login_methods: Some(&["Google"]),
            record: None,
        };
        let told = text(&v2_0::DIALECT.district(district).data);
        assert_eq!(told, r#"{"id":"1","name":"Ada"}"#);
        assert!(text(&v2_1::DIALECT.district(district)).contains("portal_url"));
    }
}
