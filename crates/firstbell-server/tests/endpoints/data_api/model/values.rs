//! Which texts and ids an answer may hold at all, whatever was asked: every one in it is looked up,
//! so that nothing gets out by a member, a link, a message or a header that nobody thought of.

use std::collections::BTreeSet;

use firstbell_core::roster::{Details, Role, User};

use super::rules::Shown;
use super::town::Town;
use crate::world::Reply;

/// The groups beside the roster itself: their columns, and the members that stand for words of a
/// vocabulary, which are no text of anybody's own.
const GROUPS: [(&str, &[&str], &[&str]); 3] = [
    (
        "demographics",
        &["dob", "gender", "race", "hispanic_ethnicity", "location."],
        &["dob", "gender", "race", "hispanic_ethnicity", "birthDate", "sex", "white"],
    ),
    (
        "sensitive",
        &[
            "ell_status",
            "frl_status",
            "iep_status",
            "section_504_status",
            "gifted_status",
            "home_language",
            "disability.",
        ],
        &[
            "ell_status",
            "frl_status",
            "iep_status",
            "section_504_status",
            "gifted_status",
            "home_language",
            "home_language_code",
            "disability",
        ],
    ),
    ("extensions", &["ext."], &["ext", "metadata"]),
];

/// Columns that are nobody's to see.
const NOBODYS: [&str; 2] = ["unweighted_gpa", "shoe_size"];

/// What may be told.
#[derive(Default)]
pub struct Granted {
    texts: BTreeSet<String>,
    groups: BTreeSet<&'static str>,
}

impl Granted {
    pub fn add(&mut self, text: impl ToString) {
        self.texts.insert(text.to_string());
    }

    /// The name and the address.
    pub fn add_user(&mut self, user: &User) {
        self.add(user.id);
        self.add(&user.name.first);
        self.add(&user.name.last);
        user.name.middle.iter().for_each(|it| self.add(it));
        user.email.iter().for_each(|it| self.add(it.as_str().split('@').next().unwrap()));
    }

    /// The texts of columns, as far as their groups are shared. What is said of a place belongs to
    /// the roster, wherever it is.
    fn add_details(&mut self, details: &Details, is_place: bool) {
        for (name, value) in details {
            let column = |known: &&str| {
                name == *known
                    || known.ends_with('.') && name.starts_with(*known)
                    || *known == "home_language" && name.starts_with(*known)
            };
            let group = GROUPS.iter().find(|(_, columns, _)| columns.iter().any(|it| column(it)));
            let is_told = match group {
                Some((group, ..)) if !is_place || *group == "extensions" => {
                    self.groups.contains(group)
                }
                _ => !NOBODYS.contains(&name),
            };
            if is_told {
                self.add(if name == "dob" { day(value) } else { value.to_owned() });
            }
        }
    }

    fn add_role(&mut self, role: &Role) {
        self.add(role.id);
        self.add(&role.sis_id);
        self.add_details(&role.details, false);
    }

    /// What the token of a district may be told.
    pub fn to_district(town: &Town, shown: &Shown) -> Self {
        let mut granted = Self { texts: BTreeSet::new(), groups: shown.groups.clone() };
        let it = &mut granted;
        it.add(town.id);
        it.add(&town.name);
        for school in town.schools.iter().filter(|school| shown.schools.contains(&school.id)) {
            it.add(school.id);
            it.add(&school.name);
            it.add(&school.number);
            it.add(&school.sis_id);
            it.add_details(&school.details, true);
        }
        for term in town.terms.iter().filter(|term| shown.terms.contains(&term.id)) {
            it.add(term.id);
            it.add(&term.name);
        }
        for course in town.courses.iter().filter(|course| shown.courses.contains(&course.id)) {
            it.add(course.id);
            it.add(&course.name);
            it.add(&course.number);
        }
        for room in town.rooms.iter().filter(|room| shown.sections.contains(&room.section.id)) {
            it.add(room.section.id);
            it.add(&room.section.name);
            it.add(&room.section.sis_id);
            it.add_details(&room.section.details, true);
        }
        for resource in town.resources.iter().filter(|of| shown.resources.contains(&of.id)) {
            it.add(resource.id);
            it.add(&resource.title);
            it.add(&resource.sis_id);
        }
        for contact in town.contacts.iter().filter(|of| shown.contacts.contains(&of.id)) {
            it.add(contact.id);
            it.add(contact.role);
            let name = &contact.name;
            let texts = [Some(&*name.first), name.middle.as_deref(), Some(&*name.last)];
            let texts =
                texts.into_iter().chain([contact.sis_id.as_deref(), contact.details.get("phone")]);
            texts.flatten().for_each(|text| it.add(text));
            contact.email.iter().for_each(|at| it.add(at.as_str().split('@').next().unwrap()));
        }
        for person in &town.people {
            for role in person.user.roles.iter().filter(|role| shown.roles.contains(&role.id)) {
                it.add_user(&person.user);
                it.add_role(role);
            }
        }
        granted
    }

    /// What is in a reply and was not granted, if anything is.
    pub fn beyond(&self, path: &str, reply: &Reply) -> Option<String> {
        let mut told = reply.body.clone();
        for (name, value) in &reply.headers {
            told.push_str(&format!("\n{name}: {}\n", value.to_str().unwrap()));
        }
        // What was sent stands in links.
        let sent: BTreeSet<_> = words(path).map(str::to_owned).collect();
        let wrong = words(&told).find(|word| {
            is_somebodys(word) && !self.texts.contains(*word) && !sent.contains(*word)
        });
        let of_group = GROUPS.iter().filter(|(group, ..)| !self.groups.contains(group));
        let mut members = of_group.flat_map(|(_, _, members)| *members);
        let wrong = wrong.map(str::to_owned);
        wrong.or_else(|| {
            members.find(|it| told.contains(&format!("\"{it}\":"))).map(|it| (*it).into())
        })
    }
}

/// The words of a text: what stands between characters that are in no id, no text and no date.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '_' || it == '/'))
        .flat_map(|word| {
            // A path is its parts, a date is one.
            let is_date = word.split('/').all(|part| part.bytes().all(|it| it.is_ascii_digit()));
            let parts: Vec<_> = if is_date { vec![word] } else { word.split('/').collect() };
            parts
        })
        .filter(|word| !word.is_empty())
}

/// Whether a word is an id, a text of a town, or a date of birth.
fn is_somebodys(word: &str) -> bool {
    let is_id = word.len() == 24 && word.bytes().all(|it| it.is_ascii_hexdigit());
    let is_text = word.ends_with('_') && word.matches('_').count() == 4;
    let is_day = word.matches('/').count() == 2 && word.len() > 7;
    is_id || is_text || is_day
}

fn day(iso: &str) -> String {
    let numbers: Vec<u32> = iso.split('-').map(|part| part.parse().unwrap()).collect();
    format!("{}/{}/{}", numbers[1], numbers[2], numbers[0])
}
