//! M: guessing passwords. Each case has a browser of its own; the tables that count tries may
//! change, and nothing else.

use firstbell_core::login::throttle;
use firstbell_roster::sandbox::{SandboxPerson, people};

use super::case::{Case, Scene, Sent, case, form, get};
use super::oracle::Oracle;
use crate::world::{ana, encoded, suspended};

const TRIES: &[&str] = &["tries", "strangers_tries", "login_hops"];

fn typed(username: &str, password: &str) -> Sent {
    let (username, password) = (encoded(username), encoded(password));
    form("/login/{login}/password", format!("username={username}&password={password}"))
}

fn row(id: &'static str, what: impl Into<String>) -> Case {
    case(id, what).after(Scene::LoginBegun).changing(TRIES)
}

pub fn cases() -> Vec<Case> {
    let wait = Oracle::Login(429);
    let mut cases = vec![
        row("M-01", "a wrong password")
            .sends(typed(ana().login_name, "wrong"))
            .expects(Oracle::Login(401)),
        row("M-01", "nobody of that name")
            .sends(typed("nobody.at.all", "wrong"))
            .expects(Oracle::Login(401)),
        row("M-01", "a suspended person, and a wrong password")
            .sends(typed(suspended().login_name, "wrong"))
            .expects(Oracle::Login(401)),
        row("M-01", "another person's password")
            .sends(typed(ana().login_name, people::THEO_PARK.password))
            .expects(Oracle::Login(401)),
        row("M-01", "the name of another district's person, as another district says it")
            .sends(typed("north\\ana.nunez", ana().password))
            .expects(Oracle::Login(401)),
        row("M-02", "the sixth try, with the right password")
            .after(Scene::Sent(typed(SEAN.login_name, "wrong"), throttle::FREE_TRIES as usize))
            .sends(typed(SEAN.login_name, SEAN.password))
            .expects(wait),
        row("M-03", "the same name in capitals and with spaces counts as the same")
            .after(Scene::Sent(typed(ZOE.login_name, "wrong"), 2))
            .after(Scene::Sent(typed(&ZOE.login_name.to_uppercase(), "wrong"), 2))
            .after(Scene::Sent(typed(&format!("  {} ", ZOE.login_name), "wrong"), 1))
            .sends(typed(ZOE.login_name, ZOE.password))
            .expects(wait),
        row("M-04", "64 guesses at once")
            .sends(typed(people::CHLOE_BENOIT.login_name, "wrong"))
            .times(64)
            .expects(Oracle::AtMostLookedAt(throttle::FREE_TRIES as usize)),
        row("M-05", "one password on 31 names of one browser")
            .after(Scene::Sent(typed("name.{district}", "Welcome1"), 1))
            .after(Scene::Sent(typed("nobody.1", "Welcome1"), 4))
            .after(Scene::Sent(typed("nobody.2", "Welcome1"), 5))
            .after(Scene::Sent(typed("nobody.3", "Welcome1"), 5))
            .after(Scene::Sent(typed("nobody.4", "Welcome1"), 5))
            .after(Scene::Sent(typed("nobody.5", "Welcome1"), 5))
            .after(Scene::Sent(typed("nobody.6", "Welcome1"), 5))
            .sends(typed("nobody.7", "Welcome1"))
            .expects(wait),
    ];
    // Before anything is hashed or counted.
    for (what, username, password, status) in [
        ("a password of 1,025 bytes", "ana.nunez".to_owned(), "x".repeat(1025), 401),
        ("a password of 4 kB", "ana.nunez".into(), "x".repeat(4096), 401),
        ("a name of 255 letters", "a".repeat(255), "x".into(), 401),
        ("a name with a NUL", "ana.nunez\0".into(), ana().password.into(), 401),
        ("a name with a line break", "ana\r\nnunez".into(), "x".into(), 401),
        ("no name", String::new(), "x".into(), 422),
        ("no password", "ana.nunez".into(), String::new(), 422),
    ] {
        cases.push(
            case("M-07", what)
                .after(Scene::LoginBegun)
                .sends(typed(&username, &password))
                .expects(Oracle::Login(status)),
        );
    }
    cases.push(
        case("M-07", "a form of 1 MB")
            .after(Scene::LoginBegun)
            .sends(typed("ana.nunez", &"x".repeat(1 << 20)))
            .page(413, "FB1012"),
    );
    let right = people::PRIYA_RAMAN.password;
    for (what, password) in [
        ("one letter less", right[..right.len() - 1].to_owned()),
        ("one letter more", format!("{right}x")),
        ("a space behind it", format!("{right} ")),
        ("other capitals", right.to_uppercase()),
    ] {
        cases.push(
            row("M-08", format!("the right password with {what}"))
                .sends(typed(people::PRIYA_RAMAN.login_name, &password))
                .expects(Oracle::Login(401)),
        );
    }
    let long = format!("{}{}", right, "x".repeat(72));
    cases.push(
        row("M-08", "the right password and 72 letters more")
            .sends(typed(people::XIAOMING_LI.login_name, &long))
            .expects(Oracle::Login(401)),
    );
    for path in ["/register", "/signup", "/invite/0123", "/reset", "/login/reset", "/password"] {
        cases.push(case("M-18", format!("asks for {path}")).get(path).page_for(path));
    }
    cases.push(
        case("M-18", "posts to /register")
            .sends(form("/register", "username=x"))
            .page(404, "FB1010"),
    );
    cases.push(case("M-18", "an empty id").sends(get("/login//reset")).page(404, "FB1010"));
    cases
}

const SEAN: &SandboxPerson = &people::SEAN_O_CONNOR;
const ZOE: &SandboxPerson = &people::ZOE_MULLER_BRANDT;

impl Case {
    /// A word behind `/login/` is taken for the name of a login.
    fn page_for(self, path: &str) -> Self {
        if path.starts_with("/login/") {
            self.page(400, "FB1007")
        } else {
            self.page(404, "FB1010")
        }
    }
}
