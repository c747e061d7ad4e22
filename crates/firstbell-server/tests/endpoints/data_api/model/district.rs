//! What the token of a district must be answered.

use std::collections::BTreeMap;

use firstbell_core::id::{CourseId, RoleId};
use firstbell_core::roster::RoleKind::{self, Student, Teacher};
use serde_json::{Value, json};

use super::asking::{Expected, NOT_FOUND, OUT_OF_SCOPE, Question, endpoints};
use super::page::{Read, page, read};
use super::print::{Printer, Thing};
use super::town::{Person, Room, word};

/// What a district's token is answered, `since` being when the district connected the application.
pub fn expected(printer: &Printer<'_>, question: &Question, since: &str) -> Expected {
    if question.endpoint == "/me" {
        return OUT_OF_SCOPE;
    }
    let read = match read(question) {
        Ok(read) => read,
        Err(status) => return Expected::Complaint(status),
    };
    let district = printer.town.id.to_string();
    if question.collection() == "districts" {
        let data = printer.district(since);
        let uri = format!("/{}/districts/{district}", question.version);
        if !question.is_of_one() {
            return page(question, &read, vec![(district, json!({"data": data, "uri": uri}))]);
        }
        if question.id != district {
            return NOT_FOUND;
        }
        return single(printer, "districts", &district, &data);
    }
    if !question.is_of_one() {
        let things = all(printer, question.collection(), read.role.as_deref());
        return list(printer, question, &read, &things);
    }
    let found = all(printer, question.collection(), None);
    let Some(start) = found.into_iter().find(|it| printer.place(*it).1 == question.id) else {
        return NOT_FOUND;
    };
    match question.relation() {
        None => one(printer, Some(start)),
        Some("district") => single(printer, "districts", &district, &printer.district(since)),
        Some(name @ ("course" | "term" | "school" | "teacher")) => {
            one(printer, related(printer, start, name, &read).into_iter().next())
        }
        Some(name) => list(printer, question, &read, &related(printer, start, name, &read)),
    }
}

/// Everything of a collection that is seen.
fn all<'t>(printer: &Printer<'t>, collection: &str, role: Option<&str>) -> Vec<Thing<'t>> {
    let (town, shown) = (printer.town, printer.shown);
    let mut things = Vec::new();
    match collection {
        "schools" => {
            things.extend(
                town.schools.iter().filter(|it| shown.schools.contains(&it.id)).map(Thing::School),
            );
        }
        "terms" => {
            things.extend(
                town.terms.iter().filter(|it| shown.terms.contains(&it.id)).map(Thing::Term),
            );
        }
        "courses" => {
            things.extend(
                town.courses.iter().filter(|it| shown.courses.contains(&it.id)).map(Thing::Course),
            );
        }
        "sections" => things.extend(rooms(printer).into_iter().map(Thing::Room)),
        "resources" => {
            let seen = town.resources.iter().filter(|it| shown.resources.contains(&it.id));
            things.extend(seen.map(Thing::Resource));
        }
        "contacts" => {
            things.extend(
                town.contacts
                    .iter()
                    .filter(|it| shown.contacts.contains(&it.id))
                    .map(Thing::Contact),
            );
        }
        "users" => {
            for person in &town.people {
                let mut seen = person.user.roles.iter().filter(|it| shown.roles.contains(&it.id));
                if seen.any(|it| role.is_none_or(|role| role == word(it.kind))) {
                    things.push(Thing::User(person));
                }
            }
            if role.is_none_or(|role| role == "contact") {
                things.extend(all(printer, "contacts", None));
            }
        }
        of_role => {
            for person in &town.people {
                for role in &person.user.roles {
                    let named = super::town::plural_v2(role.kind) == of_role;
                    if named && shown.roles.contains(&role.id) {
                        things.push(Thing::Role(person, role));
                    }
                }
            }
        }
    }
    things
}

/// The sections that are seen.
fn rooms<'t>(printer: &Printer<'t>) -> Vec<&'t Room> {
    let seen = |room: &&Room| printer.shown.sections.contains(&room.section.id);
    printer.town.rooms.iter().filter(seen).collect()
}

