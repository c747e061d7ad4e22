//! Rosters change as a whole or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use firstbell_core::id::DistrictId;
use firstbell_core::roster::change::{ManyKind, Present, RecordKind, RosterChange, RosterPieces};
use firstbell_store::testing::number;
use firstbell_store::{ApplyError, Counts, RosterVersion, Store};

use crate::bench::Bench;
use crate::population::{NOW, Roster, apply, current, later, populate, version};

async fn counts(store: &Store, district: DistrictId) -> Counts {
    store.read(move |tx| tx.district(district).counts()).await.expect("counts")
}

pub async fn a_roster_reads_back(bench: Bench) {
    let roster = Roster::new(25, 1);
    let district = populate(&bench.store, 1, &roster).await;

    let read = current(&bench.store, district).await;
    assert_eq!(read.schools[&roster.school.id], roster.school);
    assert_eq!(read.terms[&roster.term.id], roster.term);
    assert_eq!(read.courses[&roster.course.id], roster.course);
    assert_eq!(read.sections.len(), roster.sections.len());
    for section in &roster.sections {
        assert_eq!(read.sections[&section.id], *section);
    }
    assert_eq!(read.people.len(), roster.people.len());
    for person in &roster.people {
        assert_eq!(read.people[&person.user.id], *person);
    }
    assert_eq!(read.enrollments.len(), 25);
    assert_eq!(read.contacts.len(), 9);
    for contact in &roster.contacts {
        assert_eq!(read.contacts[&contact.id], *contact);
    }
    for resource in &roster.resources {
        assert_eq!(read.resources[&resource.id], *resource);
    }
    assert_eq!(read.bindings.len(), roster.arrive().bindings.len());
    let expected = Counts {
        schools: 1,
        people: 26,
        students: 25,
        teachers: 1,
        staff: 1,
        district_admins: 1,
        sections: 3,
        enrollments: 25,
    };
    assert_eq!(counts(&bench.store, district).await, expected);
}

