//! Replies of the Data API. A refusal is always JSON, `{"message": …}`.

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Json;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::{IntoResponse, Response};
use firstbell_core::error::{self, Face};
use firstbell_core::sharing::OutOfScope;
use firstbell_protocol::data_api::DataError;
use firstbell_store::StoreError;
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use hyper::body::{Frame, SizeHint};
use serde::Serialize;

use super::fault::{RETRY_SOON, chain};

/// An object of one person: no cache on the way may keep it.
pub fn object(object: &impl Serialize) -> Response {
    uncached(Json(object).into_response())
}

/// Objects of a district, printed already.
#[must_use]
pub fn printed(body: Vec<u8>) -> Response {
    json(body.into())
}

/// The same in pieces, which are given back one by one as they are sent.
pub fn printed_in_pieces(pieces: Vec<Vec<u8>>) -> Response {
    let left = pieces.iter().map(|piece| piece.len() as u64).sum();
    json(Body::new(Pieces { pieces: pieces.into_iter(), left }))
}

/// Objects of a district in this body.
pub(super) fn json(body: Body) -> Response {
    let json = (http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    uncached(([json], body).into_response())
}

/// A body that is there in pieces.
struct Pieces {
    pieces: std::vec::IntoIter<Vec<u8>>,
    /// Bytes that are still to be sent.
    left: u64,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.pieces.next();
        self.left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A refusal, where a reply is wanted.
#[must_use]
pub fn refused(fault: DataFault) -> Response {
    fault.into_response()
}

fn uncached(mut response: Response) -> Response {
    must_not_be_kept(&mut response);
    response
}

/// Says that no cache on the way may keep a reply.
pub fn must_not_be_kept(response: &mut Response) {
    let private = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, private);
}

/// A refusal.
#[derive(Debug)]
pub struct DataFault {
    face: &'static Face,
    message: Cow<'static, str>,
}

impl DataFault {
    /// The refusal of this face, in words for the developer.
    #[must_use]
    pub const fn new(face: &'static Face, message: &'static str) -> Self {
        Self { face, message: Cow::Borrowed(message) }
    }

    /// Its face.
    pub const fn face(&self) -> &'static Face {
        self.face
    }

    /// Its words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The refusal of this face, in words that are made for the occasion.
    #[must_use]
    pub const fn told(face: &'static Face, message: String) -> Self {
        Self { face, message: Cow::Owned(message) }
    }
}

/// The words are the dialect's own.
impl From<OutOfScope> for DataFault {
    fn from(refusal: OutOfScope) -> Self {
        Self::new(refusal.face(), "Resource not in token's scopes")
    }
}

impl From<StoreError> for DataFault {
    fn from(error: StoreError) -> Self {
        let (face, message) = store_trouble(&error);
        Self::new(face, message)
    }
}

/// The face of a failure of the database, and what a developer is told of it. The whole story is
/// in the log only.
pub fn store_trouble(error: &StoreError) -> (&'static Face, &'static str) {
    if error.is_busy() {
        (&error::SERVER_BUSY, "More is asked of the server than it can do; try again soon")
    } else {
        // Who has gone is told nothing, and nothing has failed.
        if !matches!(error, StoreError::Abandoned) {
            tracing::error!(cause = chain(error), "the database failed");
        }
        (&error::SERVER_TROUBLE, "Something failed on the server")
    }
}

impl IntoResponse for DataFault {
    fn into_response(self) -> Response {
        refusal(self.face, &DataError { message: &self.message })
    }
}

/// The refusal of this face, with this body.
pub fn refusal(face: &'static Face, body: &impl Serialize) -> Response {
    metrics::counter!("firstbell_refusals_total", "code" => face.code).increment(1);
    let status = StatusCode::from_u16(face.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = uncached((status, Json(body)).into_response());
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, RETRY_SOON);
    }
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
