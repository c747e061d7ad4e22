//! A: what may be wrong with a request of an application to `GET /oauth/authorize`.

use std::time::Duration;

use firstbell_core::application::ConnectionState;

use super::case::{Case, Scene, Sent, Then, case, form, get};
use super::oracle::Oracle;
use crate::world::{ana, encoded, suspended};

pub fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("A-01", "no client_id")
            .by(ana())
            .get("/oauth/authorize?response_type=code&redirect_uri={callback}")
            .page(400, "FB1001"),
        case("A-01", "no client_id, and nobody is signed in")
            .get("/oauth/authorize?response_type=code")
            .page(400, "FB1001"),
        case("A-01", "nothing at all").by(ana()).get("/oauth/authorize").page(400, "FB1001"),
        case("A-01", "an empty client_id")
            .by(ana())
            .get("/oauth/authorize?response_type=code&client_id=")
            .page(400, "FB1001"),
        case("A-04", "the district has not connected the application")
            .by(ana())
            .get("/oauth/authorize?response_type=code&client_id={loner}&district_id={district}")
            .page(403, "FB2001"),
        // The page, not a redirect: the seed's login tester shows it to the person.
        case("A-05", "no response_type")
            .by(ana())
            .get("/oauth/authorize?client_id={client}&redirect_uri={callback}&state=s")
            .page(400, "FB1003"),
        case("A-05", "an empty response_type")
            .by(ana())
            .get("/oauth/authorize?client_id={client}&response_type=")
            .page(400, "FB1003"),
        case("A-09", "another application, address and response_type on the way")
            .after(Scene::LoginBegun)
            .after(Scene::PasswordTyped(ana()))
            .get(
                "/login/{login}?client_id={library}&redirect_uri={library_callback}\
                 &response_type=token&state=evil",
            )
            .expects(Oracle::Code { state: Some("s") })
            .changing(&["codes", "pending_logins", "login_hops"]),
        case("A-09", "another application in hidden fields of the login page")
            .after(Scene::LoginBegun)
            .sends(form(
                "/login/{login}/password",
                format!(
                    "username={}&password={}&client_id={{library}}&redirect_uri=https://evil.test/",
                    ana().login_name,
                    ana().password
                ),
            ))
            .expects(Oracle::Onward("/login/{login}"))
            .changing(&[
                "sessions",
                "credentials",
                "tries",
                "strangers_tries",
                "known_browsers",
                "pending_logins",
                "login_hops",
            ]),
        case("A-09", "a login that is finished is finished once more")
            .after(Scene::LoginBegun)
            .after(Scene::PasswordTyped(ana()))
            .after(Scene::Sent(get("/login/{login}"), 1))
            .get("/login/{login}")
            .page(400, "FB1007"),
        case("A-10", "client_id twice")
            .by(ana())
            .get("/oauth/authorize?response_type=code&client_id={client}&client_id={library}")
            .page(400, "FB1001"),
        case("A-10", "client_id twice with one value")
            .by(ana())
            .get("{authorize}&client_id={client}")
            .page(400, "FB1001"),
        case("A-11", "redirect_uri twice, the good one first")
            .by(ana())
            .get("{authorize}&redirect_uri=https%3A%2F%2Fevil.test%2F")
            .page(400, "FB1002"),
        case("A-11", "redirect_uri twice, the bad one first")
            .by(ana())
            .get(
                "/oauth/authorize?redirect_uri=https%3A%2F%2Fevil.test%2F&response_type=code\
                 &client_id={client}&redirect_uri={callback}",
            )
            .page(400, "FB1002"),
        case("A-12", "state twice").by(ana()).get("{authorize}&state=a&state=b").told(INVALID),
        case("A-12", "response_type twice")
            .by(ana())
            .get("{authorize}&response_type=code&state=s")
            .expects(Oracle::Told { error: INVALID, state: Some("s") }),
        case("A-12", "scope twice")
            .by(ana())
            .get("{authorize}&scope=openid&scope=read%3Aall")
            .told(INVALID),
        case("A-14", "a scope that nobody grants")
            .by(ana())
            .get("{authorize}&scope=read%3Astudents+write%3Aeverything+admin")
            .code_without_state(),
        case("A-18", "a request object by address")
            .by(ana())
            .get("{authorize}&request_uri=http%3A%2F%2F{trap}%2Fobject")
            .told("request_uri_not_supported"),
        case("A-18", "an unsigned request object with another address")
            .by(ana())
            .get(format!("{{authorize}}&request={UNSIGNED_OBJECT}"))
            .told("request_not_supported"),
        case("A-20", "HEAD")
            .by(ana())
            .sends(get("{authorize}").to("HEAD", "{authorize}"))
            .expects(Oracle::Bare(204)),
        case("A-20", "HEAD, and nobody is signed in, begins no login")
            .sends(get("{authorize}").to("HEAD", "{authorize}"))
            .expects(Oracle::Bare(204)),
        case("A-21", "a form whose address holds other values")
            .by(ana())
            .sends(form("{authorize}", "client_id={library}&redirect_uri={library_callback}"))
            .page(400, "FB1005"),
        case("A-21", "a form that is none")
            .by(ana())
            .sends(form("/oauth/authorize", "{}").with("content-type", "application/json"))
            .page(400, "FB1005"),
        case("A-21", "a form with another address")
            .by(ana())
            .sends(form(
                "/oauth/authorize",
                "response_type=code&client_id={client}&redirect_uri=https%3A%2F%2Fevil.test%2F",
            ))
            .page(400, "FB1002"),
        case("A-22", "opened by another site, the application is not connected")
            .by(ana())
            .sends(
                get("/oauth/authorize?response_type=code&client_id={loner}")
                    .with("sec-fetch-site", "cross-site")
                    .with("referer", "https://evil.test/"),
            )
            .page(403, "FB2001"),
        // Logins begin at applications, so this must work; the code goes where it always goes.
        case("A-22", "opened by another site")
            .by(ana())
            .sends(
                get("{authorize}")
                    .with("sec-fetch-site", "cross-site")
                    .with("referer", "https://evil.test/"),
            )
            .code_without_state(),
        case("A-23", "a student at an application for teachers")
            .by(ana())
            .get("/oauth/authorize?response_type=code&client_id={chalk}&district_id={district}")
            .page(403, "FB2003"),
        case("A-25", "a suspended person with a live session")
            .by(ana())
            .after(Scene::Suspended(ana()))
            .get("{authorize}")
            .signs_in_again()
            .then(Then::SessionDead),
        case("A-25", "a suspended person signs in")
            .after(Scene::LoginBegun)
            .sends(form(
                "/login/{login}/password",
                format!("username={}&password={}", suspended().login_name, suspended().password),
            ))
            .page(403, "FB2005")
            .changing(&[
                "credentials",
                "tries",
                "strangers_tries",
                "known_browsers",
                "pending_logins",
                "login_hops",
            ]),
    ];
    cases.extend(unknown_clients());
    cases.extend(demands());
    cases.extend(response_types());
    cases.extend(states());
    cases.extend(methods());
    cases
}

