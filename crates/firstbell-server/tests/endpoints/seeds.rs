//! What the dialect's documents promise across several addresses, and no other file shows
//! (`docs/compatibility.md`).

use firstbell_core::application::{Connection, ConnectionState, Sharing};
use firstbell_core::roster::change::RosterChange;
use firstbell_core::roster::{DistrictPolicy, RoleKind};
use firstbell_core::sharing::AccessTier;
use firstbell_roster::sandbox::people;
use http::StatusCode;

use crate::login::district::add_district;
use crate::oidc::district_tokens::register;
use crate::world::{
    CALLBACK, CLIENT, FORM, SECRET, World, administrator, ana, authorize, basic, encoded,
    of_several_roles, teacher, unshared, worlds,
};

async fn share_everyone(world: &World) {
    let (application, district) = (world.flightschool, world.district);
    let since = world.app.now();
    world
        .store
        .write(move |tx| {
            tx.connect(&Connection {
                application,
                district,
                state: ConnectionState::Active,
                sharing: Sharing::everyone(),
                since,
            })
        })
        .await
        .unwrap();
    world.app.refresh_settings().await.unwrap();
}

#[tokio::test]
async fn a_code_is_exchanged_at_either_host() {
    for world in worlds().await {
        let authorization = basic(CLIENT, SECRET);
        for host in ["login.example", "api.example"] {
            let code = world.browser().code_for(ana(), &authorize("")).await;
            let body = format!(
                "grant_type=authorization_code&code={code}&redirect_uri={}",
                encoded(CALLBACK)
            );
            let headers = [FORM, ("authorization", authorization.as_str()), ("host", host)];
            let reply = world.post_tokens(&headers, body).await;
            assert_eq!(reply.status, StatusCode::OK, "{host}: {}", reply.body);
        }
    }
}

#[tokio::test]
async fn the_answer_to_a_code_is_a_token_its_type_and_nothing_to_refresh_it_with() {
    for world in worlds().await {
        let code = world.browser().code_for(ana(), &authorize("")).await;
        let answer = world.exchange(&code).await.json();
        let members: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["access_token", "token_type"]);
        let digits = answer["access_token"].as_str().unwrap().strip_prefix("il").unwrap();
        assert!(digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}

#[tokio::test]
async fn what_other_buttons_and_links_send_is_ignored() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        for more in [
            "channel=clever",
            "user_type=district_admin",
            "new_login_flow=true",
            "target=https%3A%2F%2Fevil.example%2F",
            "skip=1",
            "default_badge=1",
            "school_name=Ada",
            "clever_landing=admin",
            "dev=true",
            "sdk_version=1.0",
            "access_type=offline",
            "approval_prompt=auto",
        ] {
            let reply = browser.get(&authorize(&format!("&state=s&{more}"))).await;
            assert!(reply.location().unwrap().starts_with(CALLBACK), "{more}");
            assert!(reply.query("code").is_some(), "{more}");
            assert_eq!(reply.query("state").as_deref(), Some("s"), "{more}");
        }
    }
}

#[tokio::test]
async fn one_button_tries_one_application_after_another() {
    for world in worlds().await {
        let second = register(&world, "dada00dada00dada00da").await;
        let mut browser = world.browser();
        let path = authorize("&state=one&return_unshared=true");
        let first = browser.log_in(unshared(), &path).await;
        assert_eq!(first.query("error").as_deref(), Some("unauthorized-user"));
        assert_eq!(first.query("state").as_deref(), Some("one"));

        let last = authorize("&state=two").replace(CLIENT, second.client_id.as_str());
        let reply = browser.get(&last).await;
        assert!(reply.query("code").is_some(), "asked nothing, and in: {}", reply.body);
        assert_eq!(reply.query("state").as_deref(), Some("two"));
    }
}

#[tokio::test]
async fn every_type_of_user_comes_in_by_every_door() {
    for world in worlds().await {
        share_everyone(&world).await;
        let link =
            format!("/oauth/instant-login?client_id={CLIENT}&district_id={}", world.district);
        let tile = format!("/in/ada/launch/{}", world.flightschool);
        for person in [ana(), teacher(), &people::ROSA_DELGADO, administrator()] {
            for (door, state) in
                [(authorize("&state=s"), Some("s")), (link.clone(), None), (tile.clone(), None)]
            {
                let reply = world.browser().log_in(person, &door).await;
                assert!(reply.query("code").is_some(), "{}: {door}", person.login_name);
                assert!(reply.location().unwrap().starts_with(CALLBACK));
                assert!(reply.query("scope").is_some());
                assert_eq!(reply.query("state").as_deref(), state, "{door}");
            }
        }
    }
}

