//! The ID token beside an access token (OpenID Connect Core section 3.1.3.3), and the same token
//! when it comes back as a hint (section 3.1.2.1).

use firstbell_core::application::{Application, IdTokenAlgorithm};
use firstbell_core::id::UserId;
use firstbell_core::login::code::AuthorizationCode;
use firstbell_core::roster::{Email, RoleKind, User};
use firstbell_core::sharing::{self, AccessTier, Entry};
use firstbell_core::time::Timestamp;
use firstbell_protocol::jose::verify::{Expected, Time};
use firstbell_protocol::jose::{SigningError, UnverifiedToken};
use firstbell_protocol::oidc::IdToken;

use crate::app::App;

/// What an ID token says, before it is signed. It is gathered in the transaction that spends the
/// code, and signed after it: a signature costs more than all the rest.
#[derive(Debug)]
pub struct Unsigned {
    algorithm: IdTokenAlgorithm,
    audience: String,
    issued: Timestamp,
    code: AuthorizationCode,
    entry: Entered,
}

/// Who came, as the application sees them.
#[derive(Debug)]
struct Entered {
    user_type: RoleKind,
    role: String,
    email: Option<String>,
    email_verified: bool,
    given_name: String,
    family_name: String,
}

/// No key signs with the application's algorithm, or signing failed.
#[derive(Debug, thiserror::Error)]
pub enum Unsignable {
    /// There is no key.
    #[error("no key signs {0}")]
    NoKey(IdTokenAlgorithm),
    /// The key failed.
    #[error(transparent)]
    Failed(#[from] SigningError),
}

impl Unsigned {
    /// What an application that gets ID tokens is told of a person; nothing for others. The tier
    /// Classroom gets none, whatever is switched on.
    #[must_use]
    pub fn of(
        application: &Application,
        code: &AuthorizationCode,
        user: &User,
        entry: &Entry<'_>,
        now: Timestamp,
    ) -> Option<Self> {
        if !application.switches.oidc || application.tier == AccessTier::Classroom {
            return None;
        }
        let view = sharing::view(application, user, entry);
        Some(Self {
            algorithm: application.id_token_algorithm,
            audience: application.client_id.as_str().to_owned(),
            issued: now,
            code: code.clone(),
            entry: Entered {
                user_type: entry.role.kind,
                role: entry.role.id.to_string(),
                email: view.email.map(|email| Email::as_str(email).to_owned()),
                email_verified: application.switches.email_verified,
                given_name: view.first_name.to_owned(),
                family_name: view.last_name.into_owned(),
            },
        })
    }

    /// The signed token.
    ///
    /// # Errors
    /// See [`Unsignable`].
    pub fn sign(&self, app: &App) -> Result<String, Unsignable> {
        let keys = app.keys();
        let key = keys.signer(self.algorithm).ok_or(Unsignable::NoKey(self.algorithm))?;
        let (grant, entry) = (&self.code.grant, &self.entry);
        let (user, district) = (grant.user.hex(), grant.district.hex());
        let impersonator = grant.impersonator.map(|it| it.user.hex());
        Ok(key.sign(&IdToken {
            issuer: app.urls().auth_base(),
            audience: &self.audience,
            issued_seconds: seconds(self.issued),
            nonce: self.code.nonce.as_ref().map(firstbell_protocol::vocabulary::Nonce::as_str),
            authenticated_seconds: seconds(self.code.authenticated),
            user: &user,
            role: &entry.role,
            user_type: entry.user_type,
            district: &district,
            email: entry.email.as_deref(),
            email_verified: entry.email_verified,
            given_name: &entry.given_name,
            family_name: &entry.family_name,
            impersonator: impersonator.as_deref(),
        })?)
    }
}

fn seconds(point: Timestamp) -> i64 {
    point.milliseconds().div_euclid(1000)
}

/// The hint is no ID token that we made for the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignHint;

/// The person of an ID token that we once made for this application, expired or not.
///
/// # Errors
/// [`ForeignHint`].
pub fn hinted(app: &App, application: &Application, hint: &str) -> Result<UserId, ForeignHint> {
    let expected = Expected {
        issuer: app.urls().auth_base(),
        audience: application.client_id.as_str(),
        time: Time::Whenever,
    };
    let token = UnverifiedToken::parse(hint).map_err(|_| ForeignHint)?;
    let claims = token.verify(app.keys().published()).map_err(|_| ForeignHint)?;
    claims.expect(expected).map_err(|_| ForeignHint)?;
    let subject = claims.text("sub").ok().flatten().ok_or(ForeignHint)?;
    subject.parse().map_err(|_| ForeignHint)
}
