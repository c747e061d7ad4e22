//! A teacher shares her classes with an application, and takes them back.

use firstbell_core::application::{ConnectionState, Sharing};
use firstbell_core::roster::ClassroomPolicy;
use firstbell_roster::sandbox::people;
use firstbell_store::AuditRecord;
use http::StatusCode;

use super::museum::{
    allow, arrive, authorize, choices, connect, register, say, share, token, token_of,
};
use crate::world::{World, administrator, ana, of_several_roles, teacher, worlds};

const MATH: &str = "Math 4, period 2";
const READING: &str = "Reading 4, period 3";

async fn audit(world: &World) -> Vec<AuditRecord> {
    let district = world.district;
    let log = world.store.read(move |tx| tx.district(district).audit_log(50)).await.unwrap();
    log.into_iter().filter(|record| record.action.starts_with("classroom.")).collect()
}

#[tokio::test]
async fn a_teacher_sees_her_classes_agrees_and_arrives() {
    for world in worlds().await {
        let museum = register(&world).await;
        let mut browser = world.browser();
        let page = arrive(&mut browser, teacher()).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.body.contains("Museum of Numbers") && page.body.contains("Grace Moreno"));
        let names: Vec<_> = choices(&page).into_keys().collect();
        assert_eq!(names, ["Homeroom, period 1", MATH, READING], "hers and no others");
        assert_eq!(page.body.matches(" checked").count(), 3, "all are checked at first");
        assert_eq!(audit(&world).await.len(), 0, "to be asked is not to agree");

        let math = choices(&page)[MATH].clone();
        let reply = share(&mut browser, &page, &[&math]).await;
        assert_eq!(reply.location().map(|it| it.starts_with("/login/")), Some(true));
        let next = reply.location().unwrap().to_owned();
        let arrived = browser.follow(&next).await;
        assert_eq!(arrived.query("state").as_deref(), Some("s-1"), "the login goes on");
        let token = token(&world, &arrived).await;
        let me = world.get_with_token("/v3.0/me", &token).await.json();
        assert_eq!(me["data"]["authorized_by"], "teacher");

        let log = audit(&world).await;
        let grace = world.person(teacher()).await.id;
        assert_eq!(log.len(), 1);
        assert_eq!(log[0].action, "classroom.connected");
        assert_eq!((log[0].actor, log[0].application), (Some(grace), Some(museum)));
        assert!(log[0].detail.contains(&math), "{}", log[0].detail);

        let again = browser.get(&authorize("")).await;
        assert!(again.query("code").is_some(), "she is asked once");
    }
}

