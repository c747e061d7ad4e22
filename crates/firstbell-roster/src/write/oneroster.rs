//! A OneRoster 1.2 export (CSV tables), `bulk` throughout. A person is one user with their roles, and
//! every `sourcedId` is the id that Firstbell gives the record, the same as in its other interfaces.
//!
//! What the tables have no place for stands in columns `metadata.firstbell.*`, which the reader of
//! such files takes back ([`crate::oneroster`]):
//!
//! | Column | |
//! |---|---|
//! | `sis_id` | the record's id in the district's systems |
//! | `known_by` | `sis_id`, or `content` where it has none there |
//! | `unnamed` | `true` where a name had to be made up, because the table wants one |
//! | a wire name | a detail of a school or class |
//! | kind of role, `.`, wire name | a detail of a user's role |
//! | `contacts`, `whole_name`, `phone_type`, `relationship`, `contact_type` | of contacts |
//! | `rank` | of a role's schools, which is the first |

use std::collections::{BTreeMap, BTreeSet};

use firstbell_core::roster::{Details, District};

use super::grid::Grid;
use super::{Outgoing, Target, Written};
use crate::oneroster::OneRosterFile;
use crate::snapshot::SEPARATOR;
use crate::table::MOST_KEY_BYTES;

mod offerings;
mod people;
mod users;

pub use people::{contact_word, role_word, said_of_origin};
pub use users::cut_name;

/// Writes a roster as OneRoster 1.2 has it.
///
/// # Errors
/// When the roster cannot be read or the files not be written.
pub fn write<O: Outgoing>(
    roster: &mut O,
    district: &District,
    target: &mut Target,
) -> Result<Written, O::Error> {
    use OneRosterFile as F;
    let mut written = Written::default();
    table(roster, target, F::Manifest, manifest)?;
    let columns =
        more_columns(roster, F::Orgs, |roster, take| offerings::orgs(roster, district, take))?;
    table_of(columns, roster, target, F::Orgs, |roster, take| {
        offerings::orgs(roster, district, &mut |cells| {
            written.schools += u64::from(cells.get("type").is_some_and(|kind| kind == "school"));
            take(cells)
        })
    })?;
    table(roster, target, F::AcademicSessions, offerings::sessions)?;
    table(roster, target, F::Courses, |roster, take| offerings::courses(roster, district, take))?;
    let plain = users::PlainColumns::of(roster)?;
    let rows = |roster: &mut O, take: Take<'_, O::Error>| users::rows(roster, &plain, take);
    let columns = more_columns(roster, F::Users, rows)?;
    table_of(columns, roster, target, F::Users, rows)?;
    table(roster, target, F::Roles, |roster, take| {
        people::roles(roster, district, &mut written, take)
    })?;
    table(roster, target, F::Demographics, people::demographics)?;
    let columns = more_columns(roster, F::Classes, offerings::classes)?;
    table_of(columns, roster, target, F::Classes, offerings::classes)?;
    table(roster, target, F::Enrollments, |roster, take| {
        people::enrollments(roster, &mut written, take)
    })?;
    table(roster, target, F::Resources, |roster, take| {
        offerings::resources(roster, &mut written, take)
    })?;
    table(roster, target, F::CourseResources, offerings::course_resources)?;
    Ok(written)
}

/// Cells of one row by the names of their columns.
type Cells = BTreeMap<String, String>;

/// Where rows go.
type Take<'t, E> = &'t mut dyn FnMut(&Cells) -> Result<(), E>;