#[tokio::test]
async fn names_of_every_script_arrive_as_they_are_written() {
    for world in worlds().await {
        share_everyone(&world).await;
        for person in [
            &people::SEAN_O_CONNOR,
            &people::ZOE_MULLER_BRANDT,
            &people::LAYLA_HADDAD,
            &people::XIAOMING_LI,
            &people::ONE_LETTER,
            &people::LONG_NAME,
            &people::NULL_NAME,
        ] {
            let token = world.token_of(person).await;
            let path = format!("/v3.0/users/{}", world.person(person).await.id);
            let name = world.get_with_token(&path, &token).await.json()["data"]["name"].clone();
            assert_eq!(name, serde_json::json!({"first": person.first, "last": person.last}));
        }
    }
}

#[tokio::test]
async fn the_older_dialect_has_its_own_words_for_roles() {
    for world in worlds().await {
        share_everyone(&world).await;
        let person = world.person(of_several_roles()).await;
        for (kind, word) in [
            (RoleKind::Teacher, "teacher"),
            (RoleKind::Staff, "school_admin"),
            (RoleKind::DistrictAdmin, "district_admin"),
        ] {
            let policy = DistrictPolicy { role_order: vec![kind], ..DistrictPolicy::default() };
            world.set_policy(policy).await;
            let token = world.token_of(of_several_roles()).await;
            let role = person.role(kind).expect("a role").id.to_string();
            for dialect in ["v2.0", "v2.1"] {
                let me = world.get_with_token(&format!("/{dialect}/me"), &token).await.json();
                assert_eq!((&me["type"], &me["data"]["type"]), (&word.into(), &word.into()));
                assert_eq!(me["data"]["id"], role);
                let canonical = format!("/{dialect}/{word}s/{role}");
                assert_eq!(me["links"][1]["uri"], canonical);
                let object = world.get_with_token(&canonical, &token).await;
                assert_eq!(object.status, StatusCode::OK, "{canonical}: {}", object.body);
                assert_eq!(object.json()["data"]["id"], role);
            }
        }
    }
}

#[tokio::test]
async fn scope_is_that_of_the_tier_whatever_was_asked() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(teacher(), "/in/ada").await;
        for tier in AccessTier::ALL {
            world.change_flightschool(move |application| application.tier = tier).await;
            let reply = browser.get(&authorize("&scope=openid+read%3Asis")).await;
            assert_eq!(reply.query("scope").as_deref(), Some(tier.scope()), "{tier:?}");
        }
    }
}

#[tokio::test]
async fn the_district_that_was_used_last_on_a_browser_is_offered_again() {
    for world in worlds().await {
        add_district(&world).await;
        let stranger = world.browser().get("/login").await;
        assert!(!stranger.body.contains("\"/in/"), "{}", stranger.body);

        let mut browser = world.browser();
        let portal = browser.log_in(ana(), "/in/ada").await;
        browser.post("/in/ada/sign-out", &[("csrf", &portal.hidden("csrf"))]).await;
        let finder = browser.get("/login").await;
        assert!(finder.body.contains("\"/in/ada\""), "{}", finder.body);
        assert!(!finder.body.contains("\"/in/north-4\""));
    }
}

#[tokio::test]
async fn who_leaves_the_roster_keeps_no_session_no_code_and_no_token() {
    for world in worlds().await {
        let mut browser = world.browser();
        let code = browser.code_for(ana(), &authorize("")).await;
        let unspent = browser.get(&authorize("")).await.query("code").unwrap();
        let token = world.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(world.get_with_token("/v3.0/me", &token).await.status, StatusCode::OK);

        let (district, ana) = (world.district, world.person(ana()).await.id);
        let version = world.store.read(move |tx| tx.district(district).roster_version()).await;
        let mut change = RosterChange::default();
        change.people.removed.push(ana);
        let now = world.app.now();
        let applied =
            world.store.apply_roster(district, version.unwrap(), change, now, |_, _| {}).await;
        assert!(applied.is_ok(), "the roster is changed");

        let me = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(me.status, StatusCode::UNAUTHORIZED);
        assert_eq!(world.exchange(&unspent).await.json()["error"], "invalid_grant");
        assert!(browser.get(&authorize("")).await.query("code").is_none());
    }
}
