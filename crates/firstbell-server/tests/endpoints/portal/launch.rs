use http::StatusCode;

use crate::world::{CALLBACK, ana, authorize, unshared, worlds};

#[tokio::test]
async fn a_tile_leads_to_the_first_redirect_uri_with_a_code_and_no_state() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let reply = browser.get(&format!("/in/ada/launch/{}", world.flightschool)).await;
        assert_eq!(reply.status, StatusCode::FOUND);
        assert!(reply.location().unwrap().starts_with(&format!("{CALLBACK}?code=")));
        assert_eq!(reply.query("state"), None);
        assert!(reply.query("scope").is_some());
        let code = reply.query("code").unwrap();

        let again = browser.get(&authorize("&state=s")).await;
        assert_eq!(again.query("state").as_deref(), Some("s"), "the second trip asks nothing");
        assert_eq!(world.exchange(&code).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_tile_of_somebody_who_is_not_logged_in_leads_through_the_login() {
    for world in worlds().await {
        let path = format!("/in/ada/launch/{}", world.flightschool);
        let reply = world.browser().log_in(ana(), &path).await;
        assert!(reply.location().unwrap().starts_with(CALLBACK));
    }
}

#[tokio::test]
async fn an_application_that_is_not_there_or_not_shared_has_a_page() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        for id in ["0".repeat(24), "nonsense".into()] {
            let reply = browser.get(&format!("/in/ada/launch/{id}")).await;
            reply.must_refuse_on_a_page(400, "FB1001");
        }

        let path = format!("/in/ada/launch/{}", world.flightschool);
        world.browser().log_in(unshared(), &path).await.must_refuse_on_a_page(403, "FB2002");
    }
}
