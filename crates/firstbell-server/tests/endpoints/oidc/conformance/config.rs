//! The module of the configuration plan.

use http::StatusCode;

use crate::oidc::client::{ISSUER, get, keys, providers};

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    for world in providers().await {
        let reply = get(&world, "/.well-known/openid-configuration", &[]).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let document = reply.json();

        assert_eq!(document["issuer"], ISSUER);
        let lists = [
            ("response_types_supported", "code"),
            ("subject_types_supported", "public"),
            ("id_token_signing_alg_values_supported", "RS256"),
            ("grant_types_supported", "authorization_code"),
            ("scopes_supported", "openid"),
            ("claims_supported", "sub"),
            ("token_endpoint_auth_methods_supported", "client_secret_basic"),
            ("token_endpoint_auth_methods_supported", "client_secret_post"),
            ("code_challenge_methods_supported", "S256"),
        ];
        for (name, member) in lists {
            let list = document[name].as_array().unwrap_or_else(|| panic!("no {name}"));
            assert!(list.iter().any(|one| one == member), "{name}: {list:?}");
        }
        let endpoints = [
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
            "revocation_endpoint",
        ];
        for name in endpoints {
            let uri = document[name].as_str().unwrap_or_else(|| panic!("no {name}"));
            assert!(uri.starts_with("https://"), "{name}: {uri}");
        }
        for (name, value) in document.as_object().expect("an object") {
            assert!(!value.is_null() && *value != serde_json::json!([]), "{name} says nothing");
        }
        for name in ["claims", "request", "request_uri"] {
            assert_eq!(document[format!("{name}_parameter_supported")], false);
        }

        let keys = keys(&world).await.keys;
        assert!(keys.len() >= 4);
        let mut names: Vec<_> = keys.iter().map(|key| &key.id).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), keys.len(), "each key has its own name");
    }
}