/// What is related to a thing under this word of a path.
fn related<'t>(printer: &Printer<'t>, start: Thing<'t>, name: &str, read: &Read) -> Vec<Thing<'t>> {
    match start {
        Thing::Course(course) => {
            let sections = rooms_where(printer, |it| it.section.course == Some(course.id));
            if name == "resources" {
                resources(printer, &[course.id])
            } else {
                beside(printer, &sections, name)
            }
        }
        Thing::Term(term) => {
            let sections = rooms_where(printer, |it| it.section.term == Some(term.id));
            beside(printer, &sections, name)
        }
        Thing::Resource(resource) => {
            let sections = rooms_where(printer, |it| {
                it.section.course.is_some_and(|course| resource.courses.contains(&course))
            });
            match name {
                "courses" => {
                    let mut courses = all(printer, "courses", None);
                    courses.retain(
                        |it| matches!(it, Thing::Course(it) if resource.courses.contains(&it.id)),
                    );
                    courses
                }
                "sections" => sections.into_iter().map(Thing::Room).collect(),
                _ => {
                    let mut members = Vec::new();
                    for kind in &resource.roles {
                        members.extend(sections.iter().flat_map(|room| members_of(room, *kind)));
                    }
                    people(printer, &members, read.role.as_deref())
                }
            }
        }
        Thing::School(school) => {
            let kind = match name {
                "students" => Some("student"),
                "teachers" => Some("teacher"),
                "users" => read.role.as_deref(),
                _ => {
                    let sections = rooms_where(printer, |it| it.section.school == school.id);
                    return beside(printer, &sections, name);
                }
            };
            let mut there = Vec::new();
            for person in &printer.town.people {
                for role in &person.user.roles {
                    let held = printer.shown.schools_of(person, role.id);
                    let counts = if read.primary {
                        held.first() == Some(&school.id)
                    } else {
                        held.contains(&school.id)
                    };
                    if counts {
                        there.push(role.id);
                    }
                }
            }
            people(printer, &there, kind)
        }
        Thing::Room(room) => of_room(printer, room, name, read),
        Thing::User(person) => {
            let roles = person.user.roles.iter().filter(|it| printer.shown.roles.contains(&it.id));
            let roles: Vec<_> = roles.map(|it| (it.id, it.kind)).collect();
            of_person(printer, person, &roles, name, read)
        }
        Thing::Role(person, role) => {
            of_person(printer, person, &[(role.id, role.kind)], name, read)
        }
        Thing::Contact(contact) => match name {
            "students" | "mystudents" => {
                let students: Vec<_> = contact.students.iter().map(|it| it.student).collect();
                people(printer, &students, None)
            }
            _ => Vec::new(),
        },
    }
}

fn of_room<'t>(printer: &Printer<'t>, room: &'t Room, name: &str, read: &Read) -> Vec<Thing<'t>> {
    let section = &room.section;
    match name {
        "course" | "term" | "school" => beside(printer, &[room], &format!("{name}s")),
        "resources" => resources(printer, &section.course.into_iter().collect::<Vec<_>>()),
        "students" => people(printer, &members_of(room, Student), None),
        "teachers" => people(printer, &members_of(room, Teacher), None),
        "teacher" => {
            let primary = section.teachers.first().copied();
            people(printer, &primary.into_iter().collect::<Vec<_>>(), None)
        }
        _ => {
            let mut members = members_of(room, Teacher);
            members.extend(members_of(room, Student));
            people(printer, &members, read.role.as_deref())
        }
    }
}

fn of_person<'t>(
    printer: &Printer<'t>,
    person: &'t Person,
    roles: &[(RoleId, RoleKind)],
    name: &str,
    read: &Read,
) -> Vec<Thing<'t>> {
    let rooms_of = |role: RoleId| {
        rooms_where(printer, |it| {
            it.students.contains(&role) || it.section.teachers.contains(&role)
        })
    };
    let mut things = Vec::new();
    for (role, kind) in roles {
        let rooms = rooms_of(*role);
        match (name, kind) {
            ("school" | "schools", _) => {
                let primary = name == "school" || read.primary;
                let most = if primary { 1 } else { usize::MAX };
                let held = printer.shown.schools_of(person, *role);
                for school in held.into_iter().take(most) {
                    let found = printer.town.schools.iter().find(|it| it.id == school);
                    things.extend(found.map(Thing::School));
                }
            }
            ("sections", _) => things.extend(rooms.into_iter().map(Thing::Room)),
            ("students" | "mystudents", Teacher) => {
                for room in rooms {
                    things.extend(people(printer, &members_of(room, Student), None));
                }
            }
            ("teachers" | "myteachers", Student) => {
                for room in rooms {
                    things.extend(people(printer, &members_of(room, Teacher), None));
                }
            }
            ("contacts" | "mycontacts", Student) => {
                let mut contacts = all(printer, "contacts", None);
                contacts.retain(|it| {
                    matches!(it, Thing::Contact(it) if it.students.iter().any(|s| s.student == *role))
                });
                things.extend(contacts);
            }
            ("resources", _) => {
                let courses: Vec<_> = rooms.iter().filter_map(|it| it.section.course).collect();
                let mut found = resources(printer, &courses);
                found.retain(|it| matches!(it, Thing::Resource(it) if it.roles.contains(kind)));
                things.extend(found);
            }
            _ => {}
        }
    }
    things
}

