use std::time::Duration;

use firstbell_core::sharing::AccessTier;
use http::StatusCode;
use serde_json::json;

use crate::oidc::client::{get, post, providers};
use crate::world::{World, ana, teacher, worlds};

#[tokio::test]
async fn the_dialect_tells_a_name_in_parts_and_the_switch_makes_it_a_text() {
    for world in worlds().await {
        let token = world.token_of(ana()).await;
        let stored = world.person(ana()).await;
        let (id, district) = (stored.id.to_string(), world.district.to_string());
        let expected = json!({
            "sub": id, "multi_role_user_id": id, "user_id": stored.roles[0].id.to_string(),
            "user_type": "student", "district": district, "district_id": district,
            "email": stored.email.as_ref().map(firstbell_core::roster::Email::as_str),
            "email_verified": false,
            "name": {"first": ana().first, "last": ana().last},
            "given_name": ana().first, "family_name": ana().last,
            "schools": [], "authorized_by": "district",
        });
        assert_eq!(world.get_with_token("/userinfo", &token).await.json(), expected);

        world.change_flightschool(|it| it.switches.standard_claims = true).await;
        let standard = world.get_with_token("/userinfo", &token).await.json();
        assert_eq!(standard["name"], format!("{} {}", ana().first, ana().last));
    }
}

#[tokio::test]
async fn schools_are_told_where_the_tier_shares_them() {
    for world in worlds().await {
        world.change_flightschool(|it| it.tier = AccessTier::SecureSync).await;
        let token = world.token_of(teacher()).await;
        let info = world.get_with_token("/userinfo", &token).await.json();
        let schools = info["schools"].as_array().expect("a list");
        assert!(!schools.is_empty() && schools.iter().all(|one| one.as_str().is_some()), "{info}");
    }
}

#[tokio::test]
async fn a_token_stands_in_one_place_and_not_in_the_address() {
    for world in providers().await {
        let token = world.token_of(ana()).await;
        let bearer = format!("Bearer {token}");
        let header = [("authorization", bearer.as_str())];
        let form = format!("access_token={token}");
        let in_address = format!("/userinfo?access_token={token}");
        for (name, reply, status) in [
            ("nothing", get(&world, "/userinfo", &[]).await, 401),
            ("nothing, posted", post(&world, "/userinfo", &[], "").await, 401),
            ("in the address", get(&world, &in_address, &[]).await, 401),
            ("in the address, posted", post(&world, &in_address, &[], "").await, 401),
            ("in both", post(&world, "/userinfo", &header, &form).await, 400),
            ("twice", post(&world, "/userinfo", &[], &format!("{form}&{form}")).await, 400),
            ("Basic", get(&world, "/userinfo", &[("authorization", "Basic eDp5")]).await, 401),
            ("cut", get(&world, "/userinfo", &[("authorization", &bearer[..20])]).await, 401),
            ("good", get(&world, "/userinfo", &header).await, 200),
            ("good, posted", post(&world, "/userinfo", &[], &form).await, 200),
        ] {
            assert_eq!(reply.status.as_u16(), status, "{name}: {}", reply.body);
            let is_challenged =
                reply.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer"));
            assert_eq!(is_challenged, status == 401, "{name}");
            assert!(!reply.body.contains(&token), "{name}: the token is reflected");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{name}");
        }
    }
}

#[tokio::test]
async fn an_old_token_and_one_of_somebody_suspended_tell_nothing() {
    for world in worlds().await {
        let old = world.token_of(ana()).await;
        world.clock.advance(Duration::from_hours(24));
        must_be_refused(&world, &old).await;

        let token = world.token_of(ana()).await;
        let (district, user, now) =
            (world.district, world.person(ana()).await.id, world.clock.now());
        let suspend = world.store.write(move |tx| tx.district(district).suspend(user, now));
        suspend.await.expect("suspended");
        must_be_refused(&world, &token).await;
    }
}

async fn must_be_refused(world: &World, token: &str) {
    let reply = world.get_with_token("/userinfo", token).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    let posted = post(world, "/userinfo", &[], &format!("access_token={token}")).await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn token_info_names_the_application_and_its_scopes() {
    for world in worlds().await {
        let token = world.token_of(ana()).await;
        let info = world.get_with_token("/oauth/tokeninfo", &token).await;
        assert_eq!(info.status, StatusCode::OK);
        assert_eq!(info.json()["client_id"], crate::world::CLIENT);
        let scopes = info.json()["scopes"].clone();
        assert_eq!(
            scopes,
            json!([
                "read:district_admins_basic",
                "read:school_admins_basic",
                "read:students_basic",
                "read:teachers_basic",
                "read:user_id"
            ])
        );
        for token in ["", "il0123", "0123"] {
            let reply = world.get_with_token("/oauth/tokeninfo", token).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        }
    }
}
