//! What the planner is told of the tables, once, with the schema (`docs/decisions/0014`): as if there
//! were ten large districts, each with a year of changes. It plans the same everywhere then, in a store
//! that is still empty too. `ANALYZE` would count every index from end to end, however few rows it may
//! look at, while logins wait; and it would believe for ever what a table had on the day of an import.

use rusqlite::Connection;

use crate::error::StoreError;

/// Table, index, and how many rows there are: in all, and then on average for the first column of the
/// index, the first two, and so on (SQLite: `fileformat2.html`, 2.6.3). A primary key goes
/// by the name of its table where that is clustered, and by `sqlite_autoindex_…` elsewhere.
const SIZES: &[(&str, &str, &str)] = &[
    ("bindings", "bindings", "1800000 180000 18000 1"),
    ("contact_students", "contact_students", "960000 96000 2 2 1"),
    ("contact_students", "contact_students_by_student", "960000 2 2"),
    ("contact_students", "contact_students_closed", "100000 10000 1000"),
    ("contacts", "sqlite_autoindex_contacts_1", "900000 90000 2 1"),
    ("contacts", "contacts_by_role", "900000 2 2"),
    ("contacts", "contacts_closed", "100000 10000 1000"),
    ("courses", "courses", "2000 200 2 1"),
    ("courses", "courses_closed", "200 20 2"),
    ("enrollments", "enrollments", "4600000 460000 18 2 1"),
    ("enrollments", "enrollments_by_student", "4600000 9 9"),
    ("enrollments", "enrollments_closed", "500000 50000 5000"),
    ("resource_courses", "resource_courses", "1500 150 2 2 1"),
    ("resource_courses", "resource_courses_by_course", "1500 2 2"),
    ("resource_courses", "resource_courses_closed", "200 20 2"),
    ("resources", "resources", "1200 120 2 1"),
    ("resources", "resources_closed", "200 20 2"),
    ("role_schools", "role_schools", "670000 67000 2 2 2 1"),
    ("role_schools", "role_schools_by_school", "670000 67000 670 2"),
    ("role_schools", "role_schools_closed", "100000 10000 1000"),
    ("schools", "sqlite_autoindex_schools_1", "1000 100 2 1"),
    ("schools", "schools_closed", "200 20 2"),
    ("section_teachers", "section_teachers", "290000 29000 2 2 1"),
    ("section_teachers", "section_teachers_by_role", "290000 4 4"),
    ("section_teachers", "section_teachers_closed", "30000 3000 300"),
    ("sections", "sqlite_autoindex_sections_1", "260000 26000 2 1"),
    ("sections", "sections_by_school", "260000 26000 260 2"),
    ("sections", "sections_closed", "30000 3000 300"),
    ("terms", "terms", "40 4 2 1"),
    ("terms", "terms_closed", "40 4 2"),
    ("user_roles", "sqlite_autoindex_user_roles_1", "650000 65000 2 2 1"),
    ("user_roles", "user_roles_by_role", "650000 2 2 2 2 1"),
    ("user_roles", "user_roles_rare", "90000 9000 3000 2"),
    ("user_roles", "user_roles_closed", "100000 10000 1000"),
    ("users", "users", "650000 65000 2 1"),
    ("users", "users_closed", "100000 10000 1000"),
];

/// Tells the planner all of it, and nothing else. Connections that are opened later know it, and those
/// that are open as soon as the schema changes.
pub(crate) fn tell_planner(connection: &Connection) -> Result<(), StoreError> {
    // Makes the tables where they are missing: nobody else may.
    const HEED: &str = "ANALYZE sqlite_schema";
    connection.execute_batch(HEED)?;
    connection.execute_batch("DELETE FROM sqlite_stat1; DELETE FROM sqlite_stat4")?;
    let mut tell =
        connection.prepare("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)")?;
    for size in SIZES {
        tell.execute(*size)?;
    }
    connection.execute_batch(HEED)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::roster::tables::{BINDINGS, VERSIONED};
    use crate::{Backend, Store};

    #[test]
    fn the_planner_is_told_of_every_index_of_a_roster() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("store.db");
        let store = Store::open(Backend::Sqlite { path: path.clone() }).expect("a store");
        store.migrate().expect("a schema");
        let link = Connection::open(path).expect("a connection");
        let names = |sql: &str| -> BTreeSet<(String, String, i64)> {
            let mut names = link.prepare(sql).expect("a statement");
            let rows = names.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            rows.expect("rows").collect::<Result<_, _>>().expect("rows")
        };
        let told = names(
            "SELECT tbl, idx, length(stat) - length(replace(stat, ' ', '')) FROM sqlite_stat1",
        );
        assert_eq!(told.len(), SIZES.len());
        let tables = VERSIONED.iter().chain(&[&BINDINGS]).map(|table| table.name);
        let mut there = BTreeSet::new();
        for table in tables {
            // The primary key of a clustered table goes by the name of the table.
            there.extend(names(&format!(
                "SELECT '{table}', CASE WHEN l.origin = 'pk' AND s.wr THEN '{table}' ELSE l.name END,
                        (SELECT COUNT(*) FROM pragma_index_info(l.name))
                 FROM pragma_index_list('{table}') l JOIN pragma_table_list('{table}') s"
            )));
        }
        assert_eq!(told, there);
    }
}
