//! Logins that Firstbell begins: a code and no state.

use crate::School;
use crate::broker::person;

#[tokio::test]
async fn a_login_from_the_portal_goes_round_once_and_arrives() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let foreign = school.broker.code();

    let page = school
        .browser()
        .open(&format!("/oauth/callback?code={foreign}&scope=read%3Auser_id"))
        .await;

    page.is(200).shows("Ana Núñez");
    assert_eq!(page.hops.len(), 3, "authorize, callback, home: {:?}", page.hops);
    assert!(!school.broker.manners().exchanged.contains(&foreign), "never exchanged");
}

#[tokio::test]
async fn a_pushed_code_logs_in_the_person_at_the_device_not_the_one_who_pushed_it() {
    let school = School::open().await;
    school.broker.log_in(&person(666, "Eve", "Attacker", "student"));
    let pushed = school.broker.code();
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));

    let page = school.browser().open(&format!("/oauth/callback?code={pushed}&scope=x")).await;

    page.shows("Ana Núñez").hides("Attacker");
}

#[tokio::test]
async fn a_login_from_the_portal_replaces_the_session_that_was_there() {
    let school = School::open().await;
    let mut browser = school.browser();
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    browser.open("/login").await.shows("Ana Núñez");

    school.broker.log_in(&person(2, "Ben", "Okafor", "teacher"));
    let code = school.broker.code();
    let page = browser.open(&format!("/oauth/callback?code={code}&scope=x")).await;

    page.shows("Ben Okafor").hides("Ana");
}

#[tokio::test]
async fn a_double_click_on_the_tile_opens_two_tabs_that_both_arrive() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    let mut tabs = Vec::new();
    for _ in 0..2 {
        let code = school.broker.code();
        let tab = browser.step(&format!("/oauth/callback?code={code}&scope=x")).await;
        tabs.push(tab.is(302).headers["location"].to_str().expect("text").to_owned());
    }
    for tab in tabs {
        browser.open(&tab).await.is(200).shows("Ana Núñez");
    }
}

#[tokio::test]
async fn a_broker_that_drops_the_state_is_no_endless_loop() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    school.broker.manners().drops_state = true;
    let mut browser = school.browser();

    let page = browser.open("/login").await;

    page.is(502).shows("flying in circles").shows("href=\"/login\"");
    assert!(page.hops.len() <= 6, "{:?}", page.hops);
    assert!(school.broker.manners().exchanged.is_empty());
    school.broker.manners().drops_state = false;
    browser.open("/login").await.shows("Ana Núñez");
}

#[tokio::test]
async fn without_cookies_there_is_a_page_and_no_endless_loop() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    let mut url = format!("/oauth/callback?code={}&scope=x", school.broker.code());
    for _ in 0..3 {
        let page = browser.step(&url).await;
        browser.cookies.clear();
        let Some(to) = page.headers.get("location") else {
            page.is(400).shows("allows cookies");
            return;
        };
        url = to.to_str().expect("text").to_owned();
    }
    panic!("still redirected to {url}");
}
