//! `GET /oauth/tokens`, and what a district's token opens.

use firstbell_core::application::{
    Application, ClientSecret, Connection, ConnectionState, Sharing,
};
use firstbell_core::id::ApplicationId;
use firstbell_core::secret::Secret;
use firstbell_core::sharing::AccessTier;
use firstbell_server::entropy::Entropy;
use http::StatusCode;
use serde_json::{Value, json};

use crate::oidc::client::{flightschool, get, post};
use crate::world::{Reply, SECRET, World, ana, basic, worlds};

/// Another application, connected like FlightSchool and of the same secret.
pub async fn register(world: &World, client_id: &str) -> Application {
    let mut made =
        world.app.settings().application(world.flightschool).expect("FlightSchool").clone();
    let now = world.clock.now();
    made.id = ApplicationId::new(now, &mut Entropy);
    made.client_id = client_id.parse().expect("a client id");
    made.secrets = vec![ClientSecret { hash: Secret::from_text(SECRET).hash(), until: None }];
    let (application, district) = (made.clone(), world.district);
    world
        .store
        .write(move |tx| {
            tx.create_application(&application, now)?;
            tx.connect(&Connection {
                application: application.id,
                district,
                state: ConnectionState::Active,
                sharing: Sharing::everyone(),
                since: now,
            })
        })
        .await
        .expect("an application");
    world.app.refresh_settings().await.expect("settings");
    made
}

async fn list(world: &World, query: &str) -> Reply {
    let authorization = flightschool();
    get(world, &format!("/oauth/tokens{query}"), &[("authorization", &authorization)]).await
}

async fn items(world: &World) -> Vec<Value> {
    let reply = list(world, "?owner_type=district").await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    reply.json()["data"].as_array().expect("a list").clone()
}

async fn token(world: &World) -> String {
    items(world).await[0]["access_token"].as_str().expect("a token").to_owned()
}

async fn set_state(world: &World, state: ConnectionState) {
    let (application, district) = (world.flightschool, world.district);
    let set = move |tx: &mut firstbell_store::Tx<'_>| {
        tx.set_connection_state(application, district, state)
    };
    world.store.write(set).await.expect("set");
}

async fn secure_sync() -> Vec<World> {
    let worlds = worlds().await;
    for world in &worlds {
        world.change_flightschool(|it| it.tier = AccessTier::SecureSync).await;
    }
    worlds
}

#[tokio::test]
async fn an_application_of_secure_sync_has_a_token_for_each_of_its_districts() {
    for world in secure_sync().await {
        let first = items(&world).await;
        assert_eq!(first.len(), 1);
        let item = &first[0];
        assert_eq!(item["owner"], json!({"type": "district", "id": world.district.to_string()}));
        assert_eq!(item["id"].as_str().map(str::len), Some(24));
        assert_eq!(item["created"], world.clock.now().to_string());
        let text = item["access_token"].as_str().expect("a token");
        assert!(text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(item["scopes"].as_array().map(Vec::len), Some(10));
        assert_eq!(items(&world).await, first, "the same each time");
        let links = list(&world, "").await.json()["links"].clone();
        assert_eq!(links, json!([{"rel": "self", "uri": "/oauth/tokens?owner_type=district"}]));

        for (query, count) in [
            (format!("?district={}", world.district), 1),
            (format!("?owner_type=district&district={}", "0".repeat(24)), 0),
        ] {
            let found = list(&world, &query).await.json()["data"].as_array().map(Vec::len);
            assert_eq!(found, Some(count), "{query}");
        }
    }
}

#[tokio::test]
async fn nothing_is_listed_to_other_tiers_or_without_a_connection() {
    for world in worlds().await {
        assert_eq!(items(&world).await, Vec::<Value>::new(), "District SSO");
        world.change_flightschool(|it| it.tier = AccessTier::SecureSync).await;
        for state in [ConnectionState::Disconnected, ConnectionState::Paused] {
            set_state(&world, state).await;
            assert_eq!(items(&world).await, Vec::<Value>::new(), "{state:?}");
        }
        let refused = list(&world, "?owner_type=user").await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.json()["error"], "invalid_request");
        for authorization in [basic("nobody", SECRET), basic(crate::world::CLIENT, "wrong")] {
            let header = [("authorization", authorization.as_str())];
            let reply = get(&world, "/oauth/tokens?owner_type=district", &header).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            assert_eq!(reply.json()["error"], "invalid_client");
        }
    }
}

