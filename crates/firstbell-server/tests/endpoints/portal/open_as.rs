use std::time::Duration;

use firstbell_core::login::impersonation::LONGEST;
use firstbell_core::roster::DistrictPolicy;
use firstbell_core::roster::district::{Band, SessionLimits};
use http::StatusCode;

use crate::world::{
    Browser, Reply, World, administrator, ana, authorize, suspended, teacher, worlds,
};

const REASON: &str = "She cannot open the reading app.";

async fn open_as(browser: &mut Browser, person: &str, reason: &str) -> Reply {
    let portal = browser.get("/in/ada").await;
    let form = [("csrf", &*portal.hidden("csrf")), ("person", person), ("reason", reason)];
    browser.post("/in/ada/open-as", &form).await
}

async fn acting(world: &World) -> Browser {
    let mut browser = world.browser();
    browser.log_in(administrator(), "/in/ada").await;
    let ana = world.person(ana()).await.id.to_string();
    assert_eq!(open_as(&mut browser, &ana, REASON).await.location(), Some("/in/ada"));
    browser
}

async fn actions(world: &World) -> Vec<String> {
    let district = world.district;
    let log = world.store.read(move |tx| tx.district(district).audit_log(50)).await.unwrap();
    log.into_iter().rev().map(|record| record.action).collect()
}

#[tokio::test]
async fn an_administrator_opens_the_portal_as_a_student_with_a_reason() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(administrator(), "/in/ada").await;
        let found = browser.get("/in/ada/open-as?q=n%C3%BA%C3%B1ez+ana").await;
        assert!(found.body.contains("Ana"), "{}", found.body);
        let person = world.person(ana()).await.id.to_string();
        let chosen = browser.get(&format!("/in/ada/open-as?person={person}")).await;
        assert_eq!(chosen.status, StatusCode::OK);

        let short = open_as(&mut browser, &person, "because").await;
        assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(short.body.contains("because"), "what was typed is kept");

        open_as(&mut browser, &person, REASON).await;
        let admin = administrator();
        for path in ["/in/ada", "/login", "/in/atlantis", "/"] {
            let page = browser.get(path).await;
            assert!(page.body.contains("Ana Núñez"), "{path}: the banner names her");
            assert!(page.body.contains(admin.last), "{path}: and the administrator");
            assert!(page.body.contains("/in/ada/open-as/stop"), "{path}");
        }

        let district = world.district;
        let log = world.store.read(move |tx| tx.district(district).audit_log(9)).await.unwrap();
        assert_eq!(
            (log[0].action.as_str(), log[0].detail.as_str()),
            ("impersonation.begun", REASON)
        );
        assert_eq!(log[0].actor, Some(world.person(admin).await.id));
        assert_eq!(log[0].subject.map(|it| it.to_string()), Some(person));
    }
}

#[tokio::test]
async fn every_login_in_somebody_elses_name_is_marked() {
    for world in worlds().await {
        let mut browser = acting(&world).await;
        let plain = browser.get(&authorize("")).await;
        assert_eq!(plain.query("loginas_by_admin"), None, "only who switched it on is told");
        assert_eq!(actions(&world).await, ["impersonation.begun", "impersonation.login"]);

        world.change_flightschool(|it| it.switches.impersonation_mark = true).await;
        let marked = browser.get(&authorize("&confirmed=false")).await;
        assert_eq!(marked.query("loginas_by_admin").as_deref(), Some("true"));
        assert_eq!(actions(&world).await.len(), 3, "whatever is switched on, it is written down");

        let token = world.exchange(&marked.query("code").unwrap()).await.json();
        let token = token["access_token"].as_str().unwrap().to_owned();
        let me = world.get_with_token("/v3.0/me", &token).await.json();
        assert_eq!(me["data"]["loginas_by_admin"], true);
        assert_eq!(me["data"]["id"], world.person(ana()).await.id.to_string());

        world.change_flightschool(|it| it.switches.implicit = true).await;
        let implicit = authorize("").replace("=code", "=token");
        let reply = browser.get(&implicit).await;
        assert!(reply.location().unwrap().contains("loginas_by_admin=true"));
        assert_eq!(actions(&world).await.len(), 4);

        world.clock.advance(LONGEST);
        let me = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(me.status, StatusCode::UNAUTHORIZED, "the token ends with it");
    }
}

#[tokio::test]
async fn it_ends_after_a_quarter_of_an_hour_or_when_it_is_stopped() {
    for world in worlds().await {
        let mut browser = acting(&world).await;
        let page = browser.get("/in/ada").await;
        let old = browser.cookies.clone();
        let stop = [("csrf", &*page.hidden("csrf"))];
        browser.post("/in/ada/open-as/stop", &stop).await;
        let own = browser.get("/in/ada").await;
        assert!(own.body.contains(administrator().last) && !own.body.contains("Núñez"));
        assert_eq!(actions(&world).await, ["impersonation.begun", "impersonation.ended"]);
        let mut stale = world.browser();
        stale.cookies = old;
        assert!(stale.get(&authorize("")).await.query("code").is_none(), "the old cookie is dead");

        let mut browser = acting(&world).await;
        world.clock.advance(LONGEST.saturating_sub(Duration::from_secs(1)));
        assert!(browser.get(&authorize("")).await.query("code").is_some());
        world.clock.advance(Duration::from_secs(1));
        assert!(browser.get(&authorize("")).await.query("code").is_none());
    }
}

