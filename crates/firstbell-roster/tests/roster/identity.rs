//! Who is one person, and which id they keep.

use firstbell_core::id::UserId;
use firstbell_core::roster::change::RecordKind;
use firstbell_core::roster::sync::Counted;
use firstbell_core::roster::{Email, RoleKind};
use firstbell_roster::{ContactIdReason, IdentityReason, SummaryKind};

use crate::files::{Files, rows};
use crate::store::{Store, held_for};

fn user(store: &Store, kind: RecordKind, sis_id: &str) -> UserId {
    let key = (kind, sis_id.to_owned());
    store.current.bindings.get(&key).and_then(|(_, user)| *user).expect("a bound role")
}

fn roles(store: &Store, user: UserId) -> Vec<(RoleKind, String)> {
    let person = store.current.people.get(&user).expect("a person");
    person.user.roles.iter().map(|role| (role.kind, role.sis_id.clone())).collect()
}

/// The good roster in which Tea Moreno is staff and district administrator too.
fn with_three_roles() -> Files {
    Files::good().and(
        "staff.csv",
        "2,S3,TEA@d.example,Tea,Moreno,Coach,Staff,,\n,S3,TEA@d.example,Tea,Moreno,,District Admin,,\n",
    )
}

#[test]
fn teacher_staff_and_administrator_with_one_email_are_one_person() {
    let mut store = Store::new();
    store.import(with_three_roles().accepted());
    let tea = user(&store, RecordKind::Teacher, "T1");
    assert_eq!(user(&store, RecordKind::Staff, "S3"), tea);
    assert_eq!(user(&store, RecordKind::DistrictAdmin, "S3"), tea);
    let expected = [
        (RoleKind::Teacher, "T1".to_owned()),
        (RoleKind::Staff, "S3".to_owned()),
        (RoleKind::DistrictAdmin, "S3".to_owned()),
    ];
    assert_eq!(roles(&store, tea), expected);
    let person = &store.current.people[&tea];
    assert_eq!(person.user.email.as_ref().map(Email::as_str), Some("tea@d.example"));
    // The teacher at North, the staff member at South, the administrator nowhere.
    assert_eq!(person.schools.len(), 2);
    assert_eq!(store.current.people.len(), 6);
}

#[test]
fn rows_of_one_staff_id_are_one_person_without_any_email() {
    let files =
        Files::good().and("staff.csv", "1,S4,,Pat,Poe,,Staff,,\n,S4,,Pat,Poe,,District Admin,,\n");
    let mut store = Store::new();
    store.import(files.accepted());
    let pat = user(&store, RecordKind::Staff, "S4");
    assert_eq!(user(&store, RecordKind::DistrictAdmin, "S4"), pat);
}

#[test]
fn students_are_joined_with_nobody() {
    let files = Files::good().and(
        "students.csv",
        "1,13,Moreno,Mo,,,tea@d.example,mo,\n1,14,Poe,Al,,,ana@s.example,al,\n",
    );
    let mut store = Store::new();
    store.import(files.accepted());
    let people = [
        user(&store, RecordKind::Student, "11"),
        user(&store, RecordKind::Student, "13"),
        user(&store, RecordKind::Student, "14"),
        user(&store, RecordKind::Teacher, "T1"),
    ];
    for (nth, person) in people.iter().enumerate() {
        assert!(!people[..nth].contains(person));
        assert_eq!(roles(&store, *person).len(), 1);
    }
}

#[test]
fn of_two_teachers_with_one_email_the_smaller_id_is_joined_whatever_the_order_of_rows() {
    let rows = ["1,T3,X,Y,z@d.example,,,\n", "1,T4,X,Y,z@d.example,,,\n"];
    for order in [[0, 1], [1, 0]] {
        let files = Files::good()
            .and("teachers.csv", rows[order[0]])
            .and("teachers.csv", rows[order[1]])
            .and("staff.csv", "1,S3,z@d.example,X,Y,,Staff,,\n");
        let mut store = Store::new();
        store.import(files.accepted());
        let joined = user(&store, RecordKind::Staff, "S3");
        assert_eq!(joined, user(&store, RecordKind::Teacher, "T3"));
        assert_ne!(joined, user(&store, RecordKind::Teacher, "T4"));
    }
}

#[test]
fn the_teachers_name_holds() {
    let files = Files::good().and("staff.csv", "1,S3,tea@d.example,Thea,Morena,,Staff,,\n");
    let mut store = Store::new();
    store.import(files.accepted());
    let person = &store.current.people[&user(&store, RecordKind::Staff, "S3")];
    assert_eq!(person.user.name.full(), "Tea Moreno");
}

