//! The v2 dialects: a role is told as if it were the person, under the role's own id.

use serde::Serialize;

use super::{
    AtMe, District, Envelope, Item, Link, List, Name, Person, PersonRole, Section, SectionObject,
    is_false,
};
use crate::vocabulary::RoleKind;

/// What sets a v2 dialect apart.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The prefix in paths: `/v2.1`.
    pub prefix: &'static str,
    /// The grades it has words for; any other is told as `Other`. None where it has them all.
    pub grades: Option<&'static [&'static str]>,
    /// Whether it tells how a district's people log in.
    pub district: DistrictShape,
}

/// What a dialect tells of a district.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DistrictShape {
    /// What it is called.
    Named,
    /// Also where and how its people log in.
    WithPortal,
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

/// A student, teacher, school administrator or district administrator.
#[derive(Debug, Serialize)]
pub struct RoleObject<'a> {
    id: &'a str,
    district: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    name: Name<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sis_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<&'a str>,
}

impl Dialect {
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
                grade: self.grade(role.grade).filter(|_| tells),
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
        if person.at_me == AtMe::Person {
            let uri = format!("{}/sections", self.role_uri(role.kind, role.id));
            links.push(Link { rel: "sections", uri });
        }
        Envelope { kind: None, data: self.role_object(person, role), links }
    }

    /// `GET /districts/{id}`.
    pub fn district(self, district: District<'_>) -> Envelope<District<'_>> {
        let uri = self.district_uri(district.id);
        let district = match self.district {
            DistrictShape::WithPortal => district,
            DistrictShape::Named => District { portal_url: None, login_methods: None, ..district },
        };
        Envelope { kind: None, data: district, links: vec![Link { rel: "self", uri }] }
    }

    /// `GET /districts`, of which a token has one.
    pub fn districts(self, district: District<'_>) -> List<District<'_>> {
        let Envelope { data, .. } = self.district(district);
        let uri = self.district_uri(data.id);
        List::at(format!("{}/districts", self.prefix), vec![Item { data, uri }])
    }

    /// `GET /sections/{id}`.
    pub fn section<'a>(self, section: &Section<'a>) -> Envelope<SectionObject<'a>> {
        let uri = self.section_uri(section.id);
        let students = format!("{uri}/students");
        Envelope {
            kind: None,
            data: self.section_object(section),
            links: vec![
                Link { rel: "self", uri },
                Link { rel: "district", uri: self.district_uri(section.district) },
                Link { rel: "students", uri: students },
            ],
        }
    }

    /// `GET /{teachers,students}/{id}/sections`.
    pub fn sections<'a>(
        self,
        kind: RoleKind,
        id: &str,
        sections: &[Section<'a>],
    ) -> List<SectionObject<'a>> {
        let item = |section: &Section<'a>| Item {
            data: self.section_object(section),
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
        items.sort_by_key(|item| item.data.id);
        List::at(format!("{}/students", self.section_uri(section)), items)
    }

    fn role_object<'a>(self, person: &Person<'a>, role: PersonRole<'a>) -> RoleObject<'a> {
        RoleObject {
            id: role.id,
            district: person.district,
            email: person.email,
            name: person.name,
            grade: self.grade(role.grade),
            sis_id: role.sis_id,
            created: person.created,
            last_modified: person.last_modified,
        }
    }

    fn section_object<'a>(self, section: &Section<'a>) -> SectionObject<'a> {
        let section = Section { grade: self.grade(section.grade), ..*section };
        SectionObject::of(&section, |member| member.role)
    }

    fn grade(self, grade: Option<&str>) -> Option<&str> {
        let has_word = |grade: &str| self.grades.is_none_or(|words| words.contains(&grade));
        grade.map(|grade| if has_word(grade) { grade } else { "Other" })
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
    fn students_stand_in_the_order_of_their_ids() {
        let later = PersonRole { id: "628000000000000000000002", ..STUDENT };
        let (first, second) = ([STUDENT], [later]);
        let students = [person(&second), person(&first)];
        let list = v2_1::DIALECT.students("62817b0a2d430f5d5400200a", &students);
        let ids: Vec<_> = list.data.iter().map(|item| item.data.id).collect();
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
        };
        let told = text(&v2_0::DIALECT.district(district).data);
        assert_eq!(told, r#"{"id":"1","name":"Ada"}"#);
        assert!(text(&v2_1::DIALECT.district(district)).contains("portal_url"));
    }
}
