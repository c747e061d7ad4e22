//! The modules of the basic plan. Each checks what the suite's module of that name checks; where the
//! suite skips it for us, what we do instead.

use std::time::Duration;

use http::StatusCode;

use crate::oidc::client::{
    self, Tokens, callback, checked, flightschool, get, log_in, must_answer, must_succeed, post,
    providers, redeem, reversed,
};
use crate::world::{
    Browser, CALLBACK, CLIENT, FORM, Reply, SECRET, World, ana, authorize, encoded,
};

#[tokio::test]
async fn oidcc_server() {
    for (world, _, tokens) in must_succeed("&scope=openid&nonce=n-0S6_WzA2Mj").await {
        assert_eq!(tokens.claims.text("nonce"), Ok(Some("n-0S6_WzA2Mj")));
        let person = world.person(ana()).await;
        assert_eq!(tokens.subject(), person.id.to_string());
        assert!(tokens.json.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    for world in providers().await {
        let path = authorize("&state=s").replace("response_type=code&", "");
        world.browser().get(&path).await.must_refuse_on_a_page(400, "FB1003");
    }
}

#[tokio::test]
async fn oidcc_idtoken_signature() {
    for (world, _, tokens) in must_succeed("").await {
        let header = header(&tokens.id);
        assert_eq!(header["alg"], "RS256", "where nothing else was agreed on");
        let kid = header["kid"].as_str().expect("a key id");
        assert!(client::keys(&world).await.find(kid).is_some());
    }
}

#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    for (world, _, tokens) in must_succeed("&id_token_signed_response_alg=none").await {
        assert_eq!(header(&tokens.id)["alg"], "RS256");
        let document = discovery(&world).await;
        let offered = document["id_token_signing_alg_values_supported"].as_array().expect("a list");
        assert!(!offered.iter().any(|name| name == "none"));
    }
}

#[tokio::test]
async fn oidcc_userinfo_get() {
    for (world, _, tokens) in must_succeed("&scope=openid").await {
        must_be_standard_claims(&tokens.userinfo(&world).await);
    }
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    for (world, _, tokens) in must_succeed("&scope=openid").await {
        let bearer = format!("Bearer {}", tokens.access);
        let reply = post(&world, "/userinfo", &[("authorization", &bearer)], "").await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert_eq!(reply.json(), tokens.userinfo(&world).await);
    }
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    for (world, _, tokens) in must_succeed("&scope=openid").await {
        let body = format!("access_token={}", tokens.access);
        let reply = post(&world, "/userinfo", &[], &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert_eq!(reply.json(), tokens.userinfo(&world).await);
    }
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    for (_, _, tokens) in must_succeed("&scope=openid").await {
        assert_eq!(tokens.claims.claim("nonce"), None);
    }
}

#[tokio::test]
async fn oidcc_scope_profile() {
    for (world, _, tokens) in must_succeed("&scope=openid%20profile").await {
        let info = tokens.userinfo(&world).await;
        for claim in ["name", "given_name", "family_name"] {
            assert!(info[claim].is_string(), "{claim}: {info}");
        }
    }
}

#[tokio::test]
async fn oidcc_scope_email() {
    for (world, _, tokens) in must_succeed("&scope=openid%20email").await {
        let info = tokens.userinfo(&world).await;
        assert!(info["email"].as_str().is_some_and(|email| email.contains('@')), "{info}");
        assert_eq!(info["email_verified"], false);
    }
}

#[tokio::test]
async fn oidcc_scope_address() {
    must_not_be_offered("address", "address").await;
}

#[tokio::test]
async fn oidcc_scope_phone() {
    must_not_be_offered("phone", "phone_number").await;
}

#[tokio::test]
async fn oidcc_scope_all() {
    for (world, _, tokens) in
        must_succeed("&scope=openid%20profile%20email%20address%20phone").await
    {
        let info = tokens.userinfo(&world).await;
        must_be_standard_claims(&info);
        for claim in ["address", "phone_number"] {
            assert!(info.get(claim).is_none(), "{claim}");
        }
    }
}

#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    for world in providers().await {
        let mut browser = world.browser();
        let path = authorize("&scope=email%20openid&state=state%2Fof%20mine&nonce=n");
        let page = browser.follow(&reversed(&path)).await;
        let signed_in = browser.sign_in(&page, ana().login_name, ana().password).await;
        let answer = browser.follow(signed_in.location().expect("a redirect")).await;
        must_answer(&answer);
        redeem(&world, &answer).await.userinfo(&world).await;
    }
}

#[tokio::test]
async fn oidcc_display_page() {
    must_succeed("&display=page").await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    must_succeed("&display=popup").await;
}

