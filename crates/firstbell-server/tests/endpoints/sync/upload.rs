//! `/sync/{district}`. U-16: by the wrong system, to another district, after the key is gone; U-17:
//! two at a time; U-19: no room.

use std::fs;
use std::io::{Cursor, Write as _};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use firstbell_core::id::SyncRunId;
use firstbell_core::roster::sync::{RunState, SyncSource};
use firstbell_store::{Begun, NewSync, StoreError};
use http::Request;
use zip::write::SimpleFileOptions;

use super::files::{EMPTIED, RENAMED, zipped};
use crate::world::{ana, worlds};

#[tokio::test]
async fn a_roster_that_is_sent_is_applied_and_its_address_tells() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let zip = zipped(&world.files(Some(RENAMED)));
        let reply = world.upload(&key, zip.clone()).await;
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let id = reply.json()["id"].as_str().expect("an id").to_owned();
        assert_eq!(reply.location(), Some(&*format!("/sync/ada/runs/{id}")));

        let run = world.ended(&key, &reply).await;
        assert_eq!((&run["id"], &run["state"]), (&id.into(), &"applied".into()), "{run}");
        assert_eq!((&run["source"], &run["version"]), (&"upload".into(), &2.into()));
        let students = &run["report"]["kinds"][4];
        assert_eq!((&students["name"], &students["changed"]), (&"students".into(), &1.into()));
        assert_eq!(world.person(ana()).await.name.first, "Anna");
        assert_eq!(world.kept(), 0);

        let again = world.upload(&key, zip).await;
        assert_eq!(world.ended(&key, &again).await["state"], "unchanged");
        assert_eq!(world.roster_version().await, 2);
    }
}

#[tokio::test]
async fn a_roster_that_would_remove_too_much_waits_in_the_spool() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let reply = world.upload(&key, zipped(&world.files(Some(EMPTIED)))).await;
        let run = world.ended(&key, &reply).await;
        assert_eq!(run["state"], "held", "{run}");
        assert!(run["reasons"][0].as_str().is_some_and(|why| why.contains("enrolments")), "{run}");
        assert_eq!((world.roster_version().await, world.kept()), (1, 1));

        // Tidying up leaves it; what is newer makes it go.
        world.app.syncing().tidy().await.expect("tidy");
        assert_eq!(world.kept(), 1);
        let reply = world.upload(&key, zipped(&world.files(Some(RENAMED)))).await;
        assert_eq!(world.ended(&key, &reply).await["state"], "applied");
        assert_eq!(world.states().await, ["applied", "discarded"]);
        world.app.syncing().tidy().await.expect("tidy");
        assert_eq!(world.kept(), 0);
    }
}

