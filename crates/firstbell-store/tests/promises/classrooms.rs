//! What teachers let in, and what is known of a section.

use firstbell_core::application::TeacherLink;
use firstbell_core::id::{ApplicationId, SectionId};
use firstbell_core::roster::change::RosterChange;
use firstbell_core::roster::{RoleKind, User};
use firstbell_core::sharing::{Classroom, Member, Needs};
use firstbell_store::{Store, StoreError};

use crate::bench::Bench;
use crate::population::{NOW, Roster, application, apply, later, populate};

const ALL: Needs = Needs { schools: true, sections: true, links: true };

/// A district with three sections of ten students and one teacher, and an application.
async fn furnish(store: &Store) -> (Roster, firstbell_core::id::DistrictId) {
    let roster = Roster::new(30, 1);
    let district = populate(store, 1, &roster).await;
    store.write(|tx| tx.create_application(&application(1), NOW)).await.expect("an application");
    (roster, district)
}

fn link(roster: &Roster, sections: &[SectionId]) -> TeacherLink {
    TeacherLink {
        application: ApplicationId::from_bytes([1; 12]),
        district: firstbell_core::id::DistrictId::from_bytes([1; 12]),
        teacher: teacher(roster).id,
        sections: sections.to_vec(),
        since: NOW,
    }
}

fn teacher(roster: &Roster) -> &User {
    &roster.people[0].user
}

/// The first student of the section with this number.
fn student(roster: &Roster, section: usize) -> User {
    roster.people[1 + section * 10].user.clone()
}

async fn links_seen_by(store: &Store, user: &User) -> Vec<TeacherLink> {
    let (district, user) = (firstbell_core::id::DistrictId::from_bytes([1; 12]), user.clone());
    store.read(move |tx| tx.district(district).ties_of(&user, ALL)).await.expect("ties").links
}

pub async fn links_are_kept_changed_and_taken_back(bench: Bench) {
    let (roster, district) = furnish(&bench.store).await;
    let mut ids: Vec<_> = roster.sections.iter().map(|section| section.id).collect();
    ids.sort_unstable();
    let first = link(&roster, &ids[..2]);
    let fewer = TeacherLink { since: later(5), ..link(&roster, &ids[2..]) };
    let (one, teacher) = (first.clone(), teacher(&roster).id);
    bench
        .store
        .write(move |tx| {
            let mut own = tx.district(district);
            own.link(&one)?;
            assert_eq!(own.links_of(teacher)?, std::slice::from_ref(&one));
            own.link(&fewer)?;
            let kept = TeacherLink { since: NOW, ..fewer.clone() };
            assert_eq!(own.links_of(teacher)?, [kept], "the sections change, the day stays");
            assert!(own.unlink(one.application, teacher)?);
            assert_eq!(own.links_of(teacher)?, []);
            assert!(!own.unlink(one.application, teacher)?, "there is nothing left to take back");
            Ok::<_, StoreError>(())
        })
        .await
        .expect("kept");
    let nowhere = TeacherLink { application: ApplicationId::from_bytes([9; 12]), ..first };
    let refused = bench.store.write(move |tx| tx.district(district).link(&nowhere)).await;
    refused.expect_err("there is no such application");
}

pub async fn a_link_holds_while_its_teacher_is_there_and_teaches_the_section(bench: Bench) {
    let (roster, district) = furnish(&bench.store).await;
    let store = &bench.store;
    let shared = roster.sections[0].id;
    let made = link(&roster, &[shared]);
    store.write(move |tx| tx.district(district).link(&made)).await.expect("linked");
    let (inside, outside) = (student(&roster, 0), student(&roster, 1));
    let expected = vec![link(&roster, &[shared])];
    assert_eq!(links_seen_by(store, &inside).await, expected, "her student");
    assert_eq!(links_seen_by(store, &outside).await, [], "a student of another section");
    assert_eq!(links_seen_by(store, teacher(&roster)).await, expected, "herself");

    let id = teacher(&roster).id;
    let suspend = store.write(move |tx| tx.district(district).suspend(id, NOW));
    suspend.await.expect("suspended");
    assert_eq!(links_seen_by(store, &inside).await, [], "she is suspended");
    let readmit = store.write(move |tx| tx.district(district).readmit(id));
    assert!(readmit.await.expect("readmitted"));
    assert_eq!(links_seen_by(store, &inside).await, expected);

    // Another teacher takes the section over.
    let mut change = RosterChange::default();
    let mut section = roster.sections[0].clone();
    section.teachers = vec![inside.roles[0].id];
    change.sections.replaced.push(section);
    apply(store, district, change).await.expect("changed");
    assert_eq!(links_seen_by(store, &inside).await, [], "she no longer teaches it");
    let own = links_seen_by(store, teacher(&roster)).await;
    assert_eq!(own, [link(&roster, &[])], "nor can she share it");

    let mut change = RosterChange::default();
    change.sections.replaced.push(roster.sections[0].clone());
    apply(store, district, change).await.expect("changed back");
    assert_eq!(links_seen_by(store, &inside).await, expected);

    let mut change = RosterChange::default();
    change.people.removed.push(id);
    apply(store, district, change).await.expect("left");
    assert_eq!(links_seen_by(store, &inside).await, [], "she has left");
}

pub async fn a_section_is_read_with_who_is_in_it(bench: Bench) {
    let (roster, district) = furnish(&bench.store).await;
    let store = &bench.store;
    let section = roster.sections[1].clone();
    let id = section.id;
    let read = move || async move {
        let read = store.read(move |tx| {
            let mut own = tx.district(district);
            let people = (own.teachers_of(id)?, own.students_of(id)?);
            Ok::<_, StoreError>((own.classroom(id)?, people))
        });
        read.await.expect("an answer")
    };
    let member =
        |user: &User, kind| Member { role: user.role(kind).expect("the role").id, user: user.id };
    let mut learners: Vec<User> =
        roster.people[11..21].iter().map(|person| person.user.clone()).collect();
    let mut students: Vec<_> =
        learners.iter().map(|user| member(user, RoleKind::Student)).collect();
    students.sort_unstable_by_key(|member| member.role);
    learners.sort_unstable_by_key(|user| user.id);
    let teachers = vec![member(teacher(&roster), RoleKind::Teacher)];
    let primary = teachers.first().copied();
    let (classroom, (instructors, people)) = read().await;
    assert_eq!(classroom, Some(Classroom { section, primary, teachers, students }));
    assert_eq!(instructors, [teacher(&roster).clone()]);
    assert_eq!(people, learners);

    // One leaves the section, one the district, and the section in the end.
    let mut change = RosterChange::default();
    change.enrollments.removed.push(roster.enrollments[10]);
    change.people.removed.push(roster.people[12].user.id);
    change.enrollments.removed.push(roster.enrollments[11]);
    apply(store, district, change).await.expect("changed");
    let (classroom, (_, people)) = read().await;
    assert_eq!(classroom.expect("still there").students.len(), 8);
    assert_eq!(people.len(), 8);
    let mut change = RosterChange::default();
    change.sections.removed.push(id);
    apply(store, district, change).await.expect("changed");
    assert_eq!(read().await.0, None);
}
