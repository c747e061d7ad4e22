//! Sessions and shared devices.

use std::time::Duration;

use firstbell_core::roster::DistrictPolicy;
use firstbell_core::roster::district::{Band, SessionLimits};

use crate::world::{ana, authorize, teacher, without_email, worlds};

async fn is_logged_in(browser: &mut crate::world::Browser) -> bool {
    browser.get(&authorize("")).await.query("code").is_some()
}

#[tokio::test]
async fn a_district_makes_the_sessions_of_its_youngest_shorter() {
    for world in worlds().await {
        let limits =
            SessionLimits { idle: Duration::from_mins(10), longest: Duration::from_hours(1) };
        let policy = DistrictPolicy {
            session_limits: vec![(Band::Elementary, limits)],
            ..DistrictPolicy::default()
        };
        world.set_policy(policy).await;
        let (mut child, mut grown_up) = (world.browser(), world.browser());
        child.log_in(ana(), "/in/ada").await;
        grown_up.log_in(teacher(), "/in/ada").await;
        for _ in 0..5 {
            world.clock.advance(Duration::from_secs(599));
            assert!(is_logged_in(&mut child).await, "as long as she is busy");
        }
        world.clock.advance(Duration::from_secs(610));
        assert!(!is_logged_in(&mut child).await);
        assert!(is_logged_in(&mut grown_up).await);
    }
}

#[tokio::test]
async fn a_new_sign_in_ends_the_logins_that_wait_on_this_browser() {
    for world in worlds().await {
        let mut browser = world.browser();
        let first = browser.follow(&authorize("&state=first")).await;
        world.clock.advance(Duration::from_secs(1));
        browser.log_in(without_email(), "/in/ada").await;

        let dispatcher = first.form_action().replace("/password", "");
        let reply = browser.get(&dispatcher).await;
        reply.must_refuse_on_a_page(400, "FB1014");
    }
}
