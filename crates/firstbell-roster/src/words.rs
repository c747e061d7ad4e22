//! The vocabularies of cells (the enumerations of the wire) and dates. What a spreadsheet makes
//! of a word (`01`, `kindergarten`, `yes`) is understood; a word that nobody knows becomes
//! `Other` where the vocabulary has one, else nothing, with a warning.

use std::borrow::Cow;

use firstbell_core::roster::Email;
use jiff::civil::Date;

use crate::fault::RosterFault;

/// How a passed-on cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Whatever it says.
    AsWritten,
    Grade,
    /// A grade in the words of the Common Education Data Standards, as OneRoster has them.
    CommonGrade,
    Subject,
    Gender,
    Race,
    YesOrNo,
    /// Free or reduced lunch.
    Lunch,
    DisabilityCode,
    /// Four digits.
    Year,
    /// A date; passed on as `YYYY-MM-DD`.
    Date,
    /// An address nobody logs in with.
    Email,
    /// What a contact is to a student.
    Relationship,
    /// When a contact is called.
    ContactType,
    PhoneType,
}

/// A vocabulary in which districts say whom they share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    /// Grades of students and sections.
    Grade,
    /// Subjects of sections.
    Subject,
}

impl Vocabulary {
    /// The roster's word for what somebody wrote: `Kindergarten` for `k`. None where the vocabulary
    /// has no such word.
    pub fn word(self, written: &str) -> Option<&'static str> {
        match self {
            Self::Grade => grade(written),
            Self::Subject => among(SUBJECTS, written),
        }
    }

    /// Its words, to be listed for people.
    pub fn words(self) -> String {
        let rule = match self {
            Self::Grade => Rule::Grade,
            Self::Subject => Rule::Subject,
        };
        rule.words().unwrap_or_default()
    }
}

/// A cell read by its rule: what is passed on, and what was wrong with it.
pub(crate) struct Reading<'a> {
    pub value: Cow<'a, str>,
    pub fault: Option<RosterFault>,
}

impl Rule {
    /// Reads a cell that is not empty.
    pub fn read(self, cell: &str) -> Reading<'_> {
        let (known, otherwise) = match self {
            Self::AsWritten => (Some(Cow::Borrowed(cell)), ""),
            Self::Grade => (grade(cell).map(Cow::Borrowed), "Other"),
            Self::CommonGrade => (common_grade(cell).map(Cow::Borrowed), "Other"),
            Self::Subject => (among(SUBJECTS, cell).map(Cow::Borrowed), "other"),
            Self::Gender => (among(GENDERS, cell).map(Cow::Borrowed), ""),
            Self::Race => (among(RACES, cell).map(Cow::Borrowed), ""),
            Self::YesOrNo => (among(YES_OR_NO, cell).map(Cow::Borrowed), ""),
            Self::Lunch => (among(LUNCHES, cell).map(Cow::Borrowed), "Other"),
            Self::DisabilityCode => (among(DISABILITY_CODES, cell).map(Cow::Borrowed), ""),
            Self::Year => (is_year(cell).then_some(Cow::Borrowed(cell)), ""),
            Self::Email => (cell.parse::<Email>().is_ok().then_some(Cow::Borrowed(cell)), ""),
            Self::Relationship => (among(RELATIONSHIPS, cell).map(Cow::Borrowed), "Other"),
            Self::ContactType => (among(CONTACT_TYPES, cell).map(Cow::Borrowed), "Other"),
            Self::PhoneType => (among(PHONE_TYPES, cell).map(Cow::Borrowed), "Other"),
            Self::Date => {
                let date = date(cell).map(|date| Cow::Owned(date.to_string()));
                let fault = date.is_none().then_some(RosterFault::DateMalformed);
                return Reading { value: date.unwrap_or_default(), fault };
            }
        };
        let fault = known.is_none().then_some(RosterFault::WordUnknown);
        Reading { value: known.unwrap_or(Cow::Borrowed(otherwise)), fault }
    }

    /// The words that a remedy can list, if the vocabulary has some.
    pub fn words(self) -> Option<String> {
        let list = |pairs: &[(&str, &'static str)]| {
            let mut words: Vec<&str> = Vec::new();
            for (_, word) in pairs {
                if !words.contains(word) {
                    words.push(word);
                }
            }
            words.join(", ")
        };
        match self {
            Self::Grade => Some(
                "1 to 13, Kindergarten, PreKindergarten, TransitionalKindergarten, Preschool, \
                 InfantToddler, PostGraduate, Ungraded, Other"
                    .to_owned(),
            ),
            Self::CommonGrade => Some("IT, PR, PK, TK, KG, 01 to 13, PS, UG, Other".to_owned()),
            Self::Subject => Some(list(SUBJECTS)),
            Self::Gender => Some(list(GENDERS)),
            Self::Race => Some(list(RACES)),
            Self::YesOrNo => Some(list(YES_OR_NO)),
            Self::Lunch => Some(list(LUNCHES)),
            Self::DisabilityCode => Some(list(DISABILITY_CODES)),
            Self::Relationship => Some(list(RELATIONSHIPS)),
            Self::ContactType => Some(list(CONTACT_TYPES)),
            Self::PhoneType => Some(list(PHONE_TYPES)),
            Self::Year => Some("a year with four digits".to_owned()),
            Self::Email => Some("an email address".to_owned()),
            Self::AsWritten | Self::Date => None,
        }
    }
}

