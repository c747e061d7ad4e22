//! What an application may ask for beside who comes.

use http::StatusCode;

use crate::world::{
    CALLBACK, CLIENT, FORM, SECRET, World, ana, authorize, basic, encoded, suspended, teacher,
    unshared, worlds,
};

const CHALLENGE: &str =
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn exchange_with(world: &World, code: &str, verifier: &str) -> crate::world::Reply {
    let body = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={}{verifier}",
        encoded(CALLBACK)
    );
    world.post_tokens(&[FORM, ("authorization", &basic(CLIENT, SECRET))], body).await
}

#[tokio::test]
async fn whoever_sent_a_challenge_must_know_the_verifier() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let right = format!("&code_verifier={VERIFIER}");
        for (verifier, status) in [
            (right.as_str(), 200),
            ("", 400),
            ("&code_verifier=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", 400),
        ] {
            let code = browser.get(&authorize(CHALLENGE)).await.query("code").unwrap();
            let reply = exchange_with(&world, &code, verifier).await;
            assert_eq!(reply.status.as_u16(), status, "{verifier}: {}", reply.body);
            if status == 400 {
                assert_eq!(reply.json()["error"], "invalid_grant");
                let again = exchange_with(&world, &code, &right).await;
                assert_eq!(again.status, StatusCode::BAD_REQUEST, "the code is burnt");
            }
        }
        let code = browser.get(&authorize("")).await.query("code").unwrap();
        let reply = exchange_with(&world, &code, &right).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "a verifier that nobody announced");
    }
}

#[tokio::test]
async fn a_challenge_survives_the_sign_in() {
    for world in worlds().await {
        let reply = world.browser().log_in(ana(), &authorize(CHALLENGE)).await;
        let code = reply.query("code").unwrap();
        let verifier = format!("&code_verifier={VERIFIER}");
        assert_eq!(exchange_with(&world, &code, &verifier).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_application_that_must_send_a_challenge_gets_nothing_without_one() {
    for world in worlds().await {
        world.change_flightschool(|application| application.switches.pkce_required = true).await;
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let reply = browser.get(&authorize("&state=s")).await;
        assert_eq!(reply.query("error").as_deref(), Some("invalid_request"));
        assert_eq!(reply.query("state").as_deref(), Some("s"));
        assert!(browser.get(&authorize(CHALLENGE)).await.query("code").is_some());
    }
}

#[tokio::test]
async fn a_token_in_the_fragment_is_only_for_an_application_that_may() {
    for world in worlds().await {
        let path = authorize("&state=a%26b").replace("response_type=code", "response_type=token");
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let refused = browser.get(&path).await;
        assert_eq!(refused.query("error").as_deref(), Some("unsupported_response_type"));
        assert!(!refused.location().unwrap().contains('#'));

        world.change_flightschool(|application| application.switches.implicit = true).await;
        let reply = browser.get(&path).await;
        let (before, fragment) = reply.location().unwrap().split_once('#').unwrap();
        assert_eq!(before, CALLBACK);
        let parameters: std::collections::HashMap<_, _> =
            url::form_urlencoded::parse(fragment.as_bytes()).into_owned().collect();
        assert_eq!(parameters["state"], "a&b");
        assert_eq!(parameters["token_type"], "bearer");
        let me = world.get_with_token("/v3.0/me", &parameters["access_token"]).await;
        assert_eq!(me.json()["data"]["id"], world.person(ana()).await.id.to_string());
    }
}

#[tokio::test]
async fn a_person_without_access_comes_back_where_the_application_wants_it() {
    for world in worlds().await {
        let path = authorize("&state=s%20s&return_unshared=true");
        let mut browser = world.browser();
        let reply = browser.log_in(unshared(), &path).await;
        assert_eq!(
            reply.location(),
            Some(format!("{CALLBACK}?error=unauthorized-user&state=s%20s").as_str(),)
        );

        world
            .change_flightschool(|application| {
                application
                    .user_types
                    .retain(|kind| *kind != firstbell_core::roster::RoleKind::Teacher);
            })
            .await;
        let reply = world.browser().log_in(teacher(), &path).await;
        assert_eq!(reply.query("error").as_deref(), Some("unauthorized-user"), "a wrong type");

        let page = world.browser().log_in(unshared(), &authorize("&return_unshared=TRUE")).await;
        page.must_refuse_on_a_page(403, "FB2002");
        let evil = format!(
            "/oauth/authorize?response_type=code&client_id={CLIENT}&return_unshared=true&redirect_uri={}",
            encoded("https://evil.example/")
        );
        browser.get(&evil).await.must_refuse_on_a_page(400, "FB1002");
    }
}

#[tokio::test]
async fn that_a_person_is_suspended_is_not_told_to_the_application() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = browser.follow(&authorize("&return_unshared=true")).await;
        let reply = browser.sign_in(&page, suspended().login_name, suspended().password).await;
        reply.must_refuse_on_a_page(403, "FB2005");
    }
}

#[tokio::test]
async fn applications_that_send_a_person_round_in_circles_are_stopped() {
    for world in worlds().await {
        let mut browser = world.browser();
        let path = authorize("&return_unshared=true");
        browser.log_in(unshared(), &path).await;
        for _ in 2..=5 {
            assert!(browser.get(&path).await.query("error").is_some());
        }
        browser.get(&path).await.must_refuse_on_a_page(400, "FB1013");
        world.clock.advance(std::time::Duration::from_mins(1));
        assert!(
            browser.get(&path).await.query("error").is_some(),
            "a minute later it is forgotten"
        );
    }
}

#[tokio::test]
async fn an_application_of_openid_connect_says_how_fresh_a_login_must_be() {
    for world in worlds().await {
        let mut browser = world.browser();
        let silent = authorize("&state=s&prompt=none");
        assert!(browser.get(&silent).await.location().unwrap().starts_with("/login/"));

        world.change_flightschool(|application| application.switches.oidc = true).await;
        let reply = browser.get(&silent).await;
        assert_eq!(reply.query("error").as_deref(), Some("login_required"));
        assert_eq!(reply.query("state").as_deref(), Some("s"));

        browser.log_in(ana(), "/in/ada").await;
        assert!(browser.get(&silent).await.query("code").is_some());
        let confirm = browser.get(&format!("{silent}&confirmed=false")).await;
        assert_eq!(confirm.query("error").as_deref(), Some("interaction_required"));

        world.clock.advance(std::time::Duration::from_secs(10));
        assert!(browser.get(&authorize("&max_age=10")).await.query("code").is_some());
        for more in ["&max_age=9", "&prompt=login"] {
            let reply = browser.log_in(ana(), &authorize(more)).await;
            assert!(reply.query("code").is_some(), "{more}: after signing in once more");
            world.clock.advance(std::time::Duration::from_secs(10));
        }
    }
}

#[tokio::test]
async fn the_request_may_come_as_a_form() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let form = [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", CALLBACK),
            ("state", "s"),
        ];
        let reply = browser.post("/oauth/authorize", &form).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "asked once more, with cookies");
        assert!(reply.header("set-cookie").is_none(), "a foreign form changes no cookie");
        let reply = browser.follow(reply.location().unwrap()).await;
        assert_eq!(reply.query("state").as_deref(), Some("s"));
        assert!(reply.query("code").is_some(), "{}", reply.body);
        let both = browser.post("/oauth/authorize?state=t", &form).await;
        both.must_refuse_on_a_page(400, "FB1005");
    }
}