/// U-16.
#[tokio::test]
async fn only_the_districts_own_key_opens_and_a_revoked_one_at_once_no_more() {
    for world in worlds().await {
        let person = world.token_of(ana()).await;
        let north = world.other_district().await;
        let (own, foreign) = (world.sync_key(world.district).await, world.sync_key(north).await);
        let zip = zipped(&world.files(None));
        let longer = format!("{own}0");
        for wrong in ["", "su", &own[..41], &own[1..], &longer, &own.to_uppercase(), &person] {
            let reply = world.upload(wrong, zip.clone()).await;
            assert_eq!(reply.status.as_u16(), 401, "{wrong}");
            assert_eq!(reply.json()["message"], "Send the district's upload key as a bearer token");
        }
        let foreign_reply = world.upload(&foreign, zip.clone()).await;
        assert_eq!(foreign_reply.status.as_u16(), 404, "{}", foreign_reply.body);
        for path in ["/sync/nowhere", "/sync/ADA", "/sync/ada%2F..", "/sync/..%2Fada"] {
            let request = Request::post(path)
                .header("authorization", format!("Bearer {own}"))
                .header("content-type", "application/zip");
            let reply = world.ask(request.body(Body::from("x")).expect("a request")).await;
            assert_eq!(reply.status.as_u16(), 404, "{path}");
        }
        // Whether a district is there is nobody's business who has no key.
        let request = Request::post("/sync/nowhere").body(Body::empty()).expect("a request");
        assert_eq!(world.ask(request).await.status.as_u16(), 401);
        let in_query = format!("/sync/ada?access_token={own}");
        let request = Request::post(in_query).body(Body::from("x")).expect("a request");
        assert_eq!(world.ask(request).await.status.as_u16(), 401);
        assert_eq!(world.runs().await, [], "what is refused begins nothing");

        let reply = world.upload(&own, zip.clone()).await;
        let run = world.ended(&own, &reply).await;
        let address = format!("/sync/ada/runs/{}", run["id"].as_str().expect("an id"));
        let elsewhere = address.replace("ada", "north");
        for (path, key, status) in [
            (&address, &own, 200),
            (&address, &foreign, 404),
            (&elsewhere, &foreign, 404),
            (&elsewhere, &own, 404),
            (&format!("/sync/ada/runs/{}", "0".repeat(24)), &own, 404),
            (&"/sync/ada/runs/nothing".to_owned(), &own, 404),
            (&address, &person, 401),
        ] {
            assert_eq!(world.get_with_token(path, key).await.status.as_u16(), status, "{path}");
        }

        let district = world.district;
        let revoke = world.store.write(move |tx| tx.district(district).revoke_sync_key());
        assert!(revoke.await.expect("revoked"));
        assert_eq!(world.upload(&own, zip).await.status.as_u16(), 401);
        assert_eq!(world.get_with_token(&address, &own).await.status.as_u16(), 401);
        assert_eq!(world.runs().await.len(), 1);
    }
}

/// U-17.
#[tokio::test]
async fn while_one_is_under_way_another_is_told_to_come_later() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let (district, now) = (world.district, world.clock.now());
        let new = NewSync {
            id: SyncRunId::from_bytes([7; 12]),
            source: SyncSource::Command,
            fingerprint: None,
        };
        let begin = world.store.write(move |tx| tx.district(district).begin_sync(&new, now));
        assert!(matches!(begin.await.expect("begun"), Begun::Begun(_)));
        let zip = zipped(&world.files(Some(RENAMED)));
        let reply = world.upload(&key, zip.clone()).await;
        assert_eq!(reply.status.as_u16(), 409, "{}", reply.body);
        assert_eq!(reply.header("retry-after"), Some("30"));
        assert!(reply.json()["message"].as_str().is_some_and(|it| it.contains("under way")));
        assert_eq!((world.runs().await.len(), world.kept()), (1, 0));

        // Its process is gone: after a minute it holds nobody up.
        world.clock.advance(Duration::from_mins(1));
        let reply = world.upload(&key, zip).await;
        assert_eq!(world.ended(&key, &reply).await["state"], "applied");
        assert_eq!(world.states().await, ["applied", "failed"]);
    }
}

