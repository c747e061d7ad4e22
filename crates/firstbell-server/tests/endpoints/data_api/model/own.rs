//! What the token of a person must be answered, in each tier.

use std::collections::{BTreeMap, BTreeSet};

use firstbell_core::application::Sharing;
use firstbell_core::id::RoleId;
use firstbell_core::roster::RoleKind::{DistrictAdmin, Student, Teacher};
use firstbell_core::roster::{Role, RoleKind};
use firstbell_core::sharing::AccessTier;
use serde_json::{Map, Value, json};

use super::asking::{Expected, INVALID, NOT_FOUND, OUT_OF_SCOPE, Question};
use super::print::{add_portal, grade_in, is_v2, word_v2};
use super::rules::{self, Shown};
use super::town::{Person, Room, Town, plural_v2, word};
use super::values::Granted;

/// How a town has let an application in.
pub enum Door {
    /// The district did, like this.
    District(Sharing),
    /// Teachers did: which sections each shares, by the number of the person.
    Teachers(BTreeMap<usize, BTreeSet<usize>>),
    /// The district has paused it.
    Paused,
}

/// A person with a token of an application.
pub struct Owner<'t> {
    pub town: &'t Town,
    pub tier: AccessTier,
    pub serves: &'t [RoleKind],
    pub door: &'t Door,
    /// The number of the person, and the role that they logged in with.
    pub person: usize,
    pub login: RoleId,
}

/// In which roles somebody is there.
struct Entry<'t> {
    person: &'t Person,
    entered: &'t Role,
    roles: Vec<&'t Role>,
}

