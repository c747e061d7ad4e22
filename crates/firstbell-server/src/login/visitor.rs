//! Who is logged in on the browser that a request comes from.

use std::sync::Arc;

use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::impersonation;
use firstbell_core::login::session::{Impersonator, Session};
use firstbell_core::login::step::Visitor;
use firstbell_core::roster::User;
use firstbell_core::roster::district::SessionLimits;
use firstbell_core::secret::SecretHash;
use firstbell_core::sharing::{Needs, Ties};
use firstbell_core::time::Timestamp;
use firstbell_store::{AuditEntry, Known, Store, StoreError, Tx};

use crate::app::App;
use crate::extract::{Visit, csrf};
use crate::reply::fault::chain;
use crate::reply::page::ImpersonationBanner;
use crate::settings::Settings;

/// The visitor with this session, if it is live and its person is in the roster and not suspended:
/// somebody else may sit down at this browser next and must get a login page. What ties the person
/// to the roster is loaded as far as entering `application` depends on it, or any application of the
/// portal. `settings` become those of the moment at which the session was read, so that what a
/// district withdrew is withdrawn at once, on every node.
///
/// # Errors
/// When the database cannot be read.
pub async fn load(
    app: &App,
    visit: &Visit,
    settings: &mut Arc<Settings>,
    application: Option<ApplicationId>,
) -> Result<Option<Visitor>, StoreError> {
    let Some(secret) = &visit.session else {
        return Ok(None);
    };
    let (hash, now) = (secret.hash(), app.now());
    let Some(known) = app.store().look(move |tx| tx.visitor(&hash)).await? else {
        return Ok(None);
    };
    *settings = app.settings_of(known.settings_version).await?;
    let Known { proof: session, user: Some(user), .. } = known else {
        return Ok(None);
    };
    let admin = administrator(app, &session).await?;
    let Some(limits) = limits(settings, &session, &user, admin.as_ref()) else {
        return Ok(None);
    };
    if !session.is_live(limits, now) || user.suspended_since.is_some() {
        return Ok(None);
    }
    if let Some(impersonator) = session.impersonator {
        if !impersonation::may_go_on(impersonator, admin.as_ref(), &user, now) {
            return Ok(None);
        }
        tell(app, visit, settings, &session, &user, admin.as_ref());
    }

    let needs = needs(settings, session.district, application);
    let ties = ties(app.store(), session.district, &user, needs).await?;
    if session.use_is_worth_recording(limits, now) {
        // Who cannot be recorded may still come in: the session ends a little early at worst.
        if let Err(error) = record_use(app.store(), session.secret_hash, now).await {
            tracing::warn!(cause = chain(&error), "the use of a session was not recorded");
        }
    }
    Ok(Some(Visitor { session, user, ties }))
}

/// Whom the roster has now under the id of the administrator behind an impersonated session.
async fn administrator(app: &App, session: &Session) -> Result<Option<User>, StoreError> {
    let (Some(impersonator), district) = (session.impersonator, session.district) else {
        return Ok(None);
    };
    app.store().read(move |tx| tx.district(district).user(impersonator.user)).await
}

/// How long the session may last: as long as that of whoever sits there. None where its district is
/// gone.
fn limits(
    settings: &Settings,
    session: &Session,
    user: &User,
    admin: Option<&User>,
) -> Option<SessionLimits> {
    let (who, role) = match session.impersonator {
        Some(impersonator) => (admin?, impersonator.role),
        None => (user, session.role),
    };
    let role = who.role_by_id(role).or_else(|| who.roles.first())?;
    Some(settings.district(session.district)?.policy.limits(role))
}

/// From here on every page says who acts as whom.
fn tell(
    app: &App,
    visit: &Visit,
    settings: &Settings,
    session: &Session,
    user: &User,
    admin: Option<&User>,
) {
    let (Some(impersonator), Some(admin)) = (session.impersonator, admin) else {
        return;
    };
    if let Some(district) = settings.district(session.district) {
        let left = impersonator.until.since(app.now());
        visit.banner.get_or_init(|| ImpersonationBanner {
            person_name: user.name.full(),
            admin_name: admin.name.full(),
            minutes_left: left.as_secs().div_ceil(60),
            stop_action: format!("/in/{}/open-as/stop", district.shortname),
            csrf_token: csrf::of(visit),
        });
    }
}

/// Looks up who acts as whom on a browser that says that somebody does.
pub async fn look_up_banner(app: &App, visit: &Visit) {
    let mut settings = app.settings();
    if let Err(error) = load(app, visit, &mut settings, None).await {
        tracing::warn!(cause = chain(&error), "who acts as whom could not be looked up");
    }
}

fn needs(settings: &Settings, district: DistrictId, application: Option<ApplicationId>) -> Needs {
    let of = |application: ApplicationId| {
        settings.application(application).map_or_else(Needs::default, |found| {
            Needs::of(found, settings.connection(application, district))
        })
    };
    match application {
        Some(application) => of(application),
        None => settings
            .applications_for(district)
            .map(|(application, connection)| Needs::of(application, connection))
            .fold(Needs::default(), Needs::and),
    }
}

/// What ties a person to the roster, as far as it is needed.
///
/// # Errors
/// When the database cannot be read.
pub async fn ties(
    store: &Store,
    district: DistrictId,
    user: &User,
    needs: Needs,
) -> Result<Ties, StoreError> {
    if needs.is_nothing() {
        return Ok(Ties::default());
    }
    let person = user.clone();
    let load = move |tx: &mut Tx<'_>| tx.district(district).ties_of(&person, needs);
    if needs.sections || needs.links { store.read(load).await } else { store.look(load).await }
}

/// Whether an administrator who acts as this person may still do so; true where nobody does.
///
/// # Errors
/// When the database cannot be read.
pub fn impersonator_may_go_on(
    tx: &mut Tx<'_>,
    district: DistrictId,
    impersonator: Option<Impersonator>,
    user: &User,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(impersonator) = impersonator else {
        return Ok(true);
    };
    let admin = tx.district(district).user(impersonator.user)?;
    Ok(impersonation::may_go_on(impersonator, admin.as_ref(), user, now))
}

/// Ends a session for good. That an impersonation ended with it stands in the audit log.
///
/// # Errors
/// When the database fails.
pub fn end(tx: &mut Tx<'_>, session: &SecretHash, now: Timestamp) -> Result<bool, StoreError> {
    let found = tx.session(session)?;
    if let Some(Session { impersonator: Some(admin), user, district, .. }) = found {
        let entry = AuditEntry {
            action: "impersonation.ended",
            actor: Some(admin.user),
            subject: Some(user),
            application: None,
            detail: String::new(),
        };
        tx.district(district).audit(&entry, now)?;
    }
    tx.end_session(session)
}

async fn record_use(store: &Store, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
    store.write(move |tx| tx.record_session_use(&hash, now)).await
}
