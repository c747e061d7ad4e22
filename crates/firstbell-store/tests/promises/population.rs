//! Districts, people and logins to keep promises about.

use firstbell_core::application::{
    Application, ClientSecret, Connection, ConnectionState, IdTokenAlgorithm, Sharing, Stage,
    Switches,
};
use firstbell_core::id::{
    ApplicationId, CourseId, DistrictId, ResourceId, RoleId, SchoolId, SectionId, TermId, UserId,
};
use firstbell_core::login::code::{self, AuthorizationCode, Grant};
use firstbell_core::roster::change::{
    Binding, CurrentRoster, Enrollment, RecordKind, RosterChange, RosterPerson,
};
use firstbell_core::roster::{
    Contact, Course, Details, District, DistrictPolicy, Generation, PersonName, Relationship,
    Resource, Role, RoleKind, School, Section, Term, User,
};
use firstbell_core::secret::{Secret, SecretHash};
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_store::testing::Dice;
use firstbell_store::{ApplyError, RosterVersion, Store};

/// A moment in 2026.
pub const NOW: Timestamp = Timestamp::from_milliseconds(1_790_000_000_000);

pub fn later(milliseconds: i64) -> Timestamp {
    Timestamp::from_milliseconds(NOW.milliseconds() + milliseconds)
}

pub fn days(count: i64) -> Timestamp {
    later(count * 24 * 3_600_000)
}

/// The hash of a secret that consists of `text`.
pub fn hash(text: &str) -> SecretHash {
    Secret::from_text(text).hash()
}

pub fn district(number: u8) -> District {
    District {
        id: DistrictId::from_bytes([number; 12]),
        shortname: format!("district-{number}").parse().expect("a shortname"),
        name: format!("District {number}"),
        place: number.is_multiple_of(2).then(|| "Springfield, OR".into()),
        policy: DistrictPolicy::default(),
    }
}

pub fn application(number: u8) -> Application {
    Application {
        id: ApplicationId::from_bytes([number; 12]),
        client_id: format!("client{number}").parse().expect("a client id"),
        secrets: vec![ClientSecret { hash: hash("client secret"), until: None }],
        name: "FlightSchool".into(),
        developer: None,
        website: None,
        initiate_login_uri: None,
        redirect_uris: ["https://z.example/cb", "https://a.example/cb"]
            .map(|uri| uri.parse().expect("a URI"))
            .to_vec(),
        user_types: vec![RoleKind::Student, RoleKind::Teacher],
        stage: Stage::Production,
        tier: AccessTier::DistrictSso,
        switches: Switches::default(),
        id_token_algorithm: IdTokenAlgorithm::default(),
        disabled: None,
    }
}

pub fn connection(application: u8, district: u8, sharing: Sharing) -> Connection {
    Connection {
        application: ApplicationId::from_bytes([application; 12]),
        district: DistrictId::from_bytes([district; 12]),
        state: ConnectionState::Active,
        sharing,
        since: NOW,
    }
}

/// Makes district number `number` and gives it `roster`.
pub async fn populate(store: &Store, number: u8, roster: &Roster) -> DistrictId {
    let made = district(number);
    let id = made.id;
    store.write(move |tx| tx.create_district(&made, NOW)).await.expect("a district");
    apply(store, id, roster.arrive()).await.expect("a roster");
    id
}

/// Applies a change to the roster as it is.
pub async fn apply(
    store: &Store,
    district: DistrictId,
    change: RosterChange,
) -> Result<RosterVersion, ApplyError> {
    apply_at(store, district, change, NOW).await
}

/// Applies a change at some time.
pub async fn apply_at(
    store: &Store,
    district: DistrictId,
    change: RosterChange,
    now: Timestamp,
) -> Result<RosterVersion, ApplyError> {
    let version = version(store, district).await;
    store.apply_roster(district, version, change, now, |_, _| {}).await
}

pub async fn version(store: &Store, district: DistrictId) -> RosterVersion {
    store.read(move |tx| tx.district(district).roster_version()).await.expect("a version")
}

