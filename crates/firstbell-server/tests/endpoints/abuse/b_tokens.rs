//! B: what may be wrong with a request to `POST /oauth/tokens`: who sends it, and how its body is
//! written.

use std::time::Duration;

use firstbell_core::application::{Application, ClientSecret};
use firstbell_core::secret::Secret;
use firstbell_core::time::Timestamp;

use super::case::{Case, Scene, Then, case, exchange, get};
use super::oracle::Oracle;
use crate::world::{ana, basic, encoded};

/// The body of an exchange that nothing is wrong with.
pub const REDEEM: &str = "grant_type=authorization_code&code={code}&redirect_uri={callback}";

pub const FIRST: &str = "https://flightschool.example/oauth/callback";

/// An exchange by JSON that nothing is wrong with.
const REDEEM_JSON: &str = r#"{"grant_type":"authorization_code","code":"{code}","redirect_uri":"https://flightschool.example/oauth/callback"}"#;

const CLIENT_REFUSED: (u16, &str) = (401, "invalid_client");
const INVALID: (u16, &str) = (400, "invalid_request");
const GRANT: (u16, &str) = (400, "invalid_grant");

/// A row with a fresh code.
fn row(id: &'static str, what: impl Into<String>) -> Case {
    case(id, what).after(Scene::Code(ana()))
}

