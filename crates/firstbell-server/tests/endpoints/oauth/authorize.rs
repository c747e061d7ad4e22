use std::time::Duration;

use http::StatusCode;

use crate::world::{
    CALLBACK, CLIENT, OTHER_CALLBACK, ana, authorize, encoded, suspended, unshared, worlds,
};

#[tokio::test]
async fn a_person_logs_in_and_comes_back_with_code_scope_and_the_untouched_state() {
    for world in worlds().await {
        let state = "a+b %20&c=d#é\"'<>";
        let path = authorize(&format!("&state={}", encoded(state)));
        let reply = world.browser().log_in(ana(), &path).await;

        assert_eq!(reply.status, StatusCode::FOUND);
        assert!(reply.location().unwrap().starts_with(CALLBACK));
        assert_eq!(reply.query("state").as_deref(), Some(state));
        assert_eq!(reply.query("code").unwrap().len(), 40);
        assert!(reply.query("scope").unwrap().contains("read:user_id"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_person_with_a_session_is_asked_nothing() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), &authorize("&state=one")).await;
        let reply = browser.get(&authorize("&state=two")).await;
        assert_eq!(reply.status, StatusCode::FOUND);
        assert_eq!(reply.query("state").as_deref(), Some("two"));
        assert!(reply.query("code").is_some());
    }
}

#[tokio::test]
async fn no_state_is_invented_and_none_is_empty() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), &authorize("")).await;
        for path in [authorize(""), authorize("&state=")] {
            let location = browser.get(&path).await.location().unwrap().to_owned();
            assert!(!location.contains("state"), "{location}");
        }
    }
}

#[tokio::test]
async fn without_a_redirect_uri_the_first_one_is_taken_and_a_query_is_kept() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), &authorize("")).await;
        let base = format!("/oauth/authorize?response_type=code&client_id={CLIENT}");
        let reply = browser.get(&base).await;
        assert!(reply.location().unwrap().starts_with(&format!("{CALLBACK}?code=")));
        let path = format!("{base}&redirect_uri={}", encoded(OTHER_CALLBACK));
        let reply = browser.get(&path).await;
        assert!(reply.location().unwrap().starts_with(&format!("{OTHER_CALLBACK}&code=")));
    }
}

#[tokio::test]
async fn unknown_scopes_and_parameters_are_ignored() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), &authorize("")).await;
        let more = "&scope=openid+read%3Asis&prompt=none&channel=clever&max_age=x&x[]=1";
        assert!(browser.get(&authorize(more)).await.query("code").is_some());
    }
}

#[tokio::test]
async fn a_request_that_must_not_redirect_gets_a_page_and_changes_nothing() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), &authorize("")).await;
        let before = world.row_counts().await;
        let evil = encoded("https://evil.example/");
        for (query, code) in [
            ("response_type=code".to_owned(), "FB1001"),
            ("response_type=code&client_id=nobody".to_owned(), "FB1001"),
            (format!("response_type=code&client_id={CLIENT}&client_id={CLIENT}"), "FB1001"),
            (format!("response_type=code&client_id={CLIENT}&redirect_uri={evil}"), "FB1002"),
            (
                format!(
                    "response_type=code&client_id={CLIENT}&redirect_uri={}/",
                    encoded(CALLBACK)
                ),
                "FB1002",
            ),
            (format!("client_id={CLIENT}"), "FB1003"),
        ] {
            let reply = browser.get(&format!("/oauth/authorize?{query}")).await;
            reply.must_refuse_on_a_page(400, code);
            assert!(!reply.body.contains("evil.example"), "input is reflected");
        }
        assert_eq!(world.row_counts().await, before);
    }
}

#[tokio::test]
async fn a_wrong_response_type_is_told_to_the_application() {
    for world in worlds().await {
        let path = authorize("&state=s").replace("response_type=code", "response_type=token");
        let reply = world.browser().get(&path).await;
        assert_eq!(reply.status, StatusCode::FOUND);
        assert_eq!(reply.query("error").as_deref(), Some("unsupported_response_type"));
        assert_eq!(reply.query("state").as_deref(), Some("s"));
        assert_eq!(reply.query("code"), None);
    }
}

#[tokio::test]
async fn a_person_who_is_not_shared_gets_a_page() {
    for world in worlds().await {
        let reply = world.browser().log_in(unshared(), &authorize("&state=s")).await;
        reply.must_refuse_on_a_page(403, "FB2002");
        assert!(reply.body.contains("FlightSchool"));
    }
}

#[tokio::test]
async fn a_suspended_person_gets_a_page_and_no_session() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = browser.follow(&authorize("")).await;
        let reply = browser.sign_in(&page, suspended().login_name, suspended().password).await;
        reply.must_refuse_on_a_page(403, "FB2005");
        assert!(!browser.cookies.keys().any(|name| name.contains("session")));
    }
}

#[tokio::test]
async fn a_session_ends_after_two_idle_hours() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), &authorize("")).await;
        world.clock.advance(Duration::from_secs(2 * 3600 - 1));
        assert!(browser.get(&authorize("")).await.query("code").is_some());
        world.clock.advance(Duration::from_hours(2));
        let reply = browser.get(&authorize("")).await;
        assert!(reply.location().unwrap().starts_with("/login/"), "asked to sign in again");
    }
}

#[tokio::test]
async fn a_browser_that_only_looks_ahead_gets_no_code() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), &authorize("")).await;
        browser.headers.push(("sec-purpose", "prefetch;prerender"));
        let reply = browser.get(&authorize("")).await;
        assert_eq!((reply.status, reply.location()), (StatusCode::NO_CONTENT, None));
        browser.headers.clear();
        let reply = browser.head(&authorize("")).await;
        assert_eq!((reply.status, reply.location()), (StatusCode::NO_CONTENT, None), "HEAD");
    }
}

#[tokio::test]
async fn a_state_that_could_not_come_back_as_it_was_is_refused() {
    for world in worlds().await {
        for bad in ["a%00b", "%FF"] {
            let reply = world.browser().get(&authorize(&format!("&state={bad}"))).await;
            assert_eq!(reply.query("error").as_deref(), Some("invalid_request"), "{bad}");
            assert_eq!(reply.query("state"), None);
        }
    }
}

#[tokio::test]
async fn an_address_that_is_withdrawn_while_a_login_waits_gets_no_code() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = browser.follow(&authorize("")).await;
        world
            .store
            .write(|tx| {
                let other: Vec<_> = vec![OTHER_CALLBACK.parse().expect("a URI")];
                tx.replace_redirect_uris(&CLIENT.parse().expect("an id"), &other)
            })
            .await
            .unwrap();
        world.app.refresh_settings().await.unwrap();
        let reply = browser.sign_in(&page, ana().login_name, ana().password).await;
        let end = browser.follow(reply.location().unwrap()).await;
        end.must_refuse_on_a_page(400, "FB1002");
    }
}

#[tokio::test]
async fn looking_ahead_leaves_a_login_that_waits_as_it_is() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = browser.follow(&authorize("&state=s")).await;
        let reply = browser.sign_in(&page, ana().login_name, ana().password).await;
        let dispatcher = reply.location().unwrap().to_owned();
        browser.headers.push(("sec-purpose", "prefetch"));
        assert_eq!(browser.get(&dispatcher).await.status, StatusCode::NO_CONTENT);
        browser.headers.clear();
        assert!(browser.get(&dispatcher).await.query("code").is_some());
    }
}
