//! `POST /oauth/revoke` (RFC 7009).

use firstbell_store::testing::run_sql;
use http::StatusCode;

use crate::oidc::client::{flightschool, get, post};
use crate::oidc::district_tokens::register;
use crate::world::{CLIENT, Reply, SECRET, World, ana, basic, worlds};

async fn revoke(world: &World, authorization: &str, token: &str) -> Reply {
    let header = [("authorization", authorization)];
    post(world, "/oauth/revoke", &header, &format!("token={token}&token_type_hint=x")).await
}

async fn is_good(world: &World, token: &str) -> bool {
    world.get_with_token("/v3.0/me", token).await.status == StatusCode::OK
}

#[tokio::test]
async fn a_token_given_back_opens_nothing_however_often_it_is_given() {
    for world in worlds().await {
        let (token, other) = (world.token_of(ana()).await, world.token_of(ana()).await);
        for _ in 0..2 {
            let reply = revoke(&world, &flightschool(), &token).await;
            assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, ""));
            assert!(!is_good(&world, &token).await);
        }
        assert!(is_good(&world, &other).await, "no other token is touched");
        let in_body = format!("token={other}&client_id={CLIENT}&client_secret={SECRET}");
        assert_eq!(post(&world, "/oauth/revoke", &[], &in_body).await.status, StatusCode::OK);
        assert!(!is_good(&world, &other).await);
    }
}

#[tokio::test]
async fn what_is_not_the_applications_own_stays_and_is_not_told() {
    for world in worlds().await {
        let token = world.token_of(ana()).await;
        let other = register(&world, "dada00dada00dada00da").await;
        let before = world.row_counts().await;
        let stranger = basic(other.client_id.as_str(), SECRET);
        for foreign in [&*token, "il0000", "nonsense", &"0".repeat(40)] {
            let reply = revoke(&world, &stranger, foreign).await;
            assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, ""), "{foreign}");
        }
        assert!(is_good(&world, &token).await);
        assert_eq!(world.row_counts().await, before);
    }
}

#[tokio::test]
async fn who_does_not_prove_itself_revokes_nothing() {
    for world in worlds().await {
        let token = world.token_of(ana()).await;
        let body = format!("token={token}");
        let good = flightschool();
        let good = [("authorization", good.as_str())];
        let wrong = basic(CLIENT, "wrong");
        for (name, reply, status, error) in [
            ("nobody", post(&world, "/oauth/revoke", &[], &body).await, 401, "invalid_client"),
            ("wrong secret", revoke(&world, &wrong, &token).await, 401, "invalid_client"),
            ("no token", post(&world, "/oauth/revoke", &good, "").await, 400, "invalid_request"),
            (
                "two tokens",
                post(&world, "/oauth/revoke", &good, &format!("{body}&{body}")).await,
                400,
                "invalid_request",
            ),
        ] {
            assert_eq!(reply.status.as_u16(), status, "{name}: {}", reply.body);
            assert_eq!(reply.json()["error"], error, "{name}");
            assert!(!reply.body.contains(&token), "{name}");
        }
        let by_get = get(&world, &format!("/oauth/revoke?{body}"), &good).await;
        assert_eq!(by_get.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(is_good(&world, &token).await);
    }
}

#[tokio::test]
async fn where_the_database_refuses_the_answer_is_503() {
    for world in worlds().await {
        let token = world.token_of(ana()).await;
        run_sql(&world.store, "ALTER TABLE tokens RENAME TO hidden").await.expect("hidden");
        let reply = revoke(&world, &flightschool(), &token).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{}", reply.body);
        assert!(reply.header("retry-after").is_some());
        run_sql(&world.store, "ALTER TABLE hidden RENAME TO tokens").await.expect("back");
        assert!(is_good(&world, &token).await, "the application knows that it must try again");
        assert_eq!(revoke(&world, &flightschool(), &token).await.status, StatusCode::OK);
        assert!(!is_good(&world, &token).await);
    }
}
