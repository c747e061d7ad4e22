//! `GET /in/{district}`: a person's applications. Somebody who is not logged in to this district
//! begins a login that leads back here.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use firstbell_core::application::Application;
use firstbell_core::error;
use firstbell_core::login::impersonation;
use firstbell_core::login::step::{self, Destination, Situation, Step, Visitor};
use firstbell_core::roster::{District, Role, RoleKind};
use firstbell_core::sharing::{self, AccessTier, Place};
use firstbell_store::StoreError;
use http::StatusCode;

use crate::app::App;
use crate::extract::{Visit, csrf};
use crate::login::dispatch::{self, Beginning};
use crate::login::visitor;
use crate::reply::page::{Frame, Portal, PortalPerson, RoleChoice, RoleLabel, Tile, TileNote};
use crate::reply::{Fault, html};
use crate::settings::Settings;

/// Shows the portal.
pub async fn show(State(app): State<App>, visit: Visit, Path(shortname): Path<String>) -> Response {
    match portal(&app, &visit, &shortname).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn portal(app: &App, visit: &Visit, shortname: &str) -> Result<Response, Fault> {
    let mut settings = app.settings();
    let district = district(&settings, shortname)?.clone();
    let visitor = visitor::load(app, visit, &mut settings, None).await?;

    let step = step::next(&Situation {
        district: Some(district.id),
        visitor: visitor.as_ref(),
        door: None,
        waited: None,
    });

    match (step, visitor) {
        (Step::EnterPortal, Some(visitor)) => {
            let mut page = page(visit, &settings, &district, &visitor);
            if has_connected(app, &settings, &visitor).await? {
                page.classroom_href = Some(format!("/in/{}/classes", district.shortname));
            }
            Ok(html::page(app, visit, StatusCode::OK, |text| page.render(text)))
        }
        (Step::Refuse(refusal), _) => Err(refusal.into()),
        _ => {
            let beginning = Beginning {
                door: "portal",
                destination: Destination::Portal,
                district: Some(district.id),
                silent: false,
            };
            dispatch::begin(app, visit, Arc::clone(&settings), beginning).await
        }
    }
}

/// Whether the person, a teacher, has connected an application. Asked only where there are
/// applications that teachers may connect.
async fn has_connected(
    app: &App,
    settings: &Settings,
    visitor: &Visitor,
) -> Result<bool, StoreError> {
    let teaches = visitor.user.role(RoleKind::Teacher).is_some();
    let (district, user) = (visitor.session.district, visitor.user.id);
    let mut applications = settings.applications_for(district);
    if !teaches || !applications.any(|(it, _)| it.tier == AccessTier::Classroom) {
        return Ok(false);
    }
    let links = app.store().look(move |tx| tx.district(district).links_of(user)).await?;
    Ok(!links.is_empty())
}

/// The district of this name in addresses.
///
/// # Errors
/// When there is none.
pub fn district<'a>(settings: &'a Settings, shortname: &str) -> Result<&'a District, Fault> {
    settings
        .district_named(shortname)
        .ok_or_else(|| Fault::from(&error::DISTRICT_UNKNOWN).then("/login"))
}

fn page(visit: &Visit, settings: &Settings, district: &District, visitor: &Visitor) -> Portal {
    let user = &visitor.user;
    let tiles = settings
        .applications_for(district.id)
        .filter_map(|(application, _)| tile(settings, district, visitor, application))
        .collect();
    let role = visitor.role();
    let person = PortalPerson {
        first_name: user.name.first.clone(),
        full_name: user.name.full(),
        initials: user.name.initials(),
        role: role.map_or(RoleLabel::Staff, |role| label(role.kind)),
        grade: role.and_then(|role| role.details.get("grade").map(str::to_owned)),
    };
    Portal {
        frame: Frame::of(visit),
        person,
        district_name: district.name.clone(),
        tiles,
        sign_out_action: format!("/in/{}/sign-out", district.shortname),
        csrf_token: csrf::of(visit),
        roles: roles(visitor),
        switch_role_action: format!("/in/{}/role", district.shortname),
        open_as_href: impersonation::may_begin(&visitor.session, user)
            .is_ok()
            .then(|| format!("/in/{}/open-as", district.shortname)),
        classroom_href: None,
    }
}

/// The roles that the person may be here in.
fn roles(visitor: &Visitor) -> Vec<RoleChoice> {
    let current = visitor.role().map(|role| role.id);
    let choice = |role: &Role| RoleChoice {
        label: label(role.kind),
        role_id: role.id.to_string(),
        is_current: Some(role.id) == current,
    };
    visitor.user.roles.iter().map(choice).collect()
}

/// The application as a tile, where the person has one.
fn tile(
    settings: &Settings,
    district: &District,
    visitor: &Visitor,
    application: &Application,
) -> Option<Tile> {
    let place = sharing::place(&visitor.at(settings.door(application.id, district.id)?));
    let (href, note) = match place {
        Place::Open => (format!("/in/{}/launch/{}", district.shortname, application.id), None),
        Place::WebsiteOnly => (application.about()?, Some(TileNote::NotForYourRole)),
        Place::None => return None,
    };
    Some(Tile { name: application.name.clone(), href, note })
}

pub(super) const fn label(kind: RoleKind) -> RoleLabel {
    match kind {
        RoleKind::Student => RoleLabel::Student,
        RoleKind::Teacher => RoleLabel::Teacher,
        RoleKind::Staff => RoleLabel::Staff,
        RoleKind::DistrictAdmin => RoleLabel::DistrictAdmin,
    }
}
