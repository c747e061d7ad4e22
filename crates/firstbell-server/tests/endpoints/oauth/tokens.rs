use std::time::Duration;

use http::StatusCode;

use crate::world::{
    CALLBACK, CLIENT, FORM, OTHER_CALLBACK, Reply, SECRET, World, ana, authorize, basic, encoded,
    worlds,
};

async fn code(world: &World) -> String {
    world.browser().code_for(ana(), &authorize("")).await
}

fn must_refuse(reply: &Reply, status: u16, error: &str) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.body);
    assert_eq!(reply.json()["error"], error, "{}", reply.body);
    assert!(reply.json()["error_description"].is_string());
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn every_published_way_to_exchange_a_code_works() {
    let authorization = basic(CLIENT, SECRET);
    let header = ("authorization", authorization.as_str());
    let uri = encoded(CALLBACK);
    let form = |code: &str| format!("code={code}&grant_type=authorization_code&redirect_uri={uri}");
    let json = |code: &str| {
        format!(
            r#"{{"code":"{code}","grant_type":"authorization_code","redirect_uri":"{CALLBACK}"}}"#
        )
    };
    let in_body = |code: &str| format!("{}&client_id={CLIENT}&client_secret={SECRET}", form(code));
    for world in worlds().await {
        for (name, headers, body) in [
            ("form, Basic", vec![FORM, header], form(&code(&world).await)),
            ("form, body", vec![FORM], in_body(&code(&world).await)),
            ("form, both and equal", vec![FORM, header], in_body(&code(&world).await)),
            (
                "form with charset",
                vec![("content-type", "application/x-www-form-urlencoded; charset=UTF-8"), header],
                form(&code(&world).await),
            ),
            (
                "misspelt form",
                vec![("content-type", "application/x-www-form-url-encoded"), header],
                form(&code(&world).await),
            ),
            (
                "JSON",
                vec![("content-type", "application/json;charset=utf-8"), header],
                json(&code(&world).await),
            ),
            ("more members", vec![FORM, header], form(&code(&world).await) + "&audience=x"),
        ] {
            let reply = world.post_tokens(&headers, body).await;
            assert_eq!(reply.status, StatusCode::OK, "{name}: {}", reply.body);
            assert_eq!(reply.json()["token_type"], "bearer", "{name}");
            assert!(reply.json()["access_token"].as_str().unwrap().starts_with("il"), "{name}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{name}");
        }
    }
}

#[tokio::test]
async fn a_code_is_exchanged_once() {
    for world in worlds().await {
        let code = code(&world).await;
        let first = world.exchange(&code).await;
        assert_eq!(first.status, StatusCode::OK);
        must_refuse(&world.exchange(&code).await, 400, "invalid_grant");
        let token = first.json()["access_token"].as_str().unwrap().to_owned();
        let me = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(me.status, StatusCode::OK, "a double click keeps its login");
    }
}

