//! The login, in the order in which it happens:
//!
//! 1. [`start`]: the button. Remember a `state` in a cookie, send the person to Firstbell.
//! 2. [`callback`] without `state`: they came from the portal. Throw the code away, go to 1; their
//!    session at Firstbell makes it invisible.
//! 3. [`callback`] with our `state`: first end whatever session this browser had, then exchange
//!    the code, ask who it is, find or make the account, begin a session.

use axum::extract::{RawQuery, State};
use axum::http::header::{LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use firstbell_client::{Callback, CallbackError, LoginStart, VerifiedCode};

use crate::app::App;
use crate::browser::Cookie;
use crate::session::{SessionHash, SessionKey};
use crate::trouble::Trouble;

/// `GET /login`.
pub(crate) async fn start(State(app): State<App>, headers: HeaderMap) -> Result<Response, Trouble> {
    let cookie = app.site.read_cookie(&headers, Cookie::Login);
    let start = app.firstbell.start(cookie, app.random()?, app.now());
    to_firstbell(&app, &start)
}

/// `GET /oauth/callback`, the redirect URI of every district. No reply of it lets the code in its
/// URL travel on as a referrer.
pub(crate) async fn callback(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut response = arrival(&app, &query.unwrap_or_default(), &headers).await.into_response();
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

async fn arrival(app: &App, query: &str, headers: &HeaderMap) -> Result<Response, Response> {
    let cookie = app.site.read_cookie(headers, Cookie::Login);
    match Callback::read(query, cookie, app.now()) {
        Ok(Callback::Code(code)) => {
            let login_cookie = app.site.set_cookie(Cookie::Login, code.cookie_after());
            match override_session(app, code, headers).await {
                Ok(session) => {
                    let session = app.site.set_cookie(Cookie::Session, session.as_cookie());
                    Ok(see_other("/home", [login_cookie, session]))
                }
                Err(trouble) => Err(logged_out(app, login_cookie, trouble)),
            }
        }
        Ok(Callback::Restart(restart)) => {
            let random = app.random().map_err(|error| Trouble::from(error).into_response())?;
            let start = app.firstbell.restart(restart, random, app.now());
            to_firstbell(app, &start).map_err(IntoResponse::into_response)
        }
        Ok(Callback::Refused(refused)) => {
            let login_cookie = app.site.set_cookie(Cookie::Login, refused.cookie_after());
            let trouble = match end_session(app, headers).await {
                Ok(()) => Trouble::from(refused.refusal),
                Err(trouble) => trouble,
            };
            Err(logged_out(app, login_cookie, trouble))
        }
        Err(error) => {
            let mut response = Trouble::from(error).into_response();
            if error == CallbackError::RestartLoop {
                let forget = app.site.set_cookie(Cookie::Login, "");
                response.headers_mut().append(SET_COOKIE, forget);
            }
            Err(response)
        }
    }
}

/// The old session ends before anything can fail: whoever sits here now, it is not to be the
/// person before them. The token is dropped as soon as it has said who they are.
async fn override_session(
    app: &App,
    code: VerifiedCode,
    headers: &HeaderMap,
) -> Result<SessionKey, Trouble> {
    end_session(app, headers).await?;
    let token = app.firstbell.exchange(code).await?;
    let person = app.firstbell.person(&token).await?;

    let session = SessionKey::new(app.random()?);
    app.store.admit(person, session.hash(), app.now()).await?;
    Ok(session)
}

/// Ends the session of this browser, if it has one.
pub(crate) async fn end_session(app: &App, headers: &HeaderMap) -> Result<(), Trouble> {
    if let Some(session) = SessionHash::presented(app, headers) {
        app.store.end(session).await?;
    }
    Ok(())
}

/// A login that failed: its page, and nobody logged in.
fn logged_out(app: &App, login_cookie: HeaderValue, trouble: Trouble) -> Response {
    let session = app.site.set_cookie(Cookie::Session, "");
    (AppendHeaders([(SET_COOKIE, login_cookie), (SET_COOKIE, session)]), trouble).into_response()
}

fn to_firstbell(app: &App, start: &LoginStart) -> Result<Response, Trouble> {
    let location = HeaderValue::try_from(&start.authorize_url).map_err(std::io::Error::other)?;
    let cookie = app.site.set_cookie(Cookie::Login, &start.cookie);
    Ok((StatusCode::FOUND, [(LOCATION, location), (SET_COOKIE, cookie)]).into_response())
}

/// 303: the browser follows with GET, whatever it sent.
pub(crate) fn see_other<const N: usize>(path: &'static str, cookies: [HeaderValue; N]) -> Response {
    let cookies = AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie)));
    (StatusCode::SEE_OTHER, [(LOCATION, path)], cookies).into_response()
}
