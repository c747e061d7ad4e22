//! A broker that logs in whoever it is told, without asking.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Path, RawQuery, State};
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

pub(crate) const DISTRICT: &str = "62817af12d430f5d54001f99";
pub(crate) const OTHER_DISTRICT: &str = "62817af12d430f5d54001faa";

/// What the broker does next, and what it has seen.
#[derive(Default)]
pub(crate) struct Manners {
    /// Who has a session at the broker: the `data` of `/users/{id}`.
    person: Value,
    codes: HashMap<String, Value>,
    issued: usize,
    /// Codes that were exchanged.
    pub(crate) exchanged: Vec<String>,
    /// Answer authorization requests with this error.
    pub(crate) refuse_with: Option<&'static str>,
    /// Forget the state, as a broken broker would.
    pub(crate) drops_state: bool,
    /// Answer at these places with a status and a text.
    pub(crate) broken: HashMap<&'static str, (u16, &'static str)>,
}

#[derive(Clone)]
pub(crate) struct Broker {
    pub(crate) base: String,
    manners: Arc<Mutex<Manners>>,
}

/// A person as `/users/{id}` tells of them.
pub(crate) fn person(number: u32, first: &str, last: &str, role: &str) -> Value {
    json!({
        "id": format!("{number:024x}"), "district": DISTRICT,
        "email": format!("{number}@x.example"),
        "name": {"first": first, "last": last}, "created": "2022-05-15T22:20:03.535Z",
        "roles": {role: {"legacy_id": format!("{:024x}", number + 9999), "schools": []}},
    })
}

impl Broker {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let broker = Self { base, manners: Arc::default() };
        let router = Router::new()
            .route("/oauth/authorize", get(authorize))
            .route("/oauth/tokens", post(tokens))
            .route("/v3.0/me", get(me))
            .route("/v3.0/users/{id}", get(user))
            .with_state(broker.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        broker
    }

    pub(crate) fn manners(&self) -> MutexGuard<'_, Manners> {
        self.manners.lock().expect("unpoisoned")
    }

    /// This person has the session at the broker now.
    pub(crate) fn log_in(&self, person: &Value) {
        self.manners().person = person.clone();
    }

    /// A code for whoever has the session, as a portal's tile carries it.
    pub(crate) fn code(&self) -> String {
        let mut manners = self.manners();
        manners.issued += 1;
        let code = format!("code{}", manners.issued);
        let person = manners.person.clone();
        manners.codes.insert(code.clone(), person);
        code
    }

    fn broken(&self, place: &str) -> Option<Response> {
        let (status, body) = *self.manners().broken.get(place)?;
        Some((StatusCode::from_u16(status).expect("a status"), body).into_response())
    }

    /// The person a token was issued for: the token is the person.
    fn owner(headers: &HeaderMap) -> Value {
        let header = headers[AUTHORIZATION].to_str().expect("text");
        let token = header.strip_prefix("Bearer ").expect("a bearer token");
        let bytes = (0..token.len()).step_by(2);
        let bytes: Vec<u8> =
            bytes.map(|at| u8::from_str_radix(&token[at..at + 2], 16).expect("digits")).collect();
        serde_json::from_slice(&bytes).expect("a person")
    }
}

async fn authorize(State(broker): State<Broker>, RawQuery(query): RawQuery) -> Response {
    if let Some(broken) = broker.broken("authorize") {
        return broken;
    }
    let query = query.expect("a query");
    let query: HashMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], "4c63c1cf623dce82caac");
    let refusal = broker.manners().refuse_with;
    let mut to = match refusal {
        Some(error) => format!("{}?error={error}", query["redirect_uri"]),
        None => format!("{}?code={}&scope=read%3Auser_id", query["redirect_uri"], broker.code()),
    };
    if !broker.manners().drops_state {
        to = format!("{to}&state={}", query["state"]);
    }
    (StatusCode::FOUND, [(LOCATION, to)]).into_response()
}

async fn tokens(State(broker): State<Broker>, headers: HeaderMap, body: String) -> Response {
    if let Some(broken) = broker.broken("tokens") {
        return broken;
    }
    assert!(headers[AUTHORIZATION].to_str().expect("text").starts_with("Basic "));
    let form: HashMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!(form["grant_type"], "authorization_code");
    assert!(form["redirect_uri"].ends_with("/oauth/callback"));
    let mut manners = broker.manners();
    manners.exchanged.push(form["code"].clone());
    if let Some(person) = manners.codes.remove(&form["code"]) {
        let digits = |token, byte| format!("{token}{byte:02x}");
        let token = person.to_string().bytes().fold(String::new(), digits);
        Json(json!({"access_token": token, "token_type": "bearer"})).into_response()
    } else {
        let body = json!({"error": "invalid_grant", "error_description": "invalid code"});
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

async fn me(State(broker): State<Broker>, headers: HeaderMap) -> Response {
    broker.broken("me").unwrap_or_else(|| {
        let owner = Broker::owner(&headers);
        let data = json!({
            "id": owner["id"], "district": owner["district"], "type": "user",
            "authorized_by": "district",
        });
        Json(json!({"type": "user", "data": data, "links": []})).into_response()
    })
}

async fn user(
    State(broker): State<Broker>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    broker.broken("user").unwrap_or_else(|| {
        let owner = Broker::owner(&headers);
        assert_eq!(owner["id"], id);
        Json(json!({"data": owner, "links": []})).into_response()
    })
}
