//! A small browser: follows redirects one by one, keeps cookies, reads forms and links. It prints
//! each hop with its status; codes and states are masked.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, redirect};
use url::Url;

/// More redirects in a row than any login needs.
const MOST_HOPS: usize = 20;

pub(super) struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
    hops: Vec<Hop>,
}

/// One request and what came of it.
pub(super) struct Hop {
    pub(super) url: Url,
}

impl Hop {
    pub(super) fn has(&self, parameter: &str) -> bool {
        self.url.query_pairs().any(|(name, value)| name == parameter && !value.is_empty())
    }
}

/// A page that the browser arrived at.
pub(super) struct Page {
    url: Url,
    html: String,
}

/// A form, filled in or not.
pub(super) struct FilledForm {
    action: Url,
    fields: BTreeMap<String, String>,
}

impl Browser {
    pub(super) fn new() -> anyhow::Result<Self> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .no_proxy()
            .build()?;
        Ok(Self { client, cookies: BTreeMap::new(), hops: Vec::new() })
    }

    pub(super) fn hops(&self) -> &[Hop] {
        &self.hops
    }

    pub(super) async fn open(&mut self, url: &str) -> anyhow::Result<Page> {
        self.follow(Method::GET, Url::parse(url)?, None).await
    }

    pub(super) async fn submit(&mut self, form: FilledForm) -> anyhow::Result<Page> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form.fields)
            .finish();
        self.follow(Method::POST, form.action, Some(body)).await
    }

    async fn follow(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut body: Option<String>,
    ) -> anyhow::Result<Page> {
        for _ in 0..MOST_HOPS {
            let jar: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut request = self
                .client
                .request(method.clone(), url.clone())
                .header(COOKIE, jar.join("; "))
                .header("accept-language", "en");
            if let Some(body) = body.take() {
                request = request
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header("origin", url.origin().ascii_serialization())
                    .body(body);
            }
            let response =
                request.send().await.with_context(|| format!("{method} {}", masked(&url)))?;
            let status = response.status();
            println!("   {status} {method} {}", masked(&url));
            self.hops.push(Hop { url: url.clone() });
            self.keep_cookies(&response);
            if !status.is_redirection() {
                ensure!(status.is_success(), "{} answered {status}", masked(&url));
                return Ok(Page { url, html: response.text().await? });
            }
            let location = response.headers().get(LOCATION).context("no Location")?.to_str()?;
            url = url.join(location)?;
            method = Method::GET;
        }
        bail!("more than {MOST_HOPS} redirects")
    }

    /// All of this happens on one host, and cookies do not tell ports apart (RFC 6265 section
    /// 8.5), so one jar is what a browser would have.
    fn keep_cookies(&mut self, response: &reqwest::Response) {
        for value in response.headers().get_all(SET_COOKIE) {
            let text = value.to_str().unwrap_or_default();
            let pair = text.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                if text.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
    }
}

impl Page {
    pub(super) fn must_be_at(&self, base: &str, path: &str) -> anyhow::Result<()> {
        let expected = Url::parse(base)?.join(path)?;
        let here = (self.url.origin(), self.url.path());
        ensure!(
            here == (expected.origin(), expected.path()),
            "arrived at {}, not at {expected}",
            masked(&self.url)
        );
        Ok(())
    }

    pub(super) fn must_show(&self, words: &str) -> anyhow::Result<()> {
        ensure!(
            self.html.contains(words) || unescaped(&self.html).contains(words),
            "{} does not show {words:?}",
            masked(&self.url)
        );
        println!("   ✓ the page shows {words}");
        Ok(())
    }

    pub(super) fn link_containing(&self, part: &str) -> anyhow::Result<String> {
        let found = self
            .html
            .split("<a ")
            .skip(1)
            .filter_map(|rest| attribute(rest.split('>').next()?, "href"))
            .find(|href| href.contains(part))
            .with_context(|| format!("no link to {part}"))?;
        Ok(self.url.join(&found)?.into())
    }

    /// The form that has a field of this name, with the values that the page gives.
    pub(super) fn form_with(&self, field: &str) -> anyhow::Result<FilledForm> {
        for rest in self.html.split("<form").skip(1) {
            let form = rest.split("</form>").next().unwrap_or_default();
            let head = form.split('>').next().unwrap_or_default();
            let fields: BTreeMap<String, String> = form
                .split("<input")
                .skip(1)
                .filter_map(|input| input.split('>').next())
                .filter_map(|tag| {
                    Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
                })
                .collect();
            if fields.contains_key(field) {
                let action = attribute(head, "action").unwrap_or_default();
                return Ok(FilledForm { action: self.url.join(&action)?, fields });
            }
        }
        bail!("{} has no form with {field}", masked(&self.url))
    }
}

impl FilledForm {
    pub(super) fn fill(&mut self, field: &str, value: &str) {
        self.fields.insert(field.to_owned(), value.to_owned());
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split('"').next().map(unescaped)
}

fn unescaped(html: &str) -> String {
    html.replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
}

/// The address without anything that opens something.
fn masked(url: &Url) -> String {
    let mut shown = url.clone();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            let secret = name == "code" || name == "state";
            (name.into_owned(), if secret { "…".to_owned() } else { value.into_owned() })
        })
        .collect();
    shown.set_query(None);
    let path = shown.path().to_owned();
    let mut text = format!("{}{}", shown.origin().ascii_serialization(), shortened(&path));
    for (position, (name, value)) in pairs.iter().enumerate() {
        let separator = if position == 0 { '?' } else { '&' };
        text.push(separator);
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// `/login/0123…/sign-in`: the name of a pending login is a secret too.
fn shortened(path: &str) -> String {
    let parts: Vec<_> = path
        .split('/')
        .map(|part| {
            let is_secret = part.len() == 40 && part.bytes().all(|b| b.is_ascii_hexdigit());
            if is_secret { "…" } else { part }
        })
        .collect();
    parts.join("/")
}
