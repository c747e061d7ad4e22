//! Which account a person finds.

use flightschool::{Database, EarlierAccount};
use serde_json::{Value, json};

use crate::School;
use crate::broker::{DISTRICT, OTHER_DISTRICT, person};

/// Logs the person in with a browser of their own and reads the licence number, which stands for
/// the account.
async fn licence(school: &School, person: &Value) -> String {
    school.broker.log_in(person);
    let page = school.browser().open("/login").await;
    let at = page.is(200).text.find("FS-").expect("a licence");
    page.text[at..at + 7].to_owned()
}

fn with(mut person: Value, member: &str, value: Value) -> Value {
    person[member] = value;
    person
}

#[tokio::test]
async fn a_person_finds_the_same_account_each_time_whatever_else_changes() {
    let school = School::open().await;
    let ana = person(1, "Ana", "Núñez", "student");
    let first = licence(&school, &ana).await;
    let renamed = with(ana.clone(), "name", json!({"first": "Anna", "last": "Nuñez-Díaz"}));
    assert_eq!(licence(&school, &renamed).await, first);
    assert_eq!(licence(&school, &with(ana, "email", json!("new@x.example"))).await, first);
}

#[tokio::test]
async fn an_account_from_before_is_found_by_email_in_the_same_district_once() {
    let earlier =
        EarlierAccount { district: DISTRICT.to_owned(), email: "Ana.Nunez@X.example".to_owned() };
    let school = School::open_with(Database::Memory, vec![earlier]).await;
    let ana = with(person(1, "Ana", "N", "student"), "email", json!("ana.nunez@x.example"));
    let elsewhere = with(
        with(person(2, "Ana", "N", "student"), "email", json!("ana.nunez@x.example")),
        "district",
        json!(OTHER_DISTRICT),
    );

    assert_eq!(licence(&school, &elsewhere).await, "FS-0002", "another district never matches");
    assert_eq!(licence(&school, &ana).await, "FS-0001", "taken over");
    let successor = with(person(3, "Other", "A", "student"), "email", json!("ana.nunez@x.example"));
    assert_eq!(
        licence(&school, &successor).await,
        "FS-0003",
        "an account with an id is not given away"
    );
    let moved = with(ana, "email", json!("new@x.example"));
    assert_eq!(licence(&school, &moved).await, "FS-0001", "by id from now on");
}

#[tokio::test]
async fn an_address_that_two_accounts_share_opens_neither() {
    let earlier = EarlierAccount { district: DISTRICT.to_owned(), email: "1@x.example".to_owned() };
    let school = School::open_with(Database::Memory, vec![earlier.clone(), earlier]).await;
    let ben = person(2, "Ben", "Okafor", "student");
    assert_eq!(licence(&school, &ben).await, "FS-0002", "told twice, put in once");
    let ben = with(ben, "email", json!("1@x.example"));
    assert_eq!(licence(&school, &ben).await, "FS-0002");
    assert_eq!(licence(&school, &person(1, "Ana", "Núñez", "student")).await, "FS-0003");
}

#[tokio::test]
async fn one_address_in_two_districts_is_two_people() {
    let school = School::open().await;
    let here = with(person(1, "Sam", "Lee", "teacher"), "email", json!("teacher1@x.example"));
    let there = with(
        with(person(2, "Sam", "Lee", "teacher"), "email", json!("teacher1@x.example")),
        "district",
        json!(OTHER_DISTRICT),
    );
    let first = licence(&school, &here).await;
    let second = licence(&school, &there).await;
    assert_ne!(first, second);
    assert_eq!(licence(&school, &here).await, first);
}

#[tokio::test]
async fn people_without_an_address_log_in_and_stay_apart() {
    let school = School::open().await;
    for nothing in [json!(null), json!(""), json!(" ")] {
        let first =
            licence(&school, &with(person(1, "A", "A", "student"), "email", nothing.clone())).await;
        let second =
            licence(&school, &with(person(2, "A", "A", "student"), "email", nothing)).await;
        assert_ne!(first, second);
    }
}

#[tokio::test]
async fn accounts_outlive_the_process_and_sessions_are_stored_hashed() {
    let folder = std::env::temp_dir().join(format!("flightschool-test-{}", std::process::id()));
    let file = folder.join("school.db");
    let database = || Database::File(file.clone());
    let ana = person(1, "Ana", "Núñez", "student");

    let school = School::open_with(database(), Vec::new()).await;
    school.broker.log_in(&ana);
    let mut browser = school.browser();
    browser.open("/login").await.shows("Welcome aboard");
    let key = browser.cookies.values().next().expect("a session").clone();
    school.close().await;

    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        bytes.extend(std::fs::read(entry.expect("an entry").path()).expect("a file"));
    }
    assert!(bytes.windows(6).any(|window| window == "Núñez".as_bytes().get(..6).expect("six")));
    assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "no key in the file");

    let school = School::open_with(database(), Vec::new()).await;
    school.broker.log_in(&ana);
    school.browser().open("/login").await.shows("Welcome back").shows("FS-0001");
    school.close().await;
    std::fs::remove_dir_all(folder).expect("removed");
}
