//! The grade a student is in. The District SSO tier does not share it, so students are asked, once.

/// What is known of an account's grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    /// The question is still to be asked.
    Unasked,
    /// They would rather not say.
    Skipped,
    /// Their answer.
    In(GradeLevel),
}

/// Kindergarten (0) to 12th grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GradeLevel(u8);

impl GradeLevel {
    pub(crate) const LAST: u8 = 12;

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..=Self::LAST).map(Self)
    }

    /// Reads a form's or the database's value.
    pub(crate) fn from_value(value: &str) -> Option<Self> {
        Self::all().find(|level| level.value() == value)
    }

    pub(crate) fn value(self) -> String {
        self.0.to_string()
    }

    /// `Kindergarten`, `1st grade`, … `12th grade`.
    pub(crate) fn label(self) -> String {
        match self.0 {
            0 => "Kindergarten".to_owned(),
            1 => "1st grade".to_owned(),
            2 => "2nd grade".to_owned(),
            3 => "3rd grade".to_owned(),
            number => format!("{number}th grade"),
        }
    }

    pub(crate) fn number(self) -> u8 {
        self.0
    }
}

impl Grade {
    pub(crate) fn from_stored(text: Option<&str>) -> Self {
        match text {
            None => Self::Unasked,
            Some(value) => GradeLevel::from_value(value).map_or(Self::Skipped, Self::In),
        }
    }

    pub(crate) fn stored(self) -> Option<String> {
        match self {
            Self::Unasked => None,
            Self::Skipped => Some("skipped".to_owned()),
            Self::In(level) => Some(level.value()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_read_back_as_they_were_stored() {
        for grade in GradeLevel::all().map(Grade::In).chain([Grade::Unasked, Grade::Skipped]) {
            assert_eq!(Grade::from_stored(grade.stored().as_deref()), grade);
        }
    }

    #[test]
    fn what_is_no_grade_is_refused() {
        for bad in ["", "-1", "13", "04", "four", "4 "] {
            assert_eq!(GradeLevel::from_value(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn grades_are_spoken_as_schools_speak() {
        let spoken: Vec<_> = [0, 1, 2, 3, 4, 12].map(|n| GradeLevel(n).label()).to_vec();
        let expected =
            ["Kindergarten", "1st grade", "2nd grade", "3rd grade", "4th grade", "12th grade"];
        assert_eq!(spoken, expected);
    }
}
