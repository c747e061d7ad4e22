//! Z-06 to Z-08: every route of the router has a row here, and its answer the headers that its row
//! names. A new route without a row fails.

use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;

use super::stage::stages;
use super::{Count, h_forgery, oracle};

/// What kind of answer a route gives.
#[derive(Clone, Copy)]
enum Kind {
    /// A page, a redirect on the way to one, or a form's answer: nobody keeps it.
    Page,
    /// JSON of one person or of nobody: nobody keeps it.
    Json,
    /// A file that is the same for everybody.
    File,
    /// For machines that watch.
    Watch,
}

use Kind::{File, Json, Page, Watch};

const ROUTES: &[(&str, Kind)] = &[
    ("/", Page),
    ("/oauth/authorize", Page),
    ("/oauth/instant-login", Page),
    ("/oauth/tokens", Json),
    ("/login", Page),
    ("/login/{login}", Page),
    ("/login/{login}/district", Page),
    ("/login/{login}/sign-in", Page),
    ("/login/{login}/password", Page),
    ("/login/{login}/confirm", Page),
    ("/in/{district}", Page),
    ("/in/{district}/role", Page),
    ("/in/{district}/open-as", Page),
    ("/in/{district}/open-as/stop", Page),
    ("/in/{district}/launch/{application}", Page),
    ("/in/{district}/sign-out", Page),
    ("/me", Json),
    ("/v2.1/me", Json),
    ("/v2.1/students/{id}", Json),
    ("/v2.1/teachers/{id}", Json),
    ("/v2.1/school_admins/{id}", Json),
    ("/v2.1/district_admins/{id}", Json),
    ("/v2.1/districts/{id}", Json),
    ("/v3.0/me", Json),
    ("/v3.0/users/{id}", Json),
    ("/v3.0/districts/{id}", Json),
    ("/assets/{hash}/{name}", File),
    ("/favicon.ico", File),
    ("/healthz", Watch),
    ("/readyz", Watch),
    ("/metrics", Watch),
];

/// The routes that the router's source names.
fn in_source() -> BTreeSet<&'static str> {
    include_str!("../../../src/app.rs")
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.split('"').nth(1))
        .collect()
}

#[tokio::test]
async fn every_route_has_its_row_and_its_headers() {
    let rows: BTreeSet<_> = ROUTES.iter().map(|(path, _)| *path).collect();
    assert_eq!(in_source(), rows, "the router and the table differ");
    // H-01 sends each of our forms from elsewhere; programs send the other two.
    let posts = include_str!("../../../src/app.rs").matches("post(").count();
    assert_eq!(posts, h_forgery::forms().len() + 2, "a form is not among those of group H");
    let mut count = Count::default();
    let mut stages = stages().await;
    for (path, kind) in ROUTES {
        for method in ["GET", "POST", "TRACE"] {
            let mut outcomes = Vec::new();
            for (database, stage) in &mut stages {
                let asked = path
                    .replace("{district}", "ada")
                    .replace("{login}", "0123456789abcdef0123456789abcdef01234567")
                    .replace(['{', '}'], "");
                let request = Request::builder()
                    .method(method)
                    .uri(asked)
                    .header("origin", "https://evil.test")
                    .body(Body::empty())
                    .unwrap();
                let reply = stage.world.ask(request).await;
                let cached = reply.header("cache-control").unwrap_or_default();
                let fits = match kind {
                    Page | Json => cached == "no-store",
                    File | Watch => cached != "no-store" || reply.status.as_u16() >= 400,
                };
                let kept = oracle::held(fits, || format!("cache-control: {cached}"));
                outcomes.push((*database, (kept.and(oracle::rim(stage, &reply)), Vec::new())));
            }
            count.add("Z-06", &format!("{method} {path}"), &outcomes);
        }
    }
    count.close("Z-06 to Z-08");
}
