//! The sections of the large sandbox, and what there is to learn with in them.

use std::io;

use super::super::dice::Dice;
use super::super::{Sheet, grade_name};
use super::{Proportions, level, school_id, section_id, teacher_id};

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

const TERMS: [[&str; 3]; 3] = [
    ["2026-2027", "08/17/2026", "06/11/2027"],
    ["Fall 2026", "08/17/2026", "12/18/2026"],
    ["Spring 2027", "01/05/2027", "06/11/2027"],
];

/// What chance decides of a section.
struct Class {
    has_other_teacher: bool,
    course: &'static str,
    subject: &'static str,
    grade: usize,
    period: usize,
    term: [&'static str; 3],
    /// The district does not say for which grade it is.
    is_gradeless: bool,
    has_third_teacher: bool,
}

impl Class {
    fn course_name(&self) -> String {
        format!("{} {}", self.course, grade_name(self.grade))
    }

    fn course_number(&self) -> String {
        format!("{}{:02}", self.course.get(..3).unwrap_or(self.course).to_uppercase(), self.grade)
    }
}

impl Proportions {
    fn class(&self, number: usize, seed: u64) -> Class {
        let mut dice = Dice::of(seed, 4, number);
        let has_other_teacher = dice.below(10) == 0;
        let (course, subject) = dice.pick(&COURSES).copied().unwrap_or_default();
        let (_, low, high) = level(self.school_of(number, self.sections));
        let grade = low + dice.below(high - low + 1);
        let period = 1 + dice.below(8);
        let term = dice.pick(&TERMS).copied().unwrap_or_default();
        let mut dice = Dice::of(seed, 14, number);
        // Of forty terms one has no dates, and one is not said.
        let term = match dice.below(40) {
            0 => ["All year", "", ""],
            1 => [""; 3],
            _ => term,
        };
        let is_gradeless = dice.below(12) == 0;
        let has_third_teacher = has_other_teacher && dice.below(4) == 0;
        Class {
            has_other_teacher,
            course,
            subject,
            grade,
            period,
            term,
            is_gradeless,
            has_third_teacher,
        }
    }

    pub(super) fn write_sections(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        for number in 0..self.sections {
            let class = self.class(number, seed);
            let school = self.school_of(number, self.sections);
            let mine = self.share(self.sections, school);
            let [teacher, second, third] = self.teachers_of(number, &class);
            let period = class.period.to_string();
            let grade = grade_name(class.grade);
            let [term, start, end] = class.term;
            let cells: [&str; 16] = [
                &school_id(school),
                &section_id(number),
                &teacher,
                &second,
                &third,
                &format!("{} {grade}, period {period}", class.course),
                &format!("{}", number - mine.start + 1),
                if class.is_gradeless { "" } else { &grade },
                &class.course_name(),
                &class.course_number(),
                &period,
                class.subject,
                term,
                start,
                end,
                if number % 4 == 0 { "" } else { "B-7" },
            ];
            sheet.row(&cells)?;
        }
        Ok(self.sections)
    }

    /// Teachers are dealt out too, so that everyone has three sections or so.
    fn teachers_of(&self, number: usize, class: &Class) -> [String; 3] {
        let school = self.school_of(number, self.sections);
        let mine = self.share(self.sections, school);
        let teachers = self.share(self.teachers, school);
        let first = (number - mine.start) * teachers.len() / mine.len().max(1);
        let nth = |nth: usize, is_there: bool| {
            if is_there && nth < teachers.len() {
                teacher_id(teachers.start + (first + nth) % teachers.len().max(1))
            } else {
                String::new()
            }
        };
        [nth(0, true), nth(1, class.has_other_teacher), nth(2, class.has_third_teacher)]
    }

    /// A handful, each for the courses of some sections.
    pub(super) fn write_resources(&self, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        let roles = ["student", "teacher", "student,teacher", ""];
        let resources = 12.min(self.sections);
        for number in 0..resources {
            // One of four is for no course, one for one.
            let sections: &[usize] = match number % 4 {
                0 => &[0],
                3 => &[],
                _ => &[0, 1],
            };
            let courses = sections.iter().map(|nth| {
                let class = self.class((number + nth * resources) % self.sections, seed);
                (class.course_number(), class.course_name())
            });
            let none = sections.is_empty().then(|| (String::new(), String::new()));
            for (course_number, course_name) in courses.chain(none) {
                let cells: [&str; 5] = [
                    &format!("R{number:02}"),
                    &format!("Learning Kit {}", number + 1),
                    roles.get(number % roles.len()).copied().unwrap_or_default(),
                    &course_number,
                    &course_name,
                ];
                sheet.row(&cells)?;
            }
        }
        Ok(resources)
    }
}
