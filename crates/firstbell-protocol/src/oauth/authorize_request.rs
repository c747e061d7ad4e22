//! The query of `GET /oauth/authorize`, or the form of `POST` (RFC 6749 section 4.1.1, RFC 7636
//! section 4.3, OpenID Connect Core section 3.1.2.1, and what the Clever-compatible dialect adds).

use crate::vocabulary::{ClientId, CodeChallenge, Nonce, RedirectUri, State};

/// An authorization request as it was sent. Each parameter is kept as far as it could be read:
/// what is missing or malformed is for the rules to judge, in their order, because a wrong
/// `client_id` must be told on a page and a wrong `response_type` by redirect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorizeRequest {
    /// `client_id`.
    pub client_id: Parameter<ClientId>,
    /// `redirect_uri`; absent means the first registered one.
    pub redirect_uri: Parameter<RedirectUri>,
    /// `response_type`, in the sender's words.
    pub response_type: Parameter<String>,
    /// `state`; an empty one counts as absent.
    pub state: Parameter<State>,
    /// `district_id`, in the sender's words.
    pub district_id: Parameter<String>,
    /// `confirmed`, in the sender's words: `false` asks a student whether it is really them.
    pub confirmed: Parameter<String>,
    /// `return_unshared`, in the sender's words: `true` wants a person without access back.
    pub return_unshared: Parameter<String>,
    /// `scope`, which is ignored: what an application may see is registered. Only that it is sent
    /// once is looked at.
    pub scope: Parameter<String>,
    /// `nonce`.
    pub nonce: Parameter<Nonce>,
    /// `code_challenge`.
    pub code_challenge: Parameter<CodeChallenge>,
    /// `code_challenge_method`, in the sender's words.
    pub code_challenge_method: Parameter<String>,
    /// `response_mode`, in the sender's words.
    pub response_mode: Parameter<String>,
    /// `prompt`, in the sender's words.
    pub prompt: Parameter<String>,
    /// `max_age` in seconds.
    pub max_age: Parameter<u32>,
    /// `id_token_hint`, in the sender's words.
    pub id_token_hint: Parameter<String>,
    /// Whether there is a `request` (RFC 9101 section 5).
    pub request: Parameter<()>,
    /// Whether there is a `request_uri`.
    pub request_uri: Parameter<()>,
}

/// One parameter of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Parameter<T> {
    /// It was not sent, or sent empty.
    #[default]
    Absent,
    /// It was sent and could be read.
    Given(T),
    /// It was sent more than once (RFC 6749 section 3.1 forbids it), or cannot be read.
    Malformed,
}

impl<T> Parameter<T> {
    fn set(&mut self, value: &str, read: impl FnOnce(&str) -> Option<T>) {
        *self = match self {
            Self::Absent if value.is_empty() => Self::Absent,
            Self::Absent => read(value).map_or(Self::Malformed, Self::Given),
            Self::Given(_) | Self::Malformed => Self::Malformed,
        };
    }
}

impl<T> Parameter<T> {
    /// The value, where one could be read.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Malformed => None,
        }
    }
}

/// The query as a whole cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the query is longer than {MOST_QUERY_BYTES} bytes")]
pub struct MalformedRequest;

/// The longest query that is read.
pub const MOST_QUERY_BYTES: usize = 16 * 1024;

impl AuthorizeRequest {
    /// Reads a query string, or a form that is written like one. Unknown parameters are ignored
    /// (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// [`MalformedRequest`] when the query is longer than [`MOST_QUERY_BYTES`].
    pub fn parse(query: &str) -> Result<Self, MalformedRequest> {
        if query.len() > MOST_QUERY_BYTES {
            return Err(MalformedRequest);
        }
        let mut request = Self::default();
        let words = |text: &str| Some(text.to_owned());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "client_id" => request.client_id.set(&value, |text| text.parse().ok()),
                "redirect_uri" => request.redirect_uri.set(&value, |text| text.parse().ok()),
                "response_type" => request.response_type.set(&value, words),
                "state" => request.state.set(&value, |text| State::parse(text).ok().flatten()),
                "district_id" => request.district_id.set(&value, words),
                "confirmed" => request.confirmed.set(&value, words),
                "return_unshared" => request.return_unshared.set(&value, words),
                "scope" => request.scope.set(&value, words),
                "nonce" => request.nonce.set(&value, |text| text.parse().ok()),
                "code_challenge" => request.code_challenge.set(&value, |text| text.parse().ok()),
                "code_challenge_method" => request.code_challenge_method.set(&value, words),
                "response_mode" => request.response_mode.set(&value, words),
                "prompt" => request.prompt.set(&value, words),
                "max_age" => request.max_age.set(&value, |text| text.parse().ok()),
                "id_token_hint" => request.id_token_hint.set(&value, words),
                "request" => request.request.set(&value, |_| Some(())),
                "request_uri" => request.request_uri.set(&value, |_| Some(())),
                _ => {}
            }
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_and_unknown_parameters_are_ignored() {
        let request = AuthorizeRequest::parse(
            "response_type=code&client_id=abc&redirect_uri=https%3A%2F%2Fa.example%2Fcb&state=x%20y\
             &scope=read%3Auser_id&prompt=none&channel=clever",
        )
        .expect("short enough");
        assert_eq!(request.client_id, Parameter::Given("abc".parse().expect("an id")));
        assert_eq!(request.response_type, Parameter::Given("code".to_owned()));
        assert!(matches!(&request.state, Parameter::Given(state) if state.as_str() == "x y"));
        assert_eq!(request.district_id, Parameter::Absent);
    }

    #[test]
    fn a_parameter_sent_twice_is_malformed_and_an_empty_one_is_absent() {
        let request = AuthorizeRequest::parse("client_id=a&client_id=a&state=&redirect_uri=/x")
            .expect("short enough");
        assert_eq!(request.client_id, Parameter::Malformed);
        assert_eq!(request.state, Parameter::Absent);
        assert_eq!(request.redirect_uri, Parameter::Malformed);
    }

    #[test]
    fn a_huge_query_is_refused_before_it_is_read() {
        assert_eq!(AuthorizeRequest::parse(&"a=b&".repeat(5000)), Err(MalformedRequest));
    }
}
