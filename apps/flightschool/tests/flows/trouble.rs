//! Every failure has a friendly page with one next step, and tells nothing of the inside.

use crate::School;
use crate::broker::person;
use crate::browser::Page;

/// What no page may ever tell.
fn is_friendly(page: &Page) {
    for inside in [
        "s3cret",
        "invalid_",
        "error_description",
        "FirstbellDown",
        "panicked",
        "sqlite",
        "oops",
        "reflected",
    ] {
        page.hides(inside);
    }
    assert_eq!(page.text.matches("class=\"button\"").count(), 1, "one next step: {}", page.text);
    page.shows("<h1>").shows("FlightSchool");
}

#[tokio::test]
async fn whoever_is_not_shared_reads_whom_to_ask() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    school.broker.manners().refuse_with = Some("unauthorized-user");
    let mut browser = school.browser();
    let page = browser.open("/login").await;
    is_friendly(page.is(403).shows("Ask your teacher").hides("unauthorized-user"));
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn a_refused_login_ends_the_session_of_the_person_before() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    browser.open("/login").await.shows("Ana Núñez");
    let mut copy = school.browser();
    copy.cookies = browser.cookies.clone();
    school.broker.manners().refuse_with = Some("unauthorized-user");
    browser.open("/login").await.is(403).hides("Ana");
    browser.open("/home").await.hides("Ana");
    copy.open("/home").await.hides("Ana");
}

#[tokio::test]
async fn other_refusals_have_a_page_too() {
    for (error, status) in
        [("access_denied", 403), ("temporarily_unavailable", 503), ("reflected", 403)]
    {
        let school = School::open().await;
        school.broker.manners().refuse_with = Some(error);
        is_friendly(school.browser().open("/login").await.is(status).hides(error));
    }
}

#[tokio::test]
async fn links_with_a_piece_missing_or_too_much_have_a_page() {
    let school = School::open().await;
    for query in [
        "",
        "?",
        "?code=",
        "?state=reflected",
        "?error=unauthorized-user",
        "?error=reflected&error_description=reflected%3Cscript%3E",
        "?code=reflected&error=reflected&state=reflected",
        "?code=reflected&code=reflected",
        "?code=reflected&state=reflected",
        "?code=%ff%00reflected&state=%ff",
        "?error=unauthorized-user&state=reflected",
    ] {
        let page = school.browser().open(&format!("/oauth/callback{query}")).await;
        is_friendly(page.is(400).hides("<script").shows("href=\"/login\""));
    }
    assert!(school.broker.manners().exchanged.is_empty());
}

#[tokio::test]
async fn a_code_that_is_too_old_has_a_page() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let answer = r#"{"error":"invalid_grant","error_description":"invalid code"}"#;
    school.broker.manners().broken.insert("tokens", (400, answer));
    let page = school.browser().open("/login").await;
    is_friendly(page.is(400).shows("good for one minute").shows("href=\"/login\""));
}

#[tokio::test]
async fn a_broker_that_is_down_or_confused_has_a_page() {
    for place in ["tokens", "me", "user"] {
        for (status, body, expected) in [
            (500, "oops", 503),
            (503, "<!doctype html>oops", 503),
            (429, "", 503),
            (200, "<!doctype html>oops", 502),
            (200, r#"{"data":{"id":"reflected","district":"d"}}"#, 502),
        ] {
            let school = School::open().await;
            school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
            school.broker.manners().broken.insert(place, (status, body));
            let page = school.browser().open("/login").await;
            if place == "me" && body.contains("reflected") {
                // The broker of these tests refuses to tell of another person.
                assert!(page.status.is_server_error());
            } else {
                page.is(expected);
            }
            is_friendly(&page);
            assert_eq!(page.headers.contains_key("retry-after"), page.status == 503);
        }
    }
}

#[tokio::test]
async fn a_wrong_registration_has_a_page_that_blames_nobody() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    school.broker.manners().broken.insert("tokens", (401, r#"{"error":"invalid_client"}"#));
    let page = school.browser().open("/login").await;
    is_friendly(page.is(500).shows("You did nothing wrong"));
}

#[tokio::test]
async fn a_token_that_is_refused_has_a_page() {
    for (place, status, expected) in [("me", 401, 502), ("user", 403, 502), ("user", 404, 403)] {
        let school = School::open().await;
        school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
        school.broker.manners().broken.insert(place, (status, "{}"));
        is_friendly(school.browser().open("/login").await.is(expected));
    }
}

#[tokio::test]
async fn pages_that_do_not_exist_are_friendly_too() {
    let school = School::open().await;
    for path in [
        "/reflected",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e%2fCargo.toml",
        "/%00",
        "/admin?reflected",
    ] {
        is_friendly(school.browser().open(path).await.is(404));
    }
    is_friendly(school.browser().send("/reflected", "").await.is(404));
}
