//! Contacts of students: none to three each, with and without an id of their own, some of two
//! siblings. They are known by an id, by name and email, by name and phone, or by words alone.

use super::dice::Dice;
use super::names;

/// A contact as a row of `students.csv` states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contact {
    pub relationship: &'static str,
    pub kind: &'static str,
    pub name: String,
    pub phone: String,
    pub phone_type: &'static str,
    pub email: String,
    pub sis_id: String,
}

impl Contact {
    /// The cells of the seven contact columns.
    pub fn cells(&self) -> [&str; 7] {
        [
            self.relationship,
            self.kind,
            &self.name,
            &self.phone,
            self.phone_type,
            &self.email,
            &self.sis_id,
        ]
    }
}

/// The contacts of student `number`. Of ten students two are siblings and have their first
/// contact together.
pub(super) fn contacts(seed: u64, number: usize) -> Vec<Contact> {
    let mut dice = Dice::of(seed, 6, number);
    let count = dice.pick(&[0, 1, 1, 1, 2, 2, 2, 2, 3, 3]).copied().unwrap_or_default();
    let household = if number % 10 == 1 { number - 1 } else { number };
    let makers = [guardian, second, emergency];
    let numbers = [household, number, number];
    let mut all: Vec<Contact> = Vec::with_capacity(count);
    for (maker, of) in makers.into_iter().zip(numbers).take(count) {
        let mut made = maker(seed, of);
        // Two who happen to have one name are two people all the same.
        if !made.email.is_empty() && all.iter().any(|known| known.email == made.email) {
            made.email.insert_str(0, "the.other.");
        }
        all.push(made);
    }
    all
}

/// The first of a household; two of three have an id.
fn guardian(seed: u64, household: usize) -> Contact {
    let mut dice = Dice::of(seed, 7, household);
    let (first, last) = names::name(&mut dice);
    let has_id = dice.below(3) > 0;
    Contact {
        relationship: "Parent",
        kind: dice.word(&["Parent/Guardian", "Parent/Guardian", "Primary"]),
        name: format!("{} {}", first.0, last.0),
        phone: phone(2 * household),
        phone_type: dice.word(&["Cell", "Cell", "Home", "Work"]),
        email: format!("{}.{}.{household}@families.example", first.1, last.1),
        sis_id: if has_id { format!("C{household}") } else { String::new() },
    }
}

/// Without an id: known by an address, or by a telephone.
fn second(seed: u64, number: usize) -> Contact {
    let mut dice = Dice::of(seed, 8, number);
    let (first, last) = names::name(&mut dice);
    let has_email = dice.below(2) == 0;
    Contact {
        relationship: dice.word(&["Parent", "Parent", "Grandparent", "Aunt/Uncle", ""]),
        kind: dice.word(&["Secondary", "Parent/Guardian", "Family"]),
        name: format!("{} {}", first.0, last.0),
        phone: if has_email { String::new() } else { phone(2 * number + 1) },
        phone_type: if has_email { "" } else { dice.word(&["Cell", "Work", ""]) },
        email: if has_email {
            format!("{}.{}.{number}@families.example", first.1, last.1)
        } else {
            String::new()
        },
        sis_id: String::new(),
    }
}

/// Known by a name and by what the school calls them, and by nothing else.
fn emergency(seed: u64, number: usize) -> Contact {
    let mut dice = Dice::of(seed, 9, number);
    let (first, last) = names::name(&mut dice);
    Contact {
        relationship: dice.word(&["Grandparent", "Aunt/Uncle", "Sibling", "Other"]),
        kind: "Emergency",
        name: format!("{} {}", first.0, last.0),
        ..Contact::default()
    }
}

/// A number of an area that does not exist; each number has its own.
fn phone(number: usize) -> String {
    format!("555-{:03}-{:04}", number / 10_000 % 1_000, number % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_one_name_are_two_people() {
        let all = (0..2_000).map(|number| contacts(9_186_571_083_034_833_473, number));
        let all: Vec<_> = all.filter(|it| it.len() > 1 && it[0].name == it[1].name).collect();
        assert!(all.iter().any(|it| it[1].email.starts_with("the.other.")), "{all:?}");
        assert!(all.iter().all(|it| it[0].email != it[1].email), "{all:?}");
    }
}
