//! Registered applications: where they take their users back, whom they serve, what they may see.

mod connecting;
mod connection;
#[cfg(test)]
pub(crate) mod tests;

pub use connecting::{ConnectionChange, ConnectionChangeRefusal};
pub use connection::{
    Connection, ConnectionState, DataGroup, DataGroups, Sharing, SharingRule, TeacherLink,
};
pub use firstbell_protocol::jose::Algorithm as IdTokenAlgorithm;
pub use firstbell_protocol::vocabulary::{ClientId, RedirectUri};

use std::time::Duration;

use firstbell_protocol::vocabulary::RoleKind;

use crate::id::ApplicationId;
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
    /// Its client secrets, the newest first: one, or two while it goes over to a new one.
    pub secrets: Vec<ClientSecret>,
    /// What people call it.
    pub name: String,
    /// Who makes it. One developer may have several applications.
    pub developer: Option<String>,
    /// Where people read about it: administrators whom it does not serve are led there.
    pub website: Option<WebAddress>,
    /// Where it takes its users back, in order. The first is the primary one: logins that start
    /// at the portal go there.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where it wants logins to begin that it did not start (OpenID Connect Core section 4). An
    /// application with one never gets a code that it did not ask for.
    pub initiate_login_uri: Option<WebAddress>,
    /// The kinds of role that it lets in, in the order of [`RoleKind`].
    pub user_types: Vec<RoleKind>,
    /// Whether it is in production; only then must its redirect URIs be HTTPS.
    pub stage: Stage,
    /// How much it sees of a person.
    pub tier: AccessTier,
    /// What it has been given beyond the plain dialect.
    pub switches: Switches,
    /// How its ID tokens are signed.
    pub id_token_algorithm: IdTokenAlgorithm,
    /// Since when nobody comes in: its developer or the operator turned it off.
    pub disabled: Option<Timestamp>,
}

/// A client secret as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientSecret {
    /// SHA-256 of the secret, which was shown once.
    pub hash: SecretHash,
    /// Until when it still counts; without end where it is the current one.
    pub until: Option<Timestamp>,
}

/// How long the old client secret still counts after a new one was made, unless it is said
/// otherwise.
pub const SECRET_OVERLAP: Duration = Duration::from_hours(24 * 7);

/// An absolute http or https address that is no redirect URI. Its rules are the same.
pub type WebAddress = RedirectUri;

/// What an application may have beyond the plain dialect, each off unless the operator turned it on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Switches {
    /// It gets ID tokens.
    pub oidc: bool,
    /// `/userinfo` has the standard's claims: `name` is a text.
    pub standard_claims: bool,
    /// `email_verified` is true.
    pub email_verified: bool,
    /// Authorization responses carry `iss` (RFC 9207).
    pub iss_parameter: bool,
    /// An authorization request must carry a code challenge (RFC 7636).
    pub pkce_required: bool,
    /// `response_type=token` is answered (RFC 6749 section 4.2).
    pub implicit: bool,
    /// It is told by `loginas_by_admin=true` that an administrator acts as somebody else.
    pub impersonation_mark: bool,
    /// It is told by `role_hint` in which role a person comes.
    pub role_hint: bool,
}

