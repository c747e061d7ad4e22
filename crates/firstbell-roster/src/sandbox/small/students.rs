//! The students of the small sandbox.

use std::io;

use super::super::dice::Dice;
use super::super::family::{self, Contact};
use super::super::people::{self, SandboxPerson};
use super::super::pupil::{NEXT_KINDERGARTEN, Profile, Pupil};
use super::super::{Sheet, grade_name, names};
use super::{ELEMENTARY, HIGH, MIDDLE};

/// A student, and the schools they attend, the primary one first.
pub(super) struct Attending {
    pub pupil: Pupil,
    pub schools: Vec<&'static str>,
    pub grade: Option<usize>,
}

/// School and grade of the students whom the demo knows by name.
const KNOWN: [(SandboxPerson, &[&str], Option<usize>); 15] = [
    (people::ANA_NUNEZ, &[ELEMENTARY], Some(4)),
    (people::SEAN_O_CONNOR, &[ELEMENTARY], Some(4)),
    (people::ZOE_MULLER_BRANDT, &[ELEMENTARY], Some(5)),
    (people::THEO_PARK, &[ELEMENTARY], Some(0)),
    (people::CHLOE_BENOIT, &[ELEMENTARY], None),
    (people::JORDAN_LEE, &[MIDDLE], Some(7)),
    (people::OTHER_JORDAN_LEE, &[MIDDLE], Some(7)),
    (people::LAYLA_HADDAD, &[ELEMENTARY], Some(3)),
    (people::XIAOMING_LI, &[MIDDLE], Some(6)),
    (people::ONE_LETTER, &[MIDDLE], Some(8)),
    (people::LONG_NAME, &[MIDDLE], Some(8)),
    (people::PRIYA_RAMAN, &[ELEMENTARY, MIDDLE], Some(5)),
    (people::MARCO_BIANCHI, &[MIDDLE], Some(8)),
    (people::NOOR_RAHMAN, &[HIGH], Some(10)),
    (people::NULL_NAME, &[ELEMENTARY], Some(2)),
];

/// Their contacts, whatever the seed: relationship, type, name, phone, phone type, email, id.
/// The two Jordans are cousins with one grandmother, who has an id; Layla's aunt is Noor's mother,
/// who has none.
const CONTACTS: [(&str, [&str; 7]); 14] = [
    ("1001", ["Parent", "Parent/Guardian", "Elena Núñez", "555-900-0001", "Cell", "", "C-1"]),
    ("1001", ["Parent", "Secondary", "Diego Núñez", "", "", "diego.nunez@families.example", ""]),
    ("1003", ["Parent", "Primary", "Ute Müller", "", "", "ute.mueller@families.example", "C-2"]),
    ("1003", ["Parent", "Family", "Nils Brandt", "555-900-0002", "Home", "", ""]),
    ("1003", ["Grandparent", "Emergency", "Oma Müller", "", "", "", ""]),
    ("1004", ["Parent", "Parent/Guardian", "Park", "555-900-0003", "Work", "", "C-3"]),
    ("1006", ["Grandparent", "Family", "Kim Lee", "555-900-0004", "Home", "", "C-4"]),
    ("1007", ["Grandparent", "Primary", "Kim Lee", "555-900-0004", "Home", "", "C-4"]),
    ("1008", ["Aunt/Uncle", "Emergency", "سميرة رحمان", "", "", "samira@families.example", ""]),
    ("1014", ["Parent", "Primary", "سميرة رحمان", "", "", "samira@families.example", ""]),
    ("1009", ["Parent", "Parent/Guardian", "李 芳", "555-900-0005", "Cell", "", ""]),
    ("1012", ["Parent", "Parent/Guardian", "Anand Raman", "555-900-0006", "Cell", "", "C-5"]),
    ("1012", ["Other", "Emergency", "Meera Iyer", "555-900-0007", "", "", ""]),
    ("1015", ["", "", "Null", "", "", "null@families.example", ""]),
];

