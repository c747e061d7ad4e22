//! Random districts, random links, everybody's token at every address: what is answered is what a
//! slow and simple reading of the rules says, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use firstbell_core::application::{ConnectionState, Sharing, SharingRule, TeacherLink};
use firstbell_core::id::{ApplicationId, DistrictId, RoleId, SchoolId, SectionId, UserId};
use firstbell_core::login::code::Grant;
use firstbell_core::login::token;
use firstbell_core::roster::change::{Enrollment, RosterChange, RosterPerson};
use firstbell_core::roster::{
    Details, District, DistrictPolicy, Generation, PersonName, Role, RoleKind, School, Section,
    User,
};
use firstbell_core::secret::Secret;
use firstbell_core::time::Timestamp;
use firstbell_store::StoreError;
use firstbell_store::testing::Dice;
use http::StatusCode;
use serde_json::{Value, json};

use super::museum::register;
use crate::world::{World, worlds};

const TEACHERS: usize = 3;
const STUDENTS: usize = 6;
const SECTIONS: usize = 5;
const DISTRICTS: u64 = 9;

#[tokio::test]
async fn no_reply_holds_what_the_tier_does_not_grant() {
    for world in worlds().await {
        let museum = register(&world).await;
        let (mut read, mut refused) = (0, 0);
        for seed in 1..=DISTRICTS {
            let model = Model::roll(seed, museum);
            model.write(&world).await;
            for person in 0..model.people.len() {
                let token = model.token(&world, person).await;
                for (path, expected) in model.replies(person) {
                    let reply = world.get_with_token(&path, &token).await;
                    let hint = format!("seed {seed}, person {person}, {path}: {}", reply.body);
                    match expected {
                        Expected::Data(data) => {
                            assert_eq!(reply.status, StatusCode::OK, "{hint}");
                            assert_eq!(reply.json()["data"], data, "{hint}");
                            read += 1;
                        }
                        Expected::Refusal(status) => {
                            assert_eq!(reply.status, status, "{hint}");
                            assert_eq!(reply.json().as_object().unwrap().len(), 1, "{hint}");
                            refused += 1;
                        }
                    }
                    for secret in model.secrets() {
                        assert!(!reply.body.contains(&secret), "{secret} in {hint}");
                    }
                }
            }
        }
        assert!(read > 500 && refused > 1000, "{read} read, {refused} refused");
    }
}

enum Expected {
    Data(Value),
    Refusal(StatusCode),
}

/// A district as the test has thrown it. People are numbered: teachers first, then students.
struct Model {
    district: DistrictId,
    museum: ApplicationId,
    seed: u64,
    school: SchoolId,
    people: Vec<Person>,
    sections: Vec<Room>,
    /// What each teacher shares, where she shares anything.
    links: BTreeMap<usize, BTreeSet<usize>>,
    /// What the district shares, where it has connected the application.
    connected: Option<Connected>,
}

/// The sections of whose teachers the district tells, and those of whose students.
struct Connected {
    teachers: BTreeSet<usize>,
    students: BTreeSet<usize>,
}

struct Person {
    user: User,
    suspended: bool,
}

struct Room {
    section: Section,
    teachers: Vec<usize>,
    students: BTreeSet<usize>,
}

