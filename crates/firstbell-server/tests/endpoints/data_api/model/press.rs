//! What towns are made of: schools, people, sections and so on as dice have them, each text there but
//! once.

use std::collections::BTreeSet;

use firstbell_core::id::{ResourceId, RoleId, SchoolId, SectionId, UserId};
use firstbell_core::roster::{
    Contact, Details, Generation, PersonName, Relationship, Resource, Role, RoleKind, School,
    Section, User,
};
use firstbell_core::time::Timestamp;
use firstbell_store::testing::Dice;

use super::town::{Person, Room, Town};

use RoleKind::{DistrictAdmin, Staff, Student, Teacher};

pub const GRADES: [&str; 4] = ["Kindergarten", "4", "13", "TransitionalKindergarten"];
pub const SUBJECTS: [&str; 3] = ["math", "arts and music", "PE and health"];
const YES_OR_NO: [&str; 2] = ["Y", "N"];

/// Columns of free text, by the role that has them; then those with a vocabulary.
const TEXTS: &[(&str, &[RoleKind])] = &[
    ("state_id", &[Student, Teacher]),
    ("student_number", &[Student]),
    ("graduation_year", &[Student]),
    ("location.address", &[Student]),
    ("location.city", &[Student]),
    ("location.state", &[Student]),
    ("location.zip", &[Student]),
    ("home_language", &[Student]),
    ("home_language_code", &[Student]),
    ("disability.disability_type", &[Student]),
    ("preferred_name.first", &[Student]),
    ("preferred_name.middle", &[Student]),
    ("preferred_name.last", &[Student]),
    ("unweighted_gpa", &[Student]),
    ("teacher_number", &[Teacher]),
    ("title", &[Teacher, Staff, DistrictAdmin]),
    ("department", &[Staff]),
    ("role", &[Staff]),
    ("credentials.district_username", &[Student, Teacher, Staff]),
    ("ext.bus", &[Student, Teacher, Staff, DistrictAdmin]),
    ("ext.club", &[Student, Teacher]),
    ("shoe_size", &[Student, Teacher, Staff, DistrictAdmin]),
];
const WORDS: &[(&str, &[&str])] = &[
    ("grade", &GRADES),
    ("gender", &["M", "F", "X"]),
    ("race", &["Caucasian", "Asian", "Two or More Races"]),
    ("hispanic_ethnicity", &YES_OR_NO),
    ("ell_status", &YES_OR_NO),
    ("frl_status", &["Free", "Reduced", "Paid"]),
    ("iep_status", &YES_OR_NO),
    ("section_504_status", &YES_OR_NO),
    ("gifted_status", &YES_OR_NO),
    ("disability.disability_status", &YES_OR_NO),
    ("disability.disability_code", &["aut", "tbi"]),
];
pub const OF_SCHOOLS: &[&str] = &[
    "state_id",
    "mdr_number",
    "nces_id",
    "phone",
    "location.address",
    "location.city",
    "location.state",
    "location.zip",
    "principal.name",
    "principal.email",
    "ext.colour",
];

/// Makes texts and ids.
pub struct Press {
    pub seed: u64,
    pub at: Timestamp,
    pub dice: Dice,
    pub printed: u64,
}

impl Press {
    /// A text that is nowhere else, and no part of another.
    pub fn text(&mut self, what: &str) -> String {
        self.printed += 1;
        format!("_{}_{}_{}_", what.replace(['.', '_'], ""), self.seed, self.printed)
    }

    /// Two times out of three.
    pub fn often(&mut self) -> bool {
        self.dice.below(3) > 0
    }

