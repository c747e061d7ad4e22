//! The v2.1 dialect: a role is told as if it were the person, under the role's own id.

use serde::Serialize;

use super::{District, Envelope, Link, Name, Person, PersonRole, is_false};

/// The dialect's prefix in paths.
pub const PREFIX: &str = "/v2.1";

/// What `/v2.1/me` says: which role of which district logged in.
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

/// `GET /v2.1/me` for a person who logged in as `role`.
pub fn me<'a>(person: &Person<'a>, role: PersonRole<'a>) -> Envelope<Me<'a>> {
    let kind = role.kind.v2_name();
    Envelope {
        kind: Some(kind),
        data: Me {
            id: role.id,
            district: person.district,
            kind,
            authorized_by: person.authorized_by,
            by_admin: person.by_admin,
        },
        links: vec![
            Link { rel: "self", uri: "/me".to_owned() },
            Link { rel: "canonical", uri: role_uri(role) },
            Link { rel: "district", uri: format!("{PREFIX}/districts/{}", person.district) },
        ],
    }
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
    created: &'a str,
    last_modified: &'a str,
}

/// `GET /v2.1/{students,teachers,school_admins,district_admins}/{id}`.
pub fn role_object<'a>(person: &Person<'a>, role: PersonRole<'a>) -> Envelope<RoleObject<'a>> {
    Envelope {
        kind: None,
        data: RoleObject {
            id: role.id,
            district: person.district,
            email: person.email,
            name: person.name,
            grade: role.grade,
            sis_id: role.sis_id,
            created: person.created,
            last_modified: person.last_modified,
        },
        links: vec![
            Link { rel: "self", uri: role_uri(role) },
            Link { rel: "district", uri: format!("{PREFIX}/districts/{}", person.district) },
        ],
    }
}

/// `GET /v2.1/districts/{id}`.
pub fn district(district: District<'_>) -> Envelope<District<'_>> {
    let uri = format!("{PREFIX}/districts/{}", district.id);
    Envelope { kind: None, data: district, links: vec![Link { rel: "self", uri }] }
}

fn role_uri(role: PersonRole<'_>) -> String {
    format!("{PREFIX}/{}s/{}", role.kind.v2_name(), role.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_api::v3_0::tests::{ADMIN, TEACHER, person};

    #[test]
    fn me_is_the_role_that_logged_in() {
        let text = serde_json::to_string(&me(&person(&[TEACHER, ADMIN]), ADMIN)).expect("prints");
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
    fn a_role_is_told_as_a_person_under_its_own_id() {
        let text =
            serde_json::to_string(&role_object(&person(&[TEACHER]), TEACHER)).expect("prints");
        assert!(text.starts_with(r#"{"data":{"id":"6298ef2e9e30ed3d9066e118","#), "{text}");
        assert!(text.contains(r#"{"rel":"self","uri":"/v2.1/teachers/6298ef2e9e30ed3d9066e118"}"#));
        assert!(!text.contains("62817c88dc4dc002ea40b594"), "the person's v3 id stays out: {text}");
    }
}
