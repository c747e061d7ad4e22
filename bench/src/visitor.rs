//! A person with a browser and the application they log in to, as one: authorize, exchange the
//! code, read who it is, read the person.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::form;
use crate::http::{Ask, Connection, Reply};

/// The paths of a server.
#[derive(Debug)]
pub struct Dialect {
    authorize: &'static str,
    tokens: &'static str,
    me: &'static str,
    /// What stands before the ID in the reply of `me`.
    id_mark: &'static str,
    /// Where a person is read by their ID, if that is a request of its own.
    users: Option<&'static str>,
    scope: &'static str,
}

/// Firstbell, and the floor, and the constant answers.
pub const FIRSTBELL: Dialect = Dialect {
    authorize: "/oauth/authorize",
    tokens: "/oauth/tokens",
    me: "/v3.0/me",
    id_mark: "\"id\":\"",
    users: Some("/v3.0/users/"),
    scope: "",
};

/// Firstbell for an application that speaks OpenID Connect: the requests that oidc-provider gets.
pub const FIRSTBELL_OIDC: Dialect =
    Dialect { me: "/userinfo", id_mark: "\"sub\":\"", users: None, scope: "openid", ..FIRSTBELL };

/// oidc-provider: its `me` holds the claims, so it answers one request less.
pub const OIDC_PROVIDER: Dialect = Dialect {
    authorize: "/auth",
    tokens: "/token",
    me: "/me",
    id_mark: "\"sub\":\"",
    users: None,
    scope: "openid",
};

/// An application that is registered at a server.
#[derive(Debug)]
pub struct Application {
    /// Its client ID.
    pub id: String,
    /// Its client secret.
    pub secret: String,
    /// Where it wants people back.
    pub redirect_uri: String,
}

/// One person on one connection.
#[derive(Debug)]
pub struct Visitor {
    connection: Connection,
    base: String,
    dialect: &'static Dialect,
    application: Arc<Application>,
    /// By path and name (RFC 6265 section 5.3); the host is always the one server.
    cookies: BTreeMap<(String, String), String>,
    authorize: String,
    basic: String,
    form_end: String,
    /// Who it was the first time; whoever logs in later on this connection must be the same.
    id: Option<String>,
    /// Whether each token must come with an ID token.
    expects_id_token: bool,
}

impl Dialect {
    /// The address that an application sends its people to.
    fn authorize_for(&self, application: &Application) -> String {
        let query = form::encode([
            ("response_type", "code"),
            ("client_id", &application.id),
            ("redirect_uri", &application.redirect_uri),
            ("scope", self.scope),
            ("state", "af0ifjsldkj"),
        ]);
        format!("{}?{query}", self.authorize)
    }
}

impl Visitor {
    /// A person without a session.
    pub fn new(to: SocketAddr, dialect: &'static Dialect, application: &Arc<Application>) -> Self {
        let proof = STANDARD.encode(format!("{}:{}", application.id, application.secret));
        let uri = form::escape(&application.redirect_uri);
        Self {
            connection: Connection::to(to),
            base: format!("http://{to}"),
            dialect,
            application: Arc::clone(application),
            cookies: BTreeMap::new(),
            authorize: dialect.authorize_for(application),
            basic: format!("Basic {proof}"),
            form_end: format!("&grant_type=authorization_code&redirect_uri={uri}"),
            id: None,
            expects_id_token: false,
        }
    }

    /// From here on the application speaks OpenID Connect.
    pub fn go_over_to_oidc(&mut self) {
        self.dialect = &FIRSTBELL_OIDC;
        self.authorize = FIRSTBELL_OIDC.authorize_for(&self.application);
        self.expects_id_token = true;
    }

    /// The same person on a connection to a server that was started again.
    pub fn move_to(&mut self, address: SocketAddr) {
        self.connection = Connection::to(address);
        self.base = format!("http://{address}");
    }

    /// Opens the connection: an error here means that nothing was asked.
    pub async fn connect(&mut self) -> Result<()> {
        self.connection.open().await
    }

    /// Takes a cookie, as from an earlier visit.
    pub fn keep(&mut self, name: &str, value: &str) {
        self.cookies.insert(("/".to_owned(), name.to_owned()), value.to_owned());
    }

