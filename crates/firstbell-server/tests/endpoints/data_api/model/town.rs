//! A small district as dice have it: everything that a roster can say, each text there but once. It
//! comes in two rosters, so that there are records that changed, and people who left.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use firstbell_core::id::{CourseId, DistrictId, RoleId, SchoolId, TermId};
use firstbell_core::roster::change::{Enrollment, RosterChange, RosterPerson};
use firstbell_core::roster::{
    Contact, Course, District, DistrictPolicy, Relationship, Resource, Role, RoleKind, School,
    Section, Term, User,
};
use firstbell_core::time::Timestamp;
use firstbell_store::StoreError;
use firstbell_store::testing::Dice;

use super::press::{OF_SCHOOLS, Press};
use crate::world::World;

use RoleKind::{DistrictAdmin, Staff, Student, Teacher};
pub struct Town {
    pub seed: u64,
    pub id: DistrictId,
    pub name: String,
    pub shortname: String,
    pub schools: Vec<School>,
    pub terms: Vec<Term>,
    pub courses: Vec<Course>,
    pub resources: Vec<Resource>,
    pub rooms: Vec<Room>,
    pub people: Vec<Person>,
    pub contacts: Vec<Contact>,
    /// Ids of people and roles who were in the first roster only.
    pub left: Vec<String>,
    /// Ids of records that the second roster changed.
    pub changed: BTreeSet<String>,
    /// When the first roster came, and when the second.
    pub came: [Timestamp; 2],
    /// When the second was there, by the clock on the wall.
    pub synced: Timestamp,
}

pub struct Room {
    pub section: Section,
    pub students: BTreeSet<RoleId>,
}

pub struct Person {
    pub user: User,
    /// Which role is held where, the primary school first.
    pub schools: Vec<(RoleId, SchoolId)>,
    pub suspended: bool,
}

/// Who is there.
const PEOPLE: [&[RoleKind]; 17] = [
    &[Student],
    &[Student],
    &[Student],
    &[Student],
    &[Student],
    &[Student],
    &[Student],
    &[Student],
    &[Teacher],
    &[Teacher],
    &[Teacher, Staff],
    &[Teacher, Staff, DistrictAdmin],
    &[Teacher, DistrictAdmin],
    &[Staff],
    &[Staff],
    &[Staff, DistrictAdmin],
    &[DistrictAdmin],
];

impl Town {
    /// What the dice say.
    pub fn roll(seed: u64) -> Self {
        let at = Timestamp::from_milliseconds(1_700_000_000_000);
        let mut press = Press { seed, at, dice: Dice::new(seed), printed: 0 };
        let it = &mut press;
        let mut town = Self {
            seed,
            id: DistrictId::new(at, &mut it.dice),
            name: it.text("districtname"),
            shortname: format!("town-{seed}"),
            schools: (0..4).map(|_| it.school()).collect(),
            terms: Vec::new(),
            courses: Vec::new(),
            resources: Vec::new(),
            rooms: Vec::new(),
            people: Vec::new(),
            contacts: Vec::new(),
            left: Vec::new(),
            changed: BTreeSet::new(),
            came: [at; 2],
            synced: at,
        };
        for number in 0..3 {
            town.terms.push(Term {
                id: TermId::new(at, &mut it.dice),
                name: if it.often() { it.text("term") } else { String::new() },
                start_date: it.often().then(|| format!("2025-08-1{number}")),
                end_date: it.often().then(|| format!("2025-12-1{number}")),
            });
        }
        for _ in 0..4 {
            town.courses.push(Course {
                id: CourseId::new(at, &mut it.dice),
                name: if it.often() { it.text("course") } else { String::new() },
                number: if it.often() { it.text("coursenumber") } else { String::new() },
            });
        }
        for (number, kinds) in PEOPLE.into_iter().enumerate() {
            let person = it.person(number, kinds, &town.schools);
            town.people.push(person);
        }
        for _ in 0..7 {
            let room = it.room(&town);
            town.rooms.push(room);
        }
        for _ in 0..5 {
            let resource = it.resource(&town);
            town.resources.push(resource);
        }
        for _ in 0..5 {
            let contact = it.contact(&town);
            town.contacts.push(contact);
        }
        town
    }

