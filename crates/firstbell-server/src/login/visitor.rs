//! Who is logged in on the browser that a request comes from.

use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::step::Visitor;
use firstbell_core::secret::SecretHash;
use firstbell_core::sharing;
use firstbell_core::time::Timestamp;
use firstbell_store::{Store, StoreError};

use crate::app::App;
use crate::extract::Visit;
use crate::reply::fault::chain;
use crate::settings::Settings;

/// The visitor with this session, if it is live and its person is in the roster and not suspended:
/// somebody else may sit down at this browser next and must get a login page. Schools
/// are loaded where the district's connection to `application` depends on them.
///
/// # Errors
/// When the database cannot be read.
pub async fn load(
    app: &App,
    visit: &Visit,
    settings: &Settings,
    application: Option<ApplicationId>,
) -> Result<Option<Visitor>, StoreError> {
    let Some(secret) = &visit.session else {
        return Ok(None);
    };
    let (hash, now) = (secret.hash(), app.now());
    let (session, user) = match app.store().look(move |tx| tx.visitor(&hash)).await? {
        Some((session, Some(user))) if session.is_live(now) && user.suspended_since.is_none() => {
            (session, user)
        }
        _ => return Ok(None),
    };
    let (district, person) = (session.district, user.id);
    let schools = if schools_matter(settings, district, application) {
        app.store().look(move |tx| tx.district(district).schools_of(person)).await?
    } else {
        Vec::new()
    };
    if session.use_is_worth_recording(now) {
        // Who cannot be recorded may still come in: the session ends a little early at worst.
        if let Err(error) = record_use(app.store(), session.secret_hash, now).await {
            tracing::warn!(cause = chain(&error), "the use of a session was not recorded");
        }
    }
    Ok(Some(Visitor { session, user, schools }))
}

/// Whether it depends on the visitor's schools where they may go: to the application, or to any
/// of the portal's.
fn schools_matter(
    settings: &Settings,
    district: DistrictId,
    application: Option<ApplicationId>,
) -> bool {
    match application {
        Some(application) => sharing::needs_schools(settings.connection(application, district)),
        None => settings
            .applications_of(district)
            .iter()
            .any(|(_, connection)| sharing::needs_schools(Some(connection))),
    }
}

async fn record_use(store: &Store, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
    store.write(move |tx| tx.record_session_use(&hash, now)).await
}