impl Model {
    fn roll(seed: u64, museum: ApplicationId) -> Self {
        let dice = &mut Dice::new(seed);
        let at = Timestamp::from_milliseconds(1_700_000_000_000);
        let school = SchoolId::new(at, dice);
        let people: Vec<_> = (0..TEACHERS + STUDENTS)
            .map(|number| {
                let kind = kind_of(number);
                let grade = (dice.below(4) > 0).then(|| (1 + dice.below(12)).to_string());
                let dob = ("dob", format!("dob-{number}"));
                let details =
                    grade.map(|grade| ("grade", grade)).into_iter().chain([dob]).collect();
                let role = Role {
                    id: RoleId::new(at, dice),
                    kind,
                    sis_id: format!("sis-{number}"),
                    details,
                };
                let user = User {
                    id: UserId::new(at, dice),
                    email: (dice.below(4) > 0)
                        .then(|| format!("mail-{number}@school.example").parse().unwrap()),
                    name: PersonName {
                        first: format!("First{number}"),
                        middle: (dice.below(2) > 0).then(|| format!("Middle{number}")),
                        last: format!(
                            "{}Last{number}",
                            char::from(b'A' + u8::try_from(number).unwrap())
                        ),
                    },
                    created: at,
                    last_modified: at,
                    suspended_since: None,
                    generation: Generation::default(),
                    roles: vec![role],
                };
                Person { user, suspended: dice.below(6) == 0 }
            })
            .collect();
        let sections: Vec<_> = (0..SECTIONS)
            .map(|number| {
                let first = usize::try_from(dice.below(TEACHERS as u64)).unwrap();
                let second = (first + 1) % TEACHERS;
                let teachers = if dice.below(3) == 0 { vec![first, second] } else { vec![first] };
                let students =
                    (TEACHERS..TEACHERS + STUDENTS).filter(|_| dice.below(2) == 0).collect();
                let mut details = Details::from([("period", "period-9")]);
                for (name, value) in [("grade", "4"), ("subject", "math")] {
                    if dice.below(3) > 0 {
                        details.insert(name, value);
                    }
                }
                let section = Section {
                    id: SectionId::new(at, dice),
                    school,
                    sis_id: format!("sis-c{number}"),
                    name: format!("Class {number}"),
                    course: None,
                    term: None,
                    teachers: teachers.iter().map(|it| people[*it].user.roles[0].id).collect(),
                    details,
                };
                Room { section, teachers, students }
            })
            .collect();
        // Of sections that are not hers too: nothing comes of those.
        let some = |dice: &mut Dice| (0..SECTIONS).filter(|_| dice.below(2) == 0).collect();
        let mut links = BTreeMap::new();
        for teacher in 0..TEACHERS {
            if dice.below(3) > 0 {
                links.insert(teacher, some(dice));
            }
        }
        let connected =
            (seed % 3 == 2).then(|| Connected { teachers: some(dice), students: some(dice) });
        let district = DistrictId::new(at, dice);
        Self { district, museum, seed, school, people, sections, links, connected }
    }

