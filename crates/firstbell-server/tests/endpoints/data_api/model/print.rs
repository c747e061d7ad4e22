//! What a record looks like in each dialect, spelt out member by member.

use firstbell_core::roster::RoleKind::{DistrictAdmin, Staff, Student, Teacher};
use firstbell_core::roster::{Contact, Course, Details, Resource, Role, RoleKind, School, Term};
use serde_json::{Map, Value, json};

use super::rules::Shown;
use super::town::{Person, Room, Town, word};

/// A record.
#[derive(Clone, Copy)]
pub enum Thing<'t> {
    School(&'t School),
    Term(&'t Term),
    Course(&'t Course),
    Room(&'t Room),
    Resource(&'t Resource),
    /// Somebody in all roles (v3).
    User(&'t Person),
    /// Somebody in one (v2).
    Role(&'t Person, &'t Role),
    Contact(&'t Contact),
}

/// How a version prints what an application sees of a town.
#[derive(Clone, Copy)]
pub struct Printer<'t> {
    pub town: &'t Town,
    pub shown: &'t Shown,
    /// `v2.0`.
    pub version: &'t str,
}

impl Printer<'_> {
    pub fn is_v2(&self) -> bool {
        is_v2(self.version)
    }

    /// The collection that a thing is told of, and its id there.
    pub fn place(&self, thing: Thing<'_>) -> (&'static str, String) {
        match thing {
            Thing::School(it) => ("schools", it.id.to_string()),
            Thing::Term(it) => ("terms", it.id.to_string()),
            Thing::Course(it) => ("courses", it.id.to_string()),
            Thing::Room(it) => ("sections", it.section.id.to_string()),
            Thing::Resource(it) => ("resources", it.id.to_string()),
            Thing::User(it) => ("users", it.user.id.to_string()),
            Thing::Role(_, it) => (super::town::plural_v2(it.kind), it.id.to_string()),
            Thing::Contact(it) if self.is_v2() => ("contacts", it.role.to_string()),
            Thing::Contact(it) => ("users", it.id.to_string()),
        }
    }

    pub fn data(&self, thing: Thing<'_>) -> Value {
        match thing {
            Thing::School(it) => self.school(it),
            Thing::Term(it) => json!({
                "id": it.id.to_string(), "district": self.town.id.to_string(),
                "name": or_null(&it.name), "start_date": it.start_date, "end_date": it.end_date,
            }),
            Thing::Course(it) => json!({
                "id": it.id.to_string(), "district": self.town.id.to_string(),
                "name": or_null(&it.name), "number": or_null(&it.number),
            }),
            Thing::Room(it) => self.room(it),
            Thing::Resource(it) => {
                let (created, updated) = self.town.dates(&it.id.to_string());
                let roles: Vec<_> = it.roles.iter().map(|kind| word(*kind)).collect();
                json!({
                    "id": it.id.to_string(), "district": self.town.id.to_string(),
                    "resource_id": it.sis_id, "title": it.title, "roles": roles,
                    "created": created, "updated": updated,
                })
            }
            Thing::User(it) => self.user(it),
            Thing::Role(person, role) => self.role_as_person(person, role),
            Thing::Contact(it) if self.is_v2() => self.own_contact(it),
            Thing::Contact(it) => self.contact_user(it),
        }
    }

    fn school(&self, school: &School) -> Value {
        let id = school.id.to_string();
        let (created, last_modified) = self.town.dates(&id);
        let details = &school.details;
        let mut data = json!({
            "id": id, "district": self.town.id.to_string(), "name": school.name,
            "school_number": school.number, "sis_id": school.sis_id,
            "mdr_number": details.get("mdr_number"), "nces_id": details.get("nces_id"),
            "location": location(details),
            "principal": {"name": text(details, "principal.name")},
            "created": created, "last_modified": last_modified,
        });
        if let Some(email) = details.get("principal.email") {
            data["principal"]["email"] = json!(email);
        }
        let to = data.as_object_mut().unwrap();
        copy(details, to, &["state_id", "phone"]);
        for name in ["low_grade", "high_grade"] {
            if let Some(grade) = details.get(name) {
                to.insert(name.into(), json!(grade_in(self.version, grade)));
            }
        }
        self.extend(details, to);
        data
    }

    fn room(&self, room: &Room) -> Value {
        let section = &room.section;
        let id = section.id.to_string();
        let (created, last_modified) = self.town.dates(&id);
        let seen = |role: &&firstbell_core::id::RoleId| self.shown.roles.contains(role);
        let teachers: Vec<_> =
            section.teachers.iter().filter(seen).map(|it| self.name_of(*it)).collect();
        let mut students: Vec<_> =
            room.students.iter().filter(seen).map(|it| self.name_of(*it)).collect();
        students.sort();
        let mut data = json!({
            "id": id, "district": self.town.id.to_string(), "school": section.school.to_string(),
            "course": section.course.map(|it| it.to_string()),
            "term_id": section.term.map(|it| it.to_string()),
            "sis_id": section.sis_id, "name": section.name,
            "period": section.details.get("period"),
            "teachers": teachers, "students": students,
            "created": created, "last_modified": last_modified,
        });
        let to = data.as_object_mut().unwrap();
        if let Some(primary) = section.teachers.first().filter(seen) {
            to.insert("teacher".into(), json!(self.name_of(*primary)));
        }
        copy(&section.details, to, &["section_number", "subject"]);
        if let Some(grade) = section.details.get("grade") {
            to.insert("grade".into(), json!(grade_in(self.version, grade)));
        }
        self.extend(&section.details, to);
        data
    }

    /// How other objects name whoever has this role.
    fn name_of(&self, role: firstbell_core::id::RoleId) -> String {
        if self.is_v2() { role.to_string() } else { self.town.holder(role).0.user.id.to_string() }
    }

    fn user(&self, person: &Person) -> Value {
        let (created, last_modified) = self.town.dates(&person.user.id.to_string());
        let mut roles = Map::new();
        for role in person.user.roles.iter().filter(|it| self.shown.roles.contains(&it.id)) {
            let mut node = json!({ "legacy_id": role.id.to_string() });
            let to = node.as_object_mut().unwrap();
            self.facts(person, role, to);
            if matches!(role.kind, Student | Teacher) {
                to.insert("created".into(), json!(created));
                to.insert("last_modified".into(), json!(last_modified));
            }
            roles.insert(word(role.kind).into(), node);
        }
        let name = &person.user.name;
        let mut data = json!({
            "id": person.user.id.to_string(), "district": self.town.id.to_string(),
            "name": {
                "first": name.first, "middle": name.middle.as_deref().unwrap_or(""), "last": name.last
            },
            "created": created, "last_modified": last_modified, "roles": roles,
        });
        if let Some(email) = &person.user.email {
            data["email"] = json!(email.as_str());
        }
        data
    }

    fn role_as_person(&self, person: &Person, role: &Role) -> Value {
        let name = &person.user.name;
        let mut data = json!({
            "id": role.id.to_string(), "district": self.town.id.to_string(),
            "name": {"first": name.first, "last": name.last},
        });
        if matches!(role.kind, Student | Teacher) {
            let (created, last_modified) = self.town.dates(&person.user.id.to_string());
            data["name"]["middle"] = json!(name.middle.as_deref().unwrap_or(""));
            data["created"] = json!(created);
            data["last_modified"] = json!(last_modified);
        }
        if let Some(email) = &person.user.email {
            data["email"] = json!(email.as_str());
        }
        self.facts(person, role, data.as_object_mut().unwrap());
        data
    }

    /// What both families tell of a role.
    fn facts(&self, person: &Person, role: &Role, to: &mut Map<String, Value>) {
        let details = &role.details;
        let schools: Vec<_> =
            self.shown.schools_of(person, role.id).iter().map(ToString::to_string).collect();
        match role.kind {
            Student => {
                copy(details, to, &["state_id", "student_number", "graduation_year"]);
                if let Some(grade) = details.get("grade") {
                    to.insert("grade".into(), json!(grade_in(self.version, grade)));
                }
                self.demographics(details, to);
                self.sensitive(details, to);
                if self.version != "v2.0" {
                    to.insert("enrollments".into(), json!([]));
                }
                let first = text(details, "preferred_name.first");
                let middle = text(details, "preferred_name.middle");
                let last = text(details, "preferred_name.last");
                let has_one = !(first.is_empty() && middle.is_empty() && last.is_empty());
                if self.version == "v3.1" && has_one {
                    let name = json!({"first": first, "middle": middle, "last": last});
                    to.insert("preferred_name".into(), name);
                }
            }
            Teacher => copy(details, to, &["state_id", "teacher_number", "title"]),
            Staff => {
                copy(details, to, &["title"]);
                if self.version != "v2.0" {
                    copy(details, to, &["department"]);
                }
                if !self.is_v2() {
                    let roles: Vec<_> = details.get("role").into_iter().collect();
                    to.insert("roles".into(), json!(roles));
                }
            }
            DistrictAdmin => return copy(details, to, &["title"]),
        }
        let sis_id = if role.kind == Staff { "staff_id" } else { "sis_id" };
        to.insert(sis_id.into(), json!(role.sis_id));
        let mut credentials = json!({});
        if let Some(name) = details.get("credentials.district_username") {
            credentials["district_username"] = json!(name);
        }
        to.insert("credentials".into(), credentials);
        if let (Student | Teacher, Some(first)) = (role.kind, schools.first()) {
            to.insert("school".into(), json!(first));
        }
        to.insert("schools".into(), json!(schools));
        self.extend(details, to);
    }

    fn demographics(&self, details: &Details, to: &mut Map<String, Value>) {
        if !self.shown.groups.contains("demographics") {
            return;
        }
        let day = details.get("dob").map(|iso| {
            let numbers: Vec<u32> = iso.split('-').map(|part| part.parse().unwrap()).collect();
            format!("{}/{}/{}", numbers[1], numbers[2], numbers[0])
        });
        to.insert("dob".into(), json!(day));
        let gender = match (self.version, text(details, "gender")) {
            ("v2.0", "X") => "",
            (_, gender) => gender,
        };
        to.insert("gender".into(), json!(gender));
        to.insert("race".into(), json!(text(details, "race")));
        to.insert("hispanic_ethnicity".into(), json!(text(details, "hispanic_ethnicity")));
        to.insert("location".into(), location(details));
    }

    fn sensitive(&self, details: &Details, to: &mut Map<String, Value>) {
        if !self.shown.groups.contains("sensitive") {
            return;
        }
        let names: &[&str] = match self.version {
            "v3.0" => &["ell_status"],
            "v3.1" => &[
                "ell_status",
                "frl_status",
                "iep_status",
                "section_504_status",
                "gifted_status",
                "home_language",
                "home_language_code",
            ],
            _ => &["ell_status", "frl_status", "iep_status", "home_language"],
        };
        for name in names {
            to.insert((*name).into(), json!(text(details, name)));
        }
        if self.version == "v3.1" {
            let disability = json!({
                "disability_status": text(details, "disability.disability_status"),
                "disability_type": details.get("disability.disability_type"),
                "disability_code": details.get("disability.disability_code"),
            });
            to.insert("disability".into(), disability);
        }
    }

    fn extend(&self, details: &Details, to: &mut Map<String, Value>) {
        if self.version != "v2.0" && self.shown.groups.contains("extensions") {
            let own = details.iter().filter_map(|(name, value)| {
                Some((name.strip_prefix("ext.")?.to_owned(), json!(value)))
            });
            to.insert("ext".into(), Value::Object(own.collect()));
        }
    }

    fn own_contact(&self, contact: &Contact) -> Value {
        let relationships = self.shown.relationships(contact);
        let first = relationships.first().expect("a student who is seen");
        let name = &contact.name;
        let parts = [Some(&name.first), name.middle.as_ref(), Some(&name.last)];
        let parts: Vec<_> =
            parts.into_iter().flatten().map(String::as_str).filter(|it| !it.is_empty()).collect();
        let students: Vec<_> = relationships.iter().map(|it| it.student.to_string()).collect();
        let mut data = json!({
            "id": contact.role.to_string(), "district": self.town.id.to_string(),
            "name": parts.join(" "), "phone_type": text(&contact.details, "phone_type"),
            "type": first.kind.as_deref().unwrap_or(""),
            "relationship": first.relationship.as_deref().unwrap_or(""),
            "students": students,
        });
        add_contact(contact, &mut data);
        if let Some(email) = &contact.email {
            data["email"] = json!(email.as_str());
        }
        data
    }

    fn contact_user(&self, contact: &Contact) -> Value {
        let id = contact.id.to_string();
        let (created, last_modified) = self.town.dates(&id);
        let relationships: Vec<_> = self
            .shown
            .relationships(contact)
            .iter()
            .map(|it| {
                json!({
                    "student": self.town.holder(it.student).0.user.id.to_string(),
                    "relationship": it.relationship.as_deref().unwrap_or(""),
                    "type": it.kind.as_deref().unwrap_or(""),
                })
            })
            .collect();
        let mut node = json!({
            "legacy_id": contact.role.to_string(),
            "phone_type": text(&contact.details, "phone_type"),
            "student_relationships": relationships,
        });
        add_contact(contact, &mut node);
        let name = &contact.name;
        let mut data = json!({
            "id": id, "district": self.town.id.to_string(),
            "name": {
                "first": name.first, "middle": name.middle.as_deref().unwrap_or(""), "last": name.last
            },
            "created": created, "last_modified": last_modified, "roles": {"contact": node},
        });
        if let Some(email) = &contact.email {
            data["email"] = json!(email.as_str());
        }
        data
    }

    /// The district as an application sees it that reads its roster.
    pub fn district(&self, since: &str) -> Value {
        let mut data = json!({
            "id": self.town.id.to_string(), "name": self.town.name,
            "mdr_number": null, "nces_id": null, "sis_type": "sftp", "state": "running",
            "last_sync": self.town.synced.to_string(),
            "launch_date": if self.is_v2() {
                format!("{}T00:00:00.000Z", &since[..10])
            } else {
                since[..10].to_owned()
            },
            "pause_start": null, "pause_end": null,
        });
        add_portal(self.version, self.town, &mut data);
        if self.version == "v3.1" {
            data["lms_type"] = json!("");
            data["lms_state"] = json!("");
            data["last_attendance_sync"] = Value::Null;
        }
        data
    }
}

fn add_contact(contact: &Contact, to: &mut Value) {
    if let Some(sis_id) = &contact.sis_id {
        to["sis_id"] = json!(sis_id);
    }
    if let Some(phone) = contact.details.get("phone") {
        to["phone"] = json!(phone);
    }
}

/// Where people of the district log in, and how.
pub fn add_portal(version: &str, town: &Town, to: &mut Value) {
    if version != "v2.0" {
        to["portal_url"] = json!(format!("https://login.example/in/{}", town.shortname));
        to["login_methods"] = json!(["Clever Passwords"]);
    }
}

pub fn is_v2(version: &str) -> bool {
    version.starts_with("v2")
}

/// The grade in the words of a version: the oldest has fewer.
pub fn grade_in<'g>(version: &str, grade: &'g str) -> &'g str {
    match (version, grade) {
        ("v2.0", "13" | "TransitionalKindergarten") => "Other",
        _ => grade,
    }
}

/// What people in this role are called in single, in the older dialects.
pub fn word_v2(kind: RoleKind) -> &'static str {
    if kind == Staff { "school_admin" } else { word(kind) }
}

fn location(details: &Details) -> Value {
    json!({
        "address": text(details, "location.address"), "city": text(details, "location.city"),
        "state": text(details, "location.state"), "zip": text(details, "location.zip"),
    })
}

fn text<'d>(details: &'d Details, name: &str) -> &'d str {
    details.get(name).unwrap_or_default()
}

fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

/// Members that are there where something is known.
fn copy(details: &Details, to: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        if let Some(value) = details.get(name) {
            to.insert((*name).into(), json!(value));
        }
    }
}
