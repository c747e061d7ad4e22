//! The sections of the large sandbox, and what there is to learn with in them.

use std::io;

use super::super::dice::Dice;
use super::super::season::{Season, Term};
use super::super::{Sheet, grade_name};
use super::{Large, level, school_id, section_id, teacher_id};

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

/// What chance decides of a section.
struct Class {
    has_other_teacher: bool,
    course: &'static str,
    subject: &'static str,
    grade: usize,
    period: usize,
    term: Term,
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

impl Large {
    fn class(&self, number: usize) -> Class {
        let plan = self.proportions;
        let mut dice = Dice::of(self.seed, 4, number);
        let has_other_teacher = dice.below(10) == 0;
        let (course, subject) = dice.pick(&COURSES).copied().unwrap_or_default();
        let (_, low, high) = level(plan.school_of(number, plan.sections));
        let grade = low + dice.below(high - low + 1);
        let period = 1 + dice.below(8);
        let term = dice.pick(&[Term::Year, Term::Fall, Term::Spring]).copied().unwrap_or_default();
        let mut dice = Dice::of(self.seed, 14, number);
        // Of forty terms one has no dates, and one is not said.
        let term = match dice.below(40) {
            0 => Term::Undated,
            1 => Term::Unsaid,
            _ => term,
        };
        let is_gradeless = dice.below(12) == 0;
        let has_third_teacher = has_other_teacher && dice.below(4) == 0;
        let (term, (course, subject)) = if self.season() == Season::Spring && term == Term::Fall {
            // The id is taken again, for another course.
            let mut dice = Dice::of(self.seed, 16, number);
            (Term::Spring, dice.pick(&COURSES).copied().unwrap_or_default())
        } else {
            (term, (course, subject))
        };
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

    fn season(&self) -> Season {
        Season::of(self.day)
    }

    pub(super) fn write_sections(&self, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        let plan = self.proportions;
        for number in 0..plan.sections {
            let class = self.class(number);
            let school = plan.school_of(number, plan.sections);
            let mine = plan.share(plan.sections, school);
            let [teacher, second, third] = self.teachers_of(number, &class);
            let period = class.period.to_string();
            let grade = grade_name(class.grade);
            let [term, start, end] = self.season().cells(class.term);
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
        Ok(plan.sections)
    }

    /// Teachers are dealt out too, so that everyone has three sections or so.
    fn teachers_of(&self, number: usize, class: &Class) -> [String; 3] {
        let plan = self.proportions;
        let school = plan.school_of(number, plan.sections);
        let mine = plan.share(plan.sections, school);
        let teachers = plan.share(plan.teachers, school);
        let first = (number - mine.start) * teachers.len() / mine.len().max(1);
        let nth = |nth: usize| {
            let is_there = match nth {
                0 => true,
                1 => class.has_other_teacher,
                _ => class.has_third_teacher,
            };
            let teacher = || teacher_id(teachers.start + (first + nth) % teachers.len());
            (is_there && nth < teachers.len()).then(teacher).unwrap_or_default()
        };
        [nth(0), nth(1), nth(2)]
    }

    /// A handful, each for the courses of some sections.
    pub(super) fn write_resources(&self, sheet: &mut Sheet<'_>) -> io::Result<usize> {
        let roles = ["student", "teacher", "student,teacher", ""];
        let sections_in_all = self.proportions.sections;
        let resources = 12.min(sections_in_all);
        for number in 0..resources {
            // One of four is for no course, one for one.
            let sections: &[usize] = match number % 4 {
                0 => &[0],
                3 => &[],
                _ => &[0, 1],
            };
            let courses = sections.iter().map(|nth| {
                let class = self.class((number + nth * resources) % sections_in_all);
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