fn rooms_where<'t>(printer: &Printer<'t>, fits: impl Fn(&Room) -> bool) -> Vec<&'t Room> {
    rooms(printer).into_iter().filter(|it| fits(it)).collect()
}

/// The sections themselves, or their schools, terms or courses.
fn beside<'t>(printer: &Printer<'t>, rooms: &[&'t Room], name: &str) -> Vec<Thing<'t>> {
    if name == "sections" {
        return rooms.iter().map(|it| Thing::Room(it)).collect();
    }
    let mut things = all(printer, name, None);
    things.retain(|thing| {
        rooms.iter().any(|room| match thing {
            Thing::School(it) => room.section.school == it.id,
            Thing::Term(it) => room.section.term == Some(it.id),
            Thing::Course(it) => room.section.course == Some(it.id),
            _ => false,
        })
    });
    things
}

fn resources<'t>(printer: &Printer<'t>, courses: &[CourseId]) -> Vec<Thing<'t>> {
    let mut things = all(printer, "resources", None);
    things.retain(|it| {
        matches!(it, Thing::Resource(it) if it.courses.iter().any(|course| courses.contains(course)))
    });
    things
}

fn members_of(room: &Room, kind: RoleKind) -> Vec<RoleId> {
    match kind {
        Teacher => room.section.teachers.clone(),
        Student => room.students.iter().copied().collect(),
        _ => Vec::new(),
    }
}

/// Whoever is seen of those who have these roles, for the sake of these roles.
fn people<'t>(printer: &Printer<'t>, roles: &[RoleId], kind: Option<&str>) -> Vec<Thing<'t>> {
    let mut things = Vec::new();
    for id in roles {
        let (person, role) = printer.town.holder(*id);
        let fits = kind.is_none_or(|kind| kind == word(role.kind));
        if printer.shown.roles.contains(id) && fits {
            let is_v2 = printer.is_v2();
            things.push(if is_v2 { Thing::Role(person, role) } else { Thing::User(person) });
        }
    }
    things
}

fn one(printer: &Printer<'_>, thing: Option<Thing<'_>>) -> Expected {
    let Some(thing) = thing else { return NOT_FOUND };
    let (collection, id) = printer.place(thing);
    single(printer, collection, &id, &printer.data(thing))
}

fn single(printer: &Printer<'_>, collection: &str, id: &str, data: &Value) -> Expected {
    let version = printer.version;
    let mut links = vec![json!({"rel": "self", "uri": format!("/{version}/{collection}/{id}")})];
    for (other, path) in endpoints() {
        let parts: Vec<_> = path.split('/').collect();
        let [_, of, _, relation] = parts[..] else { continue };
        let of_contacts = relation.ends_with("contacts");
        let told = !of_contacts || printer.shown.groups.contains("contacts");
        if other == version && of == collection && told {
            let uri = format!("/{version}/{collection}/{id}/{relation}");
            links.push(json!({"rel": relation, "uri": uri}));
        }
    }
    Expected::Body(json!({"data": data, "links": links}))
}

fn list(printer: &Printer<'_>, question: &Question, read: &Read, things: &[Thing<'_>]) -> Expected {
    let mut items = BTreeMap::new();
    for thing in things {
        let (collection, id) = printer.place(*thing);
        let uri = format!("/{}/{collection}/{id}", question.version);
        items.insert(id, json!({"data": printer.data(*thing), "uri": uri}));
    }
    page(question, read, items.into_iter().collect())
}
