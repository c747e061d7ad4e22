//! G: sessions and cookies on devices that many children share.

use std::time::Duration;

use super::c_redirect_uris::LINK;
use super::case::{Case, Scene, Then, case, form, get};
use super::oracle::Oracle;
use crate::world::{ana, suspended, teacher};

const SESSION: &str = "__Host-firstbell_session";

/// `confirmed=false`: a student says that it is really them.
fn is_this_you() -> Vec<Case> {
    let asked = "&confirmed=false";
    let question = Oracle::Onward("/login/{login}/confirm");
    let answer = |body: &str| form("/login/{login}/confirm", body);
    let mut cases = vec![
        case("G-11", "a student is not sent on without being asked")
            .by(ana())
            .get("{authorize}&confirmed=false")
            .signs_in_again(),
        case("G-11", "\"no\" ends the session")
            .by(ana())
            .after(Scene::Waits(asked))
            .sends(answer("csrf={csrf}&answer=no"))
            .expects(Oracle::Onward("/login/{login}"))
            .changing(&["sessions", "login_hops"])
            .then(Then::SessionDead),
        case("G-11", "no clear answer is a \"no\"")
            .by(ana())
            .after(Scene::Waits(asked))
            .sends(answer("csrf={csrf}&answer=YES+or+so"))
            .expects(Oracle::Onward("/login/{login}"))
            .changing(&["sessions", "login_hops"])
            .then(Then::SessionDead),
        case("G-11", "\"no\" of another browser")
            .by(ana())
            .after(Scene::Waits(asked))
            .after(Scene::AnotherBrowser)
            .sends(answer("csrf=x&answer=no"))
            .page(400, "FB1008"),
        case("G-12", "the parameter is dropped on the way")
            .by(ana())
            .after(Scene::Waits(asked))
            .get("/login/{login}")
            .expects(question),
        case("G-12", "the parameter is turned on the way")
            .by(ana())
            .after(Scene::Waits(asked))
            .get("/login/{login}?confirmed=true")
            .expects(question),
        case("G-12", "the answer in the address")
            .by(ana())
            .after(Scene::Waits(asked))
            .get("/login/{login}/confirm?answer=yes&csrf={csrf}")
            .expects(Oracle::PageShown),
        case("G-12", "an answer without the form's secret")
            .by(ana())
            .after(Scene::Waits(asked))
            .sends(answer("answer=yes"))
            .page(403, "FB1009")
            .then(Then::SessionStays),
        case("G-12", "the answer was given for another session")
            .by(ana())
            .after(Scene::Waits(asked))
            .after(Scene::Sent(answer("csrf={csrf}&answer=yes"), 1))
            .after(Scene::SignedInHere(teacher()))
            .get("/login/{login}")
            .page(400, "FB1014"),
        case("G-13", "a teacher is not asked")
            .by(teacher())
            .get("{authorize}&confirmed=false")
            .expects(Oracle::Code { state: None })
            .changing(&["codes"]),
    ];
    for more in
        ["confirmed=FALSE", "confirmed=true&confirmed=false", "confirmed=false&confirmed=true"]
    {
        cases.push(
            case("G-12", more).by(ana()).get(format!("{{authorize}}&{more}")).signs_in_again(),
        );
    }
    cases
}

/// What changes when somebody signs in.
const SIGNING_IN: &[&str] = &[
    "sessions",
    "credentials",
    "tries",
    "strangers_tries",
    "known_browsers",
    "pending_logins",
    "login_hops",
];