#[tokio::test]
async fn oidcc_prompt_login() {
    for (world, mut browser, first) in must_succeed("").await {
        world.clock.advance(Duration::from_secs(1));
        let second = asked_again(&world, &mut browser, "&prompt=login").await;
        assert!(second.auth_time() > first.auth_time());
        assert_eq!(second.subject(), first.subject());
    }
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let state = "s".repeat(128);
    for world in providers().await {
        let before = world.row_counts().await;
        let reply = world.browser().get(&authorize(&format!("&prompt=none&state={state}"))).await;
        assert!(reply.location().expect("a redirect").starts_with(CALLBACK));
        assert_eq!(reply.query("error").as_deref(), Some("login_required"));
        assert_eq!(reply.query("state").as_deref(), Some(&*state));
        assert_eq!(reply.query("iss").as_deref(), Some(client::ISSUER));
        assert_eq!(reply.query("code"), None);
        assert_eq!(world.row_counts().await, before);
    }
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    for (world, mut browser, first) in must_succeed("").await {
        world.clock.advance(Duration::from_secs(5));
        let second = silent(&world, &mut browser, "&prompt=none").await;
        assert_eq!(second.subject(), first.subject());
        assert_eq!(second.auth_time(), first.auth_time());
    }
}

#[tokio::test]
async fn oidcc_max_age_1() {
    for (world, mut browser, first) in must_succeed("").await {
        world.clock.advance(Duration::from_secs(2));
        let second = asked_again(&world, &mut browser, "&max_age=1").await;
        assert!(second.auth_time() > first.auth_time());
        let now = world.clock.now().milliseconds() / 1000;
        assert!(now - second.auth_time() <= 1, "recent");
    }
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    for (world, mut browser, first) in must_succeed("").await {
        world.clock.advance(Duration::from_secs(5));
        let second = silent(&world, &mut browser, "&max_age=10000").await;
        assert_eq!(second.subject(), first.subject());
        assert_eq!(second.auth_time(), first.auth_time());
    }
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    must_succeed("&extra=foobar").await;
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    for (world, mut browser, first) in must_succeed("").await {
        world.clock.advance(Duration::from_secs(5));
        let more = format!("&prompt=none&id_token_hint={}", first.id);
        let second = silent(&world, &mut browser, &more).await;
        assert_eq!(second.subject(), first.subject());
        assert_eq!(second.auth_time(), first.auth_time());
    }
}

#[tokio::test]
async fn oidcc_login_hint() {
    must_succeed("&login_hint=buffy%40op.example").await;
}

#[tokio::test]
async fn oidcc_ui_locales() {
    must_succeed("&ui_locales=se").await;
}

#[tokio::test]
async fn oidcc_claims_locales() {
    must_succeed("&claims_locales=se").await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    must_succeed("&acr_values=1%202").await;
}

#[tokio::test]
async fn oidcc_codereuse() {
    for world in providers().await {
        let answer = log_in(&mut world.browser(), "").await;
        redeem(&world, &answer).await;
        must_be_invalid_grant(&world.exchange(&answer.query("code").unwrap()).await);
    }
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    for world in providers().await {
        let answer = log_in(&mut world.browser(), "").await;
        let tokens = redeem(&world, &answer).await;
        world.clock.advance(Duration::from_secs(30));
        must_be_invalid_grant(&world.exchange(&answer.query("code").unwrap()).await);
        let reply = world.get_with_token("/userinfo", &tokens.access).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "what it bought is revoked");
    }
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    for world in providers().await {
        let other = encoded("https://flightschool.example/oauth/callback/extra");
        let path = authorize("").replace(&callback(), &other);
        world.browser().get(&path).await.must_refuse_on_a_page(400, "FB1002");
    }
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    for world in providers().await {
        let mut browser = world.browser();
        let form = [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "state/of mine"),
            ("nonce", "n"),
        ];
        let reply = browser.post("/oauth/authorize", &form).await;
        let page = browser.follow(reply.location().expect("a login")).await;
        let signed_in = browser.sign_in(&page, ana().login_name, ana().password).await;
        let answer = browser.follow(signed_in.location().expect("a redirect")).await;
        must_answer(&answer);
        assert_eq!(redeem(&world, &answer).await.claims.text("nonce"), Ok(Some("n")));
    }
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    for world in providers().await {
        let answer = log_in(&mut world.browser(), "&nonce=n").await;
        let body = format!(
            "grant_type=authorization_code&code={}&redirect_uri={}\
             &client_id={CLIENT}&client_secret={SECRET}",
            answer.query("code").unwrap(),
            callback(),
        );
        checked(&world, &world.post_tokens(&[FORM], body).await).await.userinfo(&world).await;
    }
}

