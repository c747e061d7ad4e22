//! Who and what a district's sharing lets an application see, read slowly: each record is held
//! against each rule, by the words of `SharingRule` and of the head of `core::sharing::synced`.

use std::collections::BTreeSet;

use firstbell_core::application::{DataGroup, DataGroups, Sharing, SharingRule};
use firstbell_core::id::{CourseId, ResourceId, RoleId, SchoolId, SectionId, TermId, UserId};
use firstbell_core::roster::RoleKind::{DistrictAdmin, Staff, Student, Teacher};
use firstbell_core::roster::{Contact, Relationship, Resource, Role, RoleKind};
use firstbell_store::testing::Dice;

use super::press::{GRADES, SUBJECTS};
use super::town::{Person, Room, Town};

/// What is seen of a town.
pub struct Shown {
    pub roles: BTreeSet<RoleId>,
    pub sections: BTreeSet<SectionId>,
    pub schools: BTreeSet<SchoolId>,
    pub terms: BTreeSet<TermId>,
    pub courses: BTreeSet<CourseId>,
    pub resources: BTreeSet<ResourceId>,
    pub contacts: BTreeSet<UserId>,
    pub groups: BTreeSet<&'static str>,
}

impl Shown {
    pub fn of(town: &Town, sharing: &Sharing) -> Self {
        let everything = sharing.rules.iter().any(is_bare);
        let mut shown = Self {
            roles: BTreeSet::new(),
            sections: BTreeSet::new(),
            schools: BTreeSet::new(),
            terms: BTreeSet::new(),
            courses: BTreeSet::new(),
            resources: BTreeSet::new(),
            contacts: BTreeSet::new(),
            groups: sharing.groups.iter().map(DataGroup::name).collect(),
        };
        for person in &town.people {
            let shared = person.user.roles.iter().filter(|it| shares(town, sharing, person, it));
            shown.roles.extend(shared.map(|it| it.id));
        }
        for room in &town.rooms {
            if sharing.rules.iter().any(|rule| fits_section(town, rule, room)) {
                shown.sections.insert(room.section.id);
                shown.terms.extend(room.section.term);
                shown.courses.extend(room.section.course);
            }
        }
        for school in &town.schools {
            let brings = |rule: &SharingRule| match (&rule.schools, &rule.sections) {
                (Some(schools), _) => schools.contains(&school.id),
                (None, None) => true,
                (None, Some(sections)) => town.rooms.iter().any(|room| {
                    sections.contains(&room.section.id) && room.section.school == school.id
                }),
            };
            if sharing.all_staff || sharing.rules.iter().any(brings) {
                shown.schools.insert(school.id);
            }
        }
        if everything {
            shown.terms.extend(town.terms.iter().map(|it| it.id));
            shown.courses.extend(town.courses.iter().map(|it| it.id));
        }
        for resource in &town.resources {
            let of_course = |Resource { courses, .. }: &Resource| {
                courses.iter().any(|it| shown.courses.contains(it))
            };
            if everything || of_course(resource) {
                shown.resources.insert(resource.id);
            }
        }
        for contact in &town.contacts {
            if shown.groups.contains("contacts") && !shown.relationships(contact).is_empty() {
                shown.contacts.insert(contact.id);
            }
        }
        shown
    }

    /// What a contact is to students who are seen.
    pub fn relationships<'c>(&self, contact: &'c Contact) -> Vec<&'c Relationship> {
        let mut seen: Vec<_> =
            contact.students.iter().filter(|it| self.roles.contains(&it.student)).collect();
        seen.sort_by_key(|it| it.student);
        seen
    }

    /// The schools of a role that are seen.
    pub fn schools_of(&self, person: &Person, role: RoleId) -> Vec<SchoolId> {
        let held = person.schools.iter().filter(|(of, _)| *of == role);
        held.map(|(_, school)| *school).filter(|it| self.schools.contains(it)).collect()
    }
}

fn is_bare(rule: &SharingRule) -> bool {
    rule.schools.is_none()
        && rule.sections.is_none()
        && rule.grades.is_none()
        && rule.subjects.is_none()
        && rule.roles.is_none()
}

