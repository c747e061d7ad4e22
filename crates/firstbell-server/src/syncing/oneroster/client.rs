//! A client of a OneRoster service: a token by the client's own credentials (RFC 6749 section 4.4),
//! pages by `limit` and `offset` (OneRoster 1.1 section 3.4.1, 1.2 section 3.3), patience with a
//! service that is tired. It follows no redirect: the token is for this service alone.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use firstbell_core::roster::sync::OneRosterService;
use firstbell_core::secret::Secret;
use firstbell_roster::Collection;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use serde::Deserialize;
use serde_json::Value;
use url::{Host, Url, form_urlencoded};

use super::FetchError;

/// Items that a page is asked to have.
const ITEMS: u64 = 5_000;

/// A page of a collection is no larger.
const MOST_PAGE_BYTES: usize = 64 * 1024 * 1024;

/// A reply that gives a token is no larger.
const MOST_TOKEN_BYTES: usize = 64 * 1024;

/// The longest that a service may ask us to wait.
const MOST_WAITED: Duration = Duration::from_mins(5);

/// How long a service is borne with.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often something is asked before we give up.
    pub tries: u32,
    /// How long it is left alone after the first failure; four times as long after the next.
    pub first_rest: Duration,
}

impl Default for Patience {
    /// Five tries within three minutes.
    fn default() -> Self {
        Self { tries: 5, first_rest: Duration::from_secs(2) }
    }
}

/// A page of a collection.
#[derive(Debug)]
pub struct Page {
    /// The items of it.
    pub items: Vec<Value>,
    /// How many there are in all, where the service says so (`X-Total-Count`).
    pub total: Option<u64>,
}

/// A client of one service.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    service: OneRosterService,
    secret: Secret,
    token: Option<Secret>,
    patience: Patience,
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
}

impl Client {
    /// A client of this service, with its secret.
    ///
    /// # Errors
    /// When an address is none that we ask, or there is no TLS.
    pub fn new(
        service: OneRosterService,
        secret: Secret,
        patience: Patience,
    ) -> Result<Self, FetchError> {
        for address in [&service.root, &service.token_url] {
            check(address)?;
        }
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_mins(2))
            .user_agent("Firstbell")
            .build()
            .map_err(FetchError::Unreached)?;
        Ok(Self { http, service, secret, token: None, patience })
    }

    /// Which version it speaks.
    pub fn version(&self) -> firstbell_core::roster::sync::OneRosterVersion {
        self.service.version
    }

    /// What tells this service, as this client asks it, from another.
    pub fn identity(&self) -> String {
        let OneRosterService { version, root, client_id, filter, .. } = &self.service;
        let filter = filter.as_deref().unwrap_or_default();
        format!("{}\n{root}\n{client_id}\n{filter}\n", version.text())
    }

    /// The page of a collection that begins after `offset` items; none where the service does not
    /// have the collection, or does not let us see it, and a roster can do without.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn page(
        &mut self,
        collection: Collection,
        offset: u64,
    ) -> Result<Option<Page>, FetchError> {
        let url = self.address(collection, offset)?;
        let mut tried = 0;
        let mut has_new_token = false;
        loop {
            let token = self.token().await?;
            let asked = self.http.get(url.clone()).bearer_auth(token.expose());
            let reply = match self.heard(asked, &mut tried).await? {
                Heard::Reply(reply) => reply,
                Heard::Tired => continue,
            };
            let status = reply.status();
            if status == StatusCode::UNAUTHORIZED && !has_new_token {
                // Its time was over.
                self.token = None;
                has_new_token = true;
                continue;
            }
            let is_kept_from_us = matches!(status.as_u16(), 401 | 403 | 404 | 405 | 501);
            if is_kept_from_us && !collection.is_required() {
                return Ok(None);
            }
            if status != StatusCode::OK {
                let what = collection.name().to_owned();
                return Err(FetchError::Status { status: status.as_u16(), what });
            }
            let total = reply.headers().get("x-total-count");
            let total = total.and_then(|total| total.to_str().ok()?.trim().parse().ok());
            match body(reply, MOST_PAGE_BYTES).await {
                Ok(body) => {
                    return items(collection, &body).map(|items| Some(Page { items, total }));
                }
                Err(FetchError::Unreached(cause)) => self.rest(&mut tried, None, cause).await?,
                Err(error) => return Err(error),
            }
        }
    }

    fn address(&self, collection: Collection, offset: u64) -> Result<Url, FetchError> {
        let path = collection.path(self.service.version);
        let text = format!("{}/{path}", self.service.root);
        let mut url = Url::parse(&text).map_err(|_| FetchError::Address(text))?;
        url.query_pairs_mut()
            .append_pair("limit", &ITEMS.to_string())
            .append_pair("offset", &offset.to_string())
            .append_pair("sort", "sourcedId")
            .append_pair("orderBy", "asc");
        if let Some(filter) = &self.service.filter {
            url.query_pairs_mut().append_pair("filter", filter);
        }
        Ok(url)
    }

    async fn token(&mut self) -> Result<Secret, FetchError> {
        if let Some(token) = &self.token {
            return Ok(token.clone());
        }
        let scope = self.service.version.scopes().join(" ");
        let mut tried = 0;
        let reply = loop {
            let form = form_urlencoded::Serializer::new(String::new())
                .append_pair("grant_type", "client_credentials")
                .append_pair("scope", &scope)
                .finish();
            let asked = self
                .http
                .post(&self.service.token_url)
                .basic_auth(&self.service.client_id, Some(self.secret.expose()))
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form);
            match self.heard(asked, &mut tried).await? {
                Heard::Reply(reply) => break reply,
                Heard::Tired => {}
            }
        };
        let status = reply.status();
        if status != StatusCode::OK {
            return Err(FetchError::NoToken(format!("it answered {status}")));
        }
        let body = body(reply, MOST_TOKEN_BYTES).await?;
        let read = serde_json::from_slice::<TokenReply>(&body);
        // The reply itself may hold a token, so it is not told.
        let reply = read.map_err(|_| FetchError::NoToken("its reply holds none".to_owned()))?;
        let token = Secret::from_text(reply.access_token);
        self.token = Some(token.clone());
        Ok(token)
    }

    /// Sends a request. A service that is not reached, or says that it is too much for it, is left
    /// alone for a while.
    async fn heard(&self, asked: RequestBuilder, tried: &mut u32) -> Result<Heard, FetchError> {
        match asked.send().await {
            Err(cause) => self.rest(tried, None, cause).await.map(|()| Heard::Tired),
            Ok(reply) if is_tired(reply.status()) => {
                let wanted = wanted_rest(&reply);
                match reply.error_for_status() {
                    Ok(reply) => Ok(Heard::Reply(reply)),
                    Err(cause) => self.rest(tried, wanted, cause).await.map(|()| Heard::Tired),
                }
            }
            Ok(reply) => Ok(Heard::Reply(reply)),
        }
    }

    async fn rest(
        &self,
        tried: &mut u32,
        wanted: Option<Duration>,
        cause: reqwest::Error,
    ) -> Result<(), FetchError> {
        *tried += 1;
        if *tried >= self.patience.tries {
            // Without the address: its query is nobody's business, and the service is known.
            return Err(FetchError::Unreached(cause.without_url()));
        }
        let own = self.patience.first_rest.saturating_mul(4_u32.saturating_pow(*tried - 1));
        tokio::time::sleep(wanted.unwrap_or(own).min(MOST_WAITED)).await;
        Ok(())
    }
}

