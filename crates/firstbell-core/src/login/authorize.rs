//! A login that an application starts: is the request one to go on with? The checks of
//! [`admit`] stand in the order in which they are made.

use firstbell_protocol::oauth::authorize_request::{AuthorizeRequest, Parameter};
use firstbell_protocol::vocabulary::{ClientId, State};

use crate::application::{Application, VerifiedRedirect};
use crate::error::{self, Face};
use crate::id::DistrictId;

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
    /// `response_type` is not `code`.
    #[error("response_type is not code")]
    ResponseTypeUnsupported,
    /// `response_type` or `state` is repeated or too long.
    #[error("a parameter is repeated or too long")]
    ParameterMalformed,
}

impl RedirectRefusal {
    /// How the refusal is told.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::ResponseTypeUnsupported => &error::RESPONSE_TYPE_UNSUPPORTED,
            Self::ParameterMalformed => &error::PARAMETER_MALFORMED,
        }
    }
}

/// Reads the request as the specification has it: who asks, where to, what for.
///
/// # Errors
/// See [`AuthorizeRefusal`].
pub fn admit<'a>(
    request: &AuthorizeRequest,
    find: impl FnOnce(&ClientId) -> Option<&'a Application>,
) -> Result<Admitted<'a>, AuthorizeRefusal> {
    // RFC 6749 section 4.1.2.1: an invalid client or redirect URI must not redirect.
    let application = match &request.client_id {
        Parameter::Given(client_id) => find(client_id),
        Parameter::Absent | Parameter::Malformed => None,
    }
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

    let state = match &request.state {
        Parameter::Given(state) => Some(state.clone()),
        Parameter::Absent | Parameter::Malformed => None,
    };
    let cause = match (&request.state, &request.response_type) {
        (Parameter::Malformed, _) | (_, Parameter::Malformed) => {
            Some(RedirectRefusal::ParameterMalformed)
        }
        (_, Parameter::Given(kind)) if kind == "code" => None,
        _ => Some(RedirectRefusal::ResponseTypeUnsupported),
    };
    if let Some(cause) = cause {
        return Err(AuthorizeRefusal::Redirect { redirect, state, cause });
    }

    let district = match &request.district_id {
        Parameter::Given(text) => text.parse().ok(),
        Parameter::Absent | Parameter::Malformed => None,
    };
    Ok(Admitted { application, redirect, state, district })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::tests::flightschool;

    const GOOD: &str = "response_type=code&client_id=c0ffee";

    /// The outcome in words: `page …`, `redirect … state`, or where an admitted one goes.
    fn outcome(query: &str) -> String {
        let application = flightschool();
        let request = AuthorizeRequest::parse(query).expect("short enough");
        let find = |id: &ClientId| (*id == application.client_id).then_some(&application);
        let state = |state: Option<State>| state.map_or("-".to_owned(), |s| s.as_str().to_owned());
        match admit(&request, find) {
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

    #[test]
    fn a_district_that_is_no_id_leaves_the_choice_to_the_person() {
        let application = flightschool();
        for (text, expected) in
            [("62817af12d430f5d54001f99", true), ("nonsense", false), ("", false)]
        {
            let request = AuthorizeRequest::parse(&format!("{GOOD}&district_id={text}"));
            let admitted = admit(&request.expect("short"), |_| Some(&application));
            assert_eq!(admitted.expect("admitted").district.is_some(), expected, "{text}");
        }
    }
}
