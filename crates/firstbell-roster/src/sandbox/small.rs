//! The small sandbox: three schools, the people of [`super::people`], and enough others that a
//! class has company.

use std::io;

use super::SandboxPerson;
use super::dice::Dice;
use super::people::{self, AMARA_OKAFOR, LIN_ZHOU, PAT_KOWALSKI, ROSA_DELGADO, SAM_RIVERS};
use super::pupil::Pupil;
use super::{DISTRICT_PLACE, names};
use crate::sheet::Sheet;
use crate::source::RosterFile;

/// Kindergarten to grade 5. Shared in the demo.
const ELEMENTARY: &str = "101";
/// Grades 6 to 8. Shared in the demo.
const MIDDLE: &str = "102";
/// Grades 9 to 12. Not shared in the demo.
const HIGH: &str = "103";

/// Writes one file; returns how many records it holds.
pub(super) fn write(file: RosterFile, seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
    match file {
        RosterFile::Schools => write_schools(sheet),
        RosterFile::Students => write_students(&students(seed), sheet),
        RosterFile::Teachers => write_teachers(seed, sheet),
        RosterFile::Staff => write_staff(sheet),
        RosterFile::Sections => write_sections(sheet),
        RosterFile::Enrollments => write_enrollments(&students(seed), sheet),
        RosterFile::Resources | RosterFile::OneRoster(_) => Ok(0),
    }
}

fn write_schools(sheet: &mut Sheet<'_>) -> io::Result<usize> {
    let schools = [
        (ELEMENTARY, "Analytical Engine Elementary", "Kindergarten", "5", "Babbage Street 1"),
        (MIDDLE, "Difference Engine Middle", "6", "8", "Jacquard Lane 12"),
        (HIGH, "Bernoulli High", "9", "12", "Note G Avenue, North"),
    ];
    for (id, name, low, high, address) in schools {
        let number = format!("10{id}");
        let principal_email = format!("principal.{id}@ada.example");
        sheet.row(&[
            id,
            name,
            &number,
            "",
            low,
            high,
            "To be named",
            &principal_email,
            address,
            DISTRICT_PLACE,
            "",
            "",
            "",
        ])?;
    }
    Ok(schools.len())
}

/// A student, and the schools they attend.
struct Attending {
    pupil: Pupil,
    schools: &'static [&'static str],
    grade: Option<usize>,
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

/// How many others each school has.
const OTHERS: [(&[&str], usize, usize, usize); 3] =
    [(&[ELEMENTARY], 0, 6, 18), (&[MIDDLE], 6, 3, 12), (&[HIGH], 9, 4, 15)];

fn students(seed: u64) -> Vec<Attending> {
    let mut students: Vec<Attending> = KNOWN
        .into_iter()
        .enumerate()
        .map(|(number, (person, schools, grade))| {
            let mut dice = Dice::of(seed, 1, number);
            let mut pupil = Pupil::of_grade(grade.unwrap_or_default(), &mut dice);
            if grade.is_none() {
                pupil = Pupil { language: pupil.language, ..Pupil::default() };
            }
            person.sis_id.clone_into(&mut pupil.id);
            pupil.number = format!("20{}", person.sis_id);
            person.first.clone_into(&mut pupil.first);
            person.last.clone_into(&mut pupil.last);
            person.email.unwrap_or_default().clone_into(&mut pupil.email);
            person.login_name.clone_into(&mut pupil.username);
            person.password.clone_into(&mut pupil.password);
            Attending { pupil, schools, grade }
        })
        .collect();
    for (schools, lowest, grades, count) in OTHERS {
        for nth in 0..count {
            let id = 1_001 + students.len();
            let mut dice = Dice::of(seed, 1, id);
            let grade = lowest + nth % grades;
            let mut pupil = Pupil::of_grade(grade, &mut dice);
            let (first, last) = names::name(&mut dice);
            pupil.id = id.to_string();
            pupil.number = format!("20{id}");
            first.0.clone_into(&mut pupil.first);
            last.0.clone_into(&mut pupil.last);
            pupil.username = format!("{}.{}{}", first.1, last.1, id % 100);
            pupil.email = format!("{}@students.ada.example", pupil.username);
            students.push(Attending { pupil, schools, grade: Some(grade) });
        }
    }
    students
}

