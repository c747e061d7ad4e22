//! Who is logged in on the browser that a request comes from.

use std::sync::Arc;

use firstbell_core::id::ApplicationId;
use firstbell_core::login::step::Visitor;
use firstbell_core::secret::SecretHash;
use firstbell_core::sharing;
use firstbell_core::time::Timestamp;
use firstbell_store::{Store, StoreError, Tx};

use crate::app::App;
use crate::extract::Visit;
use crate::settings::Settings;

/// The visitor with this session, if it is live and its person is still in the roster. Schools
/// are loaded where the district's connection to `application` depends on them.
///
/// # Errors
/// When the database cannot be read.
pub async fn load(
    app: &App,
    visit: &Visit,
    settings: &Arc<Settings>,
    application: Option<ApplicationId>,
) -> Result<Option<Visitor>, StoreError> {
    let Some(secret) = &visit.session else {
        return Ok(None);
    };
    let (hash, now, settings) = (secret.hash(), app.now(), Arc::clone(settings));
    let found = app.store().read(move |tx| read(tx, &hash, &settings, application, now)).await?;
    if let Some(visitor) = found.as_ref().filter(|it| it.session.use_is_worth_recording(now)) {
        record_use(app.store(), visitor.session.secret_hash, now).await?;
    }
    Ok(found)
}

fn read(
    tx: &mut Tx<'_>,
    hash: &SecretHash,
    settings: &Settings,
    application: Option<ApplicationId>,
    now: Timestamp,
) -> Result<Option<Visitor>, StoreError> {
    let Some((session, Some(user))) = tx.visitor(hash)? else {
        return Ok(None);
    };
    if !session.is_live(now) {
        return Ok(None);
    }
    let depends = match application {
        Some(application) => {
            sharing::needs_schools(settings.connection(application, session.district))
        }
        // The portal shows every application that the person may enter.
        None => settings
            .applications_of(session.district)
            .iter()
            .any(|(_, connection)| sharing::needs_schools(Some(connection))),
    };
    let schools =
        if depends { tx.district(session.district).schools_of(user.id)? } else { Vec::new() };
    Ok(Some(Visitor { session, user, schools }))
}

async fn record_use(store: &Store, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
    store.write(move |tx| tx.record_session_use(&hash, now)).await
}
