use std::time::Duration;

use firstbell_protocol::jose::UnverifiedToken;
use http::StatusCode;

use crate::oidc::client::{ISSUER, get, keys, log_in, providers, redeem};

#[tokio::test]
async fn documents_are_anybodys_for_five_minutes() {
    for world in providers().await {
        for path in ["/.well-known/openid-configuration", "/oauth/certs"] {
            let reply = get(&world, path, &[("origin", "https://anybody.example")]).await;
            assert_eq!(reply.status, StatusCode::OK, "{path}");
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
            assert_eq!(reply.header("access-control-allow-credentials"), None, "{path}");
            assert_eq!(reply.header("cache-control"), Some("public, max-age=300"), "{path}");
            assert_eq!(reply.header("set-cookie"), None, "{path}");
        }
    }
}

#[tokio::test]
async fn the_issuer_is_configured_whatever_the_host_says() {
    for world in providers().await {
        for headers in [
            [("host", "evil.example"), ("x-forwarded-host", "evil.example")],
            [("host", "api.example"), ("forwarded", "host=evil.example;proto=http")],
        ] {
            let reply = get(&world, "/.well-known/openid-configuration", &headers).await;
            assert_eq!(reply.json()["issuer"], ISSUER);
            assert!(!reply.body.contains("evil.example"));
        }
    }
}

#[tokio::test]
async fn nothing_private_is_published() {
    for world in providers().await {
        let set = get(&world, "/oauth/certs", &[]).await.json();
        for key in set["keys"].as_array().expect("keys") {
            for (name, value) in key.as_object().expect("a key") {
                let public = ["kty", "use", "alg", "kid", "n", "e", "crv", "x", "y"];
                assert!(public.contains(&name.as_str()), "{name}");
                assert!(value.as_str().is_some_and(|text| text.len() < 400), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_retired_key_verifies_during_its_overlap_and_not_after() {
    let days = |count: u64| Duration::from_hours(24 * count);
    for world in providers().await {
        let verifies = async |token: &str| {
            UnverifiedToken::parse(token).unwrap().verify(&keys(&world).await).is_ok()
        };
        world.clock.advance(days(90));
        let old = redeem(&world, &log_in(&mut world.browser(), "").await).await.id;
        world.app.rotate_keys().await.expect("rotated");
        let new = redeem(&world, &log_in(&mut world.browser(), "").await).await.id;
        assert_ne!(old.split('.').next(), new.split('.').next(), "another key signs");
        assert!(verifies(&old).await && verifies(&new).await);

        world.clock.advance(days(2));
        world.app.rotate_keys().await.expect("rotated");
        assert!(!verifies(&old).await && verifies(&new).await);
    }
}

#[tokio::test]
async fn a_compromised_key_counts_no_more_and_the_next_one_signs() {
    for world in providers().await {
        let token = redeem(&world, &log_in(&mut world.browser(), "").await).await.id;
        let set = keys(&world).await;
        let stolen = set.keys.iter().find(|key| {
            let alone = firstbell_protocol::jose::JwkSet { keys: vec![(*key).clone()] };
            UnverifiedToken::parse(&token).unwrap().verify(&alone).is_ok()
        });
        let kid = stolen.expect("the key that signed").id.clone();
        let (gone, now) = (kid.clone(), world.clock.now());
        world.store.write(move |tx| tx.compromise_signing_key(&gone, now)).await.unwrap();
        world.app.refresh_keys().await.expect("keys");
        assert!(keys(&world).await.find(&kid).is_none());
        let reply = world
            .browser()
            .get(&crate::world::authorize(&format!("&prompt=none&id_token_hint={token}")))
            .await;
        assert_eq!(reply.query("error").as_deref(), Some("invalid_request"));

        world.app.rotate_keys().await.expect("rotated");
        let follower = redeem(&world, &log_in(&mut world.browser(), "").await).await;
        assert!(set.keys.iter().any(|key| follower.id.starts_with(&header_of(key))));
    }
}

/// The first part of what a key signs.
fn header_of(key: &firstbell_protocol::jose::Jwk) -> String {
    use base64::Engine as _;
    let header = format!(r#"{{"alg":"{}","kid":"{}","typ":"JWT"}}"#, key.key.algorithm(), key.id);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header)
}
