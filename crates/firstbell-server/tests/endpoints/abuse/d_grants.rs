//! D: PKCE, and what happens to a grant between the code and the token.

use firstbell_core::application::ConnectionState;

use super::b_tokens::REDEEM;
use super::case::{Case, Scene, Then, case, exchange};
use super::oracle::Oracle;
use crate::world::ana;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CHALLENGED: &str =
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

pub fn cases() -> Vec<Case> {
    let mut cases = at_redemption();
    cases.extend(challenges());
    cases.extend(verifiers());
    cases
}

fn challenges() -> Vec<Case> {
    let required = || Scene::Changed(|application, _| application.switches.pkce_required = true);
    let told = Oracle::Told { error: "invalid_request", state: Some("s") };
    let mut cases = Vec::new();
    for id in ["D-01", "D-06"] {
        for more in ["", "&code_challenge=", "&code_challenge_method=S256"] {
            cases.push(
                case(id, format!("an application that must send one sends {more:?}"))
                    .by(ana())
                    .after(required())
                    .get(format!("{{authorize}}&state=s{more}"))
                    .expects(told),
            );
        }
    }
    for method in [
        "&code_challenge_method=plain",
        "&code_challenge_method=s256",
        "",
        "&code_challenge_method=S512",
    ] {
        cases.push(
            case("D-02", format!("method {method:?}"))
                .by(ana())
                .get(format!("{{authorize}}&state=s&code_challenge={CHALLENGE}{method}"))
                .expects(told),
        );
    }
    for challenge in [
        "x".to_owned(),
        CHALLENGE[..42].into(),
        format!("{CHALLENGE}x"),
        format!("{CHALLENGE}="),
        format!("{}%2B", &CHALLENGE[..42]),
        format!("{}%2F", &CHALLENGE[..42]),
        format!("{}%00", &CHALLENGE[..42]),
        format!("{CHALLENGE}&code_challenge={CHALLENGE}"),
    ] {
        cases.push(
            case("D-03", format!("code_challenge={challenge}"))
                .by(ana())
                .get(format!(
                    "{{authorize}}&state=s&code_challenge_method=S256&code_challenge={challenge}"
                ))
                .expects(told),
        );
    }
    cases
}

fn verifiers() -> Vec<Case> {
    let wrong = |id, what: &str, verifier: &str| {
        case(id, what)
            .after(Scene::CodeWith(ana(), CHALLENGED))
            .sends(exchange(format!("{REDEEM}{verifier}")))
            .token_refused(400, "invalid_grant")
            .changing(&["codes"])
            .then(Then::CodeBurnt)
    };
    let long = "a".repeat(129);
    let mut cases = vec![
        wrong("D-04", "no verifier", ""),
        wrong("D-04", "an empty verifier", "&code_verifier="),
        wrong("D-07", "another verifier", &format!("&code_verifier={}", "a".repeat(43))),
        wrong(
            "D-07",
            "a verifier that is too short",
            &format!("&code_verifier={}", &VERIFIER[..42]),
        ),
        wrong("D-07", "a verifier that is too long", &format!("&code_verifier={long}")),
        wrong("D-07", "a verifier with more behind it", &format!("&code_verifier={VERIFIER}x")),
        wrong("D-07", "a verifier with a space", &format!("&code_verifier={VERIFIER}+")),
        wrong(
            "D-07",
            "a verifier in capitals",
            &format!("&code_verifier={}", VERIFIER.to_uppercase()),
        ),
        wrong("D-08", "the challenge as the verifier", &format!("&code_verifier={CHALLENGE}")),
    ];
    cases.push(
        case("D-05", "a verifier where no challenge was sent")
            .after(Scene::Code(ana()))
            .sends(exchange(format!("{REDEEM}&code_verifier={VERIFIER}")))
            .token_refused(400, "invalid_grant")
            .changing(&["codes"])
            .then(Then::CodeBurnt),
    );
    cases.push(
        case("D-07", "a verifier twice")
            .after(Scene::CodeWith(ana(), CHALLENGED))
            .sends(exchange(format!("{REDEEM}&code_verifier={VERIFIER}&code_verifier={VERIFIER}")))
            .token_refused(400, "invalid_request"),
    );
    cases
}

fn at_redemption() -> Vec<Case> {
    vec![
        case("D-10", "the district paused the application meanwhile")
            .after(Scene::Code(ana()))
            .after(Scene::Stands(ConnectionState::Paused))
            .sends(exchange(REDEEM))
            .token_refused(400, "invalid_grant")
            .changing(&["codes"])
            .then(Then::CodeBurnt),
        case("D-09", "no nonce")
            .by(ana())
            .get("{authorize}")
            .expects(Oracle::Code { state: None })
            .changing(&["codes"]),
        case("D-10", "the district stopped sharing meanwhile")
            .after(Scene::Code(ana()))
            .after(Scene::Unshared)
            .sends(exchange(REDEEM))
            .token_refused(400, "invalid_grant")
            .changing(&["codes"])
            .then(Then::CodeBurnt),
        case("D-11", "the person was suspended meanwhile")
            .after(Scene::Code(ana()))
            .after(Scene::Suspended(ana()))
            .sends(exchange(REDEEM))
            .token_refused(400, "invalid_grant")
            .changing(&["codes"])
            .then(Then::CodeBurnt),
    ]
}
