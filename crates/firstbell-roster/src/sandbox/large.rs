//! The large sandbox: as many people as a district of a large city, for measuring, or a state.
//! Everything is computed from its number, so that nothing is held and the files can be written
//! one by one.

use std::io;
use std::ops::Range;

mod classes;
mod pupils;

use super::dice::Dice;
use super::{DISTRICT_PLACE, LARGE_STUDENTS, STATE_STUDENTS, Sheet, grade_name, names};
use crate::source::RosterFile;

/// A large sandbox on a day of its school year.
#[derive(Debug, Clone, Copy)]
pub(super) struct Large {
    pub proportions: Proportions,
    pub seed: u64,
    /// School days since the first one.
    pub day: u32,
}

impl Large {
    /// Writes one file; returns how many records it holds.
    pub fn write(self, file: RosterFile, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        let Self { proportions, seed, .. } = self;
        match file {
            RosterFile::Schools => proportions.write_schools(sheet),
            RosterFile::Students => self.write_students(sheet),
            RosterFile::Teachers => proportions.write_teachers(seed, sheet),
            RosterFile::Staff => proportions.write_staff(seed, sheet),
            RosterFile::Sections => self.write_sections(sheet),
            RosterFile::Enrollments => self.write_enrollments(sheet),
            RosterFile::Resources => self.write_resources(sheet),
            RosterFile::Admins | RosterFile::OneRoster(_) => Ok(0),
        }
    }
}

/// How many of each there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proportions {
    schools: usize,
    students: usize,
    teachers: usize,
    staff: usize,
    sections: usize,
    enrollments: usize,
}

/// The enrolments of a large sandbox of [`LARGE_STUDENTS`].
const LARGE_ENROLLMENTS: usize = 460_000;

/// The enrolments of a state of [`STATE_STUDENTS`]: with its contacts twelve million rows.
const STATE_ENROLLMENTS: usize = 9_580_000;

/// The grades of a school, by what kind of school it is.
const LEVELS: [(&str, usize, usize); 3] = [("Elementary", 0, 5), ("Middle", 6, 8), ("High", 9, 12)];

impl Proportions {
    /// Those of a district with so many students.
    pub fn of_district(students: u32) -> Self {
        Self::of(students as usize, (LARGE_ENROLLMENTS, LARGE_STUDENTS as usize))
    }

    /// Those of a state with so many students.
    pub fn of_state(students: u32) -> Self {
        Self::of(students as usize, (STATE_ENROLLMENTS, STATE_STUDENTS as usize))
    }

    fn of(students: usize, (enrollments, enrolled): (usize, usize)) -> Self {
        let scaled = |of_all: usize| of_all * students / LARGE_STUDENTS as usize;
        let schools = scaled(100).max(1);
        // Every school has somebody to teach and enough sections for a student's day.
        let sections = scaled(25_843).max(10 * schools);
        Self {
            schools,
            students,
            teachers: scaled(8_412).max(schools),
            staff: 4 * schools,
            sections,
            enrollments: enrollments * students / enrolled,
        }
    }

    /// Which of `count` things belong to a school, when they are dealt out in order.
    fn share(&self, count: usize, school: usize) -> Range<usize> {
        let start = |school: usize| (school * count).div_ceil(self.schools);
        start(school)..start(school + 1)
    }

    /// The school that thing number `of count` belongs to.
    fn school_of(&self, number: usize, count: usize) -> usize {
        number * self.schools / count.max(1)
    }

    fn write_schools(&self, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for school in 0..self.schools {
            let (level, low, high) = level(school);
            let id = school_id(school);
            let cells: [&str; 14] = [
                &id,
                &format!("{level} School {}", school + 1),
                &format!("{}", 1_000 + school),
                "",
                &grade_name(low),
                &grade_name(high),
                "To be named",
                &format!("principal.{id}@ada.example"),
                &format!("School Street {}", school + 1),
                DISTRICT_PLACE,
                "",
                "",
                "",
                if school % 3 == 0 { "Cogs" } else { "" },
            ];
            sheet.row(&cells)?;
        }
        Ok(self.schools)
    }

    /// One of twenty-five teaches at two schools.
    fn write_teachers(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for number in 0..self.teachers {
            let mut dice = Dice::of(seed, 2, number);
            let (first, last) = names::name(&mut dice);
            let username = format!("{}.{}.t{number}", first.1, last.1);
            let places = if number % 25 == 3 { Places::Two } else { Places::One };
            let password = names::password(&mut dice);
            for school in schools_of(self.school_of(number, self.teachers), places) {
                let cells: [&str; 11] = [
                    &school,
                    &teacher_id(number),
                    &format!("{}", 70_000 + number),
                    &format!("{username}@ada.example"),
                    first.0,
                    "",
                    last.0,
                    "Teacher",
                    &username,
                    &password,
                    if number % 2 == 0 { "" } else { "21" },
                ];
                sheet.row(&cells)?;
            }
        }
        Ok(self.teachers)
    }

    /// Every twentieth is a district administrator, and the one after works at two schools.
    fn write_staff(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for number in 0..self.staff {
            let mut dice = Dice::of(seed, 3, number);
            let (first, last) = names::name(&mut dice);
            let username = format!("{}.{}.s{number}", first.1, last.1);
            let password = names::password(&mut dice);
            let is_admin = number % 20 == 0;
            let places = if number % 20 == 1 { Places::Two } else { Places::One };
            let schools = schools_of(self.school_of(number, self.staff), places);
            for school in if is_admin { vec![String::new()] } else { schools } {
                let cells: [&str; 10] = [
                    &school,
                    &format!("S{number:05}"),
                    &format!("{username}@ada.example"),
                    first.0,
                    last.0,
                    if is_admin { "District office" } else { "Office" },
                    if is_admin { "Director" } else { "Clerk" },
                    if is_admin { "District Admin" } else { "Staff" },
                    &username,
                    &password,
                ];
                sheet.row(&cells)?;
            }
        }
        Ok(self.staff)
    }
}

/// At how many schools somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Places {
    One,
    Two,
}

/// The ids of the schools of somebody who is at this one, and perhaps at the one before it too,
/// whose id is the smaller one. The primary school comes first.
fn schools_of(school: usize, places: Places) -> Vec<String> {
    let second = school.checked_sub(1).filter(|_| places == Places::Two);
    [school].into_iter().chain(second).map(school_id).collect()
}

fn level(school: usize) -> (&'static str, usize, usize) {
    LEVELS.get([0, 0, 0, 1, 2].get(school % 5).copied().unwrap_or(0)).copied().unwrap_or_default()
}

fn school_id(number: usize) -> String {
    format!("{}", 100 + number)
}

fn student_id(number: usize) -> String {
    format!("{}", 1_000_000 + number)
}

fn teacher_id(number: usize) -> String {
    format!("T{number:05}")
}

fn section_id(number: usize) -> String {
    format!("{}", 300_000 + number)
}
