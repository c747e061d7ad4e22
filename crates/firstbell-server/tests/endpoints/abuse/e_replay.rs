//! E: one code, used more than once: one after the other, at once, by somebody else.

use std::time::Duration;

use super::b_tokens::REDEEM;
use super::case::{Case, Scene, Then, case, exchange, get};
use super::oracle::Oracle;
use crate::world::ana;

/// A code that is exchanged already.
fn spent(id: &'static str, what: &str) -> Case {
    case(id, what).after(Scene::Code(ana())).after(Scene::Redeemed)
}

pub fn cases() -> Vec<Case> {
    let grant = (400, "invalid_grant");
    vec![
        // A reload of the application's page sends the code twice; that must log nobody out.
        spent("E-01", "again within ten seconds")
            .after(Scene::Later(Duration::from_secs(9)))
            .sends(exchange(REDEEM))
            .token_refused(grant.0, grant.1)
            .then(Then::TokenStays),
        spent("E-01", "again after ten seconds")
            .after(Scene::Later(Duration::from_secs(11)))
            .sends(exchange(REDEEM))
            .token_refused(grant.0, grant.1)
            .changing(&["tokens"])
            .then(Then::TokenDead),
        spent("E-02", "replayed by another application")
            .after(Scene::Later(Duration::from_secs(20)))
            .sends(exchange(REDEEM).with("authorization", "{library_basic}"))
            .token_refused(grant.0, grant.1)
            .then(Then::TokenStays),
        spent("E-02", "replayed by nobody")
            .after(Scene::Later(Duration::from_secs(20)))
            .sends(exchange(REDEEM).without("authorization"))
            .token_refused(401, "invalid_client")
            .then(Then::TokenStays),
        spent("E-02", "replayed with a wrong secret")
            .after(Scene::Later(Duration::from_secs(20)))
            .sends(
                exchange(format!("{REDEEM}&client_id={{client}}&client_secret=no"))
                    .without("authorization"),
            )
            .token_refused(401, "invalid_client")
            .then(Then::TokenStays),
        spent("E-03", "again after 30 seconds")
            .after(Scene::Later(Duration::from_secs(30)))
            .sends(exchange(REDEEM))
            .token_refused(grant.0, grant.1)
            .changing(&["tokens"]),
        spent("E-03", "again after 61 seconds")
            .after(Scene::Later(Duration::from_secs(61)))
            .sends(exchange(REDEEM))
            .token_refused(grant.0, grant.1)
            .changing(&["tokens"]),
        spent("E-03", "again after its row is gone")
            .after(Scene::Later(Duration::from_hours(50)))
            .after(Scene::Purged)
            .sends(exchange(REDEEM))
            .token_refused(grant.0, grant.1),
        case("E-04", "64 exchanges at once")
            .after(Scene::Code(ana()))
            .sends(exchange(REDEEM))
            .times(64)
            .expects(Oracle::OneWins(400))
            .changing(&["codes", "tokens"]),
        case("E-04", "64 exchanges at once, by an application that does not own the code")
            .after(Scene::Code(ana()))
            .sends(exchange(REDEEM).with("authorization", "{library_basic}"))
            .times(64)
            .expects(Oracle::Each(400))
            .then(Then::CodeKept),
        spent("E-09", "the answer was lost and the client tries again")
            .sends(exchange(REDEEM))
            .token_refused(grant.0, grant.1)
            .then(Then::TokenStays),
        case("E-10", "two tabs finish one login")
            .after(Scene::LoginBegun)
            .after(Scene::PasswordTyped(ana()))
            .after(Scene::Sent(get("/login/{login}"), 1))
            .get("/login/{login}")
            .page(400, "FB1007"),
        case("E-10", "16 tabs finish one login at once")
            .after(Scene::LoginBegun)
            .after(Scene::PasswordTyped(ana()))
            .get("/login/{login}")
            .times(16)
            .expects(Oracle::OneWins(400))
            .changing(&["codes", "pending_logins", "login_hops", "traces"]),
        // Two clicks are two logins, each with a code of its own.
        case("E-11", "a tile is clicked again")
            .by(ana())
            .after(Scene::Sent(get("/in/ada/launch/{app}"), 1))
            .get("/in/ada/launch/{app}")
            .expects(Oracle::Code { state: None })
            .changing(&["codes"])
            .then(Then::CodeIsOf(ana())),
    ]
}
