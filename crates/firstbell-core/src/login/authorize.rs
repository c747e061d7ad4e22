//! A login that an application starts: is the request one to go on with? The checks of
//! [`admit`] stand in the order in which they are made.

use firstbell_protocol::oauth::authorize_request::{AuthorizeRequest, Parameter};
use std::time::Duration;

use firstbell_protocol::vocabulary::{ClientId, CodeChallenge, State};

use super::step::{Demands, ResponseKind};
use crate::application::{Application, VerifiedRedirect};
use crate::error::{self, Face};
use crate::id::DistrictId;
use crate::time::Timestamp;

/// A request to go on with.
#[derive(Debug, Clone)]
pub struct Admitted<'a> {
    /// Who asks.
    pub application: &'a Application,
    /// Where the answer goes.
    pub redirect: VerifiedRedirect,
    /// The application's mark, to be returned untouched.
    pub state: Option<State>,
    /// The district whose login page the application wants. What is no id counts as not sent:
    /// the person then chooses.
    pub district: Option<DistrictId>,
    /// What else the application asks for; whom an `id_token_hint` names is not known yet.
    pub demands: Demands,
    /// `prompt=none`: the person must not be shown anything.
    pub silent: bool,
    /// `id_token_hint`, in the sender's words.
    pub id_token_hint: Option<String>,
}

/// Why a request is refused. Before the redirect URI is verified a refusal can only be a page; after
/// it, what the application did wrong is told to the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizeRefusal {
    /// Told to the person, on a page.
    Page(PageRefusal),
    /// Told to the application, by redirect (RFC 6749 section 4.1.2.1).
    Redirect {
        /// Where to.
        redirect: VerifiedRedirect,
        /// The application's mark, unless it is the mark that was malformed.
        state: Option<State>,
        /// What is wrong.
        cause: RedirectRefusal,
    },
}

/// What is wrong with a request, told on a page: whatever comes before the redirect URI is verified,
/// and a link so broken that its person is the one to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageRefusal {
    /// No application has this `client_id`, or none was sent.
    #[error("unknown client_id")]
    UnknownApplication,
    /// The `redirect_uri` is not one of the application's.
    #[error("redirect_uri is not registered")]
    RedirectUriNotRegistered,
    /// `response_type` is missing: the link is broken, and the person is the one to be told.
    #[error("response_type is missing")]
    ResponseTypeMissing,
}

impl PageRefusal {
    /// How the refusal is told.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::UnknownApplication => &error::UNKNOWN_APPLICATION,
            Self::RedirectUriNotRegistered => &error::REDIRECT_URI_NOT_REGISTERED,
            Self::ResponseTypeMissing => &error::RESPONSE_TYPE_MISSING,
        }
    }
}

/// What is wrong with a request that can be answered by redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefusal {
    /// `response_type` is not `code`, nor the `token` that an application may have.
    #[error("response_type is not code")]
    ResponseTypeUnsupported,
    /// A parameter is repeated, too long or says nothing that is known.
    #[error("a parameter is repeated, too long or cannot be read")]
    ParameterMalformed,
    /// The code challenge is not one of method S256.
    #[error("code_challenge is 43 characters of base64url, with code_challenge_method=S256")]
    ChallengeMalformed,
    /// The application must send a code challenge, and did not.
    #[error("code_challenge is missing")]
    ChallengeRequired,
    /// `request` is not taken (OpenID Connect Core section 3.1.2.6).
    #[error("request objects are not taken")]
    RequestObject,
    /// `request_uri` is not taken, and nothing is fetched from it.
    #[error("request_uri is not taken")]
    RequestUri,
    /// Nothing may be asked of the person (`prompt=none`), and nobody is logged in.
    #[error("nobody is logged in")]
    LoginRequired,
    /// Nothing may be asked of the person, and something must be.
    #[error("the person must be asked something")]
    InteractionRequired,
}

impl RedirectRefusal {
    /// How the refusal is told.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::ResponseTypeUnsupported => &error::RESPONSE_TYPE_UNSUPPORTED,
            Self::ParameterMalformed => &error::PARAMETER_MALFORMED,
            Self::ChallengeMalformed => &error::CHALLENGE_MALFORMED,
            Self::ChallengeRequired => &error::CHALLENGE_REQUIRED,
            Self::RequestObject => &error::REQUEST_OBJECT_UNSUPPORTED,
            Self::RequestUri => &error::REQUEST_URI_UNSUPPORTED,
            Self::LoginRequired => &error::LOGIN_REQUIRED,
            Self::InteractionRequired => &error::INTERACTION_REQUIRED,
        }
    }
}

