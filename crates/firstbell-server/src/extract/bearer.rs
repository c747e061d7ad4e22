//! Whose token a request to the Data API carries (RFC 6750 section 2). A person's token opens
//! something only while its person is in the roster, is not suspended and is still shared with the
//! application; a district's, while the district lets the application in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use firstbell_core::application::{Application, Connection};
use firstbell_core::error;
use firstbell_core::id::DistrictId;
use firstbell_core::login::code::Grant;
use firstbell_core::login::token;
use firstbell_core::roster::User;
use firstbell_core::secret::{Secret, SecretHash};
use firstbell_core::sharing::{
    self, Case, DistrictRefusal, Entry, Needs, OutOfScope, Ties, reads_district,
};
use firstbell_core::time::Timestamp;
use firstbell_protocol::oauth::bearer;
use firstbell_store::Known;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app::App;
use crate::login::visitor;
use crate::reply::data_json::DataFault;
use crate::settings::Settings;

/// A good token and the person it speaks for.
#[derive(Debug)]
pub struct Bearer {
    settings: Arc<Settings>,
    /// For whom the token was made.
    pub grant: Grant,
    /// The person.
    pub user: User,
    ties: Ties,
}

impl Bearer {
    /// The settings by which the token was judged.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The application that holds the token.
    ///
    /// # Errors
    /// When it was withdrawn in this very moment.
    pub fn application(&self) -> Result<&Application, DataFault> {
        self.settings.application(self.grant.application).ok_or(INVALID)
    }

    /// The person at the door of the application.
    ///
    /// # Errors
    /// When application or district were withdrawn in this very moment.
    pub fn case(&self) -> Result<Case<'_>, DataFault> {
        let door = self.settings.door(self.grant.application, self.grant.district);
        let door = door.ok_or(INVALID)?;
        Ok(door.case(&self.user, self.grant.role, &self.ties))
    }

    /// The token with all that ties its person to sections, where only what entering depends on was
    /// loaded.
    ///
    /// # Errors
    /// When the database fails, or the person may no longer enter.
    pub async fn with_sections(mut self, app: &App) -> Result<Self, DataFault> {
        let (application, district) = (self.grant.application, self.grant.district);
        let connection = self.settings.connection(application, district);
        let needs = Needs::of(self.application()?, connection);
        let needs = needs.and(Needs { sections: true, ..Needs::default() });
        self.ties = visitor::ties(app.store(), district, &self.user, needs).await?;
        self.entry()?;
        Ok(self)
    }

    /// That the person may be in the application, and in which role they are.
    ///
    /// # Errors
    /// When they may not.
    pub fn entry(&self) -> Result<Entry<'_>, DataFault> {
        sharing::admit(&self.case()?).map_err(|refusal| {
            tracing::info!(
                district.id = %self.grant.district, application.id = %self.grant.application,
                %refusal, "a token was refused because its person may no longer enter"
            );
            INVALID
        })
    }
}

/// A good token of either kind.
#[derive(Debug)]
pub enum AnyBearer {
    /// One that speaks for a person.
    Person(Box<Bearer>),
    /// One with which an application reads a whole district.
    District(Box<DistrictBearer>),
}

/// A good token of a district.
#[derive(Debug)]
pub struct DistrictBearer {
    settings: Arc<Settings>,
    application: Application,
    district: DistrictId,
}

impl DistrictBearer {
    /// The settings by which the token was judged.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The application that holds the token.
    #[must_use]
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// The district that it reads.
    #[must_use]
    pub fn district(&self) -> DistrictId {
        self.district
    }

    /// What the district has said about the application.
    ///
    /// # Errors
    /// When it was withdrawn in this very moment.
    pub fn connection(&self) -> Result<&Connection, DataFault> {
        self.settings.connection(self.application.id, self.district).ok_or(INVALID)
    }
}

