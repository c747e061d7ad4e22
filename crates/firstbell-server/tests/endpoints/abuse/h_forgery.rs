//! H: forms of other sites, other people's buttons, and addresses to go on to.

use firstbell_roster::sandbox::{SandboxPerson, people};

use super::case::{Case, Scene, Sent, Then, case, form, get};
use super::oracle::Oracle;
use super::stage::OPEN_AS_ANA;
use crate::world::{ana, encoded, teacher};

/// Each form that we have, filled in as our own page would: it changes something.
pub fn forms() -> [(&'static str, Sent); 8] {
    let typed = format!("username={}&password={}", ana().login_name, ana().password);
    [
        ("sign-out", form("/in/ada/sign-out", "csrf={csrf}")),
        ("role", form("/in/ada/role", "csrf={csrf}&role={amara_role}")),
        ("open-as", form("/in/ada/open-as", OPEN_AS_ANA)),
        ("open-as/stop", form("/in/ada/open-as/stop", "csrf={csrf}")),
        ("classes", form("/in/ada/classes", "csrf={csrf}&application={app}")),
        ("agree", form("/login/{login}/classes", "csrf={csrf}&section={ana_id}")),
        ("confirm", form("/login/{login}/confirm", "csrf={csrf}&answer=no")),
        ("password", form("/login/{login}/password", typed)),
    ]
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, sent) in forms() {
        let who: &'static SandboxPerson = match name {
            "role" => &people::AMARA_OKAFOR,
            "open-as" | "open-as/stop" => &people::LIN_ZHOU,
            "classes" | "agree" => teacher(),
            _ => ana(),
        };
        for (header, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "nonsense"),
            ("origin", "https://evil.test"),
            ("origin", "null"),
            ("origin", "https://login.example.evil.test"),
            ("origin", "http://login.example"),
            ("origin", "https://login.example:8443"),
            ("origin", "\u{ff}"),
        ] {
            let id = if name == "password" { "H-03" } else { "H-01" };
            cases.push(
                case(id, format!("{name} with {header}: {}", value.escape_debug()))
                    .after(Scene::LoginBegun)
                    .after(Scene::SignedInHere(who))
                    .sends(sent.clone().with(header, value))
                    .page(403, "FB1009")
                    .then(Then::SessionStays),
            );
        }
        for kind in ["text/plain", "application/json", "multipart/form-data; boundary=x"] {
            let (status, code) = if name == "sign-out" { (403, "FB1009") } else { (400, "FB1005") };
            cases.push(
                case("H-02", format!("{name} as {kind}"))
                    .after(Scene::LoginBegun)
                    .after(Scene::SignedInHere(who))
                    .sends(sent.clone().with("content-type", kind))
                    .page(status, code)
                    .then(Then::SessionStays),
            );
        }
        for method in ["PUT", "DELETE", "PATCH"] {
            cases.push(
                case("H-02", format!("{name} by {method}"))
                    .after(Scene::LoginBegun)
                    .after(Scene::SignedInHere(who))
                    .sends(sent.clone().to(method, sent.path.clone()))
                    .page(405, "FB1011")
                    .then(Then::SessionStays),
            );
        }
    }
    for (path, body) in [
        ("/in/ada/role", "role={amara_role}"),
        ("/in/ada/open-as", "person={ana_id}&reason=She+sees+no+tiles+at+all"),
        ("/in/ada/open-as/stop", ""),
    ] {
        for csrf in ["", "&csrf=", "&csrf=0123456789abcdef0123456789abcdef"] {
            cases.push(
                case("H-01", format!("{path} with {csrf:?}"))
                    .by(&people::LIN_ZHOU)
                    .sends(form(path, format!("{body}{csrf}")))
                    .page(403, "FB1009")
                    .then(Then::SessionStays),
            );
        }
    }
    for (what, body) in [
        ("no secret", ""),
        ("an empty secret", "csrf="),
        ("another session's secret", "csrf=0123456789abcdef0123456789abcdef"),
        ("the secret twice", "csrf={csrf}&csrf={csrf}"),
        ("the secret under another name", "token={csrf}"),
    ] {
        cases.push(
            case("H-01", format!("sign-out with {what}"))
                .by(ana())
                .sends(form("/in/ada/sign-out", body))
                .page(403, "FB1009")
                .then(Then::SessionStays),
        );
    }
    for path in [
        "/in/ada/sign-out?csrf={csrf}",
        "/in/ada/sign-out?_method=POST&csrf={csrf}",
        "/in/ada/sign-out?csrf={csrf}&x=logo.png",
    ] {
        for id in ["H-02", "H-10"] {
            cases.push(
                case(id, format!("GET {path}"))
                    .by(ana())
                    .sends(
                        get(path)
                            .with("x-http-method-override", "POST")
                            .with("sec-fetch-dest", "image")
                            .with("sec-fetch-site", "cross-site"),
                    )
                    .expects(Oracle::Onward("/in/ada"))
                    .then(Then::SessionStays),
            );
        }
    }
    cases.extend(next_addresses());
    cases.push(
        case("H-09", "an error page whose way back the request names")
            .by(ana())
            .get("/oauth/authorize?client_id=x&back=https://evil.test/&return_to=//evil.test")
            .page(400, "FB1001"),
    );
    cases.push(
        case("H-14", "after the password the browser goes on with GET")
            .after(Scene::LoginBegun)
            .sends(forms()[7].1.clone())
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
    );
    cases
}

/// Nobody reads an address to go on to out of a request.
fn next_addresses() -> Vec<Case> {
    let mut cases = Vec::new();
    for uri in [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "javascript:alert(1)",
        "https://login.example@evil.test/",
        "/in/ada/../../evil.test",
    ] {
        let uri = encoded(uri);
        let query =
            format!("next={uri}&continue={uri}&RelayState={uri}&target_link_uri={uri}&url={uri}");
        cases.push(
            case("H-08", format!("the front page with {uri}"))
                .get(format!("/?{query}"))
                .expects(Oracle::PageShown),
        );
        cases.push(
            case("H-08", format!("the portal with {uri}"))
                .by(ana())
                .get(format!("/in/ada?{query}"))
                .expects(Oracle::PageShown),
        );
        cases.push(
            case("H-08", format!("the password with {uri}"))
                .after(Scene::LoginBegun)
                .sends(form(
                    format!("/login/{{login}}/password?{query}"),
                    format!("username={}&password={}&{query}", ana().login_name, ana().password),
                ))
                .expects(Oracle::Onward("/login/{login}"))
                .changing(&["sessions", "credentials", "tries", "strangers_tries"])
                .changing(&["known_browsers", "pending_logins", "login_hops"]),
        );
    }
    cases
}