/// Reads the request: who asks, where to, what for, and on what terms. What is wrong is told in the
/// order in which it stands here.
///
/// # Errors
/// See [`AuthorizeRefusal`].
pub fn admit<'a>(
    request: &AuthorizeRequest,
    now: Timestamp,
    find: impl FnOnce(&ClientId) -> Option<&'a Application>,
) -> Result<Admitted<'a>, AuthorizeRefusal> {
    use RedirectRefusal as R;

    // RFC 6749 section 4.1.2.1: an invalid client or redirect URI must not redirect.
    let application = request
        .client_id
        .given()
        .and_then(find)
        // Whether an application was turned off or never was is not told.
        .filter(|application| application.disabled.is_none())
        .ok_or(AuthorizeRefusal::Page(PageRefusal::UnknownApplication))?;

    let redirect = match &request.redirect_uri {
        Parameter::Given(uri) => application.verify_redirect(Some(uri)).ok(),
        Parameter::Absent => application.verify_redirect(None).ok(),
        Parameter::Malformed => None,
    }
    .ok_or(AuthorizeRefusal::Page(PageRefusal::RedirectUriNotRegistered))?;

    if request.response_type == Parameter::Absent {
        return Err(AuthorizeRefusal::Page(PageRefusal::ResponseTypeMissing));
    }

    let state = request.state.given().cloned();
    let refuse = |cause: RedirectRefusal| AuthorizeRefusal::Redirect {
        redirect: redirect.clone(),
        state: state.clone(),
        cause,
    };
    if request.state == Parameter::Malformed || request.scope == Parameter::Malformed {
        return Err(refuse(R::ParameterMalformed));
    }
    let response = response_kind(request, application).map_err(refuse)?;
    if request.request != Parameter::Absent {
        return Err(refuse(R::RequestObject));
    }
    if request.request_uri != Parameter::Absent {
        return Err(refuse(R::RequestUri));
    }
    let challenge = challenge(request, application).map_err(refuse)?;
    if request.nonce == Parameter::Malformed {
        return Err(refuse(R::ParameterMalformed));
    }
    let freshness = freshness(request, application, now).map_err(refuse)?;

    // Sent twice, or in capitals: to ask a child once more does no harm.
    let confirm = match &request.confirmed {
        Parameter::Given(word) => word.eq_ignore_ascii_case("false"),
        Parameter::Malformed => true,
        Parameter::Absent => false,
    };
    let demands = Demands {
        unasked: false,
        response,
        confirm,
        return_unshared: request.return_unshared.given().is_some_and(|word| word == "true"),
        nonce: request.nonce.given().cloned(),
        challenge,
        fresh_since: freshness.since,
        hinted: None,
    };
    Ok(Admitted {
        application,
        district: request.district_id.given().and_then(|text| text.parse().ok()),
        demands,
        silent: freshness.silent,
        id_token_hint: freshness.hint,
        redirect,
        state,
    })
}

/// `response_type` and the `response_mode` that goes with it: a code in the query, or, for an
/// application that may, a token in the fragment.
fn response_kind(
    request: &AuthorizeRequest,
    application: &Application,
) -> Result<ResponseKind, RedirectRefusal> {
    let (kind, mode) = match &request.response_type {
        Parameter::Given(kind) if kind == "code" => (ResponseKind::Code, "query"),
        Parameter::Given(kind) if kind == "token" && application.switches.implicit => {
            (ResponseKind::Token, "fragment")
        }
        Parameter::Malformed => return Err(RedirectRefusal::ParameterMalformed),
        Parameter::Given(_) | Parameter::Absent => {
            return Err(RedirectRefusal::ResponseTypeUnsupported);
        }
    };
    match &request.response_mode {
        Parameter::Absent => Ok(kind),
        Parameter::Given(asked) if asked == mode => Ok(kind),
        Parameter::Given(_) | Parameter::Malformed => Err(RedirectRefusal::ParameterMalformed),
    }
}

/// PKCE: honoured when sent, whoever sends it; required of an application for which it is switched
/// on. A challenge without a method would be `plain` (RFC 7636 section 4.3), which is not taken.
fn challenge(
    request: &AuthorizeRequest,
    application: &Application,
) -> Result<Option<CodeChallenge>, RedirectRefusal> {
    let is_s256 = request.code_challenge_method.given().is_some_and(|method| method == "S256");
    match (&request.code_challenge, request.code_challenge_method == Parameter::Absent) {
        (Parameter::Given(challenge), _) if is_s256 => Ok(Some(*challenge)),
        (Parameter::Absent, true) if application.switches.pkce_required => {
            Err(RedirectRefusal::ChallengeRequired)
        }
        (Parameter::Absent, true) => Ok(None),
        _ => Err(RedirectRefusal::ChallengeMalformed),
    }
}

