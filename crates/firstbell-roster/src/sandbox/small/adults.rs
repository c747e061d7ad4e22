//! Teachers and staff of the small sandbox.

use std::io;

use super::super::dice::Dice;
use super::super::people::{self, AMARA_OKAFOR, LIN_ZHOU, PAT_KOWALSKI, ROSA_DELGADO, SAM_RIVERS};
use super::super::{SandboxPerson, Sheet, names};
use super::{ELEMENTARY, HIGH, MIDDLE};

/// A teacher, and the schools where they teach, the primary one first.
pub(super) struct Teacher {
    pub schools: &'static [&'static str],
    pub id: String,
    pub number: String,
    pub email: String,
    pub first: String,
    pub last: String,
    pub title: &'static str,
    pub username: String,
    pub password: String,
    pub extension: &'static str,
}

const KNOWN: [(&SandboxPerson, &[&str], &str); 3] = [
    (&people::GRACE_MORENO, &[ELEMENTARY], "Teacher, grade 4"),
    (&people::TOM_IDLE, &[ELEMENTARY], "Substitute teacher"),
    (&AMARA_OKAFOR, &[ELEMENTARY, MIDDLE], "Art teacher"),
];

/// The fourth teaches at a second school, whose id is the smaller one.
const OTHERS: [&[&str]; 6] =
    [&[ELEMENTARY], &[ELEMENTARY], &[MIDDLE], &[MIDDLE, ELEMENTARY], &[HIGH], &[HIGH]];

/// The teachers on the first day of school.
pub(super) fn teachers(seed: u64) -> Vec<Teacher> {
    let known = KNOWN.into_iter().map(|(person, schools, title)| Teacher {
        schools,
        id: person.sis_id.to_owned(),
        number: format!("3{}", person.sis_id.replace('T', "0")),
        email: person.email.unwrap_or_default().to_owned(),
        first: person.first.to_owned(),
        last: person.last.to_owned(),
        title,
        username: person.login_name.to_owned(),
        password: person.password.to_owned(),
        extension: if schools.len() > 1 { "14" } else { "" },
    });
    let others = OTHERS.into_iter().zip(KNOWN.len() + 1..).map(|(schools, number)| {
        let mut dice = Dice::of(seed, 2, number);
        let (first, last) = names::name(&mut dice);
        let username = format!("{}.{}{number}", first.1, last.1);
        Teacher {
            schools,
            id: format!("T{number:02}"),
            number: format!("30{number:02}"),
            email: format!("{username}@ada.example"),
            first: first.0.to_owned(),
            last: last.0.to_owned(),
            title: "Teacher",
            username,
            password: names::password(&mut dice),
            extension: dice.word(&["", "21", "22", " "]),
        }
    });
    known.chain(others).collect()
}

pub(super) fn write_teachers(teachers: &[Teacher], sheet: &mut Sheet<'_>) -> io::Result<usize> {
    for teacher in teachers {
        for school in teacher.schools {
            let cells: [&str; 11] = [
                school,
                &teacher.id,
                &teacher.number,
                &teacher.email,
                &teacher.first,
                "",
                &teacher.last,
                teacher.title,
                &teacher.username,
                &teacher.password,
                teacher.extension,
            ];
            sheet.row(&cells)?;
        }
    }
    Ok(teachers.len())
}

pub(super) fn write_staff(sheet: &mut Sheet<'_>) -> io::Result<usize> {
    let rows: [(&SandboxPerson, &str, &str, [&str; 3]); 6] = [
        (&ROSA_DELGADO, "S01", ELEMENTARY, ["Office", "Office manager", "Staff"]),
        (&AMARA_OKAFOR, "S02", ELEMENTARY, ["Instruction", "Curriculum coordinator", "Staff"]),
        (&AMARA_OKAFOR, "S02", "", ["Instruction", "Director of instruction", "District Admin"]),
        (&PAT_KOWALSKI, "S03", HIGH, ["Counseling", "Counselor", "Staff"]),
        (&SAM_RIVERS, "S04", "", ["Transportation", "Dispatcher", "Staff"]),
        (&LIN_ZHOU, "S05", "", ["Technology", "Director of technology", "District Admin"]),
    ];
    for (person, id, school, [department, title, role]) in rows {
        let cells: [&str; 10] = [
            school,
            id,
            person.email.unwrap_or_default(),
            person.first,
            person.last,
            department,
            title,
            role,
            person.login_name,
            person.password,
        ];
        sheet.row(&cells)?;
    }
    Ok(5)
}
