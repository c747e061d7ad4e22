//! A roster is read in pages, up and down, as it is in any version that is kept.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method is not general enough in its lifetimes"
)]

use firstbell_core::id::{DistrictId, SectionId, UserId};
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::change::{RecordKind, RosterPerson};
use firstbell_store::{RosterAt, RosterVersion, Seek, Store, StoreError};

use crate::bench::Bench;
use crate::population::{NOW, Roster, apply_at, days, populate, version};

/// Reads a district's roster in one version.
async fn read<T: Send + 'static>(
    store: &Store,
    district: DistrictId,
    version: RosterVersion,
    read: impl Fn(&mut RosterAt<'_, '_, '_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    let reading = store.read_at_length(move |tx| {
        let mut district = tx.district(district);
        read(&mut district.roster_at(version))
    });
    reading.await.expect("a roster")
}

type Page<T> = fn(&mut RosterAt<'_, '_, '_>, Seek, usize) -> Result<Vec<T>, StoreError>;

/// All records, put together from pages of each size, up and down.
async fn in_pages<T: Clone + PartialEq + std::fmt::Debug + Send + 'static>(
    store: &Store,
    district: DistrictId,
    page: Page<T>,
    id: fn(&T) -> [u8; 12],
) -> Vec<T> {
    let version = version(store, district).await;
    let whole = read(store, district, version, move |at| page(at, Seek::First, 1000)).await;
    assert!(whole.windows(2).all(|pair| id(&pair[0]) < id(&pair[1])), "in ascending order");
    for most in [1, 2, 7, 1000] {
        let (mut up, mut seek) = (Vec::new(), Seek::First);
        loop {
            let some = read(store, district, version, move |at| page(at, seek, most)).await;
            let Some(last) = some.last() else { break };
            assert!(some.len() <= most);
            seek = Seek::After(id(last));
            up.extend(some);
        }
        assert_eq!(up, whole, "up, by {most}");
        let (mut down, mut seek) = (Vec::new(), Seek::Last);
        loop {
            let some = read(store, district, version, move |at| page(at, seek, most)).await;
            let Some(first) = some.first() else { break };
            seek = Seek::Before(id(first));
            down.splice(0..0, some);
        }
        assert_eq!(down, whole, "down, by {most}");
    }
    whole
}

pub async fn pages_put_together_are_the_roster(bench: Bench) {
    let roster = Roster::new(41, 3);
    let store = &bench.store;
    let district = populate(store, 3, &roster).await;
    populate(store, 4, &Roster::new(5, 4)).await;

    let people = in_pages(
        store,
        district,
        |at, seek, most| at.people(seek, most),
        |person| person.user.id.to_bytes(),
    );
    let mut expected = roster.people.clone();
    expected.sort_by_key(|person| person.user.id);
    assert_eq!(people.await, expected);

    let sections = in_pages(
        store,
        district,
        |at, seek, most| at.sections(seek, most),
        |room| room.record.section.id.to_bytes(),
    );
    let sections = sections.await;
    assert_eq!(sections.len(), roster.sections.len());
    for room in &sections {
        let section = roster.sections.iter().find(|it| it.id == room.record.section.id);
        assert_eq!(Some(&room.record.section), section);
        assert_eq!((room.created, room.last_modified), (NOW, NOW));
        assert!(room.record.students.is_sorted_by_key(|student| student.role));
        let in_it = roster.enrollments.iter().filter(|it| it.section == room.record.section.id);
        assert_eq!(room.record.students.len(), in_it.count());
        let holds = |user: UserId, role| {
            let person = roster.people.iter().find(|person| person.user.id == user);
            person.is_some_and(|person| person.user.role_by_id(role).is_some())
        };
        let members = room.record.teachers.iter().chain(&room.record.students);
        assert!(members.clone().count() > 1 && members.clone().all(|it| holds(it.user, it.role)));
    }

    let contacts = in_pages(
        store,
        district,
        |at, seek, most| at.contacts(seek, most),
        |contact| contact.record.id.to_bytes(),
    );
    let mut expected = roster.contacts.clone();
    expected.sort_by_key(|contact| contact.id);
    let contacts: Vec<_> = contacts.await.into_iter().map(|contact| contact.record).collect();
    assert_eq!(contacts, expected);

    let students = in_pages(
        store,
        district,
        |at, seek, most| at.roles(RoleKind::Student, seek, most),
        |(role, _)| role.to_bytes(),
    );
    assert_eq!(students.await.len(), 41);
    let teachers = in_pages(
        store,
        district,
        |at, seek, most| at.roles(RoleKind::Teacher, seek, most),
        |(role, _)| role.to_bytes(),
    );
    let teacher = &roster.people[0].user;
    assert_eq!(teachers.await, [(teacher.roles[0].id, teacher.id)]);

    let now = version(store, district).await;
    let rest = read(store, district, now, |at| {
        let schools = at.schools(Seek::First, 9)?;
        let terms = at.terms(Seek::First, 9)?;
        let courses = at.courses(Seek::First, 9)?;
        let resources = at.resources(Seek::First, 9)?;
        let counts = [
            at.count_people()?,
            at.count_roles(RoleKind::Student)?,
            at.count_sections()?,
            at.count_contacts()?,
            at.count_schools()? + at.count_terms()? + at.count_courses()? + at.count_resources()?,
        ];
        Ok((schools, terms, courses, resources, counts))
    });
    let (schools, terms, courses, resources, counts) = rest.await;
    assert_eq!(schools[0].record, roster.school);
    assert_eq!(terms, [roster.term]);
    assert_eq!(courses, [roster.course]);
    assert_eq!(resources[0].record, roster.resources[0]);
    assert_eq!(counts, [42, 41, 5, 14, 4]);
}

