use axum::body::Body;
use firstbell_core::error;
use firstbell_server::reply::text::{Language, Texts};
use http::{Request, StatusCode};

use crate::world::worlds;

#[tokio::test]
async fn health_is_told_without_a_login() {
    for world in worlds().await {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(world.browser().get(path).await.status, StatusCode::OK, "{path}");
        }
    }
}

#[tokio::test]
async fn figures_are_not_where_people_log_in() {
    for world in worlds().await {
        assert_eq!(world.browser().get("/metrics").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people_and_json_for_programs() {
    for world in worlds().await {
        world.browser().get("/nowhere").await.must_refuse_on_a_page(404, "FB1010");
        let reply = world.browser().get("/v3.0/nowhere").await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
        assert!(reply.json()["message"].is_string());
        let request = Request::put("/oauth/tokens").body(Body::empty()).unwrap();
        let reply = world.ask(request).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(reply.json()["message"].is_string());
    }
}

#[tokio::test]
async fn every_page_is_kept_by_nobody_and_loads_nothing_from_elsewhere() {
    for world in worlds().await {
        let mut browser = world.browser();
        for path in
            ["/", "/login", "/login?q=x", "/in/ada", "/in/nowhere", "/nowhere", "/oauth/authorize"]
        {
            let reply = browser.follow(path).await;
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert!(reply.header("content-security-policy").is_some(), "{path}");
            assert!(reply.header("strict-transport-security").is_some(), "{path}");
        }
        for path in ["/v3.0/me", "/v3.0/nowhere"] {
            let reply = browser.get(path).await;
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        }
    }
}

#[tokio::test]
async fn files_of_pages_are_kept_for_ever_under_an_address_of_their_content() {
    for world in worlds().await {
        let page = world.browser().get("/").await;
        let (_, rest) = page.body.split_once("/assets/").expect("a stylesheet");
        let address = format!("/assets/{}", rest.split('"').next().unwrap());
        let reply = world.browser().get(&address).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(reply.header("cache-control").unwrap().contains("immutable"));
    }
}

#[test]
fn every_face_has_its_text_in_every_language() {
    let texts = Texts::embedded().unwrap();
    for face in error::ALL {
        for language in Language::ALL {
            let key = format!("{}.title", face.text_key);
            assert!(texts.text(language).has(&key), "{} lacks {key} in {language:?}", face.code);
        }
    }
}
