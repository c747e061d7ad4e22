//! The claims of an ID token (OpenID Connect Core section 2, with the dialect's own).

use serde::Serialize;

use crate::vocabulary::RoleKind;

/// An ID token holds for one hour after it was made.
pub const LIFETIME_SECONDS: i64 = 3600;

/// Who somebody is, for one application, at one login.
#[derive(Debug, Clone, Copy)]
pub struct IdToken<'a> {
    /// The issuer: the base of our own addresses.
    pub issuer: &'a str,
    /// The application's `client_id`.
    pub audience: &'a str,
    /// When it is made, in seconds since 1970.
    pub issued_seconds: i64,
    /// What the application sent as `nonce`.
    pub nonce: Option<&'a str>,
    /// When the person proved who they are, in seconds since 1970.
    pub authenticated_seconds: i64,
    /// The person's id, the same in every role: `sub` and `multi_role_user_id`.
    pub user: &'a str,
    /// The id of the role in which they came: `user_id`.
    pub role: &'a str,
    /// The role in which they came.
    pub user_type: RoleKind,
    /// The district's id.
    pub district: &'a str,
    /// The email address, if it is shared and known.
    pub email: Option<&'a str>,
    /// Whether the application may take the address for the person's own.
    pub email_verified: bool,
    /// Given name.
    pub given_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// Who it really is, where somebody looks through another's eyes (RFC 8693 section 4.1).
    pub impersonator: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    auth_time: i64,
    user_id: &'a str,
    multi_role_user_id: &'a str,
    user_type: &'static str,
    district: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    email_verified: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    given_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    family_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Actor<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loginas_by_admin: Option<bool>,
}

#[derive(Serialize)]
struct Actor<'a> {
    sub: &'a str,
}

impl Serialize for IdToken<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let claims = Claims {
            iss: self.issuer,
            sub: self.user,
            aud: self.audience,
            iat: self.issued_seconds,
            exp: self.issued_seconds.saturating_add(LIFETIME_SECONDS),
            nonce: self.nonce,
            auth_time: self.authenticated_seconds,
            user_id: self.role,
            multi_role_user_id: self.user,
            user_type: self.user_type.name(),
            district: self.district,
            email: self.email,
            // An address that is not told cannot be anybody's.
            email_verified: self.email_verified && self.email.is_some(),
            given_name: self.given_name,
            family_name: self.family_name,
            act: self.impersonator.map(|sub| Actor { sub }),
            loginas_by_admin: self.impersonator.map(|_| true),
        };
        claims.serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ANA: IdToken<'_> = IdToken {
        issuer: "https://login.example",
        audience: "fly",
        issued_seconds: 1_000,
        nonce: Some("n"),
        authenticated_seconds: 900,
        user: "aaa",
        role: "111",
        user_type: RoleKind::Student,
        district: "ddd",
        email: Some("ana@school.example"),
        email_verified: false,
        given_name: "Ana",
        family_name: "Núñez",
        impersonator: None,
    };

    #[test]
    fn the_claims_are_those_of_the_dialect() {
        assert_eq!(
            serde_json::to_value(ANA).expect("JSON"),
            json!({
                "iss": "https://login.example", "sub": "aaa", "aud": "fly", "iat": 1000,
                "exp": 4600, "nonce": "n", "auth_time": 900, "user_id": "111",
                "multi_role_user_id": "aaa", "user_type": "student", "district": "ddd",
                "email": "ana@school.example", "email_verified": false, "given_name": "Ana",
                "family_name": "Núñez",
            })
        );
    }

    #[test]
    fn what_is_not_known_is_not_claimed() {
        let bare = IdToken { nonce: None, email: None, email_verified: true, ..ANA };
        let printed = serde_json::to_value(bare).expect("JSON");
        assert!(printed.get("nonce").is_none() && printed.get("email").is_none());
        assert_eq!(printed["email_verified"], false);
        assert!(printed.get("act").is_none() && printed.get("loginas_by_admin").is_none());
    }

    #[test]
    fn who_looks_through_anothers_eyes_is_named() {
        let watched = IdToken { impersonator: Some("bbb"), ..ANA };
        let printed = serde_json::to_value(watched).expect("JSON");
        assert_eq!(printed["act"], json!({"sub": "bbb"}));
        assert_eq!(printed["loginas_by_admin"], true);
        assert_eq!(printed["sub"], "aaa");
    }
}
