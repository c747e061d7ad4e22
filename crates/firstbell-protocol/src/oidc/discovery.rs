//! `GET /.well-known/openid-configuration` (OpenID Connect Discovery 1.0 section 3, RFC 8414).

use serde::Serialize;

use crate::jose::Algorithm;

/// Where everything is, and what can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the specification")]
#[expect(clippy::struct_excessive_bools, reason = "the document holds them")]
pub struct Discovery {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    pub revocation_endpoint: String,
    pub scopes_supported: &'static [&'static str],
    pub response_types_supported: &'static [&'static str],
    pub response_modes_supported: &'static [&'static str],
    pub grant_types_supported: &'static [&'static str],
    pub subject_types_supported: &'static [&'static str],
    pub id_token_signing_alg_values_supported: [&'static str; 2],
    pub token_endpoint_auth_methods_supported: &'static [&'static str],
    pub revocation_endpoint_auth_methods_supported: &'static [&'static str],
    pub code_challenge_methods_supported: &'static [&'static str],
    pub prompt_values_supported: &'static [&'static str],
    pub claims_supported: &'static [&'static str],
    pub ui_locales_supported: &'static [&'static str],
    pub claims_parameter_supported: bool,
    pub request_parameter_supported: bool,
    pub request_uri_parameter_supported: bool,
    pub authorization_response_iss_parameter_supported: bool,
}

const CLIENT_AUTHENTICATION: &[&str] = &["client_secret_basic", "client_secret_post"];

impl Discovery {
    /// The document of an installation: `auth_base` is its issuer, `api_base` where the Data API
    /// is; neither ends in a slash.
    pub fn new(auth_base: &str, api_base: &str) -> Self {
        let auth = |path: &str| format!("{auth_base}{path}");
        Self {
            issuer: auth_base.to_owned(),
            authorization_endpoint: auth("/oauth/authorize"),
            token_endpoint: auth("/oauth/tokens"),
            userinfo_endpoint: format!("{api_base}/userinfo"),
            jwks_uri: auth("/oauth/certs"),
            revocation_endpoint: auth("/oauth/revoke"),
            scopes_supported: &["openid", "profile", "email"],
            response_types_supported: &["code"],
            response_modes_supported: &["query"],
            grant_types_supported: &["authorization_code", "client_credentials"],
            subject_types_supported: &["public"],
            id_token_signing_alg_values_supported: Algorithm::ALL.map(Algorithm::name),
            token_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
            revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
            code_challenge_methods_supported: &["S256"],
            prompt_values_supported: &["none", "login"],
            claims_supported: &[
                "iss",
                "sub",
                "aud",
                "iat",
                "exp",
                "nonce",
                "auth_time",
                "user_id",
                "multi_role_user_id",
                "user_type",
                "district",
                "email",
                "email_verified",
                "name",
                "given_name",
                "middle_name",
                "family_name",
            ],
            ui_locales_supported: &["en", "es"],
            claims_parameter_supported: false,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            authorization_response_iss_parameter_supported: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_both_hosts_and_the_limits() {
        let document = Discovery::new("https://login.example", "https://api.example");
        let printed = serde_json::to_value(document).expect("JSON");
        for (name, expected) in [
            ("issuer", "https://login.example"),
            ("authorization_endpoint", "https://login.example/oauth/authorize"),
            ("token_endpoint", "https://login.example/oauth/tokens"),
            ("userinfo_endpoint", "https://api.example/userinfo"),
            ("jwks_uri", "https://login.example/oauth/certs"),
            ("revocation_endpoint", "https://login.example/oauth/revoke"),
        ] {
            assert_eq!(printed[name], expected, "{name}");
        }
        for name in ["claims", "request", "request_uri"] {
            assert_eq!(printed[format!("{name}_parameter_supported")], false, "{name}");
        }
        assert_eq!(printed["id_token_signing_alg_values_supported"][0], "RS256");
        assert_eq!(printed["end_session_endpoint"], serde_json::Value::Null);
    }
}