/// How many others each school has.
const OTHERS: [(&str, usize, usize, usize); 3] =
    [(ELEMENTARY, 0, 6, 18), (MIDDLE, 6, 3, 12), (HIGH, 9, 4, 15)];

/// The students on the first day of school.
pub(super) fn opening(seed: u64) -> Vec<Attending> {
    let mut students: Vec<Attending> = KNOWN
        .into_iter()
        .enumerate()
        .map(|(number, (person, schools, grade))| {
            let pupil = known(&person, grade, (seed, number));
            Attending { pupil, schools: schools.to_vec(), grade }
        })
        .collect();
    for (school, lowest, grades, count) in OTHERS {
        for nth in 0..count {
            let grade = lowest + nth % grades;
            let pupil = other(1_001 + students.len(), grade, seed);
            let second_school = (pupil.id == "1046").then_some(MIDDLE);
            let schools = [school].into_iter().chain(second_school).collect();
            students.push(Attending { pupil, schools, grade: Some(grade) });
        }
    }
    students
}

/// Who has no grade has nothing else that a roster may leave out.
fn known(person: &SandboxPerson, grade: Option<usize>, (seed, number): (u64, usize)) -> Pupil {
    let mut dice = Dice::of(seed, 1, number);
    let mut pupil = Pupil::of_grade(grade.unwrap_or_default(), &mut dice);
    pupil.profile = Profile::of(seed, number, pupil.language);
    if grade.is_none() {
        pupil = Pupil { language: pupil.language, ..Pupil::default() };
    }
    let mine = CONTACTS.iter().filter(|(student, _)| *student == person.sis_id);
    pupil.contacts = mine.map(|(_, cells)| contact(*cells)).collect();
    person.sis_id.clone_into(&mut pupil.id);
    pupil.number = format!("20{}", person.sis_id);
    person.first.clone_into(&mut pupil.first);
    person.last.clone_into(&mut pupil.last);
    person.email.unwrap_or_default().clone_into(&mut pupil.email);
    person.login_name.clone_into(&mut pupil.username);
    person.password.clone_into(&mut pupil.password);
    pupil
}

/// A student whom chance names.
pub(super) fn other(id: usize, grade: usize, seed: u64) -> Pupil {
    let mut dice = Dice::of(seed, 1, id);
    named(id, seed, (Pupil::of_grade(grade, &mut dice), dice))
}

/// A student whom chance names, and who comes to Kindergarten a year later.
pub(super) fn beginner(id: usize, seed: u64) -> Pupil {
    let mut dice = Dice::of(seed, 1, id);
    let mut pupil = Pupil::graduating(NEXT_KINDERGARTEN, &mut dice);
    pupil.grade = grade_name(0);
    named(id, seed, (pupil, dice))
}

fn named(id: usize, seed: u64, (mut pupil, mut dice): (Pupil, Dice)) -> Pupil {
    let (first, last) = names::name(&mut dice);
    pupil.profile = Profile::of(seed, id, pupil.language);
    pupil.contacts = family::contacts(seed, id);
    pupil.id = id.to_string();
    pupil.number = format!("20{id}");
    first.0.clone_into(&mut pupil.first);
    last.0.clone_into(&mut pupil.last);
    pupil.username = format!("{}.{}{}", first.1, last.1, id % 100);
    pupil.email = format!("{}@students.ada.example", pupil.username);
    pupil
}

/// A contact as a row states it.
pub(super) fn contact(cells: [&'static str; 7]) -> Contact {
    let [relationship, kind, name, phone, phone_type, email, sis_id] = cells;
    Contact {
        relationship,
        kind,
        name: name.to_owned(),
        phone: phone.to_owned(),
        phone_type,
        email: email.to_owned(),
        sis_id: sis_id.to_owned(),
    }
}

pub(super) fn write(students: &[Attending], sheet: &mut Sheet<'_>) -> io::Result<usize> {
    for student in students {
        student.pupil.write(&student.schools, sheet)?;
    }
    Ok(students.len())
}
