use std::fs;

use serde_json::json;

use super::*;

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

#[test]
fn an_object_fills_the_cells_of_its_table() {
    let class = object(&json!({
        "sourcedId": "c1", "status": "active", "title": "Math, \"honors\"", "grades": ["05", "06"],
        "course": { "href": "https://sis.example/courses/k1", "sourcedId": "k1", "type": "course" },
        "school": { "sourcedId": "s1" },
        "terms": [{ "sourcedId": "t1" }, { "sourcedId": "t2" }],
        "periods": [1, 2], "location": null, "metadata": { "room": "7" },
    }));
    for (column, value) in [
        ("sourcedId", "c1"),
        ("title", "Math, \"honors\""),
        ("grades", "05,06"),
        ("courseSourcedId", "k1"),
        ("schoolSourcedId", "s1"),
        ("termSourcedIds", "t1,t2"),
        ("periods", "1,2"),
        ("location", ""),
        ("classCode", ""),
    ] {
        assert_eq!(cell(&class, column), value, "{column}");
    }
    let user = object(&json!({
        "enabledUser": true, "orgs": [{ "sourcedId": "s1" }], "agents": [{ "sourcedId": "p1" }],
        "primaryOrg": { "sourcedId": "s1" }, "userIds": [{ "type": "LDAP", "identifier": "x" }],
    }));
    for (column, value) in [
        ("enabledUser", "true"),
        ("orgSourcedIds", "s1"),
        ("agentSourcedIds", "p1"),
        ("primaryOrgSourcedId", "s1"),
    ] {
        assert_eq!(cell(&user, column), value, "{column}");
    }
}

#[test]
fn roles_and_resources_become_rows_and_the_manifest_names_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = Tables::new(folder.path(), OneRosterVersion::OneTwo);
    for collection in [Collection::Courses, Collection::Users, Collection::Resources] {
        tables.begin(collection).unwrap();
    }
    let user = json!({ "sourcedId": "u1", "givenName": "Ana", "familyName": "Núñez", "roles": [
        { "roleType": "primary", "role": "teacher", "org": { "sourcedId": "s1" } },
        { "roleType": "secondary", "role": "aide", "org": { "sourcedId": "s2" },
          "beginDate": "2026-08-01" },
    ]});
    tables.write(Collection::Users, &[user]).unwrap();
    let course =
        json!({ "sourcedId": "k1", "title": "Math", "resources": [{ "sourcedId": "r1" }] });
    tables.write(Collection::Courses, &[course]).unwrap();
    tables.finish().unwrap();

    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let roles = read("roles.csv");
    let rows: Vec<_> = roles.lines().skip(1).collect();
    assert_eq!(
        rows,
        ["u1:0,,,u1,primary,teacher,,,s1,,", "u1:1,,,u1,secondary,aide,2026-08-01,,s2,,"]
    );
    assert!(read("courseResources.csv").ends_with("k1:r1,,,,k1,r1\n"));
    let manifest = read("manifest.csv");
    for line in
        ["oneroster.version,1.2\n", "file.users,bulk\n", "file.orgs,absent\n", "file.roles,bulk\n"]
    {
        assert!(manifest.contains(line), "{line} is not in {manifest}");
    }
}

#[test]
fn assignments_of_resources_that_a_service_does_not_tell_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = Tables::new(folder.path(), OneRosterVersion::OneOne);
    tables.begin(Collection::Courses).unwrap();
    let course =
        json!({ "sourcedId": "k1", "title": "Math", "resources": [{ "sourcedId": "r1" }] });
    tables.write(Collection::Courses, &[course]).unwrap();
    tables.finish().unwrap();
    assert!(!folder.path().join("courseResources.csv").exists());
    let manifest = fs::read_to_string(folder.path().join("manifest.csv")).unwrap();
    assert!(manifest.contains("file.courseResources,absent\n"), "{manifest}");
}

#[test]
fn what_is_no_object_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = Tables::new(folder.path(), OneRosterVersion::OneTwo);
    for (collection, item) in [
        (Collection::Orgs, json!(7)),
        (Collection::Users, json!({ "sourcedId": "u", "roles": ["teacher"] })),
    ] {
        tables.begin(collection).unwrap();
        let refused = tables.write(collection, &[item]).unwrap_err();
        assert!(matches!(refused, TablesError::NoObject(_)), "{refused}");
    }
}

#[test]
fn paths_are_those_of_the_specifications() {
    let path = |collection: Collection, version| collection.path(version);
    assert_eq!(path(Collection::Users, OneRosterVersion::OneOne), "v1p1/users");
    assert_eq!(path(Collection::Users, OneRosterVersion::OneTwo), "rostering/v1p2/users");
    assert_eq!(path(Collection::Resources, OneRosterVersion::OneTwo), "resources/v1p2/resources");
    for version in [OneRosterVersion::OneOne, OneRosterVersion::OneTwo] {
        assert_eq!(OneRosterVersion::named(version.text()), Some(version));
    }
    assert_eq!(OneRosterVersion::named("1.3"), None);
}
