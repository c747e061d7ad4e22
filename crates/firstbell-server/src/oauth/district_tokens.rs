//! `GET /oauth/tokens`: the tokens with which an application reads districts. A token is made when
//! its application first asks for it; it is derived anew each time, and only its hash is kept.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use firstbell_core::application::Application;
use firstbell_core::error;
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::district_token::{DistrictToken, DistrictTokenKey};
use firstbell_core::sharing::reads_district;
use firstbell_core::time::Timestamp;
use firstbell_protocol::oauth::{
    DistrictTokenItem, DistrictTokens, DistrictTokensQuery, Owner, TokenRequest,
};
use firstbell_store::{StoreError, Tx};
use http::HeaderMap;

use crate::app::App;
use crate::entropy::Entropy;
use crate::extract::client_auth;
use crate::reply::oauth_json::{self, TokenFault};
use crate::settings::Settings;

/// Lists the application's tokens. An application that reads no district has none.
///
/// # Errors
/// See [`TokenFault`].
pub async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, TokenFault> {
    let query = query.as_deref().unwrap_or_default();
    TokenRequest::must_not_be_in(query)
        .map_err(|fault| TokenFault::new(&error::TOKEN_REQUEST_MALFORMED, fault.to_string()))?;
    let settings = app.settings();
    let application = client_auth::application(&app, &headers, (None, None), &settings)?.clone();
    let query = DistrictTokensQuery::parse(query)
        .map_err(|refusal| TokenFault::new(&error::OWNER_TYPE_UNSUPPORTED, refusal.to_string()))?;

    let tokens = tokens(&app, settings, &application).await?;

    let asked = |token: &&DistrictToken| match &query.district {
        Some(district) => token.district.hex().as_str() == district,
        None => true,
    };
    let scopes: Vec<_> = application.tier.scope().split(' ').collect();
    let item = |token: &DistrictToken| DistrictTokenItem {
        id: token.id.to_string(),
        created: token.created.to_string(),
        owner: Owner::district(token.district.to_string()),
        access_token: app
            .district_token_key()
            .token(token.application, token.district, token.generation)
            .expose()
            .to_owned(),
        scopes: scopes.clone(),
    };
    let data = tokens.iter().filter(asked).map(item).collect();
    Ok(oauth_json::object(&DistrictTokens::of(data)))
}

/// The tokens that are in force, by settings that are as new as they are. Those that are missing are
/// made.
pub(super) async fn tokens(
    app: &App,
    mut settings: Arc<Settings>,
    application: &Application,
) -> Result<Vec<DistrictToken>, StoreError> {
    loop {
        let (known, id) = (settings.version(), application.id);
        let found = app.store().read(move |tx| in_force(tx, known, id)).await?;
        let tokens = match found {
            Ok(tokens) => tokens,
            Err(version) => {
                settings = app.settings_of(version).await?;
                continue;
            }
        };
        let districts = readable(&settings, application);
        let has_token = |district: &DistrictId| tokens.iter().any(|it| it.district == *district);
        let missing: Vec<_> = districts.iter().copied().filter(|it| !has_token(it)).collect();
        if missing.is_empty() {
            return Ok(tokens.into_iter().filter(|it| districts.contains(&it.district)).collect());
        }
        make(app, application, missing).await?;
    }
}

type InForce = Result<Vec<DistrictToken>, i64>;

fn in_force(
    tx: &mut Tx<'_>,
    known: i64,
    application: ApplicationId,
) -> Result<InForce, StoreError> {
    let version = tx.settings_version()?;
    if version > known {
        return Ok(Err(version));
    }
    tx.district_tokens(application).map(Ok)
}

/// The districts that the application reads.
fn readable(settings: &Settings, application: &Application) -> Vec<DistrictId> {
    let reads = |district: &DistrictId| {
        let connection = settings.connection(application.id, *district);
        settings
            .application(application.id)
            .is_some_and(|application| reads_district(application, connection).is_ok())
    };
    settings.districts().iter().map(|district| district.id).filter(reads).collect()
}

/// Makes tokens. Where another node is faster, its tokens are the ones.
async fn make(
    app: &App,
    application: &Application,
    districts: Vec<DistrictId>,
) -> Result<(), StoreError> {
    let (id, now, key) = (application.id, app.now(), app.district_token_key().clone());
    app.store()
        .write(move |tx| {
            districts.iter().try_for_each(|district| make_one(tx, id, *district, &key, now))
        })
        .await
}

fn make_one(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    district: DistrictId,
    key: &DistrictTokenKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let newest = tx.newest_district_token(application, district)?;
    let token = DistrictToken::following(newest, application, district, key, (now, &mut Entropy));
    tx.record_district_token(&token).map(drop)
}
