//! Sending a browser on.

use axum::response::{IntoResponse, Response};
use firstbell_core::application::{VerifiedRedirect, WebAddress};
use firstbell_core::login::step::ResponseKind;
use firstbell_core::secret::Secret;
use firstbell_protocol::vocabulary::{RoleKind, State};
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};

/// To another page of ours, to be asked for with GET (RFC 9110 section 15.4.4).
#[must_use]
pub fn onward(path: &str) -> Response {
    reply(StatusCode::SEE_OTHER, path)
}

/// An answer to an application: where it goes, and what it carries whatever it says.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Where to.
    pub redirect: &'a VerifiedRedirect,
    /// The application's mark, untouched; only where one was sent.
    pub state: Option<&'a State>,
    /// Our issuer identifier, for applications that check it (RFC 9207).
    pub issuer: Option<&'a str>,
    /// What the application is answered with, which says where the answer stands.
    pub kind: ResponseKind,
}

/// What the dialect tells beside a code or token.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks {
    /// An administrator acts as the person.
    pub by_admin: bool,
    /// The role in which the person comes.
    pub role: Option<RoleKind>,
}

impl Answer<'_> {
    /// A code (RFC 6749 section 4.1.2): `code` and `scope` always.
    #[must_use]
    pub fn code(&self, code: &Secret, scope: &str, marks: Marks) -> Response {
        let parameters = self.with(&[("code", code.expose()), ("scope", scope)], marks);
        reply(StatusCode::FOUND, &self.redirect.uri().with_query(&parameters))
    }

    /// A token in the fragment (RFC 6749 section 4.2.2).
    #[must_use]
    pub fn token(&self, token: &Secret, scope: &str, marks: Marks) -> Response {
        let own = [("access_token", token.expose()), ("token_type", "bearer"), ("scope", scope)];
        let parameters = self.with(&own, marks);
        reply(StatusCode::FOUND, &self.redirect.uri().with_fragment(&parameters))
    }

    /// A refusal by its name (RFC 6749 sections 4.1.2.1 and 4.2.2.1).
    #[must_use]
    pub fn refusal(&self, error: &str) -> Response {
        let parameters = self.with(&[("error", error)], Marks::default());
        let uri = self.redirect.uri();
        let location = match self.kind {
            ResponseKind::Code => uri.with_query(&parameters),
            ResponseKind::Token => uri.with_fragment(&parameters),
        };
        reply(StatusCode::FOUND, &location)
    }

    fn with<'p>(&'p self, own: &[(&'p str, &'p str)], marks: Marks) -> Vec<(&'p str, &'p str)> {
        let mut parameters = own.to_vec();
        parameters.extend(self.state.map(|state| ("state", state.as_str())));
        parameters.extend(marks.by_admin.then_some(("loginas_by_admin", "true")));
        parameters.extend(marks.role.map(|role| ("role_hint", role.name())));
        parameters.extend(self.issuer.map(|issuer| ("iss", issuer)));
        parameters
    }
}

/// What an application is told that begins every login itself.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// Our issuer identifier.
    pub issuer: &'a str,
    /// Who wants to come in.
    pub login_hint: &'a str,
    /// Where the person wants to be.
    pub target: &'a str,
    /// An administrator acts as the person.
    pub by_admin: bool,
}

/// To where an application wants logins to begin that it did not start (OpenID Connect Core
/// section 4): it comes back with an authorization request of its own.
#[must_use]
pub fn to_initiate(initiate: &WebAddress, launch: Launch<'_>) -> Response {
    let mut parameters = vec![
        ("iss", launch.issuer),
        ("login_hint", launch.login_hint),
        ("target_link_uri", launch.target),
    ];
    parameters.extend(launch.by_admin.then_some(("loginas_by_admin", "true")));
    reply(StatusCode::FOUND, &initiate.with_query(&parameters))
}

/// A code must not be kept by a cache, and no page on the way should learn where it came from.
fn reply(status: StatusCode, location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        tracing::error!("a redirect cannot be written as a header");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