const INVALID: &str = "invalid_request";

/// `{"alg":"none"}`, `{"redirect_uri":"https://evil.test/"}`, no signature.
const UNSIGNED_OBJECT: &str =
    "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwudGVzdC8ifQ.";

/// What else a request may ask for, and may not.
fn demands() -> Vec<Case> {
    let oidc = || Scene::Changed(|application, _| application.switches.oidc = true);
    let told = |error| Oracle::Told { error, state: Some("s") };
    let mut cases = vec![
        case("A-03", "the application is turned off")
            .by(ana())
            .after(Scene::Changed(|application, now| application.disabled = Some(now)))
            .get("{authorize}&state=s")
            .page(400, "FB1001"),
        case("A-03", "a tile of an application that is turned off")
            .by(ana())
            .after(Scene::Changed(|application, now| application.disabled = Some(now)))
            .get("/in/ada/launch/{app}")
            .page(400, "FB1001"),
        case("A-04", "the district has paused the application")
            .by(ana())
            .after(Scene::Stands(ConnectionState::Paused))
            .get("{authorize}")
            .page(403, "FB2006"),
        case("A-04", "the district has blocked the application")
            .by(ana())
            .after(Scene::Stands(ConnectionState::Blocked))
            .get("{authorize}")
            .page(403, "FB2001"),
        case("A-15", "prompt=none, and nobody is signed in")
            .after(oidc())
            .get("{authorize}&state=s&prompt=none")
            .expects(told("login_required")),
        case("A-15", "prompt=none, and the student must be asked")
            .by(ana())
            .after(oidc())
            .get("{authorize}&state=s&prompt=none&confirmed=false")
            .expects(told("interaction_required")),
        case("A-15", "prompt=none, and the session is too old")
            .by(ana())
            .after(oidc())
            .after(Scene::Later(Duration::from_secs(5)))
            .get("{authorize}&state=s&prompt=none&max_age=1")
            .expects(told("login_required")),
        case("A-16", "prompt=none login")
            .by(ana())
            .after(oidc())
            .get("{authorize}&state=s&prompt=none+login")
            .expects(told(INVALID)),
        case("A-17", "max_age=1 and an older session")
            .by(ana())
            .after(oidc())
            .after(Scene::Later(Duration::from_secs(5)))
            .get("{authorize}&max_age=1")
            .signs_in_again(),
        case("A-17", "prompt=login and a session")
            .by(ana())
            .after(oidc())
            .after(Scene::Later(Duration::from_secs(5)))
            .get("{authorize}&prompt=login")
            .signs_in_again(),
        case("A-17", "the session that was too old goes on without a password")
            .after(oidc())
            .by(ana())
            .after(Scene::Later(Duration::from_secs(5)))
            .after(Scene::Waits("&max_age=1"))
            .get("/login/{login}?max_age=999999")
            .expects(Oracle::Onward("/login/{login}/sign-in")),
        case("A-24", "a refusal says who sends it")
            .by(ana())
            .after(Scene::Changed(|application, _| application.switches.iss_parameter = true))
            .get("{authorize}&state=s&response_mode=fragment")
            .expects(Oracle::ToldByIssuer(INVALID)),
    ];
    for age in ["-1", "1e99", "99999999999999999999", "1.5", "x", "1&max_age=2"] {
        cases.push(
            case("A-17", format!("max_age={age}"))
                .by(ana())
                .after(oidc())
                .get(format!("{{authorize}}&state=s&max_age={age}"))
                .expects(told(INVALID)),
        );
    }
    for mode in
        ["fragment", "form_post", "form_post.jwt", "web_message", "x", "query&response_mode=query"]
    {
        cases.push(
            case("A-08", format!("response_mode={mode}"))
                .by(ana())
                .get(format!("{{authorize}}&state=s&response_mode={mode}"))
                .expects(told(INVALID)),
        );
    }
    cases
}