/// Whether a role of a person is shared.
pub fn shares(town: &Town, sharing: &Sharing, person: &Person, role: &Role) -> bool {
    if sharing.all_staff && (role.kind == Staff || role.kind == DistrictAdmin) {
        return true;
    }
    let rooms: Vec<_> = town.rooms_of(role.id).collect();
    let held: Vec<_> = person.schools.iter().filter(|it| it.0 == role.id).map(|it| it.1).collect();
    sharing.rules.iter().any(|rule| fits(rule, role, &held, &rooms))
}

/// Whether a rule fits a role that is held at these schools and is in these sections.
pub fn fits(rule: &SharingRule, role: &Role, held: &[SchoolId], rooms: &[&Room]) -> bool {
    if let Some(kinds) = &rule.roles
        && !kinds.contains(&role.kind)
    {
        return false;
    }
    if let Some(schools) = &rule.schools {
        let everywhere = role.kind == DistrictAdmin && !schools.is_empty();
        if !everywhere && !held.iter().any(|school| schools.contains(school)) {
            return false;
        }
    }
    if let Some(sections) = &rule.sections
        && !rooms.iter().any(|room| sections.contains(&room.section.id))
    {
        return false;
    }
    if let Some(grades) = &rule.grades {
        let own = role.kind == Student && is_among(grades, role.details.get("grade"));
        let taught = role.kind != Student
            && rooms.iter().any(|room| is_among(grades, room.section.details.get("grade")));
        if !own && !taught {
            return false;
        }
    }
    if let Some(subjects) = &rule.subjects
        && !rooms.iter().any(|room| is_among(subjects, room.section.details.get("subject")))
    {
        return false;
    }
    true
}

fn fits_section(town: &Town, rule: &SharingRule, room: &Room) -> bool {
    let section = &room.section;
    if let Some(kinds) = &rule.roles
        && !kinds.contains(&Student)
        && !kinds.contains(&Teacher)
    {
        return false;
    }
    if let Some(schools) = &rule.schools
        && !schools.contains(&section.school)
    {
        return false;
    }
    if let Some(sections) = &rule.sections
        && !sections.contains(&section.id)
    {
        return false;
    }
    if let Some(subjects) = &rule.subjects
        && !is_among(subjects, section.details.get("subject"))
    {
        return false;
    }
    let Some(grades) = &rule.grades else { return true };
    if section.details.contains_key("grade") {
        return is_among(grades, section.details.get("grade"));
    }
    let grade_of = |student: &RoleId| town.holder(*student).1.details.get("grade");
    room.students.iter().any(|student| is_among(grades, grade_of(student)))
}

fn is_among(list: &[String], word: Option<&str>) -> bool {
    word.is_some_and(|word| list.iter().any(|it| it.to_lowercase() == word.to_lowercase()))
}

/// Some way to share a town.
pub fn roll(town: &Town, dice: &mut Dice) -> Sharing {
    let mut groups: Vec<DataGroup> = Vec::new();
    for group in DataGroup::ALL {
        if dice.below(2) == 0 {
            groups.push(group);
        }
    }
    let groups: DataGroups = groups.into_iter().collect();
    if dice.below(6) == 0 {
        return Sharing { groups, ..Sharing::everyone() };
    }
    let rules = (0..=dice.below(3)).map(|_| rule(town, dice)).collect();
    Sharing { rules, all_staff: dice.below(5) == 0, groups }
}

fn rule(town: &Town, dice: &mut Dice) -> SharingRule {
    let schools: Vec<_> = town.schools.iter().map(|it| it.id).collect();
    let sections: Vec<_> = town.rooms.iter().map(|it| it.section.id).collect();
    SharingRule {
        schools: part(dice, 3, &schools),
        sections: part(dice, 3, &sections),
        grades: part(dice, 5, &GRADES).map(|words| spelt(&words)),
        subjects: part(dice, 5, &SUBJECTS).map(|words| spelt(&words)),
        roles: part(dice, 3, &RoleKind::ALL),
    }
}

/// Once in so many times, some of these.
fn part<T: Copy>(dice: &mut Dice, once_in: u64, of: &[T]) -> Option<Vec<T>> {
    if dice.below(once_in) > 0 {
        return None;
    }
    Some(of.iter().copied().filter(|_| dice.below(2) == 0).collect())
}

/// The words as people write them.
fn spelt(words: &[&str]) -> Vec<String> {
    let odd = |(at, word): (usize, &&str)| match at % 2 {
        0 => word.to_uppercase(),
        _ => (*word).to_owned(),
    };
    words.iter().enumerate().map(odd).collect()
}
