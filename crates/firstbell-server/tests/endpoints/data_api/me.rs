use std::time::Duration;

use http::StatusCode;

use crate::world::{ana, of_several_roles, teacher, without_email, worlds};

#[tokio::test]
async fn v3_tells_the_person_and_links_to_them() {
    for world in worlds().await {
        let token = world.token_of(ana()).await;
        let me = world.get_with_token("/v3.0/me", &token).await.json();
        assert_eq!(me["type"], "user");
        assert_eq!(me["data"]["type"], "user");
        assert_eq!(me["data"]["district"], world.district.to_string());
        assert_eq!(me["data"]["authorized_by"], "district");
        assert_eq!(me["links"][1]["rel"], "canonical");

        let canonical = me["links"][1]["uri"].as_str().unwrap().to_owned();
        let user = world.get_with_token(&canonical, &token).await.json();
        assert_eq!(user["data"]["id"], me["data"]["id"]);
        assert_eq!(user["data"]["name"], serde_json::json!({"first": "Ana", "last": "Núñez"}));
        let members: Vec<_> = user["data"].as_object().unwrap().keys().cloned().collect();
        let shared = ["created", "district", "email", "id", "last_modified", "name", "roles"];
        assert!(members.iter().all(|member| shared.contains(&member.as_str())), "{members:?}");
        let student = user["data"]["roles"]["student"].as_object().unwrap();
        assert!(student.keys().all(|key| key == "legacy_id" || key == "schools"), "{student:?}");

        let district = me["links"][2]["uri"].as_str().unwrap().to_owned();
        let district = world.get_with_token(&district, &token).await.json();
        assert_eq!(district["data"]["id"], world.district.to_string());
    }
}

#[tokio::test]
async fn v2_tells_the_role_of_the_login() {
    for world in worlds().await {
        for (who, kind) in [(ana(), "student"), (teacher(), "teacher")] {
            let token = world.token_of(who).await;
            for path in ["/v2.1/me", "/me"] {
                let me = world.get_with_token(path, &token).await.json();
                assert_eq!((&me["type"], &me["data"]["type"]), (&kind.into(), &kind.into()));
                let canonical = me["links"][1]["uri"].as_str().unwrap();
                let expected = format!("/v2.1/{kind}s/{}", me["data"]["id"].as_str().unwrap());
                assert_eq!(canonical, expected);
                let object = world.get_with_token(canonical, &token).await.json();
                assert_eq!(object["data"]["id"], me["data"]["id"]);
                assert_eq!(object["data"]["name"]["first"], who.first);
            }
        }
    }
}

#[tokio::test]
async fn a_person_with_several_roles_has_them_all_under_one_id() {
    for world in worlds().await {
        let token = world.token_of(of_several_roles()).await;
        let v3 = world.get_with_token("/v3.0/me", &token).await.json();
        let path = v3["links"][1]["uri"].as_str().unwrap().to_owned();
        let reply = world.get_with_token(&path, &token).await;
        let roles = reply.json()["data"]["roles"].as_object().unwrap().clone();
        assert!(roles.len() >= 2, "{roles:?}");
        let first = reply.body.split(r#""roles":{""#).nth(1).unwrap().split('"').next();
        assert_eq!(first, Some("teacher"), "the first key is the person's type for many clients");
        let v2 = world.get_with_token("/v2.1/me", &token).await.json();
        let told = v2["data"]["id"].as_str().unwrap();
        assert!(roles.values().any(|role| role["legacy_id"] == told));
        assert_ne!(v2["data"]["id"], v3["data"]["id"]);
    }
}

#[tokio::test]
async fn a_person_without_email_has_no_email_member() {
    for world in worlds().await {
        let token = world.token_of(without_email()).await;
        let me = world.get_with_token("/v3.0/me", &token).await.json();
        let user = world.get_with_token(me["links"][1]["uri"].as_str().unwrap(), &token).await;
        assert_eq!(user.status, StatusCode::OK);
        assert!(user.json()["data"].get("email").is_none());
    }
}

#[tokio::test]
async fn a_token_reads_its_own_person_only() {
    for world in worlds().await {
        let (mine, other) = (world.token_of(ana()).await, world.token_of(teacher()).await);
        let theirs = world.get_with_token("/v3.0/me", &other).await.json();
        let theirs = theirs["data"]["id"].as_str().unwrap().to_owned();
        let role = world.get_with_token("/v2.1/me", &other).await.json();
        let role = role["data"]["id"].as_str().unwrap().to_owned();
        let nobody = "0".repeat(24);
        let mut bodies = Vec::new();
        for path in [
            format!("/v3.0/users/{theirs}"),
            format!("/v3.0/users/{nobody}"),
            format!("/v2.1/teachers/{role}"),
            format!("/v2.1/students/{nobody}"),
            format!("/v3.0/districts/{nobody}"),
        ] {
            let reply = world.get_with_token(&path, &mine).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
            bodies.push(reply.body);
        }
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "absent and foreign look alike");
        let reply = world.get_with_token("/v3.0/users/nonsense", &mine).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn without_a_good_token_everything_is_401() {
    for world in worlds().await {
        let token = world.token_of(ana()).await;
        for bad in ["", "il", &"il0".repeat(14), &token[..41], &token.to_uppercase()] {
            let reply = world.get_with_token("/v3.0/me", bad).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{bad}");
            assert!(reply.json()["message"].is_string());
            assert!(reply.header("www-authenticate").is_some());
        }
    }
}

#[tokio::test]
async fn a_token_ends_after_a_day() {
    for world in worlds().await {
        let token = world.token_of(ana()).await;
        world.clock.advance(Duration::from_millis(24 * 3_600_000 - 1));
        assert_eq!(world.get_with_token("/v3.0/me", &token).await.status, StatusCode::OK);
        world.clock.advance(Duration::from_millis(1));
        let reply = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_suspension_ends_tokens_and_sessions_at_once() {
    for world in worlds().await {
        let mut browser = world.browser();
        let code = browser.code_for(ana(), &crate::world::authorize("")).await;
        let token = world.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        let unspent =
            browser.get(&crate::world::authorize("")).await.query("code").expect("a code");
        let (district, name) = (world.district, ana().login_name.to_owned());
        let now = world.app.now();
        world
            .store
            .write(move |tx| {
                let user = tx.district(district).user_by_login_name(&name)?.expect("Ana");
                tx.district(district).suspend(user.id, now)
            })
            .await
            .unwrap();
        let reply = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        let refused = world.exchange(&unspent).await;
        assert_eq!(refused.json()["error"], "invalid_grant", "a code of before");
        let asked = browser.get(&crate::world::authorize("")).await;
        assert!(asked.location().unwrap().starts_with("/login/"), "the next one may log in");

        let (district, name) = (world.district, ana().login_name);
        world
            .store
            .write(move |tx| {
                let user = tx.district(district).user_by_login_name(name)?.expect("Ana");
                tx.district(district).readmit(user.id)
            })
            .await
            .unwrap();
        let reply = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "a restored person starts anew");
        let asked = browser.get(&crate::world::authorize("")).await;
        assert!(asked.location().unwrap().starts_with("/login/"), "the session stays dead");
    }
}
