use http::StatusCode;

use crate::world::{ana, authorize, teacher, without_email, worlds};

#[tokio::test]
async fn a_student_who_is_logged_in_says_that_it_is_her() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let page = browser.follow(&authorize("&state=s&confirmed=false")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Ana") && page.location().is_none());
        assert!(!page.body.contains("Núñez"), "others may be looking");

        let (action, csrf) = (page.form_action(), page.hidden("csrf"));
        let forged = browser.post(&action, &[("answer", "yes"), ("csrf", "x")]).await;
        forged.must_refuse_on_a_page(403, "FB1009");

        let reply = browser.post(&action, &[("answer", "yes"), ("csrf", &csrf)]).await;
        let end = browser.follow(reply.location().unwrap()).await;
        assert_eq!(end.query("state").as_deref(), Some("s"));
        assert!(end.query("code").is_some());

        let again = browser.follow(&authorize("&confirmed=false")).await;
        assert!(again.query("code").is_none(), "the next application asks anew");
    }
}

#[tokio::test]
async fn somebody_else_ends_the_session_and_signs_in() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let old = browser.cookies.clone();
        let page = browser.follow(&authorize("&confirmed=false")).await;
        let form = [("answer", "no"), ("csrf", &*page.hidden("csrf"))];
        let reply = browser.post(&page.form_action(), &form).await;
        let page = browser.follow(reply.location().unwrap()).await;
        assert!(page.body.contains("type=\"password\""), "she signs in");
        let theo = without_email();
        let reply = browser.sign_in(&page, theo.login_name, theo.password).await;
        let end = browser.follow(reply.location().unwrap()).await;
        let code = end.query("code").expect("who signed in on the way is not asked once more");
        let token = world.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        let me = world.get_with_token("/v3.0/me", &token).await.json();
        assert_eq!(me["data"]["id"], world.person(theo).await.id.to_string());

        let mut first = world.browser();
        first.cookies = old;
        let reply = first.get(&authorize("")).await;
        assert!(reply.query("code").is_none(), "Ana's session has ended");
    }
}

#[tokio::test]
async fn nobody_else_is_asked() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(teacher(), "/in/ada").await;
        assert!(browser.get(&authorize("&confirmed=false")).await.query("code").is_some());
        let mut student = world.browser();
        student.log_in(ana(), "/in/ada").await;
        assert!(student.get(&authorize("&confirmed=true")).await.query("code").is_some());
    }
}

#[tokio::test]
async fn the_question_cannot_be_left_out() {
    for world in worlds().await {
        let mut browser = world.browser();
        browser.log_in(ana(), "/in/ada").await;
        let waiting = browser.get(&authorize("&confirmed=false")).await;
        let dispatcher = waiting.location().unwrap().to_owned();
        for path in [
            format!("{dispatcher}?confirmed=true"),
            format!("{dispatcher}/sign-in"),
            dispatcher.clone(),
        ] {
            let reply = browser.follow(&path).await;
            assert!(reply.query("code").is_none(), "{path}");
        }
    }
}
