//! `/me` and `/users/{id}`, and what may come from them.

use firstbell_client::{AccessToken, Firstbell, MalformedReply, Person, ReplyError, RoleKind};

use crate::broker::{Broker, Reply};
use crate::{firstbell, verified};

const ID: &str = "62817c88dc4dc002ea40b594";
const ME: &str = "/v3.0/me";
const USER: &str = "/v3.0/users/62817c88dc4dc002ea40b594";

async fn token(broker: &Broker) -> (Firstbell, AccessToken) {
    broker.on_json("/oauth/tokens", r#"{"access_token":"il9","token_type":"bearer"}"#);
    let firstbell = firstbell(&broker.base);
    let token = firstbell.exchange(verified(&firstbell, "c")).await.expect("a token");
    (firstbell, token)
}

async fn asked(me: Reply, user: Reply) -> Result<Person, ReplyError> {
    let broker = Broker::start().await;
    broker.on(ME, me).on(USER, user);
    let (firstbell, token) = token(&broker).await;
    firstbell.person(&token).await
}

fn ok(body: &str) -> Reply {
    Reply::Json(200, body.to_owned())
}

fn me() -> Reply {
    ok(&format!(
        r#"{{"type":"user","data":{{"id":"{ID}","district":"d1","type":"user","authorized_by":"district"}},"links":[{{"rel":"canonical","uri":"https://evil.example/users/x"}}]}}"#
    ))
}

fn user(rest: &str) -> Reply {
    ok(&format!(r#"{{"data":{{"id":"{ID}"{rest}}},"links":[]}}"#))
}

#[tokio::test]
async fn me_leads_to_the_person_and_its_links_are_not_followed() {
    let broker = Broker::start().await;
    broker.on(ME, me()).on(
        USER,
        user(
            r#","district":"d1","email":"pe@bot.example","name":{"first":"Ana","middle":"M","last":"Núñez"},"created":"2022-05-15T22:20:03.535Z","roles":{"teacher":{"legacy_id":"t1","schools":[]},"district_admin":{"legacy_id":"a1"}}"#,
        ),
    );
    let (firstbell, token) = token(&broker).await;

    let person = firstbell.person(&token).await.expect("a person");

    assert_eq!((person.id.as_str(), person.district.as_str()), (ID, "d1"));
    assert_eq!(person.email.as_deref(), Some("pe@bot.example"));
    assert_eq!(person.name.full(), "Ana Núñez");
    assert_eq!(person.name.middle.as_deref(), Some("M"));
    let roles: Vec<_> = person.roles.iter().map(|r| (r.kind, r.legacy_id.as_deref())).collect();
    let expected = [(RoleKind::DistrictAdmin, Some("a1")), (RoleKind::Teacher, Some("t1"))];
    assert_eq!(roles, expected);
    assert_eq!(person.default_role(), Some(RoleKind::DistrictAdmin));
    let paths: Vec<_> = broker.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/oauth/tokens", ME, USER]);
    assert!(broker.asked()[1..].iter().all(|asked| asked.authorization == "Bearer il9"));
    let printed = format!("{person:?} {:?}", person.name);
    assert!(!printed.contains("Ana") && !printed.contains("pe@bot"), "{printed}");
}

#[tokio::test]
async fn null_absent_and_empty_are_the_same() {
    for rest in [
        "",
        r#","district":null,"email":null,"name":null,"roles":null"#,
        r#","district":"","email":" ","name":{},"roles":{}"#,
        r#","email":"","name":{"first":"","middle":null,"last":" "},"roles":{"student":null}"#,
    ] {
        let person = asked(me(), user(rest)).await.expect(rest);
        assert_eq!(person.district, "d1", "as /me says");
        assert_eq!((person.email, person.name.full()), (None, String::new()), "{rest}");
        assert!(person.roles.is_empty() && person.unknown_roles.is_empty(), "{rest}");
    }
}

#[tokio::test]
async fn the_default_role_is_the_widest_and_unknown_ones_are_kept_aside() {
    for (roles, default, unknown) in [
        (r#"{"student":{"legacy_id":"s"}}"#, Some(RoleKind::Student), &[][..]),
        (r#"{"teacher":{},"staff":{}}"#, Some(RoleKind::Staff), &[]),
        (r#"{"staff":{},"district_admin":{},"teacher":{}}"#, Some(RoleKind::DistrictAdmin), &[]),
        (r#"{"contact":{},"teacher":{"legacy_id":null}}"#, Some(RoleKind::Teacher), &["contact"]),
        (r#"{"contact":{},"alumna":true}"#, None, &["alumna", "contact"]),
    ] {
        let person = asked(me(), user(&format!(r#","roles":{roles}"#))).await.expect(roles);
        assert_eq!(person.default_role(), default, "{roles}");
        assert_eq!(person.unknown_roles, unknown, "{roles}");
    }
}

#[tokio::test]
async fn a_reply_about_somebody_else_logs_nobody_in() {
    let other = ok(r#"{"data":{"id":"62817c88dc4dc002ea40b595","district":"d1"}}"#);
    assert!(matches!(asked(me(), other).await, Err(ReplyError::SomebodyElse)));
    let other_district = user(r#","district":"d2""#);
    assert!(matches!(asked(me(), other_district).await, Err(ReplyError::SomebodyElse)));
}

#[tokio::test]
async fn an_id_that_is_no_id_never_becomes_part_of_a_path() {
    for id in ["", "../../oauth/tokens", "a/b", "a?b", "é", "a b", &"a".repeat(65)] {
        let broker = Broker::start().await;
        broker.on_json(ME, format!(r#"{{"data":{{"id":"{id}","district":"d1"}}}}"#));
        let (firstbell, token) = token(&broker).await;
        let error = firstbell.person(&token).await.expect_err(id);
        let malformed = ReplyError::Malformed(MalformedReply::Member("id"));
        assert_eq!(error.to_string(), malformed.to_string(), "{id}");
        assert_eq!(broker.asked().len(), 2, "{id}");
    }
}

#[tokio::test]
async fn replies_that_make_no_sense_are_malformed() {
    for body in ["", "null", "[]", "{}", r#"{"data":null}"#, r#"{"data":{"id":5}}"#] {
        let error = asked(ok(body), user("")).await.expect_err(body);
        assert!(matches!(error, ReplyError::Malformed(MalformedReply::Shape)), "{body}: {error:?}");
    }
    let nobody = asked(ok(r#"{"data":{"id":null}}"#), user("")).await;
    assert!(matches!(nobody, Err(ReplyError::Malformed(MalformedReply::Member("id")))));
    let nowhere = asked(ok(&format!(r#"{{"data":{{"id":"{ID}"}}}}"#)), user("")).await;
    assert!(matches!(nowhere, Err(ReplyError::Malformed(MalformedReply::Member("district")))));
    let html = asked(Reply::Html(200), user("")).await;
    assert!(matches!(html, Err(ReplyError::Malformed(MalformedReply::Shape))));
    let huge = asked(me(), Reply::Long(2 * 1024 * 1024)).await;
    assert!(matches!(huge, Err(ReplyError::Malformed(MalformedReply::TooLong))));
}

#[tokio::test]
async fn statuses_are_told_apart() {
    for (status, expected) in [
        (401, "the access token was not accepted"),
        (403, "the access token was not accepted"),
        (404, "the person is not shared any more"),
        (429, "Firstbell is unavailable (status 429)"),
        (500, "Firstbell is unavailable (status 500)"),
        (503, "Firstbell is unavailable (status 503)"),
        (418, "the Data API sent a reply with status 418"),
    ] {
        let first = asked(Reply::Html(status), user("")).await.expect_err("no person");
        assert_eq!(first.to_string(), expected);
        let second = asked(me(), Reply::Html(status)).await.expect_err("no person");
        assert_eq!(second.to_string(), expected);
    }
}

#[tokio::test]
async fn a_redirect_of_the_api_gets_no_token() {
    let thief = Broker::start().await;
    thief.on(ME, me());
    let redirect = Reply::Redirect(302, format!("{}{ME}", thief.base));
    let error = asked(redirect, user("")).await.expect_err("no person");
    assert!(matches!(error, ReplyError::Malformed(MalformedReply::Redirect)));
    assert!(thief.asked().is_empty());
}
