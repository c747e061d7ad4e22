//! Registered applications: where they take their users back, whom they serve, what they may see.

pub use firstbell_protocol::vocabulary::{ClientId, RedirectUri};

use firstbell_protocol::vocabulary::RoleKind;

use crate::id::{ApplicationId, DistrictId, SchoolId};
use crate::secret::{Secret, SecretHash};
use crate::sharing::AccessTier;
use crate::time::Timestamp;

/// A registered application.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its identifier inside Firstbell.
    pub id: ApplicationId,
    /// Its public identifier on the wire.
    pub client_id: ClientId,
    /// SHA-256 of its client secret, which was shown once.
    pub secret_hash: SecretHash,
    /// What people call it.
    pub name: String,
    /// Where it takes its users back, in order. The first is the primary one: logins that start
    /// at the portal go there.
    pub redirect_uris: Vec<RedirectUri>,
    /// The kinds of role that it lets in, in the order of [`RoleKind`].
    pub user_types: Vec<RoleKind>,
    /// Whether it is in production; only then must its redirect URIs be HTTPS.
    pub stage: Stage,
    /// How much it sees of a person.
    pub tier: AccessTier,
}

/// Where an application is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Being built; its redirect URIs may be plain HTTP.
    Development,
    /// In use by districts.
    Production,
}

impl Stage {
    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}

/// Why a redirect URI is not one to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// It is not among the registered ones, byte for byte.
    #[error("the redirect URI is not registered for this application")]
    NotRegistered,
    /// The application has registered none.
    #[error("the application has no redirect URI")]
    NoneRegistered,
}

/// A redirect URI that is known to be the application's own. Only [`Application::verify_redirect`]
/// makes one, so no answer can be sent to an address that was not registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRedirect(RedirectUri);

impl VerifiedRedirect {
    /// The URI.
    pub fn uri(&self) -> &RedirectUri {
        &self.0
    }
}

impl Application {
    /// The registered URI that equals `sent`, or the primary one where none was sent
    /// (exact match: RFC 9700 section 2.1).
    ///
    /// # Errors
    /// See [`RedirectError`].
    pub fn verify_redirect(
        &self,
        sent: Option<&RedirectUri>,
    ) -> Result<VerifiedRedirect, RedirectError> {
        let found = match sent {
            Some(sent) => self.redirect_uris.iter().find(|registered| *registered == sent),
            None => self.redirect_uris.first(),
        };
        match (found, sent) {
            (Some(uri), _) => Ok(VerifiedRedirect(uri.clone())),
            (None, Some(_)) => Err(RedirectError::NotRegistered),
            (None, None) => Err(RedirectError::NoneRegistered),
        }
    }

    /// Whether it lets in people who come in this kind of role.
    pub fn serves(&self, kind: RoleKind) -> bool {
        self.user_types.contains(&kind)
    }

    /// Whether `presented` is its client secret.
    pub fn is_proved_by(&self, presented: &Secret) -> bool {
        self.secret_hash == presented.hash()
    }
}

/// That a district lets an application in, and with whom of its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The application.
    pub application: ApplicationId,
    /// The district that connected it.
    pub district: DistrictId,
    /// Whom the district shares.
    pub scope: ConnectionScope,
    /// When the district connected it.
    pub since: Timestamp,
}

/// Whom a district shares with an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionScope {
    /// Everyone of the district.
    Everyone,
    /// People of these schools, and people who answer for the whole district.
    Schools(Vec<SchoolId>),
}

/// Why a registration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// It needs a name.
    #[error("an application needs a name of 1 to 100 characters")]
    Name,
    /// It needs somewhere to take its users back.
    #[error("an application needs at least one redirect URI")]
    NoRedirectUri,
    /// In production, users' codes must not travel in the clear.
    #[error("{0} is not HTTPS; only an application in development may use HTTP")]
    NotHttps(RedirectUri),
    /// It must serve somebody.
    #[error("an application needs at least one user type")]
    NoUserType,
}

/// Checks what an application wants to register.
///
/// # Errors
/// The first thing that is wrong, see [`RegistrationError`].
pub fn check_registration(application: &Application) -> Result<(), RegistrationError> {
    let name_length = application.name.trim().chars().count();
    if !(1..=100).contains(&name_length) {
        return Err(RegistrationError::Name);
    }
    if application.redirect_uris.is_empty() {
        return Err(RegistrationError::NoRedirectUri);
    }
    if application.user_types.is_empty() {
        return Err(RegistrationError::NoUserType);
    }
    let plain = application.redirect_uris.iter().find(|uri| !uri.is_https());
    match (application.stage, plain) {
        (Stage::Production, Some(uri)) => Err(RegistrationError::NotHttps(uri.clone())),
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::secret::tests::Counting;

    pub(crate) fn flightschool() -> Application {
        Application {
            id: ApplicationId::new(Timestamp::from_milliseconds(0), &mut Counting(1)),
            client_id: "c0ffee".parse().expect("a client id"),
            secret_hash: Secret::from_text("secret").hash(),
            name: "FlightSchool".into(),
            redirect_uris: ["https://fly.example/cb", "https://fly.example/other"]
                .map(|uri| uri.parse().expect("a URI"))
                .to_vec(),
            user_types: vec![RoleKind::Student, RoleKind::Teacher],
            stage: Stage::Production,
            tier: AccessTier::DistrictSso,
        }
    }

    fn verified(sent: Option<&str>) -> Result<String, RedirectError> {
        let sent: Option<RedirectUri> = sent.map(|uri| uri.parse().expect("a URI"));
        flightschool().verify_redirect(sent.as_ref()).map(|redirect| redirect.uri().to_string())
    }

    #[test]
    fn the_first_redirect_uri_is_taken_where_none_is_sent() {
        assert_eq!(verified(None), Ok("https://fly.example/cb".into()));
        assert_eq!(
            verified(Some("https://fly.example/other")),
            Ok("https://fly.example/other".into())
        );
    }

    #[test]
    fn a_redirect_uri_matches_byte_for_byte_or_not_at_all() {
        for near in [
            "https://fly.example/cb/",
            "https://fly.example/CB",
            "https://FLY.example/cb",
            "https://fly.example:443/cb",
            "https://fly.example/cb?x=1",
            "https://fly.example/%63b",
            "http://fly.example/cb",
            "https://fly.example.evil.example/cb",
            "https://fly.example/./cb",
        ] {
            assert_eq!(verified(Some(near)), Err(RedirectError::NotRegistered), "{near}");
        }
    }

    #[test]
    fn only_the_secret_proves_an_application() {
        assert!(flightschool().is_proved_by(&Secret::from_text("secret")));
        assert!(!flightschool().is_proved_by(&Secret::from_text("Secret")));
        assert!(!flightschool().is_proved_by(&Secret::from_text("")));
    }

    #[test]
    fn a_production_application_registers_https_only() {
        let mut application = flightschool();
        assert_eq!(check_registration(&application), Ok(()));
        let plain: RedirectUri = "http://fly.example/cb".parse().expect("a URI");
        application.redirect_uris.push(plain.clone());
        assert_eq!(check_registration(&application), Err(RegistrationError::NotHttps(plain)));
        application.stage = Stage::Development;
        assert_eq!(check_registration(&application), Ok(()));
        application.redirect_uris.clear();
        assert_eq!(check_registration(&application), Err(RegistrationError::NoRedirectUri));
    }
}
