//! The floor: the least honest work for one login.
//!
//! Nothing is left out that a login needs to be safe: secrets are stored hashed, a code is consumed
//! exactly once, what was acknowledged is on the disk. And nothing is in it beyond that: no
//! districts, no sharing, no dispatcher, no texts, no figures, no limits.

use std::path::Path;

use anyhow::Result;
use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Form, Path as InPath, Query, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::floor_store::{Hash, Sealed, Store};
use super::{CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SESSION_COOKIE, session_of};

const DISTRICT: &str = "6741f0a1b2c3d4e5f6071800";

/// The four routes on a new database with so many people.
pub fn router(folder: &Path, people: usize) -> Result<Router> {
    let sessions = (0..people).map(|index| hash(&session_of(index)));
    let store = Store::create(folder, sessions)?;
    Ok(Router::new()
        .route("/oauth/authorize", get(authorize))
        .route("/oauth/tokens", post(tokens))
        .route("/v3.0/me", get(me))
        .route("/v3.0/users/{id}", get(user))
        .with_state(store))
}

#[derive(Deserialize)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    state: String,
}

async fn authorize(
    State(store): State<Store>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    if asked.client_id != CLIENT_ID || asked.redirect_uri != REDIRECT_URI {
        return Err(StatusCode::BAD_REQUEST);
    }
    let cookie = text(&headers, &COOKIE).and_then(|cookies| {
        cookies.split("; ").find_map(|pair| pair.strip_prefix(SESSION_COOKIE)?.strip_prefix('='))
    });
    let session = hash(cookie.ok_or(StatusCode::UNAUTHORIZED)?);
    let person = store.person_of_session(&session).ok_or(StatusCode::UNAUTHORIZED)?;

    let (code, sealed) = secret("", store.number()).ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    store.record_code(sealed, person).await.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;

    let state = crate::form::escape(&asked.state);
    let to = format!("{REDIRECT_URI}?code={code}&scope=read%3Auser_id&state={state}");
    Ok((StatusCode::FOUND, [(LOCATION, to)]).into_response())
}

#[derive(Deserialize)]
struct Presented {
    grant_type: String,
    code: String,
    redirect_uri: String,
}

#[derive(Serialize)]
struct Token {
    access_token: String,
    token_type: &'static str,
}

async fn tokens(
    State(store): State<Store>,
    headers: HeaderMap,
    Form(presented): Form<Presented>,
) -> Result<Response, StatusCode> {
    let basic = text(&headers, &AUTHORIZATION).and_then(|value| value.strip_prefix("Basic "));
    let proof = STANDARD.decode(basic.unwrap_or_default()).unwrap_or_default();
    let is_ours = String::from_utf8(proof).is_ok_and(|proof| {
        proof
            .split_once(':')
            .is_some_and(|(id, secret)| id == CLIENT_ID && hash(secret) == hash(CLIENT_SECRET))
    });
    if !is_ours {
        return Err(StatusCode::UNAUTHORIZED);
    }
    if presented.grant_type != "authorization_code" || presented.redirect_uri != REDIRECT_URI {
        return Err(StatusCode::BAD_REQUEST);
    }

    let code = sealed("", &presented.code).ok_or(StatusCode::BAD_REQUEST)?;
    let minted = secret("il", store.number());
    let (access_token, token) = minted.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    let redeemed = store.redeem(code, token).await;

    redeemed.ok_or(StatusCode::BAD_REQUEST)?;
    let token = Token { access_token, token_type: "bearer" };
    Ok(([(CACHE_CONTROL, "no-store")], Json(token)).into_response())
}

#[derive(Serialize)]
struct Document<T> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    data: T,
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    rel: &'static str,
    uri: String,
}

#[derive(Serialize)]
struct Me {
    id: String,
    district: &'static str,
    r#type: &'static str,
    authorized_by: &'static str,
}

async fn me(State(store): State<Store>, headers: HeaderMap) -> Result<Response, StatusCode> {
    let person = bearer(&store, &headers)?;
    let uri = format!("/v3.0/users/{person}");
    let links = vec![
        Link { rel: "self", uri: "/me".to_owned() },
        Link { rel: "canonical", uri },
        Link { rel: "district", uri: format!("/v3.0/districts/{DISTRICT}") },
    ];
    let data = Me { id: person, district: DISTRICT, r#type: "user", authorized_by: "district" };
    Ok(Json(Document { kind: Some("user"), data, links }).into_response())
}

#[derive(Serialize)]
struct User {
    id: String,
    district: &'static str,
    email: Option<String>,
    name: Name,
    roles: Roles,
}

#[derive(Serialize)]
struct Name {
    first: String,
    last: String,
}

#[derive(Serialize)]
struct Roles {
    student: Student,
}

#[derive(Serialize)]
struct Student {
    legacy_id: String,
    sis_id: String,
    school: String,
    grade: String,
}

async fn user(
    State(store): State<Store>,
    InPath(id): InPath<String>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let person = bearer(&store, &headers)?;
    if person != id {
        return Err(StatusCode::FORBIDDEN);
    }
    let row = store.person(&id).ok_or(StatusCode::NOT_FOUND)?;
    let links = vec![Link { rel: "self", uri: format!("/v3.0/users/{id}") }];
    let data = User {
        id,
        district: DISTRICT,
        email: row.email,
        name: Name { first: row.first, last: row.last },
        roles: Roles {
            student: Student {
                legacy_id: row.legacy_id,
                sis_id: row.sis_id,
                school: row.school,
                grade: row.grade,
            },
        },
    };
    Ok(Json(Document { kind: None, data, links }).into_response())
}

fn bearer(store: &Store, headers: &HeaderMap) -> Result<String, StatusCode> {
    let token = text(headers, &AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let token = token.and_then(|token| sealed("il", token)).ok_or(StatusCode::UNAUTHORIZED)?;
    store.person_of_token(token).ok_or(StatusCode::UNAUTHORIZED)
}

fn text<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn hash(secret: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    hash
}

/// A new secret of 160 random bits, after a prefix and the number of its row, and what is stored.
fn secret(prefix: &str, number: i64) -> Option<(String, Sealed)> {
    let mut bytes = [0; 20];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    let mut secret = format!("{prefix}{number:016x}");
    secret.reserve(40);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            secret.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    let sealed = Sealed { number, hash: hash(&secret) };
    Some((secret, sealed))
}

/// What is stored of a secret that somebody presents.
fn sealed(prefix: &str, secret: &str) -> Option<Sealed> {
    let number = secret.strip_prefix(prefix)?.get(..16)?;
    Some(Sealed { number: i64::from_str_radix(number, 16).ok()?, hash: hash(secret) })
}