/// The word that a cell means: the first of a pair is how it may be written, folded.
fn among(pairs: &[(&str, &'static str)], cell: &str) -> Option<&'static str> {
    pairs
        .iter()
        .find(|(written, word)| {
            written.eq_ignore_ascii_case(cell) || word.eq_ignore_ascii_case(cell)
        })
        .map(|&(_, word)| word)
}

const GRADES: &[(&str, &str)] = &[
    ("k", "Kindergarten"),
    ("kg", "Kindergarten"),
    ("0", "Kindergarten"),
    ("pk", "PreKindergarten"),
    ("prek", "PreKindergarten"),
    ("pre-k", "PreKindergarten"),
    ("pre-kindergarten", "PreKindergarten"),
    ("tk", "TransitionalKindergarten"),
    ("transitional kindergarten", "TransitionalKindergarten"),
    ("ps", "Preschool"),
    ("it", "InfantToddler"),
    ("pg", "PostGraduate"),
    ("post graduate", "PostGraduate"),
    ("ug", "Ungraded"),
    ("other", "Other"),
];

const NUMBERED_GRADES: [&str; 13] =
    ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"];

fn grade(cell: &str) -> Option<&'static str> {
    let number = cell.trim_start_matches('0');
    NUMBERED_GRADES.into_iter().find(|grade| *grade == number).or_else(|| among(GRADES, cell))
}

/// The words that mean something else there than where people write grades as they like: `PS` is
/// after school, not before it.
fn common_grade(cell: &str) -> Option<&'static str> {
    const GRADES: &[(&str, &str)] =
        &[("pr", "Preschool"), ("ps", "PostGraduate"), ("ab", "Other"), ("ae", "Other")];
    among(GRADES, cell).or_else(|| grade(cell))
}

const SUBJECTS: &[(&str, &str)] = &[
    ("english", "english/language arts"),
    ("language arts", "english/language arts"),
    ("ela", "english/language arts"),
    ("mathematics", "math"),
    ("science", "science"),
    ("social studies", "social studies"),
    ("history", "social studies"),
    ("language", "language"),
    ("homeroom", "homeroom/advisory"),
    ("advisory", "homeroom/advisory"),
    ("interventions", "interventions/online learning"),
    ("technology", "technology and engineering"),
    ("pe", "PE and health"),
    ("art", "arts and music"),
    ("music", "arts and music"),
    ("other", "other"),
];

const GENDERS: &[(&str, &str)] =
    &[("male", "M"), ("female", "F"), ("nonbinary", "X"), ("non-binary", "X")];

const RACES: &[(&str, &str)] = &[
    ("white", "Caucasian"),
    ("asian", "Asian"),
    ("black", "Black or African American"),
    ("african american", "Black or African American"),
    ("american indian", "American Indian"),
    ("pacific islander", "Hawaiian or Other Pacific Islander"),
    ("two or more", "Two or More Races"),
    ("multiracial", "Two or More Races"),
    ("unknown", "Unknown"),
];

const YES_OR_NO: &[(&str, &str)] =
    &[("yes", "Y"), ("true", "Y"), ("1", "Y"), ("no", "N"), ("false", "N"), ("0", "N")];

const LUNCHES: &[(&str, &str)] =
    &[("f", "Free"), ("r", "Reduced"), ("p", "Paid"), ("other", "Other")];

const DISABILITY_CODES: &[(&str, &str)] = &[
    ("autism", "aut"),
    ("db", "db"),
    ("dd", "dd"),
    ("emn", "emn"),
    ("hi", "hi"),
    ("id", "id"),
    ("md", "md"),
    ("oi", "oi"),
    ("other", "other"),
    ("ohi", "ohi"),
    ("sld", "sld"),
    ("sli", "sli"),
    ("tbi", "tbi"),
    ("vi", "vi"),
];

const RELATIONSHIPS: &[(&str, &str)] = &[
    ("mother", "Parent"),
    ("father", "Parent"),
    ("mom", "Parent"),
    ("dad", "Parent"),
    ("grandmother", "Grandparent"),
    ("grandfather", "Grandparent"),
    ("self", "Self"),
    ("aunt", "Aunt/Uncle"),
    ("uncle", "Aunt/Uncle"),
    ("brother", "Sibling"),
    ("sister", "Sibling"),
    ("guardian", "Other"),
];

const CONTACT_TYPES: &[(&str, &str)] = &[
    ("parent", "Parent/Guardian"),
    ("guardian", "Parent/Guardian"),
    ("parent or guardian", "Parent/Guardian"),
    ("emergency contact", "Emergency"),
    ("1", "Primary"),
    ("2", "Secondary"),
    ("relative", "Family"),
    ("other", "Other"),
];

const PHONE_TYPES: &[(&str, &str)] = &[
    ("mobile", "Cell"),
    ("cellphone", "Cell"),
    ("cell phone", "Cell"),
    ("house", "Home"),
    ("office", "Work"),
    ("other", "Other"),
];

fn is_year(cell: &str) -> bool {
    cell.len() == 4 && cell.bytes().all(|byte| byte.is_ascii_digit())
}

/// `MM/DD/YYYY` (also with one digit) or `YYYY-MM-DD`, between 1900 and 2199: a number of days
/// since 1900, two-digit years and the thirtieth of February are nobody's date.
pub(crate) fn date(cell: &str) -> Option<Date> {
    let (year, month, day) = if let Some((month, rest)) = cell.split_once('/') {
        let (day, year) = rest.split_once('/')?;
        (year, month, day)
    } else {
        let (year, rest) = cell.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        (year, month, day)
    };
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_year(year) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let year = year.parse().ok().filter(|year| (1900..2200).contains(year))?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(rule: Rule, cell: &str) -> (String, bool) {
        let Reading { value, fault } = rule.read(cell);
        (value.into_owned(), fault.is_none())
    }

    #[test]
    fn words_are_understood_as_people_write_them() {
        for (rule, cell, word) in [
            (Rule::Grade, "4", "4"),
            (Rule::Grade, "04", "4"),
            (Rule::Grade, "13", "13"),
            (Rule::Grade, "k", "Kindergarten"),
            (Rule::Grade, "0", "Kindergarten"),
            (Rule::Grade, "kindergarten", "Kindergarten"),
            (Rule::Grade, "PreK", "PreKindergarten"),
            (Rule::Grade, "PS", "Preschool"),
            (Rule::CommonGrade, "PS", "PostGraduate"),
            (Rule::CommonGrade, "PR", "Preschool"),
            (Rule::CommonGrade, "IT", "InfantToddler"),
            (Rule::CommonGrade, "KG", "Kindergarten"),
            (Rule::CommonGrade, "09", "9"),
            (Rule::CommonGrade, "UG", "Ungraded"),
            (Rule::Gender, "female", "F"),
            (Rule::Gender, "x", "X"),
            (
                Rule::Race,
                "hawaiian or other pacific islander",
                "Hawaiian or Other Pacific Islander",
            ),
            (Rule::YesOrNo, "Yes", "Y"),
            (Rule::YesOrNo, "n", "N"),
            (Rule::Subject, "Math", "math"),
            (Rule::Subject, "pe and health", "PE and health"),
            (Rule::Lunch, "R", "Reduced"),
            (Rule::DisabilityCode, "SLD", "sld"),
            (Rule::Relationship, "Aunt/Uncle", "Aunt/Uncle"),
            (Rule::Relationship, "Mother", "Parent"),
            (Rule::ContactType, "guardian", "Parent/Guardian"),
            (Rule::PhoneType, "MOBILE", "Cell"),
            (Rule::AsWritten, "=1+1", "=1+1"),
            (Rule::Year, "2034", "2034"),
            (Rule::Date, "2/3/2014", "2014-02-03"),
        ] {
            assert_eq!(reads(rule, cell), (word.to_owned(), true), "{cell}");
        }
    }

    #[test]
    fn words_that_nobody_knows_become_other_or_nothing() {
        for (rule, cell, word) in [
            (Rule::Grade, "14", "Other"),
            (Rule::Grade, "fourth", "Other"),
            (Rule::Subject, "Alchemy", "other"),
            (Rule::Lunch, "maybe", "Other"),
            (Rule::Relationship, "Neighbour", "Other"),
            (Rule::ContactType, "Boss", "Other"),
            (Rule::PhoneType, "Fax", "Other"),
            (Rule::Gender, "?", ""),
            (Rule::Race, "?", ""),
            (Rule::YesOrNo, "?", ""),
            (Rule::Year, "34", ""),
            (Rule::Email, "none", ""),
        ] {
            assert_eq!(reads(rule, cell), (word.to_owned(), false), "{cell}");
        }
    }

    #[test]
    fn dates_are_of_the_calendar() {
        for (cell, text) in
            [("02/29/2012", "2012-02-29"), ("2/9/2012", "2012-02-09"), ("2012-02-29", "2012-02-29")]
        {
            assert_eq!(date(cell).map(|date| date.to_string()).as_deref(), Some(text));
        }
        for cell in [
            "02/29/2013",
            "31/02/2013",
            "02/03/13",
            "41703",
            "0000-00-00",
            "2013-13-01",
            "//",
            "1/2/3/2014",
            "-1/2/2014",
            "+1/2/2014",
            "1/2/ 2014",
            "02.03.2014",
            "1/1/0014",
        ] {
            assert_eq!(date(cell), None, "{cell}");
        }
    }
}