impl AnyBearer {
    /// The settings by which the token was judged.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        match self {
            Self::Person(bearer) => &bearer.settings,
            Self::District(bearer) => &bearer.settings,
        }
    }

    /// The application that holds the token.
    ///
    /// # Errors
    /// When it was withdrawn in this very moment.
    pub fn application(&self) -> Result<&Application, DataFault> {
        match self {
            Self::Person(bearer) => bearer.application(),
            Self::District(bearer) => Ok(&bearer.application),
        }
    }

    /// The district of the token.
    #[must_use]
    pub fn district(&self) -> DistrictId {
        match self {
            Self::Person(bearer) => bearer.grant.district,
            Self::District(bearer) => bearer.district,
        }
    }

    /// The token of a person; a district's reaches nothing of one person.
    ///
    /// # Errors
    /// [`OutOfScope`].
    pub fn of_person(self) -> Result<Bearer, OutOfScope> {
        match self {
            Self::Person(bearer) => Ok(*bearer),
            Self::District(_) => Err(OutOfScope),
        }
    }

    /// Whether it is the token of a district.
    #[must_use]
    pub fn is_of_district(&self) -> bool {
        matches!(self, Self::District(_))
    }

    /// Whose the presented token is.
    ///
    /// # Errors
    /// When it is no good one, or the database fails.
    pub async fn of(app: &App, presented: &Secret) -> Result<Self, DataFault> {
        // Tokens of districts are hexadecimal, so none begins like a person's.
        if presented.expose().starts_with(token::PREFIX) {
            let bearer = person(app, presented, app.now()).await?;
            Ok(Self::Person(Box::new(bearer)))
        } else {
            of_district(app, presented.hash()).await.map(Box::new).map(Self::District)
        }
    }
}

/// The refusal of a token that is no good one, whatever the reason.
pub const INVALID: DataFault = DataFault::new(&error::TOKEN_INVALID, "Invalid or expired token");

impl FromRequestParts<App> for AnyBearer {
    type Rejection = DataFault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, DataFault> {
        Self::of(app, &presented(parts)?).await
    }
}

/// The token that a request carries, in its one header.
///
/// # Errors
/// When it carries none, or one in its address.
pub(super) fn presented(parts: &Parts) -> Result<Secret, DataFault> {
    let mut sent = parts.headers.get_all(AUTHORIZATION).iter();
    let header = match (sent.next(), sent.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    };
    let presented = header.and_then(bearer::in_header).ok_or(INVALID)?;
    if stands_in_query(parts.uri.query().unwrap_or_default()) {
        return Err(TWICE);
    }
    Ok(Secret::from_text(presented))
}

const TWICE: DataFault =
    DataFault::new(&error::PARAMETER_MALFORMED, "Send the token in the Authorization header only");

impl FromRequestParts<App> for Bearer {
    type Rejection = DataFault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, DataFault> {
        Ok(AnyBearer::from_request_parts(parts, app).await?.of_person()?)
    }
}

/// A token in the address ends up in logs; it counts for nothing there, and beside the header it
/// makes the request one to refuse (RFC 6750 section 2).
fn stands_in_query(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
}

async fn person(app: &App, presented: &Secret, now: Timestamp) -> Result<Bearer, DataFault> {
    let hash = presented.hash();
    let Some(known) = app.store().look(move |tx| tx.token_owner(&hash)).await? else {
        return Err(INVALID);
    };
    let settings = app.settings_of(known.settings_version).await?;
    let Known { proof: token, user: Some(user), .. } = known else {
        return Err(INVALID);
    };
    if !token.is_good(now) {
        return Err(INVALID);
    }
    let grant = token.grant;
    if grant.impersonator.is_some() {
        let (person, district) = (user.clone(), grant.district);
        let may = app.store().read(move |tx| {
            visitor::impersonator_may_go_on(tx, district, grant.impersonator, &person, now)
        });
        if !may.await? {
            return Err(INVALID);
        }
    }
    let application = settings.application(grant.application).ok_or(INVALID)?;
    let needs = Needs::of(application, settings.connection(grant.application, grant.district));
    let ties = visitor::ties(app.store(), grant.district, &user, needs).await?;

    let bearer = Bearer { settings, grant, user, ties };
    bearer.entry()?;
    Ok(bearer)
}

/// The district's token with this hash.
///
/// # Errors
/// When there is none that is good, or the database fails.
pub(super) async fn of_district(app: &App, hash: SecretHash) -> Result<DistrictBearer, DataFault> {
    let Some((token, version)) = app.store().look(move |tx| tx.district_token(&hash)).await? else {
        return Err(INVALID);
    };
    let settings = app.settings_of(version).await?;
    let application = settings.application(token.application).ok_or(INVALID)?.clone();
    if !token.is_good() {
        return Err(INVALID);
    }
    reads_district(&application, settings.connection(token.application, token.district)).map_err(
        |refusal| match refusal {
            DistrictRefusal::NotConnected => INVALID,
            DistrictRefusal::OutOfScope(refusal) => refusal.into(),
        },
    )?;
    Ok(DistrictBearer { settings, application, district: token.district })
}
