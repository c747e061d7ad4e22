//! What a plan says and does.

use firstbell_core::roster::RoleKind;
use firstbell_core::roster::sync::{Counted, Impact};
use firstbell_roster::{Progress, RosterFile, SummaryKind, read};

use crate::files::{Files, rows, today};
use crate::store::{Store, held_for};

#[test]
fn the_same_roster_again_changes_nothing() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let plan = store.plan(Files::good().accepted());
    assert!(plan.change.is_empty(), "{:?}", plan.change);
    assert!(plan.summary.is_empty());
    // Passwords are offered each time: the store keeps those that are there.
    assert_eq!(plan.change.passwords.len(), 2);
}

#[test]
fn what_a_digest_says_has_not_changed_is_not_looked_at() {
    let emptied = |mut store: Store| {
        store.import(Files::good().accepted());
        assert!(!store.current.people.is_empty() && !store.current.enrollments.is_empty());
        store.current.people.clear();
        store.current.sections.clear();
        store.current.contacts.clear();
        store.current.enrollments.clear();
        store.plan(Files::good().accepted())
    };
    assert!(!emptied(Store::new()).change.is_empty(), "without digests everything is looked at");
    let plan = emptied(Store::with_digests());
    assert!(plan.change.is_empty() && plan.summary.is_empty(), "{:?}", plan.change);
    // Also then the names that people log in by are counted as theirs.
    let mut store = Store::with_digests();
    store.import(Files::good().accepted());
    let kept = store.plan(Files::good().accepted()).summary.login_names_that_stay;
    store.current.digests.clear();
    let looked_at = store.plan(Files::good().accepted()).summary.login_names_that_stay;
    assert_eq!((kept, kept > 0), (looked_at, true));
}

#[test]
fn times_and_suspension_are_not_compared() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    for person in store.current.people.values_mut() {
        person.user.suspended_since = Some(person.user.created);
        person.user.created = firstbell_core::time::Timestamp::default();
    }
    assert!(store.plan(Files::good().accepted()).change.is_empty());
}

#[test]
fn one_changed_cell_changes_one_record() {
    for (file, from, to) in [
        ("schools.csv", "North,10", "North,11"),
        ("students.csv", "2,12,", "1,12,"),
        ("students.csv", "bo,", "bob,"),
        ("students.csv", "Bo,5", "Bo,6"),
        ("teachers.csv", "tea@d", "Tea@d"),
        ("teachers.csv", "Ms", "Dr"),
        ("staff.csv", "Rivers", "Brooks"),
        ("sections.csv", "T1,T2,Math", "T2,T1,Math"),
        ("sections.csv", "M4,1,math", "M4,2,math"),
    ] {
        let mut store = Store::new();
        store.import(Files::good().accepted());
        let plan = store.plan(Files::good().replaced(file, from, to).accepted());
        let change = plan.change;
        let replaced = [
            change.schools.replaced.len(),
            change.sections.replaced.len(),
            change.people.replaced.len(),
        ];
        assert_eq!(replaced.iter().sum::<usize>(), 1, "{from} becomes {to}");
        let touched = [change.schools.len(), change.sections.len(), change.people.len()];
        assert_eq!(touched, replaced, "nothing is added or removed");
        assert!(change.bindings.is_empty() && change.rebound.is_empty());
    }
}

#[test]
fn everything_that_the_files_say_arrives() {
    let mut store = Store::new();
    let plan = store.plan(Files::good().accepted());
    let change = plan.change;
    let school = &change.schools.added[0];
    assert_eq!((&*school.sis_id, &*school.name, &*school.number), ("1", "North", "10"));
    let term = &change.terms.added[0];
    assert_eq!((&*term.name, term.start_date.as_deref()), ("Fall", Some("2026-08-17")));
    assert_eq!(change.courses.added.len(), 2);
    let [math, art] = &change.sections.added[..] else { panic!("two sections") };
    assert_eq!((&*math.name, &*art.name), ("Math 4", "Art - Period 2 - Idle"));
    assert_eq!((math.teachers.len(), art.teachers.len()), (2, 1));
    assert_eq!((math.school, math.term, art.term), (school.id, Some(term.id), None));
    assert_eq!(math.details.get("subject"), Some("math"));
    assert_eq!(math.details.get("period"), Some("1"));
    let ana = change.people.added.iter().find(|it| it.user.roles[0].sis_id == "11");
    let ana = ana.expect("a student");
    assert_eq!(ana.user.name.full(), "Ana Núñez");
    let [student] = &ana.user.roles[..] else { panic!("one role") };
    assert_eq!(student.kind, RoleKind::Student);
    let details: Vec<_> = student.details.iter().collect();
    let expected =
        [("credentials.district_username", "ana"), ("dob", "2016-02-03"), ("grade", "4")];
    assert_eq!(details, expected);
    assert_eq!(ana.schools, [(student.id, school.id)]);
    let passwords: Vec<_> = change
        .passwords
        .iter()
        .map(|given| (given.login_name.as_str(), given.password.expose()))
        .collect();
    assert_eq!(passwords, [("ana", "maple"), ("tom", "oak")]);
    assert_eq!(change.enrollments.added.len(), 2);
}

