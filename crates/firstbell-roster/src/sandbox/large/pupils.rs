//! The students of the large sandbox, and which sections they are in.

use std::io;

use super::super::dice::Dice;
use super::super::family;
use super::super::pupil::{NEXT_KINDERGARTEN, Profile, Pupil};
use super::super::season::{GRADUATION, KINDERGARTEN};
use super::super::{Sheet, grade_name, names};
use super::{Large, Places, level, school_id, schools_of, section_id, student_id};

/// Every student moves one enrolment in so many days. Of eight enrolments that is one of a thousand
/// a day.
const DAYS_BETWEEN_MOVES: usize = 123;

/// Where a student is on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    school: usize,
    grade: usize,
}

impl Large {
    pub(super) fn write_students(&self, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        let mut count = 0;
        for (number, standing) in self.standings() {
            let pupil = self.pupil(number, standing);
            let places = if number % 50 == 7 { Places::Two } else { Places::One };
            let schools = schools_of(standing.school, places);
            let schools: Vec<&str> = schools.iter().map(String::as_str).collect();
            pupil.write(&schools, sheet)?;
            count += 1;
        }
        Ok(count)
    }

    /// A student's sections are neighbours in a ring of their school's: never the same one twice.
    /// Whoever moves leaves the first and takes the one after the last.
    pub(super) fn write_enrollments(&self, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        let plan = self.proportions;
        let mut count = 0;
        for (number, standing) in self.standings() {
            let mut dice = Dice::of(self.seed, 5, number);
            let school_id = school_id(standing.school);
            let student = student_id(number);
            let sections = plan.share(plan.sections, standing.school);
            let nth = number % plan.students;
            let until = (nth + 1) * plan.enrollments / plan.students;
            let wanted = (until - nth * plan.enrollments / plan.students).min(sections.len());
            let start = dice.below(sections.len()) + self.moves(number);
            for nth in 0..wanted {
                let section = sections.start + (start + nth) % sections.len().max(1);
                sheet.row(&[school_id.as_str(), &section_id(section), &student])?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// How often a student has moved until the day.
    fn moves(&self, number: usize) -> usize {
        let mut dice = Dice::of(self.seed, 15, number);
        (self.day as usize + dice.below(DAYS_BETWEEN_MOVES)) / DAYS_BETWEEN_MOVES
    }

    /// Who is there on the day, by number, and where. The new pupils of Kindergarten have the
    /// numbers of those who were there a year ago, and as many more as there were students.
    fn standings(&self) -> impl Iterator<Item = (usize, Standing)> {
        let students = self.proportions.students;
        let here = (0..students).filter_map(|number| Some((number, self.standing(number)?)));
        let new = (0..students).filter_map(move |number| {
            let standing = self.opening(number);
            let is_new = self.day >= KINDERGARTEN && standing.grade == 0;
            is_new.then_some((students + number, standing))
        });
        here.chain(new)
    }

    /// Where a student is on the first day.
    fn opening(&self, number: usize) -> Standing {
        let school = self.proportions.school_of(number, self.proportions.students);
        let (_, low, high) = level(school);
        Standing { school, grade: low + number % (high - low + 1) }
    }

    /// Where a student of the first day is on this one, unless they have graduated. Schools come in
    /// groups of five, and the last two of a group take who has outgrown the others.
    fn standing(&self, number: usize) -> Option<Standing> {
        let Standing { school, grade } = self.opening(number);
        if self.day < GRADUATION {
            return Some(Standing { school, grade });
        }
        let (_, _, highest) = level(school);
        let school = match (grade < highest, school % 5) {
            (true, _) => school,
            (false, 0..=2) => school - school % 5 + 3,
            (false, 3) => school + 1,
            (false, _) => return None,
        };
        (school < self.proportions.schools).then_some(Standing { school, grade: grade + 1 })
    }

    fn pupil(&self, number: usize, standing: Standing) -> Pupil {
        let seed = self.seed;
        let mut dice = Dice::of(seed, 1, number);
        let mut pupil = if number < self.proportions.students {
            Pupil::of_grade(self.opening(number).grade, &mut dice)
        } else {
            Pupil::graduating(NEXT_KINDERGARTEN, &mut dice)
        };
        let (first, last) = names::name(&mut dice);
        pupil.grade = grade_name(standing.grade);
        pupil.profile = Profile::of(seed, number, pupil.language);
        pupil.contacts = family::contacts(seed, number);
        pupil.id = student_id(number);
        pupil.number = format!("{}", 500_000 + number);
        first.0.clone_into(&mut pupil.first);
        last.0.clone_into(&mut pupil.last);
        pupil.username = format!("{}.{}{number}", first.1, last.1);
        pupil.email = format!("{}@students.ada.example", pupil.username);
        pupil
    }
}
