//! The query of `GET /oauth/authorize` (RFC 6749 section 4.1.1).

use crate::vocabulary::{ClientId, RedirectUri, State};

/// An authorization request as it was sent. Each parameter is kept as far as it could be read:
/// what is missing or malformed is for the rules to judge, in their order, because a wrong
/// `client_id` must be told on a page and a wrong `response_type` by redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The query as a whole cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the query is longer than {MOST_QUERY_BYTES} bytes")]
pub struct MalformedRequest;

/// The longest query that is read.
pub const MOST_QUERY_BYTES: usize = 16 * 1024;

impl AuthorizeRequest {
    /// Reads a query string. Unknown parameters are ignored (RFC 6749 section 3.1), `scope` too.
    ///
    /// # Errors
    /// [`MalformedRequest`] when the query is longer than [`MOST_QUERY_BYTES`].
    pub fn parse(query: &str) -> Result<Self, MalformedRequest> {
        if query.len() > MOST_QUERY_BYTES {
            return Err(MalformedRequest);
        }
        let mut request = Self {
            client_id: Parameter::Absent,
            redirect_uri: Parameter::Absent,
            response_type: Parameter::Absent,
            state: Parameter::Absent,
            district_id: Parameter::Absent,
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "client_id" => request.client_id.set(&value, |text| text.parse().ok()),
                "redirect_uri" => request.redirect_uri.set(&value, |text| text.parse().ok()),
                "response_type" => request.response_type.set(&value, |text| Some(text.to_owned())),
                "state" => request.state.set(&value, |text| State::parse(text).ok().flatten()),
                "district_id" => request.district_id.set(&value, |text| Some(text.to_owned())),
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