#[test]
fn extension_columns_keep_their_name_and_cells_that_look_like_formulas_their_text() {
    let files = Files::good().replaced("students.csv", "Grade,", "EXT.Bus route,").replaced(
        "students.csv",
        "Ana,4",
        "=1+1,@SUM(A1)",
    );
    let plan = Store::new().plan(files.accepted());
    let people = plan.change.people.added;
    let ana = &people.iter().find(|it| it.user.roles[0].sis_id == "11").expect("a student").user;
    assert_eq!(ana.name.first, "=1+1");
    assert_eq!(ana.roles[0].details.get("ext.Bus route"), Some("@SUM(A1)"));
}

#[test]
fn an_email_stands_in_for_a_missing_username() {
    let files = Files::good().replaced("students.csv", "ana@s.example,ana,", "ana@s.example,,");
    let plan = Store::new().plan(files.accepted());
    assert_eq!(plan.change.passwords[0].login_name, "ana@s.example");
}

#[test]
fn one_login_name_of_one_person_brings_one_password() {
    let files = Files::good().and("staff.csv", "1,S3,tom@d.example,Tom,Idle,,Staff,TOM,oak\n");
    let snapshot = files.accepted();
    assert_eq!(snapshot.warnings.total(), 0);
    let plan = Store::new().plan(snapshot);
    assert_eq!(plan.change.passwords.iter().filter(|given| given.login_name == "tom").count(), 1);
    assert_eq!(plan.change.passwords.len(), 2);
}

#[test]
fn a_login_name_that_somebody_elses_email_wants_too_brings_one_password() {
    let files = Files::good()
        .replaced("teachers.csv", "Mr,tom,oak", "Mr,tom@d.example,oak")
        .and("staff.csv", "1,S3,tom@d.example,Tom,Idle,,Staff,TOM@d.example,oak\n")
        .and("students.csv", "1,13,Poe,Al,,,tom@d.example,,ash\n");
    let plan = Store::new().plan(files.accepted());
    let passwords: Vec<_> = plan.change.passwords.iter().map(|p| p.password.expose()).collect();
    assert_eq!(passwords, ["maple", "oak"]);
}

#[test]
fn the_summary_reads_well() {
    let mut store = Store::new();
    let rows = rows(0..7, |nth| format!("1,3{nth},Poe,Al\u{202e}{nth},,,,,\n"));
    store.import(Files::good().and("students.csv", &rows).accepted());
    let files = Files::good()
        .replaced("students.csv", "Bo,5", "Bob,5")
        .replaced("schools.csv", "South", "Southern")
        .and("teachers.csv", "1,T3,New,Person,,,,\n")
        .replaced("enrollments.csv", "2,C2,12\n", "");
    let summary = store.import(files.accepted());
    assert_eq!(summary.to_string(), include_str!("summary.txt"));
}

#[test]
fn the_share_that_leaves_is_known() {
    let mut store = Store::new();
    let all = rows(0..98, |nth| format!("1,3{nth},Poe,Al,,,,,\n"));
    let full = Files::good().and("students.csv", &all);
    store.import(full.accepted());
    for (gone, asks) in [(0, false), (3, false), (10, false), (11, true), (98, true)] {
        let some = rows(gone..98, |nth| format!("1,3{nth},Poe,Al,,,,,\n"));
        let summary = store.plan(Files::good().and("students.csv", &some).accepted()).summary;
        assert_eq!(held_for(&summary) == [Counted::Students], asks, "{gone} leave");
    }
    let summary = store.plan(Files::good().accepted()).summary;
    let Impact(parts) = summary.impact();
    assert!(Counted::ALL.iter().all(|what| parts.iter().any(|part| part.what == *what)));
    let students = parts.iter().find(|part| part.what == Counted::Students).unwrap();
    assert_eq!((students.part, students.whole), (98, 100));
}

