//! A client of a OneRoster service: a token by the client's own credentials (RFC 6749 section 4.4),
//! pages by `limit` and `offset` (OneRoster 1.1 section 3.4.1, 1.2 section 3.3), patience with a
//! service that is tired. It follows no redirect: the token is for this service alone.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use firstbell_core::reach::{Reach, ServiceRefusal, reach_of_service};
use firstbell_core::roster::sync::{FETCH_LANES, OneRosterService};
use firstbell_core::secret::Secret;
use firstbell_roster::Collection;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::FetchError;
use crate::webhooks::sender::Names;

/// Items that a page is asked to have, and has at most.
pub(super) const ITEMS: usize = 2_000;

/// A page of a collection is no larger: 8 KiB an item.
const MOST_PAGE_BYTES: usize = 16 * 1024 * 1024;

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
    /// Who takes longer to give a whole roster is slow, and shares lanes with others that are.
    pub prompt: Duration,
    /// How long a whole fetch may take. Meanwhile it holds its district.
    pub longest: Duration,
    /// How many pages a whole fetch may have.
    pub most_pages: u32,
}

impl Default for Patience {
    /// Five tries within three minutes; an hour, and what a million records are in pages of a
    /// hundred.
    fn default() -> Self {
        Self {
            tries: 5,
            first_rest: Duration::from_secs(2),
            prompt: FETCH_LANES.prompt,
            longest: Duration::from_hours(1),
            most_pages: 10_000,
        }
    }
}

/// What a service answered when it was asked for a page.
#[derive(Debug)]
pub struct Page {
    /// The reply, as it came.
    pub body: Bytes,
    /// How many items there are in all, where the service says so (`X-Total-Count`).
    pub total: Option<u64>,
}

/// A client of one service.
#[derive(Debug)]
pub struct Client {
    pages: reqwest::Client,
    tokens: reqwest::Client,
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
        let reach = reach_of_service(&service.root)?;
        let reach_of_tokens = reach_of_service(&service.token_url)?;
        let pages = http(reach)?;
        let tokens = if reach_of_tokens == reach { pages.clone() } else { http(reach_of_tokens)? };
        Ok(Self { pages, tokens, service, secret, token: None, patience })
    }

    /// How long the service is borne with.
    pub fn patience(&self) -> Patience {
        self.patience
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
    /// have the collection, or does not let us see it, and a roster can do without. That is for the
    /// first page to say: half a collection is none.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn page(
        &mut self,
        collection: Collection,
        offset: u64,
    ) -> Result<Option<Page>, FetchError> {
        let url = self.address(collection, offset, ITEMS)?;
        let may_be_absent = offset == 0 && !collection.is_required();
        let mut tried = 0;
        loop {
            let reply = self.asked(&url, &mut tried).await?;
            let status = reply.status();
            if may_be_absent && matches!(status.as_u16(), 401 | 403 | 404 | 405 | 501) {
                return Ok(None);
            }
            let total = total(&reply, collection)?;
            match body(reply, MOST_PAGE_BYTES).await {
                Ok(body) => return Ok(Some(Page { body, total })),
                Err(FetchError::Unreached(cause)) => self.rest(&mut tried, None, cause).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// How many items there are in a collection now, where the service says so.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn total(&mut self, collection: Collection) -> Result<Option<u64>, FetchError> {
        let url = self.address(collection, 0, 1)?;
        let reply = self.asked(&url, &mut 0).await?;
        total(&reply, collection)
    }

    /// What it answers at an address of its own, asked with a token; with a new one where its time
    /// was over.
    async fn asked(&mut self, url: &Url, tried: &mut u32) -> Result<Response, FetchError> {
        let mut has_new_token = false;
        loop {
            let token = self.token().await?;
            let asked = self.pages.get(url.clone()).bearer_auth(token.expose());
            let Heard::Reply(reply) = self.heard(asked, tried).await? else { continue };
            if reply.status() != StatusCode::UNAUTHORIZED || has_new_token {
                return Ok(reply);
            }
            self.token = None;
            has_new_token = true;
        }
    }

    fn address(
        &self,
        collection: Collection,
        offset: u64,
        limit: usize,
    ) -> Result<Url, FetchError> {
        let path = collection.path(self.service.version);
        let text = format!("{}/{path}", self.service.root);
        let mut url = Url::parse(&text).map_err(|_| ServiceRefusal::NoAddress)?;
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string())
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
                .tokens
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
    let broke_off = |cause: reqwest::Error| FetchError::Unreached(cause.without_url());
    while let Some(piece) = reply.chunk().await.map_err(broke_off)? {
        if body.len() + piece.len() > most {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// How many items there are in all, if a reply says so; it must be a good one.
fn total(reply: &Response, collection: Collection) -> Result<Option<u64>, FetchError> {
    let status = reply.status();
    if status != StatusCode::OK {
        let what = collection.name().to_owned();
        return Err(FetchError::Status { status: status.as_u16(), what });
    }
    let total = reply.headers().get("x-total-count");
    Ok(total.and_then(|total| total.to_str().ok()?.trim().parse().ok()))
}

/// A client that goes no further than this.
fn http(reach: Reach) -> Result<reqwest::Client, FetchError> {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        // The service is where the operator says, and what is on this machine stays on it.
        .no_proxy()
        .dns_resolver(Names(reach))
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_mins(2))
        .user_agent("Firstbell")
        .build()
        .map_err(FetchError::Unreached)
}