#[tokio::test]
async fn a_switch_that_is_turned_off_holds_for_logins_that_wait() {
    for world in worlds().await {
        world.change_flightschool(|application| application.switches.implicit = true).await;
        let path = authorize("&state=s").replace("response_type=code", "response_type=token");
        let mut browser = world.browser();
        let page = browser.follow(&path).await;
        world.change_flightschool(|application| application.switches.implicit = false).await;
        let reply = browser.sign_in(&page, ana().login_name, ana().password).await;
        let end = browser.follow(reply.location().unwrap()).await;
        let location = end.location().unwrap();
        assert!(!location.contains("access_token"), "{location}");
        assert!(location.contains("#error=unsupported_response_type"), "{location}");
    }
}

#[tokio::test]
async fn a_switch_that_is_turned_on_holds_for_logins_that_wait() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = browser.follow(&authorize("&state=s")).await;
        world.change_flightschool(|application| application.switches.pkce_required = true).await;
        let reply = browser.sign_in(&page, ana().login_name, ana().password).await;
        let end = browser.follow(reply.location().unwrap()).await;
        assert_eq!(end.query("error").as_deref(), Some("invalid_request"));
        assert_eq!((end.query("state").as_deref(), end.query("code")), (Some("s"), None));
    }
}

#[tokio::test]
async fn a_code_for_an_address_that_was_withdrawn_buys_nothing() {
    for world in worlds().await {
        let code = world.browser().code_for(ana(), &authorize("")).await;
        world
            .change_flightschool(|application| {
                application.redirect_uris.retain(|uri| uri.as_str() != CALLBACK);
            })
            .await;
        assert_eq!(world.exchange(&code).await.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn what_an_application_switched_on_comes_with_the_code() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(teacher(), "/in/ada").await;
        let plain = browser.get(&authorize("")).await;
        assert_eq!((plain.query("role_hint"), plain.query("iss")), (None, None));
        world
            .change_flightschool(|application| {
                application.switches.role_hint = true;
                application.switches.iss_parameter = true;
            })
            .await;
        let reply = browser.get(&authorize("")).await;
        assert_eq!(reply.query("role_hint").as_deref(), Some("teacher"));
        assert_eq!(reply.query("iss").as_deref(), Some("https://login.example"));
        let refused = browser.get(&authorize("").replace("=code", "=foo")).await;
        assert_eq!(refused.query("iss").as_deref(), Some("https://login.example"));
    }
}
