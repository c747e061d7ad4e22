//! Resources: what they are assigned to, for whom.

use firstbell_core::roster::{Resource, RoleKind};

use crate::files::{Files, told};
use crate::store::Store;

const HEADER: &str = "Resource_id,Title,Roles,Course_number,Course_name\n";

fn imported(rows: &str) -> (Store, Vec<Resource>) {
    let snapshot = Files::good().with("resources.csv", format!("{HEADER}{rows}")).accepted();
    assert_eq!(told(&snapshot.warnings), [] as [&str; 0]);
    let mut store = Store::new();
    store.import(snapshot);
    let mut resources: Vec<Resource> = store.current.resources.values().cloned().collect();
    resources.sort_by_key(|resource| resource.id);
    (store, resources)
}

#[test]
fn roles_are_parted_by_commas_semicolons_or_spaces_and_none_means_both() {
    let both = [RoleKind::Student, RoleKind::Teacher];
    for (cell, roles) in [
        ("teacher", &both[1..]),
        ("Students", &both[..1]),
        ("teacher;student", &both[..]),
        ("\"student, teacher\"", &both[..]),
        ("student teacher", &both[..]),
        ("", &both[..]),
    ] {
        let (_, resources) = imported(&format!("R1,Atlas,{cell},,\n"));
        assert_eq!(resources[0].roles, roles, "{cell}");
    }
}

#[test]
fn a_course_is_found_by_number_by_name_or_by_both() {
    let (store, resources) =
        imported("R1,Atlas,,M4,\nR2,Map,,,Art\nR3,Globe,,M4,Math\nR3,Globe,,A,\nR4,Book,,,\n");
    let names = |resource: &Resource| -> Vec<String> {
        resource.courses.iter().map(|id| store.current.courses[id].name.clone()).collect()
    };
    let found: Vec<_> = resources.iter().map(names).collect();
    assert_eq!(found, [vec!["Math"], vec!["Art"], vec!["Math", "Art"], vec![]]);
    assert!(resources.iter().all(|resource| resource.courses.is_sorted()));
}

#[test]
fn a_district_without_the_file_has_none_and_one_that_drops_it_loses_them() {
    let (mut store, _) = imported("R1,Atlas,,,\n");
    let change = store.plan(Files::good().accepted()).change;
    assert_eq!((change.resources.removed.len(), change.bindings.len()), (1, 0));
}

#[test]
fn a_resource_keeps_its_id_when_its_title_changes() {
    let (mut store, before) = imported("R1,Atlas,,,\n");
    let files = Files::good().with("resources.csv", format!("{HEADER}R1,Atlas 2,,M4,\n"));
    store.import(files.accepted());
    let after: Vec<_> = store.current.resources.values().collect();
    assert_eq!((after[0].id, &*after[0].title), (before[0].id, "Atlas 2"));
}
