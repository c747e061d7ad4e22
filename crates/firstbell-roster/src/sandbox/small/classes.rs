//! The sections of the small sandbox.

use std::io;

use super::super::season::{Season, Term};
use super::super::{Sheet, grade_name};
use super::{ELEMENTARY, HIGH, MIDDLE};

/// A section. Who attends the school in one of the grades is in it.
pub(super) struct Class {
    pub id: &'static str,
    pub school: &'static str,
    pub teachers: Vec<&'static str>,
    pub grades: &'static [usize],
    course: (&'static str, &'static str),
    period: &'static str,
    subject: &'static str,
    term: Term,
    room: &'static str,
}

pub(super) fn class(
    (id, school, grades): (&'static str, &'static str, &'static [usize]),
    teachers: &[&'static str],
    course: (&'static str, &'static str),
    (period, subject, term): (&'static str, &'static str, Term),
) -> Class {
    let room = if school == MIDDLE { "M-12" } else { "" };
    Class { id, school, teachers: teachers.to_vec(), grades, course, period, subject, term, room }
}

/// The sections on the first day of school.
#[rustfmt::skip]
pub(super) fn opening() -> Vec<Class> {
    vec![
        class(("2001", ELEMENTARY, &[4]), &["T01"], ("Homeroom", "HR4"), ("1", "homeroom/advisory", Term::Year)),
        class(("2002", ELEMENTARY, &[4]), &["T01"], ("Math 4", "M4"), ("2", "math", Term::Year)),
        class(("2003", ELEMENTARY, &[4]), &["T01", "T03"], ("Reading 4", "R4"), ("3", "english/language arts", Term::Year)),
        class(("2004", ELEMENTARY, &[5]), &["T04"], ("Homeroom", "HR5"), ("1", "homeroom/advisory", Term::Year)),
        class(("2005", ELEMENTARY, &[5]), &["T04"], ("Math 5", "M5"), ("2", "math", Term::Year)),
        class(("2006", ELEMENTARY, &[1, 2, 3]), &["T05"], ("Homeroom", "HR1-3"), ("1", "homeroom/advisory", Term::Undated)),
        class(("2007", ELEMENTARY, &[0]), &["T05"], ("Kindergarten", "K"), ("1", "homeroom/advisory", Term::Unsaid)),
        class(("2008", ELEMENTARY, &[3, 4, 5]), &["T03"], ("Art", "ART"), ("6", "arts and music", Term::Fall)),
        class(("2009", ELEMENTARY, &[3, 4, 5]), &["T03"], ("Music", "MUS"), ("6", "arts and music", Term::Spring)),
        class(("2101", MIDDLE, &[6]), &["T06"], ("Math 6", "M6"), ("1", "math", Term::Year)),
        class(("2102", MIDDLE, &[7]), &["T06"], ("Math 7", "M7"), ("2", "math", Term::Year)),
        class(("2103", MIDDLE, &[8]), &["T06"], ("Math 8", "M8"), ("3", "math", Term::Year)),
        class(("2104", MIDDLE, &[6, 7, 8]), &["T07"], ("Earth Science", "ES"), ("4", "science", Term::Fall)),
        class(("2105", MIDDLE, &[6, 7, 8]), &["T07", "T03", "T06"], ("Robotics", "ROB"), ("4", "technology and engineering", Term::Spring)),
        class(("2201", HIGH, &[9, 10]), &["T08"], ("Algebra II", "ALG2"), ("1", "math", Term::Year)),
        class(("2202", HIGH, &[11, 12]), &["T08"], ("Statistics", "STAT"), ("2", "math", Term::Year)),
        class(("2203", HIGH, &[9, 10, 11, 12]), &["T09"], ("World History", "WH"), ("3", "social studies", Term::Fall)),
        class(("2204", HIGH, &[9, 10, 11, 12]), &["T09", "T08"], ("Biology", "BIO"), ("3", "science", Term::Spring)),
    ]
}

pub(super) fn write(classes: &[Class], season: Season, sheet: &mut Sheet<'_>) -> io::Result<usize> {
    for class in classes {
        let grade = match *class.grades {
            [only] => grade_name(only),
            _ => String::new(),
        };
        let teacher = |nth| class.teachers.get(nth).copied().unwrap_or_default();
        let name = format!("{}, period {}", class.course.0, class.period);
        let [term, start, end] = season.cells(class.term);
        let cells: [&str; 16] = [
            class.school,
            class.id,
            teacher(0),
            teacher(1),
            teacher(2),
            &name,
            class.id,
            &grade,
            class.course.0,
            class.course.1,
            class.period,
            class.subject,
            term,
            start,
            end,
            class.room,
        ];
        sheet.row(&cells)?;
    }
    Ok(classes.len())
}