#[tokio::test]
async fn a_districts_token_reads_its_district_and_nobody_in_particular() {
    for world in secure_sync().await {
        let token = token(&world).await;
        let district = world.district.to_string();
        for version in ["v2.1", "v3.0"] {
            let path = format!("/{version}/districts/{district}");
            let one = world.get_with_token(&path, &token).await;
            assert_eq!(one.status, StatusCode::OK, "{}", one.body);
            assert_eq!(one.json()["data"]["id"], district);
            let all = world.get_with_token(&format!("/{version}/districts"), &token).await.json();
            assert_eq!(
                all,
                json!({
                    "data": [{
                        "data": one.json()["data"],
                        "uri": format!("/{version}/districts/{district}"),
                    }],
                    "links": [{"rel": "self", "uri": format!("/{version}/districts")}],
                })
            );
            let other = format!("/{version}/districts/{}", "0".repeat(24));
            let other = world.get_with_token(&other, &token).await;
            assert_eq!(other.status, StatusCode::NOT_FOUND, "another district");
        }
        for path in ["/me", "/v2.1/me", "/v3.0/me", "/userinfo"] {
            must_be_out_of_scope(&world.get_with_token(path, &token).await);
        }
        let posted = post(&world, "/userinfo", &[], &format!("access_token={token}")).await;
        must_be_out_of_scope(&posted);
        let info = world.get_with_token("/oauth/tokeninfo", &token).await.json();
        assert_eq!(info["client_id"], crate::world::CLIENT);
    }
}

#[tokio::test]
async fn a_persons_token_lists_no_districts() {
    for world in secure_sync().await {
        let token = world.token_of(ana()).await;
        for path in ["/v2.1/districts", "/v3.0/districts"] {
            must_be_out_of_scope(&world.get_with_token(path, &token).await);
        }
        let own = format!("/v3.0/districts/{}", world.district);
        assert_eq!(world.get_with_token(&own, &token).await.status, StatusCode::OK);
    }
}

fn must_be_out_of_scope(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.body);
    assert_eq!(reply.json()["message"], "Resource not in token's scopes");
}

#[tokio::test]
async fn a_token_ends_at_once_with_its_connection_tier_or_application() {
    for world in secure_sync().await {
        let first = token(&world).await;
        let path = format!("/v3.0/districts/{}", world.district);
        let status = async |token: &str| world.get_with_token(&path, token).await.status;

        set_state(&world, ConnectionState::Paused).await;
        assert_eq!(status(&first).await, StatusCode::UNAUTHORIZED);
        set_state(&world, ConnectionState::Active).await;
        assert_eq!(status(&first).await, StatusCode::OK, "a pause is over");

        set_state(&world, ConnectionState::Disconnected).await;
        assert_eq!(status(&first).await, StatusCode::UNAUTHORIZED);
        set_state(&world, ConnectionState::Active).await;
        assert_eq!(status(&first).await, StatusCode::UNAUTHORIZED, "an end is for good");
        let second = token(&world).await;
        assert_ne!(first, second);
        assert_eq!(status(&second).await, StatusCode::OK);

        world.change_flightschool(|it| it.tier = AccessTier::DistrictSso).await;
        must_be_out_of_scope(&world.get_with_token(&path, &second).await);
        let now = world.clock.now();
        world.change_flightschool(move |it| it.disabled = Some(now)).await;
        assert_eq!(status(&second).await, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_token_that_is_given_back_is_followed_by_another() {
    for world in secure_sync().await {
        let (first, authorization) = (token(&world).await, flightschool());
        let header = [("authorization", authorization.as_str())];
        let stranger = register(&world, "dada00dada00dada00da").await;
        let foreign = basic(stranger.client_id.as_str(), SECRET);
        let by_stranger = [("authorization", foreign.as_str())];
        let body = format!("token={first}");
        let reply = post(&world, "/oauth/revoke", &by_stranger, &body).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(token(&world).await, first, "another application's stays");

        assert_eq!(post(&world, "/oauth/revoke", &header, &body).await.status, StatusCode::OK);
        let path = format!("/v3.0/districts/{}", world.district);
        let reply = world.get_with_token(&path, &first).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert_ne!(token(&world).await, first);
    }
}

#[tokio::test]
async fn the_database_does_not_hold_the_token() {
    for world in secure_sync().await {
        let text = token(&world).await;
        let hash = Secret::from_text(&*text).hash();
        let found = world.store.look(move |tx| tx.district_token(&hash)).await.expect("found");
        assert!(found.is_some(), "only its hash");
        // Half a token, a token in capitals and one with something behind it are none.
        let path = format!("/v3.0/districts/{}", world.district);
        let longer = format!("{text}0");
        for wrong in [&text[..39], &text[1..], &longer, &text.to_uppercase()] {
            if wrong != text {
                let reply = world.get_with_token(&path, wrong).await;
                assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{wrong}");
            }
        }
    }
}