    /// The roles of this kind.
    pub fn roles(&self, kind: RoleKind) -> Vec<RoleId> {
        let roles = self.people.iter().flat_map(|person| &person.user.roles);
        roles.filter(|role| role.kind == kind).map(|role| role.id).collect()
    }

    /// Brings the district and its two rosters.
    pub async fn write(&mut self, world: &World) {
        let (id, now) = (self.id, world.app.now());
        let district = District {
            id,
            shortname: self.shortname.parse().unwrap(),
            name: self.name.clone(),
            place: None,
            policy: DistrictPolicy::default(),
        };
        world.store.write(move |tx| tx.create_district(&district, now)).await.unwrap();
        let mut press =
            Press { seed: self.seed, at: now, dice: Dice::new(!self.seed), printed: 900 };
        let (first, second) = self.rosters(&mut press);
        for (number, change) in [first, second].into_iter().enumerate() {
            world.clock.advance(Duration::from_secs(1));
            let now = world.app.now();
            self.came[number] = now;
            let version = world.store.read(move |tx| tx.district(id).roster_version()).await;
            world.store.apply_roster(id, version.unwrap(), change, now, |_, _| {}).await.unwrap();
        }
        let made = move |tx: &mut firstbell_store::Tx<'_>| {
            let version = tx.district(id).roster_version()?;
            tx.district(id).version_made(version)
        };
        self.synced = world.store.read(made).await.unwrap().unwrap();
        let suspended = self.people.iter().filter(|it| it.suspended).map(|it| it.user.id);
        let suspended: Vec<_> = suspended.collect();
        let work = move |tx: &mut firstbell_store::Tx<'_>| {
            for user in &suspended {
                tx.district(id).suspend(*user, now)?;
            }
            Ok::<_, StoreError>(())
        };
        world.store.write(work).await.unwrap();
    }

    fn rosters(&mut self, press: &mut Press) -> (RosterChange, RosterChange) {
        let (mut first, mut second) = (RosterChange::default(), RosterChange::default());
        first.terms.added.clone_from(&self.terms);
        first.courses.added.clone_from(&self.courses);
        for school in &self.schools {
            let mut old = school.clone();
            if press.rarely() {
                old.name = press.text("oldschool");
                old.details = press.texts(OF_SCHOOLS);
                second.schools.replaced.push(school.clone());
                self.changed.insert(school.id.to_string());
            }
            first.schools.added.push(old);
        }
        for person in &self.people {
            let now = RosterPerson { user: person.user.clone(), schools: person.schools.clone() };
            let mut old = now.clone();
            if press.rarely() {
                old.user.name.first = press.text("oldfirst");
                old.user.email =
                    Some(format!("{}@s.example", press.text("oldmail")).parse().unwrap());
                old.user.roles[0].details = press.texts(&["state_id", "ext.bus", "location.city"]);
                old.schools = now.user.roles.iter().map(|it| (it.id, self.schools[0].id)).collect();
                old.schools.sort_by_key(|(role, _)| *role);
                second.people.replaced.push(now);
                self.changed.insert(person.user.id.to_string());
            }
            first.people.added.push(old);
        }
        self.those_who_left(press, &mut first, &mut second);
        for room in &self.rooms {
            let mut old = room.section.clone();
            if press.rarely() {
                old.name = press.text("oldsection");
                old.teachers = vec![press.one_of(&self.roles(Teacher))];
                old.school = self.schools[press.below(4)].id;
                second.sections.replaced.push(room.section.clone());
                self.changed.insert(room.section.id.to_string());
                self.enrolled_before(room, press, &mut first, &mut second);
            }
            first.sections.added.push(old);
            let enrolled =
                |student: &RoleId| Enrollment { section: room.section.id, student: *student };
            first.enrollments.added.extend(room.students.iter().map(enrolled));
        }
        for resource in &self.resources {
            let mut old = resource.clone();
            if press.rarely() {
                old.courses = vec![self.courses[3].id];
                second.resources.replaced.push(resource.clone());
                self.changed.insert(resource.id.to_string());
            }
            first.resources.added.push(old);
        }
        for contact in &self.contacts {
            let mut old = contact.clone();
            if press.rarely() {
                old.name.last = press.text("oldcontact");
                old.students[0].relationship = Some("Grandparent".into());
                second.contacts.replaced.push(contact.clone());
                self.changed.insert(contact.id.to_string());
            }
            first.contacts.added.push(old);
        }
        (first, second)
    }

    /// Two students and a teacher of the first roster, with a contact.
    fn those_who_left(
        &mut self,
        press: &mut Press,
        first: &mut RosterChange,
        second: &mut RosterChange,
    ) {
        for kind in [Student, Student, Teacher] {
            let Person { user, schools, .. } = press.person(20, &[kind], &self.schools);
            let role = user.roles[0].id;
            self.left.extend([user.id.to_string(), role.to_string()]);
            second.people.removed.push(user.id);
            first.people.added.push(RosterPerson { user, schools });
            if kind == Student {
                for room in self.rooms.iter().take(4) {
                    let enrollment = Enrollment { section: room.section.id, student: role };
                    first.enrollments.added.push(enrollment);
                    second.enrollments.removed.push(enrollment);
                }
                let mut contact = press.contact(self);
                contact.students =
                    vec![Relationship { student: role, relationship: None, kind: None }];
                self.left.extend([contact.id.to_string(), contact.role.to_string()]);
                second.contacts.removed.push(contact.id);
                first.contacts.added.push(contact);
            }
        }
    }

    /// Students who were in a section and are no longer.
    fn enrolled_before(
        &self,
        room: &Room,
        press: &mut Press,
        first: &mut RosterChange,
        second: &mut RosterChange,
    ) {
        for student in self.roles(Student) {
            if !room.students.contains(&student) && press.rarely() {
                let enrollment = Enrollment { section: room.section.id, student };
                first.enrollments.added.push(enrollment);
                second.enrollments.removed.push(enrollment);
            }
        }
    }

    /// When a record came and when it changed, by its id.
    pub fn dates(&self, id: &str) -> (String, String) {
        let [came, changed] = self.came;
        let modified = if self.changed.contains(id) { changed } else { came };
        (came.to_string(), modified.to_string())
    }

    /// The person who has this role, and the role.
    pub fn holder(&self, id: RoleId) -> (&Person, &Role) {
        let mut all = self.people.iter().flat_map(|it| it.user.roles.iter().map(move |r| (it, r)));
        all.find(|(_, role)| role.id == id).expect("a role")
    }

    /// The sections that a role is in.
    pub fn rooms_of(&self, role: RoleId) -> impl Iterator<Item = &Room> {
        self.rooms.iter().filter(move |room| {
            room.students.contains(&role) || room.section.teachers.contains(&role)
        })
    }

    /// Every id that there is, by the name of its collection in both families.
    pub fn ids(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut ids: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        let mut add = |name, id: String| ids.entry(name).or_default().push(id);
        self.schools.iter().for_each(|it| add("schools", it.id.to_string()));
        self.terms.iter().for_each(|it| add("terms", it.id.to_string()));
        self.courses.iter().for_each(|it| add("courses", it.id.to_string()));
        self.rooms.iter().for_each(|it| add("sections", it.section.id.to_string()));
        self.resources.iter().for_each(|it| add("resources", it.id.to_string()));
        for contact in &self.contacts {
            add("users", contact.id.to_string());
            add("contacts", contact.role.to_string());
        }
        for person in &self.people {
            add("users", person.user.id.to_string());
            for role in &person.user.roles {
                add(plural_v2(role.kind), role.id.to_string());
            }
        }
        add("districts", self.id.to_string());
        ids
    }
}

/// What the older dialects call people in a role.
pub fn plural_v2(kind: RoleKind) -> &'static str {
    match kind {
        Student => "students",
        Teacher => "teachers",
        Staff => "school_admins",
        DistrictAdmin => "district_admins",
    }
}

/// The role's name in the newer dialects.
pub fn word(kind: RoleKind) -> &'static str {
    match kind {
        Student => "student",
        Teacher => "teacher",
        Staff => "staff",
        DistrictAdmin => "district_admin",
    }
}
