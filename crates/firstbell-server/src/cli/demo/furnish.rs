//! What is in a demo that starts for the first time.

use anyhow::{Context as _, anyhow};
use firstbell_core::application::Stage;
use firstbell_core::roster::Shortname;
use firstbell_protocol::vocabulary::{RedirectUri, RoleKind};
use firstbell_roster::sandbox::{self, SandboxSize, people};
use firstbell_store::Store;
use firstbell_upstream::password::PasswordKey;

use super::folder::{Folder, Person, Remembered};
use crate::cli::application::{self, Registration};
use crate::cli::import::{self, NewDistrict};
use crate::cli::person;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::importing::{Import, PrepareError};

const SEED: u64 = 1;

/// Generates the sandbox, imports it, registers FlightSchool.
pub(super) async fn furnish(
    folder: &Folder,
    store: &Store,
    master_key: &[u8; 32],
    redirect: &RedirectUri,
) -> anyhow::Result<Remembered> {
    sandbox::generate(&folder.sandbox(), SandboxSize::Small, SEED)?;
    let shortname: Shortname = sandbox::DISTRICT_SHORTNAME.parse()?;
    let district = NewDistrict {
        shortname: shortname.clone(),
        name: sandbox::DISTRICT_NAME.to_owned(),
        place: Some(sandbox::DISTRICT_PLACE.to_owned()),
    }
    .district();
    let id = district.id;
    import::create(store, district).await?;
    let import = Import {
        store: store.clone(),
        district: id,
        source: folder.sandbox(),
        clock: Clock::System,
    };
    let prepared = import.prepare(|_| {}).await.map_err(|error| match error {
        PrepareError::Rejected(rejected) => anyhow!("the sandbox is no roster:\n{rejected}"),
        other => other.into(),
    })?;
    let key = PasswordKey::derive(master_key);
    import.apply(prepared, &key, |_, _| {}).await?;

    let suspended = people::MARCO_BIANCHI.login_name;
    person::suspend(store, id, suspended, Clock::System.now()).await?;

    let registration = Registration {
        name: "FlightSchool".to_owned(),
        redirect_uris: vec![redirect.clone()],
        user_types: RoleKind::ALL.to_vec(),
        stage: Stage::Development,
    };
    let (flightschool, secret) = registration.application(Clock::System.now(), &mut Entropy)?;
    let schools: Vec<String> =
        sandbox::SHARED_SCHOOLS.iter().map(|sis_id| (*sis_id).to_owned()).collect();
    let sharing = application::sharing(store, shortname.as_str(), &schools).await?;
    application::register(store, &flightschool, Some(sharing), Clock::System.now()).await?;

    let people = people::DEMO.iter().map(|person| Person {
        name: format!("{} {}", person.first, person.last),
        username: person.login_name.to_owned(),
        password: person.password.to_owned(),
        role: person.role.name().to_owned(),
        note: format!("{}; {}", person.role.name(), person.why),
    });
    Ok(Remembered {
        broker_port: 0,
        flightschool_port: 0,
        district_id: id.to_string(),
        district_shortname: shortname.to_string(),
        district_name: sandbox::DISTRICT_NAME.to_owned(),
        client_id: flightschool.client_id.to_string(),
        client_secret: secret.expose().to_owned(),
        people: people.collect(),
    })
}

/// FlightSchool's redirect URI follows the port that it got.
pub(super) async fn take_back_to(
    store: &Store,
    remembered: &Remembered,
    redirect: RedirectUri,
) -> anyhow::Result<()> {
    let client_id = remembered.client_id.parse()?;
    store
        .write(move |tx| tx.replace_redirect_uris(&client_id, std::slice::from_ref(&redirect)))
        .await
        .context("FlightSchool's redirect URI was not changed")
}
