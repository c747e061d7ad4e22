//! Which district is yours? `GET /login` for somebody who just came, `GET /login/{login}/district`
//! for somebody on the way to an application.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use firstbell_core::login::trace::Hop;
use firstbell_core::roster::District;
use firstbell_store::StoreError;
use http::StatusCode;
use serde::Deserialize;

use super::begun::{self, NamedLogin};
use crate::app::App;
use crate::extract::Visit;
use crate::reply::page::{Finder, FoundDistrict, Frame, Search};
use crate::reply::{Fault, html, redirect};
use crate::settings::Settings;

/// More districts than this are not shown at once: the person types more of the name.
const MOST_FOUND: usize = 20;

/// No district's name is longer.
const MOST_TYPED: usize = 100;

/// What the finder's form and links send. What cannot be read counts as not sent.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// What the person typed.
    q: Option<String>,
    /// The shortname of the district that the person picked.
    choose: Option<String>,
}

/// `GET /login`: finds a district; each leads to its portal.
pub async fn find(
    State(app): State<App>,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let settings = app.settings();

    let portal = |district: &District| format!("/in/{}", district.shortname);

    let page = finder(&visit, &settings, &asked, "/login".to_owned(), None, &portal);
    html::page(&app, &visit, StatusCode::OK, |text| page.render(text))
}

/// `GET /login/{login}/district`: finds a district for a login, or takes the one that was picked.
pub async fn choose(
    State(app): State<App>,
    visit: Visit,
    login: NamedLogin,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    match pick_or_show(&app, &visit, &login, &asked).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn pick_or_show(
    app: &App,
    visit: &Visit,
    login: &NamedLogin,
    asked: &Asked,
) -> Result<Response, Fault> {
    let pending = login.load(app, visit).await?;
    let settings = app.settings();

    let picked = asked.choose.as_deref().and_then(|name| settings.district_named(name));

    if let Some(district) = picked {
        let (hash, id) = (login.hash(), district.id);
        let hop = Hop::new(app.now(), "district", "chosen").with("district", id);
        app.store()
            .write(move |tx| {
                if tx.pending_login(&hash)?.is_some_and(|pending| pending.district != Some(id)) {
                    tx.set_pending_district(&hash, id)?;
                    tx.add_hop(&hash, &hop)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        return Ok(redirect::onward(&login.path("")));
    }

    let here = login.path("/district");
    let choice = |district: &District| format!("{here}?choose={}", district.shortname);
    let application = begun::application_name(&pending, &settings);
    let page = finder(visit, &settings, asked, here.clone(), application, &choice);
    Ok(html::page(app, visit, StatusCode::OK, |text| page.render(text)))
}

fn finder(
    visit: &Visit,
    settings: &Settings,
    asked: &Asked,
    action: String,
    application_name: Option<String>,
    leads_to: &dyn Fn(&District) -> String,
) -> Finder {
    let shown = |district: &District| FoundDistrict {
        name: district.name.clone(),
        place: district.place.clone(),
        href: leads_to(district),
    };
    let typed: String = asked
        .q
        .as_deref()
        .unwrap_or_default()
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST_TYPED)
        .collect();
    let search = if typed.is_empty() {
        Search::NotYet
    } else {
        Search::Done(found(settings, &typed).into_iter().map(shown).collect())
    };
    let remembered = visit.remembered_district.as_deref();
    let remembered = remembered.and_then(|name| settings.district_named(name)).map(shown);
    Finder { frame: Frame::of(visit), query: typed, search, action, remembered, application_name }
}

/// Districts whose name, place or shortname has every word that was typed, or whose id was typed.
fn found<'a>(settings: &'a Settings, typed: &str) -> Vec<&'a District> {
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let fits = |district: &&District| {
        let place = district.place.as_deref().unwrap_or_default();
        let text = format!("{} {place} {}", district.name, district.shortname).to_lowercase();
        let has_all = words.iter().all(|word| text.contains(word.as_str()));
        has_all || words == [district.id.to_string()]
    };
    settings.districts().iter().filter(fits).take(MOST_FOUND).collect()
}
