//! A refusal on its way to becoming a page. The page shows a support code; the same code finds the
//! trace of the login and the log line, which tell everything that the page does not say.

use std::error::Error;

use axum::extract::rejection::FormRejection;
use axum::response::Response;
use firstbell_core::error::{self, Face};
use firstbell_core::login::authorize::PageRefusal;
use firstbell_core::login::trace::{Hop, Trace};
use firstbell_core::secret::{Random, SecretHash};
use firstbell_core::sharing::SharingRefusal;
use firstbell_store::StoreError;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

use super::html;
use super::page::{ErrorPage, Frame};
use crate::app::App;
use crate::entropy::Entropy;
use crate::extract::Visit;

/// A refusal.
#[derive(Debug)]
pub struct Fault(Box<Told>);

/// Everything that is told of it.
#[derive(Debug)]
struct Told {
    face: &'static Face,
    application_name: Option<String>,
    person_name: Option<String>,
    next_href: Option<String>,
    login: Option<SecretHash>,
    facts: Vec<(String, String)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl From<&'static Face> for Fault {
    fn from(face: &'static Face) -> Self {
        Self(Box::new(Told {
            face,
            application_name: None,
            person_name: None,
            next_href: None,
            login: None,
            facts: Vec::new(),
            cause: None,
        }))
    }
}

impl From<PageRefusal> for Fault {
    fn from(refusal: PageRefusal) -> Self {
        refusal.face().into()
    }
}

impl From<SharingRefusal> for Fault {
    fn from(refusal: SharingRefusal) -> Self {
        refusal.face().into()
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let face = if error.is_busy() { &error::SERVER_BUSY } else { &error::SERVER_TROUBLE };
        let mut fault = Self::from(face);
        fault.0.cause = Some(Box::new(error));
        fault
    }
}

impl Fault {
    /// The fault of a form that could not be read.
    #[expect(clippy::needless_pass_by_value, reason = "stands in `map_err`")]
    #[must_use]
    pub fn of_form(rejection: FormRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            (&error::REQUEST_TOO_LARGE).into()
        } else {
            (&error::PARAMETER_MALFORMED).into()
        }
    }

    /// Names the application that the person was on the way to.
    #[must_use]
    pub fn toward(mut self, application_name: impl Into<String>) -> Self {
        self.0.application_name = Some(application_name.into());
        self
    }

    /// Names the person who is logged in.
    #[must_use]
    pub fn of(mut self, person_name: impl Into<String>) -> Self {
        self.0.person_name = Some(person_name.into());
        self
    }

    /// Says where the page's button leads.
    #[must_use]
    pub fn then(mut self, next_href: impl Into<String>) -> Self {
        self.0.next_href = Some(next_href.into());
        self
    }

    /// Names the login that waited, whose hops belong to the trace.
    #[must_use]
    pub fn of_login(mut self, login: Option<SecretHash>) -> Self {
        self.0.login = login.or(self.0.login);
        self
    }

    /// Adds to the trace what the refusal was decided about; no secret, and nothing that was sent.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "facts are ids, refusals and texts alike")]
    pub fn because(mut self, name: &str, value: impl ToString) -> Self {
        self.0.facts.push((name.to_owned(), value.to_string()));
        self
    }

    /// Writes down what a support code finds, and says which. A person must get their page whatever
    /// becomes of that.
    async fn record(&self, app: &App, visit: &Visit) -> String {
        // An address that leads nowhere is no login, and machines try many.
        let is_no_login =
            self.0.face == &error::PAGE_NOT_FOUND || self.0.face == &error::METHOD_NOT_ALLOWED;
        let is_of_somebody = self.0.login.is_some() || self.0.person_name.is_some();
        let mut support_code = support_code(&mut Entropy);
        if is_no_login || !app.may_record_trace(is_of_somebody) {
            return support_code;
        }
        let at = app.now();
        let mut last = Hop::new(at, &visit.route, "refused")
            .with("code", self.0.face.code)
            .with("reason", self.0.face.text_key);
        last.facts.extend(self.0.facts.iter().cloned());
        if let Some(cause) = &self.0.cause {
            last = last.with("cause", chain(cause.as_ref()));
        }
        let login = self.0.login;
        for _ in 0..3 {
            let (code, last) = (support_code.clone(), last.clone());
            let recorded = app
                .store()
                .write(move |tx| {
                    let mut hops = match login {
                        Some(login) => tx.hops(&login)?,
                        None => Vec::new(),
                    };
                    hops.push(last.clone());
                    tx.record_trace(&Trace { support_code: code.clone(), at, hops })
                })
                .await;
            match recorded {
                Err(StoreError::AlreadyThere { .. }) => {
                    support_code = self::support_code(&mut Entropy);
                }
                Err(error) => {
                    tracing::warn!(cause = chain(&error), "a trace was not written down");
                    break;
                }
                Ok(()) => break,
            }
        }
        support_code
    }

    /// The page, and the trace that its support code finds.
    pub async fn page(self, app: &App, visit: &Visit) -> Response {
        let support_code = self.record(app, visit).await;
        let (code, reason) = (self.0.face.code, self.0.face.text_key);
        let application = self.0.application_name.as_deref().unwrap_or_default();
        let (path, cause) = (&visit.route, self.0.cause.as_deref().map(chain).unwrap_or_default());
        if self.0.face.status >= 500 {
            tracing::error!(
                code,
                support_code,
                reason,
                application,
                path,
                cause,
                "a request failed"
            );
        } else {
            tracing::info!(
                code,
                support_code,
                reason,
                application,
                path,
                "a page refused a request"
            );
        }
        metrics::counter!("firstbell_refusals_total", "code" => code).increment(1);

        let status =
            StatusCode::from_u16(self.0.face.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Nothing of a request that was refused stands in our page, not even in the links to other
        // languages.
        let frame = Frame::without_query(visit);
        let page = ErrorPage {
            frame,
            code: code.to_owned(),
            support_code,
            text_key: self.0.face.text_key.to_owned(),
            next_href: self.0.next_href,
            application_name: self.0.application_name,
            person_name: self.0.person_name,
        };
        let mut response = html::page(app, visit, status, |text| page.render(text));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, RETRY_SOON);
        }
        response
    }
}

/// When it is worth trying again after the server had too much to do, in seconds.
pub const RETRY_SOON: HeaderValue = HeaderValue::from_static("5");

/// The whole chain of causes in one line, for the log.
pub fn chain(error: &(dyn Error + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// A code such as `FB-7K3-M9Q`: six characters that are hard to mistake for one another, 30 bits.
fn support_code(random: &mut dyn Random) -> String {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ+";
    // 31 characters are readable; the 32nd marks a draw to be made again.
    let mut drawn = String::from("FB-");
    while drawn.len() < 10 {
        let mut byte = [0];
        random.fill(&mut byte);
        let letter = char::from(ALPHABET[usize::from(byte[0] & 31)]);
        if letter != '+' {
            drawn.push(letter);
            if drawn.len() == 6 {
                drawn.push('-');
            }
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_support_code_is_easy_to_read_out() {
        for _ in 0..200 {
            let code = support_code(&mut Entropy);
            assert_eq!(code.len(), 10);
            assert!(code.starts_with("FB-") && code.as_bytes()[6] == b'-', "{code}");
            assert!(!code[3..].contains(['0', 'O', '1', 'I', 'L', '+']), "{code}");
        }
    }
}
