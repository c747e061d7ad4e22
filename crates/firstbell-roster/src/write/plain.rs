//! The CSV dialect: `schools.csv` and the files beside it, each with all columns that the dialect
//! has but the password, and the `ext.` columns that some record of it fills.

use std::collections::{BTreeSet, HashMap};

use firstbell_core::id::{CourseId, SchoolId, TermId};
use firstbell_core::roster::{Course, Details, RoleKind, Term};
use firstbell_core::sharing::Classroom;

use super::grid::Grid;
use super::{Among, Outgoing, Target, Written, each};
use crate::columns::{Meaning, SECTION_TEACHERS};
use crate::source::RosterFile;

mod people;

/// Writes a roster as the CSV dialect has it. What it has no column for is left out: the ids of terms
/// and courses, the eleventh teacher of a section, and names of contacts in parts, which become one.
///
/// # Errors
/// When the roster cannot be read or the files not be written.
pub fn write<O: Outgoing>(roster: &mut O, target: &mut Target) -> Result<Written, O::Error> {
    let mut written = Written::default();
    let schools = schools(roster, target, &mut written)?;
    for file in [RosterFile::Students, RosterFile::Teachers, RosterFile::Staff] {
        people::write(roster, target, (file, &schools), &mut written)?;
    }
    let offerings = Offerings::read(roster, schools)?;
    sections(roster, target, &offerings, &mut written)?;
    enrollments(roster, target, &offerings, &mut written)?;
    resources(roster, target, &offerings, &mut written)?;
    Ok(written)
}

/// The ids of schools in the district's systems.
type SchoolIds = HashMap<SchoolId, String>;

/// What sections refer to.
struct Offerings {
    schools: SchoolIds,
    terms: HashMap<TermId, Term>,
    courses: HashMap<CourseId, Course>,
}

impl Offerings {
    fn read<O: Outgoing>(roster: &mut O, schools: SchoolIds) -> Result<Self, O::Error> {
        let mut offerings = Self { schools, terms: HashMap::new(), courses: HashMap::new() };
        each(roster, O::terms, |_, term| {
            offerings.terms.insert(term.record.id, term.record);
            Ok(())
        })?;
        each(roster, O::courses, |_, course| {
            offerings.courses.insert(course.record.id, course.record);
            Ok(())
        })?;
        Ok(offerings)
    }

    fn school(&self, school: SchoolId) -> &str {
        self.schools.get(&school).map_or("", String::as_str)
    }
}

/// The columns of a file and these, which some record fills.
fn header(file: RosterFile, extensions: BTreeSet<String>) -> Vec<String> {
    let known = file.columns().iter().map(|column| column.name).filter(|name| *name != "Password");
    known.map(str::to_owned).chain(extensions).collect()
}

fn note_extensions(extensions: &mut BTreeSet<String>, details: &Details) {
    for name in details.keys().filter(|name| name.starts_with("ext.")) {
        if !extensions.contains(name) {
            extensions.insert(name.to_owned());
        }
    }
}

fn put_details(grid: &mut Grid<'_>, file: RosterFile, details: &Details) {
    for column in file.columns() {
        if let Meaning::Detail(wire_name, _) = column.meaning
            && let Some(value) = details.get(wire_name)
        {
            grid.put(column.name, value);
        }
    }
    for (name, value) in details.iter().filter(|(name, _)| name.starts_with("ext.")) {
        grid.put(name, value);
    }
}

fn schools<O: Outgoing>(
    roster: &mut O,
    target: &mut Target,
    written: &mut Written,
) -> Result<SchoolIds, O::Error> {
    let file = RosterFile::Schools;
    let mut extensions = BTreeSet::new();
    let mut ids = HashMap::new();
    each(roster, O::schools, |_, school| {
        note_extensions(&mut extensions, &school.details);
        ids.insert(school.id, school.sis_id);
        Ok(())
    })?;
    target.file(file.name(), |out| {
        let mut grid = Grid::begin(out, header(file, extensions))?;
        each(roster, O::schools, |_, school| {
            grid.put("School_id", &school.sis_id);
            grid.put("School_name", &school.name);
            grid.put("School_number", &school.number);
            put_details(&mut grid, file, &school.details);
            written.schools += 1;
            Ok(grid.end_row()?)
        })
    })?;
    Ok(ids)
}

