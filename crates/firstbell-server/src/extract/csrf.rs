//! Forms of our own pages: each carries a token made of the session's secret, which no other site
//! knows, beside what the browser says about where the form comes from (`same_origin`).

use firstbell_core::error;
use firstbell_core::secret::{Secret, hexadecimal};
use http::HeaderMap;

use super::{Visit, same_origin};
use crate::app::App;
use crate::reply::Fault;

/// What our own page puts into its forms.
#[must_use]
pub fn token(session: &Secret) -> String {
    let derived = Secret::from_text(format!("csrf {}", session.expose())).hash();
    hexadecimal(&derived.as_bytes()[..16])
}

/// The token of the session that this browser has; empty where it has none.
pub fn of(visit: &Visit) -> String {
    visit.session.as_ref().map(token).unwrap_or_default()
}

/// Checks that a form with this token comes from one of our pages, in the session that it has now.
///
/// # Errors
/// When it comes from elsewhere, or from a page of another session.
pub fn check(app: &App, visit: &Visit, headers: &HeaderMap, sent: &str) -> Result<(), Fault> {
    let fits = visit.session.as_ref().is_some_and(|session| {
        Secret::from_text(token(session)).hash() == Secret::from_text(sent).hash()
    });
    if fits && same_origin::is_from_our_page(headers, app.urls()) {
        Ok(())
    } else {
        Err((&error::FORM_FORGED).into())
    }
}
