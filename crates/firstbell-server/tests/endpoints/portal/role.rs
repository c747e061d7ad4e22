use firstbell_core::roster::{DistrictPolicy, RoleKind};

use crate::world::{administrator, ana, authorize, of_several_roles, worlds};

#[tokio::test]
async fn a_person_of_several_roles_goes_on_in_another_one_and_stays_logged_in() {
    for world in worlds().await {
        world.change_flightschool(|application| application.switches.role_hint = true).await;
        world
            .store
            .write({
                let (application, district) = (world.flightschool, world.district);
                move |tx| {
                    tx.connect(&firstbell_core::application::Connection {
                        application,
                        district,
                        state: firstbell_core::application::ConnectionState::Active,
                        sharing: firstbell_core::application::Sharing::everyone(),
                        since: firstbell_core::time::Timestamp::default(),
                    })
                }
            })
            .await
            .unwrap();
        let person = world.person(of_several_roles()).await;
        let mut browser = world.browser();
        let portal = browser.log_in(of_several_roles(), "/in/ada").await;
        let session = browser.cookies["__Host-firstbell_session"].clone();
        let csrf = portal.hidden("csrf");
        for role in person.roles.iter().rev() {
            let id = role.id.to_string();
            let form = [("csrf", csrf.as_str()), ("role", id.as_str())];
            let reply = browser.post("/in/ada/role", &form).await;
            assert_eq!(reply.location(), Some("/in/ada"));
            let hint = browser.get(&authorize("")).await;
            assert_eq!(hint.query("role_hint").as_deref(), Some(role.kind.name()));
            let token = world.exchange(&hint.query("code").unwrap()).await.json();
            let token = token["access_token"].as_str().unwrap();
            let me = world.get_with_token("/v2.1/me", token).await.json();
            assert_eq!(me["data"]["id"], id, "v2 shows the role of the login");
            let me = world.get_with_token("/v3.0/me", token).await.json();
            assert_eq!(me["data"]["id"], person.id.to_string(), "v3 the person");
        }
        assert_eq!(browser.cookies["__Host-firstbell_session"], session);
    }
}

#[tokio::test]
async fn nobody_takes_a_role_that_is_not_theirs() {
    for world in worlds().await {
        let admin = world.person(administrator()).await;
        let mut browser = world.browser();
        let portal = browser.log_in(ana(), "/in/ada").await;
        let (csrf, foreign) = (portal.hidden("csrf"), admin.roles[0].id.to_string());
        for role in [foreign.as_str(), "nonsense", ""] {
            browser.post("/in/ada/role", &[("csrf", &csrf), ("role", role)]).await;
            let code = browser.get(&authorize("")).await.query("code").unwrap();
            let token = world.exchange(&code).await.json();
            let me =
                world.get_with_token("/v2.1/me", token["access_token"].as_str().unwrap()).await;
            assert_eq!(me.json()["type"], "student");
        }
        let forged = browser.post("/in/ada/role", &[("csrf", "x"), ("role", &foreign)]).await;
        forged.must_refuse_on_a_page(403, "FB1009");
    }
}

#[tokio::test]
async fn the_district_says_in_which_role_a_person_comes() {
    for world in worlds().await {
        let person = world.person(of_several_roles()).await;
        for kind in [RoleKind::Staff, RoleKind::Teacher] {
            let Some(role) = person.role(kind) else { continue };
            let policy = DistrictPolicy { role_order: vec![kind], ..DistrictPolicy::default() };
            world.set_policy(policy).await;
            let token = world.token_of(of_several_roles()).await;
            let me = world.get_with_token("/v2.1/me", &token).await.json();
            assert_eq!(me["data"]["id"], role.id.to_string(), "{kind:?}");
        }
    }
}
