use firstbell_core::application::IdTokenAlgorithm;
use firstbell_core::sharing::AccessTier;
use http::StatusCode;
use serde_json::json;

use crate::oidc::client::{checked, give_keys, log_in, providers, redeem};
use crate::world::{
    Browser, administrator, ana, authorize, of_several_roles, teacher, without_email, worlds,
};

#[tokio::test]
async fn the_claims_say_who_came_in_which_role() {
    for world in providers().await {
        for (person, kind) in [(ana(), "student"), (teacher(), "teacher")] {
            let answer = world.browser().log_in(person, &authorize("&state=s&nonce=n")).await;
            let tokens = redeem(&world, &answer).await;
            let stored = world.person(person).await;
            let text = |name| tokens.claims.text(name).unwrap().unwrap().to_owned();
            assert_eq!(text("sub"), stored.id.to_string());
            assert_eq!(text("multi_role_user_id"), stored.id.to_string());
            assert_eq!(text("user_id"), stored.roles[0].id.to_string());
            assert_eq!(text("user_type"), kind);
            assert_eq!(text("district"), world.district.to_string());
            assert_eq!(text("given_name"), person.first);
            assert_eq!(text("family_name"), person.last);
            assert_eq!(text("nonce"), "n");
            assert_eq!(tokens.claims.claim("email_verified"), Some(&json!(false)));
            assert_eq!(
                tokens.claims.names(),
                [
                    "aud",
                    "auth_time",
                    "district",
                    "email",
                    "email_verified",
                    "exp",
                    "family_name",
                    "given_name",
                    "iat",
                    "iss",
                    "multi_role_user_id",
                    "nonce",
                    "sub",
                    "user_id",
                    "user_type"
                ],
                "nothing else"
            );
            let info = tokens.userinfo(&world).await;
            for name in ["user_id", "user_type", "district"] {
                assert_eq!(info[name], text(name), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn somebody_of_several_roles_is_told_in_that_of_the_login() {
    for world in providers().await {
        let answer = world.browser().log_in(of_several_roles(), &authorize("&state=s")).await;
        let tokens = redeem(&world, &answer).await;
        let me = world.get_with_token("/v2.1/me", &tokens.access).await.json();
        assert_eq!(tokens.claims.claim("user_id"), Some(&me["data"]["id"]));
        let stored = world.person(of_several_roles()).await;
        assert_eq!(tokens.subject(), stored.id.to_string());
    }
}

#[tokio::test]
async fn somebody_without_an_email_address_has_none_in_the_token() {
    for world in providers().await {
        world.change_flightschool(|it| it.switches.email_verified = true).await;
        let answer = world.browser().log_in(without_email(), &authorize("&state=s")).await;
        let tokens = redeem(&world, &answer).await;
        assert_eq!(tokens.claims.claim("email"), None);
        assert_eq!(tokens.claims.claim("email_verified"), Some(&json!(false)));

        let answer = log_in(&mut world.browser(), "").await;
        let tokens = redeem(&world, &answer).await;
        assert_eq!(tokens.claims.claim("email_verified"), Some(&json!(true)));
    }
}

#[tokio::test]
async fn an_application_may_have_es256() {
    for world in providers().await {
        world.change_flightschool(|it| it.id_token_algorithm = IdTokenAlgorithm::Es256).await;
        let tokens = redeem(&world, &log_in(&mut world.browser(), "").await).await;
        assert_eq!(tokens.id.rsplit('.').next().map(str::len), Some(86), "64 bytes");
    }
}

#[tokio::test]
async fn only_who_has_the_switch_gets_an_id_token_and_the_classroom_tier_never() {
    for world in worlds().await {
        give_keys(&world).await;
        let got = async || {
            let code = world.browser().code_for(teacher(), &authorize("&scope=openid")).await;
            let reply = world.exchange(&code).await;
            assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
            reply.json().get("id_token").is_some()
        };
        assert!(!got().await, "off by default");
        world.change_flightschool(|it| it.switches.oidc = true).await;
        assert!(got().await);
        world.change_flightschool(|it| it.tier = AccessTier::Classroom).await;
        assert!(!got().await, "whatever is switched on");
    }
}

#[tokio::test]
async fn a_login_in_somebody_elses_name_says_so_and_whose_it_is() {
    for world in providers().await {
        let mut browser = world.browser();
        browser.log_in(administrator(), "/in/ada").await;
        let student = world.person(ana()).await.id.to_string();
        open_as(&mut browser, &student).await;
        let answer = browser.get(&authorize("&state=s&confirmed=false")).await;
        let tokens = redeem(&world, &answer).await;
        assert_eq!(tokens.subject(), student);
        let admin = world.person(administrator()).await.id.to_string();
        assert_eq!(tokens.claims.claim("act"), Some(&json!({"sub": admin})));
        assert_eq!(tokens.claims.claim("loginas_by_admin"), Some(&json!(true)));
    }
}

async fn open_as(browser: &mut Browser, person: &str) {
    let portal = browser.get("/in/ada").await;
    let reason = ("reason", "She cannot open the reading app.");
    let form = [("csrf", &*portal.hidden("csrf")), ("person", person), reason];
    assert_eq!(browser.post("/in/ada/open-as", &form).await.location(), Some("/in/ada"));
}

#[tokio::test]
async fn without_a_key_a_code_buys_no_half_answer() {
    for world in worlds().await {
        world.change_flightschool(|it| it.switches.oidc = true).await;
        let code = world.browser().code_for(ana(), &authorize("")).await;
        let reply = world.exchange(&code).await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(reply.json()["error"], "server_error");
        assert!(!reply.body.contains("access_token"));
    }
}

#[tokio::test]
async fn an_id_token_opens_nothing() {
    for world in providers().await {
        let answer = log_in(&mut world.browser(), "").await;
        let code = answer.query("code").unwrap();
        let tokens = checked(&world, &world.exchange(&code).await).await;
        for path in ["/userinfo", "/v3.0/me", "/oauth/tokeninfo"] {
            for secret in [&tokens.id, &code] {
                let reply = world.get_with_token(path, secret).await;
                assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path}");
            }
        }
    }
}
