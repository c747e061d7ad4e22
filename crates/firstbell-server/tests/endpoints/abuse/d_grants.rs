//! D: PKCE, and what happens to a grant between the code and the token.

use super::b_tokens::REDEEM;
use super::case::{Case, Scene, Then, case, exchange};
use super::oracle::Oracle;
use crate::world::ana;

pub fn cases() -> Vec<Case> {
    vec![
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
