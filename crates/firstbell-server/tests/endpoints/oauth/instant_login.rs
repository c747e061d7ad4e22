use http::StatusCode;

use crate::world::{CALLBACK, CLIENT, OTHER_CALLBACK, ana, encoded, unshared, worlds};

#[tokio::test]
async fn a_link_leads_to_the_first_redirect_uri_with_a_code_and_no_state() {
    for world in worlds().await {
        let link = format!(
            "/oauth/instant-login?client_id={CLIENT}&district_id={}&skip=1",
            world.district
        );
        let mut browser = world.browser();
        let reply = browser.log_in(ana(), &link).await;
        assert!(reply.location().unwrap().starts_with(&format!("{CALLBACK}?code=")));
        assert_eq!(reply.query("state"), None);
        let code = reply.query("code").unwrap();
        assert_eq!(world.exchange(&code).await.status, StatusCode::OK);

        let again = browser.get(&link).await;
        assert!(again.query("code").is_some(), "with a session nothing is asked");

        let registered = format!("{link}&redirect_uri={}", encoded(OTHER_CALLBACK));
        let reply = browser.get(&registered).await;
        assert!(reply.location().unwrap().starts_with(&format!("{OTHER_CALLBACK}&code=")));
    }
}

#[tokio::test]
async fn a_broken_link_has_a_page_and_changes_nothing() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let (district, counts) = (world.district, world.row_counts().await);
        let evil = encoded("https://evil.example/");
        for (query, status, code) in [
            (format!("client_id=nobody&district_id={district}"), 400, "FB1001"),
            (format!("district_id={district}"), 400, "FB1001"),
            (format!("client_id={CLIENT}"), 404, "FB1006"),
            (format!("client_id={CLIENT}&district_id={}", "0".repeat(24)), 404, "FB1006"),
            (format!("client_id={CLIENT}&district_id=ada"), 404, "FB1006"),
            (
                format!("client_id={CLIENT}&district_id={district}&redirect_uri={evil}"),
                400,
                "FB1002",
            ),
            (
                format!("client_id={CLIENT}&client_id={CLIENT}&district_id={district}"),
                400,
                "FB1005",
            ),
        ] {
            let reply = browser.get(&format!("/oauth/instant-login?{query}")).await;
            reply.must_refuse_on_a_page(status, code);
            assert!(!reply.body.contains("evil.example"), "input is reflected");
        }
        world.must_hold(&counts, 7).await;
    }
}

#[tokio::test]
async fn somebody_whom_the_application_does_not_see_gets_a_page() {
    for world in worlds().await {
        let link =
            format!("/oauth/instant-login?client_id={CLIENT}&district_id={}", world.district);
        world.browser().log_in(unshared(), &link).await.must_refuse_on_a_page(403, "FB2002");
    }
}

#[tokio::test]
async fn an_application_that_begins_its_logins_itself_gets_no_code_that_it_did_not_ask_for() {
    for world in worlds().await {
        world
            .change_flightschool(|application| {
                application.initiate_login_uri = "https://flightschool.example/start".parse().ok();
                application.website = "https://flightschool.example/home".parse().ok();
            })
            .await;
        let link =
            format!("/oauth/instant-login?client_id={CLIENT}&district_id={}", world.district);
        let mut browser = world.browser();
        let signed_in = browser.log_in(ana(), &link).await;
        let tile = browser.get(&format!("/in/ada/launch/{}", world.flightschool)).await;
        for reply in [signed_in, tile] {
            let location = reply.location().unwrap();
            assert!(location.starts_with("https://flightschool.example/start?"), "{location}");
            assert_eq!(reply.query("iss").as_deref(), Some("https://login.example"));
            let ana = world.person(ana()).await;
            assert_eq!(reply.query("login_hint"), Some(ana.id.to_string()));
            let target = reply.query("target_link_uri");
            assert_eq!(target.as_deref(), Some("https://flightschool.example/home"));
            assert_eq!((reply.query("code"), reply.query("state")), (None, None));
        }
        let asked = browser.get(&crate::world::authorize("")).await;
        assert!(asked.query("code").is_some(), "it asked, even without a state");
        let link_of_unshared = world.browser().log_in(unshared(), &link).await;
        link_of_unshared.must_refuse_on_a_page(403, "FB2002");
    }
}
