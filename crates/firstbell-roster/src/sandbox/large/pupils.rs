//! The students of the large sandbox, and which sections they are in.

use std::io;

use super::super::dice::Dice;
use super::super::family;
use super::super::pupil::{Profile, Pupil};
use super::super::{Sheet, names};
use super::{Places, Proportions, level, school_id, schools_of, section_id, student_id};

impl Proportions {
    pub(super) fn write_students(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for number in 0..self.students {
            let school = self.school_of(number, self.students);
            let (_, low, high) = level(school);
            let pupil = pupil(number, low + number % (high - low + 1), seed);
            let places = if number % 50 == 7 { Places::Two } else { Places::One };
            let schools = schools_of(school, places);
            let schools: Vec<&str> = schools.iter().map(String::as_str).collect();
            pupil.write(&schools, sheet)?;
        }
        Ok(self.students)
    }

    pub(super) fn write_enrollments(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
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
                sheet.row(&[school_id.as_str(), &section_id(section), &student])?;
                count += 1;
            }
        }
        Ok(count)
    }
}

fn pupil(number: usize, grade: usize, seed: u64) -> Pupil {
    let mut dice = Dice::of(seed, 1, number);
    let mut pupil = Pupil::of_grade(grade, &mut dice);
    let (first, last) = names::name(&mut dice);
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
