//! What arrives at the redirect URI.

use firstbell_client::{Callback, CallbackError, LoginStart, Refusal};

use crate::{firstbell, noon_and, state_of};

const BASE: &str = "https://firstbell.example";

fn started(seed: u8) -> (LoginStart, String) {
    let start = firstbell(BASE).start(None, [seed; 32], noon_and(0));
    let state = state_of(&start);
    (start, state)
}

fn error(query: &str, cookie: Option<&str>) -> CallbackError {
    Callback::read(query, cookie, noon_and(1)).expect_err(query)
}

#[test]
fn the_button_leads_to_the_authorize_endpoint_with_a_state_of_64_digits() {
    let (start, state) = started(0xab);
    assert_eq!(state, "ab".repeat(32));
    assert_eq!(
        start.authorize_url,
        format!(
            "https://firstbell.example/oauth/authorize?response_type=code\
             &client_id=4c63c1cf623dce82caac\
             &redirect_uri=https%3A%2F%2Fflightschool.example%2Foauth%2Fcallback&state={state}"
        )
    );
    assert!(start.in_district("6281 7a").authorize_url.ends_with("&district_id=6281%207a"));
}

#[test]
fn a_code_with_the_state_of_this_browser_is_verified_once() {
    let (start, state) = started(1);
    let query = format!("scope=read%3Auser_id&state={state}&code=c&loginas_by_admin=true");
    let Ok(Callback::Code(code)) = Callback::read(&query, Some(&start.cookie), noon_and(599))
    else {
        panic!("the code is ours");
    };
    assert_eq!(code.cookie_after(), "", "the cookie is to be removed");
    assert_eq!(error(&query, Some(code.cookie_after())), CallbackError::StateWithoutLogin);
}

#[test]
fn a_code_without_state_restarts_the_login_with_a_state() {
    let firstbell = firstbell(BASE);
    for query in ["code=foreign&scope=read%3Auser_id", "code=foreign&state="] {
        let Ok(Callback::Restart(restart)) = Callback::read(query, None, noon_and(0)) else {
            panic!("{query} is to restart");
        };
        let start = firstbell.restart(restart, [2; 32], noon_and(0));
        assert!(!start.authorize_url.contains("foreign"));
        let query = format!("code=own&state={}", state_of(&start));
        let arrival = Callback::read(&query, Some(&start.cookie), noon_and(1));
        assert!(matches!(arrival, Ok(Callback::Code(_))));
    }
}