#[tokio::test]
async fn at_least_one_class_and_only_her_own() {
    for world in worlds().await {
        register(&world).await;
        let mut other = world.browser();
        let theirs = choices(&arrive(&mut other, of_several_roles()).await);
        let foreign = theirs["Art, period 6"].clone();

        let mut browser = world.browser();
        let page = arrive(&mut browser, teacher()).await;
        for nothing in [&[][..], &[foreign.as_str()], &["0"]] {
            let reply = share(&mut browser, &page, nothing).await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{nothing:?}");
            assert!(reply.body.contains("role=\"alert\""));
        }
        assert_eq!(audit(&world).await.len(), 0);

        let math = choices(&page)[MATH].clone();
        share(&mut browser, &page, &[&foreign, &math]).await;
        let log = audit(&world).await;
        assert_eq!(log[0].detail, format!("sections {math}"), "the foreign one is not recorded");
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_connects_nothing() {
    for world in worlds().await {
        register(&world).await;
        let mut browser = world.browser();
        let page = arrive(&mut browser, teacher()).await;
        let math = choices(&page)[MATH].clone();
        let form = [("csrf", "0123"), ("section", math.as_str())];
        let reply = browser.post(&page.form_action(), &form).await;
        reply.must_refuse_on_a_page(403, "FB1009");
        let elsewhere = world.browser().post(&page.form_action(), &form).await;
        elsewhere.must_refuse_on_a_page(400, "FB1008");
        assert_eq!(audit(&world).await.len(), 0);
    }
}

#[tokio::test]
async fn nobody_agrees_in_her_name() {
    for world in worlds().await {
        register(&world).await;
        let mut browser = world.browser();
        browser.log_in(administrator(), "/in/ada").await;
        let portal = browser.get("/in/ada").await;
        let grace = world.person(teacher()).await.id.to_string();
        let form = [
            ("csrf", &*portal.hidden("csrf")),
            ("person", &grace),
            ("reason", "She cannot open the museum."),
        ];
        browser.post("/in/ada/open-as", &form).await;
        browser.get(&authorize("")).await.must_refuse_on_a_page(403, "FB2001");

        // With the address of a login that waits in the same browser.
        let mut own = world.browser();
        let page = arrive(&mut own, teacher()).await;
        let mark = |name: &str| name.contains("browser");
        for (name, value) in own.cookies.iter().filter(|(name, _)| mark(name)) {
            browser.cookies.insert(name.clone(), value.clone());
        }
        let asked = browser.get(&page.form_action()).await;
        asked.must_refuse_on_a_page(403, "FB2011");
        let csrf = browser.get("/in/ada").await.hidden("csrf");
        let math = choices(&page)[MATH].clone();
        let form = [("csrf", csrf.as_str()), ("section", math.as_str())];
        let agreed = browser.post(&page.form_action(), &form).await;
        agreed.must_refuse_on_a_page(403, "FB2011");
        assert_eq!(audit(&world).await.len(), 0);
    }
}

#[tokio::test]
async fn not_now_leads_to_the_portal_and_connects_nothing() {
    for world in worlds().await {
        register(&world).await;
        let mut browser = world.browser();
        let page = arrive(&mut browser, teacher()).await;
        assert!(page.body.contains("href=\"/in/ada\""));
        let portal = browser.get("/in/ada").await;
        assert_eq!(portal.status, StatusCode::OK);
        assert!(!portal.body.contains("/in/ada/classes"), "there is nothing to list");
        let next = browser.follow(&authorize("")).await;
        assert_eq!(choices(&next).len(), 3, "she is asked again");
    }
}

#[tokio::test]
async fn a_teacher_without_classes_has_nothing_to_share() {
    for world in worlds().await {
        register(&world).await;
        let page = arrive(&mut world.browser(), &people::TOM_IDLE).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains("name=\"csrf\""), "only the way back");
        assert!(page.body.contains("href=\"/in/ada\""));
    }
}

#[tokio::test]
async fn her_students_come_after_her_and_others_do_not() {
    for world in worlds().await {
        register(&world).await;
        let early = arrive(&mut world.browser(), ana()).await;
        early.must_refuse_on_a_page(403, "FB2008");
        connect(&mut world.browser(), teacher(), &[MATH]).await;
        let token = token_of(&world, ana()).await;
        let me = world.get_with_token("/v2.0/me", &token).await.json();
        assert_eq!(me["data"]["authorized_by"], "teacher");
        assert_eq!(me["data"]["type"], "student");

        let fifth = arrive(&mut world.browser(), &people::LAYLA_HADDAD).await;
        fifth.must_refuse_on_a_page(403, "FB2008");
        let staff = arrive(&mut world.browser(), &people::ROSA_DELGADO).await;
        staff.must_refuse_on_a_page(403, "FB2009");
        let admin = arrive(&mut world.browser(), administrator()).await;
        admin.must_refuse_on_a_page(403, "FB2009");
    }
}

#[tokio::test]
async fn the_district_decides_what_teachers_may_do() {
    for world in worlds().await {
        let museum = register(&world).await;
        allow(&world, ClassroomPolicy::Off).await;
        for person in [teacher(), ana()] {
            let off = arrive(&mut world.browser(), person).await;
            off.must_refuse_on_a_page(403, "FB2007");
        }
        allow(&world, ClassroomPolicy::Recommended).await;
        let unlisted = arrive(&mut world.browser(), teacher()).await;
        unlisted.must_refuse_on_a_page(403, "FB2007");
        say(&world, museum, ConnectionState::Recommended, Sharing::default()).await;
        let listed = connect(&mut world.browser(), teacher(), &[MATH]).await;
        let token = token(&world, &listed).await;

        let status = async || world.get_with_token("/v2.1/me", &token).await.status;
        assert_eq!(status().await, StatusCode::OK);
        allow(&world, ClassroomPolicy::Off).await;
        assert_eq!(status().await, StatusCode::UNAUTHORIZED, "at the next request");
        allow(&world, ClassroomPolicy::Allowed).await;
        assert_eq!(status().await, StatusCode::OK);
        say(&world, museum, ConnectionState::Blocked, Sharing::default()).await;
        assert_eq!(status().await, StatusCode::UNAUTHORIZED);
        let blocked = arrive(&mut world.browser(), teacher()).await;
        blocked.must_refuse_on_a_page(403, "FB2001");
    }
}

#[tokio::test]
async fn what_she_withdraws_is_withdrawn_at_the_next_request() {
    for world in worlds().await {
        let museum = register(&world).await;
        let mut browser = world.browser();
        let arrived = connect(&mut browser, teacher(), &[MATH, READING]).await;
        let hers = token(&world, &arrived).await;
        let students = token_of(&world, ana()).await;
        let portal = browser.get("/in/ada").await;
        assert!(portal.body.contains("/in/ada/classes"));
        let list = browser.get("/in/ada/classes").await;
        assert_eq!(list.status, StatusCode::OK);
        for shown in ["Museum of Numbers", MATH, READING] {
            assert!(list.body.contains(shown), "{shown}: {}", list.body);
        }
        assert!(!list.body.contains("Homeroom"), "she did not share it");

        let museum = museum.to_string();
        let forged = [("csrf", "0"), ("application", museum.as_str())];
        browser.post("/in/ada/classes", &forged).await.must_refuse_on_a_page(403, "FB1009");
        for token in [&hers, &students] {
            let me = world.get_with_token("/v3.0/me", token).await;
            assert_eq!(me.status, StatusCode::OK);
        }
        let csrf = list.hidden("csrf");
        let form = [("csrf", csrf.as_str()), ("application", museum.as_str())];
        let done = browser.post("/in/ada/classes", &form).await;
        assert_eq!(done.location(), Some("/in/ada/classes"));
        for token in [&hers, &students] {
            let me = world.get_with_token("/v3.0/me", token).await;
            assert_eq!(me.status, StatusCode::UNAUTHORIZED);
        }
        let late = arrive(&mut world.browser(), ana()).await;
        late.must_refuse_on_a_page(403, "FB2008");
        let list = browser.get("/in/ada/classes").await;
        assert!(!list.body.contains("Museum of Numbers"));
        let actions: Vec<_> = audit(&world).await.into_iter().map(|it| it.action).collect();
        assert_eq!(actions, ["classroom.withdrawn", "classroom.connected"]);

        // She may share again, and other classes.
        let page = browser.follow(&authorize("")).await;
        let homeroom = choices(&page)["Homeroom, period 1"].clone();
        let next = share(&mut browser, &page, &[&homeroom]).await.location().unwrap().to_owned();
        assert!(browser.follow(&next).await.query("code").is_some());
        let list = browser.get("/in/ada/classes").await;
        assert!(list.body.contains("Homeroom") && !list.body.contains(MATH));
    }
}

#[tokio::test]
async fn a_session_in_her_name_takes_nothing_back() {
    for world in worlds().await {
        let museum = register(&world).await.to_string();
        connect(&mut world.browser(), teacher(), &[MATH]).await;
        let mut browser = world.browser();
        browser.log_in(administrator(), "/in/ada").await;
        let grace = world.person(teacher()).await.id.to_string();
        let csrf = browser.get("/in/ada").await.hidden("csrf");
        let reason = "She cannot open the museum.";
        let form = [("csrf", csrf.as_str()), ("person", &grace), ("reason", reason)];
        browser.post("/in/ada/open-as", &form).await;
        let csrf = browser.get("/in/ada").await.hidden("csrf");
        let form = [("csrf", csrf.as_str()), ("application", museum.as_str())];
        let refused = browser.post("/in/ada/classes", &form).await;
        refused.must_refuse_on_a_page(403, "FB2011");
        let actions: Vec<_> = audit(&world).await.into_iter().map(|it| it.action).collect();
        assert_eq!(actions, ["classroom.connected"]);
    }
}

#[tokio::test]
async fn a_district_that_connects_it_later_wins_and_every_id_stays() {
    for world in worlds().await {
        let museum = register(&world).await;
        let arrived = connect(&mut world.browser(), teacher(), &[MATH]).await;
        let token = token(&world, &arrived).await;
        let read = async |path: &str| world.get_with_token(path, &token).await.json();
        let (v3, v2) = (read("/v3.1/me").await, read("/v2.1/me").await);
        let (user, role) = (v3["data"]["id"].clone(), v2["data"]["id"].clone());
        let sections = format!("/v2.1/teachers/{}/sections", role.as_str().unwrap());
        let before = read(&sections).await["data"].as_array().unwrap().clone();
        assert_eq!(before.len(), 1);

        say(&world, museum, ConnectionState::Active, Sharing::everyone()).await;
        let (v3, v2) = (read("/v3.1/me").await, read("/v2.1/me").await);
        assert_eq!((&v3["data"]["id"], &v2["data"]["id"]), (&user, &role));
        assert_eq!(v3["data"]["authorized_by"], "district");
        assert_eq!(v2["data"]["authorized_by"], "district");
        let after = read(&sections).await["data"].as_array().unwrap().clone();
        assert_eq!(after.len(), 3, "what the district shares");
        assert!(after.contains(&before[0]), "the same section, the same ids");
        let rosa = token_of(&world, &people::ROSA_DELGADO).await;
        let me = world.get_with_token("/v3.1/me", &rosa).await.json();
        assert_eq!(me["data"]["authorized_by"], "district", "staff too");
    }
}
