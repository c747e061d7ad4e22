//! The query of `GET /oauth/authorize`: whatever it says, an answer goes to a registered address
//! and to no other, and `state` comes back byte for byte.

use std::sync::LazyLock;

use firstbell_core::application::{
    Application, IdTokenAlgorithm, Stage, Switches, VerifiedRedirect,
};
use firstbell_core::id::ApplicationId;
use firstbell_core::login::authorize::{AuthorizeRefusal, admit};
use firstbell_core::login::step::ResponseKind;
use firstbell_core::secret::Secret;
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_protocol::oauth::AuthorizeRequest;
use firstbell_protocol::oauth::authorize_request::MOST_QUERY_BYTES;
use firstbell_protocol::vocabulary::{ClientId, RoleKind, State};
use firstbell_server::reply::redirect::{Answer, Marks};
use http::header::LOCATION;
use url::Url;

use crate::form;

const NOW: Timestamp = Timestamp::from_milliseconds(1_790_000_000_000);

/// Two applications: the plain dialect, and everything that can be switched on.
static APPLICATIONS: LazyLock<[Application; 2]> = LazyLock::new(|| {
    let mut all = Switches::default();
    for (name, ..) in Switches::ALL {
        all.set(name, true);
    }
    let plain = ["https://fly.example/cb", "https://fly.example/second?kept=1&"];
    let other = ["https://xn--bcher-kva.example:8443", "https://[2001:db8::1]/cb?"];
    [application(1, "c0ffee", &plain, Switches::default()), application(2, "facade", &other, all)]
});

fn application(number: u8, client_id: &str, uris: &[&str], switches: Switches) -> Application {
    Application {
        id: ApplicationId::from_bytes([number; 12]),
        client_id: client_id.parse().expect("a client id"),
        secrets: Vec::new(),
        name: client_id.to_owned(),
        developer: None,
        website: None,
        redirect_uris: uris.iter().map(|uri| uri.parse().expect("a redirect URI")).collect(),
        initiate_login_uri: None,
        user_types: vec![RoleKind::Student],
        stage: Stage::Production,
        tier: AccessTier::DistrictSso,
        switches,
        id_token_algorithm: IdTokenAlgorithm::default(),
        disabled: None,
    }
}

/// Takes a query.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let Ok(request) = AuthorizeRequest::parse(query) else {
        assert!(query.len() > MOST_QUERY_BYTES, "only what is too long is refused whole");
        return;
    };
    let find = |id: &ClientId| APPLICATIONS.iter().find(|known| known.client_id == *id);
    match admit(&request, NOW, find) {
        Ok(admitted) => {
            let sent = Sent::read(query, admitted.application);
            let kind = admitted.demands.response;
            let answer = sent.answer(&admitted.redirect, admitted.state.as_ref(), kind);
            let secret = Secret::from_text("0123456789abcdef");
            let marks = Marks { by_admin: true, role: Some(RoleKind::Student) };
            let (response, parts_at) = match admitted.demands.response {
                ResponseKind::Code => (answer.code(&secret, "read:user_id", marks), '?'),
                ResponseKind::Token => (answer.token(&secret, "read:user_id", marks), '#'),
            };
            sent.hold_against(&response, &admitted.redirect, parts_at);
            for name in ["client_id", "redirect_uri", "response_type", "state", "scope"] {
                let values = form::values(query.as_bytes(), name);
                assert!(values.iter().filter(|value| !value.is_empty()).count() <= 1, "{name}");
            }
        }
        Err(AuthorizeRefusal::Redirect { redirect, state, cause }) => {
            let application = request.client_id.given().and_then(find).expect("an application");
            let sent = Sent::read(query, application);
            let response = sent
                .answer(&redirect, state.as_ref(), ResponseKind::Code)
                .refusal(cause.face().oauth_name);
            sent.hold_against(&response, &redirect, '?');
        }
        Err(AuthorizeRefusal::Page(cause)) => assert!(!cause.face().code.is_empty()),
    }
}

/// What was sent, by the second reading.
struct Sent<'a> {
    application: &'a Application,
    redirect_uri: Option<Vec<u8>>,
    /// None, too, where it was not one text that can be returned.
    state: Option<Vec<u8>>,
}

impl<'a> Sent<'a> {
    fn read(query: &str, application: &'a Application) -> Self {
        let mut states = form::values(query.as_bytes(), "state").into_iter();
        let state = states.find(|state| !state.is_empty()).filter(|_| states.next().is_none());
        let is_text = |state: &Vec<u8>| {
            state.len() <= State::MOST_BYTES
                && std::str::from_utf8(state)
                    .is_ok_and(|text| !text.contains(['\0', char::REPLACEMENT_CHARACTER]))
        };
        let redirect_uri =
            form::values(query.as_bytes(), "redirect_uri").into_iter().find(|uri| !uri.is_empty());
        Self { application, redirect_uri, state: state.filter(is_text) }
    }

    fn answer<'b>(
        &self,
        redirect: &'b VerifiedRedirect,
        state: Option<&'b State>,
        kind: ResponseKind,
    ) -> Answer<'b> {
        let issuer = self.application.switches.iss_parameter.then_some("https://login.example");
        Answer { redirect, state, issuer, kind }
    }

    /// The answer goes where it may, and carries the state that was sent.
    fn hold_against(
        &self,
        response: &http::Response<impl Sized>,
        redirect: &VerifiedRedirect,
        parts_at: char,
    ) {
        let registered = self.application.redirect_uris.iter();
        assert!(registered.clone().any(|uri| uri == redirect.uri()), "{}", redirect.uri());
        match &self.redirect_uri {
            Some(sent) => assert_eq!(redirect.uri().as_str().as_bytes(), sent),
            None => assert_eq!(Some(redirect.uri()), registered.clone().next()),
        }

        let location = response.headers().get(LOCATION).expect("an address").to_str();
        let location = location.expect("visible letters");
        let registered = redirect.uri().as_str();
        let carried = location.strip_prefix(registered).expect("the registered address first");
        let is_sound = carried.starts_with(['?', '&', '#']) || registered.ends_with(['?', '&']);
        assert!(is_sound, "{location}");
        let (before, after) =
            (Url::parse(registered).expect("a URL"), Url::parse(location).expect("a URL"));
        assert_eq!(before.origin(), after.origin());
        assert_eq!(before.path(), after.path());

        let (_, parameters) = location.rsplit_once(parts_at).expect("parameters");
        let returned = form::values(parameters.as_bytes(), "state");
        assert!(returned.len() <= 1, "{location}");
        assert_eq!(returned.first(), self.state.as_ref(), "{location}");
    }
}
