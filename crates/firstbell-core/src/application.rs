//! Registered applications: where they take their users back, whom they serve, what they may see.

mod connecting;

pub use connecting::{ConnectionChange, ConnectionChangeRefusal};
pub use firstbell_protocol::jose::Algorithm as IdTokenAlgorithm;
pub use firstbell_protocol::vocabulary::{ClientId, RedirectUri};

use std::time::Duration;

use firstbell_protocol::vocabulary::RoleKind;

use crate::id::{ApplicationId, DistrictId, SchoolId, SectionId, UserId};
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

/// What a district has said about an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The application.
    pub application: ApplicationId,
    /// The district.
    pub district: DistrictId,
    /// Whether it lets the application in.
    pub state: ConnectionState,
    /// Whom the district shares.
    pub sharing: Sharing,
    /// When the district connected it.
    pub since: Timestamp,
}

/// Whether a district lets an application in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// It does.
    Active,
    /// It did and will again: people are told to wait.
    Paused,
    /// It does no longer; its rules are kept for the case that it does again.
    Disconnected,
    /// It does not, and its teachers may not connect it either.
    Blocked,
    /// It has not connected the application, and recommends it to its teachers.
    Recommended,
}

impl ConnectionState {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Active, Self::Paused, Self::Disconnected, Self::Blocked, Self::Recommended];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disconnected => "disconnected",
            Self::Blocked => "blocked",
            Self::Recommended => "recommended",
        }
    }

    /// Whether the district has connected the application itself, for now or for later.
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }
}

/// Whom a district shares with an application: whoever one of the rules fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// The rules, in the order in which the district gave them.
    pub rules: Vec<SharingRule>,
    /// Whether all staff and district administrators are shared too, whatever the rules say.
    pub all_staff: bool,
}

impl Sharing {
    /// Everyone of the district.
    pub fn everyone() -> Self {
        Self { rules: vec![SharingRule::default()], all_staff: false }
    }

    /// People of these schools, and people who answer for the whole district.
    pub fn schools(schools: Vec<SchoolId>) -> Self {
        let rule = SharingRule { schools: Some(schools), ..SharingRule::default() };
        Self { rules: vec![rule], all_staff: false }
    }
}

/// A rule fits a role of a person if each of its parts does. A part that is not there fits
/// everybody; one that is empty fits nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharingRule {
    /// The role is held at one of these schools. District administrators belong to all.
    pub schools: Option<Vec<SchoolId>>,
    /// A student is in one of these sections, a teacher teaches one.
    pub sections: Option<Vec<SectionId>>,
    /// A student is in one of these grades, a teacher teaches a section of one.
    pub grades: Option<Vec<String>>,
    /// A student is in a section of one of these subjects, a teacher teaches one.
    pub subjects: Option<Vec<String>>,
    /// It is one of these kinds of role.
    pub roles: Option<Vec<RoleKind>>,
}

/// That a teacher lets an application in for herself and her students, where her district has not
/// (seed: Classroom SSO).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeacherLink {
    /// The application.
    pub application: ApplicationId,
    /// The teacher's district.
    pub district: DistrictId,
    /// The teacher.
    pub teacher: UserId,
    /// The sections that she shares and still teaches.
    pub sections: Vec<SectionId>,
    /// When she agreed.
    pub since: Timestamp,
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::secret::tests::Counting;

    pub(crate) fn flightschool() -> Application {
        Application {
            id: ApplicationId::new(Timestamp::from_milliseconds(0), &mut Counting(1)),
            client_id: "c0ffee".parse().expect("a client id"),
            secrets: vec![ClientSecret { hash: Secret::from_text("secret").hash(), until: None }],
            name: "FlightSchool".into(),
            developer: None,
            website: None,
            initiate_login_uri: None,
            redirect_uris: ["https://fly.example/cb", "https://fly.example/other"]
                .map(|uri| uri.parse().expect("a URI"))
                .to_vec(),
            user_types: vec![RoleKind::Student, RoleKind::Teacher],
            stage: Stage::Production,
            tier: AccessTier::DistrictSso,
            switches: Switches::default(),
            id_token_algorithm: IdTokenAlgorithm::default(),
            disabled: None,
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
        let proved = |text: &str| {
            flightschool().is_proved_by(&Secret::from_text(text), Timestamp::default())
        };
        assert!(proved("secret"));
        assert!(!proved("Secret"));
        assert!(!proved(""));
    }

    #[test]
    fn two_secrets_count_while_an_application_goes_over_to_a_new_one() {
        let mut application = flightschool();
        let now = Timestamp::from_milliseconds(1_000);
        let hour = Duration::from_hours(1);
        application.secrets = application.secrets_with(Secret::from_text("new").hash(), hour, now);
        let proved = |application: &Application, text: &str, at| {
            application.is_proved_by(&Secret::from_text(text), at)
        };
        assert!(proved(&application, "new", now) && proved(&application, "secret", now));
        assert!(proved(&application, "new", now + hour));
        assert!(!proved(&application, "secret", now + hour), "its time is over");

        application.secrets =
            application.secrets_with(Secret::from_text("third").hash(), hour, now);
        assert!(!proved(&application, "secret", now), "there are two at most");
        application.secrets =
            application.secrets_with(Secret::from_text("4th").hash(), Duration::ZERO, now);
        assert!(proved(&application, "4th", now) && !proved(&application, "third", now));
    }

    #[test]
    fn switches_have_names() {
        let mut switches = Switches::default();
        assert_eq!(switches.names().count(), 0);
        for (name, ..) in Switches::ALL {
            assert!(switches.set(name, true), "{name}");
        }
        assert_eq!(switches.names().count(), Switches::ALL.len());
        assert!(!switches.set("everything", true));
    }

    #[test]
    fn what_cannot_be_registered() {
        use RegistrationError as R;
        let refused = |change: &dyn Fn(&mut Application)| {
            let mut application = flightschool();
            change(&mut application);
            check_registration(&application).err()
        };
        let uri = |text: &str| -> RedirectUri { text.parse().expect("a URI") };
        let private = uri("https://192.168.0.1/cb");
        assert_eq!(
            refused(&|it| it.redirect_uris.push(private.clone())),
            Some(R::PrivateHost(private.clone()))
        );
        let first = flightschool().redirect_uris[0].clone();
        assert_eq!(
            refused(&|it| it.redirect_uris.push(first.clone())),
            Some(R::RedirectUriTwice(first.clone()))
        );
        let many = (0..51).map(|n| uri(&format!("https://fly.example/{n}")));
        let many: Vec<_> = many.collect();
        assert_eq!(refused(&|it| it.redirect_uris.clone_from(&many)), Some(R::TooManyRedirectUris));
        let plain = uri("http://fly.example/start");
        assert_eq!(
            refused(&|it| it.initiate_login_uri = Some(plain.clone())),
            Some(R::NotHttps(plain.clone()))
        );
        let classroom_with_id_tokens = |it: &mut Application| {
            it.tier = AccessTier::Classroom;
            it.switches.oidc = true;
        };
        assert_eq!(refused(&classroom_with_id_tokens), Some(R::ClassroomOidc));
        let implicit_with_pkce = |it: &mut Application| {
            it.switches.implicit = true;
            it.switches.pkce_required = true;
        };
        assert_eq!(refused(&implicit_with_pkce), Some(R::ImplicitWithPkce));
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
