//! Who is logged in on the browser that a request comes from.

use std::sync::Arc;

use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::session::Session;
use firstbell_core::login::step::Visitor;
use firstbell_core::roster::district::SessionLimits;
use firstbell_core::roster::{RoleKind, User};
use firstbell_core::secret::SecretHash;
use firstbell_core::sharing::{Needs, Ties};
use firstbell_core::time::Timestamp;
use firstbell_store::{Known, Store, StoreError};

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
    let Some(limits) = limits(settings, &session, &user) else {
        return Ok(None);
    };
    if !session.is_live(limits, now) || user.suspended_since.is_some() {
        return Ok(None);
    }
    if !impersonator_may(app, visit, settings, &session, &user).await? {
        return Ok(None);
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

/// How long the session may last. None where its district is gone.
fn limits(settings: &Settings, session: &Session, user: &User) -> Option<SessionLimits> {
    let role = user.role_by_id(session.role).or_else(|| user.roles.first())?;
    Some(settings.district(session.district)?.policy.limits(role))
}

/// Whether the administrator behind an impersonated session is still one. If so, every page says who
/// acts as whom from here on.
async fn impersonator_may(
    app: &App,
    visit: &Visit,
    settings: &Settings,
    session: &Session,
    user: &User,
) -> Result<bool, StoreError> {
    let Some(impersonator) = session.impersonator else {
        return Ok(true);
    };
    let district = session.district;
    let found = app.store().read(move |tx| tx.district(district).user(impersonator.user)).await?;
    let Some(admin) = found.filter(|admin| {
        admin.suspended_since.is_none() && admin.role(RoleKind::DistrictAdmin).is_some()
    }) else {
        return Ok(false);
    };
    if let Some(district) = settings.district(district) {
        let left = impersonator.until.since(app.now());
        visit.banner.get_or_init(|| ImpersonationBanner {
            person_name: user.name.full(),
            admin_name: admin.name.full(),
            minutes_left: left.as_secs().div_ceil(60),
            stop_action: format!("/in/{}/open-as/stop", district.shortname),
            csrf_token: csrf::of(visit),
        });
    }
    Ok(true)
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
    let load =
        move |tx: &mut firstbell_store::Tx<'_>| tx.district(district).ties_of(&person, needs);
    if needs.sections || needs.links { store.read(load).await } else { store.look(load).await }
}

async fn record_use(store: &Store, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
    store.write(move |tx| tx.record_session_use(&hash, now)).await
}