fn write_students(students: &[Attending], sheet: &mut Sheet<'_>) -> io::Result<usize> {
    for student in students {
        for school in student.schools {
            student.pupil.write(school, sheet)?;
        }
    }
    Ok(students.len())
}

fn write_teachers(seed: u64, sheet: &mut Sheet<'_>) -> io::Result<usize> {
    let known: [(&SandboxPerson, &[&str], &str); 3] = [
        (&people::GRACE_MORENO, &[ELEMENTARY], "Teacher, grade 4"),
        (&people::TOM_IDLE, &[ELEMENTARY], "Substitute teacher"),
        (&AMARA_OKAFOR, &[ELEMENTARY, MIDDLE], "Art teacher"),
    ];
    for (person, schools, title) in known {
        for school in schools {
            sheet.row(&[
                school,
                person.sis_id,
                format!("3{}", &person.sis_id.replace('T', "0")).as_str(),
                person.email.unwrap_or_default(),
                person.first,
                "",
                person.last,
                title,
                person.login_name,
                person.password,
            ])?;
        }
    }
    let others = [ELEMENTARY, ELEMENTARY, MIDDLE, MIDDLE, HIGH, HIGH];
    for (nth, school) in others.into_iter().enumerate() {
        let number = known.len() + 1 + nth;
        let mut dice = Dice::of(seed, 2, number);
        let (first, last) = names::name(&mut dice);
        let username = format!("{}.{}{number}", first.1, last.1);
        sheet.row(&[
            school,
            &format!("T{number:02}"),
            &format!("30{number:02}"),
            &format!("{username}@ada.example"),
            first.0,
            "",
            last.0,
            "Teacher",
            &username,
            &names::password(&mut dice),
        ])?;
    }
    Ok(known.len() + others.len())
}

fn write_staff(sheet: &mut Sheet<'_>) -> io::Result<usize> {
    let rows: [(&SandboxPerson, &str, &str, [&str; 3]); 6] = [
        (&ROSA_DELGADO, "S01", ELEMENTARY, ["Office", "Office manager", "Staff"]),
        (&AMARA_OKAFOR, "S02", ELEMENTARY, ["Instruction", "Curriculum coordinator", "Staff"]),
        (&AMARA_OKAFOR, "S02", "", ["Instruction", "Director of instruction", "District Admin"]),
        (&PAT_KOWALSKI, "S03", HIGH, ["Counseling", "Counselor", "Staff"]),
        (&SAM_RIVERS, "S04", "", ["Transportation", "Dispatcher", "Staff"]),
        (&LIN_ZHOU, "S05", "", ["Technology", "Director of technology", "District Admin"]),
    ];
    for (person, id, school, [department, title, role]) in rows {
        sheet.row(&[
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
        ])?;
    }
    Ok(5)
}

/// A section of the small sandbox. Who attends the school in one of the grades is in it.
struct Class {
    id: &'static str,
    school: &'static str,
    teachers: (&'static str, &'static str),
    grades: &'static [usize],
    course: (&'static str, &'static str),
    period: &'static str,
    subject: &'static str,
    term: Term,
}

#[derive(Clone, Copy)]
enum Term {
    Year,
    Fall,
    Spring,
}

impl Term {
    fn cells(self) -> [&'static str; 3] {
        match self {
            Self::Year => ["2026-2027", "08/17/2026", "06/11/2027"],
            Self::Fall => ["Fall 2026", "08/17/2026", "12/18/2026"],
            Self::Spring => ["Spring 2027", "01/05/2027", "06/11/2027"],
        }
    }
}

