//! What the pages show and carry.

use serde_json::json;

use crate::School;
use crate::broker::person;

#[tokio::test]
async fn names_are_shown_as_they_are_written() {
    let school = School::open().await;
    for (first, last, shown) in [
        ("Zoë", "Ñandú", "Zoë Ñandú"),
        ("ليلى", "الحسن", "ليلى الحسن"),
        ("小明", "王", "小明 王"),
        ("Sinéad", "O'Brien", "Sinéad O&#39;Brien"),
        ("🪁", "Kite", "🪁 Kite"),
        (
            "<script>alert(1)</script>",
            "\"&x",
            "&#60;script&#62;alert(1)&#60;/script&#62; &#34;&#38;x",
        ),
    ] {
        school.broker.log_in(&person(1, first, last, "student"));
        let page = school.browser().open("/login").await;
        page.is(200).shows(&format!("<bdi>{shown}</bdi>")).hides("<script");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn people_with_missing_data_get_in() {
    let school = School::open().await;
    let mut nobody = person(1, "", "", "student");
    nobody["name"] = json!(null);
    nobody["roles"] = json!({});
    nobody["email"] = json!(null);
    school.broker.log_in(&nobody);
    school.browser().open("/login").await.is(200).shows("New pilot").shows("Log out");
    let mut one_name = person(2, "Björk", "", "teacher");
    one_name["name"]["last"] = json!(null);
    school.broker.log_in(&one_name);
    school.browser().open("/login").await.is(200).shows("<bdi>Björk</bdi>");
}

#[tokio::test]
async fn a_person_with_several_roles_begins_with_the_widest_and_can_change() {
    let school = School::open().await;
    let mut pat = person(1, "Pat", "Lee", "teacher");
    pat["roles"]["district_admin"] = json!({"legacy_id": "a"});
    pat["roles"]["contact"] = json!({"legacy_id": "c"});
    school.broker.log_in(&pat);
    let mut browser = school.browser();
    browser.open("/login").await.shows("Control tower").shows("You have 2 roles");
    browser.open("/home?view=teacher").await.shows("Briefing room").shows("Pat Lee</bdi>, Teacher");
    browser.open("/home?view=student").await.shows("Control tower").hides("Which grade");
    browser.open("/home?view=%3Cscript%3E&view=x").await.is(200).hides("<script");
}

#[tokio::test]
async fn every_reply_is_protected() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let mut browser = school.browser();
    for path in [
        "/",
        "/login",
        "/home",
        "/nothing",
        "/oauth/callback",
        "/oauth/callback?code=x&state=y",
        "/logout",
        "/assets/flightschool.css",
        "/assets/favicon.svg",
    ] {
        let page = browser.step(path).await;
        let header = |name: &str| page.headers.get(name).map(|value| value.to_str().expect("text"));
        let policy = header("content-security-policy").expect(path);
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header("server"), None, "{path}");
        let is_asset = path.starts_with("/assets/");
        assert_eq!(header("cache-control") == Some("no-store"), !is_asset, "{path}");
        let referrer = if path.starts_with("/oauth/") { "no-referrer" } else { "same-origin" };
        assert_eq!(header("referrer-policy"), Some(referrer), "{path}");
        page.hides("<script").hides(" style=").hides("https://");
    }
}

#[tokio::test]
async fn the_home_page_is_not_kept_anywhere() {
    let school = School::open().await;
    school.broker.log_in(&person(1, "Ana", "Núñez", "student"));
    let page = school.browser().open("/login").await;
    assert_eq!(page.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_school_that_is_told_to_stop_stops() {
    let school = School::open().await;
    school.browser().open("/").await.is(200);
    school.close().await;
}