    /// The value of a cookie for the whole server.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(&("/".to_owned(), name.to_owned())).map(String::as_str)
    }

    /// Loses a cookie.
    pub fn lose(&mut self, name: &str) {
        self.cookies.remove(&("/".to_owned(), name.to_owned()));
    }

    /// A complete login with a session.
    pub async fn log_in(&mut self) -> Result<()> {
        let code = self.code().await?;
        let reply = self.exchange(&code).await?;
        let token = access_token(&reply)?;
        if self.expects_id_token {
            let text = String::from_utf8_lossy(&reply.body);
            ensure!(text.contains("\"id_token\":\"ey"), "no ID token in {text:.200}");
        }
        self.read(&token).await
    }

    /// Asks to be authorized and returns the code that comes back.
    pub async fn code(&mut self) -> Result<String> {
        let mut path = self.authorize.clone();
        for _ in 0..6 {
            let reply = self.visit(&path, None).await?;
            let to = reply.location.with_context(|| {
                let text = String::from_utf8_lossy(&reply.body);
                format!("no redirect at {path}, but {} {text:.200}", reply.status)
            })?;
            if let Some(query) = to.strip_prefix(&self.application.redirect_uri) {
                ensure!(query.contains("state=af0ifjsldkj"), "the state is not in {to}");
                return parameter(query, "code").with_context(|| format!("no code in {to}"));
            }
            path = self.below(&to);
        }
        bail!("too many redirects, now at {path}")
    }

    /// Presents a code at the token endpoint, whatever comes of it.
    pub async fn exchange(&mut self, code: &str) -> Result<Reply> {
        let ask = Ask {
            path: self.dialect.tokens,
            authorization: &self.basic,
            form: Some(format!("code={code}{}", self.form_end)),
            ..Ask::default()
        };
        self.connection.send(&ask).await
    }

    /// Reads who the token is for, and the person.
    pub async fn read(&mut self, token: &str) -> Result<()> {
        let authorization = format!("Bearer {token}");
        let mut get = Ask { authorization: &authorization, ..Ask::default() };
        get.path = self.dialect.me;
        let me = good(self.connection.send(&get).await?)?;
        let id = between(&me.body, self.dialect.id_mark).context("no ID in the reply of me")?;
        if let Some(users) = self.dialect.users {
            let path = format!("{users}{id}");
            get.path = &path;
            let user = good(self.connection.send(&get).await?)?;
            let same = between(&user.body, self.dialect.id_mark);
            ensure!(same.as_ref() == Some(&id), "{path} is about {same:?}");
        }
        let first = self.id.get_or_insert_with(|| id.clone());
        ensure!(*first == id, "logged in as {id}, but this is {first}");
        Ok(())
    }

    /// Asks `me` only, and returns the status: whether the token is still good.
    pub async fn me_status(&mut self, token: &str) -> Result<u16> {
        let authorization = format!("Bearer {token}");
        let ask = Ask { path: self.dialect.me, authorization: &authorization, ..Ask::default() };
        Ok(self.connection.send(&ask).await?.status)
    }

    /// Opens a path and follows redirects to a page, or to the application.
    pub async fn open(&mut self, path: &str) -> Result<Landing> {
        let reply = self.visit(path, None).await?;
        self.follow(reply).await
    }

    /// Asks to be authorized, without a session yet.
    pub async fn authorize(&mut self) -> Result<Landing> {
        let path = self.authorize.clone();
        self.open(&path).await
    }

    /// Fills in the form that has the last of the fields, and follows redirects.
    pub async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Result<Landing> {
        let (last, _) = fields.last().context("no fields")?;
        let form = form::find(&page.text, last)
            .with_context(|| format!("no field {last} at {}: {:.300}", page.path, page.text))?;
        let own = |name: &str| fields.iter().any(|(field, _)| *field == name);
        let hidden = form.hidden.iter().filter(|(name, _)| !own(name));
        let hidden = hidden.map(|(name, value)| (name.as_str(), value.as_str()));
        let body = form::encode(hidden.chain(fields.iter().copied()));
        let to = if form.action.is_empty() { page.path.clone() } else { self.below(&form.action) };
        let reply = self.visit(&to, Some(body)).await?;
        self.follow(reply).await
    }

    async fn follow(&mut self, mut reply: Reply) -> Result<Landing> {
        let mut path = String::new();
        for _ in 0..10 {
            let Some(to) = reply.location else {
                let text = String::from_utf8_lossy(&reply.body).into_owned();
                return Ok(Landing::Page(Page { path, status: reply.status, text }));
            };
            if to.starts_with(&self.application.redirect_uri) {
                return Ok(Landing::Application);
            }
            path = self.below(&to);
            reply = self.visit(&path, None).await?;
        }
        bail!("too many redirects, now at {path}")
    }

    async fn visit(&mut self, path: &str, form: Option<String>) -> Result<Reply> {
        let fits = |scope: &str| path.starts_with(scope);
        let sent = self.cookies.iter().filter(|((scope, _), _)| fits(scope));
        let pairs: Vec<String> = sent.map(|((_, name), value)| format!("{name}={value}")).collect();
        let cookies = pairs.join("; ");
        let ask = Ask { path, cookies: &cookies, form, ..Ask::default() };
        let reply = self.connection.send(&ask).await?;
        for line in &reply.cookies {
            let mut parts = line.split("; ");
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let path = parts.find_map(|part| {
                let (key, value) = part.split_once('=')?;
                key.eq_ignore_ascii_case("path").then_some(value)
            });
            let key = (path.unwrap_or("/").to_owned(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        Ok(reply)
    }

    fn below(&self, url: &str) -> String {
        url.strip_prefix(&self.base).unwrap_or(url).to_owned()
    }
}

/// Where a chain of redirects ended.
#[derive(Debug)]
pub enum Landing {
    /// At the application, with a code.
    Application,
    /// On a page of the server.
    Page(Page),
}

/// A page of the server.
#[derive(Debug)]
pub struct Page {
    /// Its path, empty when it answered the first request.
    pub path: String,
    /// The HTTP status.
    pub status: u16,
    /// Its HTML.
    pub text: String,
}

/// The token in a reply of the token endpoint.
pub fn access_token(reply: &Reply) -> Result<String> {
    #[derive(Deserialize)]
    struct Token {
        access_token: String,
    }

    ensure!(reply.status == 200, "no token, but {} {:?}", reply.status, reply.body);
    Ok(serde_json::from_slice::<Token>(&reply.body)?.access_token)
}

fn good(reply: Reply) -> Result<Reply> {
    ensure!(reply.status == 200, "{} {:?}", reply.status, reply.body);
    Ok(reply)
}

/// The value of a parameter of a query.
pub fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// What stands between a mark and the next quotation mark.
pub fn between(body: &[u8], mark: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once(mark)?;
    rest.split('"').next().map(str::to_owned)
}