    pub fn rarely(&mut self) -> bool {
        self.dice.below(4) == 0
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.dice.below(bound as u64)).unwrap()
    }

    pub fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    pub fn some_of<T: Copy>(&mut self, list: &[T]) -> Vec<T> {
        list.iter().copied().filter(|_| self.dice.below(2) == 0).collect()
    }

    pub fn texts(&mut self, names: &[&str]) -> Details {
        let mut details = Details::new();
        for name in names {
            if self.often() {
                details.insert(name, &self.text(name));
            }
        }
        details
    }

    pub fn words(&mut self, rows: &[(&str, &[&str])], details: &mut Details) {
        for (name, words) in rows {
            if self.often() {
                details.insert(name, self.one_of(words));
            }
        }
    }

    pub fn school(&mut self) -> School {
        let mut details = self.texts(OF_SCHOOLS);
        self.words(&[("low_grade", &GRADES), ("high_grade", &GRADES)], &mut details);
        School {
            id: SchoolId::new(self.at, &mut self.dice),
            sis_id: self.text("schoolsis"),
            name: self.text("schoolname"),
            number: self.text("schoolnumber"),
            details,
        }
    }

    pub fn role(&mut self, kind: RoleKind, number: usize) -> Role {
        let names: Vec<_> =
            TEXTS.iter().filter(|(_, kinds)| kinds.contains(&kind)).map(|(it, _)| *it).collect();
        let mut details = self.texts(&names);
        if kind == Student {
            self.words(WORDS, &mut details);
            if self.often() {
                let (month, day) = (1 + self.below(12), 1 + self.below(28));
                details.insert("dob", &format!("{}-{month:02}-{day:02}", 1930 + number));
            }
        }
        let id = RoleId::new(self.at, &mut self.dice);
        Role { id, kind, sis_id: self.text("sis"), details }
    }

    pub fn person(&mut self, number: usize, kinds: &[RoleKind], schools: &[School]) -> Person {
        let roles: Vec<_> = kinds.iter().map(|kind| self.role(*kind, number)).collect();
        let mut held = Vec::new();
        let ids: Vec<_> = schools.iter().map(|school| school.id).collect();
        for role in &roles {
            let primary = self.one_of(&ids);
            let mut others = self.some_of(&ids);
            others.retain(|it| *it != primary);
            others.sort_unstable();
            let most = match role.kind {
                DistrictAdmin => 0,
                Staff => self.below(3),
                Student | Teacher => 1 + self.below(3),
            };
            let all = std::iter::once(primary).chain(others).take(most);
            held.extend(all.map(|school| (role.id, school)));
        }
        held.sort_by_key(|(role, _)| *role);
        let letter = char::from(b'A' + u8::try_from(number).unwrap());
        let user = User {
            id: UserId::new(self.at, &mut self.dice),
            email: self
                .often()
                .then(|| format!("{}@s.example", self.text("mail")).parse().unwrap()),
            name: PersonName {
                first: self.text("first"),
                middle: self.often().then(|| self.text("middle")),
                last: format!("{letter}{}", self.text("last")),
            },
            created: self.at,
            last_modified: self.at,
            suspended_since: None,
            generation: Generation::default(),
            roles,
        };
        Person { user, schools: held, suspended: self.dice.below(8) == 0 }
    }

    pub fn room(&mut self, town: &Town) -> Room {
        let mut details = self.texts(&["section_number", "period", "ext.note"]);
        self.words(&[("grade", &GRADES), ("subject", &SUBJECTS)], &mut details);
        let schools: Vec<_> = town.schools.iter().map(|it| it.id).collect();
        // The last term and the last course are of no section.
        let terms: Vec<_> = town.terms.iter().map(|it| it.id).take(2).collect();
        let courses: Vec<_> = town.courses.iter().map(|it| it.id).take(3).collect();
        let mut teachers = self.some_of(&town.roles(Teacher));
        if teachers.is_empty() {
            teachers.push(self.one_of(&town.roles(Teacher)));
        }
        let turn = self.below(teachers.len());
        teachers.rotate_left(turn);
        let section = Section {
            id: SectionId::new(self.at, &mut self.dice),
            school: self.one_of(&schools),
            sis_id: self.text("sectionsis"),
            name: self.text("sectionname"),
            course: self.often().then(|| self.one_of(&courses)),
            term: self.often().then(|| self.one_of(&terms)),
            teachers,
            details,
        };
        Room { section, students: self.some_of(&town.roles(Student)).into_iter().collect() }
    }

    pub fn resource(&mut self, town: &Town) -> Resource {
        let courses: Vec<_> = town.courses.iter().map(|it| it.id).collect();
        let mut courses = self.some_of(&courses);
        courses.sort_unstable();
        Resource {
            id: ResourceId::new(self.at, &mut self.dice),
            sis_id: self.text("resourcesis"),
            title: self.text("resourcetitle"),
            roles: self.one_of(&[&[Student][..], &[Teacher], &[Student, Teacher]]).to_vec(),
            courses,
        }
    }

    pub fn contact(&mut self, town: &Town) -> Contact {
        let all = town.roles(Student);
        let mut students: BTreeSet<_> = self.some_of(&all).into_iter().take(3).collect();
        students.insert(self.one_of(&all));
        let mut details = self.texts(&["phone"]);
        self.words(&[("phone_type", &["Cell", "Home"])], &mut details);
        let relationship = |press: &mut Self, student| Relationship {
            student,
            relationship: press.often().then(|| press.one_of(&["Parent", "Sibling"]).to_owned()),
            kind: press.often().then(|| press.one_of(&["Emergency", "Family"]).to_owned()),
        };
        Contact {
            id: UserId::new(self.at, &mut self.dice),
            role: RoleId::new(self.at, &mut self.dice),
            sis_id: self.often().then(|| self.text("contactsis")),
            name: PersonName {
                first: if self.often() { self.text("contactfirst") } else { String::new() },
                middle: self.rarely().then(|| self.text("contactmiddle")),
                last: self.text("contactlast"),
            },
            email: self
                .often()
                .then(|| format!("{}@h.example", self.text("home")).parse().unwrap()),
            details,
            students: students.into_iter().map(|it| relationship(self, it)).collect(),
        }
    }
}