fn sections<O: Outgoing>(
    roster: &mut O,
    target: &mut Target,
    offerings: &Offerings,
    written: &mut Written,
) -> Result<(), O::Error> {
    let file = RosterFile::Sections;
    let mut extensions = BTreeSet::new();
    each(roster, O::sections, |_, room| {
        note_extensions(&mut extensions, &room.section.details);
        Ok(())
    })?;
    target.file(file.name(), |out| {
        let mut grid = Grid::begin(out, header(file, extensions))?;
        each(roster, O::sections, |roster, room| {
            let ids = roster.sis_ids(&room.teachers)?;
            let Classroom { section, primary, teachers, .. } = room;
            grid.put("School_id", offerings.school(section.school));
            grid.put("Section_id", &section.sis_id);
            let teachers = teachers.iter().filter_map(|teacher| ids.get(&teacher.role));
            // The first column is the primary teacher's, in whose place nobody stands.
            let columns = SECTION_TEACHERS.into_iter().skip(usize::from(primary.is_none()));
            for (column, teacher) in columns.zip(teachers) {
                grid.put(column, teacher);
            }
            grid.put("Name", &section.name);
            if let Some(course) = section.course.and_then(|id| offerings.courses.get(&id)) {
                grid.put("Course_name", &course.name);
                grid.put("Course_number", &course.number);
            }
            if let Some(term) = section.term.and_then(|id| offerings.terms.get(&id)) {
                grid.put("Term_name", &term.name);
                grid.put("Term_start", term.start_date.as_deref().unwrap_or_default());
                grid.put("Term_end", term.end_date.as_deref().unwrap_or_default());
            }
            let period = section.details.get("period");
            grid.put("Period", period.unwrap_or_default());
            put_details(&mut grid, file, &section.details);
            written.sections += 1;
            Ok(grid.end_row()?)
        })
    })
}

fn enrollments<O: Outgoing>(
    roster: &mut O,
    target: &mut Target,
    offerings: &Offerings,
    written: &mut Written,
) -> Result<(), O::Error> {
    let file = RosterFile::Enrollments;
    target.file(file.name(), |out| {
        let mut grid = Grid::begin(out, header(file, BTreeSet::new()))?;
        each(roster, O::sections, |roster, room| {
            let ids = roster.sis_ids(&room.students)?;
            for student in room.students.iter().filter_map(|student| ids.get(&student.role)) {
                grid.put("School_id", offerings.school(room.section.school));
                grid.put("Section_id", &room.section.sis_id);
                grid.put("Student_id", student);
                grid.end_row()?;
                written.enrollments += 1;
            }
            Ok(())
        })
    })
}

fn resources<O: Outgoing>(
    roster: &mut O,
    target: &mut Target,
    offerings: &Offerings,
    written: &mut Written,
) -> Result<(), O::Error> {
    let file = RosterFile::Resources;
    target.file(file.name(), |out| {
        let mut grid = Grid::begin(out, header(file, BTreeSet::new()))?;
        each(roster, O::resources, |_, resource| {
            let roles: Vec<_> = resource.roles.iter().map(|kind| kind.name()).collect();
            let known: Vec<_> =
                resource.courses.iter().filter_map(|id| offerings.courses.get(id)).collect();
            // One that is assigned to no course has a row all the same.
            for row in 0..known.len().max(1) {
                grid.put("Resource_id", &resource.sis_id);
                grid.put("Title", &resource.title);
                grid.put("Roles", &roles.join(","));
                if let Some(course) = known.get(row) {
                    grid.put("Course_number", &course.number);
                    grid.put("Course_name", &course.name);
                }
                grid.end_row()?;
            }
            written.resources += 1;
            Ok(())
        })
    })
}

/// Whose rows a file of people has, in this order.
const fn kinds(file: RosterFile) -> &'static [RoleKind] {
    match file {
        RosterFile::Students => &[RoleKind::Student],
        RosterFile::Teachers => &[RoleKind::Teacher],
        RosterFile::Staff => &[RoleKind::Staff, RoleKind::DistrictAdmin],
        _ => &[],
    }
}

/// Gives everybody with a role of a file to `take`.
fn each_person<O: Outgoing>(
    roster: &mut O,
    file: RosterFile,
    mut take: impl FnMut(
        &mut O,
        &firstbell_core::roster::change::RosterPerson,
        &firstbell_core::roster::Role,
    ) -> Result<(), O::Error>,
) -> Result<(), O::Error> {
    for &kind in kinds(file) {
        let page = |roster: &mut O, after| roster.people(Among::In(kind), after);
        each(roster, page, |roster, person| match person.user.role(kind) {
            Some(role) => take(roster, &person, role),
            None => Ok(()),
        })?;
    }
    Ok(())
}
