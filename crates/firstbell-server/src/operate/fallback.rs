//! What is not there: JSON for paths of the Data API and the token endpoint, a page for people.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use firstbell_core::error::{self, Face};
use http::Uri;

use crate::app::App;
use crate::extract::Visit;
use crate::reply::Fault;
use crate::reply::data_json::DataFault;

/// No such path.
pub async fn not_found(State(app): State<App>, uri: Uri, visit: Visit) -> Response {
    tell(&app, &uri, &visit, &error::PAGE_NOT_FOUND, "Resource not found").await
}

/// The path is there, but not for this method.
pub async fn method_not_allowed(State(app): State<App>, uri: Uri, visit: Visit) -> Response {
    tell(&app, &uri, &visit, &error::METHOD_NOT_ALLOWED, "Method not allowed").await
}

async fn tell(
    app: &App,
    uri: &Uri,
    visit: &Visit,
    face: &'static Face,
    message: &'static str,
) -> Response {
    if is_for_programs(uri.path()) {
        DataFault::new(face, message).into_response()
    } else {
        Fault::from(face).then("/").page(app, visit).await
    }
}

fn is_for_programs(path: &str) -> bool {
    let word = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let is_version = word.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|digit: char| digit.is_ascii_digit())
            && rest.chars().all(|c| c.is_ascii_digit() || c == '.')
    });
    let is_for_oauth_clients = ["tokens", "tokeninfo", "revoke", "certs"]
        .iter()
        .any(|name| path.strip_prefix("/oauth/") == Some(name));
    is_version
        || is_for_oauth_clients
        || matches!(word, "me" | "userinfo" | "sync" | ".well-known" | "ims")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_people_are_told_apart_by_the_path() {
        for path in [
            "/v3.0/nothing",
            "/v9/x",
            "/me",
            "/me/x",
            "/oauth/tokens",
            "/oauth/revoke",
            "/sync/ada",
            "//v2.1/x",
            "/ims/oneroster",
        ] {
            assert!(is_for_programs(path), "{path}");
        }
        for path in ["/", "/in/ada", "/vincent", "/v", "/oauth/authorize", "/menu"] {
            assert!(!is_for_programs(path), "{path}");
        }
    }
}
