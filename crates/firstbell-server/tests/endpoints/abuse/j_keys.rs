//! J, and A-19: tokens that say who somebody is, brought back to us. Only what we signed ourselves is
//! believed, whatever its header says about algorithms and keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::case::{Case, Scene, case, get};
use super::oracle::Oracle;
use crate::world::{CLIENT, ana};

/// A JWT of this header; its claims would be right.
fn forged(header: &str, signature: &[u8]) -> String {
    let claims = format!(
        r#"{{"iss":"https://login.example","aud":"{CLIENT}","sub":"62817af12d430f5d54001f99","exp":1999999999,"iat":1780000000}}"#
    );
    let encoded = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", encoded(header.as_bytes()), encoded(claims.as_bytes()), encoded(signature))
}

pub fn cases() -> Vec<Case> {
    let oidc = || Scene::Changed(|application, _| application.switches.oidc = true);
    let told = Oracle::Told { error: "invalid_request", state: Some("s") };
    let signature = [7_u8; 256];
    let rows: Vec<(&'static str, &str, String)> = vec![
        ("A-19", "alg none", forged(r#"{"alg":"none"}"#, &[])),
        ("A-19", "a signature that is none of ours", forged(r#"{"alg":"RS256"}"#, &signature)),
        ("A-19", "no token", "x".into()),
        ("A-19", "an access token", "il0000000000000000000000000000000000000000".into()),
        ("J-02", "alg None", forged(r#"{"alg":"None"}"#, &[])),
        ("J-02", "alg none and a signature", forged(r#"{"alg":"none"}"#, &signature)),
        ("J-02", "HS256", forged(r#"{"alg":"HS256"}"#, &[7; 32])),
        ("J-02", "HS256 with an empty signature", forged(r#"{"alg":"HS256"}"#, &[])),
        ("J-02", "PS256", forged(r#"{"alg":"PS256"}"#, &signature)),
        (
            "J-02",
            "a key of its own",
            forged(r#"{"alg":"RS256","jwk":{"kty":"RSA","e":"AQAB","n":"AQAB"}}"#, &signature),
        ),
        (
            "J-02",
            "an address of a key",
            forged(
                r#"{"alg":"RS256","jku":"http://{trap}/keys","x5u":"http://{trap}/"}"#,
                &signature,
            ),
        ),
        (
            "J-02",
            "an unknown critical header",
            forged(r#"{"alg":"RS256","crit":["b64"],"b64":false}"#, &signature),
        ),
        ("J-02", "no algorithm", forged("{}", &signature)),
        (
            "J-05",
            "encrypted",
            "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJwMmMiOjIwMDAwMDAwMDB9.a.b.c.d".into(),
        ),
        ("J-05", "zipped", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIiwiemlwIjoiREVGIn0..a.b.c".into()),
        (
            "J-06",
            "a path as the key's name",
            forged(r#"{"alg":"RS256","kid":"../../etc/passwd"}"#, &signature),
        ),
        (
            "J-06",
            "SQL as the key's name",
            forged(r#"{"alg":"RS256","kid":"' OR 1=1--"}"#, &signature),
        ),
        (
            "J-06",
            "a name of 4 kB",
            forged(&format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(4096)), &signature),
        ),
    ];
    let hints = rows.into_iter().map(|(id, what, hint)| {
        case(id, format!("id_token_hint: {what}"))
            .by(ana())
            .after(oidc())
            .get(format!("{{authorize}}&state=s&id_token_hint={hint}"))
            .expects(told)
    });
    let as_tokens = [("alg none", r#"{"alg":"none"}"#), ("RS256", r#"{"alg":"RS256"}"#)].map(
        |(what, header)| {
            case("F-18", format!("userinfo with a JWT of another issuer, {what}"))
                .asks("/userinfo", format!("Bearer {}", forged(header, &signature)))
                .api(401)
        },
    );
    let others = [
        case("F-18", "userinfo without a token").get("/userinfo").api(401),
        case("F-18", "userinfo with the token in the address")
            .after(Scene::Code(ana()))
            .after(Scene::Redeemed)
            .get("/userinfo?access_token={token}")
            .api(401),
        case("F-18", "userinfo with a code")
            .after(Scene::Code(ana()))
            .asks("/userinfo", "Bearer {code}")
            .api(401),
        case("J-12", "claims that nobody granted")
            .by(ana())
            .after(oidc())
            .get("{authorize}&claims=%7B%22userinfo%22%3A%7B%22birthdate%22%3Anull%7D%7D")
            .code_without_state(),
        case("F-17", "tokeninfo without a token").sends(get("/oauth/tokeninfo")).api(401),
        case("F-17", "tokeninfo with the token in the address")
            .after(Scene::Code(ana()))
            .after(Scene::Redeemed)
            .get("/oauth/tokeninfo?access_token={token}")
            .api(401),
    ];
    hints.chain(as_tokens).chain(others).collect()
}
