//! `students.csv`, `teachers.csv` and `staff.csv`: a row for each school of a role, the primary one
//! first; a student's rows are as many as the schools or the contacts, whichever are more.

use std::collections::BTreeSet;

use firstbell_core::id::SchoolId;
use firstbell_core::roster::change::RosterPerson;
use firstbell_core::roster::{Contact, Email, Role, RoleKind};

use super::{SchoolIds, each_person, header, note_extensions, put_details};
use crate::read::says_district_admin;
use crate::source::RosterFile;
use crate::write::grid::Grid;
use crate::write::{Outgoing, Target, Written};

/// Writes one of the three.
pub(super) fn write<O: Outgoing>(
    roster: &mut O,
    target: &mut Target,
    (file, schools): (RosterFile, &SchoolIds),
    written: &mut Written,
) -> Result<(), O::Error> {
    let mut extensions = BTreeSet::new();
    each_person(roster, file, |_, _, role| {
        note_extensions(&mut extensions, &role.details);
        Ok(())
    })?;
    target.file(file.name(), |out| {
        let mut grid = Grid::begin(out, header(file, extensions))?;
        each_person(roster, file, |roster, person, role| {
            let contacts = match role.kind {
                RoleKind::Student => roster.contacts_of(role.id)?,
                _ => Vec::new(),
            };
            let held: Vec<SchoolId> = schools_of(person, role);
            // District administrators are known by having no school.
            let held = if role.kind == RoleKind::DistrictAdmin { &[] } else { &held[..] };
            for row in 0..held.len().max(contacts.len()).max(1) {
                let school = held.get(row).or(held.first()).and_then(|id| schools.get(id));
                grid.put("School_id", school.map_or("", String::as_str));
                put_role(&mut grid, file, person, role);
                if school.is_none() {
                    keep_kind(&mut grid, role);
                }
                if let Some(contact) = contacts.get(row) {
                    put_contact(&mut grid, contact, role);
                }
                grid.end_row()?;
            }
            written.roles += 1;
            written.contacts += contacts.len() as u64;
            Ok(())
        })
    })
}

fn schools_of(person: &RosterPerson, role: &Role) -> Vec<SchoolId> {
    let held = person.schools.iter().filter(|(of, _)| *of == role.id);
    held.map(|(_, school)| *school).collect()
}

/// What a row says of the person, whatever the school.
fn put_role(grid: &mut Grid<'_>, file: RosterFile, person: &RosterPerson, role: &Role) {
    let (id, email) = match role.kind {
        RoleKind::Student => ("Student_id", "Student_email"),
        RoleKind::Teacher => ("Teacher_id", "Teacher_email"),
        RoleKind::Staff | RoleKind::DistrictAdmin => ("Staff_id", "Staff_email"),
    };
    let user = &person.user;
    grid.put(id, &role.sis_id);
    grid.put(email, user.email.as_ref().map_or("", Email::as_str));
    grid.put("First_name", &user.name.first);
    grid.put("Middle_name", user.name.middle.as_deref().unwrap_or_default());
    grid.put("Last_name", &user.name.last);
    let username = role.details.get("credentials.district_username");
    grid.put("Username", username.unwrap_or_default());
    put_details(grid, file, &role.details);
}

/// A row of `staff.csv` without a school that names an administrator makes its person one, and any
/// other makes nobody one: who is staff stays staff, whatever the title, and the other way round.
fn keep_kind(grid: &mut Grid<'_>, role: &Role) {
    let said = |name| role.details.get(name).unwrap_or_default();
    match (role.kind, says_district_admin(said("role"), said("title"))) {
        (RoleKind::Staff, true) => grid.put("Role", "Staff"),
        (RoleKind::DistrictAdmin, false) => grid.put("Role", "District Admin"),
        _ => {}
    }
}

fn put_contact(grid: &mut Grid<'_>, contact: &Contact, student: &Role) {
    let detail = |name| contact.details.get(name).unwrap_or_default();
    grid.put("Contact_sis_id", contact.sis_id.as_deref().unwrap_or_default());
    grid.put("Contact_name", &contact.name.full());
    grid.put("Contact_email", contact.email.as_ref().map_or("", Email::as_str));
    grid.put("Contact_phone", detail("phone"));
    grid.put("Contact_phone_type", detail("phone_type"));
    if let Some(tie) = contact.students.iter().find(|tie| tie.student == student.id) {
        grid.put("Contact_relationship", tie.relationship.as_deref().unwrap_or_default());
        grid.put("Contact_type", tie.kind.as_deref().unwrap_or_default());
    }
}