/// U-17, the other half: people are as they were, or as they are, and never half of each.
#[tokio::test]
async fn whoever_reads_meanwhile_sees_the_old_roster_or_the_new_one() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let everybody: (&str, super::files::Change) = ("students.csv", |text| {
            let mut rows = text.lines();
            let header = rows.next().unwrap_or_default();
            let column = header.split(',').position(|name| name == "Last_name").unwrap();
            let renamed = rows.map(|row| {
                let mut cells: Vec<&str> = row.split(',').collect();
                cells[column] = "Renamed";
                cells.join(",")
            });
            std::iter::once(header.to_owned()).chain(renamed).collect::<Vec<_>>().join("\n")
        });
        let mut reply = world.upload(&key, zipped(&world.files(Some(everybody)))).await;
        let address = reply.location().expect("an address").to_owned();
        let district = world.district;
        let mut seen = [false; 2];
        while !seen[1] {
            let count = world.store.read(move |tx| {
                let roster = tx.district(district).current_roster()?;
                let students = roster
                    .people
                    .values()
                    .filter(|it| it.user.roles.iter().any(|role| role.kind.name() == "student"));
                let renamed = students.clone().filter(|it| it.user.name.last == "Renamed").count();
                Ok::<_, StoreError>((renamed, students.count()))
            });
            match count.await.expect("an answer") {
                (0, all) if all > 0 => seen[0] = true,
                (renamed, all) if renamed == all => seen[1] = true,
                half => panic!("half a change: {half:?}"),
            }
            // Reads are answered on this thread, which the import needs too.
            tokio::task::yield_now().await;
            reply = world.get_with_token(&address, &key).await;
            let state = reply.json()["state"].clone();
            assert!(state == "running" || state == "applied", "{}", reply.body);
        }
        assert_eq!(reply.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn what_is_too_large_or_breaks_off_leaves_nothing_behind() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let request = |kind: &str, length: &str, body: Body| {
            Request::post("/sync/ada")
                .header("authorization", format!("Bearer {key}"))
                .header("content-type", kind)
                .header("content-length", length)
                .body(body)
                .expect("a request")
        };
        let huge = (2u64 << 30) + 1;
        let reply = world.ask(request("application/zip", &huge.to_string(), Body::empty())).await;
        assert_eq!(reply.status.as_u16(), 413, "{}", reply.body);
        for kind in ["text/csv", "", "multipart/form-data; boundary=x", "application/zipx"] {
            let reply = world.ask(request(kind, "1", Body::from("x"))).await;
            assert_eq!(reply.status.as_u16(), 415, "{kind}");
        }
        assert_eq!(world.runs().await, [], "what its headers say is enough");

        let pieces = [Ok(Bytes::from_static(b"PK")), Err(std::io::Error::other("the line broke"))];
        let broken = Body::new(Pieces(pieces.into_iter().collect()));
        let reply = world.upload(&key, broken).await;
        assert_eq!(reply.status.as_u16(), 408, "{}", reply.body);
        assert_eq!((world.states().await, world.kept()), (vec!["failed"], 0));
        let address = format!("/sync/ada/runs/{}", world.runs().await[0].id);
        let told = world.get_with_token(&address, &key).await.json();
        assert_eq!(told["reasons"][0], "The upload broke off; send the roster again");

        // A body larger than any form, in pieces, is no trouble.
        let mut files = world.files(Some(RENAMED));
        let noise: Vec<_> = (0..40_000u64)
            .map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .collect();
        let noise = noise.concat();
        files.push(("notes.txt".to_owned(), noise));
        let zip = zipped(&files);
        assert!(zip.len() > 5 * 64 * 1024, "{}", zip.len());
        let pieces = zip.chunks(10_000).map(|piece| Ok(Bytes::copy_from_slice(piece)));
        let reply = world.upload(&key, Body::new(Pieces(pieces.collect()))).await;
        assert_eq!(world.ended(&key, &reply).await["state"], "applied");
    }
}

/// A body that comes in pieces.
struct Pieces(std::collections::VecDeque<Result<Bytes, std::io::Error>>);

impl axum::body::HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
        std::task::Poll::Ready(self.0.pop_front().map(|it| it.map(hyper::body::Frame::data)))
    }
}

/// Bombs, thousands of entries, paths that lead out, links, and what is no archive at all.
#[tokio::test]
async fn an_archive_that_no_honest_program_makes_is_rejected_and_changes_nothing() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let good = world.files(None);
        let with = |name: &str, text: &str| {
            let mut files = good.clone();
            files.push((name.to_owned(), text.to_owned()));
            zipped(&files)
        };
        let link = {
            let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
            let options = SimpleFileOptions::default();
            writer.add_symlink("students.csv", "/etc/passwd", options).expect("a link");
            writer.start_file("schools.csv", options).expect("a file");
            writer.write_all(b"School_id").expect("written");
            writer.finish().expect("a zip file").into_inner()
        };
        let many: Vec<_> = (0..300).map(|n| (format!("{n}.txt"), String::new())).collect();
        let nested = zipped(&[("roster.zip".to_owned(), "PK".to_owned())]);
        for (name, zip, code) in [
            ("a bomb", with("bomb.csv", &"0".repeat(30 << 20)), "R109"),
            ("a path", with("../../escaped.csv", "x"), "R110"),
            ("an absolute path", with("/tmp/escaped.csv", "x"), "R110"),
            ("a link", link, "R113"),
            ("many", zipped(&many), "R108"),
            ("nested", nested, "R102"),
            ("half", zipped(&good)[..2_000].to_vec(), "R112"),
            ("text", b"School_id,School_name".to_vec(), "R112"),
            ("nothing", Vec::new(), "R112"),
        ] {
            let reply = world.upload(&key, zip).await;
            let run = world.ended(&key, &reply).await;
            assert_eq!(run["state"], "rejected", "{name}: {run}");
            let refusals = run["report"]["refusals"]["listed"].to_string();
            assert!(refusals.contains(code), "{name}: {refusals}");
        }
        assert_eq!((world.roster_version().await, world.kept()), (1, 0));
        assert!(!world.folder.path().join("escaped.csv").exists());
    }
}

