//! How Firstbell is called: bounded in time and size, without following redirects, without
//! repeating anything. A reply is judged by its status before its body is believed.

use std::error::Error;
use std::time::Duration;

use firstbell_protocol::oauth::ErrorBody;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use crate::secret::ClientSecret;
use crate::settings::SettingsError;

/// The longest reply that is read.
const MOST_REPLY_BYTES: usize = 1024 * 1024;
/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Firstbell could not be asked, or did not answer in time.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The time of [`Settings::timeout`](crate::Settings::timeout) was over.
    #[error("Firstbell did not answer in time")]
    Timeout,
    /// No connection, no trust in its certificate, or the connection broke.
    #[error("the connection to Firstbell failed")]
    Connection(#[source] Box<dyn Error + Send + Sync>),
}

/// Firstbell answered what it should not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedReply {
    /// A redirect; it is never followed, because credentials would travel with it.
    #[error("a redirect, where a reply belongs")]
    Redirect,
    /// More than a mebibyte.
    #[error("a reply longer than {MOST_REPLY_BYTES} bytes")]
    TooLong,
    /// No JSON, or JSON of another shape: for instance a page of some gateway.
    #[error("a reply that is not the JSON that belongs here")]
    Shape,
    /// A member that must be there is missing, empty or unusable.
    #[error("a reply without a usable `{0}`")]
    Member(&'static str),
    /// A status that means nothing here.
    #[error("a reply with status {0}")]
    Status(u16),
}

#[derive(Debug, Clone)]
pub(crate) struct Transport {
    pub(crate) http: Client,
    pub(crate) tokens: String,
    pub(crate) api: String,
    pub(crate) client_secret: ClientSecret,
}

/// A reply that was read to its end.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    body: Vec<u8>,
}

/// Why a reply could not be read to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    NoAnswer(NoAnswer),
    Malformed(MalformedReply),
}

pub(crate) fn http_client(timeout: Duration) -> Result<Client, SettingsError> {
    Client::builder()
        .user_agent(concat!("firstbell-client/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .timeout(timeout)
        .build()
        .map_err(|error| SettingsError::HttpClient(Box::new(error)))
}

impl Transport {
    /// `POST /oauth/tokens`, with HTTP Basic (RFC 6749 section 2.3.1; this dialect's ids and
    /// secrets need no encoding).
    pub(crate) async fn post_form(&self, client_id: &str, body: String) -> Result<Reply, Failure> {
        let request = self
            .http
            .post(&self.tokens)
            .basic_auth(client_id, Some(self.client_secret.reveal()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        send(request).await
    }

    /// `GET` of a path of the Data API (RFC 6750 section 2.1).
    pub(crate) async fn read(&self, path: &str, token: &str) -> Result<Reply, Failure> {
        send(self.http.get(format!("{}{path}", self.api)).bearer_auth(token)).await
    }
}

impl Reply {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, MalformedReply> {
        serde_json::from_slice(&self.body).map_err(|_| MalformedReply::Shape)
    }

    /// The OAuth error in it, if there is one; its description cut to what a log line holds.
    pub(crate) fn oauth_error(&self) -> Option<ErrorBody> {
        let mut error: ErrorBody = self.json().ok()?;
        for text in [Some(&mut error.error), error.error_description.as_mut()].into_iter().flatten()
        {
            *text = text.chars().filter(|char| !char.is_control()).take(200).collect();
        }
        Some(error)
    }

    /// Whether the same request may well succeed later (RFC 6585 section 4, RFC 9110 section
    /// 15.6).
    pub(crate) fn is_unavailable(&self) -> bool {
        self.status.is_server_error() || self.status == StatusCode::TOO_MANY_REQUESTS
    }
}

async fn send(request: RequestBuilder) -> Result<Reply, Failure> {
    let mut response =
        request.header(ACCEPT, "application/json").send().await.map_err(no_answer)?;
    let status = response.status();
    if status.is_redirection() {
        return Err(Failure::Malformed(MalformedReply::Redirect));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > MOST_REPLY_BYTES {
            return Err(Failure::Malformed(MalformedReply::TooLong));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, body })
}

fn no_answer(error: reqwest::Error) -> Failure {
    Failure::NoAnswer(if error.is_timeout() {
        NoAnswer::Timeout
    } else {
        NoAnswer::Connection(Box::new(error.without_url()))
    })
}
