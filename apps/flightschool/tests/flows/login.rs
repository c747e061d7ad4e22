//! The button, and whose session there is afterwards.

use crate::School;
use crate::broker::person;

#[tokio::test]
async fn the_button_leads_to_the_own_name() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();

    let start = browser.open("/").await;
    start.is(200).shows("Log in with Firstbell").shows(&format!("href=\"{}/login\"", school.base));
    let page = browser.open("/login").await;

    page.is(200).shows("<bdi>Ana Núñez</bdi>").shows("Not you?").shows("Log out").shows("Student");
    assert!(page.url.ends_with("/home"), "the code is out of the address bar: {}", page.url);
    assert_eq!(browser.cookies.len(), 1, "the login cookie is gone: {:?}", browser.cookies);
    let again = browser.open("/").await;
    assert!(again.url.ends_with("/home"), "who is in does not see the button");
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_a_second_visit_to_the_callback_changes_nothing() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    let page = browser.open("/login").await;
    let callback =
        page.hops.iter().find(|hop| hop.contains("/oauth/callback")).expect("a callback");

    browser.open(callback).await.is(400).shows("Let’s start that again").hides("Ana");

    assert_eq!(school.broker.manners().exchanged.len(), 1);
    browser.open("/home").await.is(200).shows("Ana Núñez");
}

#[tokio::test]
async fn a_new_login_replaces_the_old_session_on_the_server_too() {
    let school = School::open().await;
    let mut browser = school.browser();
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    browser.open("/login").await.shows("Ana Núñez");
    let mut thief = school.browser();
    thief.cookies = browser.cookies.clone();

    school.broker.log_in(&person(2, "Ben", "Okafor", "student"));
    browser.open("/login").await.shows("Ben Okafor").hides("Ana");

    assert_ne!(thief.cookies, browser.cookies, "the key is new");
    let old = thief.open("/home").await;
    old.shows("Log in with Firstbell").hides("Ana");
}

#[tokio::test]
async fn a_login_that_fails_leaves_nobody_in_the_session_of_the_person_before() {
    for place in ["tokens", "me", "user"] {
        let school = School::open().await;
        let mut browser = school.browser();
        school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
        browser.open("/login").await.shows("Ana Núñez");

        school.broker.log_in(&person(2, "Ben", "Okafor", "student"));
        school.broker.manners().broken.insert(place, (500, "oops"));
        browser.open("/login").await.is(503).hides("Ana");

        assert!(browser.cookies.is_empty(), "{place}");
        browser.open("/home").await.shows("Log in with Firstbell").hides("Ana");
    }
}

#[tokio::test]
async fn two_browsers_are_two_people() {
    let school = School::open().await;
    let (mut first, mut second) = (school.browser(), school.browser());
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    first.open("/login").await.shows("Ana Núñez");
    school.broker.log_in(&person(2, "Ben", "Okafor", "student"));
    second.open("/login").await.shows("Ben Okafor");
    first.open("/home").await.shows("Ana Núñez").hides("Okafor");
}

#[tokio::test]
async fn a_state_that_was_tampered_with_logs_nobody_in() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    browser.step("/login").await.is(302);
    let code = school.broker.code();

    let tampered = format!("/oauth/callback?code={code}&scope=x&state={}", "0".repeat(64));
    browser.open(&tampered).await.is(400).shows("Let’s start that again").shows("href=\"/login\"");
    let elsewhere = school.browser().open(&tampered).await;
    elsewhere.is(400).shows("allows cookies");

    assert!(school.broker.manners().exchanged.is_empty());
    browser.open("/home").await.hides("Ana");
}

#[tokio::test]
async fn somebody_elses_login_link_logs_nobody_in() {
    let school = School::open().await;
    school.broker.log_in(&person(666, "Eve", "Attacker", "student"));
    let mut attacker = school.browser();
    let to_broker =
        attacker.step("/login").await.headers["location"].to_str().expect("text").to_owned();
    let to_callback =
        attacker.step(&to_broker).await.headers["location"].to_str().expect("text").to_owned();

    let mut victim = school.browser();
    victim.step("/login").await.is(302);
    victim.open(&to_callback).await.is(400).hides("Attacker");

    victim.open("/home").await.hides("Attacker");
    assert!(school.broker.manners().exchanged.is_empty());
}
