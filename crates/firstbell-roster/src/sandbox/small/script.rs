//! The school year of the small sandbox: what happens on which day. The same sentences stand in
//! `docs/integrate/sandbox.md`.

use super::super::family::Contact;
use super::super::season::{GRADUATION, KINDERGARTEN, ROLLOVER, Term};
use super::super::year::Happening;
use super::super::{grade_name, people};
use super::classes::{Class, class, opening};
use super::students::{self, Attending};
use super::{District, ELEMENTARY, HIGH, MIDDLE, Placed, Placement};

const fn on(day: u32, what: &'static str) -> Happening {
    Happening { day, what }
}

/// What happens, in order; one happening a day.
#[rustfmt::skip]
pub(crate) const SCRIPT: &[Happening] = &[
    on(3, "Wren Castellanos (1101) enrols in grade 4 of Analytical Engine Elementary, with a contact of her own"),
    on(5, "Student 1034 moves from Math 6 (2101) to Math 7 (2102)"),
    on(8, "Teacher T04 marries and has another last name, Castellanos-Reed"),
    on(10, "Student 1036 gets another email address; the Username stays"),
    on(12, "Elena Núñez, a contact with an id (C-1), gets another telephone and stays the contact she was"),
    on(13, "Diego Núñez, a contact without an id, gets another email address and so becomes another contact"),
    on(14, "Student 1039 transfers from Difference Engine Middle to Bernoulli High, into grade 9"),
    on(20, "Grace Moreno (T01) goes on leave: Tom Idle (T02) becomes the primary teacher of her three sections, she stays as co-teacher"),
    on(21, "Student 1032 withdraws"),
    on(35, "Student 1032 returns under the same id"),
    on(45, "A new section: Coding Club (2010) of Amara Okafor for grades 4 and 5"),
    on(60, "Student 1050 transfers from Bernoulli High to Difference Engine Middle, into grade 8"),
    on(75, "Grace Moreno (T01) is back: she is the primary teacher of her sections again, without Tom Idle"),
    on(ROLLOVER, "The spring term begins: Art (2008) and World History (2203) give their ids to Ceramics and Economics, Earth Science (2104) ends, Life Science (2106) is new"),
    on(GRADUATION, "The year ends: grade 12 graduates and leaves, all others move up, some to the next school; the sections are those of the next year, Earth Science (2104) among them and the Coding Club (2010) not"),
    on(KINDERGARTEN, "Three new pupils (1201, 1202, 1203) are enrolled in Kindergarten"),
];

impl District {
    /// Plays what happens on a day of the script.
    pub(super) fn play(&mut self, day: u32) {
        match day {
            3 => self.enrol_wren(),
            5 => {
                self.place("1034", "2101", Placed::Out);
                self.place("1034", "2102", Placed::In);
            }
            8 => {
                if let Some(teacher) = self.teachers.iter_mut().find(|it| it.id == "T04") {
                    "Castellanos-Reed".clone_into(&mut teacher.last);
                }
            }
            10 => self.change("1036", |it| {
                "student.1036@students.ada.example".clone_into(&mut it.pupil.email);
            }),
            12 => self.change_contact_of_ana("C-1", |elena| {
                "555-900-0101".clone_into(&mut elena.phone);
            }),
            13 => self.change_contact_of_ana("", |diego| {
                "diego@families.example".clone_into(&mut diego.email);
            }),
            14 => self.change("1039", |it| it.transfer(HIGH, 9)),
            20 => self.put_on_leave(),
            21 => self.students.retain(|student| student.pupil.id != "1032"),
            35 => {
                let pupil = students::other(1_032, 4, self.seed);
                self.students.push(Attending { pupil, schools: vec![ELEMENTARY], grade: Some(4) });
            }
            45 => self.classes.push(class(
                ("2010", ELEMENTARY, &[4, 5]),
                &["T03"],
                ("Coding Club", "CODE"),
                ("7", "technology and engineering", Term::Undated),
            )),
            60 => self.change("1050", |it| it.transfer(MIDDLE, 8)),
            75 => self.bring_back(),
            ROLLOVER => self.begin_spring(),
            GRADUATION => self.end_year(),
            KINDERGARTEN => self.begin_kindergarten(),
            _ => {}
        }
    }

