use firstbell_core::id::DistrictId;
use firstbell_core::roster::{District, DistrictPolicy};
use firstbell_core::time::Timestamp;
use firstbell_server::entropy::Entropy;
use http::StatusCode;

use crate::world::{World, ana, authorize, worlds};

/// With a second district there is something to choose.
pub async fn add_district(world: &World) -> District {
    let district = District {
        id: DistrictId::new(Timestamp::from_milliseconds(5_000), &mut Entropy),
        shortname: "north-4".parse().unwrap(),
        name: "Norðurland Unified".into(),
        place: Some("Akureyri".into()),
        policy: DistrictPolicy::default(),
    };
    let new = district.clone();
    let now = Timestamp::from_milliseconds(0);
    world.store.write(move |tx| tx.create_district(&new, now)).await.unwrap();
    world.app.refresh_settings().await.unwrap();
    district
}

#[tokio::test]
async fn districts_are_found_by_name_place_and_id() {
    for world in worlds().await {
        let district = add_district(&world).await;
        let id = district.id.to_string();
        for typed in ["nor%C3%B0ur", "akureyri+unified", "north-4", id.as_str()] {
            let reply = world.browser().get(&format!("/login?q={typed}")).await;
            assert_eq!(reply.status, StatusCode::OK);
            assert!(reply.body.contains("/in/north-4"), "{typed}");
        }
        let reply = world.browser().get("/login?q=atlantis").await;
        assert!(!reply.body.contains("/in/"));
    }
}

#[tokio::test]
async fn somebody_on_the_way_to_an_application_chooses_a_district_and_goes_on() {
    for world in worlds().await {
        add_district(&world).await;
        let mut browser = world.browser();
        let finder = browser.follow(&authorize("&state=s")).await;
        assert!(finder.body.contains("name=\"q\""), "{}", finder.body);
        let here = finder.form_action();
        let found = browser.get(&format!("{here}?q=ada")).await;
        let (_, link) = found.body.split_once("?choose=").expect("a link");
        let shortname = link.split('"').next().unwrap();
        let page = browser.follow(&format!("{here}?choose={shortname}")).await;
        let reply = browser.sign_in(&page, ana().login_name, ana().password).await;
        assert_eq!(
            reply.status,
            StatusCode::SEE_OTHER,
            "{shortname} {} {}",
            page.form_action(),
            reply.body
        );
        let end = browser.follow(reply.location().unwrap()).await;
        assert_eq!(end.query("state").as_deref(), Some("s"));
    }
}

#[tokio::test]
async fn a_district_id_skips_the_choice_and_the_wrong_district_knows_nobody() {
    for world in worlds().await {
        let north = add_district(&world).await;
        let mut browser = world.browser();
        let page = browser.follow(&authorize(&format!("&district_id={}", world.district))).await;
        assert!(page.body.contains("name=\"password\""));
        let page = browser.follow(&authorize(&format!("&district_id={}", north.id))).await;
        assert!(page.body.contains("Norðurland"));
        let reply = browser.sign_in(&page, ana().login_name, ana().password).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "a query cannot leave its tenant");
    }
}

#[tokio::test]
async fn a_session_of_another_district_does_not_count() {
    for world in worlds().await {
        let north = add_district(&world).await;
        let mut browser = world.browser();
        browser.log_in(ana(), &authorize(&format!("&district_id={}", world.district))).await;
        assert!(browser.get(&authorize("")).await.query("code").is_some());
        let reply = browser.get(&authorize(&format!("&district_id={}", north.id))).await;
        assert!(reply.location().unwrap().starts_with("/login/"));
    }
}

#[tokio::test]
async fn spanish_is_spoken_when_the_browser_asks_and_remembered_when_the_person_does() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.headers.push(("accept-language", "es-MX,es;q=0.9,en;q=0.5"));
        assert!(browser.get("/login").await.body.contains("lang=\"es\""));
        assert!(browser.get("/login?lang=en").await.body.contains("lang=\"en\""));
        assert!(browser.get("/login").await.body.contains("lang=\"en\""));
    }
}