pub async fn what_belongs_to_what_is_found(bench: Bench) {
    let roster = Roster::new(23, 5);
    let district = populate(&bench.store, 5, &roster).await;
    let now = version(&bench.store, district).await;
    let (school, term, course) = (roster.school.id, roster.term.id, roster.course.id);
    let (student, section) = (roster.enrollments[0].student, roster.enrollments[0].section);
    let teacher = roster.people[0].user.roles[0].id;
    let contact = roster.contacts[0].clone();
    let mut holders = roster.people.iter().filter_map(|it| it.user.role_by_id(student));
    let sis_id = holders.next().expect("a student").sis_id.clone();

    let found = read(&bench.store, district, now, move |at| {
        let sections = [
            at.sections_of_school(school)?.len(),
            at.sections_of_term(term)?.len(),
            at.sections_of_course(course)?.len(),
            at.sections_of_role(teacher)?.len(),
        ];
        assert_eq!(sections, [3; 4]);
        assert_eq!(
            (at.schools_of_course(course)?, at.schools_of_term(term)?),
            (vec![school], vec![school])
        );
        assert_eq!(
            (at.courses_of_school(school)?, at.terms_of_school(school)?),
            (vec![course], vec![term])
        );
        assert_eq!(at.sections_of_role(student)?, [section]);
        assert_eq!(at.schools_of_sections(&[section, section])?, [school]);
        assert_eq!(at.contacts_of_student(student)?, [contact.id]);
        assert_eq!(at.contact_of_role(contact.role)?, Some(contact.id));
        assert_eq!(at.resources_of_course(course)?.len(), 1);
        assert_eq!(at.holder(student)?.map(|(_, kind)| kind), Some(RoleKind::Student));
        assert_eq!(at.holder(contact.role)?, None);
        let known = at.sis_ids_of_roles(&[student, student, contact.role])?;
        assert_eq!(known, [(student, sis_id.clone())]);
        assert_eq!(at.bound(RecordKind::Student)?.get(&student.to_bytes()), Some(&sis_id));
        assert!(!at.bound(RecordKind::Course)?.contains_key(&student.to_bytes()));
        let at_school = at.at_school(school)?;
        assert!(at_school.iter().all(|it| it.is_primary));
        let rooms = at.sections_by_id(&[section, SectionId::from_bytes([9; 12]), section])?;
        assert_eq!(rooms.len(), 1);
        assert_eq!(rooms[0].record.students.len(), 10);
        let ids: Vec<_> = at_school.iter().map(|it| it.user).collect();
        at.people_by_id(&ids)
    });
    let mut expected = roster.people.clone();
    expected.sort_by_key(|person| person.user.id);
    assert_eq!(found.await, expected);
}

pub async fn an_older_version_is_read_as_it_was(bench: Bench) {
    let roster = Roster::new(12, 6);
    let district = populate(&bench.store, 6, &roster).await;
    let before = version(&bench.store, district).await;
    apply_at(&bench.store, district, roster.rename_all("Other"), days(1)).await.expect("applied");
    let between = version(&bench.store, district).await;
    apply_at(&bench.store, district, roster.leave(), days(2)).await.expect("applied");
    let after = version(&bench.store, district).await;

    let people = |version| read(&bench.store, district, version, |at| at.people(Seek::First, 99));
    let last_names = |people: &[RosterPerson]| -> Vec<String> {
        let mut names: Vec<_> = people.iter().map(|it| it.user.name.last.clone()).collect();
        names.dedup();
        names
    };
    let (before, between, after) =
        (people(before).await, people(between).await, people(after).await);
    assert_eq!(before.len(), 13);
    assert!(last_names(&before).len() == 13);
    assert_eq!(last_names(&between), ["Other"]);
    assert!(between.iter().all(|it| it.user.created == NOW && it.user.last_modified == days(1)));
    assert!(after.is_empty());
}

pub async fn versions_are_kept_for_their_time(bench: Bench) {
    let roster = Roster::new(3, 7);
    let store = &bench.store;
    let district = populate(store, 7, &roster).await;
    let mut versions = vec![version(store, district).await];
    for number in 1..=14 {
        let change = roster.rename_all(&format!("Name {number}"));
        apply_at(store, district, change, days(number)).await.expect("applied");
        versions.push(version(store, district).await);
    }
    let name = async |version| {
        let people = read(store, district, version, |at| at.people(Seek::First, 1)).await;
        people.first().map(|person| person.user.name.last.clone())
    };

    // All of them are younger than thirty days.
    store.purge(days(20), 1000).await.expect("purged");
    assert!(name(versions[0]).await.is_some_and(|name| name.starts_with("Núñez")));

    // On day 38 the roster of thirty days ago is the one of day 8; the last ten begin with day 4.
    store.purge(days(38), 1000).await.expect("purged");
    assert_eq!(name(versions[3]).await, None);
    assert_eq!(name(versions[4]).await.as_deref(), Some("Name 4"));

    // Much later the last ten are there still, and the one that they followed.
    let purged = store.purge(days(290), 1000).await.expect("purged");
    assert_eq!(purged.roster_rows, 0, "{purged:?}");
    assert_eq!(name(versions[4]).await.as_deref(), Some("Name 4"));

    // What nobody has looked like for three hundred days is nobody's business any more.
    store.purge(days(400), 1000).await.expect("purged");
    assert_eq!(name(versions[13]).await, None);
    assert_eq!(name(versions[14]).await.as_deref(), Some("Name 14"));
}
