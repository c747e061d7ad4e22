//! A broker that answers each path as it is told and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

/// What it answers.
#[derive(Clone)]
pub(crate) enum Reply {
    Json(u16, String),
    Html(u16),
    Redirect(u16, String),
    /// So many bytes of JSON white space before an object.
    Long(usize),
    /// Nothing, ever.
    Silence,
}

/// What it was asked.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

#[derive(Clone, Default)]
pub(crate) struct Broker {
    pub(crate) base: String,
    replies: Arc<Mutex<HashMap<String, Reply>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Broker {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let broker = Self { base, ..Self::default() };
        let router = Router::new().fallback(answer).with_state(broker.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        broker
    }

    pub(crate) fn on(&self, path: &str, reply: Reply) -> &Self {
        self.replies.lock().expect("unpoisoned").insert(path.to_owned(), reply);
        self
    }

    pub(crate) fn on_json(&self, path: &str, body: impl Into<String>) -> &Self {
        self.on(path, Reply::Json(200, body.into()))
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("unpoisoned").clone()
    }
}

async fn answer(State(broker): State<Broker>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 65536).await.expect("a body");
    let path = parts.uri.path().to_owned();
    broker.asked.lock().expect("unpoisoned").push(Asked {
        path: path.clone(),
        authorization: text(&parts.headers, &AUTHORIZATION),
        content_type: text(&parts.headers, &CONTENT_TYPE),
        body: String::from_utf8(body.to_vec()).expect("text"),
    });
    let reply = broker.replies.lock().expect("unpoisoned").get(&path).cloned();
    match reply {
        Some(Reply::Json(status, body)) => {
            (code(status), [(CONTENT_TYPE, "application/json")], body).into_response()
        }
        Some(Reply::Html(status)) => {
            let page = "<!doctype html><title>Gateway</title>";
            (code(status), [(CONTENT_TYPE, "text/html")], page).into_response()
        }
        Some(Reply::Redirect(status, to)) => (code(status), [(LOCATION, to)]).into_response(),
        Some(Reply::Long(bytes)) => {
            let mut body = vec![b' '; bytes];
            body.extend_from_slice(br#"{"access_token":"t"}"#);
            Body::from(body).into_response()
        }
        Some(Reply::Silence) => std::future::pending().await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn text(headers: &HeaderMap, name: &axum::http::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}