/// Writes a file that has the columns of its table and no others.
fn table<O: Outgoing>(
    roster: &mut O,
    target: &mut Target,
    file: OneRosterFile,
    rows: impl FnOnce(&mut O, Take<'_, O::Error>) -> Result<(), O::Error>,
) -> Result<(), O::Error> {
    table_of(header(file), roster, target, file, rows)
}

/// Writes a file that has these columns.
fn table_of<O: Outgoing>(
    columns: Vec<String>,
    roster: &mut O,
    target: &mut Target,
    file: OneRosterFile,
    rows: impl FnOnce(&mut O, Take<'_, O::Error>) -> Result<(), O::Error>,
) -> Result<(), O::Error> {
    target.file(file.name(), |out| {
        let mut grid = Grid::begin(out, columns)?;
        rows(roster, &mut |cells| {
            for (name, value) in cells {
                grid.put(name, value);
            }
            Ok(grid.end_row()?)
        })
    })
}

/// The columns of a table, and those that some of these rows fill.
fn more_columns<O: Outgoing>(
    roster: &mut O,
    file: OneRosterFile,
    rows: impl FnOnce(&mut O, Take<'_, O::Error>) -> Result<(), O::Error>,
) -> Result<Vec<String>, O::Error> {
    let mut columns = header(file);
    let known: BTreeSet<String> = columns.iter().cloned().collect();
    let mut more = BTreeSet::new();
    rows(roster, &mut |cells| {
        for name in cells.keys() {
            if !known.contains(name) && !more.contains(name) {
                more.insert(name.clone());
            }
        }
        Ok(())
    })?;
    columns.extend(more);
    Ok(columns)
}

/// The columns of a table in 1.2: all of them must be there, whether they are filled or not.
fn header(file: OneRosterFile) -> Vec<String> {
    let is_of_one_one = |name: &str| {
        file == OneRosterFile::Users
            && ["orgSourcedIds", "role", "resourceSourcedIds"].contains(&name)
    };
    let names = file.columns().iter().map(|column| column.name);
    names.filter(|name| !is_of_one_one(name)).map(str::to_owned).collect()
}

fn manifest<O: Outgoing>(_: &mut O, take: Take<'_, O::Error>) -> Result<(), O::Error> {
    const ABSENT: [&str; 8] = [
        "categories",
        "classResources",
        "lineItems",
        "lineItemLearningObjectiveIds",
        "results",
        "scoreScales",
        "userProfiles",
        "userResources",
    ];
    let mut say =
        |name: &str, value: &str| take(&filled([("propertyName", name), ("value", value)]));
    say("manifest.version", "1.0")?;
    say("oneroster.version", "1.2")?;
    let is_there = |file: &OneRosterFile| {
        !matches!(file, OneRosterFile::Manifest | OneRosterFile::ClassResources)
    };
    for file in OneRosterFile::ALL.into_iter().filter(is_there) {
        say(&format!("file.{}", file.name().trim_end_matches(".csv")), "bulk")?;
    }
    for absent in ABSENT {
        say(&format!("file.{absent}"), "absent")?;
    }
    say("source.systemName", "Firstbell")?;
    say("source.systemCode", "firstbell")
}

/// A row with these cells; empty ones are left out.
fn filled<'c>(cells: impl IntoIterator<Item = (&'c str, &'c str)>) -> Cells {
    let cells = cells.into_iter().filter(|(_, value)| !value.is_empty());
    cells.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Puts a record's id in the district's systems beside ours.
fn put_key(cells: &mut Cells, key: Option<&str>) {
    match key {
        None => {}
        Some(key) if key.contains(SEPARATOR) => {
            put(cells, "metadata.firstbell.known_by", "content");
        }
        Some(key) => put(cells, "metadata.firstbell.sis_id", key),
    }
}

fn put(cells: &mut Cells, name: &str, value: &str) {
    if !value.is_empty() {
        cells.insert(name.to_owned(), value.to_owned());
    }
}

/// Puts a detail where the table has no place for it: under `metadata.firstbell.` and this prefix.
fn put_detail(cells: &mut Cells, prefix: &str, name: &str, value: &str) {
    put(cells, &format!("metadata.firstbell.{prefix}{name}"), value);
}

/// The column that a detail of the district's own has everywhere, if it can have it.
fn plain_extension(name: &str) -> Option<String> {
    let own = name.strip_prefix("ext.")?;
    let is_ours = own.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("firstbell"));
    (!is_ours).then(|| format!("metadata.{own}"))
}

/// Puts details that no column of a school's or class's table has.
fn put_place_details(cells: &mut Cells, details: &Details, is_told: impl Fn(&str) -> bool) {
    for (name, value) in details.iter().filter(|(name, _)| !is_told(name)) {
        match plain_extension(name) {
            Some(column) => put(cells, &column, value),
            None => put_detail(cells, "", name, value),
        }
    }
}

/// Whether a text can stand where the tables have ids and names.
fn is_short(text: &str) -> bool {
    text.len() <= MOST_KEY_BYTES && !text.chars().any(char::is_control)
}

/// A grade in the words of the Common Education Data Standards; None where they have none for it.
pub fn common_grade(grade: &str) -> Option<&'static str> {
    const GRADES: [(&str, &str); 21] = [
        ("InfantToddler", "IT"),
        ("Preschool", "PR"),
        ("PreKindergarten", "PK"),
        ("TransitionalKindergarten", "TK"),
        ("Kindergarten", "KG"),
        ("1", "01"),
        ("2", "02"),
        ("3", "03"),
        ("4", "04"),
        ("5", "05"),
        ("6", "06"),
        ("7", "07"),
        ("8", "08"),
        ("9", "09"),
        ("10", "10"),
        ("11", "11"),
        ("12", "12"),
        ("13", "13"),
        ("PostGraduate", "PS"),
        ("Ungraded", "UG"),
        ("Other", "Other"),
    ];
    GRADES.into_iter().find(|(known, _)| *known == grade).map(|(_, code)| code)
}
