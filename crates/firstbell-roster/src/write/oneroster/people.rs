//! What there is about users in other tables: their roles, demographics and enrolments.

use std::collections::HashSet;

use firstbell_core::id::{RoleId, SchoolId};
use firstbell_core::roster::change::RosterPerson;
use firstbell_core::roster::{Details, District, Relationship, Role, RoleKind};
use firstbell_core::sharing::Member;

use super::{Take, filled};
use crate::day::Day;
use crate::oneroster::RACES;
use crate::words;
use crate::write::{Among, Outgoing, Written, each};

/// `roles.csv`: a row for each role at each of its schools; at the district where it has none.
pub(super) fn roles<O: Outgoing>(
    roster: &mut O,
    district: &District,
    written: &mut Written,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    let top = district.id.to_string();
    let page = |roster: &mut O, after| roster.people(Among::Everybody, after);
    each(roster, page, |_, person| {
        let user = person.user.id.hex();
        // Each organisation has one primary role of a user.
        let mut taken = HashSet::new();
        for role in &person.user.roles {
            written.roles += 1;
            for (nth, org) in orgs(&person, role, &top).into_iter().enumerate() {
                let rank = if taken.insert(org.clone()) { "primary" } else { "secondary" };
                take(&filled([
                    ("sourcedId", &*format!("{}-{}-{nth}", &*user, role.kind.name())),
                    ("userSourcedId", &user),
                    ("roleType", rank),
                    ("role", role_word(role)),
                    ("orgSourcedId", &org),
                    ("metadata.firstbell.rank", if nth == 0 { "primary" } else { "secondary" }),
                ]))?;
            }
        }
        Ok(())
    })?;
    each(roster, O::contacts, |_, contact| {
        written.contacts += contact.students.len() as u64;
        let user = contact.id.hex();
        take(&filled([
            ("sourcedId", &*format!("{}-contact", &*user)),
            ("userSourcedId", &user),
            ("roleType", "primary"),
            ("role", contact.students.first().map_or("relative", contact_word)),
            ("orgSourcedId", &top),
        ]))
    })
}

fn orgs(person: &RosterPerson, role: &Role, top: &str) -> Vec<String> {
    let held = person.schools.iter().filter(|(of, _)| *of == role.id);
    let schools: Vec<String> = held.map(|(_, school)| SchoolId::to_string(school)).collect();
    // An administrator of the district is one there and nowhere else.
    if schools.is_empty() || role.kind == RoleKind::DistrictAdmin {
        vec![top.to_owned()]
    } else {
        schools
    }
}

/// The standard's word for a role. It has none for staff in general: they get the one from which staff
/// are read.
pub fn role_word(role: &Role) -> &'static str {
    match role.kind {
        RoleKind::Student => "student",
        RoleKind::Teacher => "teacher",
        RoleKind::DistrictAdmin => "districtAdministrator",
        RoleKind::Staff => {
            let said = role.details.get("role").unwrap_or_default();
            let known = ["principal", "counselor", "proctor", "systemAdministrator"];
            let found = known.into_iter().find(|word| word.eq_ignore_ascii_case(said));
            found.unwrap_or("siteAdministrator")
        }
    }
}

/// The standard's word for what a contact is to a student.
pub fn contact_word(tie: &Relationship) -> &'static str {
    match (tie.relationship.as_deref(), tie.kind.as_deref()) {
        (Some("Parent"), _) => "parent",
        (None | Some("Other"), Some("Parent/Guardian")) => "guardian",
        _ => "relative",
    }
}

const GENDERS: [(&str, &str); 3] = [("M", "male"), ("F", "female"), ("X", "other")];
const SEVERAL_RACES: &str = "Two or More Races";

/// Whether `demographics.csv` says this of a student.
pub(super) fn is_in_demographics(name: &str, value: &str) -> bool {
    match name {
        "dob" => words::date(value).is_some_and(|date| Day::of(date).to_string() == value),
        "gender" => GENDERS.iter().any(|(known, _)| *known == value),
        "race" => value == SEVERAL_RACES || RACES.iter().any(|(_, known)| *known == value),
        "hispanic_ethnicity" => ["Y", "N"].contains(&value),
        _ => false,
    }
}

/// `demographics.csv`: of students of whom there is something to say.
pub(super) fn demographics<O: Outgoing>(
    roster: &mut O,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    let page = |roster: &mut O, after| roster.people(Among::In(RoleKind::Student), after);
    each(roster, page, |_, person| {
        let Some(student) = person.user.role(RoleKind::Student) else { return Ok(()) };
        let said = said_of_origin(&student.details);
        if said.is_empty() {
            return Ok(());
        }
        let id = person.user.id.hex();
        take(&filled(said.into_iter().chain([("sourcedId", &*id)])))
    })
}

/// What `demographics` says of a student: the standard's members and their values.
pub fn said_of_origin(details: &Details) -> Vec<(&'static str, &str)> {
    let value = |name: &str| {
        let value = details.get(name);
        value.filter(|value| is_in_demographics(name, value))
    };
    let mut said = Vec::new();
    said.extend(value("dob").map(|date| ("birthDate", date)));
    let gender = value("gender");
    let sex = GENDERS.into_iter().find(|(known, _)| Some(*known) == gender);
    said.extend(sex.map(|(_, word)| ("sex", word)));
    match value("race") {
        Some(SEVERAL_RACES) => said.push(("demographicRaceTwoOrMoreRaces", "true")),
        race => {
            let column = RACES.into_iter().find(|(_, known)| Some(*known) == race);
            said.extend(column.map(|(column, _)| (column, "true")));
        }
    }
    let hispanic = value("hispanic_ethnicity");
    let is_hispanic = hispanic.map(|letter| if letter == "Y" { "true" } else { "false" });
    said.extend(is_hispanic.map(|word| ("hispanicOrLatinoEthnicity", word)));
    said
}

/// `enrollments.csv`: teachers, the primary one first, and students.
pub(super) fn enrollments<O: Outgoing>(
    roster: &mut O,
    written: &mut Written,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    each(roster, O::sections, |_, room| {
        written.sections += 1;
        written.enrollments += room.students.len() as u64;
        let (class, school) = (room.section.id.hex(), room.section.school.hex());
        let mut row = |member: &Member, role: &str, primary: &str| {
            take(&filled([
                ("sourcedId", &*format!("{}-{}", &*class, RoleId::hex(member.role).as_str())),
                ("classSourcedId", &class),
                ("schoolSourcedId", &school),
                ("userSourcedId", &member.user.hex()),
                ("role", role),
                ("primary", primary),
            ]))
        };
        for teacher in &room.teachers {
            let is_primary = room.primary.as_ref() == Some(teacher);
            row(teacher, "teacher", if is_primary { "true" } else { "false" })?;
        }
        room.students.iter().try_for_each(|student| row(student, "student", "false"))
    })
}
