//! A student's rows, as both sandboxes write them: one for each school or contact, whichever are
//! more, the primary school first.

use std::io;

use super::dice::Dice;
use super::family::Contact;
use super::{DISTRICT_PLACE, Sheet, grade_name, names};

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
    pub profile: Profile,
    pub contacts: Vec<Contact>,
}

/// The calendar year in which the sandbox's school year ends.
const SCHOOL_YEAR_END: usize = 2027;

/// When those graduate who begin in the year after.
pub(super) const NEXT_KINDERGARTEN: usize = SCHOOL_YEAR_END + 13;

impl Pupil {
    /// What chance decides of a student of this grade (0 is Kindergarten) on the first day.
    pub fn of_grade(grade: usize, dice: &mut Dice) -> Self {
        let pupil = Self::graduating(SCHOOL_YEAR_END + 12 - grade, dice);
        Self { grade: grade_name(grade), ..pupil }
    }

    /// What chance decides of a student who will graduate in this year.
    pub fn graduating(year: usize, dice: &mut Dice) -> Self {
        let born = year - 18;
        let language = dice.word(LANGUAGES);
        Self {
            middle: dice.word(MIDDLE_NAMES).to_owned(),
            gender: dice.word(&["F", "M", "F", "M", "F", "M", "X"]),
            graduation_year: year.to_string(),
            birthday: format!("{:02}/{:02}/{born}", 1 + dice.below(12), 1 + dice.below(28)),
            language,
            learns_english: if language == "English" { "N" } else { dice.word(&["Y", "N"]) },
            password: names::password(dice),
            bus: dice.word(&["", "", "Blue 1", "Blue 2", "Green 4", "Red 7"]).to_owned(),
            ..Self::default()
        }
    }

    /// Writes the student's rows.
    pub fn write(&self, schools: &[&str], sheet: &mut Sheet<'_>) -> io::Result<()> {
        let nobody = Contact::default();
        let Some(primary) = schools.first() else { return Ok(()) };
        for nth in 0..schools.len().max(self.contacts.len()) {
            let school = schools.get(nth).unwrap_or(primary);
            self.write_row(school, self.contacts.get(nth).unwrap_or(&nobody), sheet)?;
        }
        Ok(())
    }

    fn write_row(&self, school: &str, contact: &Contact, sheet: &mut Sheet<'_>) -> io::Result<()> {
        let profile = &self.profile;
        let [disability, disability_type, disability_code] = profile.disability;
        let has_address = !profile.street.is_empty();
        let address = |part: &'static str| if has_address { part } else { "" };
        let cells: [&str; 33] = [
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
            &profile.state_id,
            profile.race,
            profile.hispanic,
            profile.language_code,
            profile.lunch,
            profile.special_education,
            profile.section_504,
            profile.gifted,
            disability,
            disability_type,
            disability_code,
            profile.preferred_first,
            &profile.street,
            address(DISTRICT_PLACE),
            address("OR"),
            address("97000"),
            &profile.locker,
        ];
        let contact = contact.cells();
        sheet.row(&[&cells[..], &contact[..]].concat())
    }
}

/// Demographics and what is sensitive; empty where the school does not say.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    state_id: String,
    race: &'static str,
    hispanic: &'static str,
    language_code: &'static str,
    lunch: &'static str,
    special_education: &'static str,
    section_504: &'static str,
    gifted: &'static str,
    disability: [&'static str; 3],
    preferred_first: &'static str,
    street: String,
    locker: String,
}

impl Profile {
    /// What is known of student `number` who speaks this language: of a third of them nothing.
    pub fn of(seed: u64, number: usize, language: &str) -> Self {
        let mut dice = Dice::of(seed, 10, number);
        let nothing = dice.word(NOTHING);
        if dice.below(3) == 0 {
            return Self { race: nothing, gifted: nothing, ..Self::default() };
        }
        let code = LANGUAGE_CODES.iter().find(|(name, _)| *name == language);
        let disability = match dice.below(8) {
            0 => dice.pick(DISABILITIES).copied().unwrap_or_default(),
            1 => ["", nothing, ""],
            _ => ["N", "", ""],
        };
        let special_education = if disability.contains(&"Y") { "Y" } else { "N" };
        Self {
            state_id: dice.pick(&["", "OR"]).map_or_else(String::new, |state| match *state {
                "" => nothing.to_owned(),
                state => format!("{state}{}", 4_000_000 + number),
            }),
            race: dice.pick(RACES).copied().unwrap_or_default(),
            hispanic: dice.word(&["Y", "N", "N", "N", ""]),
            language_code: code.map_or(nothing, |(_, code)| *code),
            lunch: dice.word(&["Free", "Reduced", "Paid", "Paid", "Other", ""]),
            special_education,
            section_504: dice.word(&["Y", "N", "N", "N", "N", ""]),
            gifted: dice.word(&["Y", "N", "N", "N", "N", " "]),
            disability,
            preferred_first: dice.word(&["", "", "", "", "", "", "Sky", "Alex", "Bo"]),
            street: match dice.below(3) {
                0 => String::new(),
                _ => format!("Loom Road {}, Apt {}", 1 + dice.below(200), 1 + dice.below(30)),
            },
            locker: match dice.below(2) {
                0 => nothing.to_owned(),
                _ => format!("L-{:03}", dice.below(900)),
            },
        }
    }
}

/// Two ways in which a cell says nothing.
const NOTHING: &[&str] = &["", " "];

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

/// ISO 639-3.
const LANGUAGE_CODES: &[(&str, &str)] = &[
    ("English", "eng"),
    ("Spanish", "spa"),
    ("Arabic", "ara"),
    ("Chinese", "zho"),
    ("Vietnamese", "vie"),
    ("Somali", "som"),
];

const RACES: &[&str] = &[
    "Caucasian",
    "Asian",
    "Black or African American",
    "American Indian",
    "Hawaiian or Other Pacific Islander",
    "Two or More Races",
    "Unknown",
    "",
];

const DISABILITIES: &[[&str; 3]] = &[
    ["Y", "Autism", "aut"],
    ["Y", "Specific learning disability", "sld"],
    ["Y", "Speech or language impairment", "sli"],
    ["Y", "Visual impairment", "vi"],
];

const MIDDLE_NAMES: &[&str] =
    &["", "", "", "Ada", "Grace", "Jun", "María", "Noor", "Rae", "Sage", "Tove", "Lee"];
