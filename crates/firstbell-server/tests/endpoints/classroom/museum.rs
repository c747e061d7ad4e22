//! An application of the Classroom tier that no district has said anything about.

use std::collections::BTreeMap;

use firstbell_core::application::{
    Application, ClientSecret, Connection, ConnectionState, IdTokenAlgorithm, Sharing, Stage,
    Switches,
};
use firstbell_core::id::ApplicationId;
use firstbell_core::roster::{ClassroomPolicy, DistrictPolicy};
use firstbell_core::secret::Secret;
use firstbell_core::sharing::AccessTier;
use firstbell_protocol::vocabulary::RoleKind;
use firstbell_roster::sandbox::SandboxPerson;
use firstbell_server::entropy::Entropy;

use crate::world::{Browser, FORM, Reply, SECRET, World, basic, encoded};

pub const CLIENT: &str = "c1a55c1a55c1a55c1a55";
pub const CALLBACK: &str = "https://museum.example/oauth";

/// Registers it.
pub async fn register(world: &World) -> ApplicationId {
    let now = world.app.now();
    let application = Application {
        id: ApplicationId::new(now, &mut Entropy),
        client_id: CLIENT.parse().unwrap(),
        secrets: vec![ClientSecret { hash: Secret::from_text(SECRET).hash(), until: None }],
        name: "Museum of Numbers".into(),
        developer: None,
        website: None,
        initiate_login_uri: None,
        redirect_uris: vec![CALLBACK.parse().unwrap()],
        user_types: RoleKind::ALL.into(),
        stage: Stage::Production,
        tier: AccessTier::Classroom,
        switches: Switches::default(),
        id_token_algorithm: IdTokenAlgorithm::default(),
        disabled: None,
    };
    let id = application.id;
    world.store.write(move |tx| tx.create_application(&application, now)).await.unwrap();
    world.app.refresh_settings().await.unwrap();
    id
}

/// What the district says about it.
pub async fn say(world: &World, museum: ApplicationId, state: ConnectionState, sharing: Sharing) {
    let (district, since) = (world.district, world.app.now());
    let said = Connection { application: museum, district, state, sharing, since };
    world.store.write(move |tx| tx.connect(&said)).await.unwrap();
}

/// What the district lets its teachers do.
pub async fn allow(world: &World, classroom: ClassroomPolicy) {
    world.set_policy(DistrictPolicy { classroom, ..DistrictPolicy::default() }).await;
}

pub fn authorize(more: &str) -> String {
    format!(
        "/oauth/authorize?response_type=code&client_id={CLIENT}&redirect_uri={}{more}",
        encoded(CALLBACK)
    )
}

/// Logs in at the application; a teacher who has not connected it gets to the question.
pub async fn arrive(browser: &mut Browser, person: &SandboxPerson) -> Reply {
    browser.log_in(person, &authorize("&state=s-1")).await
}

/// The sections that the question names: ids by name.
pub fn choices(page: &Reply) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for part in page.body.split("name=\"section\"").skip(1) {
        let id = part.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        let name = part.split("<bdi>").nth(1).unwrap().split('<').next().unwrap();
        found.insert(name.to_owned(), id.to_owned());
    }
    found
}

/// Answers the question.
pub async fn share(browser: &mut Browser, page: &Reply, sections: &[&str]) -> Reply {
    let csrf = page.hidden("csrf");
    let mut form = vec![("csrf", csrf.as_str())];
    form.extend(sections.iter().map(|section| ("section", *section)));
    browser.post(&page.form_action(), &form).await
}

/// A teacher comes and shares these of her classes; what comes back to the application.
pub async fn connect(browser: &mut Browser, person: &SandboxPerson, names: &[&str]) -> Reply {
    let page = arrive(browser, person).await;
    let choices = choices(&page);
    let ids: Vec<_> = names.iter().map(|name| choices[*name].as_str()).collect();
    let reply = share(browser, &page, &ids).await;
    let next = reply.location().expect("a redirect").to_owned();
    browser.follow(&next).await
}

/// The token that the code in this reply buys.
pub async fn token(world: &World, reply: &Reply) -> String {
    let code = reply.query("code").unwrap_or_else(|| panic!("no code: {}", reply.body));
    let body =
        format!("grant_type=authorization_code&code={code}&redirect_uri={}", encoded(CALLBACK));
    let reply = world.post_tokens(&[FORM, ("authorization", &basic(CLIENT, SECRET))], body).await;
    reply.json()["access_token"].as_str().expect("a token").to_owned()
}

/// A token for somebody who may enter.
pub async fn token_of(world: &World, person: &SandboxPerson) -> String {
    let reply = arrive(&mut world.browser(), person).await;
    token(world, &reply).await
}
