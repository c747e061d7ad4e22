//! Random rosters with all that the CSV dialect can say, in texts that are awkward to write, and ids
//! that people of different kinds have alike.

use std::collections::BTreeSet;
use std::fmt;

use proptest::prelude::*;

use crate::files::Files;

/// A roster.
#[derive(Clone)]
pub struct Awkward {
    pub files: Files,
}

impl fmt::Debug for Awkward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut files = self.files.0.iter();
        files.try_for_each(|(name, bytes)| write!(f, "{name}:\n{}", String::from_utf8_lossy(bytes)))
    }
}

pub fn awkward() -> impl Strategy<Value = Awkward> {
    proptest::collection::vec(any::<u8>(), 0..500).prop_map(|bytes| {
        let mut dice = Dice(bytes.into_iter());
        let schools = dice.some(3).into_iter().chain([0]).collect();
        let mut draw = Draw { dice, schools, teachers: Vec::new(), students: Vec::new() };
        Awkward { files: draw.files() }
    })
}

/// Bytes that decide; zeros when there are no more.
struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    fn below(&mut self, most: u8) -> u8 {
        self.0.next().unwrap_or(0) % most
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[usize::from(self.below(u8::try_from(texts.len()).expect("few")))]
    }

    /// Some of so many.
    fn some(&mut self, most: u8) -> BTreeSet<u8> {
        let byte = self.below(255);
        (0..most).filter(|bit| byte >> bit & 1 == 1).collect()
    }
}

const TEXTS: [&str; 9] =
    ["", "", "plain", "a,b", "say \"hi\"", "two\nlines", "=1+1", "學校 ñ", "\"q\",\r\n-"];
const NAMES: [&str; 6] = ["Al", "Núñez, Jr.", "O\"Neil", "=2", "-", "李"];
const YES_OR_NO: [&str; 3] = ["", "Y", "N"];

struct Draw {
    dice: Dice,
    schools: BTreeSet<u8>,
    teachers: Vec<String>,
    students: Vec<String>,
}

/// A file: its columns, then its rows.
struct Drawn {
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Drawn {
    fn text(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.columns).expect("written");
        for row in &self.rows {
            writer.write_record(row).expect("written");
        }
        writer.into_inner().expect("whole")
    }
}

