//! What must be answered, and what no answer may hold.

use http::StatusCode;

use super::stage::Stage;
use crate::world::{CALLBACK, OTHER_CALLBACK, Reply};

/// What must be answered.
#[derive(Clone, Copy)]
pub enum Oracle {
    /// Nobody said: a mistake in the table.
    Unset,
    /// A page of this status for a person, with this code and a support code; no redirect; the
    /// session is left as it is.
    Page(u16, &'static str),
    /// By redirect to the application: this `error`, the state if there was one, no code.
    Told { error: &'static str, state: Option<&'static str> },
    /// The same with our issuer (RFC 9207 section 2).
    ToldByIssuer(&'static str),
    /// A page of this status that shows a form again, with what was typed and what is wrong.
    Form(u16),
    /// A code, with the mark of an administrator who acts as somebody else.
    CodeByAdmin,
    /// JSON of the token endpoint (RFC 6749 section 5.2).
    Token(u16, &'static str),
    /// JSON of the Data API that names nobody.
    Api(u16),
    /// What the Data API says of everything that is not there, to the letter.
    NotThere,
    /// An answer of the Data API that no cache keeps, and none of these in it.
    Data(&'static [&'static str]),
    /// A list of the Data API with nothing in it, and nothing counted.
    NothingListed,
    /// The login page again, with a sentence that says nothing about who exists; no session.
    Login(u16),
    /// To the login page, because nobody is signed in here.
    SignInAgain,
    /// To this address of ours, by 303.
    Onward(&'static str),
    /// A code to the application's registered address, as if what was wrong had not been there.
    Code { state: Option<&'static str> },
    /// The same to the second registered address.
    CodeAtSecond,
    /// A token, because the dialect takes what is odd here.
    TokenGiven,
    /// An ordinary page of ours.
    PageShown,
    /// An ordinary page of ours that does not hold this as it stands.
    PageHolding(&'static str),
    /// The login page, which does not hold this as it stands.
    LoginHolding(&'static str),
    /// This status, nothing to read, and no redirect.
    Bare(u16),
    /// Of those that are sent at once one succeeds; the others are refused like this.
    OneWins(u16),
    /// Of those that are sent at once so many are looked at (401), the others must wait (429).
    AtMostLookedAt(usize),
    /// Each of those that are sent at once is refused with this status.
    Each(u16),
}

impl Oracle {
    /// Whether a refusal of this kind is written down in the table, so that its support code finds
    /// something.
    pub fn is_written_down(self, table: &str) -> bool {
        matches!(self, Self::Page(..)) && table == "traces"
    }

    /// Judges all replies to one case.
    pub fn judge(self, stage: &Stage, replies: &[Reply]) -> Result<(), String> {
        let count = |status: u16| replies.iter().filter(|it| it.status.as_u16() == status).count();
        match self {
            Self::OneWins(others) => {
                let won = replies.iter().filter(|it| it.status.as_u16() < 400).count();
                let statuses: Vec<_> = replies.iter().map(|it| it.status.as_u16()).collect();
                held(won == 1 && won + count(others) == replies.len(), || {
                    format!("{won} of {} succeeded: {statuses:?}", replies.len())
                })
            }
            Self::AtMostLookedAt(most) => {
                // 503: one browser has only so many places where passwords are checked.
                let (looked_at, slowed) = (count(401), count(429) + count(503));
                let some = (1..=most).contains(&looked_at);
                held(some && looked_at + slowed == replies.len(), || {
                    format!("{looked_at} were looked at, {slowed} had to wait")
                })
            }
            Self::Each(status) => held(count(status) == replies.len(), || {
                format!("{} of {} got {status}", count(status), replies.len())
            }),
            alone => replies.iter().try_for_each(|reply| alone.judge_one(stage, reply)),
        }
    }

    fn judge_one(self, stage: &Stage, reply: &Reply) -> Result<(), String> {
        match self {
            Self::Unset => Err("the table says nothing of the answer".into()),
            Self::Page(status, code) => {
                has_status(reply, status)?;
                is_page(reply)?;
                stays_here(reply)?;
                leaves_session(stage, reply)?;
                held(reply.body.contains(code), || format!("no {code} on the page"))?;
                held(reply.body.contains("FB-"), || "no support code".into())
            }
            Self::Told { error, state } => {
                held(matches!(reply.status.as_u16(), 302 | 303), || unexpected(reply))?;
                leads_to(reply, CALLBACK)?;
                equal("error", reply.query("error").as_deref(), Some(error))?;
                equal("state", reply.query("state").as_deref(), state)?;
                leaves_session(stage, reply)?;
                held(reply.query("code").is_none(), || "a code came along".into())
            }
            Self::ToldByIssuer(error) => {
                Self::Told { error, state: Some("s") }.judge_one(stage, reply)?;
                equal("iss", reply.query("iss").as_deref(), Some("https://login.example"))
            }
            Self::Form(status) => {
                has_status(reply, status)?;
                is_page(reply)?;
                stays_here(reply)?;
                leaves_session(stage, reply)?;
                held(reply.body.contains("<form"), || "no form".into())
            }
            Self::CodeByAdmin => {
                leads_to(reply, CALLBACK)?;
                let mark = reply.query("loginas_by_admin");
                equal("loginas_by_admin", mark.as_deref(), Some("true"))?;
                held(reply.query("code").is_some(), || "no code".into())
            }
            Self::Token(status, error) => {
                has_status(reply, status)?;
                let json = json(reply)?;
                equal("error", json["error"].as_str(), Some(error))?;
                equal("cache-control", reply.header("cache-control"), Some("no-store"))?;
                held(json["access_token"].is_null(), || "a token came along".into())?;
                let challenged = reply.header("www-authenticate").is_some();
                held(challenged == (status == 401), || "a wrong WWW-Authenticate".into())
            }
            Self::Api(status) => {
                has_status(reply, status)?;
                let json = json(reply)?;
                let members: Vec<_> = json.as_object().into_iter().flatten().collect();
                held(members.len() == 1 && json["message"].is_string(), || {
                    format!("more than a message: {}", reply.body)
                })?;
                equal("cache-control", reply.header("cache-control"), Some("no-store"))?;
                let challenge = reply.header("www-authenticate").unwrap_or_default();
                held(challenge.starts_with("Bearer") == (status == 401), || {
                    format!("WWW-Authenticate: {challenge}")
                })
            }
            Self::NotThere => {
                Self::Api(404).judge_one(stage, reply)?;
                let expected = r#"{"message":"Resource not found"}"#;
                held(reply.body == expected, || format!("another body: {}", reply.body))
            }
            Self::Data(without) => {
                has_status(reply, 200)?;
                let data = &json(reply)?["data"];
                held(data.is_object() || data.is_array(), || "no data".into())?;
                equal("content-type", reply.header("content-type"), Some("application/json"))?;
                equal("cache-control", reply.header("cache-control"), Some("no-store"))?;
                equal("etag", reply.header("etag"), None)?;
                without.iter().try_for_each(|word| {
                    let word = stage.filled(word);
                    held(!reply.body.contains(&word), || format!("the body holds {word}"))
                })
            }
            Self::NothingListed => {
                Self::Data(&[]).judge_one(stage, reply)?;
                let list = json(reply)?;
                let nothing = list["data"].as_array().is_some_and(Vec::is_empty);
                held(nothing && list["count"].as_u64().unwrap_or(0) == 0, || unexpected(reply))
            }
            Self::Login(status) => {
                has_status(reply, status)?;
                is_page(reply)?;
                stays_here(reply)?;
                leaves_session(stage, reply)?;
                held(reply.body.contains("name=\"password\""), || "no login page".into())
            }
            Self::SignInAgain => {
                has_status(reply, 303)?;
                let location = reply.location().unwrap_or_default();
                held(location.starts_with("/login/"), || format!("led to {location}"))
            }
            Self::Onward(path) => {
                has_status(reply, 303)?;
                let path = stage.filled(path);
                equal("location", reply.location(), Some(path.as_str()))
            }
            Self::Code { state } => code_at(reply, CALLBACK, state),
            Self::CodeAtSecond => code_at(reply, OTHER_CALLBACK, None),
            Self::TokenGiven => {
                has_status(reply, 200)?;
                held(json(reply)?["access_token"].is_string(), || unexpected(reply))
            }
            Self::PageShown => {
                has_status(reply, 200)?;
                is_page(reply)?;
                stays_here(reply)
            }
            Self::PageHolding(raw) => {
                Self::PageShown.judge_one(stage, reply)?;
                held(!reply.body.contains(raw), || "what was sent stands on the page".into())
            }
            Self::LoginHolding(raw) => {
                Self::Login(401).judge_one(stage, reply)?;
                held(!reply.body.contains(raw), || "what was sent stands on the page".into())
            }
            Self::Bare(status) => {
                has_status(reply, status)?;
                stays_here(reply)?;
                leaves_session(stage, reply)
            }
            Self::OneWins(_) | Self::AtMostLookedAt(_) | Self::Each(_) => Ok(()),
        }
    }
}

fn code_at(reply: &Reply, address: &str, state: Option<&str>) -> Result<(), String> {
    held(reply.status == StatusCode::FOUND, || unexpected(reply))?;
    leads_to(reply, address)?;
    equal("state", reply.query("state").as_deref(), state)?;
    equal("scope", reply.query("scope").as_deref(), Some(SCOPE))?;
    held(reply.query("code").is_some(), || "no code".into())?;
    let marked = reply.query("loginas_by_admin").is_some();
    held(!marked, || "it is marked as an administrator's".into())?;
    let location = reply.location().unwrap_or_default();
    held(!location.contains('#'), || "something in the fragment".into())
}

/// The scope of the tier that all applications of the suite have.
const SCOPE: &str = firstbell_core::sharing::AccessTier::DistrictSso.scope();

/// The address itself, followed by nothing but parameters.
fn leads_to(reply: &Reply, address: &str) -> Result<(), String> {
    let location = reply.location().unwrap_or_default();
    let rest = location.strip_prefix(address);
    held(rest.is_some_and(|rest| rest.starts_with(['?', '&'])), || format!("led to {location}"))
}

fn is_page(reply: &Reply) -> Result<(), String> {
    let kind = reply.header("content-type").unwrap_or_default();
    held(kind.starts_with("text/html"), || format!("no page but {kind}"))
}

fn stays_here(reply: &Reply) -> Result<(), String> {
    held(reply.location().is_none(), || format!("led to {:?}", reply.location()))
}

fn leaves_session(stage: &Stage, reply: &Reply) -> Result<(), String> {
    let name = stage.world.app.cookie_names().session;
    let touched = reply
        .headers
        .get_all("set-cookie")
        .iter()
        .any(|value| value.to_str().is_ok_and(|text| text.starts_with(name)));
    held(!touched, || "the session's cookie was touched".into())
}

/// What holds for every answer of every case, whatever was asked: headers that protect, cookies
/// that nobody else can read or set, and nothing that tells what is inside.
pub fn rim(stage: &Stage, reply: &Reply) -> Result<(), String> {
    for (name, fits) in ALWAYS {
        let value = reply.header(name).ok_or_else(|| format!("no {name}"))?;
        held(value.contains(fits), || format!("{name}: {value}"))?;
    }
    for name in ["server", "x-powered-by", "access-control-allow-origin"] {
        held(reply.header(name).is_none(), || format!("there is a {name}"))?;
    }
    let kind = reply.header("content-type").unwrap_or_default();
    if kind.starts_with("text/html") {
        for (name, fits) in ON_PAGES {
            let value = reply.header(name).ok_or_else(|| format!("no {name} on a page"))?;
            held(value.contains(fits), || format!("{name}: {value}"))?;
        }
    }
    for value in reply.headers.get_all("set-cookie") {
        let text = value.to_str().map_err(|_| "a cookie that is no text")?;
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            held(text.contains(part), || format!("a cookie without {part}"))?;
        }
        held(text.starts_with("__Host-") && !text.contains("Domain"), || {
            "a cookie that other hosts can set".into()
        })?;
    }
    let location = reply.location().unwrap_or_default();
    let body = without_own_queries(&reply.body);
    for word in INSIDE {
        held(!body.contains(word), || format!("the body holds {word:?}"))?;
        held(!location.contains(word), || format!("the location holds {word:?}"))?;
    }
    for (name, secret) in stage.secrets() {
        held(!reply.body.contains(secret), || format!("the body holds the {name}"))?;
        held(!location.contains(secret), || format!("the location holds the {name}"))?;
    }
    Ok(())
}

/// A page's links to other languages repeat its query; such a link leads nowhere else.
fn without_own_queries(body: &str) -> String {
    let mut parts = body.split("href=\"?");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rest.push_str(part.split_once('"').map_or(part, |(_, behind)| behind));
    }
    rest
}

const ALWAYS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("strict-transport-security", "max-age=31536000"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("referrer-policy", ""),
    ("cross-origin-resource-policy", "same-origin"),
];

const ON_PAGES: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'"),
    ("content-security-policy", "base-uri 'none'"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=()"),
];

/// Input that must not come back, and words of the machinery.
const INSIDE: &[&str] =
    &["evil.test", "<script", "panicked", ".rs:", "sqlite", "postgres", "rusqlite"];

pub fn held(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn equal(what: &str, found: Option<&str>, expected: Option<&str>) -> Result<(), String> {
    held(found == expected, || format!("{what} is {found:?}, not {expected:?}"))
}

fn has_status(reply: &Reply, status: u16) -> Result<(), String> {
    held(reply.status.as_u16() == status, || format!("not {status}: {}", unexpected(reply)))
}

fn unexpected(reply: &Reply) -> String {
    let code = reply.body.split("FB").nth(1).map_or("", |rest| rest.get(..4).unwrap_or_default());
    let start: String = reply.body.chars().take(120).collect();
    let shown = if code.is_empty() { start } else { format!("FB{code}") };
    format!("answered {} {} {shown}", reply.status.as_u16(), reply.location().unwrap_or_default())
}

fn json(reply: &Reply) -> Result<serde_json::Value, String> {
    serde_json::from_str(&reply.body).map_err(|_| format!("no JSON: {}", unexpected(reply)))
}
