//! Z-06 to Z-08: every route of the router has a row here, and its answer the headers that its row
//! names. A new route without a row fails.

use std::collections::BTreeSet;

use axum::body::Body;
use firstbell_protocol::data_api::Dialect;
use firstbell_protocol::oneroster::Target;
use http::{HeaderValue, Request};

use super::stage::{Stage, stages};
use super::{Count, h_forgery, oracle};
use crate::world::Reply;

/// What kind of answer a route gives.
#[derive(Clone, Copy)]
enum Kind {
    /// A page, a redirect on the way to one, or a form's answer: nobody keeps it.
    Page,
    /// JSON of one person or of nobody: nobody keeps it.
    Json,
    /// A file that is the same for everybody.
    File,
    /// The same for everybody, on whatever page: other origins may read it, without credentials.
    Public,
    /// For machines that watch.
    Watch,
}

use Kind::{File, Json, Page, Public, Watch};

const ROUTES: &[(&str, Kind)] = &[
    ("/", Page),
    ("/oauth/authorize", Page),
    ("/oauth/instant-login", Page),
    ("/oauth/tokeninfo", Json),
    ("/oauth/revoke", Json),
    ("/oauth/certs", Public),
    ("/.well-known/openid-configuration", Public),
    ("/userinfo", Json),
    ("/oauth/tokens", Json),
    ("/login", Page),
    ("/login/{login}", Page),
    ("/login/{login}/district", Page),
    ("/login/{login}/sign-in", Page),
    ("/login/{login}/password", Page),
    ("/login/{login}/confirm", Page),
    ("/login/{login}/classes", Page),
    ("/in/{district}", Page),
    ("/in/{district}/role", Page),
    ("/in/{district}/open-as", Page),
    ("/in/{district}/classes", Page),
    ("/in/{district}/open-as/stop", Page),
    ("/in/{district}/launch/{application}", Page),
    ("/in/{district}/sign-out", Page),
    ("/sync/{district}", Json),
    ("/sync/{district}/runs/{run}", Json),
    ("/assets/{hash}/{name}", File),
    ("/favicon.ico", File),
    ("/healthz", Watch),
    ("/readyz", Watch),
];

/// What is asked, and how it must be answered: each route once, with a value where it has a name.
fn asked() -> Vec<(String, Kind)> {
    let word = |path: &str| {
        path.replace("{district}", "ada")
            .replace("{login}", "0123456789abcdef0123456789abcdef01234567")
            .replace(['{', '}'], "")
    };
    let mut asked: Vec<_> = ROUTES.iter().map(|(path, kind)| (word(path), *kind)).collect();
    asked.push(("/me".into(), Json));
    asked.extend(Target::every().map(|target| (target.path("x"), Json)));
    for dialect in Dialect::ALL {
        let paths = dialect.endpoints().iter().map(|endpoint| endpoint.at(dialect, "x"));
        asked.extend(paths.map(|path| (path, Json)));
        asked.push((format!("{}/openapi.json", dialect.prefix()), Public));
    }
    asked
}

/// The routes that the router's source names.
fn in_source() -> BTreeSet<&'static str> {
    include_str!("../../../src/app.rs")
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.split('"').nth(1))
        .collect()
}

/// What is for everybody may be read by other origins; for the rest it is as everywhere.
fn protected(stage: &Stage, reply: &mut Reply, kind: Kind) -> Result<(), String> {
    if matches!(kind, Public) {
        reply.headers.remove("access-control-allow-origin");
        reply
            .headers
            .insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    }
    oracle::rim(stage, reply)
}

#[tokio::test]
async fn every_route_has_its_row_and_its_headers() {
    let rows: BTreeSet<_> = ROUTES.iter().map(|(path, _)| *path).collect();
    assert_eq!(in_source(), rows, "the router and the table differ");
    let merged = include_str!("../../../src/app.rs").matches(".merge(").count();
    assert_eq!(merged, 4, "a part of the router is not in the table");
    // H-01 sends each of our forms from elsewhere; programs send the other five.
    let posts = include_str!("../../../src/app.rs").matches("post(").count();
    assert_eq!(posts, h_forgery::forms().len() + 5, "a form is not among those of group H");
    let mut count = Count::default();
    let mut stages = stages().await;
    for (path, kind) in asked() {
        for method in ["GET", "POST", "TRACE"] {
            let mut outcomes = Vec::new();
            for (database, stage) in &mut stages {
                let request = Request::builder()
                    .method(method)
                    .uri(&path)
                    .header("origin", "https://evil.test")
                    .body(Body::empty())
                    .unwrap();
                let mut reply = stage.world.ask(request).await;
                let cached = reply.header("cache-control").unwrap_or_default();
                let fits = match kind {
                    Page | Json => cached == "no-store",
                    Public if method == "GET" => {
                        let origin = reply.header("access-control-allow-origin");
                        let credentials = reply.header("access-control-allow-credentials");
                        origin == Some("*") && credentials.is_none()
                    }
                    File | Watch | Public => cached != "no-store" || reply.status.as_u16() >= 400,
                };
                let kept = oracle::held(fits, || format!("cache-control: {cached}"));
                outcomes
                    .push((*database, (kept.and(protected(stage, &mut reply, kind)), Vec::new())));
            }
            count.add("Z-06", &format!("{method} {path}"), &outcomes);
        }
    }
    count.close("Z-06 to Z-08");
}

/// J-09 and J-11.
#[tokio::test]
async fn what_is_public_names_what_is_configured_and_no_secret() {
    for (database, stage) in stages().await {
        stage.world.app.rotate_keys().await.expect("keys");
        for path in ["/.well-known/openid-configuration", "/oauth/certs"] {
            let request = Request::get(path)
                .header("host", "evil.test")
                .header("x-forwarded-host", "evil.test")
                .header("forwarded", "host=evil.test;proto=http");
            let reply = stage.world.ask(request.body(Body::empty()).unwrap()).await;
            assert_eq!(reply.status.as_u16(), 200, "{path} on {database}");
            assert!(!reply.body.contains("evil.test"), "{path} on {database}");
            let json = reply.json();
            if path.ends_with("configuration") {
                assert_eq!(json["issuer"], "https://login.example");
            }
            for key in json["keys"].as_array().into_iter().flatten() {
                for secret in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                    assert!(key[secret].is_null(), "{path} tells {secret}");
                }
            }
        }
    }
}
