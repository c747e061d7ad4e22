//! Whose token a request for OneRoster carries, and what of the roster it reads: one of a district, all
//! of it; one that was narrowed, what its scopes say. Other interfaces know no narrowed tokens.

use axum::extract::FromRequestParts;
use firstbell_core::login::district_token::narrowed;
use firstbell_core::sharing::OutOfScope;
use firstbell_protocol::vocabulary::RosterScopes;
use http::request::Parts;

use super::bearer::{self, AnyBearer, DistrictBearer, INVALID};
use crate::app::App;
use crate::reply::data_json::DataFault;

/// A good token with which an application reads a district's roster.
#[derive(Debug)]
pub struct RosterBearer {
    /// The district's token, which a narrowed one was made of.
    pub whole: Box<DistrictBearer>,
    /// What of the roster it reads.
    pub scopes: RosterScopes,
}

impl FromRequestParts<App> for RosterBearer {
    type Rejection = DataFault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, DataFault> {
        let presented = bearer::presented(parts)?;
        if presented.expose().starts_with(narrowed::PREFIX) {
            let key = app.district_token_key();
            let narrowed = key.open(&presented, app.now()).ok_or(INVALID)?;
            let whole = Box::new(bearer::of_district(app, key.whole(&narrowed)).await?);
            return Ok(Self { whole, scopes: narrowed.scopes });
        }
        match AnyBearer::of(app, &presented).await? {
            AnyBearer::District(whole) => Ok(Self { whole, scopes: RosterScopes::ALL }),
            AnyBearer::Person(_) => Err(OutOfScope.into()),
        }
    }
}
