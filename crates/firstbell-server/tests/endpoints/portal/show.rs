use http::StatusCode;

use crate::world::{ana, unshared, worlds};

#[tokio::test]
async fn a_person_sees_their_name_and_the_applications_they_may_enter() {
    for world in worlds().await {
        let reply = world.browser().log_in(ana(), "/in/ada").await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(reply.body.contains("Ana Núñez"));
        assert!(reply.body.contains(&format!("/in/ada/launch/{}", world.flightschool)));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    }
}

#[tokio::test]
async fn an_application_that_does_not_see_the_person_has_no_tile() {
    for world in worlds().await {
        let reply = world.browser().log_in(unshared(), "/in/ada").await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(!reply.body.contains("/launch/"));
    }
}

#[tokio::test]
async fn a_district_that_is_not_there_has_a_page_that_says_so() {
    for world in worlds().await {
        world.browser().get("/in/atlantis").await.must_refuse_on_a_page(404, "FB1006");
    }
}
