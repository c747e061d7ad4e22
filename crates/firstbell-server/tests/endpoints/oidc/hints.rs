//! `id_token_hint` (OpenID Connect Core section 3.1.2.1).

use std::time::Duration;

use http::StatusCode;

use crate::oidc::client::{ISSUER, Tokens, log_in, providers, redeem};
use crate::world::{World, authorize, teacher};

async fn anas(world: &World) -> Tokens {
    redeem(world, &log_in(&mut world.browser(), "").await).await
}

#[tokio::test]
async fn a_hint_at_somebody_else_asks_who_it_is() {
    for world in providers().await {
        let hint = format!("&state=s&id_token_hint={}", anas(&world).await.id);
        let mut browser = world.browser();
        browser.log_in(teacher(), "/in/ada").await;

        let page = browser.follow(&authorize(&hint)).await;
        assert_eq!((page.status, page.location()), (StatusCode::OK, None));
        assert!(page.body.contains("name=\"password\""), "a login page");
        let before = world.row_counts().await;
        let reply = browser.get(&authorize(&format!("{hint}&prompt=none"))).await;
        assert_eq!(reply.query("error").as_deref(), Some("login_required"));
        assert_eq!(reply.query("iss").as_deref(), Some(ISSUER));
        assert_eq!(world.row_counts().await, before);
    }
}

#[tokio::test]
async fn an_expired_hint_still_says_who_it_was() {
    for world in providers().await {
        let mut browser = world.browser();
        let tokens = redeem(&world, &log_in(&mut browser, "").await).await;
        world.clock.advance(Duration::from_secs(3700));
        let more = format!("&prompt=none&id_token_hint={}", tokens.id);
        let answer = log_in(&mut browser, &more).await;
        assert_eq!(redeem(&world, &answer).await.subject(), tokens.subject());
    }
}

#[tokio::test]
async fn a_hint_that_is_none_of_ours_is_an_invalid_request() {
    for world in providers().await {
        let tokens = anas(&world).await;
        let (signed, signature) = tokens.id.rsplit_once('.').unwrap();
        let mut browser = world.browser();
        log_in(&mut browser, "").await;
        let before = world.row_counts().await;
        for (name, hint) in [
            ("no token", "nonsense".to_owned()),
            ("unsigned", format!("{signed}.")),
            ("changed", format!("{signed}.{}", signature.replace(['A', 'a'], "B"))),
            ("none", unsigned(&tokens)),
            ("an access token", tokens.access.clone()),
            ("sent twice", format!("{}&id_token_hint={}", tokens.id, tokens.id)),
            ("huge", "a".repeat(15_000)),
        ] {
            for more in ["", "&prompt=none"] {
                let path = authorize(&format!("&state=s&id_token_hint={hint}{more}"));
                let reply = browser.get(&path).await;
                let error = reply.query("error");
                assert_eq!(error.as_deref(), Some("invalid_request"), "{name} {more}");
                assert_eq!(reply.query("state").as_deref(), Some("s"), "{name}");
                assert_eq!(reply.query("code"), None, "{name}");
            }
        }
        assert_eq!(world.row_counts().await, before);
    }
}

/// The same claims under `alg: none`.
fn unsigned(tokens: &Tokens) -> String {
    let claims = tokens.id.split('.').nth(1).unwrap();
    format!("eyJhbGciOiJub25lIn0.{claims}.")
}

#[tokio::test]
async fn a_hint_made_for_another_application_is_none() {
    for world in providers().await {
        let hint = anas(&world).await.id;
        world.change_flightschool(|it| it.switches.oidc = true).await;
        let other = crate::oidc::district_tokens::register(&world, "dada00dada00dada00da").await;
        let path = authorize(&format!("&state=s&prompt=none&id_token_hint={hint}"));
        let path = path.replace(crate::world::CLIENT, other.client_id.as_str());
        let reply = world.browser().get(&path).await;
        assert_eq!(reply.query("error").as_deref(), Some("invalid_request"));
    }
}