#[tokio::test]
async fn a_late_replay_revokes_what_the_code_bought() {
    for world in worlds().await {
        let code = code(&world).await;
        let token = world.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        world.clock.advance(Duration::from_secs(11));
        must_refuse(&world.exchange(&code).await, 400, "invalid_grant");
        let me = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(me.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_code_lives_one_minute() {
    for world in worlds().await {
        let (young, old) = (code(&world).await, code(&world).await);
        world.clock.advance(Duration::from_millis(59_999));
        assert_eq!(world.exchange(&young).await.status, StatusCode::OK);
        world.clock.advance(Duration::from_millis(1));
        must_refuse(&world.exchange(&old).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_wrong_redirect_uri_burns_the_code() {
    for world in worlds().await {
        let code = code(&world).await;
        let authorization = basic(CLIENT, SECRET);
        let headers = [FORM, ("authorization", authorization.as_str())];
        let body = format!(
            "code={code}&grant_type=authorization_code&redirect_uri={}",
            encoded(OTHER_CALLBACK)
        );
        must_refuse(&world.post_tokens(&headers, body).await, 400, "invalid_grant");
        must_refuse(&world.exchange(&code).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn what_cannot_be_exchanged_is_named_and_leaves_the_code_alone() {
    let good = basic(CLIENT, SECRET);
    let wrong = basic(CLIENT, "wrong");
    let nobody = basic("nobody", SECRET);
    let uri = encoded(CALLBACK);
    for world in worlds().await {
        let code = code(&world).await;
        let rest = format!("code={code}&redirect_uri={uri}");
        let full = format!("{rest}&grant_type=authorization_code");
        let before = world.row_counts().await;
        for (name, headers, body, status, error) in [
            ("no credentials", vec![FORM], full.clone(), 401, "invalid_client"),
            (
                "wrong secret",
                vec![FORM, ("authorization", &wrong)],
                full.clone(),
                401,
                "invalid_client",
            ),
            (
                "unknown client",
                vec![FORM, ("authorization", &nobody)],
                full.clone(),
                401,
                "invalid_client",
            ),
            (
                "contradiction",
                vec![FORM, ("authorization", &good)],
                format!("{full}&client_id=other"),
                400,
                "invalid_request",
            ),
            (
                "no content type",
                vec![("authorization", &good)],
                full.clone(),
                400,
                "invalid_request",
            ),
            (
                "multipart",
                vec![("content-type", "multipart/form-data; boundary=x"), ("authorization", &good)],
                full.clone(),
                400,
                "invalid_request",
            ),
            (
                "no grant type",
                vec![FORM, ("authorization", &good)],
                rest.clone(),
                400,
                "invalid_request",
            ),
            (
                "another grant",
                vec![FORM, ("authorization", &good)],
                format!("{rest}&grant_type=refresh_token"),
                400,
                "unsupported_grant_type",
            ),
            (
                "code twice",
                vec![FORM, ("authorization", &good)],
                format!("{full}&code={code}"),
                400,
                "invalid_request",
            ),
            (
                "no redirect URI",
                vec![FORM, ("authorization", &good)],
                format!("code={code}&grant_type=authorization_code"),
                400,
                "invalid_request",
            ),
            (
                "unknown code",
                vec![FORM, ("authorization", &good)],
                full.replace(&code, &"0".repeat(40)),
                400,
                "invalid_grant",
            ),
            (
                "half a code",
                vec![FORM, ("authorization", &good)],
                full.replace(&code, &code[..39]),
                400,
                "invalid_grant",
            ),
        ] {
            let reply = world.post_tokens(&headers, body).await;
            assert_eq!(reply.status.as_u16(), status, "{name}: {}", reply.body);
            must_refuse(&reply, status, error);
            let challenged = reply.header("www-authenticate").is_some();
            assert_eq!(challenged, status == 401, "{name}");
            assert!(!reply.body.contains(&code), "{name}: the code is reflected");
        }
        assert_eq!(world.row_counts().await, before);
        assert_eq!(world.exchange(&code).await.status, StatusCode::OK, "the code still works");
    }
}

#[tokio::test]
async fn a_huge_body_is_refused_as_json() {
    for world in worlds().await {
        let authorization = basic(CLIENT, SECRET);
        let headers = [FORM, ("authorization", authorization.as_str())];
        let reply = world.post_tokens(&headers, "x".repeat(100_000)).await;
        must_refuse(&reply, 413, "invalid_request");
    }
}

#[tokio::test]
async fn of_64_concurrent_exchanges_one_wins() {
    for world in worlds().await {
        let code = code(&world).await;
        let tries = (0..64).map(|_| world.exchange(&code));
        let replies = futures(tries).await;
        let won = replies.iter().filter(|reply| reply.status == StatusCode::OK).count();
        assert_eq!(won, 1);
    }
}

/// All at once, on the runtime of the test.
async fn futures<F: Future<Output = Reply>>(tries: impl Iterator<Item = F>) -> Vec<Reply> {
    let mut waiting: Vec<_> = tries.map(|it| Some(Box::pin(it))).collect();
    let mut replies = Vec::new();
    std::future::poll_fn(|context| {
        for slot in &mut waiting {
            if let Some(future) = slot
                && let std::task::Poll::Ready(reply) = future.as_mut().poll(context)
            {
                replies.push(reply);
                *slot = None;
            }
        }
        if waiting.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    replies
}
