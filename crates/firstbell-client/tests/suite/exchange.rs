//! The token endpoint, and what may come from it.

use std::time::Duration;

use firstbell_client::{AccessToken, ExchangeError, MalformedReply, NoAnswer};

use crate::broker::{Broker, Reply};
use crate::{firstbell, firstbell_with_timeout, verified};

const TOKENS: &str = "/oauth/tokens";

async fn exchange(broker: &Broker) -> Result<AccessToken, ExchangeError> {
    let firstbell = firstbell(&broker.base);
    let code = verified(&firstbell, "heRte%20321");
    firstbell.exchange(code).await
}

async fn refused(reply: Reply) -> ExchangeError {
    let broker = Broker::start().await;
    broker.on(TOKENS, reply);
    let error = exchange(&broker).await.expect_err("no token");
    assert_eq!(broker.asked().len(), 1, "a code is never tried twice");
    error
}

async fn malformed(reply: Reply) -> MalformedReply {
    match refused(reply).await {
        ExchangeError::Malformed(malformed) => malformed,
        other => panic!("{other:?}"),
    }
}

fn json(status: u16, body: &str) -> Reply {
    Reply::Json(status, body.to_owned())
}

#[tokio::test]
async fn a_code_is_exchanged_with_basic_authentication_and_the_exact_redirect_uri() {
    let broker = Broker::start().await;
    broker.on_json(TOKENS, r#"{"access_token":"il9","token_type":"Bearer"}"#);

    let token = exchange(&broker).await.expect("a token");

    assert_eq!(token.reveal(), "il9");
    assert!(!format!("{token:?}").contains("il9"));
    let asked = &broker.asked()[0];
    // 4c63c1cf623dce82caac:s3cret:with colon
    let basic = "Basic NGM2M2MxY2Y2MjNkY2U4MmNhYWM6czNjcmV0OndpdGggY29sb24=";
    assert_eq!(asked.authorization, basic);
    assert_eq!(asked.content_type, "application/x-www-form-urlencoded");
    assert_eq!(
        asked.body,
        "code=heRte+321&grant_type=authorization_code\
         &redirect_uri=https%3A%2F%2Fflightschool.example%2Foauth%2Fcallback"
    );
}

#[tokio::test]
async fn a_reply_of_one_member_is_a_token() {
    let broker = Broker::start().await;
    broker.on_json(TOKENS, r#"{"access_token":"jsfUI2131da2f"}"#);
    assert!(exchange(&broker).await.is_ok());
}

#[tokio::test]
async fn oauth_errors_are_told_apart() {
    let grant =
        refused(json(400, r#"{"error":"invalid_grant","error_description":"invalid code"}"#));
    assert!(
        matches!(grant.await, ExchangeError::InvalidGrant { description: Some(d) } if d == "invalid code")
    );
    let client = refused(json(401, r#"{"error":"invalid_client"}"#));
    assert!(matches!(client.await, ExchangeError::InvalidClient { description: None }));
    let client = refused(Reply::Html(401));
    assert!(matches!(client.await, ExchangeError::InvalidClient { description: None }));
    let other = refused(json(400, r#"{"error":"unsupported_grant_type"}"#));
    assert!(
        matches!(other.await, ExchangeError::Refused { error, .. } if error == "unsupported_grant_type")
    );
}

#[tokio::test]
async fn a_long_or_dirty_description_is_cut_and_cleaned() {
    let body =
        format!(r#"{{"error":"invalid_grant","error_description":"a\n{}"}}"#, "b".repeat(5000));
    match refused(json(400, &body)).await {
        ExchangeError::InvalidGrant { description: Some(text) } => {
            assert_eq!(text.len(), 200);
            assert!(!text.contains('\n'));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_busy_or_broken_broker_is_unavailable() {
    for status in [429, 500, 502, 503, 504] {
        for reply in [Reply::Html(status), json(status, r#"{"error":"invalid_grant"}"#)] {
            let error = refused(reply).await;
            assert!(
                matches!(error, ExchangeError::Unavailable { status: s } if s == status),
                "{error:?}"
            );
        }
    }
}

#[tokio::test]
async fn replies_without_a_usable_token_are_malformed() {
    for (body, expected) in [
        ("", MalformedReply::Shape),
        ("null", MalformedReply::Shape),
        ("[]", MalformedReply::Shape),
        ("{}", MalformedReply::Shape),
        (r#"{"access_token":null}"#, MalformedReply::Shape),
        (r#"{"access_token":1}"#, MalformedReply::Shape),
        (r#"{"access_token":"a","access_token":"b"}"#, MalformedReply::Shape),
        (r#"{"access_token":""}"#, MalformedReply::Member("access_token")),
        (r#"{"access_token":"a b"}"#, MalformedReply::Member("access_token")),
        (r#"{"access_token":"a\r\nX: y"}"#, MalformedReply::Member("access_token")),
        (r#"{"access_token":"a","token_type":"mac"}"#, MalformedReply::Member("token_type")),
    ] {
        assert_eq!(malformed(json(200, body)).await, expected, "{body}");
    }
    assert_eq!(malformed(Reply::Html(200)).await, MalformedReply::Shape);
    assert_eq!(malformed(Reply::Html(418)).await, MalformedReply::Status(418));
}

#[tokio::test]
async fn a_redirect_at_the_token_endpoint_gets_no_credentials() {
    for status in [301, 302, 303, 307, 308] {
        let thief = Broker::start().await;
        thief.on_json("/steal", r#"{"access_token":"t"}"#);
        let to = format!("{}/steal", thief.base);
        assert_eq!(malformed(Reply::Redirect(status, to)).await, MalformedReply::Redirect);
        assert!(thief.asked().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn an_oversized_reply_is_not_read_to_its_end() {
    assert_eq!(malformed(Reply::Long(2 * 1024 * 1024)).await, MalformedReply::TooLong);
    let broker = Broker::start().await;
    broker.on(TOKENS, Reply::Long(1024 * 1024 - 100));
    assert!(exchange(&broker).await.is_ok(), "just under a mebibyte");
}

#[tokio::test]
async fn a_silent_broker_is_given_up_in_time() {
    let broker = Broker::start().await;
    broker.on(TOKENS, Reply::Silence);
    let firstbell = firstbell_with_timeout(&broker.base, Duration::from_millis(100));
    let code = verified(&firstbell, "c");
    let error = firstbell.exchange(code).await.expect_err("no token");
    assert!(matches!(error, ExchangeError::NoAnswer(NoAnswer::Timeout)), "{error:?}");
}

#[tokio::test]
async fn a_broker_that_is_not_there_or_speaks_no_tls_is_no_answer() {
    let broker = Broker::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let closed = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    for base in [closed, broker.base.replace("http:", "https:")] {
        let firstbell = firstbell(&base);
        let code = verified(&firstbell, "c");
        let error = firstbell.exchange(code).await.expect_err("no token");
        assert!(matches!(error, ExchangeError::NoAnswer(NoAnswer::Connection(_))), "{error:?}");
        let printed = format!("{error:?}");
        assert!(!printed.contains("s3cret") && !printed.contains("127.0.0.1/"), "{printed}");
    }
    assert!(broker.asked().is_empty(), "no credentials without TLS");
}