const fn class(
    (id, school, grades): (&'static str, &'static str, &'static [usize]),
    teachers: (&'static str, &'static str),
    course: (&'static str, &'static str),
    (period, subject, term): (&'static str, &'static str, Term),
) -> Class {
    Class { id, school, teachers, grades, course, period, subject, term }
}

#[rustfmt::skip]
const CLASSES: &[Class] = &[
    class(("2001", ELEMENTARY, &[4]), ("T01", ""), ("Homeroom", "HR4"), ("1", "homeroom/advisory", Term::Year)),
    class(("2002", ELEMENTARY, &[4]), ("T01", ""), ("Math 4", "M4"), ("2", "math", Term::Year)),
    class(("2003", ELEMENTARY, &[4]), ("T01", "T03"), ("Reading 4", "R4"), ("3", "english/language arts", Term::Year)),
    class(("2004", ELEMENTARY, &[5]), ("T04", ""), ("Homeroom", "HR5"), ("1", "homeroom/advisory", Term::Year)),
    class(("2005", ELEMENTARY, &[5]), ("T04", ""), ("Math 5", "M5"), ("2", "math", Term::Year)),
    class(("2006", ELEMENTARY, &[1, 2, 3]), ("T05", ""), ("Homeroom", "HR1-3"), ("1", "homeroom/advisory", Term::Year)),
    class(("2007", ELEMENTARY, &[0]), ("T05", ""), ("Kindergarten", "K"), ("1", "homeroom/advisory", Term::Year)),
    class(("2008", ELEMENTARY, &[3, 4, 5]), ("T03", ""), ("Art", "ART"), ("6", "arts and music", Term::Fall)),
    class(("2009", ELEMENTARY, &[3, 4, 5]), ("T03", ""), ("Music", "MUS"), ("6", "arts and music", Term::Spring)),
    class(("2101", MIDDLE, &[6]), ("T06", ""), ("Math 6", "M6"), ("1", "math", Term::Year)),
    class(("2102", MIDDLE, &[7]), ("T06", ""), ("Math 7", "M7"), ("2", "math", Term::Year)),
    class(("2103", MIDDLE, &[8]), ("T06", ""), ("Math 8", "M8"), ("3", "math", Term::Year)),
    class(("2104", MIDDLE, &[6, 7, 8]), ("T07", ""), ("Earth Science", "ES"), ("4", "science", Term::Fall)),
    class(("2105", MIDDLE, &[6, 7, 8]), ("T07", "T03"), ("Robotics", "ROB"), ("4", "technology and engineering", Term::Spring)),
    class(("2201", HIGH, &[9, 10]), ("T08", ""), ("Algebra II", "ALG2"), ("1", "math", Term::Year)),
    class(("2202", HIGH, &[11, 12]), ("T08", ""), ("Statistics", "STAT"), ("2", "math", Term::Year)),
    class(("2203", HIGH, &[9, 10, 11, 12]), ("T09", ""), ("World History", "WH"), ("3", "social studies", Term::Fall)),
    class(("2204", HIGH, &[9, 10, 11, 12]), ("T09", "T08"), ("Biology", "BIO"), ("3", "science", Term::Spring)),
];

/// Who is in a section that is not of their grade.
const GUESTS: [(&str, &SandboxPerson); 2] =
    [("2101", &people::PRIYA_RAMAN), ("2006", &people::CHLOE_BENOIT)];

fn write_sections(sheet: &mut Sheet<'_>) -> io::Result<usize> {
    for class in CLASSES {
        let grade = match class.grades {
            [0] => "Kindergarten".to_owned(),
            [only] => only.to_string(),
            _ => String::new(),
        };
        let name = format!("{}, period {}", class.course.0, class.period);
        let [term, start, end] = class.term.cells();
        sheet.row(&[
            class.school,
            class.id,
            class.teachers.0,
            class.teachers.1,
            &name,
            class.id,
            &grade,
            class.course.0,
            class.course.1,
            class.period,
            class.subject,
            term,
            start,
            end,
        ])?;
    }
    Ok(CLASSES.len())
}

fn write_enrollments(students: &[Attending], sheet: &mut Sheet<'_>) -> io::Result<usize> {
    let mut count = 0;
    for class in CLASSES {
        for student in students {
            let id = &student.pupil.id;
            let is_of_grade = student.schools.contains(&class.school)
                && student.grade.is_some_and(|grade| class.grades.contains(&grade));
            let is_guest = GUESTS.iter().any(|(to, guest)| *to == class.id && guest.sis_id == id);
            if is_of_grade || is_guest {
                sheet.row(&[class.school, class.id, id])?;
                count += 1;
            }
        }
    }
    Ok(count)
}