pub async fn current(store: &Store, district: DistrictId) -> CurrentRoster {
    store.read_at_length(move |tx| tx.district(district).current_roster()).await.expect("a roster")
}

/// A roster with a few of everything: one school, term, course; sections of ten students.
#[derive(Debug, Clone)]
pub struct Roster {
    pub school: School,
    pub term: Term,
    pub course: Course,
    pub sections: Vec<Section>,
    pub people: Vec<RosterPerson>,
    pub enrollments: Vec<Enrollment>,
    pub contacts: Vec<Contact>,
    pub resources: Vec<Resource>,
}

impl Roster {
    /// As many students; the ids follow from the seed, the SIS ids do not.
    pub fn new(students: usize, seed: u64) -> Self {
        let dice = &mut Dice::new(seed);
        let school = School {
            id: SchoolId::new(NOW, dice),
            sis_id: "1".into(),
            name: "Ada Lovelace Elementary".into(),
            number: "001".into(),
            details: Details::from([("low_grade", "Kindergarten")]),
        };
        let term = Term {
            id: TermId::new(NOW, dice),
            name: "Y1".into(),
            start_date: Some("2026-08-24".into()),
            end_date: None,
        };
        let course =
            Course { id: CourseId::new(NOW, dice), name: "Mathematics".into(), number: "M".into() };
        let resource = Resource {
            id: ResourceId::new(NOW, dice),
            sis_id: "R1".into(),
            title: "Numbers".into(),
            roles: vec![RoleKind::Student, RoleKind::Teacher],
            courses: vec![course.id],
        };
        let mut roster = Self {
            school,
            term,
            course,
            sections: vec![],
            people: vec![],
            enrollments: vec![],
            contacts: vec![],
            resources: vec![resource],
        };
        let kinds = [RoleKind::Teacher, RoleKind::Staff, RoleKind::DistrictAdmin];
        roster.add_person("t-0", &kinds, dice);
        for number in 0..students {
            roster.add_person(&format!("s-{number}"), &[RoleKind::Student], dice);
            if number % 10 == 0 {
                roster.add_section(number, dice);
            }
            let section = roster.sections.last().expect("a section").id;
            let student = roster.people.last().expect("a student").user.roles[0].id;
            roster.enrollments.push(Enrollment { section, student });
            if number % 3 == 0 {
                roster.add_contact(number, student, dice);
            }
        }
        roster
    }

    fn add_person(&mut self, sis_id: &str, kinds: &[RoleKind], dice: &mut Dice) {
        let details = Details::from([
            ("grade".to_owned(), "4".to_owned()),
            ("dob".to_owned(), "01/02/2016".to_owned()),
            ("ext.note".to_owned(), "quotes \" and ñ".to_owned()),
        ]);
        let roles: Vec<Role> = kinds
            .iter()
            .map(|kind| Role {
                id: RoleId::new(NOW, dice),
                kind: *kind,
                sis_id: sis_id.into(),
                details: details.clone(),
            })
            .collect();
        let mut schools: Vec<_> = roles.iter().map(|role| (role.id, self.school.id)).collect();
        schools.sort_unstable();
        let user = User {
            id: UserId::new(NOW, dice),
            email: format!("{sis_id}@school.example").parse().ok(),
            name: PersonName {
                first: "Ana".into(), middle: None, last: format!("Núñez {sis_id}")
            },
            created: NOW,
            last_modified: NOW,
            suspended_since: None,
            generation: Generation::default(),
            roles,
        };
        self.people.push(RosterPerson { user, schools });
    }

    fn add_section(&mut self, number: usize, dice: &mut Dice) {
        self.sections.push(Section {
            id: SectionId::new(NOW, dice),
            school: self.school.id,
            sis_id: format!("c-{number}"),
            name: format!("Class {number}"),
            course: Some(self.course.id),
            term: Some(self.term.id),
            teachers: vec![self.people[0].user.roles[0].id],
            details: Details::new(),
        });
    }

