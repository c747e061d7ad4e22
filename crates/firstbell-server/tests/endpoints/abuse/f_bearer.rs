//! F: tokens that are none, are no longer good, or reach for more than their person.

use std::time::Duration;

use firstbell_core::application::ConnectionState;

use super::b_tokens::REDEEM;
use super::case::{Case, Scene, Then, case, exchange, get};
use super::oracle::Oracle;
use crate::world::{ana, teacher};

const ME: &str = "/v3.0/me";

/// A row with a good token.
fn row(id: &'static str, what: impl Into<String>) -> Case {
    case(id, what).after(Scene::Code(ana())).after(Scene::Redeemed)
}

pub fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("F-01", "no token").get(ME).api(401),
        row("F-01", "two Authorization headers")
            .sends(
                get(ME)
                    .with("authorization", "Bearer {token}")
                    .and("authorization", "Bearer {token}x"),
            )
            .api(401)
            .then(Then::TokenStays),
        row("F-02", "in the address").get(format!("{ME}?access_token={{token}}")).api(401),
        row("F-03", "in the header and in the address (RFC 6750 section 2)")
            .asks(format!("{ME}?access_token={{token}}"), "Bearer {token}")
            .api(400)
            .then(Then::TokenStays),
        row("F-03", "in the header and in a form")
            .sends(
                get(ME)
                    .to("POST", ME)
                    .with("authorization", "Bearer {token}")
                    .with("content-type", "application/x-www-form-urlencoded")
                    .holding("access_token={token}"),
            )
            .api(405)
            .then(Then::TokenStays),
        case("F-05", "a code as a token")
            .after(Scene::Code(ana()))
            .asks(ME, "Bearer {code}")
            .api(401)
            .then(Then::CodeKept),
        case("F-05", "a session's cookie as a token")
            .by(ana())
            .asks(ME, "Bearer {session}")
            .api(401),
        case("F-05", "a client secret as a token").asks(ME, "Bearer {secret}").api(401),
        case("F-05", "a client id as a token").asks(ME, "Bearer {client}").api(401),
        row("F-05", "a token as a code")
            .sends(exchange(REDEEM.replace("{code}", "{token}")))
            .token_refused(400, "invalid_grant")
            .then(Then::TokenStays),
        row("F-05", "a token as a session")
            .after(Scene::AnotherBrowser)
            .after(Scene::Cookie("__Host-firstbell_session", "{token}"))
            .get("/in/ada")
            .signs_in_again(),
        case("F-05", "a session's cookie as the Data API's proof").by(ana()).get(ME).api(401),
        row("F-07", "of 24 hours")
            .after(Scene::Later(Duration::from_hours(24)))
            .asks(ME, "Bearer {token}")
            .api(401),
        row("F-07", "of 24 hours and a second")
            .after(Scene::Later(Duration::from_secs(24 * 3600 + 1)))
            .asks(ME, "Bearer {token}")
            .api(401),
        row("F-08", "of a suspended person")
            .after(Scene::Suspended(ana()))
            .asks(ME, "Bearer {token}")
            .api(401),
        row("F-09", "the district no longer shares")
            .after(Scene::Unshared)
            .asks(ME, "Bearer {token}")
            .api(401),
    ];
    for (what, scene) in [
        ("the district has paused the application", Scene::Stands(ConnectionState::Paused)),
        ("the district has blocked the application", Scene::Stands(ConnectionState::Blocked)),
    ] {
        cases.push(row("F-09", what).after(scene).asks(ME, "Bearer {token}").api(401));
    }
    cases.push(
        row("F-10", "the application is turned off")
            .after(Scene::Changed(|application, now| application.disabled = Some(now)))
            .asks(ME, "Bearer {token}")
            .api(401),
    );
    for path in ["/v3.0/users/{district}", "/v2.1/students/{district}", "/v3.0/districts/{north}"] {
        cases.push(
            row("F-06", format!("reaches for {path}"))
                .asks(path, "Bearer {token}")
                .api(403)
                .then(Then::TokenStays),
        );
    }
    for path in ["/v3.0/users/..", "/v3.0/users/%00", "/v2.1/teachers/me", "/v3.0/districts/ada"] {
        cases.push(row("F-06", format!("asks for {path}")).asks(path, "Bearer {token}").api(404));
    }
    cases.push(
        case("F-06", "a teacher's token asks for teachers as students")
            .after(Scene::Code(teacher()))
            .after(Scene::Redeemed)
            .asks("/v2.1/students/{app}", "Bearer {token}")
            .api(403),
    );
    cases.extend(malformed());
    cases.extend(revoked());
    cases.extend(altered());
    cases
}

/// `POST /oauth/revoke` (RFC 7009).
fn revoked() -> Vec<Case> {
    let revoke = |body: &str| exchange(body).to("POST", "/oauth/revoke");
    vec![
        row("F-11", "a token that was given back")
            .after(Scene::Sent(revoke("token={token}"), 1))
            .asks(ME, "Bearer {token}")
            .api(401)
            .then(Then::TokenDead),
        row("F-11", "a token that was given back, with a hint of the wrong kind")
            .after(Scene::Sent(revoke("token={token}&token_type_hint=refresh_token"), 1))
            .asks(ME, "Bearer {token}")
            .api(401),
        row("F-13", "another application gives it back")
            .sends(revoke("token={token}").with("authorization", "{library_basic}"))
            .expects(Oracle::Bare(200))
            .then(Then::TokenStays),
        row("F-13", "nobody gives it back")
            .sends(revoke("token={token}").without("authorization"))
            .token_refused(401, "invalid_client")
            .then(Then::TokenStays),
        row("F-13", "given back twice in one request")
            .sends(revoke("token={token}&token={token}"))
            .token_refused(400, "invalid_request")
            .then(Then::TokenStays),
        row("F-13", "no token").sends(revoke("")).token_refused(400, "invalid_request"),
        row("F-13", "given back by GET")
            .sends(revoke("").to("GET", "/oauth/revoke?token={token}"))
            .api(405)
            .then(Then::TokenStays),
    ]
}

fn malformed() -> impl Iterator<Item = Case> {
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Bearer il",
        "Basic {basic}",
        "Token {token}",
        "{token}",
        "Bearer={token}",
        "Bearer\t{token}",
        "Bearer {token} {token}",
        "Bearer {token},Bearer {token}",
        "Bearer \"{token}\"",
        "Bearer \u{ff}",
        "Bearer null",
        "Bearer undefined",
        "DPoP {token}",
    ]
    .into_iter()
    .map(|value| {
        row("F-01", format!("Authorization: {}", value.escape_debug()))
            .asks(ME, value)
            .api(401)
            .then(Then::TokenStays)
    })
}

/// Other spellings of a token are other tokens.
fn altered() -> impl Iterator<Item = Case> {
    [
        "{token}0",
        "{token}=",
        "{token}%00",
        "{token}.",
        "0{token}",
        "il{token}",
        "IL{token}",
        "{token}{token}",
        "{token}' OR '1'='1",
        "../{token}",
        "il0000000000000000000000000000000000000000",
    ]
    .into_iter()
    .map(|token| {
        row("F-04", format!("a token like {token}"))
            .asks(ME, format!("Bearer {token}"))
            .api(401)
            .then(Then::TokenStays)
    })
}