fn unknown_clients() -> impl Iterator<Item = Case> {
    let rows = [
        ("unknown", "00000000000000000000".to_owned()),
        ("cut by one", "c0ffee00c0ffee00c0f".into()),
        ("in capitals", "C0FFEE00C0FFEE00C0FF".into()),
        ("with a space", "c0ffee00c0ffee00c0ff ".into()),
        ("with a NUL", "c0ffee00c0ffee00c0ff\0".into()),
        ("SQL", "' OR '1'='1".into()),
        ("markup", "<script>alert('abuse-mark')</script>".into()),
        ("8 kB", "c".repeat(8192)),
    ];
    rows.into_iter().map(|(what, client)| {
        case("A-02", format!("client_id {what}"))
            .by(ana())
            .get(format!(
                "/oauth/authorize?response_type=code&redirect_uri={{callback}}&client_id={}",
                encoded(&client)
            ))
            .page(400, "FB1001")
    })
}

fn response_types() -> impl Iterator<Item = Case> {
    let odd = ["foo", "code foo", "none", "CODE", "code ", "code code", "c"];
    let implicit = ["token", "id_token token", "id_token", "code token", "code id_token token"];
    let rows = odd.map(|kind| ("A-06", kind)).into_iter();
    rows.chain(implicit.map(|kind| ("A-07", kind))).map(|(id, kind)| {
        case(id, format!("response_type {kind:?}"))
            .by(ana())
            .get(format!(
                "/oauth/authorize?client_id={{client}}&redirect_uri={{callback}}&state=s\
                 &response_type={}",
                encoded(kind)
            ))
            .expects(Oracle::Told { error: "unsupported_response_type", state: Some("s") })
    })
}

/// Whatever it holds, it comes back byte for byte.
const ECHOED: [&str; 6] = [
    "a\r\nset-cookie: evil=1\r\n\r\n<html>",
    "\"'`<img src=x onerror=alert(1)>",
    "</title></script><svg/onload=alert(1)>",
    "🔔 ñ 小明 \u{202e}",
    "a=b&code=stolen&error=x#fragment",
    "../../%2e%2e/%00",
];

fn states() -> Vec<Case> {
    let refused = [
        ("of 5,000 bytes", "s".repeat(5000)),
        ("with a NUL", "a%00b".into()),
        ("that is no UTF-8", "a%FFb".into()),
    ];
    let refused = refused.into_iter().map(|(what, state)| {
        case("A-13", format!("state {what}"))
            .by(ana())
            .get(format!("{{authorize}}&state={state}"))
            .told(INVALID)
    });
    let echoed = ECHOED.into_iter().map(|state| {
        case("A-13", format!("state {state:?} comes back as it is"))
            .by(ana())
            .get(format!("{{authorize}}&state={}", encoded(state)))
            .expects(Oracle::Code { state: Some(state) })
            .changing(&["codes"])
    });
    let empty = case("A-13", "state of 0 bytes counts as none")
        .by(ana())
        .get("{authorize}&state=")
        .code_without_state();
    refused.chain(echoed).chain([empty]).collect()
}

fn methods() -> impl Iterator<Item = Case> {
    ["PUT", "DELETE", "TRACE", "PATCH", "OPTIONS", "PROPFIND"].into_iter().map(|method| {
        let sent: Sent = get("{authorize}").to(method, "{authorize}");
        case("A-20", method).by(ana()).sends(sent).expects(Oracle::Page(405, "FB1011"))
    })
}