#[test]
fn when_two_become_one_the_teachers_id_stays_and_the_other_is_told() {
    let apart = Files::good().and("staff.csv", "1,S3,old@d.example,Tea,Moreno,,Staff,,\n");
    let joined = Files::good().and("staff.csv", "1,S3,tea@d.example,Tea,Moreno,,Staff,,\n");
    let mut store = Store::new();
    store.import(apart.accepted());
    let teacher = user(&store, RecordKind::Teacher, "T1");
    let staff = user(&store, RecordKind::Staff, "S3");

    let summary = store.import(joined.accepted());
    assert_eq!(user(&store, RecordKind::Teacher, "T1"), teacher);
    assert_eq!(user(&store, RecordKind::Staff, "S3"), teacher);
    let [change] = &summary.identity_changes[..] else { panic!("{summary}") };
    assert_eq!((change.from, change.to, change.reason), (staff, teacher, IdentityReason::Joined));
    assert!(summary.to_string().contains("! Tea Moreno (staff S3) now has the email"), "{summary}");

    let summary = store.import(apart.accepted());
    assert_eq!(user(&store, RecordKind::Teacher, "T1"), teacher);
    assert_eq!(user(&store, RecordKind::Staff, "S3"), staff, "the old id is restored");
    let [change] = &summary.identity_changes[..] else { panic!("{summary}") };
    assert_eq!((change.from, change.to, change.reason), (teacher, staff, IdentityReason::Parted));
}

#[test]
fn when_one_becomes_two_the_first_role_keeps_the_id() {
    let mut store = Store::new();
    store.import(with_three_roles().accepted());
    let tea = user(&store, RecordKind::Teacher, "T1");
    let apart = with_three_roles().replaced("teachers.csv", "tea@d.example", "new@d.example");
    store.import(apart.accepted());
    assert_eq!(user(&store, RecordKind::Teacher, "T1"), tea);
    let staff = user(&store, RecordKind::Staff, "S3");
    assert_ne!(staff, tea);
    assert_eq!(user(&store, RecordKind::DistrictAdmin, "S3"), staff);
}

#[test]
fn who_is_parted_never_gets_the_id_of_somebody_who_is_away() {
    let staff = |email: &str| format!("1,S3,{email},X,Y,,Staff,,\n");
    let admin = ",A3,xy@d.example,X,Y,,District Admin,,\n";
    let roster = |rows: &[&str]| Files::good().and("staff.csv", &rows.concat()).accepted();
    let mut store = Store::new();
    // A mistaken email makes them one person; then the administrator keeps the id, and is away.
    store.import(roster(&[&staff("xy@d.example"), admin]));
    let id = user(&store, RecordKind::DistrictAdmin, "A3");
    assert_eq!(user(&store, RecordKind::Staff, "S3"), id);
    store.import(roster(&[&staff("tea@d.example"), admin]));
    assert_eq!(user(&store, RecordKind::DistrictAdmin, "A3"), id);
    store.import(roster(&[&staff("tea@d.example")]));
    store.import(roster(&[&staff("other@d.example")]));
    assert_ne!(user(&store, RecordKind::Staff, "S3"), id);
    store.import(roster(&[&staff("other@d.example"), admin]));
    assert_eq!(user(&store, RecordKind::DistrictAdmin, "A3"), id);
}

#[test]
fn a_role_that_joins_later_does_not_change_anybodys_id() {
    let mut store = Store::new();
    let files = Files::good().and("staff.csv", "1,S3,z@d.example,X,Y,,Staff,,\n");
    store.import(files.accepted());
    let staff = user(&store, RecordKind::Staff, "S3");
    let summary = store.import(files.and("teachers.csv", "1,T3,X,Y,z@d.example,,,\n").accepted());
    assert_eq!(user(&store, RecordKind::Teacher, "T3"), staff);
    assert_eq!(summary.identity_changes, []);
}

#[test]
fn who_leaves_and_comes_back_has_the_old_ids() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let before = store.current.clone();
    let without = Files::good().replaced("students.csv", "2,12,Lee,Bo,5,,,bo,\n", "").replaced(
        "enrollments.csv",
        "2,C2,12\n",
        "",
    );
    let summary = store.import(without.accepted());
    assert_eq!(summary.tally(SummaryKind::Student).removed, 1);
    assert_eq!(store.current.people.len(), 5);
    store.import(Files::good().accepted());
    assert_eq!(store.current.bindings, before.bindings);
    assert!(store.current.people.keys().all(|user| before.people.contains_key(user)));
}

