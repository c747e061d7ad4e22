use http::StatusCode;

use crate::world::{ana, worlds};

#[tokio::test]
async fn i_am_done_ends_the_session_for_good() {
    for world in worlds().await {
        let mut browser = world.browser();
        let portal = browser.log_in(ana(), "/in/ada").await;
        let before = browser.cookies.clone();
        let csrf = portal.hidden("csrf");
        let reply = browser.post("/in/ada/sign-out", &[("csrf", &csrf)]).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.header("clear-site-data"), Some("\"cache\""));
        assert!(!browser.cookies.keys().any(|name| name.contains("session")));

        let mut replayed = world.browser();
        replayed.cookies = before;
        let reply = replayed.get("/in/ada").await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "the old cookie opens nothing");
    }
}

#[tokio::test]
async fn nobody_else_can_end_it() {
    for world in worlds().await {
        let mut browser = world.browser();
        let portal = browser.log_in(ana(), "/in/ada").await;
        let csrf = portal.hidden("csrf");
        for form in [&[("csrf", "guess")][..], &[]] {
            let reply = browser.post("/in/ada/sign-out", form).await;
            reply.must_refuse_on_a_page(403, "FB1009");
        }
        browser.headers.push(("sec-fetch-site", "cross-site"));
        let reply = browser.post("/in/ada/sign-out", &[("csrf", &csrf)]).await;
        reply.must_refuse_on_a_page(403, "FB1009");
        browser.headers.clear();
        assert_eq!(browser.get("/in/ada").await.status, StatusCode::OK, "still logged in");
    }
}