    async fn write(&self, world: &World) {
        let now = world.app.now();
        let (id, museum) = (self.district, self.museum);
        let district = District {
            id,
            shortname: format!("random-{}", self.seed).parse().unwrap(),
            name: "NameOfDistrict".into(),
            place: None,
            policy: DistrictPolicy::default(),
        };
        world.store.write(move |tx| tx.create_district(&district, now)).await.unwrap();
        let mut change = RosterChange::default();
        change.schools.added.push(School {
            id: self.school,
            sis_id: "sis-school".into(),
            name: "NameOfSchool".into(),
            number: "1".into(),
            details: Details::new(),
        });
        for person in &self.people {
            let schools = vec![(person.user.roles[0].id, self.school)];
            change.people.added.push(RosterPerson { user: person.user.clone(), schools });
        }
        for room in &self.sections {
            change.sections.added.push(room.section.clone());
            for student in &room.students {
                let student = self.people[*student].user.roles[0].id;
                let section = room.section.id;
                change.enrollments.added.push(Enrollment { section, student });
            }
        }
        let version = world.store.read(move |tx| tx.district(id).roster_version()).await.unwrap();
        world.store.apply_roster(id, version, change, now, |_, _| {}).await.unwrap();

        let ids = |sections: &BTreeSet<usize>| -> Vec<SectionId> {
            sections.iter().map(|it| self.sections[*it].section.id).collect()
        };
        let links: Vec<_> = self
            .links
            .iter()
            .map(|(teacher, sections)| TeacherLink {
                application: museum,
                district: id,
                teacher: self.people[*teacher].user.id,
                sections: ids(sections),
                since: now,
            })
            .collect();
        let suspended: Vec<_> =
            self.people.iter().filter(|it| it.suspended).map(|it| it.user.id).collect();
        let said = self.connected.as_ref().map(|connected| {
            let rule = |kind, sections| SharingRule {
                roles: Some(vec![kind]),
                sections: Some(ids(sections)),
                ..SharingRule::default()
            };
            let rules = vec![
                rule(RoleKind::Teacher, &connected.teachers),
                rule(RoleKind::Student, &connected.students),
            ];
            firstbell_core::application::Connection {
                application: museum,
                district: id,
                state: ConnectionState::Active,
                sharing: Sharing { rules, all_staff: false, ..Sharing::default() },
                since: now,
            }
        });
        world
            .store
            .write(move |tx| {
                for link in &links {
                    tx.district(id).link(link)?;
                }
                for user in &suspended {
                    tx.district(id).suspend(*user, now)?;
                }
                if let Some(said) = &said {
                    tx.connect(said)?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        world.app.refresh_settings().await.unwrap();
    }

    /// A token that was got while its person might enter.
    async fn token(&self, world: &World, person: usize) -> String {
        let user = &self.people[person].user;
        let grant = Grant {
            generation: Generation::default(),
            application: self.museum,
            district: self.district,
            user: user.id,
            role: user.roles[0].id,
            impersonator: None,
        };
        let dice = &mut Dice::new(self.seed * 100 + person as u64 + 7);
        let (secret, token) = token::mint(grant, world.app.now(), dice);
        world.store.write(move |tx| tx.record_token(&token)).await.unwrap();
        Secret::expose(&secret).to_owned()
    }

    fn is_in(&self, person: usize, section: usize) -> bool {
        let room = &self.sections[section];
        room.teachers.contains(&person) || room.students.contains(&person)
    }

    /// Whether a section is shared with a token of the person.
    fn is_shared(&self, person: usize, section: usize) -> bool {
        if !self.is_in(person, section) {
            return false;
        }
        if let Some(Connected { teachers, students }) = &self.connected {
            let shared = if person < TEACHERS { teachers } else { students };
            return shared.contains(&section);
        }
        let shares = |teacher: usize| {
            self.links.get(&teacher).is_some_and(|sections| sections.contains(&section))
        };
        if person < TEACHERS {
            return shares(person);
        }
        let teachers = &self.sections[section].teachers;
        teachers.iter().any(|teacher| shares(*teacher) && !self.people[*teacher].suspended)
    }

    fn may_enter(&self, person: usize) -> bool {
        if self.people[person].suspended {
            return false;
        }
        if self.connected.is_none() && person < TEACHERS {
            return self.links.contains_key(&person);
        }
        (0..SECTIONS).any(|section| self.is_shared(person, section))
    }

    /// Whether the application may know of somebody in a section: of everybody where a teacher shares
    /// it, else of those whom the district shares.
    fn is_told(&self, person: usize) -> bool {
        self.connected.is_none() || (0..SECTIONS).any(|section| self.is_shared(person, section))
    }

    /// Every address, and what is to be told there to this person's token.
    fn replies(&self, person: usize) -> Vec<(String, Expected)> {
        let mut replies = Vec::new();
        for dialect in ["v2.0", "v2.1", "v3.0", "v3.1"] {
            self.add_records(dialect, person, &mut replies);
            self.add_sections(dialect, person, &mut replies);
        }
        if !self.may_enter(person) {
            for (_, expected) in &mut replies {
                *expected = Expected::Refusal(StatusCode::UNAUTHORIZED);
            }
        }
        replies
    }

    fn add_records(&self, dialect: &str, person: usize, replies: &mut Vec<(String, Expected)>) {
        let is_v2 = dialect.starts_with("v2");
        let by = if self.connected.is_some() { "district" } else { "teacher" };
        let own = self.record(dialect, person);
        let kind = if is_v2 { kind_of(person).name() } else { "user" };
        let mut me = json!({
            "id": own["id"], "district": own["district"], "type": kind, "authorized_by": by,
        });
        if is_v2 {
            for member in ["name", "email", "grade"] {
                if let Some(value) = own.get(member) {
                    me[member] = value.clone();
                }
            }
        }
        replies.push((format!("/{dialect}/me"), Expected::Data(me)));
        let district = json!({"id": self.district.to_string()});
        replies.push((format!("/{dialect}/districts/{}", self.district), Expected::Data(district)));
        for other in 0..self.people.len() {
            let path = self.address(dialect, other);
            let shown = if other == person { Expected::Data(own.clone()) } else { out_of_scope() };
            replies.push((path.clone(), shown));
            let sections = self.sections.iter().enumerate();
            let mut shared: Vec<_> = sections
                .filter(|(number, _)| self.is_shared(person, *number))
                .map(|(number, room)| {
                    let uri = format!("/{dialect}/sections/{}", room.section.id);
                    json!({"data": self.section(dialect, person, number), "uri": uri})
                })
                .collect();
            shared.sort_by_key(|item| item["data"]["id"].as_str().unwrap().to_owned());
            let list = if other == person { Expected::Data(json!(shared)) } else { out_of_scope() };
            replies.push((format!("{path}/sections"), list));
        }
    }

    fn add_sections(&self, dialect: &str, person: usize, replies: &mut Vec<(String, Expected)>) {
        for (number, room) in self.sections.iter().enumerate() {
            let path = format!("/{dialect}/sections/{}", room.section.id);
            let is_shared = self.is_shared(person, number);
            let section = if is_shared {
                Expected::Data(self.section(dialect, person, number))
            } else {
                out_of_scope()
            };
            replies.push((path.clone(), section));
            let lists: &[(&str, bool, bool)] = if dialect.starts_with("v2") {
                &[("students", true, false)]
            } else {
                &[
                    ("users", true, true),
                    ("users?role=student", true, false),
                    ("users?role=teacher", false, true),
                ]
            };
            for (name, students, teacher) in lists {
                let mut told: Vec<usize> = Vec::new();
                told.extend(room.students.iter().filter(|it| *students && self.is_told(**it)));
                told.extend(Some(person).filter(|_| *teacher));
                let mut items: Vec<_> = told
                    .into_iter()
                    .map(|it| {
                        json!({"data": self.record(dialect, it), "uri": self.address(dialect, it)})
                    })
                    .collect();
                items.sort_by_key(|item| item["data"]["id"].as_str().unwrap().to_owned());
                let list = if is_shared && person < TEACHERS {
                    Expected::Data(json!(items))
                } else {
                    out_of_scope()
                };
                replies.push((format!("{path}/{name}"), list));
            }
        }
    }

    fn address(&self, dialect: &str, person: usize) -> String {
        let user = &self.people[person].user;
        if dialect.starts_with("v2") {
            format!("/{dialect}/{}s/{}", kind_of(person).name(), user.roles[0].id)
        } else {
            format!("/{dialect}/users/{}", user.id)
        }
    }

    fn id(&self, dialect: &str, person: usize) -> String {
        let user = &self.people[person].user;
        if dialect.starts_with("v2") { user.roles[0].id.to_string() } else { user.id.to_string() }
    }

    /// A teacher: id, name, email. A student: id, first name, last initial, grade.
    fn record(&self, dialect: &str, person: usize) -> Value {
        let user = &self.people[person].user;
        let name = &user.name;
        let mut record = json!({
            "id": self.id(dialect, person),
            "district": self.district.to_string(),
            "name": {"first": name.first, "last": name.last},
        });
        let grade = user.roles[0].details.get("grade").filter(|_| person >= TEACHERS);
        if person < TEACHERS {
            if let Some(middle) = &name.middle {
                record["name"]["middle"] = json!(middle);
            }
            if let Some(email) = &user.email {
                record["email"] = json!(email.as_str());
            }
        } else {
            record["name"]["last"] = json!(&name.last[..1]);
        }
        if dialect.starts_with("v2") {
            if let Some(grade) = grade {
                record["grade"] = json!(in_words_of(dialect, grade));
            }
        } else {
            let mut role = json!({"legacy_id": user.roles[0].id.to_string(), "schools": []});
            if let Some(grade) = grade {
                role["grade"] = json!(grade);
            }
            record["roles"] = json!({ kind_of(person).name(): role });
        }
        record
    }

    fn section(&self, dialect: &str, reader: usize, number: usize) -> Value {
        let room = &self.sections[number];
        let ids = |people: &mut dyn Iterator<Item = usize>| -> Vec<String> {
            people.map(|it| self.id(dialect, it)).collect()
        };
        let as_teacher = |it: &usize| *it == reader || self.is_told(*it);
        let teachers = ids(&mut room.teachers.iter().copied().filter(as_teacher));
        let told = |it: &usize| *it == reader || reader < TEACHERS && self.is_told(*it);
        let mut students = ids(&mut room.students.iter().copied().filter(told));
        students.sort_unstable();
        let mut section = json!({
            "id": room.section.id.to_string(),
            "district": self.district.to_string(),
            "name": room.section.name,
            "teachers": teachers,
            "students": students,
        });
        if as_teacher(&room.teachers[0]) {
            section["teacher"] = json!(teachers[0]);
        }
        for name in ["grade", "subject"] {
            if let Some(value) = room.section.details.get(name) {
                section[name] = json!(value);
            }
        }
        section
    }

    /// What no reply may hold, whoever asks.
    fn secrets(&self) -> Vec<String> {
        let fixed = ["sis-", "dob-", "period-", "NameOfSchool", "NameOfDistrict", "random-"];
        let mut secrets: Vec<String> = fixed.map(str::to_owned).to_vec();
        secrets.push(self.school.to_string());
        for student in &self.people[TEACHERS..] {
            let name = &student.user.name;
            secrets.extend(student.user.email.as_ref().map(|it| it.as_str().to_owned()));
            secrets.extend(name.middle.clone());
            secrets.push(name.last.clone());
        }
        secrets
    }
}

/// The older dialect has no words for some grades; of those thrown here, for 0.
fn in_words_of<'a>(dialect: &str, grade: &'a str) -> &'a str {
    if dialect == "v2.0" && grade == "0" { "Other" } else { grade }
}

fn kind_of(person: usize) -> RoleKind {
    if person < TEACHERS { RoleKind::Teacher } else { RoleKind::Student }
}

fn out_of_scope() -> Expected {
    Expected::Refusal(StatusCode::FORBIDDEN)
}
