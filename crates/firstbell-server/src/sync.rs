//! `/sync/{district}`: a district's systems send a roster, as a zip file, and ask what became of it.
//! They prove themselves with the district's upload key. What is sent goes to the spool as it comes,
//! whatever its size; refusals are JSON, `{"message": …}`.

mod receive;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use firstbell_core::error::{self, Face};
use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::sync::{RunState, SyncSource};
use firstbell_core::secret::Secret;
use firstbell_protocol::oauth::bearer;
use firstbell_roster::MOST_ROSTER_BYTES;
use firstbell_store::StoreError;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use crate::app::App;
use crate::reply::data_json::{self, DataFault};
use crate::syncing::print::Reader;
use crate::syncing::report::Report;
use crate::syncing::{BeginError, print};

/// When to try again while another run is under way.
const RETRY_LATER: HeaderValue = HeaderValue::from_static("30");

/// What zip files are called. Browsers and scripts on Windows say the second.
const ZIP_TYPES: [&str; 2] = ["application/zip", "application/x-zip-compressed"];

/// A refusal of an upload.
#[derive(Debug)]
pub struct SyncFault {
    fault: DataFault,
    retry_after: Option<HeaderValue>,
}

impl SyncFault {
    const fn new(face: &'static Face, message: &'static str) -> Self {
        Self { fault: DataFault::new(face, message), retry_after: None }
    }
}

impl From<StoreError> for SyncFault {
    fn from(error: StoreError) -> Self {
        Self { fault: error.into(), retry_after: None }
    }
}

impl From<BeginError> for SyncFault {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Running(_) => Self {
                fault: DataFault::new(
                    &error::SYNC_UNDER_WAY,
                    "Another sync of this district is under way; send the roster again later",
                ),
                retry_after: Some(RETRY_LATER),
            },
            BeginError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for SyncFault {
    fn into_response(self) -> Response {
        let mut response = self.fault.into_response();
        if let Some(span) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, span);
        }
        response
    }
}

const NO_KEY: SyncFault =
    SyncFault::new(&error::SYNC_KEY_INVALID, "Send the district's upload key as a bearer token");

const NOT_FOUND: SyncFault = SyncFault::new(&error::SYNC_NOT_FOUND, "Resource not found");

/// Whether the body of a request goes to the spool as it comes, instead of being read first.
pub fn streams<B>(request: &http::Request<B>) -> bool {
    request.uri().path().starts_with("/sync/")
}

/// Takes in a roster; what becomes of it is told at the address that is given back.
///
/// # Errors
/// See [`SyncFault`].
pub async fn upload(
    State(app): State<App>,
    Path(named): Path<String>,
    request: Request,
) -> Result<Response, SyncFault> {
    let district = district_of_key(&app, &named, request.headers()).await?;
    check_headers(request.headers())?;

    let run = app.syncing().begin(district, SyncSource::Upload, None).await?;

    // The request may go away at any moment; what it has begun is brought to an end all the same.
    let id = run.id;
    let receiving = tokio::spawn(receive::receive(run, request.into_body()));
    receiving.await.map_err(|_| SyncFault::new(&error::SERVER_TROUBLE, "Something failed"))??;

    let body = Json(json!({ "id": id.to_string(), "state": "running" }));
    let mut response = (StatusCode::ACCEPTED, body).into_response();
    data_json::must_not_be_kept(&mut response);
    if let Ok(address) = HeaderValue::try_from(format!("/sync/{named}/runs/{id}")) {
        response.headers_mut().insert(LOCATION, address);
    }
    Ok(response)
}

/// What became of a run of the district.
///
/// # Errors
/// See [`SyncFault`].
pub async fn show(
    State(app): State<App>,
    Path((named, run)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, SyncFault> {
    let district = district_of_key(&app, &named, &headers).await?;
    let id: SyncRunId = run.parse().map_err(|_| NOT_FOUND)?;

    let found = app.store().read(move |tx| {
        let mut district = tx.district(district);
        let Some(run) = district.sync_run(id)? else { return Ok(None) };
        Ok::<_, StoreError>(Some((run, district.sync_report(id)?)))
    });
    let (run, report) = found.await?.ok_or(NOT_FOUND)?;

    // Half a report is none.
    let is_running = matches!(run.state, RunState::Running { .. });
    let report = report.filter(|_| !is_running).and_then(|text| Report::read(&text).ok());
    let printed = print::json(Reader::District, &named, &run, report.as_ref());
    Ok(data_json::object(&printed))
}

/// The district whose key the request carries, if it is the one in the address. Who has no key
/// learns nothing about which districts there are.
async fn district_of_key(
    app: &App,
    named: &str,
    headers: &HeaderMap,
) -> Result<DistrictId, SyncFault> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = match (sent.next(), sent.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    };
    let key = Secret::from_text(header.and_then(bearer::in_header).ok_or(NO_KEY)?);
    let hash = key.hash();
    let found = app.store().look(move |tx| tx.district_of_sync_key(&hash)).await?;
    let district = found.ok_or(NO_KEY)?;
    if app.settings().district(district).is_none() {
        // It is newer than the settings of this node.
        app.refresh_settings().await?;
    }
    let settings = app.settings();
    let is_named = |it: &&firstbell_core::roster::District| it.shortname.as_str() == named;
    settings.district(district).filter(is_named).map(|it| it.id).ok_or(NOT_FOUND)
}

fn check_headers(headers: &HeaderMap) -> Result<(), SyncFault> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let kind = text(CONTENT_TYPE).and_then(|value| value.split(';').next()).unwrap_or_default();
    if !ZIP_TYPES.iter().any(|zip| kind.trim().eq_ignore_ascii_case(zip)) {
        return Err(SyncFault::new(
            &error::SYNC_NOT_A_ZIP,
            "Send the roster as a zip file, with Content-Type: application/zip",
        ));
    }
    let length = text(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > MOST_ROSTER_BYTES) {
        return Err(receive::TOO_LARGE);
    }
    Ok(())
}