/// U-19, as far as a test can bring it about.
#[tokio::test]
async fn without_room_the_sender_is_told_and_people_log_in_as_before() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let spool = world.folder.path().join("spool");
        fs::write(&spool, "a file where the folder should be").expect("written");
        let zip = zipped(&world.files(Some(RENAMED)));
        let reply = world.upload(&key, zip.clone()).await;
        assert_eq!(reply.status.as_u16(), 507, "{}", reply.body);
        assert!(!reply.body.contains("spool"), "where we keep things is not told: {}", reply.body);
        let runs = world.runs().await;
        let RunState::Failed { why } = &runs[0].state else { panic!("{runs:?}") };
        assert!(why.contains("spool"), "operators are told all: {why}");
        let told = world.get_with_token(&format!("/sync/ada/runs/{}", runs[0].id), &key).await;
        assert!(!told.body.contains("spool"), "and others nothing: {}", told.body);
        let reason = told.json()["reasons"][0].as_str().map(str::to_owned);
        assert!(reason.is_some_and(|it| it.starts_with("Something failed")), "{}", told.body);
        assert_eq!(world.roster_version().await, 1);
        world.token_of(ana()).await;

        fs::remove_file(&spool).expect("removed");
        let reply = world.upload(&key, zip).await;
        assert_eq!(world.ended(&key, &reply).await["state"], "applied");
    }
}

#[tokio::test]
async fn a_held_upload_is_approved_by_an_operator_for_what_was_sent() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let reply = world.upload(&key, zipped(&world.files(Some(EMPTIED)))).await;
        let run = world.ended(&key, &reply).await;
        let id: SyncRunId = run["id"].as_str().expect("an id").parse().expect("an id");
        let (run, files, consent) = world.app.syncing().approve(id).await.expect("held");
        let busy = world.upload(&key, zipped(&world.files(None))).await;
        assert_eq!(busy.status.as_u16(), 409, "an approved run holds its district");
        let watcher = std::sync::Arc::new(firstbell_server::syncing::run::Unwatched);
        let ended = run.carry_out(&files, consent, watcher).await.expect("carried out");
        assert!(matches!(ended.state, RunState::Applied { .. }), "{:?}", ended.state);
        assert_eq!((world.roster_version().await, world.kept()), (2, 0));
    }
}

#[tokio::test]
async fn passwords_that_a_roster_brings_count_once_it_is_in() {
    for world in worlds().await {
        let north = world.other_district().await;
        let key = world.sync_key(north).await;
        let request = Request::post("/sync/north")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/zip");
        let zip = zipped(&world.files(None));
        let reply = world.ask(request.body(Body::from(zip)).expect("a request")).await;
        let run = world.ended(&key, &reply).await;
        assert_eq!((&run["state"], &run["version"]), (&"applied".into(), &1.into()), "{run}");
        let name = ana().login_name;
        let found = world.store.read(move |tx| tx.district(north).credential(name)).await;
        assert!(found.expect("an answer").is_some());
        assert_eq!(world.roster_version().await, 1, "the other district is not touched");
        let (here, name) = (world.district, ana().login_name);
        let found = world.store.read(move |tx| tx.district(here).credential(name)).await;
        assert!(found.expect("an answer").is_some());
    }
}
