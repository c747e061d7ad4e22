//! The URLs of the dialects: one for each of their endpoints, and one for their description.

use axum::Router;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use firstbell_protocol::data_api::{Collection, Dialect, Target, openapi};

use super::roster::{self, Asked};
use super::{events, own};
use crate::app::App;
use crate::extract::{AnyBearer, Bearer};
use crate::reply::data_json::DataFault;
use crate::reply::{document, rate};

/// Everything that a dialect can be asked, behind its prefix.
pub fn routes(app: &App, dialect: Dialect) -> Router<App> {
    let mut routes = Router::new();
    for endpoint in dialect.endpoints() {
        let path = format!("{}{}", dialect.prefix(), endpoint.path);
        let answer = async move |State(app): State<App>,
                                 bearer: AnyBearer,
                                 path: RawPathParams,
                                 RawQuery(query): RawQuery| {
            let id = path.iter().next().map(|(_, id)| id.to_owned()).unwrap_or_default();
            let query = query.unwrap_or_default();
            show(&app, bearer, Asked { dialect, endpoint, id, query }).await
        };
        routes = routes.route(&path, get(answer));
    }
    let limited = middleware::from_fn_with_state(app.clone(), rate::limit);
    let description = format!("{}/openapi.json", dialect.prefix());
    routes.layer(limited).route(
        &description,
        get(async move |State(app): State<App>| {
            document::json(openapi::document(dialect, app.urls().api_base()).to_string().into())
        }),
    )
}

/// The unversioned `/me`, in this dialect.
pub fn unversioned(app: &App, dialect: Dialect) -> Router<App> {
    let limited = middleware::from_fn_with_state(app.clone(), rate::limit);
    let me = async move |bearer: Bearer| own::me(dialect, &bearer);
    Router::new().route("/me", get(me)).layer(limited)
}

async fn show(app: &App, bearer: AnyBearer, asked: Asked) -> Result<Response, DataFault> {
    match (asked.endpoint.target, bearer) {
        (Target::Me, bearer) => own::me(asked.dialect, &bearer.of_person()?),
        (_, AnyBearer::Person(bearer)) => own::show(app, *bearer, &asked).await,
        (
            Target::All(Collection::Events) | Target::One(Collection::Events),
            AnyBearer::District(bearer),
        ) => events::show(app, *bearer, asked).await,
        (_, AnyBearer::District(bearer)) => roster::show(app, *bearer, asked).await,
    }
}
