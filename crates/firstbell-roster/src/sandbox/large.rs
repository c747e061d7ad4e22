//! The large sandbox: as many people as a district of a large city, for measuring. Everything is
//! computed from its number, so that nothing is held and the files can be written one by one.

use std::io;
use std::ops::Range;

use super::dice::Dice;
use super::pupil::Pupil;
use super::{DISTRICT_PLACE, LARGE_STUDENTS, names};
use crate::sheet::Sheet;
use crate::source::RosterFile;

/// Writes one file; returns how many records it holds.
pub(super) fn write(
    file: RosterFile,
    students: u32,
    seed: u64,
    sheet: &mut Sheet<'_>,
) -> io::Result<usize> {
    let plan = Proportions::of(students as usize);
    match file {
        RosterFile::Schools => plan.write_schools(sheet),
        RosterFile::Students => plan.write_students(seed, sheet),
        RosterFile::Teachers => plan.write_teachers(seed, sheet),
        RosterFile::Staff => plan.write_staff(seed, sheet),
        RosterFile::Sections => plan.write_sections(seed, sheet),
        RosterFile::Enrollments => plan.write_enrollments(seed, sheet),
        RosterFile::Resources | RosterFile::OneRoster(_) => Ok(0),
    }
}

/// How many of each there are.
struct Proportions {
    schools: usize,
    students: usize,
    teachers: usize,
    staff: usize,
    sections: usize,
    enrollments: usize,
}

/// The grades of a school, by what kind of school it is.
const LEVELS: [(&str, usize, usize); 3] = [("Elementary", 0, 5), ("Middle", 6, 8), ("High", 9, 12)];

const COURSES: [(&str, &str); 12] = [
    ("Mathematics", "math"),
    ("Reading", "english/language arts"),
    ("Science", "science"),
    ("History", "social studies"),
    ("Spanish", "language"),
    ("Homeroom", "homeroom/advisory"),
    ("Reading Lab", "interventions/online learning"),
    ("Robotics", "technology and engineering"),
    ("Physical Education", "PE and health"),
    ("Music", "arts and music"),
    ("Art", "arts and music"),
    ("Study Hall", "other"),
];