#[test]
fn a_restart_loop_stops_at_the_third_round() {
    let firstbell = firstbell(BASE);
    let mut cookie = String::new();
    for round in 0..2 {
        match Callback::read("code=foreign", Some(&cookie), noon_and(round)) {
            Ok(Callback::Restart(restart)) => {
                cookie = firstbell.restart(restart, [3; 32], noon_and(round)).cookie;
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
    assert_eq!(error("code=foreign", Some(&cookie)), CallbackError::RestartLoop);

    let pressed = firstbell.start(Some(&cookie), [4; 32], noon_and(3));
    let again = Callback::read("code=foreign", Some(&pressed.cookie), noon_and(4));
    assert!(matches!(again, Ok(Callback::Restart(_))), "pressing the button is no loop");
    let later = Callback::read("code=foreign", Some(&cookie), noon_and(700));
    assert!(matches!(later, Ok(Callback::Restart(_))), "ten minutes later it is no loop");
}

#[test]
fn a_login_that_arrives_ends_the_row_of_restarts() {
    let firstbell = firstbell(BASE);
    let mut cookie = String::new();
    let mut state = String::new();
    for round in 0..2 {
        let arrival = Callback::read("code=foreign", Some(&cookie), noon_and(0));
        let Ok(Callback::Restart(restart)) = arrival else { panic!("round {round}") };
        let start = firstbell.restart(restart, [20 + round; 32], noon_and(0));
        (cookie, state) = (start.cookie.clone(), state_of(&start));
    }
    let query = format!("code=c&state={state}");
    let Ok(Callback::Code(code)) = Callback::read(&query, Some(&cookie), noon_and(1)) else {
        panic!("the second tab arrives");
    };
    let next = Callback::read("code=foreign", Some(code.cookie_after()), noon_and(2));
    assert!(matches!(next, Ok(Callback::Restart(_))));
}

#[test]
fn two_tabs_that_log_in_at_once_both_arrive() {
    let firstbell = firstbell(BASE);
    let first = firstbell.start(None, [5; 32], noon_and(0));
    let second = firstbell.start(Some(&first.cookie), [6; 32], noon_and(1));
    let query = format!("code=c&state={}", state_of(&first));
    let Ok(Callback::Code(code)) = Callback::read(&query, Some(&second.cookie), noon_and(2)) else {
        panic!("the first tab arrives");
    };
    let query = format!("code=d&state={}", state_of(&second));
    let arrival = Callback::read(&query, Some(code.cookie_after()), noon_and(3));
    assert!(matches!(arrival, Ok(Callback::Code(_))), "the second tab arrives");
}

#[test]
fn a_state_that_is_not_of_this_browser_is_refused() {
    let (start, state) = started(0xa7);
    let (_, foreign) = started(8);
    for wrong in [foreign.as_str(), &state[1..], &state.to_uppercase(), "x", &format!("{state}0")] {
        for parameter in ["code=c", "error=unauthorized-user"] {
            let query = format!("{parameter}&state={wrong}");
            assert_eq!(error(&query, Some(&start.cookie)), CallbackError::StateMismatch, "{query}");
            assert_eq!(error(&query, None), CallbackError::StateWithoutLogin, "{query}");
        }
    }
}

#[test]
fn a_login_that_took_more_than_ten_minutes_is_refused() {
    let (start, state) = started(9);
    let arrival =
        Callback::read(&format!("code=c&state={state}"), Some(&start.cookie), noon_and(601));
    assert!(matches!(arrival, Err(CallbackError::StateMismatch)));
}

#[test]
fn refusals_are_believed_only_with_our_state() {
    let (start, state) = started(10);
    for (name, refusal) in [
        ("unauthorized-user", Refusal::NotShared),
        ("access_denied", Refusal::Denied),
        ("server_error", Refusal::Unavailable),
        ("temporarily_unavailable", Refusal::Unavailable),
        ("strange%0d%0a%3Cscript%3E", Refusal::Other("strangescript".to_owned())),
    ] {
        let query = format!("error={name}&state={state}");
        let Ok(Callback::Refused(refused)) =
            Callback::read(&query, Some(&start.cookie), noon_and(1))
        else {
            panic!("{name} is a refusal");
        };
        assert_eq!((refused.refusal.clone(), refused.cookie_after()), (refusal, ""));
    }
    let bare = error("error=unauthorized-user", Some(&start.cookie));
    assert_eq!(bare, CallbackError::ErrorWithoutState);
}

#[test]
fn what_is_repeated_contradictory_or_empty_is_refused() {
    let (start, state) = started(11);
    for (query, expected) in [
        (String::new(), CallbackError::NeitherCodeNorError),
        ("code=&state=x".to_owned(), CallbackError::NeitherCodeNorError),
        (format!("state={state}"), CallbackError::NeitherCodeNorError),
        (format!("code=a&code=b&state={state}"), CallbackError::Repeated),
        (format!("code=a&code=a&state={state}"), CallbackError::Repeated),
        (format!("code=a&c%6Fde=a&state={state}"), CallbackError::Repeated),
        (format!("code=a&state={state}&state={state}"), CallbackError::Repeated),
        (format!("code=a&state=&state={state}"), CallbackError::Repeated),
        (format!("error=a&error=b&state={state}"), CallbackError::Repeated),
        (format!("code=a&error=b&state={state}"), CallbackError::BothCodeAndError),
        (format!("code={}&state={state}", "a".repeat(17_000)), CallbackError::TooLong),
    ] {
        assert_eq!(error(&query, Some(&start.cookie)), expected, "{query:.60}");
    }
}

#[test]
fn a_cookie_that_was_tampered_with_is_no_login() {
    let (start, state) = started(12);
    let query = format!("code=c&state={state}");
    let huge = "9".repeat(30);
    for cookie in [
        "0",
        "....",
        "0.1-2",
        "\u{fffd}",
        &start.cookie.replace('-', "_"),
        &start.cookie.replacen("0.", &format!("0.{huge}"), 1),
        &start.cookie[..start.cookie.len() - 1],
    ] {
        assert_eq!(error(&query, Some(cookie)), CallbackError::StateMismatch, "{cookie}");
    }
}

#[test]
fn the_cookie_does_not_grow_without_end() {
    let firstbell = firstbell(BASE);
    let mut cookie = String::new();
    for seed in 0..50 {
        cookie = firstbell.start(Some(&cookie), [seed; 32], noon_and(0)).cookie;
    }
    assert!(cookie.len() < 400, "{}", cookie.len());
    assert!(cookie.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-'));
}

#[test]
fn nothing_that_opens_a_login_is_printed() {
    let (start, state) = started(13);
    let arrival =
        Callback::read(&format!("code=topsecret&state={state}"), Some(&start.cookie), noon_and(1));
    let restart = Callback::read("code=topsecret", None, noon_and(1));
    let printed = format!("{start:?} {arrival:?} {restart:?}");
    assert!(!printed.contains("topsecret") && !printed.contains(&state), "{printed}");
}
