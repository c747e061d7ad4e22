//! C: addresses that look like a registered one. The registered ones are
//! `https://flightschool.example/oauth/callback` and `https://flightschool.example/second?kept=1`.
//! Each is offered at the authorization endpoint, where it must be a page and never a redirect, and
//! at the token endpoint, where it burns the code.

use super::b_tokens::FIRST;
use super::case::{Case, Scene, Then, case, exchange, form, get};
use super::oracle::Oracle;
use crate::world::{ana, encoded};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (id, uri) in look_alikes() {
        cases.push(
            case(id, format!("authorize: {}", shown(&uri)))
                .by(ana())
                .get(format!(
                    "/oauth/authorize?response_type=code&client_id={{client}}&state=s\
                     &redirect_uri={}",
                    encoded(&uri)
                ))
                .page(400, "FB1002"),
        );
        cases.push(
            case(id, format!("tokens: {}", shown(&uri)))
                .after(Scene::Code(ana()))
                .sends(exchange(format!(
                    "grant_type=authorization_code&code={{code}}&redirect_uri={}",
                    encoded(&uri)
                )))
                .token_refused(400, "invalid_grant")
                .changing(&["codes"])
                .then(Then::CodeBurnt),
        );
    }
    cases.extend([
        case("C-16", "an address of white space")
            .by(ana())
            .get("/oauth/authorize?response_type=code&client_id={client}&redirect_uri=%20%09")
            .page(400, "FB1002"),
        // Left out or empty, it is the first registered one, as the dialect has it.
        case("C-16", "an empty address")
            .by(ana())
            .get("/oauth/authorize?response_type=code&client_id={client}&redirect_uri=")
            .code_without_state(),
        case("C-16", "an address of 8 kB")
            .by(ana())
            .get(format!(
                "/oauth/authorize?response_type=code&client_id={{client}}&redirect_uri={}",
                encoded(&format!("{FIRST}?{}", "x".repeat(8192)))
            ))
            .page(400, "FB1002"),
        case("C-20", "the address was withdrawn after the code was issued")
            .after(Scene::Code(ana()))
            .after(Scene::RedirectUriWithdrawn)
            .sends(exchange("grant_type=authorization_code&code={code}&redirect_uri={callback}"))
            .token_refused(400, "invalid_grant")
            .changing(&["codes"])
            .then(Then::CodeBurnt),
        case("C-20", "the address was withdrawn while the login waited")
            .after(Scene::LoginBegun)
            .after(Scene::PasswordTyped(ana()))
            .after(Scene::RedirectUriWithdrawn)
            .get("/login/{login}")
            .page(400, "FB1002"),
        case("C-21", "the first address is withdrawn: a tile leads to the next")
            .by(ana())
            .after(Scene::RedirectUriWithdrawn)
            .get("/in/ada/launch/{app}")
            .expects(Oracle::CodeAtSecond)
            .changing(&["codes"]),
    ]);
    for (_, uri) in look_alikes().into_iter().step_by(4) {
        cases.push(
            case("C-23", format!("a link with {}", shown(&uri)))
                .by(ana())
                .get(format!("{LINK}&redirect_uri={}", encoded(&uri)))
                .page(400, "FB1002"),
        );
    }
    for more in ["target=https%3A%2F%2Fevil.test%2F", "next=%2F%2Fevil.test", "state=x&code=y"] {
        cases.push(
            case("C-23", format!("a link with {more}"))
                .by(ana())
                .get(format!("{LINK}&{more}"))
                .code_without_state(),
        );
    }
    for uri in ["https://evil.test/", "//evil.test", "javascript:alert(1)", "/\\evil.test"] {
        let uri = encoded(uri);
        cases.push(
            case("C-22", format!("post_logout_redirect_uri={uri}"))
                .by(ana())
                .sends(form(
                    format!("/in/ada/sign-out?post_logout_redirect_uri={uri}"),
                    format!("csrf={{csrf}}&post_logout_redirect_uri={uri}&next={uri}"),
                ))
                .expects(Oracle::PageShown)
                .changing(&["sessions"]),
        );
        cases.push(
            case("C-22", format!("asked with GET: post_logout_redirect_uri={uri}"))
                .by(ana())
                .sends(get(format!("/in/ada/sign-out?post_logout_redirect_uri={uri}")))
                .expects(Oracle::Onward("/in/ada"))
                .then(Then::SessionStays),
        );
    }
    cases
}

/// An Instant Login Link.
pub const LINK: &str = "/oauth/instant-login?client_id={client}&district_id={district}";

/// A value as a line can show it.
fn shown(uri: &str) -> String {
    uri.escape_debug().take(80).collect()
}

/// The host's name in Cyrillic and full-width letters, with soft hyphens and joiners: what a
/// reader, or a parser that folds, takes for ours.
const HOMOGRAPHS: [&str; 7] = [
    "https://flіghtschool.example/oauth/callback",
    "https://xn--flghtschool-0fb.example/oauth/callback",
    "https://flightschool．example/oauth/callback",
    "https://flightschool。example/oauth/callback",
    "https://flight\u{ad}school.example/oauth/callback",
    "https://flight\u{200b}school.example/oauth/callback",
    "https://xn--flightschool-.example/oauth/callback",
];