    fn add_contact(&mut self, number: usize, student: RoleId, dice: &mut Dice) {
        let kind = Some("Parent/Guardian".to_owned());
        let relationship = Relationship { student, relationship: None, kind };
        self.contacts.push(Contact {
            id: UserId::new(NOW, dice),
            role: RoleId::new(NOW, dice),
            sis_id: Some(format!("p-{number}")),
            name: PersonName { first: String::new(), middle: None, last: "Ana Núñez".into() },
            email: "ana@home.example".parse().ok(),
            details: Details::from([("phone", "555-0100")]),
            students: vec![relationship],
        });
    }

    /// The change that makes an empty district this one.
    pub fn arrive(&self) -> RosterChange {
        let mut change = RosterChange { bindings: self.bindings(), ..RosterChange::default() };
        change.schools.added.push(self.school.clone());
        change.terms.added.push(self.term.clone());
        change.courses.added.push(self.course.clone());
        change.sections.added.clone_from(&self.sections);
        change.people.added.clone_from(&self.people);
        change.enrollments.added.clone_from(&self.enrollments);
        change.contacts.added.clone_from(&self.contacts);
        change.resources.added.clone_from(&self.resources);
        change
    }

    /// The change that makes this district empty.
    pub fn leave(&self) -> RosterChange {
        let mut change = RosterChange::default();
        change.schools.removed.push(self.school.id);
        change.terms.removed.push(self.term.id);
        change.courses.removed.push(self.course.id);
        change.sections.removed = self.sections.iter().map(|section| section.id).collect();
        change.people.removed = self.people.iter().map(|person| person.user.id).collect();
        change.enrollments.removed.clone_from(&self.enrollments);
        change.contacts.removed = self.contacts.iter().map(|contact| contact.id).collect();
        change.resources.removed = self.resources.iter().map(|resource| resource.id).collect();
        change
    }

    /// The change that gives everybody another family name.
    pub fn rename_all(&self, last: &str) -> RosterChange {
        let mut change = RosterChange::default();
        change.people.replaced.clone_from(&self.people);
        for person in &mut change.people.replaced {
            last.clone_into(&mut person.user.name.last);
        }
        change
    }

    fn bindings(&self) -> Vec<Binding> {
        let binding =
            |kind, sis_id: &str, id, user| Binding { kind, sis_id: sis_id.into(), id, user };
        let mut bindings = vec![
            binding(RecordKind::School, &self.school.sis_id, self.school.id.to_bytes(), None),
            binding(RecordKind::Term, "Y1", self.term.id.to_bytes(), None),
            binding(RecordKind::Course, "M", self.course.id.to_bytes(), None),
        ];
        bindings.extend(self.sections.iter().map(|section| {
            binding(RecordKind::Section, &section.sis_id, section.id.to_bytes(), None)
        }));
        for person in &self.people {
            bindings.extend(person.user.roles.iter().map(|role| {
                let kind = match role.kind {
                    RoleKind::Student => RecordKind::Student,
                    RoleKind::Teacher => RecordKind::Teacher,
                    RoleKind::Staff => RecordKind::Staff,
                    RoleKind::DistrictAdmin => RecordKind::DistrictAdmin,
                };
                binding(kind, &role.sis_id, role.id.to_bytes(), Some(person.user.id))
            }));
        }
        bindings
    }
}

/// A grant for a person of a roster.
pub fn grant(district: DistrictId, user: &User) -> Grant {
    Grant {
        generation: user.generation,
        application: ApplicationId::from_bytes([1; 12]),
        district,
        user: user.id,
        role: user.roles[0].id,
        impersonator: None,
    }
}

/// A fresh code for a person.
pub fn fresh_code(grant: Grant, dice: &mut Dice) -> AuthorizationCode {
    let order = code::Order {
        grant,
        redirect_uri: "https://z.example/cb".parse().expect("a URI"),
        challenge: None,
        nonce: "n-0S6_WzA2Mj".parse().ok(),
        authenticated: NOW,
    };
    code::issue(order, NOW, dice).1
}
