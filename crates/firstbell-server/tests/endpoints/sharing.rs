//! What a district says about an application holds at once, on every node.

use firstbell_core::application::{Connection, ConnectionState, Sharing, SharingRule};
use firstbell_core::roster::RoleKind;
use http::StatusCode;

use crate::world::{World, administrator, ana, authorize, of_several_roles, teacher, worlds};

async fn say(world: &World, state: ConnectionState, sharing: Sharing) {
    let (application, district) = (world.flightschool, world.district);
    let since = world.app.now();
    world
        .store
        .write(move |tx| {
            let sharing = sharing.clone();
            tx.connect(&Connection { application, district, state, sharing, since })
        })
        .await
        .unwrap();
    // The settings are not refreshed: another node has just written them.
}

#[tokio::test]
async fn what_was_withdrawn_on_another_node_is_withdrawn_here_at_the_next_request() {
    for world in worlds().await {
        let mut browser = world.browser();
        let code = browser.code_for(ana(), &authorize("")).await;
        let unspent = browser.get(&authorize("")).await.query("code").unwrap();
        let token = world.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        for (state, face) in [
            (ConnectionState::Paused, "FB2006"),
            (ConnectionState::Disconnected, "FB2001"),
            (ConnectionState::Blocked, "FB2001"),
        ] {
            say(&world, state, Sharing::everyone()).await;
            let me = world.get_with_token("/v3.0/me", &token).await;
            assert_eq!(me.status, StatusCode::UNAUTHORIZED, "{state:?}");
            browser.get(&authorize("")).await.must_refuse_on_a_page(403, face);
            let portal = browser.get("/in/ada").await;
            assert!(!portal.body.contains("/launch/"), "{state:?}");

            say(&world, ConnectionState::Active, Sharing::everyone()).await;
            assert_eq!(world.get_with_token("/v3.0/me", &token).await.status, StatusCode::OK);
            assert!(browser.get(&authorize("")).await.query("code").is_some());
        }
        say(&world, ConnectionState::Paused, Sharing::everyone()).await;
        let late = world.exchange(&unspent).await;
        assert_eq!(late.json()["error"], "invalid_grant", "a code does not outlive it");
    }
}

#[tokio::test]
async fn a_role_that_is_not_shared_is_not_told() {
    for world in worlds().await {
        let roles = |token: String| {
            let world = &world;
            async move {
                let id = world.person(of_several_roles()).await.id;
                let reply = world.get_with_token(&format!("/v3.0/users/{id}"), &token).await.json();
                let roles = reply["data"]["roles"].as_object().unwrap().keys().cloned();
                roles.collect::<Vec<_>>()
            }
        };
        say(&world, ConnectionState::Active, Sharing::everyone()).await;
        let token = world.token_of(of_several_roles()).await;
        let all = roles(token.clone()).await;
        assert!(all.len() >= 2, "{all:?}");
        let teachers =
            SharingRule { roles: Some(vec![RoleKind::Teacher]), ..SharingRule::default() };
        let only = Sharing { rules: vec![teachers], all_staff: false, ..Sharing::default() };
        say(&world, ConnectionState::Active, only).await;
        assert_eq!(roles(token).await, ["teacher"]);
    }
}

#[tokio::test]
async fn sections_grades_and_subjects_decide() {
    for world in worlds().await {
        let words = |word: &str| Some(vec![word.to_owned()]);
        let person = world.person(ana()).await;
        let grade = person.roles[0].details.get("grade").expect("a grade");
        let rule = SharingRule::default;
        for (name, rule, enters) in [
            ("her grade", SharingRule { grades: words(grade), ..rule() }, true),
            ("another grade", SharingRule { grades: words("99"), ..rule() }, false),
            ("no such subject", SharingRule { subjects: words("astrology"), ..rule() }, false),
            ("nobody's sections", SharingRule { sections: Some(vec![]), ..rule() }, false),
        ] {
            let sharing = Sharing { rules: vec![rule], all_staff: false, ..Sharing::default() };
            say(&world, ConnectionState::Active, sharing).await;
            let reply = world.browser().log_in(ana(), &authorize("")).await;
            assert_eq!(reply.query("code").is_some(), enters, "{name}");
        }
    }
}

#[tokio::test]
async fn whom_an_application_does_not_serve_depends_on_the_door() {
    for world in worlds().await {
        world
            .change_flightschool(|application| {
                application.user_types = vec![RoleKind::Student];
                application.website = "https://flightschool.example/about".parse().ok();
            })
            .await;
        say(&world, ConnectionState::Active, Sharing::everyone()).await;
        let link = format!(
            "/oauth/instant-login?client_id={}&district_id={}",
            crate::world::CLIENT,
            world.district
        );
        for person in [teacher(), administrator()] {
            for path in [authorize(""), link.clone()] {
                world.browser().log_in(person, &path).await.must_refuse_on_a_page(403, "FB2003");
            }
        }
        let portal = world.browser().log_in(teacher(), "/in/ada").await;
        assert!(!portal.body.contains("FlightSchool"), "teachers do not see it");
        let portal = world.browser().log_in(administrator(), "/in/ada").await;
        assert!(portal.body.contains("FlightSchool"), "administrators do, with a flag");
        assert!(portal.body.contains("href=\"https://flightschool.example/about\""));
        assert!(!portal.body.contains("/launch/"));
    }
}

#[tokio::test]
async fn an_application_that_is_turned_off_is_not_known() {
    for world in worlds().await {
        let mut browser = world.browser();
        let code = browser.code_for(ana(), &authorize("")).await;
        let unspent = browser.get(&authorize("")).await.query("code").unwrap();
        let token = world.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        let now = world.app.now();
        world.change_flightschool(move |application| application.disabled = Some(now)).await;
        browser.get(&authorize("")).await.must_refuse_on_a_page(400, "FB1001");
        assert_eq!(world.exchange(&unspent).await.json()["error"], "invalid_client");
        let me = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(me.status, StatusCode::UNAUTHORIZED);
    }
}
