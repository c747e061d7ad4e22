//! How sessions end, and the question about the grade that belongs to them.

use crate::School;
use crate::broker::person;

#[tokio::test]
async fn logging_out_ends_our_session_and_not_the_brokers() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    browser.open("/login").await;
    let mut copy = school.browser();
    copy.cookies = browser.cookies.clone();

    let page = browser.send("/logout", "").await;

    page.is(200).shows("You are logged out of FlightSchool").shows("Log in with Firstbell");
    assert!(page.hops.iter().all(|hop| hop.starts_with('/')), "not to the broker: {:?}", page.hops);
    assert!(browser.cookies.is_empty());
    copy.open("/home").await.hides("Ana");
    browser.open("/login").await.shows("Ana Núñez");
}

#[tokio::test]
async fn only_our_own_pages_can_log_somebody_out_or_set_a_grade() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    browser.open("/login").await;
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site")],
    ] {
        for (path, body) in [("/logout", ""), ("/profile/grade", "grade=4")] {
            let page = browser.send_from(path, body, headers).await;
            page.is(403).shows("did not come from FlightSchool");
        }
    }
    browser.open("/logout").await.is(405).shows("start page");
    browser.open("/home").await.shows("Ana Núñez").shows("Which grade are you in?");
}

#[tokio::test]
async fn half_an_hour_without_a_click_ends_the_session() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    browser.open("/login").await;
    for _ in 0..3 {
        school.pass_minutes(29);
        browser.open("/home").await.shows("Ana Núñez");
    }
    school.pass_minutes(30);
    browser.open("/home").await.shows("Log in with Firstbell").hides("Ana");
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn no_session_outlives_the_school_day() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    browser.open("/login").await;
    for _ in 0..29 {
        school.pass_minutes(20);
        browser.open("/home").await.shows("Ana Núñez");
    }
    school.pass_minutes(20);
    browser.open("/home").await.hides("Ana");
}

#[tokio::test]
async fn a_student_is_asked_for_the_grade_once() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    browser.open("/login").await.shows("Which grade are you in?").shows("Your next lessons");

    let page = browser.send("/profile/grade", "grade=4").await;

    page.is(200).shows("<bdi>Ana Núñez</bdi>, 4th grade").hides("Which grade are you in?");
    browser.open("/login").await.shows("4th grade").hides("Which grade are you in?");
    browser.open("/home?change=grade").await.shows("<option value=\"4\" selected>");
}

#[tokio::test]
async fn the_question_can_be_skipped() {
    for body in ["grade=&skip=yes", "grade=5&skip=yes", "grade=", ""] {
        let school = School::open().await;
        school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
        let mut browser = school.browser();
        browser.open("/login").await.shows("Which grade are you in?");
        let page = browser.send("/profile/grade", body).await;
        page.is(200).shows("Ana Núñez").hides("Which grade").shows("Add your grade");
        browser.open("/login").await.hides("Which grade are you in?");
    }
}

#[tokio::test]
async fn what_is_no_grade_is_refused_and_without_a_session_nothing_happens() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    browser.send("/profile/grade", "grade=4").await.shows("Log in with Firstbell");
    browser.open("/login").await;
    for body in ["grade=13", "grade=%3Cscript%3E", "grade=-1", "grade=4&grade=5"] {
        let page = browser.send("/profile/grade", body).await;
        page.is(422).shows("not on our list").hides("<script");
    }
    browser.send("/profile/grade", &format!("grade={}", "4".repeat(9000))).await.is(422);
}

#[tokio::test]
async fn staff_are_not_asked_for_a_grade() {
    let school = School::open().await;
    for (number, role) in [(1, "teacher"), (2, "staff"), (3, "district_admin")] {
        school.broker.log_in(&person(number, "Pat", "Lee", role));
        school.browser().open("/login").await.is(200).hides("Which grade are you in?");
    }
}
