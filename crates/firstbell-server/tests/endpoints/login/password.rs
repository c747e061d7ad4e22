use std::time::Duration;

use http::StatusCode;

use crate::world::{Browser, Reply, World, ana, authorize, suspended, worlds};

async fn sign_in_page(browser: &mut Browser) -> Reply {
    browser.follow(&authorize("")).await
}

/// The page without what differs each time: the login's own name and the name that was typed.
fn essence(reply: &Reply, typed: &str) -> String {
    reply
        .body
        .replace(&reply.form_action(), "ACTION")
        .replace(typed, "TYPED")
        .replace(reply.form_action().trim_end_matches("/password"), "LOGIN")
}

async fn tried(world: &World, username: &str, password: &str) -> (StatusCode, String) {
    let mut browser = world.browser();
    let page = sign_in_page(&mut browser).await;
    let reply = browser.sign_in(&page, username, password).await;
    assert!(!browser.cookies.keys().any(|name| name.contains("session")));
    (reply.status, essence(&reply, username))
}

#[tokio::test]
async fn wrong_password_unknown_name_and_suspended_person_look_alike() {
    for world in worlds().await {
        let wrong = tried(&world, ana().login_name, "wrong").await;
        assert_eq!(wrong.0, StatusCode::UNAUTHORIZED);
        assert_eq!(tried(&world, "nobody.at.all", "wrong").await, wrong);
        assert_eq!(tried(&world, suspended().login_name, "wrong").await, wrong);
    }
}

#[tokio::test]
async fn a_name_is_taken_in_any_case_and_with_spaces_around_it() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = sign_in_page(&mut browser).await;
        let typed = format!("  {} ", ana().login_name.to_uppercase());
        let reply = browser.sign_in(&page, &typed, ana().password).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_password_works_again_after_it_became_argon2id() {
    for world in worlds().await {
        for _ in 0..2 {
            world.browser().code_for(ana(), &authorize("")).await;
        }
    }
}

#[tokio::test]
async fn a_classmate_slows_only_the_browser_they_type_on() {
    for world in worlds().await {
        let mut classmate = world.browser();
        let page = sign_in_page(&mut classmate).await;
        for _ in 0..5 {
            let reply = classmate.sign_in(&page, ana().login_name, "guess").await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        }
        let slowed = classmate.sign_in(&page, ana().login_name, ana().password).await;
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(slowed.header("retry-after"), Some("15"));

        world.browser().code_for(ana(), &authorize("")).await;

        world.clock.advance(Duration::from_secs(15));
        let reply = classmate.sign_in(&page, ana().login_name, ana().password).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "the wait is over");
    }
}

#[tokio::test]
async fn an_empty_or_huge_field_is_answered_before_anything_is_hashed_or_counted() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = sign_in_page(&mut browser).await;
        let before = world.row_counts().await;
        for (username, password, status) in [
            ("", "x", 422),
            ("ana", "", 422),
            ("   ", "x", 422),
            (&*"a".repeat(255), "x", 401),
            ("ana", &*"x".repeat(1025), 401),
        ] {
            let reply = browser.sign_in(&page, username, password).await;
            assert_eq!(reply.status.as_u16(), status);
        }
        assert_eq!(world.row_counts().await, before);
    }
}

#[tokio::test]
async fn a_login_of_another_browser_is_refused() {
    for world in worlds().await {
        let mut attacker = world.browser();
        let page = sign_in_page(&mut attacker).await;
        let action = page.form_action();
        let mut victim = world.browser();
        sign_in_page(&mut victim).await;
        let form = [("username", "x"), ("password", "y")];
        victim.post(&action, &form).await.must_refuse_on_a_page(400, "FB1008");
        let dispatcher = action.trim_end_matches("/password");
        victim.get(dispatcher).await.must_refuse_on_a_page(400, "FB1008");
        world.browser().get(dispatcher).await.must_refuse_on_a_page(400, "FB1008");
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = sign_in_page(&mut browser).await;
        browser.headers.push(("sec-fetch-site", "cross-site"));
        let reply = browser.sign_in(&page, ana().login_name, ana().password).await;
        reply.must_refuse_on_a_page(403, "FB1009");
    }
}