fn refused(case: Case, (status, error): (u16, &'static str)) -> Case {
    case.token_refused(status, error)
}

pub fn cases() -> Vec<Case> {
    let mut cases = vec![
        refused(
            row("B-01", "no client authentication")
                .sends(exchange(REDEEM).without("authorization")),
            CLIENT_REFUSED,
        ),
        refused(
            row("B-01", "a client_id and no secret")
                .sends(exchange(format!("{REDEEM}&client_id={{client}}")).without("authorization")),
            CLIENT_REFUSED,
        ),
        refused(
            row("B-01", "an empty secret").sends(
                exchange(format!("{REDEEM}&client_id={{client}}&client_secret="))
                    .without("authorization"),
            ),
            CLIENT_REFUSED,
        ),
        // The same in both places is what several clients send.
        row("B-04", "the right credentials in header and body")
            .sends(exchange(format!("{REDEEM}&client_id={{client}}&client_secret={{secret}}")))
            .expects(Oracle::TokenGiven)
            .changing(&["codes", "tokens"]),
        refused(
            row("B-04", "two secrets").sends(exchange(format!(
                "{REDEEM}&client_id={{client}}&client_secret={{library_secret}}"
            ))),
            INVALID,
        ),
        refused(
            row("B-05", "the header's client is not the body's")
                .sends(exchange(format!("{REDEEM}&client_id={{library}}"))),
            INVALID,
        ),
        refused(
            row("B-05", "two Authorization headers")
                .sends(exchange(REDEEM).and("authorization", "{library_basic}")),
            INVALID,
        ),
        refused(
            row("B-08", "credentials in the address").sends(
                exchange(REDEEM)
                    .without("authorization")
                    .to("POST", "/oauth/tokens?client_id={client}&client_secret={secret}"),
            ),
            INVALID,
        ),
        refused(
            row("B-08", "the secret in the address beside the header")
                .sends(exchange(REDEEM).to("POST", "/oauth/tokens?client_secret={secret}")),
            INVALID,
        ),
        refused(
            row("B-08", "the whole request in the address")
                .sends(exchange("").to("POST", format!("/oauth/tokens?{REDEEM}"))),
            INVALID,
        ),
        row("B-09", "the misspelt content type of a published sample")
            .sends(exchange(REDEEM).with("content-type", "application/x-www-form-url-encoded"))
            .expects(Oracle::TokenGiven)
            .changing(&["codes", "tokens"]),
        refused(
            row("B-09", "no content type").sends(exchange(REDEEM).without("content-type")),
            INVALID,
        ),
        refused(
            row("B-13", "no grant_type").sends(exchange("code={code}&redirect_uri={callback}")),
            INVALID,
        ),
        refused(
            row("B-14", "no redirect_uri")
                .sends(exchange("grant_type=authorization_code&code={code}")),
            INVALID,
        )
        .then(Then::CodeKept),
        refused(
            case("B-15", "a code of a tile at the second address")
                .after(Scene::TileCode(ana()))
                .sends(exchange(
                    "grant_type=authorization_code&code={code}&redirect_uri={second_callback}",
                )),
            GRANT,
        )
        .changing(&["codes"])
        .then(Then::CodeBurnt),
        refused(
            row("B-16", "another application's code").sends(
                exchange("grant_type=authorization_code&code={code}&redirect_uri={callback}")
                    .with("authorization", "{library_basic}"),
            ),
            GRANT,
        )
        .then(Then::CodeKept),
        refused(
            row("B-16", "another application's code at its own address").sends(
                exchange(
                    "grant_type=authorization_code&code={code}&redirect_uri={library_callback}",
                )
                .with("authorization", "{library_basic}"),
            ),
            GRANT,
        )
        .then(Then::CodeKept),
        refused(
            row("B-18", "a code of 61 seconds")
                .after(Scene::Later(Duration::from_secs(61)))
                .sends(exchange(REDEEM)),
            GRANT,
        ),
        refused(
            row("B-18", "a code of 60 seconds")
                .after(Scene::Later(Duration::from_mins(1)))
                .sends(exchange(REDEEM)),
            GRANT,
        ),
        case("B-19", "a preflight of a foreign page")
            .sends(
                get("/oauth/tokens")
                    .to("OPTIONS", "/oauth/tokens")
                    .with("origin", "https://evil.test")
                    .with("access-control-request-method", "POST"),
            )
            .api(405),
        refused(
            row("B-19", "sent by a foreign page without its secret").sends(
                exchange(REDEEM).without("authorization").with("origin", "https://evil.test"),
            ),
            CLIENT_REFUSED,
        ),
        refused(
            row("B-20", "a client assertion, which nobody offered").sends(
                exchange(format!(
                    "{REDEEM}&client_id={{client}}&client_assertion=e30.e30.&client_assertion_type=\
                     urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                ))
                .without("authorization"),
            ),
            CLIENT_REFUSED,
        ),
    ];
    for kept in &mut cases {
        let is_refusal = matches!(kept.oracle, Oracle::Token(..));
        let has_young_code = matches!(kept.scene[..], [Scene::Code(_)]);
        if is_refusal && has_young_code && kept.then.is_empty() {
            kept.then.push(Then::CodeKept);
        }
    }
    cases.extend(wrong_secrets());
    cases.extend(rotated());
    cases.extend(headers());
    cases.extend(content_types());
    cases.extend(json_bodies());
    cases.extend(repeated());
    cases.extend(methods());
    cases.extend(grants());
    cases.extend(addresses());
    cases.extend(codes());
    // Nobody can lock an application out by trying. The last one, because it uses up the wrong
    // secrets that are refused in full.
    cases.push(
        row("B-21", "2,000 wrong secrets, then the right one")
            .sends(exchange(REDEEM).with("authorization", basic("c0ffee00c0ffee00c0ff", "no")))
            .times(2000)
            .expects(Oracle::AtMostLookedAt(100))
            .then(Then::CodeKept),
    );
    cases
}

/// The application goes over to a new secret.
fn rotated() -> [Case; 2] {
    let both = |application: &mut Application, now: Timestamp| {
        let next = Secret::from_text("9".repeat(40)).hash();
        let until = Some(now + Duration::from_hours(1));
        application.secrets[0].until = until;
        application.secrets.insert(0, ClientSecret { hash: next, until: None });
    };
    let over = |application: &mut Application, now: Timestamp| {
        let next = Secret::from_text("9".repeat(40)).hash();
        application.secrets[0].until = Some(now);
        application.secrets.insert(0, ClientSecret { hash: next, until: None });
    };
    [
        row("B-03", "the old secret within the window")
            .after(Scene::Changed(both))
            .sends(exchange(REDEEM))
            .expects(Oracle::TokenGiven)
            .changing(&["codes", "tokens"]),
        refused(row("B-03", "the old secret after the window"), CLIENT_REFUSED)
            .after(Scene::Changed(over))
            .sends(exchange(REDEEM)),
    ]
}

fn wrong_secrets() -> impl Iterator<Item = Case> {
    let client = "c0ffee00c0ffee00c0ff";
    let secret = crate::world::SECRET;
    let hash = Secret::from_text(secret).hash();
    [
        ("wrong", "0".repeat(40)),
        ("of another application", "fedcba9876543210fedcba9876543210fedcba98".into()),
        ("with a space", format!("{secret} ")),
        ("in capitals", secret.to_uppercase()),
        ("cut by one", secret[..39].into()),
        ("with one more", format!("{secret}7")),
        ("twice", format!("{secret}{secret}")),
        ("empty", String::new()),
        ("with a NUL", format!("{secret}\0")),
        ("as it is stored", firstbell_core::secret::hexadecimal(hash.as_bytes())),
        ("of 4 kB", "0".repeat(4096)),
        ("encoded twice", format!("%25{:x}{}", secret.as_bytes()[0], &secret[1..])),
    ]
    .into_iter()
    .flat_map(move |(what, wrong)| {
        let in_header = exchange(REDEEM).with("authorization", basic(client, &wrong));
        let body = format!("{REDEEM}&client_id={client}&client_secret={}", encoded(&wrong));
        let in_body = exchange(body).without("authorization");
        [("header", in_header), ("body", in_body)].map(|(place, sent)| {
            refused(row("B-02", format!("a secret {what} in the {place}")), CLIENT_REFUSED)
                .sends(sent)
                .then(Then::CodeKept)
        })
    })
}

fn headers() -> Vec<Case> {
    let mut rows: Vec<Case> = [
        ("no Base64", "Basic !!!!"),
        ("no colon", "Basic YzBmZmVl"),
        ("no UTF-8 inside", "Basic //79/A=="),
        ("nothing behind the scheme", "Basic"),
        ("an empty value", "Basic "),
        ("another scheme", "Bearer {secret}"),
        ("Digest", "Digest username=\"{client}\""),
        ("bytes that are no text", "Basic \u{ff}\u{fe}"),
        ("an empty id", "Basic OnNlY3JldA=="),
        ("URL-safe Base64 of something", "Basic Pz8_Pz8-Og"),
    ]
    .into_iter()
    .map(|(what, value)| {
        refused(row("B-06", format!("Authorization: {what}")), CLIENT_REFUSED)
            .sends(exchange(REDEEM).with("authorization", value))
            .then(Then::CodeKept)
    })
    .collect();
    let secret = crate::world::SECRET;
    for (what, id, sent) in [
        ("an escaped letter", "c0ffee00c0ffee00c0ff".to_owned(), format!("%30{}", &secret[1..])),
        ("an escaped id", "%630ffee00c0ffee00c0ff".into(), secret.to_owned()),
    ] {
        rows.push(
            row("B-07", format!("{what} is decoded once (RFC 6749 section 2.3.1)"))
                .sends(exchange(REDEEM).with("authorization", basic(&id, &sent)))
                .expects(Oracle::TokenGiven)
                .changing(&["codes", "tokens"]),
        );
    }
    for (what, sent) in [
        ("decoded twice", format!("%2530{}", &secret[1..])),
        ("half an escape", format!("{secret}%")),
        ("a plus for a space", format!("{secret}+")),
        ("an escaped colon", format!("{secret}%3A")),
        ("escapes that are no UTF-8", format!("{secret}%FF")),
    ] {
        rows.push(
            refused(row("B-07", what), CLIENT_REFUSED)
                .sends(exchange(REDEEM).with("authorization", basic("c0ffee00c0ffee00c0ff", &sent)))
                .then(Then::CodeKept),
        );
    }
    rows
}

fn content_types() -> impl Iterator<Item = Case> {
    [
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/xml",
        "application/jwt",
        "application/jsonp",
        "application/x-www-form-urlencoded, application/json",
        "form",
        "\u{ff}",
    ]
    .into_iter()
    .map(|kind| {
        refused(row("B-09", format!("content type {kind:?}")), INVALID)
            .sends(exchange(REDEEM).with("content-type", kind))
            .then(Then::CodeKept)
    })
}

fn json_bodies() -> impl Iterator<Item = Case> {
    let deep = |open: &str, shut: &str| {
        format!("{{\"code\":\"{{code}}\",\"x\":{}{}}}", open.repeat(10_000), shut.repeat(10_000))
    };
    let utf16: Vec<u8> = REDEEM_JSON.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("a key twice", with(r#""code":"{code}","code":"{code}""#)),
        ("a key twice, one of them escaped", with(r#""code":"{code}","\u0063ode":"x""#)),
        ("an object for the code", with(r#""code":{"$ne":""}"#)),
        ("a list for the code", with(r#""code":["{code}"]"#)),
        ("a number for the code", with(r#""code":12345"#)),
        ("null for the code", with(r#""code":null"#)),
        ("true for the code", with(r#""code":true"#)),
        ("no object", br#"["authorization_code","{code}","https://x"]"#.to_vec()),
        ("a text", br#""{code}""#.to_vec()),
        ("nothing", Vec::new()),
        ("half of it", REDEEM_JSON.as_bytes()[..40].to_vec()),
        ("a byte order mark", [b"\xef\xbb\xbf", REDEEM_JSON.as_bytes()].concat()),
        ("UTF-16", utf16),
        ("half a surrogate pair", with("\"code\":\"{code}\\ud800\"")),
        ("10,000 lists deep", deep("[", "]").into_bytes()),
        ("10,000 objects deep", deep("{\"a\":", "}").into_bytes()),
        ("something behind it", format!("{REDEEM_JSON}{REDEEM_JSON}").into_bytes()),
        ("a comment", format!("/* x */{REDEEM_JSON}").into_bytes()),
        ("a comma too many", with(r#""code":"{code}","#)),
        ("single quotes", b"{'code':'{code}'}".to_vec()),
        ("a number that no machine has", with(r#""code":1e999999"#)),
        ("a form", REDEEM.as_bytes().to_vec()),
    ];
    bodies.into_iter().map(|(what, body)| {
        refused(row("B-10", format!("JSON: {what}")), INVALID)
            .sends(exchange("").with("content-type", "application/json").holding(body))
            .then(Then::CodeKept)
    })
}

fn with(member: &str) -> Vec<u8> {
    format!(r#"{{"grant_type":"authorization_code","redirect_uri":"{FIRST}",{member}}}"#)
        .into_bytes()
}

fn repeated() -> impl Iterator<Item = Case> {
    [
        "code={code}",
        "code=",
        "grant_type=authorization_code",
        "redirect_uri={callback}",
        "client_id={client}&client_id={client}",
        "client_secret={secret}&client_secret={secret}",
        "%63ode={code}",
    ]
    .into_iter()
    .map(|again| {
        refused(row("B-11", format!("twice: {again}")), INVALID)
            .sends(exchange(format!("{REDEEM}&{again}")))
            .then(Then::CodeKept)
    })
}

fn methods() -> impl Iterator<Item = Case> {
    let others = ["PUT", "PATCH", "DELETE", "TRACE"].into_iter().map(|method| {
        row("B-12", method)
            .sends(exchange(REDEEM).to(method, "/oauth/tokens"))
            .api(405)
            .then(Then::CodeKept)
    });
    // GET lists the tokens of districts: it exchanges nothing.
    let list = refused(row("B-12", "GET"), INVALID)
        .sends(exchange("").to("GET", format!("/oauth/tokens?{REDEEM}")))
        .then(Then::CodeKept);
    others.chain([list])
}

fn grants() -> impl Iterator<Item = Case> {
    [
        "password&username=ana.nunez&password=x",
        "client_credentials",
        "refresh_token&refresh_token={code}",
        "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=e30.e30.",
        "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code={code}",
        "implicit",
        "Authorization_Code",
        "authorization_code%20",
        "authorization_code%00",
    ]
    .into_iter()
    .map(|grant| {
        // Of an application that reads no district.
        let error = match grant {
            "client_credentials" => "unauthorized_client",
            _ => "unsupported_grant_type",
        };
        refused(row("B-13", format!("grant_type={grant}")), (400, error))
            .sends(exchange(format!("code={{code}}&redirect_uri={{callback}}&grant_type={grant}")))
            .then(Then::CodeKept)
    })
}

fn addresses() -> impl Iterator<Item = Case> {
    [
        ("with a slash", format!("{FIRST}/")),
        ("in capitals", FIRST.to_uppercase()),
        ("with a port", FIRST.replace(".example/", ".example:443/")),
        ("by http", FIRST.replace("https", "http")),
        ("with an escape", FIRST.replace("callback", "%63allback")),
        ("with a fragment", format!("{FIRST}#")),
        ("with a query", format!("{FIRST}?")),
        ("the application's other one", "https://flightschool.example/second?kept=1".into()),
        ("of another application", "https://library.example/cb".into()),
        ("elsewhere", "https://evil.test/".into()),
        ("no address", "evil.test".into()),
    ]
    .into_iter()
    .map(|(what, uri)| {
        refused(row("B-14", format!("redirect_uri {what}")), GRANT)
            .sends(exchange(format!(
                "grant_type=authorization_code&code={{code}}&redirect_uri={}",
                encoded(&uri)
            )))
            .changing(&["codes"])
            .then(Then::CodeBurnt)
    })
}

fn codes() -> impl Iterator<Item = Case> {
    let wrong = |what: &str, code: &str| (what.to_owned(), code.to_owned(), GRANT);
    [
        // An empty parameter counts as not sent (RFC 6749 section 3.2).
        ("empty".to_owned(), String::new(), INVALID),
        wrong("with one more", "{code}0"),
        wrong("with a space", "{code}%20"),
        wrong("with a NUL", "{code}%00"),
        wrong("that nobody issued", &"0".repeat(40)),
        wrong("that is no ASCII", "%F0%9F%94%94"),
        wrong("SQL", "%27%20OR%201%3D1--"),
        wrong("a wildcard", "%25"),
        wrong("a path", "..%2F..%2Fetc%2Fpasswd"),
        wrong("30 kB", &"a".repeat(30_000)),
        ("1 MB".into(), "a".repeat(1 << 20), (413, "invalid_request")),
        ("that is no UTF-8".into(), "%FF".into(), GRANT),
    ]
    .into_iter()
    .map(|(what, code, answer)| {
        refused(row("B-17", format!("a code {what}")), answer)
            .sends(exchange(format!(
                "grant_type=authorization_code&redirect_uri={{callback}}&code={code}"
            )))
            .then(Then::CodeKept)
    })
}