#[test]
fn a_school_that_leaves_is_never_everyday_work() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let files = Files::good()
        .replaced("schools.csv", "2,South,20\n", "")
        .replaced("students.csv", "2,12", "1,12")
        .replaced("teachers.csv", "2,T2", "1,T2")
        .replaced("sections.csv", "2,C2", "1,C2")
        .replaced("enrollments.csv", "2,C2", "1,C2");
    assert!(held_for(&store.plan(files.accepted()).summary).contains(&Counted::Schools));
}

#[test]
fn a_column_that_slipped_by_a_row_is_noticed() {
    let row = |id: usize, from: usize| format!("1,3{id},Poe{from},Al,,,a{from}@s.example,,\n");
    let rows = |slip: usize| rows(0..50, |id| row(id, id + slip));
    let mut store = Store::new();
    store.import(Files::good().and("students.csv", &rows(0)).accepted());
    let slipped = store.plan(Files::good().and("students.csv", &rows(1)).accepted()).summary;
    assert_eq!(slipped.other_name_and_email, 50);
    assert_eq!(held_for(&slipped), [Counted::Renamed, Counted::LoginNames]);
    let wedding = Files::good().and("students.csv", &rows(0)).replaced(
        "teachers.csv",
        "Moreno,tea@d",
        "Idle-Moreno,tea.idle@d",
    );
    assert_eq!(held_for(&store.plan(wedding.accepted()).summary), []);
}

/// Neither names nor addresses say that anything is wrong.
#[test]
fn login_names_that_go_to_somebody_else_are_noticed() {
    // School, Student_id, Last, First, grade, birth date, email, Username, Password.
    let rows = |slip: usize, word: &str| {
        rows(0..60, |id| format!("1,3{id},Poe{id},Al,,,,user{},{word}{}\n", id + slip, id + slip))
    };
    let files = |slip, word: &str| Files::good().and("students.csv", &rows(slip, word)).accepted();
    let mut store = Store::new();
    store.import(files(0, "secret"));
    let again = store.plan(files(0, "other")).summary;
    assert_eq!((again.login_names_that_move, held_for(&again)), (0, vec![]));
    let slipped = store.plan(files(1, "secret")).summary;
    // The first name is nobody's now, and the last one is new.
    assert_eq!(slipped.login_names_that_move, 59);
    assert_eq!((slipped.other_name_and_email, held_for(&slipped)), (0, vec![Counted::LoginNames]));
    assert!(slipped.to_string().contains("59 login names go to somebody else"), "{slipped}");

    // Case does not tell names apart, a name that was left is free, and so is a leaver's.
    let mended = |from: &str, to: &str| {
        let text = rows(0, "secret").replace(from, to);
        Files::good().and("students.csv", &text).accepted()
    };
    for (from, to) in [
        ("user7,", "USER7,"),
        ("user7,", "user700,"),
        ("user7,secret7\n", "user7,secret700\n"),
        ("1,37,Poe7", "1,999,Doe"),
    ] {
        let summary = store.plan(mended(from, to)).summary;
        assert_eq!(summary.login_names_that_move, 0, "{from} -> {to}");
    }
    // Two who change names with each other are two names, of which nobody need be asked.
    let swapped = rows(0, "secret").replace("user7,", "user-").replace("user8,", "user7,");
    let swapped = swapped.replace("user-", "user8,");
    let summary = store.plan(Files::good().and("students.csv", &swapped).accepted()).summary;
    assert_eq!((summary.login_names_that_move, held_for(&summary)), (2, vec![]));
}

/// A person with several roles has one login, whichever of them it belongs to.
#[test]
fn a_login_name_that_goes_from_one_role_of_a_person_to_another_stays_theirs() {
    let files = |teacher: &str, staff: &str| {
        let row = format!("1,S9,tea@d.example,Tea,Moreno,,Staff,{staff},\n");
        let tea = "tea@d.example,Ms,";
        let teacher = format!("{tea}{teacher},");
        Files::good().and("staff.csv", &row).replaced("teachers.csv", &format!("{tea},"), &teacher)
    };
    let mut store = Store::new();
    store.import(files("tea", "t.moreno").accepted());
    let summary = store.plan(files("t.moreno", "tea").accepted()).summary;
    assert_eq!(summary.login_names_that_move, 0);
    let summary = store
        .plan(files("tom", "t.moreno").replaced("teachers.csv", "tom,oak", "tea,oak").accepted())
        .summary;
    assert_eq!(summary.login_names_that_move, 2);
    // The role ends whose name it was, and its person stays.
    let no_more_staff = Files::good()
        .replaced("teachers.csv", "tea@d.example,Ms,", "tea@d.example,Ms,tea")
        .replaced("teachers.csv", "tom,oak", "t.moreno,oak");
    assert_eq!(store.plan(no_more_staff.accepted()).summary.login_names_that_move, 1);
}

