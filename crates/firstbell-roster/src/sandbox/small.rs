//! The small sandbox: three schools, the people of [`super::people`], and enough others that a
//! class has company.

use std::io;

mod adults;
mod classes;
mod script;
mod students;

use super::people::{CHLOE_BENOIT, PRIYA_RAMAN};
use super::season::Season;
use super::{DISTRICT_PLACE, Sheet};
use crate::source::RosterFile;
use adults::Teacher;
use classes::Class;
pub(super) use script::SCRIPT;
use students::Attending;

/// Kindergarten to grade 5. Shared in the demo.
const ELEMENTARY: &str = "101";
/// Grades 6 to 8. Shared in the demo.
const MIDDLE: &str = "102";
/// Grades 9 to 12. Not shared in the demo.
const HIGH: &str = "103";

/// Writes one file as it is on a day; returns how many records it holds.
pub(super) fn write(
    file: RosterFile,
    (seed, day): (u64, u32),
    sheet: &mut Sheet<'_>,
) -> io::Result<usize> {
    let district = District::on(seed, day);
    match file {
        RosterFile::Schools => write_schools(sheet),
        RosterFile::Students => students::write(&district.students, sheet),
        RosterFile::Teachers => adults::write_teachers(&district.teachers, sheet),
        RosterFile::Staff => adults::write_staff(sheet),
        RosterFile::Sections => classes::write(&district.classes, Season::of(day), sheet),
        RosterFile::Enrollments => district.write_enrollments(sheet),
        RosterFile::Resources => write_resources(sheet),
        RosterFile::Admins | RosterFile::OneRoster(_) => Ok(0),
    }
}

/// The district, as its files are written from it.
struct District {
    seed: u64,
    students: Vec<Attending>,
    teachers: Vec<Teacher>,
    classes: Vec<Class>,
    placements: Vec<Placement>,
}

/// Somebody who is in a section that is not of their grade, or not in one that is.
struct Placement {
    student: &'static str,
    class: &'static str,
    is: Placed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placed {
    In,
    Out,
}

impl District {
    /// As it is on a day: as it was on the first one, and what has happened since.
    fn on(seed: u64, day: u32) -> Self {
        let mut district = Self {
            seed,
            students: students::opening(seed),
            teachers: adults::teachers(seed),
            classes: classes::opening(),
            placements: vec![
                Placement { student: PRIYA_RAMAN.sis_id, class: "2101", is: Placed::In },
                Placement { student: CHLOE_BENOIT.sis_id, class: "2006", is: Placed::In },
            ],
        };
        for happening in SCRIPT.iter().filter(|happening| happening.day <= day) {
            district.play(happening.day);
        }
        district
    }

    fn is_in(&self, class: &Class, student: &Attending) -> bool {
        let is_of_both = |placement: &&Placement| {
            placement.class == class.id && placement.student == student.pupil.id
        };
        match self.placements.iter().rfind(is_of_both) {
            Some(placement) => placement.is == Placed::In,
            None => {
                student.schools.contains(&class.school)
                    && student.grade.is_some_and(|grade| class.grades.contains(&grade))
            }
        }
    }

    fn write_enrollments(&self, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        let mut count = 0;
        for class in &self.classes {
            for student in self.students.iter().filter(|student| self.is_in(class, student)) {
                sheet.row(&[class.school, class.id, &student.pupil.id])?;
                count += 1;
            }
        }
        Ok(count)
    }
}

fn write_schools(sheet: &mut Sheet<'_>) -> io::Result<usize> {
    let schools = [
        [ELEMENTARY, "Analytical Engine Elementary", "Kindergarten", "5", "Babbage Street 1"],
        [MIDDLE, "Difference Engine Middle", "6", "8", "Jacquard Lane 12"],
        [HIGH, "Bernoulli High", "9", "12", "Note G Avenue, North"],
    ];
    for [id, name, low, high, address] in schools {
        let number = format!("10{id}");
        let principal_email = format!("principal.{id}@ada.example");
        let mascot = if id == MIDDLE { "Cogs" } else { "" };
        let cells: [&str; 14] = [
            id,
            name,
            &number,
            "",
            low,
            high,
            "To be named",
            &principal_email,
            address,
            DISTRICT_PLACE,
            "",
            "",
            "",
            mascot,
        ];
        sheet.row(&cells)?;
    }
    Ok(schools.len())
}

/// For students, for teachers, for both and for whoever; of a course by its number, by its name,
/// by both, of two courses, and of none.
const RESOURCES: [[&str; 5]; 8] = [
    ["R1", "Ada Reader", "student", "R4", "Reading 4"],
    ["R2", "Number Talks, for teachers", "teacher", "M4", ""],
    ["R2", "Number Talks, for teachers", "teacher", "M5", ""],
    ["R3", "Robot Workshop", "student,teacher", "", "Robotics"],
    ["R4", "District Handbook", "teacher", "", ""],
    ["R5", "Fractions at Home", "student", "M4", "Math 4"],
    ["R6", "Graphing Calculator", "", "ALG2", "Algebra II"],
    ["R6", "Graphing Calculator", "", "STAT", "Statistics"],
];

fn write_resources(sheet: &mut Sheet<'_>) -> io::Result<usize> {
    for row in RESOURCES {
        sheet.row(&row)?;
    }
    let mut ids: Vec<&str> = RESOURCES.iter().map(|[id, ..]| *id).collect();
    ids.dedup();
    Ok(ids.len())
}
