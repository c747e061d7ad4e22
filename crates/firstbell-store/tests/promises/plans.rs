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

/// The statements that have these words in them, each with the steps in which it is carried out.
fn plans(words: &str) -> Vec<(String, Vec<String>)> {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("store.db");
    let store = Store::open(Backend::Sqlite { path: path.clone() }).expect("a store");
    store.migrate().expect("a schema");
    let link = rusqlite::Connection::open(path).expect("a connection");
    let steps = |sql: &str| {
        let mut plan = link.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        let count = plan.parameter_count();
        let values = rusqlite::params_from_iter((0..count).map(|_| "1"));
        let steps = plan.query_map(values, |row| row.get(3)).expect("steps");
        steps.collect::<Result<_, _>>().expect("steps")
    };
    let found = statements::shared().into_iter().filter(|sql| sql.contains(words));
    found.map(|sql| (steps(&sql), sql)).map(|(steps, sql)| (sql, steps)).collect()
}

#[test]
fn nobody_is_looked_for_among_all_of_a_district() {
    let mut looked_at = 0;
    for (sql, steps) in &plans(" JOIN ") {
        let large = aliases(sql);
        for step in steps {
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

#[test]
fn only_events_of_the_kinds_that_are_asked_for_are_read() {
    let pages = plans("|| verb ||");
    assert_eq!(pages.len(), 2, "up and down: {pages:?}");
    for (sql, steps) in pages {
        let steps = steps.join("\n");
        for (table, index) in [("events", "COVERING INDEX events_by_kind"), ("e", "PRIMARY KEY")] {
            assert!(steps.contains(&format!("SEARCH {table} USING {index}")), "{sql}: {steps}");
        }
        assert!(steps.contains("kind=? AND id>? AND id<?"), "{sql}: {steps}");
    }
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