#[test]
fn progress_goes_up_to_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = rows(1_000..11_000, |id| format!("1,{id},Poe,Al,,,,,\n"));
    Files::good().and("students.csv", &rows).write(folder.path());
    let mut reports: Vec<Progress> = Vec::new();
    read(folder.path(), today(), &mut |progress| reports.push(progress)).expect("a roster");
    assert!(reports.is_sorted_by_key(|progress| progress.bytes));
    let last = reports.last().expect("a report");
    assert_eq!((last.file, last.bytes), (RosterFile::Enrollments, last.total_bytes));
    let students: Vec<u64> = reports
        .iter()
        .filter(|progress| progress.file == RosterFile::Students)
        .map(|progress| progress.rows)
        .collect();
    assert_eq!((students.first(), students.last()), (Some(&0), Some(&10_002)));
    assert!(students.len() >= 4);
}

#[test]
fn the_first_row_of_somebody_names_their_primary_school() {
    let moved = |rows: &str| Files::good().replaced("students.csv", "2,12,Lee,Bo,5,,,bo,\n", rows);
    let row = |school: &str| format!("{school},12,Lee,Bo,5,,,bo,\n");
    let schools = |rows: &[&str]| moved(&rows.iter().map(|school| row(school)).collect::<String>());
    let three = |files: Files| files.and("schools.csv", "3,East,30\n4,West,40\n");
    let mut store = Store::new();
    store.import(three(schools(&["3", "1", "4", "2"])).accepted());
    let bo = |store: &Store| {
        let person = store.current.people.values().find(|person| person.user.name.first == "Bo");
        let schools = person.expect("Bo").schools.iter();
        schools.map(|(_, id)| store.current.schools[id].sis_id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(bo(&store), ["3", "1", "2", "4"]);
    // The order of the other rows says nothing.
    assert!(store.plan(three(schools(&["3", "2", "4", "1"])).accepted()).change.is_empty());
    let change = store.plan(three(schools(&["1", "3", "4", "2"])).accepted()).change;
    assert_eq!(change.people.replaced.len(), 1);
}

#[test]
fn a_store_may_keep_roles_and_other_schools_in_an_order_of_its_own() {
    let files = Files::good()
        .and("schools.csv", "3,East,30\n")
        .and(
            "teachers.csv",
            "1,T1,Tea,Moreno,tea@d.example,Ms,,\n3,T1,Tea,Moreno,tea@d.example,Ms,,\n",
        )
        .replaced("teachers.csv", "1,T1,Tea,Moreno", "2,T1,Tea,Moreno")
        .and("staff.csv", "3,S3,tea@d.example,Tea,Moreno,,Staff,,\n");
    let mut store = Store::new();
    store.import(files.accepted());
    for person in store.current.people.values_mut().filter(|person| person.schools.len() == 4) {
        person.schools.rotate_left(3);
        person.schools.swap(2, 3);
    }
    assert!(store.plan(files.accepted()).change.is_empty());
}

#[test]
fn a_section_is_modified_when_its_members_are_and_not_counted_as_changed() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let files = Files::good().and("enrollments.csv", "1,C1,12\n");
    let plan = store.plan(files.accepted());
    let [section] = &plan.change.sections.replaced[..] else { panic!("{:?}", plan.change) };
    assert_eq!(section.sis_id, "C1");
    assert_eq!(Some(section), store.current.sections.get(&section.id));
    let tally = plan.summary.tally(SummaryKind::Section);
    assert_eq!((tally.changed, tally.unchanged), (0, 2));

    store.import(files.accepted());
    let without = Files::good().replaced("enrollments.csv", "1,C1,11\n", "");
    let plan = store.plan(without.accepted());
    let replaced: Vec<_> = plan.change.sections.replaced.iter().map(|part| &*part.sis_id).collect();
    assert_eq!(replaced, ["C1"], "once, though two leave");
}

#[test]
fn a_section_that_changes_itself_or_leaves_or_is_new_is_named_once() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let files = Files::good()
        .replaced("sections.csv", "Math 4", "Math 5")
        .replaced("sections.csv", "2,C2,T2,,,Art,A,2,,,,\n", "2,C3,T2,,,Art,A,2,,,,\n")
        .replaced("enrollments.csv", "1,C1,11\n2,C2,12\n", "1,C1,12\n2,C3,12\n");
    let sections = store.plan(files.accepted()).change.sections;
    let counts = (sections.added.len(), sections.replaced.len(), sections.removed.len());
    assert_eq!(counts, (1, 1, 1));
    assert_eq!(sections.replaced[0].name, "Math 5");
}
