//! Tokens of the client credentials grant: what they open, for how long, and who gets none.

use std::time::Duration;

use firstbell_core::application::{ConnectionState, Sharing};
use firstbell_core::sharing::AccessTier;
use firstbell_protocol::oneroster::{Collection, Target};
use firstbell_protocol::vocabulary::RosterScopes;
use http::StatusCode;
use serde_json::Value;

use crate::data_api::roster::{everything, share, synced};
use crate::login::district::add_district;
use crate::world::{CLIENT, FORM, Reply, SECRET, World, basic, encoded, worlds};

async fn post(world: &World, query: &str, authorization: &str, body: &str) -> Reply {
    let request = http::Request::post(format!("/oauth/tokens{query}"))
        .header(FORM.0, FORM.1)
        .header("authorization", authorization)
        .body(axum::body::Body::from(body.to_owned()))
        .expect("a request");
    world.ask(request).await
}

/// What FlightSchool gets that asks for these scopes.
async fn granted(world: &World, scope: impl ToString) -> Value {
    let scope = encoded(&scope.to_string());
    let body = format!("grant_type=client_credentials&scope={scope}");
    let reply = post(world, "", &basic(CLIENT, SECRET), &body).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    reply.json()
}

async fn token(world: &World, scopes: RosterScopes) -> String {
    granted(world, scopes).await["access_token"].as_str().expect("a token").to_owned()
}

async fn status(world: &World, target: Target, token: &str) -> u16 {
    world.get_with_token(&target.path(&"0".repeat(24)), token).await.status.as_u16()
}

const ORGS: Target = Target::All(Collection::Orgs);

#[tokio::test]
async fn a_token_reads_what_its_scopes_say() {
    for (world, whole) in synced(everything()).await {
        for (scopes, core, others, demographics) in [
            (RosterScopes::CORE, true, false, false),
            (RosterScopes::ROSTER, true, true, false),
            (RosterScopes::DEMOGRAPHICS, false, false, true),
            (RosterScopes::CORE.or(RosterScopes::DEMOGRAPHICS), true, false, true),
            (RosterScopes::ALL, true, true, true),
        ] {
            let narrowed = token(&world, scopes).await;
            for target in Target::every() {
                let is_open = match target {
                    Target::All(Collection::Demographics)
                    | Target::One(Collection::Demographics) => demographics,
                    Target::All(
                        Collection::Orgs
                        | Collection::AcademicSessions
                        | Collection::Courses
                        | Collection::Classes
                        | Collection::Users
                        | Collection::Enrollments,
                    ) => core,
                    Target::One(of) => match of.path_name() {
                        "schools" | "terms" | "students" | "teachers" => others,
                        _ => core,
                    },
                    _ => others,
                };
                let expected = if is_open { status(&world, target, &whole).await } else { 403 };
                assert_eq!(status(&world, target, &narrowed).await, expected, "{target:?}");
            }
            let list = ORGS.path("");
            if core {
                let (ours, theirs) = (
                    world.get_with_token(&list, &narrowed).await.body,
                    world.get_with_token(&list, &whole).await.body,
                );
                assert_eq!(ours, theirs);
                for of in Collection::ALL.into_iter().filter(|of| of.is_core()) {
                    let list = format!("{}?limit=1", Target::All(of).path(""));
                    let body = world.get_with_token(&list, &narrowed).await.body;
                    for link in body.split("\"href\":\"").skip(1).take(8) {
                        let address = link.split('"').next().expect("an address");
                        let path = &address[address.find("/ims/").expect("a path")..];
                        let status = world.get_with_token(path, &narrowed).await.status;
                        assert_eq!(status, StatusCode::OK, "{scopes} follows {path}");
                    }
                }
            }
            world.clock.advance(Duration::from_mins(1));
        }
    }
}

#[tokio::test]
async fn what_is_granted_is_told_and_ends_after_an_hour() {
    for (world, _) in synced(everything()).await {
        let core = RosterScopes::CORE.to_string();
        let reply = granted(&world, format!("openid {core} more")).await;
        assert_eq!(reply["token_type"], "bearer");
        assert_eq!(reply["expires_in"], 3600);
        assert_eq!(reply["scope"], core);
        let token = reply["access_token"].as_str().expect("a token");
        world.clock.advance(Duration::from_mins(59));
        assert_eq!(status(&world, ORGS, token).await, 200);
        world.clock.advance(Duration::from_mins(1));
        let late = world.get_with_token(&ORGS.path(""), token).await;
        assert_eq!(late.status, StatusCode::UNAUTHORIZED);
        let fields = &late.json()["imsx_CodeMinor"]["imsx_codeMinorField"];
        assert_eq!(fields[0]["imsx_codeMinorFieldValue"], "unauthorisedrequest");

        let without = "grant_type=client_credentials";
        let all = post(&world, "", &basic(CLIENT, SECRET), without).await.json();
        assert_eq!(all["scope"], RosterScopes::ALL.to_string(), "all where none is named");
    }
}

