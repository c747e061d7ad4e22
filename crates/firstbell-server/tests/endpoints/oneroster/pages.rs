//! Pages that are read while the roster changes, in any order, and by who does not wait for them.

use std::collections::BTreeSet;
use std::sync::mpsc;

use firstbell_core::roster::change::{Enrollment, RosterChange};
use firstbell_protocol::oneroster::{Collection, Target};
use http::StatusCode;

use super::read::{ids, link, objects, whole};
use crate::data_api::events::{apply, roster};
use crate::data_api::roster::{ask, everything, synced};
use crate::world::World;

/// Has what an object of a list tells of leave the roster: an enrolment alone, or with its whole class; a
/// person.
async fn leave(world: &World, of: Collection, id: &str, is_whole: bool) {
    let roster = roster(world).await;
    let mut change = RosterChange::default();
    if of == Collection::Enrollments {
        let (class, role) = id.split_once('-').expect("a class and a role");
        let (class, role) = (class.parse().expect("an id"), role.parse().expect("an id"));
        let fits = |it: &&Enrollment| it.section == class && (is_whole || it.student == role);
        change.enrollments.removed.extend(roster.enrollments.iter().filter(fits));
        if is_whole {
            change.sections.removed.push(class);
        } else {
            change.sections.replaced.push(roster.sections[&class].clone());
        }
    } else {
        let person = &roster.people[&id.parse().expect("an id")];
        let theirs = |it: &&Enrollment| person.user.roles.iter().any(|role| role.id == it.student);
        change.enrollments.removed.extend(roster.enrollments.iter().filter(theirs));
        change.people.removed.push(person.user.id);
    }
    apply(world, change).await;
}

#[tokio::test]
async fn following_links_leaves_nothing_out_though_the_end_of_each_page_leaves() {
    for (world, token) in synced(everything()).await {
        for of in [Collection::Enrollments, Collection::Students] {
            for order in ["asc", "desc"] {
                let known = ids(&whole(&world, &token, Target::All(of), "").await);
                let limit = known.len() / 9 + 1;
                let path = Target::All(of).path("");
                let first = format!("{path}?limit={limit}&sort=sourcedId&orderBy={order}");
                let (mut told, mut next, mut pages) = (Vec::new(), Some(first), 0);
                while let Some(path) = next {
                    let reply = ask(&world, &path, &token).await;
                    told.extend(ids(&objects(&reply, of)));
                    next = link(&reply, "next").map(str::to_owned);
                    let last = told.last().expect("an object");
                    if pages < 6 {
                        leave(&world, of, last, pages % 2 == 1).await;
                    }
                    pages += 1;
                }
                let left = ids(&whole(&world, &token, Target::All(of), "").await);
                assert!(left.len() < known.len(), "{of:?}");
                let once: BTreeSet<_> = told.iter().collect();
                assert_eq!(once.len(), told.len(), "{of:?} {order}: nothing is told twice");
                let missing: Vec<_> = left.iter().filter(|id| !once.contains(id)).collect();
                assert!(missing.is_empty(), "{of:?} {order}: {missing:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_sorted_list_is_told_up_to_a_bound_and_no_offset_is_too_large_to_be_read() {
    for (world, token) in synced(everything()).await {
        let users = Target::All(Collection::Users).path("");
        for offset in ["249901", "250000", "18446744073709551615"] {
            let path = format!("{users}?sort=email&offset={offset}");
            let reply = ask(&world, &path, &token).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
            let said = reply.json()["imsx_description"].to_string();
            assert!(said.contains("250000th"), "{said}");
        }
        let known = whole(&world, &token, Target::All(Collection::Users), "").await.len();
        for path in [
            format!("{users}?sort=email&offset=249900"),
            format!("{users}?offset=18446744073709551615"),
            format!("{users}?offset=18446744073709551615&limit=10000&sort=sourcedId&orderBy=desc"),
        ] {
            let reply = ask(&world, &path, &token).await;
            assert_eq!(ids(&objects(&reply, Collection::Users)), Vec::<String>::new(), "{path}");
            assert_eq!(reply.header("x-total-count"), Some(&*known.to_string()), "{path}");
        }
    }
}

/// On SQLite, where reads at length run on threads of the runtime: here all of them are busy, so that what
/// is asked for waits until we say so.
#[test]
fn who_hangs_up_gives_their_place_back_when_nothing_is_read_for_them() {
    const THREADS: usize = 8;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(THREADS)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (world, token) = synced(everything()).await.swap_remove(0);
        let users = Target::All(Collection::Users).path("");
        for path in [users.as_str(), "/v3.0/users?limit=1000", "/v2.1/students?count=true"] {
            let reads = world.app.long_reads();
            let free = reads.free();
            let mut gates = Vec::new();
            let busy: Vec<_> = (0..THREADS)
                .map(|_| {
                    let (gate, wait) = mpsc::channel::<()>();
                    gates.push(gate);
                    tokio::task::spawn_blocking(move || wait.recv().is_err())
                })
                .collect();
            tokio::select! {
                biased;
                reply = ask(&world, path, &token) => panic!("{path}: {}", reply.status),
                () = until(|| reads.free() < free) => {}
            }
            for _ in 0..100 {
                tokio::task::yield_now().await;
                assert_eq!(reads.free(), free - 1, "{path}: it is still to be read");
            }
            drop(gates);
            for thread in busy {
                thread.await.expect("no panic");
            }
            until(|| reads.free() == free).await;
        }
    });
}

async fn until(mut holds: impl FnMut() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}