    fn change(&mut self, sis_id: &str, change: impl FnOnce(&mut Attending)) {
        if let Some(student) = self.students.iter_mut().find(|it| it.pupil.id == sis_id) {
            change(student);
        }
    }

    fn change_contact_of_ana(&mut self, sis_id: &str, change: impl FnOnce(&mut Contact)) {
        self.change(people::ANA_NUNEZ.sis_id, |ana| {
            if let Some(contact) = ana.pupil.contacts.iter_mut().find(|it| it.sis_id == sis_id) {
                change(contact);
            }
        });
    }

    fn place(&mut self, student: &'static str, class: &'static str, is: Placed) {
        self.placements.push(Placement { student, class, is });
    }

    fn enrol_wren(&mut self) {
        let mut pupil = students::other(1_101, 4, self.seed);
        "Wren".clone_into(&mut pupil.first);
        "Castellanos".clone_into(&mut pupil.last);
        "wren.castellanos".clone_into(&mut pupil.username);
        pupil.email = format!("{}@students.ada.example", pupil.username);
        let cells = ["Parent", "Primary", "Ida Castellanos", "555-900-0008", "Cell", "", "C-6"];
        pupil.contacts = vec![students::contact(cells)];
        self.students.push(Attending { pupil, schools: vec![ELEMENTARY], grade: Some(4) });
    }

    /// The substitute comes first, who is on leave last.
    fn put_on_leave(&mut self) {
        let (who, substitute) = (people::GRACE_MORENO.sis_id, people::TOM_IDLE.sis_id);
        for class in self.classes.iter_mut().filter(|class| class.teachers.contains(&who)) {
            class.teachers.retain(|teacher| *teacher != who);
            class.teachers.insert(0, substitute);
            class.teachers.push(who);
        }
    }

    fn bring_back(&mut self) {
        let (who, substitute) = (people::GRACE_MORENO.sis_id, people::TOM_IDLE.sis_id);
        for class in self.classes.iter_mut().filter(|class| class.teachers.contains(&who)) {
            class.teachers.retain(|teacher| ![who, substitute].contains(teacher));
            class.teachers.insert(0, who);
        }
    }

    fn begin_spring(&mut self) {
        self.classes.retain(|class| !["2008", "2104", "2203"].contains(&class.id));
        self.classes.extend([
            class(
                ("2008", ELEMENTARY, &[3, 4, 5]),
                &["T03"],
                ("Ceramics", "CER"),
                ("6", "arts and music", Term::Spring),
            ),
            class(
                ("2203", HIGH, &[9, 10, 11, 12]),
                &["T09"],
                ("Economics", "ECON"),
                ("3", "social studies", Term::Spring),
            ),
            life_science(),
        ]);
    }

    fn end_year(&mut self) {
        self.students.retain(|student| student.grade != Some(12));
        for student in &mut self.students {
            match student.grade {
                Some(grade @ 0..5) => student.transfer(ELEMENTARY, grade + 1),
                Some(grade @ 5..8) => student.transfer(MIDDLE, grade + 1),
                Some(grade) => student.transfer(HIGH, grade + 1),
                None => {}
            }
        }
        self.classes = opening();
        self.classes.push(life_science());
        self.placements.retain(|placement| placement.student == people::CHLOE_BENOIT.sis_id);
    }

    fn begin_kindergarten(&mut self) {
        for id in 1_201..=1_203 {
            let pupil = students::beginner(id, self.seed);
            self.students.push(Attending { pupil, schools: vec![ELEMENTARY], grade: Some(0) });
        }
    }
}

fn life_science() -> Class {
    class(
        ("2106", MIDDLE, &[6, 7, 8]),
        &["T07"],
        ("Life Science", "LS"),
        ("4", "science", Term::Spring),
    )
}

impl Attending {
    /// Goes to this school, and no other, in this grade.
    fn transfer(&mut self, school: &'static str, grade: usize) {
        self.schools = vec![school];
        self.grade = Some(grade);
        self.pupil.grade = grade_name(grade);
    }
}
