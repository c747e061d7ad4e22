//! The smallest browser: cookies for one host, redirects, forms.

use std::collections::HashMap;

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};

pub(crate) struct Browser {
    base: String,
    http: Client,
    pub(crate) cookies: HashMap<String, String>,
}

/// What is shown at the end.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Where it was sent on the way.
    pub(crate) hops: Vec<String>,
}

impl Page {
    /// That it shows this.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "no {text:?} in {} {}", self.status, self.text);
        self
    }

    /// That it does not show this.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "{text:?} in {} {}", self.status, self.text);
        self
    }

    /// That it has this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{} {}", self.url, self.text);
        self
    }
}

impl Browser {
    pub(crate) fn new(base: &str) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).build().expect("a client");
        Self { base: base.to_owned(), http, cookies: HashMap::new() }
    }

    /// Opens a path, or a URL, and follows where it leads.
    pub(crate) async fn open(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        self.follow(request).await
    }

    /// Sends a form of one of our pages.
    pub(crate) async fn send(&mut self, path: &str, body: &str) -> Page {
        let origin = self.base.clone();
        self.send_from(path, body, &[(ORIGIN.as_str(), &origin), ("sec-fetch-site", "same-origin")])
            .await
    }

    /// Sends a form with these headers.
    pub(crate) async fn send_from(
        &mut self,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = self
            .request(Method::POST, path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.follow(request).await
    }

    /// One request, without following.
    pub(crate) async fn step(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        self.once(request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url =
            if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() };
        let mut request = self.http.request(method, &url);
        if url.starts_with(&self.base) && !self.cookies.is_empty() {
            let pairs: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        request
    }

    async fn follow(&mut self, request: RequestBuilder) -> Page {
        let mut hops = Vec::new();
        let mut page = self.once(request).await;
        while let Some(to) = page.headers.get(LOCATION) {
            let to = to.to_str().expect("text").to_owned();
            hops.push(to.clone());
            assert!(hops.len() < 20, "a redirect loop: {hops:?}");
            let request = self.request(Method::GET, &to);
            page = self.once(request).await;
        }
        Page { hops, ..page }
    }

    async fn once(&mut self, request: RequestBuilder) -> Page {
        let response = request.send().await.expect("an answer");
        let url = response.url().to_string();
        if url.starts_with(&self.base) {
            for header in response.headers().get_all(SET_COOKIE) {
                self.remember(header.to_str().expect("text"));
            }
        }
        Page {
            status: response.status(),
            url,
            headers: response.headers().clone(),
            text: response.text().await.expect("text"),
            hops: Vec::new(),
        }
    }

    fn remember(&mut self, header: &str) {
        let (pair, attributes) = header.split_once(';').expect("attributes");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(attributes.contains(attribute), "{header}");
        }
        let (name, value) = pair.split_once('=').expect("a value");
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
