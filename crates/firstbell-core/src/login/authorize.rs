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
mod tests;