#[tokio::test]
async fn it_ends_with_the_administrator() {
    for world in worlds().await {
        let mut browser = acting(&world).await;
        let (district, now) = (world.district, world.app.now());
        let admin = world.person(administrator()).await.id;
        let suspend =
            move |tx: &mut firstbell_store::Tx<'_>| tx.district(district).suspend(admin, now);
        world.store.write(suspend).await.unwrap();
        assert!(browser.get(&authorize("")).await.query("code").is_none());
    }
}

#[tokio::test]
async fn it_ends_when_the_administrator_is_signed_out() {
    for world in worlds().await {
        let mut browser = acting(&world).await;
        let code = browser.get(&authorize("")).await.query("code").expect("a code");
        let bought = world.exchange(&code).await.json();
        let token = bought["access_token"].as_str().expect("a token").to_owned();
        assert_eq!(world.get_with_token("/v3.0/me", &token).await.status, 200);
        let code = browser.get(&authorize("")).await.query("code").expect("a code");
        let page = browser.get("/in/ada").await;
        let (district, admin) = (world.district, world.person(administrator()).await.id);
        let sign_out =
            move |tx: &mut firstbell_store::Tx<'_>| tx.district(district).sign_out(admin);
        world.store.write(sign_out).await.unwrap();

        assert_eq!(world.exchange(&code).await.status, 400, "the code");
        assert_eq!(world.get_with_token("/v3.0/me", &token).await.status, 401, "the token");
        assert!(browser.get(&authorize("")).await.query("code").is_none(), "the session");
        let stop = [("csrf", &*page.hidden("csrf"))];
        browser.post("/in/ada/open-as/stop", &stop).await;
        assert!(browser.get(&authorize("")).await.query("code").is_none(), "nor their own");
    }
}

#[tokio::test]
async fn the_limits_are_those_of_who_sits_there() {
    for world in worlds().await {
        let limits =
            SessionLimits { idle: Duration::from_mins(5), longest: Duration::from_hours(4) };
        let policy = DistrictPolicy {
            session_limits: vec![(Band::Adults, limits)],
            ..DistrictPolicy::default()
        };
        world.set_policy(policy).await;
        let mut browser = acting(&world).await;
        let page = browser.get("/in/ada").await;
        world.clock.advance(Duration::from_mins(6));
        let stop = [("csrf", &*page.hidden("csrf"))];
        browser.post("/in/ada/open-as/stop", &stop).await;
        let reply = browser.get(&authorize("")).await;
        assert!(reply.query("code").is_none(), "an administrator who walked away is logged out");
    }
}

#[tokio::test]
async fn nobody_comes_back_to_life() {
    for world in worlds().await {
        let mut browser = acting(&world).await;
        let page = browser.get("/in/ada").await;
        let csrf = page.hidden("csrf");
        let mut other_tab = world.browser();
        other_tab.cookies = browser.cookies.clone();
        browser.post("/in/ada/sign-out", &[("csrf", &csrf)]).await;
        assert_eq!(actions(&world).await, ["impersonation.begun", "impersonation.ended"]);
        other_tab.post("/in/ada/open-as/stop", &[("csrf", &csrf)]).await;
        assert!(other_tab.get(&authorize("")).await.query("code").is_none());
    }
}

#[tokio::test]
async fn who_may_not_act_as_whom() {
    for world in worlds().await {
        let student = world.person(ana()).await.id.to_string();
        let mut teacher_browser = world.browser();
        teacher_browser.log_in(teacher(), "/in/ada").await;
        let portal = teacher_browser.get("/in/ada").await;
        assert!(!portal.body.contains("/open-as"));
        teacher_browser.get("/in/ada/open-as").await.must_refuse_on_a_page(403, "FB2010");
        open_as(&mut teacher_browser, &student, REASON).await.must_refuse_on_a_page(403, "FB2010");

        let mut browser = world.browser();
        browser.log_in(administrator(), "/in/ada").await;
        let admin = world.person(administrator()).await.id.to_string();
        let gone = world.person(suspended()).await.id.to_string();
        for person in [admin.as_str(), gone.as_str()] {
            open_as(&mut browser, person, REASON).await.must_refuse_on_a_page(403, "FB2010");
        }
        let nobody = "0".repeat(24);
        open_as(&mut browser, &nobody, REASON).await.must_refuse_on_a_page(403, "FB2004");
        let forged = [("csrf", "x"), ("person", student.as_str()), ("reason", REASON)];
        let reply = browser.post("/in/ada/open-as", &forged).await;
        reply.must_refuse_on_a_page(403, "FB1009");
        assert_eq!(actions(&world).await, ["impersonation.refused", "impersonation.refused"]);
        let student_browser = &mut world.browser();
        student_browser.log_in(ana(), "/in/ada").await;
        for person in [nobody.as_str(), admin.as_str()] {
            let reply = open_as(student_browser, person, REASON).await;
            reply.must_refuse_on_a_page(403, "FB2010");
        }

        let mut acting = acting(&world).await;
        let other = world.person(teacher()).await.id.to_string();
        acting.get("/in/ada/open-as").await.must_refuse_on_a_page(403, "FB2011");
        open_as(&mut acting, &other, REASON).await.must_refuse_on_a_page(403, "FB2011");
    }
}