#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let more = "&request_uri=https%3A%2F%2Fclient.example%2Frequest";
    must_be_unsupported(more, "request_uri_not_supported").await;
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    must_be_unsupported("&request=eyJhbGciOiJub25lIn0.e30.", "request_not_supported").await;
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let claims = encoded(r#"{"userinfo":{"name":{"essential":true},"birthdate":null}}"#);
    for (world, _, tokens) in must_succeed(&format!("&claims={claims}")).await {
        let info = tokens.userinfo(&world).await;
        assert!(info["name"].is_string(), "{info}");
        assert!(info.get("birthdate").is_none(), "a request does not widen what is shared");
        assert_eq!(tokens.claims.claim("name"), None);
    }
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    for world in providers().await {
        let other = encoded("https://flightschool.example/not/registered");
        let path = authorize("&request=eyJhbGciOiJub25lIn0.e30.").replace(&callback(), &other);
        world.browser().get(&path).await.must_refuse_on_a_page(400, "FB1002");
    }
}

#[tokio::test]
async fn oidcc_refresh_token() {
    for (world, _, tokens) in must_succeed("&scope=openid%20offline_access").await {
        assert!(tokens.json.get("refresh_token").is_none());
        let authorization = flightschool();
        let body = format!("grant_type=refresh_token&refresh_token={}", tokens.access);
        let headers = [FORM, ("authorization", authorization.as_str())];
        let reply = world.post_tokens(&headers, body).await;
        assert_eq!(reply.json()["error"], "unsupported_grant_type");
        let grants = discovery(&world).await["grant_types_supported"].clone();
        assert_eq!(grants, serde_json::json!(["authorization_code", "client_credentials"]));
    }
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    // RFC 7636 appendix B.
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    for world in providers().await {
        let more = format!("&code_challenge={challenge}&code_challenge_method=S256");
        let answer = log_in(&mut world.browser(), &more).await;
        let code = answer.query("code").unwrap();
        let authorization = flightschool();
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={verifier}",
            callback()
        );
        let headers = [FORM, ("authorization", authorization.as_str())];
        checked(&world, &world.post_tokens(&headers, body).await).await;
    }
}

fn header(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let encoded = token.split('.').next().expect("a header");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

async fn discovery(world: &World) -> serde_json::Value {
    get(world, "/.well-known/openid-configuration", &[]).await.json()
}

fn must_be_invalid_grant(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.json()["error"], "invalid_grant");
}

/// Types of OpenID Connect Core section 5.1.
fn must_be_standard_claims(info: &serde_json::Value) {
    for claim in ["sub", "name", "given_name", "family_name", "middle_name", "email"] {
        let value = info.get(claim);
        assert!(value.is_none_or(serde_json::Value::is_string), "{claim}: {info}");
    }
    assert!(info["email_verified"].is_boolean() && info["sub"].is_string(), "{info}");
}

async fn must_not_be_offered(scope: &str, claim: &str) {
    for (world, _, tokens) in must_succeed(&format!("&scope=openid%20{scope}")).await {
        let offered = discovery(&world).await["scopes_supported"].clone();
        assert!(!offered.as_array().expect("a list").iter().any(|name| name == scope));
        assert!(tokens.userinfo(&world).await.get(claim).is_none());
    }
}

async fn must_be_unsupported(more: &str, error: &str) {
    for world in providers().await {
        let path = authorize(&format!("&state=state%2Fof%20mine{more}"));
        let reply = world.browser().get(&path).await;
        must_answer(&reply);
        assert_eq!(reply.query("error").as_deref(), Some(error));
        assert_eq!(reply.query("code"), None);
    }
}

/// A second login in which a page must ask who it is.
async fn asked_again(world: &World, browser: &mut Browser, more: &str) -> Tokens {
    let path = authorize(&format!("&state=state%2Fof%20mine{more}"));
    let page = browser.follow(&path).await;
    assert_eq!((page.status, page.location()), (StatusCode::OK, None), "a second login page");
    let signed_in = browser.sign_in(&page, ana().login_name, ana().password).await;
    let answer = browser.follow(signed_in.location().expect("a redirect")).await;
    must_answer(&answer);
    redeem(world, &answer).await
}

/// A second login of which nobody sees anything.
async fn silent(world: &World, browser: &mut Browser, more: &str) -> Tokens {
    let answer = browser.get(&authorize(&format!("&state=state%2Fof%20mine{more}"))).await;
    must_answer(&answer);
    redeem(world, &answer).await
}
