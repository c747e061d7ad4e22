//! `/healthz` and `/readyz`: for machines that watch. They tell nothing about people.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use firstbell_store::{SchemaState, Store, StoreError};
use http::StatusCode;

use crate::app::App;

/// A database that answers later than this is not one to send people to.
const DEADLINE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process runs.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers and has the schema that this program knows.
pub async fn ready(State(app): State<App>) -> Response {
    let answer = tokio::time::timeout(DEADLINE, state(app.store())).await;
    let Ok(answer) = answer else {
        tracing::warn!("not ready: the database takes its time");
        return (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response();
    };
    match answer {
        Ok(SchemaState::Current) => "ready\n".into_response(),
        Ok(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the database has another schema\n").into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

async fn state(store: &Store) -> Result<SchemaState, StoreError> {
    store
        .read(|tx| {
            let state = tx.schema_state()?;
            Ok(state)
        })
        .await
}