enum Heard {
    Reply(Response),
    Tired,
}

fn is_tired(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

/// What `Retry-After` says, in seconds.
fn wanted_rest(reply: &Response) -> Option<Duration> {
    let seconds = reply.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn body(mut reply: Response, most: usize) -> Result<Bytes, FetchError> {
    let mut body = BytesMut::new();
    while let Some(piece) = reply.chunk().await.map_err(FetchError::Unreached)? {
        if body.len() + piece.len() > most {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// The array of a reply, which is named like the collection.
fn items(collection: Collection, body: &[u8]) -> Result<Vec<Value>, FetchError> {
    let no_page = || FetchError::NoPage(collection.name());
    let mut reply: Value = serde_json::from_slice(body).map_err(|_| no_page())?;
    let items = reply.get_mut(collection.name()).ok_or_else(no_page)?;
    match items.take() {
        Value::Array(items) => Ok(items),
        _ => Err(no_page()),
    }
}

/// An address that we may ask: what is sent there is a secret.
///
/// # Errors
/// [`FetchError::Address`] for what is neither encrypted nor on this machine.
pub fn check(address: &str) -> Result<Url, FetchError> {
    let refused = || FetchError::Address(address.to_owned());
    let url = Url::parse(address).map_err(|_| refused())?;
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(refused()),
    };
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_here;
    let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if is_safe && is_plain { Ok(url) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encrypted_or_here_is_asked() {
        for good in
            ["https://sis.example/ims/oneroster", "http://localhost:9/x", "http://127.0.0.1:9/x"]
        {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "http://sis.example/ims/oneroster",
            "https://me:secret@sis.example/",
            "https://sis.example/?a=b",
            "ftp://sis.example/",
            "http://localhost.example/",
            "sis.example",
            "file:///etc/passwd",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_page_is_the_array_of_its_collection() {
        let found = items(Collection::Users, br#"{"users":[{"sourcedId":"1"}]}"#).unwrap();
        assert_eq!(found.len(), 1);
        for bad in ["[]", "{}", r#"{"users":{}}"#, r#"{"orgs":[]}"#, "<html>", ""] {
            assert!(items(Collection::Users, bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