/// A getter and a setter of each switch, by its name in the database and on the command line.
type Switch = (&'static str, fn(&Switches) -> bool, fn(&mut Switches, bool));

impl Switches {
    /// All switches.
    pub const ALL: [Switch; 8] = [
        ("oidc", |it| it.oidc, |it, on| it.oidc = on),
        ("standard_claims", |it| it.standard_claims, |it, on| it.standard_claims = on),
        ("email_verified", |it| it.email_verified, |it, on| it.email_verified = on),
        ("iss_parameter", |it| it.iss_parameter, |it, on| it.iss_parameter = on),
        ("pkce_required", |it| it.pkce_required, |it, on| it.pkce_required = on),
        ("implicit", |it| it.implicit, |it, on| it.implicit = on),
        ("impersonation_mark", |it| it.impersonation_mark, |it, on| it.impersonation_mark = on),
        ("role_hint", |it| it.role_hint, |it, on| it.role_hint = on),
    ];

    /// The names of those that are on.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        Self::ALL.into_iter().filter(|(_, get, _)| get(self)).map(|(name, ..)| name)
    }

    /// Turns the switch of this name on or off; whether there is one.
    pub fn set(&mut self, name: &str, on: bool) -> bool {
        let found = Self::ALL.into_iter().find(|(known, ..)| *known == name);
        if let Some((_, _, set)) = found {
            set(self, on);
        }
        found.is_some()
    }
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

    /// Where people read about it: its website, or the host that it runs on.
    pub fn about(&self) -> Option<String> {
        let website = self.website.as_ref().map(ToString::to_string);
        website.or_else(|| self.redirect_uris.first().map(RedirectUri::origin))
    }

    /// Whether it lets in people who come in this kind of role.
    pub fn serves(&self, kind: RoleKind) -> bool {
        self.user_types.contains(&kind)
    }

    /// Whether `presented` is a client secret of its that counts now.
    pub fn is_proved_by(&self, presented: &Secret, now: Timestamp) -> bool {
        let hash = presented.hash();
        let mut proved = false;
        // All are compared, so that the time does not tell which one it was.
        for secret in self.secrets.iter().filter(|it| it.until.is_none_or(|until| now < until)) {
            proved |= secret.hash == hash;
        }
        proved
    }

    /// Its secrets once `new` is the current one: the one that was counts for `overlap` longer, and
    /// older ones not at all.
    pub fn secrets_with(
        &self,
        new: SecretHash,
        overlap: Duration,
        now: Timestamp,
    ) -> Vec<ClientSecret> {
        let old = self.secrets.iter().find(|secret| secret.until.is_none());
        let old = old.filter(|_| !overlap.is_zero());
        let ending = old.map(|old| ClientSecret { until: Some(now + overlap), ..*old });
        std::iter::once(ClientSecret { hash: new, until: None }).chain(ending).collect()
    }
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
    /// A list that nobody can read is a mistake.
    #[error("an application has at most {MOST_REDIRECT_URIS} redirect URIs")]
    TooManyRedirectUris,
    /// The first is the primary one, so their order matters, so no URI may stand twice.
    #[error("{0} is there twice")]
    RedirectUriTwice(RedirectUri),
    /// In production, nobody's browser is sent into a private network.
    #[error(
        "{0} leads to this machine or a private network; only an application in development may"
    )]
    PrivateHost(RedirectUri),
    /// ID tokens tell an email address and are no part of the Classroom tier.
    #[error("an application of the Classroom tier gets no ID tokens; turn the switch oidc off")]
    ClassroomOidc,
    /// Nobody can show a verifier for a token that comes without a code.
    #[error("an application that must send a code challenge cannot have the implicit grant")]
    ImplicitWithPkce,
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
    if application.redirect_uris.len() > MOST_REDIRECT_URIS {
        return Err(RegistrationError::TooManyRedirectUris);
    }
    let mut uris = application.redirect_uris.iter().enumerate();
    if let Some((_, twice)) = uris.find(|(at, uri)| application.redirect_uris[..*at].contains(uri))
    {
        return Err(RegistrationError::RedirectUriTwice(twice.clone()));
    }
    if application.user_types.is_empty() {
        return Err(RegistrationError::NoUserType);
    }
    if application.switches.oidc && application.tier == AccessTier::Classroom {
        return Err(RegistrationError::ClassroomOidc);
    }
    if application.switches.implicit && application.switches.pkce_required {
        return Err(RegistrationError::ImplicitWithPkce);
    }
    if application.stage == Stage::Development {
        return Ok(());
    }
    let addresses = || application.redirect_uris.iter().chain(&application.initiate_login_uri);
    if let Some(plain) = addresses().find(|uri| !uri.is_https()) {
        return Err(RegistrationError::NotHttps(plain.clone()));
    }
    match addresses().find(|uri| uri.is_on_a_private_network()) {
        Some(private) => Err(RegistrationError::PrivateHost(private.clone())),
        None => Ok(()),
    }
}

/// The most redirect URIs of one application.
pub const MOST_REDIRECT_URIS: usize = 50;
