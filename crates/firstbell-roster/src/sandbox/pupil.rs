//! A student's row, as both sandboxes write it.

use std::io;

use super::dice::Dice;
use super::names;
use crate::sheet::Sheet;

/// A student of a sandbox.
#[derive(Debug, Clone, Default)]
pub(super) struct Pupil {
    pub id: String,
    pub number: String,
    pub first: String,
    pub middle: String,
    pub last: String,
    pub grade: String,
    pub gender: &'static str,
    pub graduation_year: String,
    pub birthday: String,
    pub language: &'static str,
    pub learns_english: &'static str,
    pub email: String,
    pub username: String,
    pub password: String,
    pub bus: String,
}

/// The calendar year in which the sandbox's school year ends.
const SCHOOL_YEAR_END: usize = 2027;

impl Pupil {
    /// What chance decides of a student of this grade (0 is Kindergarten).
    pub fn of_grade(grade: usize, dice: &mut Dice) -> Self {
        let born = SCHOOL_YEAR_END - 6 - grade;
        let language = dice.word(LANGUAGES);
        Self {
            middle: dice.word(MIDDLE_NAMES).to_owned(),
            grade: if grade == 0 { "Kindergarten".to_owned() } else { grade.to_string() },
            gender: dice.word(&["F", "M", "F", "M", "F", "M", "X"]),
            graduation_year: (SCHOOL_YEAR_END + 12 - grade).to_string(),
            birthday: format!("{:02}/{:02}/{born}", 1 + dice.below(12), 1 + dice.below(28)),
            language,
            learns_english: if language == "English" { "N" } else { dice.word(&["Y", "N"]) },
            password: names::password(dice),
            bus: dice.word(&["", "", "Blue 1", "Blue 2", "Green 4", "Red 7"]).to_owned(),
            ..Self::default()
        }
    }

    /// Writes the student's row at a school.
    pub fn write(&self, school: &str, sheet: &mut Sheet<'_>) -> io::Result<()> {
        sheet.row(&[
            school,
            &self.id,
            &self.number,
            &self.last,
            &self.middle,
            &self.first,
            &self.grade,
            self.gender,
            &self.graduation_year,
            &self.birthday,
            self.language,
            self.learns_english,
            &self.email,
            &self.username,
            &self.password,
            &self.bus,
        ])
    }
}

const LANGUAGES: &[&str] = &[
    "English",
    "English",
    "English",
    "English",
    "Spanish",
    "Spanish",
    "Arabic",
    "Chinese",
    "Vietnamese",
    "Somali",
];

const MIDDLE_NAMES: &[&str] =
    &["", "", "", "Ada", "Grace", "Jun", "María", "Noor", "Rae", "Sage", "Tove", "Lee"];