#[tokio::test]
async fn a_login_that_waited_too_long_or_is_finished_is_over() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = sign_in_page(&mut browser).await;
        let dispatcher = page.form_action().trim_end_matches("/password").to_owned();
        world.clock.advance(Duration::from_mins(30));
        browser.get(&dispatcher).await.must_refuse_on_a_page(400, "FB1007");

        let mut browser = world.browser();
        let page = sign_in_page(&mut browser).await;
        let dispatcher = page.form_action().trim_end_matches("/password").to_owned();
        browser.sign_in(&page, ana().login_name, ana().password).await;
        assert!(browser.follow(&dispatcher).await.query("code").is_some());
        browser.get(&dispatcher).await.must_refuse_on_a_page(400, "FB1007");
    }
}

#[tokio::test]
async fn a_new_login_ends_the_session_that_was_there() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page_for_bob = {
            browser.log_in(ana(), &authorize("")).await;
            let anas = browser.cookies.clone();
            browser.cookies.retain(|name, _| name.contains("browser"));
            let page = browser.follow(&authorize("")).await;
            browser.cookies = anas;
            page
        };
        let anas = browser.cookies.clone();
        let teacher = crate::world::teacher();
        browser.sign_in(&page_for_bob, teacher.login_name, teacher.password).await;
        assert_ne!(browser.cookies, anas);

        let mut old = world.browser();
        old.cookies = anas;
        let reply = old.get(&authorize("")).await;
        assert!(reply.location().unwrap().starts_with("/login/"), "Ana's cookie is dead");
    }
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts_and_other_hosts() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = sign_in_page(&mut browser).await;
        let reply = browser.sign_in(&page, ana().login_name, ana().password).await;
        let set: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
        assert!(!set.is_empty());
        for value in set {
            let text = value.to_str().unwrap();
            assert!(text.starts_with("__Host-"), "{text}");
            for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
                assert!(text.contains(part), "{text} lacks {part}");
            }
            assert!(!text.contains("Domain"), "{text}");
        }
    }
}

#[tokio::test]
async fn one_password_is_not_tried_on_every_name() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = sign_in_page(&mut browser).await;
        for number in 0..30 {
            let reply = browser.sign_in(&page, &format!("name.{number}"), "Welcome1").await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{number}");
        }
        let reply = browser.sign_in(&page, "name.30", "Welcome1").await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test]
async fn strangers_cannot_lock_a_person_out_of_a_device_of_the_school() {
    for world in worlds().await {
        let mut chromebook = world.browser();
        chromebook.log_in(crate::world::teacher(), &authorize("")).await;
        chromebook.cookies.retain(|name, _| !name.contains("session"));
        for _ in 0..12 {
            let mut stranger = world.browser();
            let page = sign_in_page(&mut stranger).await;
            for _ in 0..5 {
                stranger.sign_in(&page, ana().login_name, "guess").await;
            }
        }
        let mut new = world.browser();
        let page = sign_in_page(&mut new).await;
        let reply = new.sign_in(&page, ana().login_name, ana().password).await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "strangers wait");

        let reply = chromebook.log_in(ana(), &authorize("")).await;
        assert!(reply.query("code").is_some(), "she never used this one, but her school did");
    }
}

#[tokio::test]
async fn a_form_over_http2_is_judged_by_our_own_address() {
    for world in worlds().await {
        let mut browser = world.browser();
        let page = sign_in_page(&mut browser).await;
        let form = format!("username={}&password={}", ana().login_name, ana().password);
        for (origin, status) in [("https://evil.example", 403), ("https://login.example", 303)] {
            let jar: Vec<_> =
                browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = http::Request::post(page.form_action())
                .header("content-type", "application/x-www-form-urlencoded")
                .header("cookie", jar.join("; "))
                .header("origin", origin);
            let reply = world.ask(request.body(form.clone().into()).unwrap()).await;
            assert_eq!(reply.status.as_u16(), status, "{origin}");
        }
    }
}