type Cells = Vec<(&'static str, String)>;

/// Lays rows of named cells out under a header of all their names.
fn laid_out(columns: &[&'static str], rows: Vec<Cells>) -> Vec<u8> {
    let columns: Vec<_> = columns.to_vec();
    let row = |cells: Cells| {
        for (name, _) in &cells {
            assert!(columns.contains(name), "{name}");
        }
        let cell = |column: &&str| {
            let found = cells.iter().find(|(name, _)| name == column);
            found.map_or_else(String::new, |(_, value)| value.clone())
        };
        columns.iter().map(cell).collect()
    };
    let rows = rows.into_iter().map(row).collect();
    Drawn { columns: columns.clone(), rows }.text()
}

impl Draw {
    fn files(&mut self) -> Files {
        let schools = self.draw_schools();
        let students = self.draw_students();
        let teachers = self.draw_teachers();
        let staff = self.draw_staff();
        let (sections, enrollments) = self.draw_sections();
        let resources = self.draw_resources();
        Files::good()
            .with("schools.csv", schools)
            .with("students.csv", students)
            .with("teachers.csv", teachers)
            .with("staff.csv", staff)
            .with("sections.csv", sections)
            .with("enrollments.csv", enrollments)
            .with("resources.csv", resources)
    }

    fn text(&mut self, name: &'static str) -> (&'static str, String) {
        (name, self.dice.of(&TEXTS).to_owned())
    }

    fn word(&mut self, name: &'static str, words: &[&str]) -> (&'static str, String) {
        (name, self.dice.of(words).to_owned())
    }

    fn email(&mut self) -> String {
        match self.dice.below(6) {
            0 | 1 => String::new(),
            2 => "P2@d.example".into(),
            number => format!("p{}@d.example", number - 1),
        }
    }

    /// Schools of somebody, in some order; at least one.
    fn held(&mut self) -> Vec<String> {
        let asked = self.dice.some(3);
        let mut held: Vec<String> =
            self.schools.intersection(&asked).map(|school| format!("{school}")).collect();
        if self.dice.below(2) == 1 {
            held.reverse();
        }
        if held.is_empty() {
            held.push("0".into());
        }
        held
    }

    fn draw_schools(&mut self) -> Vec<u8> {
        let columns = [
            "School_id",
            "School_name",
            "School_number",
            "Low_grade",
            "Principal",
            "Principal_email",
            "School_city",
            "ext.Mascot, old",
            "ext.firstbellish",
        ];
        let rows = self.schools.clone().into_iter().map(|school| {
            vec![
                ("School_id", format!("{school}")),
                self.word("School_name", &NAMES),
                ("School_number", format!("9{school}")),
                self.word("Low_grade", &["", "pk", "6"]),
                self.text("Principal"),
                self.word("Principal_email", &["", "p@d.example"]),
                self.text("School_city"),
                self.text("ext.Mascot, old"),
                self.text("ext.firstbellish"),
            ]
        });
        let rows = rows.collect();
        laid_out(&columns, rows)
    }

    fn names(&mut self) -> Cells {
        vec![
            self.word("First_name", &NAMES),
            self.word("Middle_name", &["", "", "B."]),
            self.word("Last_name", &NAMES),
        ]
    }

    fn draw_students(&mut self) -> Vec<u8> {
        let columns = [
            "School_id",
            "Student_id",
            "First_name",
            "Middle_name",
            "Last_name",
            "Student_email",
            "Username",
            "Student_number",
            "Grade",
            "Gender",
            "DOB",
            "Race",
            "Hispanic_Latino",
            "Frl_status",
            "Preferred_first_name",
            "Student_street",
            "Weighted_gpa",
            "ext.bus",
            "Contact_name",
            "Contact_email",
            "Contact_phone",
            "Contact_phone_type",
            "Contact_relationship",
            "Contact_type",
            "Contact_sis_id",
        ];
        let mut rows = Vec::new();
        for id in self.dice.some(5) {
            let mut row = self.student(id);
            self.students.push(format!("{id}"));
            row.extend(self.names());
            let held = self.held();
            let contacts: Vec<Cells> = (0..self.dice.below(4)).map(|_| self.contact()).collect();
            for nth in 0..held.len().max(contacts.len()) {
                let school = held.get(nth).unwrap_or(&held[0]).clone();
                let contact = contacts.get(nth).cloned().unwrap_or_default();
                rows.push([vec![("School_id", school)], row.clone(), contact].concat());
            }
        }
        laid_out(&columns, rows)
    }

    fn student(&mut self, id: u8) -> Cells {
        let username = self.dice.of(&["", "kid"]);
        let username = if username.is_empty() { String::new() } else { format!("{username}{id}") };
        vec![
            ("Student_id", format!("{id}")),
            ("Student_email", self.email()),
            ("Username", username),
            self.text("Student_number"),
            self.word("Grade", &["", "k", "4", "13", "PS", "TK", "pg", "ug", "it", "pk", "what"]),
            self.word("Gender", &["", "M", "F", "X"]),
            self.word("DOB", &["", "02/29/2012", "2013-01-02"]),
            self.word("Race", &["", "white", "asian", "Unknown", "two or more", "black"]),
            self.word("Hispanic_Latino", &YES_OR_NO),
            self.word("Frl_status", &["", "F", "Paid"]),
            self.word("Preferred_first_name", &["", "Al", "two\nlines"]),
            self.text("Student_street"),
            self.text("Weighted_gpa"),
            self.text("ext.bus"),
        ]
    }

    fn contact(&mut self) -> Cells {
        vec![
            self.word("Contact_name", &["Eva", "Bob O\"Lee", "Eva", "", "=3", "-"]),
            self.word("Contact_email", &["", "eva@x.example", "EVA@x.example"]),
            self.word("Contact_phone", &["", "1", "2", "+1 (5)"]),
            self.word("Contact_phone_type", &["", "Cell", "Home", "what"]),
            self.word("Contact_relationship", &["", "mother", "Aunt", "guardian", "self"]),
            self.word("Contact_type", &["", "parent", "emergency contact", "1"]),
            self.word("Contact_sis_id", &["", "", "1", "2"]),
        ]
    }

    fn draw_teachers(&mut self) -> Vec<u8> {
        let columns = [
            "School_id",
            "Teacher_id",
            "First_name",
            "Middle_name",
            "Last_name",
            "Teacher_email",
            "Username",
            "Teacher_number",
            "Title",
            "ext.bus",
        ];
        let mut rows = Vec::new();
        for id in self.dice.some(4).into_iter().chain([7]) {
            self.teachers.push(format!("{id}"));
            let username = self.dice.of(&["", "teacher"]);
            let username =
                if username.is_empty() { String::new() } else { format!("{username}{id}") };
            let mut row = vec![
                ("Teacher_id", format!("{id}")),
                ("Teacher_email", self.email()),
                ("Username", username),
                self.text("Teacher_number"),
                self.text("Title"),
                self.text("ext.bus"),
            ];
            row.extend(self.names());
            for school in self.held() {
                rows.push([vec![("School_id", school)], row.clone()].concat());
            }
        }
        laid_out(&columns, rows)
    }

    fn draw_staff(&mut self) -> Vec<u8> {
        let columns = [
            "School_id",
            "Staff_id",
            "First_name",
            "Middle_name",
            "Last_name",
            "Staff_email",
            "Username",
            "Role",
            "Title",
            "Department",
            "ext.identifier",
            "ext.Bus",
        ];
        let mut rows = Vec::new();
        for id in self.dice.some(5) {
            let username = self.dice.of(&["", "staff"]);
            let username =
                if username.is_empty() { String::new() } else { format!("{username}{id}") };
            let mut person = vec![
                ("Staff_id", format!("{id}")),
                ("Staff_email", self.email()),
                ("Username", username),
            ];
            person.extend(self.names());
            let said = [
                self.word("Role", &["", "Staff", "Principal", "principal", "District Admin"]),
                self.text("Title"),
                self.text("Department"),
                self.text("ext.identifier"),
                self.text("ext.Bus"),
            ];
            let row = [person.clone(), said.to_vec()].concat();
            let held = if self.dice.below(3) == 0 { vec![String::new()] } else { self.held() };
            let is_admin = held[0].is_empty() && said[0].1 == "District Admin";
            for school in held {
                rows.push([vec![("School_id", school)], row.clone()].concat());
            }
            if self.dice.below(3) == 1 && !is_admin {
                let admin = vec![("Role", "District Admin".to_owned()), self.text("Title")];
                rows.push([person, admin].concat());
            }
        }
        laid_out(&columns, rows)
    }

    fn draw_sections(&mut self) -> (Vec<u8>, Vec<u8>) {
        let columns = [
            "School_id",
            "Section_id",
            "Teacher_id",
            "Teacher_2_id",
            "Name",
            "Course_name",
            "Course_number",
            "Period",
            "Section_number",
            "Grade",
            "Subject",
            "Course_description",
            "Term_name",
            "Term_start",
            "Term_end",
            "ext.room",
        ];
        let (mut rows, mut enrolled) = (Vec::new(), Vec::new());
        for id in self.dice.some(6) {
            let school = self.held().remove(0);
            let teachers = self.teachers.clone();
            let mut teacher = || {
                let at = usize::from(self.dice.below(u8::try_from(teachers.len()).expect("few")));
                teachers[at].clone()
            };
            let (first, second) = (teacher(), teacher());
            let second = if second == first { String::new() } else { second };
            rows.push(vec![
                ("School_id", school.clone()),
                ("Section_id", format!("{id}")),
                ("Teacher_id", first),
                ("Teacher_2_id", second),
                self.word("Name", &["", "Art", "a,b"]),
                self.word("Course_name", &["", "Math", "Art \"1\""]),
                self.word("Course_number", &["", "M4", "=A"]),
                self.word("Period", &["", "1", "2, odd"]),
                self.text("Section_number"),
                self.word("Grade", &["", "4", "k", "other"]),
                self.word("Subject", &["", "math", "ela", "alchemy"]),
                self.text("Course_description"),
                self.word("Term_name", &["", "Fall", "-"]),
                self.word("Term_start", &["", "08/17/2026"]),
                self.word("Term_end", &["", "2026-12-18"]),
                self.text("ext.room"),
            ]);
            for student in self.students.clone() {
                if self.dice.below(2) == 1 {
                    enrolled.push(vec![
                        ("School_id", school.clone()),
                        ("Section_id", format!("{id}")),
                        ("Student_id", student),
                    ]);
                }
            }
        }
        let enrollments = laid_out(&["School_id", "Section_id", "Student_id"], enrolled);
        (laid_out(&columns, rows), enrollments)
    }

    fn draw_resources(&mut self) -> Vec<u8> {
        let columns = ["Resource_id", "Title", "Roles", "Course_number", "Course_name"];
        let rows = self.dice.some(4).into_iter().map(|number| {
            vec![
                ("Resource_id", format!("{}", number % 3)),
                ("Title", format!("Title, {}", number % 3)),
                ("Roles", ["", "student", "teachers"][usize::from(number % 3)].to_owned()),
                self.word("Course_number", &["", "M4", "=A"]),
                self.word("Course_name", &["", "Math"]),
            ]
        });
        let rows = rows.collect();
        laid_out(&columns, rows)
    }
}