pub fn cases() -> Vec<Case> {
    let typed = |person: &firstbell_roster::sandbox::SandboxPerson| {
        form(
            "/login/{login}/password",
            format!("username={}&password={}", person.login_name, person.password),
        )
    };
    let mut cases = vec![
        case("G-01", "a session's name that somebody set before the login opens nothing")
            .after(Scene::Cookie(SESSION, "0123456789abcdef0123456789abcdef01234567"))
            .get("/in/ada")
            .signs_in_again(),
        case("G-01", "a login does not take over a name that was set before")
            .after(Scene::Cookie(SESSION, "0123456789abcdef0123456789abcdef01234567"))
            .after(Scene::LoginBegun)
            .sends(typed(ana()))
            .expects(Oracle::Onward("/login/{login}"))
            .changing(SIGNING_IN)
            .then(Then::SessionDead),
        case("G-02", "the attacker's login, opened by the victim")
            .after(Scene::LoginBegun)
            .after(Scene::AnotherBrowser)
            .get("/login/{login}")
            .page(400, "FB1008"),
        case("G-02", "the attacker's login, opened by a victim who is signed in")
            .after(Scene::LoginBegun)
            .by(ana())
            .get("/login/{login}")
            .page(400, "FB1008")
            .then(Then::SessionStays),
        case("G-02", "a password typed into the attacker's login")
            .after(Scene::LoginBegun)
            .after(Scene::AnotherBrowser)
            .sends(typed(ana()))
            .page(400, "FB1008"),
        case("G-03", "a finished password, carried on in another browser")
            .after(Scene::LoginBegun)
            .after(Scene::PasswordTyped(ana()))
            .after(Scene::AnotherBrowser)
            .get("/login/{login}")
            .page(400, "FB1008"),
        case("G-03", "a district chosen in another browser")
            .after(Scene::LoginBegun)
            .after(Scene::AnotherBrowser)
            .get("/login/{login}/district?choose=north")
            .page(400, "FB1008"),
        case("G-03", "a login whose name is guessed")
            .by(ana())
            .get("/login/0123456789abcdef0123456789abcdef01234567")
            .page(400, "FB1007"),
        case("G-05", "two idle hours")
            .by(ana())
            .after(Scene::Later(Duration::from_secs(2 * 3600 + 1)))
            .get("{authorize}")
            .signs_in_again(),
        case("G-05", "a day of use")
            .by(ana())
            .after(Scene::Later(Duration::from_secs(24 * 3600 + 1)))
            .get("/in/ada")
            .signs_in_again(),
        case("G-06", "the cookie is used again after \"I'm done\"")
            .by(ana())
            .after(Scene::SignedOut)
            .get("/in/ada")
            .signs_in_again(),
        case("G-06", "a code is asked for after \"I'm done\"")
            .by(ana())
            .after(Scene::SignedOut)
            .get("{authorize}")
            .signs_in_again(),
        case("G-06", "a tile after \"I'm done\"")
            .by(ana())
            .after(Scene::SignedOut)
            .get("/in/ada/launch/{app}")
            .signs_in_again(),
        case("G-08", "another person signs in: the first one's session is over")
            .after(Scene::LoginBegun)
            .after(Scene::SignedInHere(ana()))
            .sends(typed(teacher()))
            .expects(Oracle::Onward("/login/{login}"))
            .changing(SIGNING_IN)
            .then(Then::SessionDead),
        case(
            "G-08",
            "another person signs in who may not come in: the first one's session is over",
        )
        .after(Scene::LoginBegun)
        .after(Scene::SignedInHere(ana()))
        .sends(typed(suspended()))
        .page(403, "FB2005")
        .changing(SIGNING_IN)
        .then(Then::SessionDead),
        case("G-08", "somebody tries to sign in and cannot: nobody is thrown out")
            .after(Scene::LoginBegun)
            .after(Scene::SignedInHere(ana()))
            .sends(form("/login/{login}/password", "username=nobody&password=wrong"))
            .expects(Oracle::Login(401))
            .changing(&["tries", "strangers_tries", "login_hops"])
            .then(Then::SessionStays),
        case("G-09", "one child starts at the application, another one finishes")
            .after(Scene::LoginBegun)
            .after(Scene::PasswordTyped(teacher()))
            .get("/login/{login}")
            .expects(Oracle::Code { state: Some("s") })
            .changing(&["codes", "pending_logins", "login_hops"])
            .then(Then::CodeIsOf(teacher())),
        case("G-10", "a tile in the tab of somebody who has left: it launches who is here now")
            .by(ana())
            .by(teacher())
            .get("/in/ada/launch/{app}")
            .expects(Oracle::Code { state: None })
            .changing(&["codes"])
            .then(Then::CodeIsOf(teacher())),
        case("G-10", "\"I'm done\" in the tab of somebody who has left ends nobody else's session")
            .by(teacher())
            .sends(form("/in/ada/sign-out", "csrf=0123456789abcdef0123456789abcdef"))
            .page(403, "FB1009")
            .then(Then::SessionStays),
        case("G-19", "a session in the address")
            .by(ana())
            .after(Scene::SignedOut)
            .after(Scene::AnotherBrowser)
            .get(format!("/in/ada?session={{secret}}&{SESSION}={{secret}}"))
            .signs_in_again(),
    ];
    cases.extend(is_this_you());
    for (header, value) in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("sec-purpose", "Prefetch;anonymous-client-ip"),
    ] {
        for path in ["/in/ada/launch/{app}", "{authorize}", LINK] {
            cases.push(
                case("G-20", format!("{path} with {header}: {value}"))
                    .by(ana())
                    .sends(get(path).with(header, value))
                    .expects(Oracle::Bare(204)),
            );
        }
    }
    cases.push(
        case("G-20", "looking ahead begins no login either")
            .sends(get("{authorize}").with("sec-purpose", "prefetch"))
            .expects(Oracle::Bare(204)),
    );
    for value in ["", "x", "%00", "..%2f..", "0123456789abcdef"] {
        cases.push(
            case("G-01", format!("a session's cookie that holds {value:?}"))
                .after(Scene::Cookie(SESSION, value))
                .get("/in/ada")
                .signs_in_again(),
        );
    }
    cases
}
