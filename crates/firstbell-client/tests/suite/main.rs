//! The library against brokers that misbehave: every reply below is one that a relying party must
//! survive without logging anybody in.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod broker;
mod callback;
mod exchange;
mod person;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use firstbell_client::{Callback, ClientSecret, Firstbell, LoginStart, Settings, VerifiedCode};

const REDIRECT_URI: &str = "https://flightschool.example/oauth/callback";

fn firstbell(base: &str) -> Firstbell {
    firstbell_with_timeout(base, Settings::TIMEOUT)
}

fn firstbell_with_timeout(base: &str, timeout: Duration) -> Firstbell {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Firstbell::new(Settings {
        auth_base: base.to_owned(),
        api_base: base.to_owned(),
        client_id: "4c63c1cf623dce82caac".to_owned(),
        client_secret: ClientSecret::new("s3cret:with colon"),
        redirect_uri: REDIRECT_URI.to_owned(),
        timeout,
    })
    .expect("good settings")
}

/// Noon, and then so many seconds.
fn noon_and(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_hours(12) + Duration::from_secs(seconds)
}

/// The state in an authorization URL.
fn state_of(start: &LoginStart) -> String {
    let (_, state) = start.authorize_url.split_once("&state=").expect("a state");
    state.to_owned()
}

/// A code as it arrives at the end of a login.
fn verified(firstbell: &Firstbell, code: &str) -> VerifiedCode {
    let start = firstbell.start(None, [7; 32], noon_and(0));
    let query = format!("code={code}&scope=read%3Auser_id&state={}", state_of(&start));
    match Callback::read(&query, Some(&start.cookie), noon_and(1)) {
        Ok(Callback::Code(code)) => code,
        other => panic!("no code: {other:?}"),
    }
}