/// What an application that speaks OpenID Connect says about a session that is there already
/// (Core section 3.1.2.1). The plain dialect has none of it and ignores it.
#[derive(Default)]
struct Freshness {
    since: Option<Timestamp>,
    silent: bool,
    hint: Option<String>,
}

fn freshness(
    request: &AuthorizeRequest,
    application: &Application,
    now: Timestamp,
) -> Result<Freshness, RedirectRefusal> {
    if !application.switches.oidc {
        return Ok(Freshness::default());
    }
    let malformed = RedirectRefusal::ParameterMalformed;
    let (mut silent, mut since) = (false, None);
    match &request.prompt {
        Parameter::Absent => {}
        Parameter::Malformed => return Err(malformed),
        Parameter::Given(words) => {
            let words: Vec<&str> = words.split_ascii_whitespace().collect();
            silent = words.contains(&"none");
            if silent && words.len() > 1 {
                return Err(malformed);
            }
            if words.contains(&"login") || words.contains(&"select_account") {
                since = Some(now);
            }
        }
    }
    match request.max_age {
        Parameter::Absent => {}
        Parameter::Malformed => return Err(malformed),
        Parameter::Given(seconds) => {
            let oldest = now.earlier_by(Duration::from_secs(seconds.into()));
            since = Some(since.map_or(oldest, |since: Timestamp| since.max(oldest)));
        }
    }
    match &request.id_token_hint {
        Parameter::Malformed => Err(malformed),
        hint => Ok(Freshness { since, silent, hint: hint.given().cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::tests::flightschool;

    const GOOD: &str = "response_type=code&client_id=c0ffee";

    /// The outcome in words: `page …`, `redirect … state`, or where an admitted one goes.
    fn outcome(query: &str) -> String {
        outcome_for(&flightschool(), query)
    }

    const NOW: Timestamp = Timestamp::from_milliseconds(1_000_000_000);

    fn outcome_for(application: &Application, query: &str) -> String {
        let request = AuthorizeRequest::parse(query).expect("short enough");
        let find = |id: &ClientId| (*id == application.client_id).then_some(application);
        let state = |state: Option<State>| state.map_or("-".to_owned(), |s| s.as_str().to_owned());
        match admit(&request, NOW, find) {
            Ok(admitted) => format!("{} {}", admitted.redirect.uri(), state(admitted.state)),
            Err(AuthorizeRefusal::Page(cause)) => format!("page {}", cause.face().code),
            Err(AuthorizeRefusal::Redirect { state: mark, cause, .. }) => {
                format!("redirect {} {}", cause.face().oauth_name, state(mark))
            }
        }
    }

    #[test]
    fn the_checks_and_their_outcomes() {
        for (query, expected) in [
            (GOOD.to_owned(), "https://fly.example/cb -"),
            (format!("{GOOD}&state=s&scope=x&foo=bar"), "https://fly.example/cb s"),
            (format!("{GOOD}&state="), "https://fly.example/cb -"),
            (
                format!("{GOOD}&redirect_uri=https://fly.example/other"),
                "https://fly.example/other -",
            ),
            ("response_type=code".into(), "page FB1001"),
            ("response_type=code&client_id=nobody".into(), "page FB1001"),
            (format!("{GOOD}&client_id=c0ffee"), "page FB1001"),
            (format!("{GOOD}&redirect_uri=https://evil.example/"), "page FB1002"),
            (format!("{GOOD}&redirect_uri=/cb"), "page FB1002"),
            ("client_id=c0ffee&state=s".into(), "page FB1003"),
            (
                "client_id=c0ffee&response_type=token&state=s".into(),
                "redirect unsupported_response_type s",
            ),
            (format!("{GOOD}&response_type=code&state=s"), "redirect invalid_request s"),
            (format!("{GOOD}&state=a&state=b"), "redirect invalid_request -"),
        ] {
            assert_eq!(outcome(&query), expected, "{query}");
        }
    }

    fn demands(application: &Application, query: &str) -> Demands {
        let request = AuthorizeRequest::parse(query).expect("short enough");
        admit(&request, NOW, |_| Some(application)).expect(query).demands
    }

    #[test]
    fn what_the_dialect_asks_for() {
        let application = flightschool();
        for (more, confirm, return_unshared) in [
            ("", false, false),
            ("&confirmed=false", true, false),
            ("&confirmed=FALSE", true, false),
            ("&confirmed=true&confirmed=false", true, false),
            ("&confirmed=true", false, false),
            ("&return_unshared=true", false, true),
            ("&return_unshared=TRUE", false, false),
            ("&return_unshared=1", false, false),
            ("&return_unshared=true&return_unshared=true", false, false),
            ("&prompt=login&max_age=1&id_token_hint=x", false, false),
        ] {
            let demands = demands(&application, &format!("{GOOD}{more}"));
            let expected = Demands { confirm, return_unshared, ..Demands::default() };
            assert_eq!(demands, expected, "{more}");
        }
    }

    #[test]
    fn terms_that_are_refused() {
        let challenge = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let plain = flightschool();
        let mut strict = flightschool();
        strict.switches.pkce_required = true;
        let mut implicit = flightschool();
        implicit.switches.implicit = true;
        let mut oidc = flightschool();
        oidc.switches.oidc = true;
        let mut off = flightschool();
        off.disabled = Some(NOW);
        let good = "https://fly.example/cb s";
        let invalid = "redirect invalid_request s";
        let token = GOOD.replace("=code", "=token");
        for (application, query, expected) in [
            (&plain, format!("{GOOD}&{challenge}&code_challenge_method=S256"), good),
            (&plain, format!("{GOOD}&{challenge}"), invalid),
            (&plain, format!("{GOOD}&{challenge}&code_challenge_method=plain"), invalid),
            (&plain, format!("{GOOD}&code_challenge=x&code_challenge_method=S256"), invalid),
            (&plain, format!("{GOOD}&code_challenge_method=S256"), invalid),
            (&strict, GOOD.to_owned(), invalid),
            (&strict, format!("{GOOD}&{challenge}&code_challenge_method=S256"), good),
            (&plain, token.clone(), "redirect unsupported_response_type s"),
            (&implicit, token.clone(), good),
            (&implicit, format!("{token}&response_mode=fragment"), good),
            (&implicit, format!("{token}&response_mode=query"), invalid),
            (&plain, format!("{GOOD}&response_mode=query"), good),
            (&plain, format!("{GOOD}&response_mode=fragment"), invalid),
            (&plain, format!("{GOOD}&response_mode=form_post.jwt"), invalid),
            (&plain, format!("{GOOD}&scope=a&scope=b"), invalid),
            (&plain, format!("{GOOD}&request=x.y."), "redirect request_not_supported s"),
            (
                &plain,
                format!("{GOOD}&request_uri=https://x.example/"),
                "redirect request_uri_not_supported s",
            ),
            (&oidc, format!("{GOOD}&prompt=none"), good),
            (&oidc, format!("{GOOD}&prompt=none+login"), invalid),
            (&oidc, format!("{GOOD}&max_age=-1"), invalid),
            (&oidc, format!("{GOOD}&max_age=1e99"), invalid),
            (&plain, format!("{GOOD}&max_age=-1&prompt=none+login"), good),
            (&off, GOOD.to_owned(), "page FB1001"),
        ] {
            let query = format!("{query}&state=s");
            assert_eq!(outcome_for(application, &query), expected, "{query}");
        }
    }

    #[test]
    fn how_fresh_a_session_must_be() {
        let mut oidc = flightschool();
        oidc.switches.oidc = true;
        let ago = |seconds| NOW.earlier_by(Duration::from_secs(seconds));
        for (more, since) in [
            ("", None),
            ("&prompt=login", Some(NOW)),
            ("&max_age=10", Some(ago(10))),
            ("&max_age=0", Some(NOW)),
            ("&prompt=login&max_age=10", Some(NOW)),
            ("&prompt=consent", None),
            ("&max_age=4294967295", Some(ago(4_294_967_295))),
        ] {
            assert_eq!(demands(&oidc, &format!("{GOOD}{more}")).fresh_since, since, "{more}");
        }
    }

    #[test]
    fn a_district_that_is_no_id_leaves_the_choice_to_the_person() {
        let application = flightschool();
        for (text, expected) in
            [("62817af12d430f5d54001f99", true), ("nonsense", false), ("", false)]
        {
            let request = AuthorizeRequest::parse(&format!("{GOOD}&district_id={text}"));
            let admitted = admit(&request.expect("short"), NOW, |_| Some(&application));
            assert_eq!(admitted.expect("admitted").district.is_some(), expected, "{text}");
        }
    }
}
