//! How often a browser was sent back to applications without anybody getting in. Two applications
//! that both ask with `return_unshared=true` send a person round and round (seed: "always including
//! the `return_unshared` param can result in infinite looping"); after some rounds they see a page.
//!
//! The count is kept by the browser, which can only cheat itself.

use std::time::Duration;

use axum::response::Response;
use firstbell_core::error;
use firstbell_core::time::Timestamp;

use crate::app::App;
use crate::extract::Visit;
use crate::reply::Fault;
use crate::reply::cookie::{self, Kept};

/// So many applications behind one button are tried; one more is a loop.
const MOST: u32 = 5;

/// Bounces that are further apart have nothing to do with each other.
const WITHIN: Duration = Duration::from_mins(1);

/// Counts one more bounce, and lets the answer pass.
///
/// # Errors
/// When the browser goes round in circles.
pub fn count(app: &App, visit: &Visit, mut answer: Response) -> Result<Response, Fault> {
    let now = app.now();
    let known = visit.bounces.as_deref().and_then(read);
    let (first, before) = known.filter(|(first, _)| now.since(*first) < WITHIN).unwrap_or((now, 0));

    if before >= MOST {
        return Err(Fault::from(&error::TOO_MANY_BOUNCES).then("/login"));
    }

    let value = format!("{}.{}", first.milliseconds(), before + 1);
    let name = app.cookie_names().bounces;
    cookie::set(answer.headers_mut(), app.transport(), name, &value, Kept::For(WITHIN));
    Ok(answer)
}

fn read(text: &str) -> Option<(Timestamp, u32)> {
    let (first, count) = text.split_once('.')?;
    Some((Timestamp::from_milliseconds(first.parse().ok()?), count.parse().ok()?))
}
