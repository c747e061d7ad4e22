//! How SQLite looks for what a statement asks for, in a store in which nothing is yet: as in a full one.

use std::collections::BTreeMap;

use firstbell_store::testing::statements;
use firstbell_store::{Backend, Store};

/// Tables of a roster in which a district has many rows.
const LARGE: [&str; 8] = [
    "contact_students",
    "contacts",
    "enrollments",
    "role_schools",
    "section_teachers",
    "sections",
    "user_roles",
    "users",
];

/// The names of everybody in a district, which a person of it looks through.
const WANTS_ALL: &str = "SELECT u.id, u.first_name, u.middle_name, u.last_name FROM districts d";

#[test]
fn nobody_is_looked_for_among_all_of_a_district() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("store.db");
    let store = Store::open(Backend::Sqlite { path: path.clone() }).expect("a store");
    store.migrate().expect("a schema");
    let link = rusqlite::Connection::open(path).expect("a connection");
    let mut looked_at = 0;
    for sql in statements::shared().iter().filter(|sql| sql.contains(" JOIN ")) {
        let large = aliases(sql);
        let mut plan = link.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        let count = plan.parameter_count();
        let values = rusqlite::params_from_iter((0..count).map(|_| "1"));
        let steps = plan.query_map(values, |row| row.get::<_, String>(3)).expect("steps");
        for step in steps.map(|step| step.expect("a step")) {
            let mut words = step.split(' ');
            let (how, of) = (words.next().expect("a verb"), words.next().unwrap_or_default());
            if !large.contains_key(of) {
                continue;
            }
            looked_at += 1;
            let is_all = how != "SEARCH" || step.ends_with("(district_id=?)");
            assert_eq!(is_all, sql.starts_with(WANTS_ALL), "{step}, of {large:?}, for {sql}");
        }
    }
    assert!(looked_at > 50, "only {looked_at} looks into large tables");
}

/// By what names a statement calls the large tables.
fn aliases(sql: &str) -> BTreeMap<&str, &str> {
    let words: Vec<_> = sql.split_whitespace().collect();
    let named = words.windows(2).filter_map(|two| match two {
        [table, alias] if LARGE.contains(table) => Some((alias.trim_matches([',', ')']), *table)),
        _ => None,
    });
    named.collect()
}