/// A reader polls while everybody gets another name, and sees one name or the other on all.
pub async fn readers_see_the_old_roster_or_the_new_one(bench: Bench) {
    let roster = Roster::new(4_000, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let people: Vec<_> =
        [1, 1_500, 3_999].map(|place: usize| roster.people[place].user.id).to_vec();
    let finished = Arc::new(AtomicBool::new(false));

    let reading = tokio::spawn({
        let (store, finished) = (bench.store.clone(), Arc::clone(&finished));
        async move {
            let (mut old, mut new) = (0, 0);
            while !finished.load(Ordering::Relaxed) || new == 0 {
                let people = people.clone();
                let seen = store.read(move |tx| {
                    let mut district = tx.district(district);
                    let mut renamed = 0;
                    for id in &people {
                        let user = district.user(*id)?.expect("always there");
                        renamed += usize::from(user.name.last == "Renamed");
                    }
                    Ok::<_, firstbell_store::StoreError>((renamed, district.counts()?.people))
                });
                match seen.await.expect("an answer") {
                    (0, 4_001) => old += 1,
                    (3, 4_001) => new += 1,
                    half => panic!("half a change: {half:?}"),
                }
            }
            (old, new)
        }
    });
    apply(&bench.store, district, roster.rename_all("Renamed")).await.expect("applied");
    finished.store(true, Ordering::Relaxed);
    let (old, new) = reading.await.expect("a reader");
    assert!(old > 0 && new > 0, "{old} {new}");
}

pub async fn an_empty_change_changes_nothing(bench: Bench) {
    let roster = Roster::new(5, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let before = version(&bench.store, district).await;
    let after = apply(&bench.store, district, RosterChange::default()).await.expect("applied");
    assert_eq!((after, version(&bench.store, district).await), (before, before));
}

/// An import is dropped in the middle, as a killed process would leave it.
pub async fn a_killed_import_is_undone_and_can_be_repeated(bench: Bench) {
    let roster = Roster::new(9_000, 1);
    let district = populate(&bench.store, 1, &Roster::new(0, 2)).await;
    let planned_on = version(&bench.store, district).await;
    let mut change = roster.arrive();
    // The district has a school, a term and a course with these SIS ids already.
    change.bindings.retain(|binding| !["1", "Y1", "M", "t-0"].contains(&&*binding.sis_id));
    let mut leaving = Roster::new(0, 2).leave();
    change.schools.removed.append(&mut leaving.schools.removed);
    change.people.removed.append(&mut leaving.people.removed);

    let half = tokio::sync::Notify::new();
    let importing =
        bench.store.apply_roster(district, planned_on, change.clone(), NOW, |done, total| {
            if done > total / 2 {
                half.notify_one();
            }
        });
    tokio::select! {
        _ = importing => panic!("it should have been stopped"),
        () = half.notified() => {}
    }
    assert_eq!(counts(&bench.store, district).await.people, 1, "nobody sees what was staged");

    let again =
        bench.store.apply_roster(district, planned_on, change.clone(), NOW, |_, _| {}).await;
    assert!(matches!(again, Err(ApplyError::Running { .. })), "{again:?}");
    let much_later = later(120_000);
    // First an import that changes nothing: it undoes what the killed one left.
    let nothing = RosterChange::default();
    let undone = bench.store.apply_roster(district, planned_on, nothing, much_later, |_, _| {});
    assert_eq!(undone.await.expect("undone"), planned_on);
    let staged = "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM enrollments) \
                  + (SELECT COUNT(*) FROM bindings WHERE kind = 'student')";
    assert_eq!(number(&bench.store, staged.into()).await.expect("a count"), 1);
    assert_eq!(current(&bench.store, district).await.people.len(), 1);

    let repeated = bench.store.apply_roster(district, planned_on, change, much_later, |_, _| {});
    assert!(repeated.await.expect("applied") > planned_on);
    let after = counts(&bench.store, district).await;
    assert_eq!((after.people, after.enrollments, after.schools), (9_001, 9_000, 1));
}

pub async fn a_person_who_comes_back_keeps_their_ids(bench: Bench) {
    let roster = Roster::new(5, 1);
    let district = populate(&bench.store, 1, &roster).await;
    apply(&bench.store, district, roster.leave()).await.expect("left");
    let gone = current(&bench.store, district).await;
    assert!(gone.people.is_empty() && gone.enrollments.is_empty() && gone.sections.is_empty());
    let bound = &gone.bindings;
    assert_eq!(bound.len(), roster.arrive().bindings.len(), "their ids are still theirs");

    let planned_on = version(&bench.store, district).await;
    let back = RosterChange { bindings: Vec::new(), ..roster.arrive() };
    let returning = bench.store.apply_roster(district, planned_on, back, later(99), |_, _| {});
    returning.await.expect("back");
    let person = &roster.people[1].user;
    let id = person.id;
    let read = bench.store.look(move |tx| tx.district(district).user(id)).await.expect("an answer");
    let read = read.expect("a person");
    assert_eq!((read.id, &read.roles), (person.id, &person.roles));
    assert_eq!((read.created, read.last_modified), (NOW, later(99)));
}

pub async fn imports_of_one_district_follow_each_other(bench: Bench) {
    let roster = Roster::new(2_000, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let planned_on = version(&bench.store, district).await;
    let imports: Vec<_> = (0..4)
        .map(|number| {
            let (store, change) =
                (bench.store.clone(), roster.rename_all(&format!("Name {number}")));
            tokio::spawn(async move {
                store.apply_roster(district, planned_on, change, NOW, |_, _| {}).await
            })
        })
        .collect();
    let mut applied = 0;
    for import in imports {
        match import.await.expect("a task") {
            Ok(_) => applied += 1,
            Err(ApplyError::Running { .. } | ApplyError::Stale { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(applied, 1);
    let last_names: std::collections::HashSet<_> = current(&bench.store, district)
        .await
        .people
        .into_values()
        .map(|person| person.user.name.last)
        .collect();
    assert_eq!(last_names.len(), 1, "{last_names:?}");
}

pub async fn a_change_planned_on_an_old_version_is_refused(bench: Bench) {
    let roster = Roster::new(5, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let planned_on = version(&bench.store, district).await;
    apply(&bench.store, district, roster.rename_all("First")).await.expect("applied");

    let change = roster.rename_all("Second");
    let late = bench.store.apply_roster(district, planned_on, change, NOW, |_, _| {}).await;
    assert!(matches!(late, Err(ApplyError::Stale { .. })), "{late:?}");
    let nowhere = DistrictId::from_bytes([9; 12]);
    let lost = apply(&bench.store, nowhere, roster.rename_all("Third")).await;
    assert!(matches!(lost, Err(ApplyError::NoSuchDistrict)), "{lost:?}");
}

pub async fn everything_can_leave(bench: Bench) {
    let roster = Roster::new(1_200, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let heard = std::cell::Cell::new((0, 0));
    let planned_on = version(&bench.store, district).await;
    let leaving =
        bench.store.apply_roster(district, planned_on, roster.leave(), NOW, |done, total| {
            heard.set((done, total));
        });
    leaving.await.expect("left");
    let (done, total) = heard.get();
    assert!(done == total && total > 2_400, "{done} of {total}");
    assert_eq!(counts(&bench.store, district).await, Counts::default());
}

/// A change, a list of it at a time; perhaps it cannot be read to its end.
struct Pieces {
    records: usize,
    left: std::vec::IntoIter<std::io::Result<RosterChange>>,
}

impl Pieces {
    fn of(mut change: RosterChange) -> Self {
        let records = change.records();
        let mut pieces = Vec::new();
        let people = std::mem::take(&mut change.people.added);
        let sections = std::mem::take(&mut change.sections.added);
        let enrollments = std::mem::take(&mut change.enrollments.added);
        pieces.push(Ok(change));
        for some in sections.chunks(7) {
            let mut piece = RosterChange::default();
            piece.sections.added = some.to_vec();
            pieces.push(Ok(piece));
        }
        for some in people.chunks(400) {
            let mut piece = RosterChange::default();
            piece.people.added = some.to_vec();
            pieces.push(Ok(piece));
        }
        for some in enrollments.chunks(1_100) {
            let mut piece = RosterChange::default();
            piece.enrollments.added = some.to_vec();
            pieces.push(Ok(piece));
        }
        Self { records, left: pieces.into_iter() }
    }

    fn broken_off(self, after: usize) -> Self {
        let mut pieces: Vec<_> = self.left.take(after).collect();
        pieces.push(Err(std::io::Error::other("no room")));
        Self { left: pieces.into_iter(), ..self }
    }
}

impl RosterPieces for Pieces {
    fn records(&self) -> usize {
        self.records
    }

    fn changes_nothing(&self) -> bool {
        self.records == 0
    }

    fn next_piece(&mut self) -> std::io::Result<Option<RosterChange>> {
        self.left.next().transpose()
    }
}

/// Pieces that cannot be read, or whose reader dies without a word.
struct Breaking {
    pieces: Pieces,
    silent: bool,
}

impl RosterPieces for Breaking {
    fn records(&self) -> usize {
        self.pieces.records()
    }

    fn changes_nothing(&self) -> bool {
        self.pieces.changes_nothing()
    }

    fn next_piece(&mut self) -> std::io::Result<Option<RosterChange>> {
        let piece = self.pieces.next_piece();
        assert!(piece.is_ok() || !self.silent, "the reader dies");
        piece
    }
}

pub async fn a_change_in_pieces_is_one_change(bench: Bench) {
    let roster = Roster::new(2_500, 1);
    let whole = populate(&bench.store, 1, &roster).await;
    let pieces = populate(&bench.store, 2, &Roster::new(0, 2)).await;
    apply(&bench.store, pieces, Roster::new(0, 2).leave()).await.expect("emptied");
    let planned_on = version(&bench.store, pieces).await;
    let mut arriving = roster.arrive();
    arriving.bindings.retain(|binding| !["1", "Y1", "M", "t-0"].contains(&&*binding.sis_id));
    let applying =
        bench.store.apply_roster(pieces, planned_on, Pieces::of(arriving), NOW, |done, total| {
            assert!(done <= total);
        });
    applying.await.expect("applied");
    let (one, other) = (current(&bench.store, whole).await, current(&bench.store, pieces).await);
    assert_eq!(one.people.len(), other.people.len());
    assert_eq!((one.sections, one.enrollments), (other.sections, other.enrollments));
    assert_eq!((one.contacts, one.resources), (other.contacts, other.resources));
}

pub async fn pieces_that_break_off_change_nothing(bench: Bench) {
    let district = populate(&bench.store, 1, &Roster::new(0, 2)).await;
    let planned_on = version(&bench.store, district).await;
    let before = counts(&bench.store, district).await;
    let mut arriving = Roster::new(2_500, 1).arrive();
    arriving.bindings.retain(|binding| !["1", "Y1", "M", "t-0"].contains(&&*binding.sis_id));
    let people = before.people + arriving.people.added.len() as u64;
    for silent in [false, true] {
        let broken = Breaking { pieces: Pieces::of(arriving.clone()).broken_off(6), silent };
        let applying = bench.store.apply_roster(district, planned_on, broken, NOW, |_, _| {});
        assert!(matches!(applying.await, Err(ApplyError::Pieces(_))), "silent: {silent}");
        assert_eq!(version(&bench.store, district).await, planned_on);
        assert_eq!(counts(&bench.store, district).await, before);
    }

    let again =
        bench.store.apply_roster(district, planned_on, Pieces::of(arriving), NOW, |_, _| {});
    assert!(again.await.expect("applied") > planned_on);
    assert_eq!(counts(&bench.store, district).await.people, people);
}

async fn digests(
    store: &Store,
    district: DistrictId,
    version: RosterVersion,
) -> Vec<Option<Vec<u8>>> {
    let mut present = store.present(district, version);
    let read = move || ManyKind::ALL.map(|kind| present.digests(kind).expect("an answer")).to_vec();
    tokio::task::spawn_blocking(read).await.expect("read")
}

/// Digests are of one version of one district's roster, and of no other.
pub async fn digests_hold_for_the_version_that_they_came_with(bench: Bench) {
    let roster = Roster::new(2_500, 1);
    let district = populate(&bench.store, 1, &Roster::new(0, 2)).await;
    let other = populate(&bench.store, 2, &Roster::new(0, 3)).await;
    let none = vec![None; 4];
    let first = version(&bench.store, district).await;
    assert_eq!(digests(&bench.store, district, first).await, none, "a change without digests");

    let mut arriving = roster.arrive();
    arriving.bindings.retain(|binding| !["1", "Y1", "M", "t-0"].contains(&&*binding.sis_id));
    let kept: Vec<_> = (1u8..).zip(ManyKind::ALL).map(|(byte, kind)| (kind, vec![byte])).collect();
    arriving.digests.clone_from(&kept);
    let wanted: Vec<_> = kept.iter().map(|(_, bytes)| Some(bytes.clone())).collect();

    // What was not applied to its end has left none, and has not taken those that are there.
    let broken = Breaking { pieces: Pieces::of(arriving.clone()).broken_off(6), silent: false };
    bench
        .store
        .apply_roster(district, first, broken, NOW, |_, _| {})
        .await
        .expect_err("broken off");
    assert_eq!(digests(&bench.store, district, first).await, none);
    assert_eq!(digests(&bench.store, district, RosterVersion(first.0 + 1)).await, none);

    let second = apply(&bench.store, district, arriving).await.expect("applied");
    assert_eq!(digests(&bench.store, district, second).await, wanted);
    assert_eq!(digests(&bench.store, district, first).await, none);
    assert_eq!(digests(&bench.store, other, second).await, none);
    let rename = || {
        let mut rename = roster.rename_all("Renamed");
        rename.digests = vec![(ManyKind::Person, vec![9])];
        rename
    };
    let broken = Breaking { pieces: Pieces::of(rename()).broken_off(1), silent: false };
    bench
        .store
        .apply_roster(district, second, broken, NOW, |_, _| {})
        .await
        .expect_err("broken off");
    assert_eq!(digests(&bench.store, district, second).await, wanted, "as they were");

    let third = apply(&bench.store, district, rename()).await.expect("applied");
    let only_people = vec![None, Some(vec![9]), None, None];
    assert_eq!(digests(&bench.store, district, third).await, only_people);
    let fourth = apply(&bench.store, district, roster.rename_all("Again")).await.expect("applied");
    assert_eq!(digests(&bench.store, district, fourth).await, none, "nobody told any");
}

pub async fn the_present_roster_in_pages_is_all_of_it(bench: Bench) {
    let roster = Roster::new(120, 1);
    let district = populate(&bench.store, 1, &roster).await;
    populate(&bench.store, 2, &Roster::new(30, 2)).await;
    let at = version(&bench.store, district).await;
    let mut present = bench.store.present(district, at).in_pages_of(3);
    let paged = tokio::task::spawn_blocking(move || {
        let (mut sections, mut enrollments, mut bound) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let page =
                present.sections(sections.last().map(|it: &firstbell_core::roster::Section| it.id));
            let page = page.expect("a page");
            if page.is_empty() {
                break;
            }
            sections.extend(page);
        }
        loop {
            let page = present.enrollments(enrollments.last().copied()).expect("a page");
            if page.is_empty() {
                break;
            }
            enrollments.extend(page);
        }
        loop {
            let last = bound.last().map(|(sis_id, ..): &(String, _, _)| sis_id.clone());
            let page = present.bindings(RecordKind::Student, last.as_deref()).expect("a page");
            if page.is_empty() {
                break;
            }
            bound.extend(page);
        }
        (sections, enrollments, bound)
    });
    let (sections, enrollments, bound) = paged.await.expect("pages");
    let all = current(&bench.store, district).await;
    assert!(sections.is_sorted_by_key(|section| section.id) && enrollments.is_sorted());
    assert!(bound.is_sorted_by(|one, next| one.0 < next.0));
    assert_eq!(sections.len(), all.sections.len());
    assert!(sections.iter().all(|section| all.sections[&section.id] == *section));
    assert_eq!(enrollments.into_iter().collect::<std::collections::HashSet<_>>(), all.enrollments);
    let students = all.bindings.keys().filter(|(kind, _)| *kind == RecordKind::Student).count();
    assert_eq!(bound.len(), students);
}