impl Proportions {
    fn of(students: usize) -> Self {
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
            enrollments: scaled(460_000),
        }
    }

    /// Which of `count` things belong to a school, when they are dealt out in order.
    fn share(&self, count: usize, school: usize) -> Range<usize> {
        let start = |school: usize| (school * count).div_ceil(self.schools);
        start(school)..start(school + 1)
    }

    /// The school that thing `number` of `count` belongs to.
    fn school_of(&self, number: usize, count: usize) -> usize {
        number * self.schools / count.max(1)
    }

    fn write_schools(&self, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for school in 0..self.schools {
            let (level, low, high) = level(school);
            let id = school_id(school);
            sheet.row(&[
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
            ])?;
        }
        Ok(self.schools)
    }

    fn write_students(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for number in 0..self.students {
            let mut dice = Dice::of(seed, 1, number);
            let school = self.school_of(number, self.students);
            let (_, low, high) = level(school);
            let mut pupil = Pupil::of_grade(low + number % (high - low + 1), &mut dice);
            let (first, last) = names::name(&mut dice);
            pupil.id = student_id(number);
            pupil.number = format!("{}", 500_000 + number);
            first.0.clone_into(&mut pupil.first);
            last.0.clone_into(&mut pupil.last);
            pupil.username = format!("{}.{}{number}", first.1, last.1);
            pupil.email = format!("{}@students.ada.example", pupil.username);
            pupil.write(&school_id(school), sheet)?;
        }
        Ok(self.students)
    }

    fn write_teachers(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for number in 0..self.teachers {
            let mut dice = Dice::of(seed, 2, number);
            let (first, last) = names::name(&mut dice);
            let username = format!("{}.{}.t{number}", first.1, last.1);
            sheet.row(&[
                &school_id(self.school_of(number, self.teachers)),
                &teacher_id(number),
                &format!("{}", 70_000 + number),
                &format!("{username}@ada.example"),
                first.0,
                "",
                last.0,
                "Teacher",
                &username,
                &names::password(&mut dice),
            ])?;
        }
        Ok(self.teachers)
    }

    /// Every twentieth is a district administrator.
    fn write_staff(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for number in 0..self.staff {
            let mut dice = Dice::of(seed, 3, number);
            let (first, last) = names::name(&mut dice);
            let username = format!("{}.{}.s{number}", first.1, last.1);
            let is_admin = number % 20 == 0;
            let school = school_id(self.school_of(number, self.staff));
            sheet.row(&[
                if is_admin { "" } else { &school },
                &format!("S{number:05}"),
                &format!("{username}@ada.example"),
                first.0,
                last.0,
                if is_admin { "District office" } else { "Office" },
                if is_admin { "Director" } else { "Clerk" },
                if is_admin { "District Admin" } else { "Staff" },
                &username,
                &names::password(&mut dice),
            ])?;
        }
        Ok(self.staff)
    }

    fn write_sections(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for number in 0..self.sections {
            let mut dice = Dice::of(seed, 4, number);
            let school = self.school_of(number, self.sections);
            let mine = self.share(self.sections, school);
            let teachers = self.share(self.teachers, school);
            // Teachers are dealt out too, so that everyone has three sections or so.
            let nth = (number - mine.start) * teachers.len() / mine.len().max(1);
            let teacher = teachers.start + nth;
            let other = teachers.start + (nth + 1) % teachers.len().max(1);
            let has_other = other != teacher && dice.below(10) == 0;
            let (course, subject) = dice.pick(&COURSES).copied().unwrap_or_default();
            let (_, low, high) = level(school);
            let grade = low + dice.below(high - low + 1);
            let period = (1 + dice.below(8)).to_string();
            let term = [
                ["2026-2027", "08/17/2026", "06/11/2027"],
                ["Fall 2026", "08/17/2026", "12/18/2026"],
                ["Spring 2027", "01/05/2027", "06/11/2027"],
            ];
            let [term, start, end] = dice.pick(&term).copied().unwrap_or_default();
            sheet.row(&[
                &school_id(school),
                &section_id(number),
                &teacher_id(teacher),
                &if has_other { teacher_id(other) } else { String::new() },
                &format!("{course} {}, period {period}", grade_name(grade)),
                &format!("{}", number - mine.start + 1),
                &grade_name(grade),
                &format!("{course} {}", grade_name(grade)),
                &format!("{}{grade:02}", course.get(..3).unwrap_or(course).to_uppercase()),
                &period,
                subject,
                term,
                start,
                end,
            ])?;
        }
        Ok(self.sections)
    }

    fn write_enrollments(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        let mut count = 0;
        for number in 0..self.students {
            let mut dice = Dice::of(seed, 5, number);
            let school = self.school_of(number, self.students);
            let school_id = school_id(school);
            let student = student_id(number);
            let sections = self.share(self.sections, school);
            let until = (number + 1) * self.enrollments / self.students;
            let wanted = (until - number * self.enrollments / self.students).min(sections.len());
            // Neighbours in a ring of the school's sections: never the same one twice.
            let start = dice.below(sections.len());
            for nth in 0..wanted {
                let section = sections.start + (start + nth) % sections.len().max(1);
                sheet.row(&[&school_id, &section_id(section), &student])?;
                count += 1;
            }
        }
        Ok(count)
    }
}

fn level(school: usize) -> (&'static str, usize, usize) {
    LEVELS.get([0, 0, 0, 1, 2].get(school % 5).copied().unwrap_or(0)).copied().unwrap_or_default()
}

fn grade_name(grade: usize) -> String {
    if grade == 0 { "Kindergarten".to_owned() } else { grade.to_string() }
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