pub fn look_alikes() -> Vec<(&'static str, String)> {
    let rows: &[(&str, &[&str])] = &[
        ("C-01", &["https://evil.test/oauth/callback", "https://example/oauth/callback"]),
        (
            "C-02",
            &[
                "https://flightschool.example.evil.test/oauth/callback",
                "https://flightschool-example/oauth/callback",
                "https://evil.test.flightschool.example/oauth/callback",
                "https://xflightschool.example/oauth/callback",
                "https://flightschool.exampl/oauth/callback",
                "https://flightschool.example./oauth/callback",
            ],
        ),
        (
            "C-03",
            &[
                "https://evil.test/https://flightschool.example/oauth/callback",
                "//evil.test",
                "//flightschool.example/oauth/callback",
                "/\\evil.test",
                "https:evil.test",
                "https:/flightschool.example/oauth/callback",
                "https:///flightschool.example/oauth/callback",
                "/oauth/callback",
                "flightschool.example/oauth/callback",
            ],
        ),
        (
            "C-04",
            &[
                "https://flightschool.example@evil.test/oauth/callback",
                "https://flightschool.example:443@evil.test/oauth/callback",
                "https://evil.test@flightschool.example/oauth/callback",
            ],
        ),
        (
            "C-05",
            &[
                "https://a@b@flightschool.example/oauth/callback",
                "https://flightschool.example%40evil.test/oauth/callback",
                "https://flightschool.example%2f@evil.test/oauth/callback",
            ],
        ),
        (
            "C-06",
            &[
                "https://flightschool.example/oauth/callback/../open",
                "https://flightschool.example/oauth/./callback",
                "https://flightschool.example/x/../oauth/callback",
                "https://flightschool.example/oauth/callback/..;/x",
                "https://flightschool.example/oauth/callback%2f..%2fopen",
                "https://flightschool.example/oauth/callback%252f..%252fopen",
                "https://flightschool.example/oauth%2fcallback",
                "https://flightschool.example/oauth/%63allback",
            ],
        ),
        (
            "C-07",
            &[
                "https://flightschool.example/oauth/callback/",
                "https://flightschool.example/oauth/callback/more",
                "https://flightschool.example/oauth/callback?x=1",
                "https://flightschool.example/oauth/callback?",
                "https://flightschool.example/oauth/callback;x",
                "https://flightschool.example//oauth/callback",
                "https://flightschool.example/oauth//callback",
                "https://flightschool.example/oauth/callbac",
                "https://flightschool.example/oauth/",
                "https://flightschool.example",
            ],
        ),
        (
            "C-08",
            &[
                "https://FLIGHTSCHOOL.example/oauth/callback",
                "https://flightschool.example/OAuth/callback",
                "HTTPS://flightschool.example/oauth/callback",
                "https://flightschool.example:443/oauth/callback",
                "https://flightschool.example:8443/oauth/callback",
                "https://flightschool.example:/oauth/callback",
                "https://flightschool.example:0443/oauth/callback",
            ],
        ),
        ("C-09", &["http://flightschool.example/oauth/callback"]),
        (
            "C-10",
            &[
                "javascript:alert(document.domain)//https://flightschool.example/oauth/callback",
                "data:text/html,<h1>x</h1>",
                "file:///etc/passwd",
                "intent://flightschool.example/oauth/callback#Intent;scheme=https;end",
                "flightschool://oauth/callback",
                "blob:https://flightschool.example/1",
                "ftp://flightschool.example/oauth/callback",
                "wss://flightschool.example/oauth/callback",
                "about:blank",
            ],
        ),
        (
            "C-11",
            &[
                "https://flightschool.example/oauth/callback#fragment",
                "https://flightschool.example/oauth/callback#",
                "https://flightschool.example/oauth/callback%23",
                "https://evil.test#https://flightschool.example/oauth/callback",
                "https://evil.test\\#@flightschool.example/oauth/callback",
            ],
        ),
        (
            "C-12",
            &[
                "https://flightschool.example/oauth/callback\t",
                "https://flightschool.example/oauth/\ncallback",
                "https://flightschool.example/oauth/callback\r\nlocation: https://evil.test",
                "https://flightschool.example/oauth/callback\0",
                " https://flightschool.example/oauth/callback",
                "https://flightschool.example/oauth/callback ",
                "https://flightschool.example\\oauth\\callback",
                "https:\\\\flightschool.example/oauth/callback",
                "https://flightschool.example\\@evil.test/oauth/callback",
                "ht\ttps://flightschool.example/oauth/callback",
            ],
        ),
        ("C-13", &HOMOGRAPHS),
        (
            "C-14",
            &[
                "https://[::1]/oauth/callback",
                "https://[::ffff:127.0.0.1]/oauth/callback",
                "https://127.1/oauth/callback",
                "https://0x7f000001/oauth/callback",
                "https://2130706433/oauth/callback",
                "https://localhost/oauth/callback",
                "https://localhost./oauth/callback",
            ],
        ),
        ("C-15", &["https://library.example/cb", "https://chalk.example/cb"]),
        (
            "C-17",
            &[
                "https://flightschool.example/second?kept=1&x=2",
                "https://flightschool.example/second?x=2&kept=1",
                "https://flightschool.example/second?kept=1&code=stolen",
                "https://flightschool.example/second?kept=1&",
                "https://flightschool.example/second?kept=2",
                "https://flightschool.example/second?kept=%31",
                "https://flightschool.example/second",
            ],
        ),
    ];
    rows.iter().flat_map(|(id, uris)| uris.iter().map(|uri| (*id, (*uri).to_owned()))).collect()
}
