//! `POST /oauth/tokens`: nothing that is sent twice is taken, as a form or as JSON, and both say
//! the same. The input is the value of `Content-Type`, a line end, that of `Authorization`, a line
//! end, and the body.

use std::fmt;

use firstbell_protocol::oauth::{BodyKind, ClientCredentials, TokenRequest, TokenRequestError};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::form;

const NAMES: [&str; 7] =
    ["grant_type", "code", "redirect_uri", "code_verifier", "scope", "client_id", "client_secret"];

fn members(request: &TokenRequest) -> [Option<&str>; 7] {
    [
        &request.grant_type,
        &request.code,
        &request.redirect_uri,
        &request.code_verifier,
        &request.scope,
        &request.client_id,
        &request.client_secret,
    ]
    .map(Option::as_deref)
}

/// Takes two headers and a body.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let mut header = || std::str::from_utf8(parts.next().unwrap_or_default()).ok();
    let (content_type, authorization) = (header(), header());
    let body = parts.next().unwrap_or_default();

    if let Some(text) = authorization {
        credentials(text);
    }
    for kind in [BodyKind::Form, BodyKind::Json] {
        match (kind, TokenRequest::parse(kind, body)) {
            (BodyKind::Form, Ok(request)) => of_form(&request, body),
            (BodyKind::Json, Ok(request)) => of_json(&request, body),
            (_, Err(error)) => assert_ne!(error, TokenRequestError::ContentType),
        }
    }
    if let Ok(kind) = BodyKind::of(content_type) {
        let text = content_type.unwrap_or_default().to_ascii_lowercase();
        let (essence, _) = text.split_once(';').unwrap_or((&text, ""));
        let word = if kind == BodyKind::Form { "x-www-form-url" } else { "json" };
        assert!(essence.trim().starts_with(&format!("application/{word}")), "{text}");
    }
}

fn of_form(request: &TokenRequest, body: &[u8]) {
    for (name, taken) in NAMES.into_iter().zip(members(request)) {
        let sent = form::values(body, name);
        assert!(sent.len() <= 1, "{name} was sent twice");
        let sent = sent.first().map(|value| String::from_utf8_lossy(value));
        assert_eq!(taken, sent.as_deref().filter(|value| !value.is_empty()), "{name}");
    }
    let said = NAMES.into_iter().zip(members(request));
    let object: serde_json::Map<_, _> =
        said.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let again = TokenRequest::parse(BodyKind::Json, Value::Object(object).to_string().as_bytes());
    assert_eq!(again.as_ref(), Ok(request), "forms and JSON say the same");
}

fn of_json(request: &TokenRequest, body: &[u8]) {
    let Members(sent) = serde_json::from_slice(body).expect("an object");
    for (name, taken) in NAMES.into_iter().zip(members(request)) {
        let mut values = sent.iter().filter(|member| member.0 == name).map(|member| &member.1);
        let value = values.next().unwrap_or(&Value::Null);
        assert_eq!(values.next(), None, "{name} was sent twice");
        // Who exchanges a code is not asked for a scope, and may mean something else by it.
        let may_be_else = name == "scope";
        assert!(value.is_string() || value.is_null() || may_be_else, "{name}");
        assert_eq!(taken, value.as_str().filter(|value| !value.is_empty()), "{name}");
    }
}

/// The members of a JSON object that we know, also those that stand there twice. Others are passed
/// over, however deep they are.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = from.next_key::<String>()? {
                    if NAMES.contains(&name.as_str()) {
                        members.push((name, from.next_value()?));
                    } else {
                        from.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Members(members))
            }
        }

        from.deserialize_map(Object)
    }
}

/// What is taken from a header is what its Base64 says, decoded once more as parts of a form, and
/// agrees with itself alone.
fn credentials(header: &str) {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let Ok(taken) = ClientCredentials::from_basic(header) else { return };
    let (id, secret) = (taken.client_id.as_str(), taken.client_secret.as_str());
    // What was taken has all of these; where it has not, that is the finding.
    let (_, written) = header.split_once(' ').expect("a scheme");
    let plain = STANDARD.decode(written.trim()).expect("Base64");
    let colon = plain.iter().position(|byte| *byte == b':').expect("a colon");
    assert_eq!(id.as_bytes(), form::decoded(&plain[..colon]), "{header}");
    assert_eq!(secret.as_bytes(), form::decoded(&plain[colon + 1..]), "{header}");
    let agreed = ClientCredentials::agree(Some(taken.clone()), Some(id), Some(secret));
    assert_eq!(agreed.as_ref(), Ok(&taken));
    let other = format!("{id}x");
    assert!(ClientCredentials::agree(Some(taken.clone()), Some(&other), None).is_err());
}