#[test]
fn a_changed_sis_id_is_somebody_new() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let before = user(&store, RecordKind::Student, "12");
    let files = Files::good().replaced("students.csv", "2,12,", "2,99,").replaced(
        "enrollments.csv",
        "C2,12",
        "C2,99",
    );
    store.import(files.accepted());
    assert_ne!(user(&store, RecordKind::Student, "99"), before);
}

#[test]
fn people_and_roles_have_different_ids_in_the_order_of_the_file() {
    let rows = rows(100..400, |id| format!("1,{id},Poe,Al,,,,,\n"));
    let mut store = Store::new();
    store.import(Files::good().and("students.csv", &rows).accepted());
    let key = |id: usize| (RecordKind::Student, id.to_string());
    let bound: Vec<_> = (100..400).map(|id| store.current.bindings[&key(id)]).collect();
    assert!(bound.is_sorted());
    assert!(bound.iter().all(|(role, user)| user.map(UserId::to_bytes) != Some(*role)));
    assert!(bound.is_sorted_by_key(|(_, user)| *user));
}

#[test]
fn a_district_that_renumbers_its_students_is_noticed() {
    let roster = |offset: usize, birth: &str, mail: &str| {
        let row = |id: usize| {
            let mail = if mail.is_empty() { String::new() } else { format!("a{id}{mail}") };
            format!("1,{},Poe{id},Al,,{birth},{mail},,\n", 1_000 + id + offset)
        };
        Files::good().and("students.csv", &rows(0..40, row)).accepted()
    };
    for (before, after, count) in [
        (("02/03/2016", ""), ("02/03/2016", ""), 40),
        (("02/03/2016", "@s.example"), ("02/03/2017", "@S.example"), 40),
        (("02/03/2016", ""), ("02/03/2017", ""), 0),
    ] {
        let mut store = Store::new();
        store.import(roster(0, before.0, before.1));
        let summary = store.plan(roster(5_000, after.0, after.1)).summary;
        assert_eq!(summary.renumbered_students, count, "{before:?} {after:?}");
        assert_eq!(held_for(&summary).contains(&Counted::Renumbered), count > 0);
        assert_eq!(summary.to_string().contains("come under another SIS id"), count > 0);
    }
}

#[test]
fn one_mended_number_is_everyday_work_and_who_comes_back_is_nobody_else() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let files = Files::good().replaced("students.csv", "2,12,", "2,99,").replaced(
        "enrollments.csv",
        "C2,12",
        "C2,99",
    );
    let summary = store.import(files.accepted());
    assert_eq!(summary.renumbered_students, 1);
    assert!(!held_for(&summary).contains(&Counted::Renumbered));
    let twin = Files::good().and("students.csv", "1,13,Núñez,Ana,4,02/03/2016,,,\n");
    let mut store = Store::new();
    store.import(Files::good().accepted());
    assert_eq!(store.plan(twin.accepted()).summary.renumbered_students, 0);
}

#[test]
fn contacts_that_are_given_an_id_get_new_ones_and_the_reason_is_told() {
    let roster = |ids: [&str; 2]| {
        let text = format!(
            "School_id,Student_id,Last_name,First_name,Contact_name,Contact_phone,Contact_sis_id\n\
             1,11,Poe,Al,Eva,1,{}\n2,12,Lee,Bo,Gus,2,{}\n",
            ids[0], ids[1]
        );
        Files::good().with("students.csv", text).accepted()
    };
    for (before, after, expected) in [
        (["", ""], ["K1", "K2"], Some((ContactIdReason::Given, 2))),
        (["K1", "K2"], ["", "K2"], Some((ContactIdReason::Dropped, 1))),
        (["K1", "K2"], ["K3", "K2"], Some((ContactIdReason::Changed, 1))),
        (["K1", "K2"], ["K1", "K2"], None),
    ] {
        let mut store = Store::new();
        store.import(roster(before));
        let summary = store.plan(roster(after)).summary;
        let told: Vec<_> = summary.contact_id_changes.clone().into_iter().collect();
        assert_eq!(told, Vec::from_iter(expected));
        assert_eq!(summary.to_string().contains("contacts get new ids"), expected.is_some());
    }
}