impl<'t> Owner<'t> {
    fn entry(&self) -> Option<Entry<'t>> {
        let person = &self.town.people[self.person];
        if person.suspended {
            return None;
        }
        let served = |role: &&Role| self.serves.contains(&role.kind);
        let roles: Vec<_> = match self.door {
            Door::Paused => return None,
            Door::District(sharing) => {
                let roles = person.user.roles.iter();
                let shared = |it: &&Role| rules::shares(self.town, sharing, person, it);
                roles.filter(shared).filter(served).collect()
            }
            Door::Teachers(links) => {
                let of = |kind| person.user.roles.iter().find(|it| it.kind == kind);
                let role = of(Teacher).or(of(Student)).filter(served)?;
                let connected = match role.kind {
                    Teacher => links.contains_key(&self.person),
                    _ => self.town.rooms_of(role.id).any(|room| self.is_linked(room)),
                };
                Some(role).filter(|_| connected).into_iter().collect()
            }
        };
        let login = roles.iter().find(|it| it.id == self.login);
        let entered = *login.or(roles.first())?;
        Some(Entry { person, entered, roles })
    }

    /// Whether a teacher of a section shares it, who may.
    fn is_linked(&self, room: &Room) -> bool {
        let Door::Teachers(links) = self.door else { return false };
        links.iter().any(|(teacher, sections)| {
            let person = &self.town.people[*teacher];
            let teaches = person.user.roles.iter().any(|it| room.section.teachers.contains(&it.id));
            let named =
                sections.iter().any(|it| self.town.rooms[*it].section.id == room.section.id);
            teaches && named && !person.suspended
        })
    }

    /// Whether the application sees a section for the sake of this role.
    fn sees(&self, entry: &Entry<'_>, room: &Room) -> bool {
        let is_in = |role: &&&Role| {
            room.students.contains(&role.id) || room.section.teachers.contains(&role.id)
        };
        entry.roles.iter().filter(is_in).any(|role| match self.door {
            Door::Paused => false,
            Door::District(sharing) => {
                let held = [room.section.school];
                sharing.rules.iter().any(|rule| rules::fits(rule, role, &held, &[room]))
            }
            Door::Teachers(links) if role.kind == Teacher => {
                let own = links.get(&self.person);
                own.is_some_and(|own| {
                    own.iter().any(|it| self.town.rooms[*it].section.id == room.section.id)
                })
            }
            Door::Teachers(_) => self.is_linked(room),
        })
    }

    /// Whether the application lets the person in.
    pub fn may_enter(&self) -> bool {
        self.entry().is_some()
    }

    pub fn expected(&self, question: &Question) -> Expected {
        let Some(entry) = self.entry() else { return INVALID };
        let asked = question.id.as_str();
        let is_id = asked.len() == 24
            && asked.chars().all(|it| it.is_ascii_digit() || ('a'..='f').contains(&it));
        let version = question.version;
        let people = ["users", "students", "teachers", "school_admins", "district_admins"];
        match (question.collection(), question.relation()) {
            ("me", _) => Expected::Body(self.me(&entry, version)),
            (_, _) if !question.is_of_one() => OUT_OF_SCOPE,
            ("districts", None) if is_id => self.district(question),
            ("sections", None) if is_id => self.section(&entry, question),
            ("sections", Some("students" | "users")) if is_id => self.members(&entry, question),
            (of, None) if is_id && people.contains(&of) => match self.own_role(&entry, question) {
                Some(role) => Expected::Body(self.single(&entry, version, role)),
                None => OUT_OF_SCOPE,
            },
            (of, Some("sections")) if is_id && people.contains(&of) => {
                match self.own_role(&entry, question) {
                    Some(_) if self.tier == AccessTier::Classroom => {
                        self.sections(&entry, question)
                    }
                    _ => OUT_OF_SCOPE,
                }
            }
            ("districts" | "sections", None) => NOT_FOUND,
            ("sections", Some("students" | "teachers" | "users")) if !is_id => NOT_FOUND,
            (of, None | Some("sections")) if people.contains(&of) => NOT_FOUND,
            _ => OUT_OF_SCOPE,
        }
    }

    /// What may be told at all.
    pub fn granted(&self) -> Granted {
        let mut granted = Granted::default();
        let Some(entry) = self.entry() else { return granted };
        let it = &mut granted;
        let user = &entry.person.user;
        it.add(self.town.id);
        it.add(user.id);
        it.add(&user.name.first);
        entry.roles.iter().for_each(|role| it.add(role.id));
        let is_student = entry.entered.kind == Student;
        if self.tier != AccessTier::Classroom || !is_student {
            it.add(&user.name.last);
            user.email.iter().for_each(|at| it.add(at.as_str().split('@').next().unwrap()));
        }
        match self.tier {
            AccessTier::DistrictSso => it.add(&self.town.name),
            AccessTier::SecureSync => {
                it.add(&self.town.name);
                user.name.middle.iter().for_each(|name| it.add(name));
                entry.roles.iter().for_each(|role| it.add(&role.sis_id));
            }
            AccessTier::Classroom => {
                let teaches = entry.roles.iter().any(|role| role.kind == Teacher);
                if teaches {
                    user.name.middle.iter().for_each(|name| it.add(name));
                }
                for room in self.town.rooms.iter().filter(|room| self.sees(&entry, room)) {
                    it.add(room.section.id);
                    it.add(&room.section.name);
                    for teacher in self.told_teachers(&entry, room) {
                        it.add(teacher);
                        it.add(self.town.holder(teacher).0.user.id);
                    }
                    for student in self.told(room).into_iter().filter(|_| teaches) {
                        let classmate = &self.town.holder(student).0.user;
                        it.add(student);
                        it.add(classmate.id);
                        it.add(&classmate.name.first);
                    }
                }
            }
        }
        granted
    }

    /// The role of the path, if it is one of the person's that the application sees.
    fn own_role<'e>(&self, entry: &'e Entry<'t>, question: &Question) -> Option<&'e Role> {
        if question.collection() == "users" {
            let own = entry.person.user.id.to_string() == question.id;
            return Some(entry.entered).filter(|_| own);
        }
        let named = |role: &&&Role| {
            role.id.to_string() == question.id && plural_v2(role.kind) == question.collection()
        };
        entry.roles.iter().find(named).copied()
    }

    fn me(&self, entry: &Entry<'_>, version: &str) -> Value {
        let (id, kind) = if is_v2(version) {
            (entry.entered.id.to_string(), word_v2(entry.entered.kind))
        } else {
            (entry.person.user.id.to_string(), "user")
        };
        let mut data = json!({
            "id": id, "district": self.town.id.to_string(), "type": kind, "authorized_by": self.by(),
        });
        if is_v2(version) && self.tier == AccessTier::Classroom {
            let own = self.role_object(entry.person, entry.entered, entry.entered.kind, version);
            for name in ["name", "email", "grade"] {
                if let Some(value) = own.get(name) {
                    data[name] = value.clone();
                }
            }
        }
        let canonical = self.place(entry.person, entry.entered, version);
        let district = format!("/{version}/districts/{}", self.town.id);
        json!({"type": kind, "data": data, "links": [
            {"rel": "self", "uri": "/me"},
            {"rel": "canonical", "uri": canonical},
            {"rel": "district", "uri": district},
        ]})
    }

    fn by(&self) -> &'static str {
        if matches!(self.door, Door::Teachers(_)) { "teacher" } else { "district" }
    }

    fn place(&self, person: &Person, role: &Role, version: &str) -> String {
        if is_v2(version) {
            format!("/{version}/{}/{}", plural_v2(role.kind), role.id)
        } else {
            format!("/{version}/users/{}", person.user.id)
        }
    }

    fn single(&self, entry: &Entry<'_>, version: &str, role: &Role) -> Value {
        let place = self.place(entry.person, role, version);
        let mut links = vec![
            json!({"rel": "self", "uri": place}),
            json!({"rel": "district", "uri": format!("/{version}/districts/{}", self.town.id)}),
        ];
        let data = if is_v2(version) {
            if self.tier == AccessTier::Classroom {
                links.push(json!({"rel": "sections", "uri": format!("{place}/sections")}));
            }
            self.role_object(entry.person, role, entry.entered.kind, version)
        } else {
            self.user_object(entry.person, &entry.roles, entry.entered.kind, version)
        };
        json!({"data": data, "links": links})
    }

    /// What the tier tells of somebody who is there as `kind`, beside their roles.
    fn head(&self, person: &Person, kind: RoleKind) -> Map<String, Value> {
        let user = &person.user;
        let classroom = self.tier == AccessTier::Classroom;
        let mut name = json!({"first": user.name.first, "last": user.name.last});
        let middle = match self.tier {
            AccessTier::DistrictSso => None,
            AccessTier::Classroom if kind != Teacher => None,
            _ => user.name.middle.as_ref(),
        };
        if let Some(middle) = middle {
            name["middle"] = json!(middle);
        }
        if classroom && kind == Student {
            name["last"] = json!(&user.name.last[..1]);
        }
        let mut head = Map::new();
        head.insert("district".into(), json!(self.town.id.to_string()));
        head.insert("name".into(), name);
        if let Some(email) = user.email.as_ref().filter(|_| !(classroom && kind == Student)) {
            head.insert("email".into(), json!(email.as_str()));
        }
        if !classroom {
            let (created, last_modified) = self.town.dates(&user.id.to_string());
            head.insert("created".into(), json!(created));
            head.insert("last_modified".into(), json!(last_modified));
        }
        head
    }

    /// What the tier tells of a role.
    fn facts(&self, role: &Role, version: &str, to: &mut Map<String, Value>) {
        if self.tier == AccessTier::SecureSync {
            to.insert("sis_id".into(), json!(role.sis_id));
        }
        let grade = role.details.get("grade");
        let told = role.kind == Student && self.tier != AccessTier::DistrictSso;
        if let Some(grade) = grade.filter(|_| told) {
            to.insert("grade".into(), json!(grade_in(version, grade)));
        }
    }

    fn role_object(&self, person: &Person, role: &Role, kind: RoleKind, version: &str) -> Value {
        let mut data = self.head(person, kind);
        data.insert("id".into(), json!(role.id.to_string()));
        self.facts(role, version, &mut data);
        Value::Object(data)
    }

    fn user_object(
        &self,
        person: &Person,
        roles: &[&Role],
        kind: RoleKind,
        version: &str,
    ) -> Value {
        let mut nodes = Map::new();
        for role in roles {
            let mut node = Map::new();
            node.insert("legacy_id".into(), json!(role.id.to_string()));
            self.facts(role, version, &mut node);
            if role.kind != DistrictAdmin {
                node.insert("schools".into(), json!([]));
            }
            nodes.insert(word(role.kind).into(), Value::Object(node));
        }
        let mut data = self.head(person, kind);
        data.insert("id".into(), json!(person.user.id.to_string()));
        data.insert("roles".into(), Value::Object(nodes));
        Value::Object(data)
    }

    fn district(&self, question: &Question) -> Expected {
        let id = self.town.id.to_string();
        if question.id != id {
            return OUT_OF_SCOPE;
        }
        let mut data = json!({"id": id});
        if self.tier != AccessTier::Classroom {
            data["name"] = json!(self.town.name);
            add_portal(question.version, self.town, &mut data);
        }
        let uri = format!("/{}/districts/{id}", question.version);
        Expected::Body(json!({"data": data, "links": [{"rel": "self", "uri": uri}]}))
    }

    /// The section of the path, if the token reads it.
    fn room(&self, entry: &Entry<'_>, question: &Question) -> Option<&'t Room> {
        let named = |it: &&Room| it.section.id.to_string() == question.id;
        let found = self.town.rooms.iter().find(named)?;
        Some(found).filter(|it| self.tier == AccessTier::Classroom && self.sees(entry, it))
    }

    fn section(&self, entry: &Entry<'_>, question: &Question) -> Expected {
        let Some(room) = self.room(entry, question) else { return OUT_OF_SCOPE };
        let version = question.version;
        let uri = format!("/{version}/sections/{}", room.section.id);
        let people = if is_v2(version) { "students" } else { "users" };
        Expected::Body(json!({"data": self.section_object(entry, room, version), "links": [
            {"rel": "self", "uri": uri},
            {"rel": "district", "uri": format!("/{version}/districts/{}", self.town.id)},
            {"rel": people, "uri": format!("{uri}/{people}")},
        ]}))
    }

    fn sections(&self, entry: &Entry<'_>, question: &Question) -> Expected {
        let mut items = BTreeMap::new();
        for room in self.town.rooms.iter().filter(|it| self.sees(entry, it)) {
            let uri = format!("/{}/sections/{}", question.version, room.section.id);
            let data = self.section_object(entry, room, question.version);
            items.insert(room.section.id, json!({"data": data, "uri": uri}));
        }
        whole(items.into_values().collect(), &question.bare())
    }

    /// The students of a section whom the application may know of: all where the teacher shares it.
    fn told(&self, room: &Room) -> Vec<RoleId> {
        room.students.iter().copied().filter(|it| self.tells(*it)).collect()
    }

    /// The teachers, with the one whose token it is.
    fn told_teachers(&self, entry: &Entry<'_>, room: &Room) -> Vec<RoleId> {
        let own = |it: RoleId| entry.roles.iter().any(|role| role.id == it);
        let teachers = room.section.teachers.iter().copied();
        teachers.filter(|it| own(*it) || self.tells(*it)).collect()
    }

    fn tells(&self, role: RoleId) -> bool {
        match self.door {
            Door::District(sharing) => Shown::of(self.town, sharing).roles.contains(&role),
            _ => true,
        }
    }

    fn section_object(&self, entry: &Entry<'_>, room: &Room, version: &str) -> Value {
        let section = &room.section;
        let name = |role: &RoleId| {
            if is_v2(version) {
                role.to_string()
            } else {
                self.town.holder(*role).0.user.id.to_string()
            }
        };
        let teaches = entry.roles.iter().any(|it| it.kind == Teacher);
        let own = room.students.iter().copied();
        let own = own.filter(|it| entry.roles.iter().any(|role| role.id == *it));
        let students = if teaches { self.told(room) } else { own.collect() };
        let mut students: Vec<_> = students.iter().map(name).collect();
        students.sort();
        let teachers = self.told_teachers(entry, room);
        let names: Vec<_> = teachers.iter().map(name).collect();
        let mut data = json!({
            "id": section.id.to_string(), "district": self.town.id.to_string(),
            "name": section.name, "teachers": names, "students": students,
        });
        if teachers.contains(&section.teachers[0]) {
            data["teacher"] = json!(name(&section.teachers[0]));
        }
        if let Some(grade) = section.details.get("grade") {
            data["grade"] = json!(grade_in(version, grade));
        }
        if let Some(subject) = section.details.get("subject") {
            data["subject"] = json!(subject);
        }
        data
    }

    /// Who is in a section: its students, and the teacher whose token it is.
    fn members(&self, entry: &Entry<'_>, question: &Question) -> Expected {
        let version = question.version;
        let asked: Vec<_> =
            question.query.iter().filter(|it| it.0 == "role" && !is_v2(version)).collect();
        let role = match asked[..] {
            [] => None,
            [(_, role)] => match role.as_str() {
                "" => None,
                role @ ("student" | "teacher") => Some(role),
                _ => return Expected::Refusal(400, "role is student or teacher"),
            },
            _ => return Expected::Refusal(400, "role is student or teacher"),
        };
        let Some(room) = self.room(entry, question) else { return OUT_OF_SCOPE };
        let teaches = entry.roles.iter().find(|it| it.kind == Teacher);
        let Some(teaches) = teaches else { return OUT_OF_SCOPE };
        let mut items = BTreeMap::new();
        let mut add = |person: &Person, role: &Role| {
            let uri = self.place(person, role, version);
            let data = if is_v2(version) {
                self.role_object(person, role, role.kind, version)
            } else {
                self.user_object(person, &[role], role.kind, version)
            };
            items.insert(uri.clone(), json!({"data": data, "uri": uri}));
        };
        if role != Some("teacher") {
            for student in self.told(room) {
                let (person, learns) = self.town.holder(student);
                add(person, learns);
            }
        }
        if role != Some("student") && !is_v2(version) {
            add(entry.person, teaches);
        }
        let uri = match role {
            Some(role) => format!("{}?role={role}", question.bare()),
            None => question.bare(),
        };
        whole(items.into_values().collect(), &uri)
    }
}

fn whole(items: Vec<Value>, uri: &str) -> Expected {
    Expected::Body(json!({"data": items, "links": [{"rel": "self", "uri": uri}]}))
}
