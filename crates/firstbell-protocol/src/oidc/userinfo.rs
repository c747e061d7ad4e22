//! The answer of `/userinfo` (OpenID Connect Core section 5.3): flat, without an envelope.

use serde::Serialize;

use crate::data_api::Name;
use crate::vocabulary::RoleKind;

/// Who somebody is, in the role in which they came.
#[derive(Debug, Clone, Copy)]
pub struct UserInfo<'a> {
    /// The person's id, the same in every role: `sub` and `multi_role_user_id`.
    pub user: &'a str,
    /// The id of the role in which they came: `user_id`.
    pub role: &'a str,
    /// The role in which they came.
    pub user_type: RoleKind,
    /// The district's id: `district_id` and `district`.
    pub district: &'a str,
    /// The email address, if it is shared and known.
    pub email: Option<&'a str>,
    /// Whether the application may take the address for the person's own.
    pub email_verified: bool,
    /// The name, as far as it is shared.
    pub name: Name<'a>,
    /// In which form the name is told.
    pub name_form: NameForm,
    /// The ids of the role's schools, if they are shared.
    pub schools: &'a [&'a str],
    /// `district`, or `teacher` where a teacher let the application in.
    pub authorized_by: &'a str,
}

/// In which form a name is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameForm {
    /// `{"first", "last", "middle"}`, as the dialect has it.
    Object,
    /// A text, as OpenID Connect Core section 5.1 has it, with `middle_name` beside it.
    Standard,
}

#[derive(Serialize)]
struct Members<'a> {
    sub: &'a str,
    user_id: &'a str,
    multi_role_user_id: &'a str,
    user_type: &'static str,
    district_id: &'a str,
    district: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    email_verified: bool,
    name: Printed<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    given_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    middle_name: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    family_name: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    schools: &'a [&'a str],
    authorized_by: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Printed<'a> {
    Object(Name<'a>),
    Text(String),
}

impl Serialize for UserInfo<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Name { first, middle, last } = self.name;
        let (name, middle_name) = match self.name_form {
            NameForm::Object => (Printed::Object(self.name), None),
            NameForm::Standard => {
                let parts = [Some(first), middle, Some(last)];
                let parts: Vec<_> =
                    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
                (Printed::Text(parts.join(" ")), middle)
            }
        };
        let members = Members {
            sub: self.user,
            user_id: self.role,
            multi_role_user_id: self.user,
            user_type: self.user_type.name(),
            district_id: self.district,
            district: self.district,
            email: self.email,
            email_verified: self.email_verified && self.email.is_some(),
            name,
            given_name: first,
            middle_name,
            family_name: last,
            schools: self.schools,
            authorized_by: self.authorized_by,
        };
        members.serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ANA: UserInfo<'_> = UserInfo {
        user: "aaa",
        role: "111",
        user_type: RoleKind::Student,
        district: "ddd",
        email: Some("ana@school.example"),
        email_verified: false,
        name: Name { first: "Ana", middle: Some("María"), last: "Núñez" },
        name_form: NameForm::Object,
        schools: &["eee"],
        authorized_by: "district",
    };

    #[test]
    fn the_dialect_has_an_object_for_a_name() {
        assert_eq!(
            serde_json::to_value(ANA).expect("JSON"),
            json!({
                "sub": "aaa", "user_id": "111", "multi_role_user_id": "aaa",
                "user_type": "student", "district_id": "ddd", "district": "ddd",
                "email": "ana@school.example", "email_verified": false,
                "name": {"first": "Ana", "middle": "María", "last": "Núñez"},
                "given_name": "Ana", "family_name": "Núñez", "schools": ["eee"],
                "authorized_by": "district",
            })
        );
    }

    #[test]
    fn standard_claims_have_a_text() {
        let standard = UserInfo { name_form: NameForm::Standard, ..ANA };
        let printed = serde_json::to_value(standard).expect("JSON");
        assert_eq!(printed["name"], "Ana María Núñez");
        assert_eq!(printed["middle_name"], "María");
        let short = Name { first: "Cher", middle: None, last: "" };
        let printed = serde_json::to_value(UserInfo { name: short, ..standard }).expect("JSON");
        assert_eq!(printed["name"], "Cher");
        assert!(printed.get("family_name").is_none() && printed.get("middle_name").is_none());
    }
}