#[tokio::test]
async fn a_narrowed_token_opens_nothing_else_and_no_other_text_opens() {
    for (world, _) in synced(everything()).await {
        let token = token(&world, RosterScopes::ALL).await;
        for path in ["/v3.1/users", "/v2.1/students", "/v3.0/me", "/userinfo", "/v3.1/events"] {
            let reply = world.get_with_token(path, &token).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        for at in [2, 27, 50, 68, 75, token.len() - 1] {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'1' { b'2' } else { b'1' };
            let forged = String::from_utf8(forged).expect("text");
            assert_eq!(status(&world, ORGS, &forged).await, 401, "{at}");
        }
        let before = world.row_counts().await;
        let body = format!("token={token}");
        let request = http::Request::post("/oauth/revoke")
            .header(FORM.0, FORM.1)
            .header("authorization", basic(CLIENT, SECRET))
            .body(axum::body::Body::from(body))
            .expect("a request");
        let reply = world.ask(request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "it cannot be given back, and says so");
        world.must_hold(&before, 0).await;
    }
}

#[tokio::test]
async fn narrowed_tokens_end_with_the_one_that_they_were_made_of() {
    for (world, _) in synced(everything()).await {
        let old = token(&world, RosterScopes::ALL).await;
        assert_eq!(status(&world, ORGS, &old).await, 200);
        for state in [ConnectionState::Paused, ConnectionState::Disconnected] {
            let (application, district) = (world.flightschool, world.district);
            let set = move |tx: &mut firstbell_store::Tx<'_>| {
                tx.set_connection_state(application, district, state)
            };
            world.store.write(set).await.expect("set");
            assert_eq!(status(&world, ORGS, &old).await, 401, "{state:?}");
        }
        share(&world, everything()).await;
        assert_eq!(status(&world, ORGS, &old).await, 401, "what has ended stays so");
        let new = token(&world, RosterScopes::ALL).await;
        assert_eq!(status(&world, ORGS, &new).await, 200);

        world.change_flightschool(|it| it.tier = AccessTier::DistrictSso).await;
        assert_ne!(status(&world, ORGS, &new).await, 200, "the tier reads no rosters");
    }
}

#[tokio::test]
async fn however_many_tokens_there_are_they_share_their_requests() {
    for (world, whole) in synced(everything()).await {
        let mut left = Vec::new();
        for scopes in [RosterScopes::CORE, RosterScopes::ALL] {
            let narrowed = token(&world, scopes).await;
            for token in [&narrowed, &whole] {
                let reply = world.get_with_token(&ORGS.path(""), token).await;
                let remaining = reply.header("x-ratelimit-remaining").expect("a number");
                left.push(remaining.parse::<u32>().expect("a number"));
            }
        }
        assert_eq!(left, [1199, 1198, 1197, 1196]);
    }
}

#[tokio::test]
async fn who_gets_no_token_is_told_why() {
    const GRANT: &str = "grant_type=client_credentials";

    for world in worlds().await {
        let good = basic(CLIENT, SECRET);
        let refused = post(&world, "", &good, GRANT).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.json()["error"], "unauthorized_client");

        world.change_flightschool(|it| it.tier = AccessTier::SecureSync).await;
        let other = add_district(&world).await.id;
        let here = world.district;
        let strange = format!("{GRANT}&scope=roster.readonly");
        let elsewhere = format!("?district={other}");
        let nobodys = format!("?district={}", "0".repeat(24));
        let twice = format!("?district={here}&district={here}");
        let in_address = format!("?{GRANT}");
        for (query, authorization, body, status, error) in [
            ("", &basic(CLIENT, "wrong"), GRANT, 401, "invalid_client"),
            ("", &basic("nobody", SECRET), GRANT, 401, "invalid_client"),
            ("", &good, strange.as_str(), 400, "invalid_scope"),
            (elsewhere.as_str(), &good, GRANT, 400, "unauthorized_client"),
            (nobodys.as_str(), &good, GRANT, 400, "unauthorized_client"),
            (twice.as_str(), &good, GRANT, 400, "invalid_request"),
            (in_address.as_str(), &good, GRANT, 400, "invalid_request"),
        ] {
            let reply = post(&world, query, authorization, body).await;
            assert_eq!(reply.status.as_u16(), status, "{query} {body}: {}", reply.body);
            assert_eq!(reply.json()["error"], error, "{query} {body}");
        }

        let application = world.flightschool;
        let connection = firstbell_core::application::Connection {
            application,
            district: other,
            state: ConnectionState::Active,
            sharing: Sharing::everyone(),
            since: world.clock.now(),
        };
        world.store.write(move |tx| tx.connect(&connection)).await.expect("connected");
        world.app.refresh_settings().await.expect("settings");
        let which = post(&world, "", &good, GRANT).await;
        assert_eq!(which.json()["error"], "invalid_request", "which of two?");
        for district in [here, other] {
            let reply = post(&world, &format!("?district={district}"), &good, GRANT).await;
            let token = reply.json()["access_token"].as_str().expect("a token").to_owned();
            let orgs = world.get_with_token(&ORGS.path(""), &token).await.json();
            assert_eq!(orgs["orgs"][0]["sourcedId"], district.to_string());
            let strange = if district == here { other } else { here };
            let path = Target::One(Collection::Orgs).path(&strange.to_string());
            let reply = world.get_with_token(&path, &token).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "another district is none of its");
        }
    }
}
