//! `users.csv`: people, and contacts after them. What the table says once of a user is said of the
//! first of their roles; what the others say differently stands beside it.

use std::collections::BTreeMap;

use firstbell_core::roster::change::RosterPerson;
use firstbell_core::roster::{Contact, Email, PersonName, Role, RoleKind};

use super::people::is_in_demographics;
use super::{Cells, Take, common_grade, filled, is_short, plain_extension, put, put_detail};
use crate::header::folded;
use crate::oneroster::number_name;
use crate::write::{Among, Outgoing, each};

/// The columns of the district's own that stand in this file as they are called there. Each kind of
/// role may have brought its own: of several that a header takes for one, only the first does.
pub(super) struct PlainColumns(BTreeMap<String, String>);

impl PlainColumns {
    /// Those of everybody's first role.
    pub fn of<O: Outgoing>(roster: &mut O) -> Result<Self, O::Error> {
        let mut columns = BTreeMap::new();
        let page = |roster: &mut O, after| roster.people(Among::Everybody, after);
        each(roster, page, |_, person| {
            let details = person.user.roles.first().map(|role| role.details.keys());
            for column in details.into_iter().flatten().filter_map(plain_extension) {
                columns.entry(folded(&column)).or_insert(column);
            }
            Ok(())
        })?;
        Ok(Self(columns))
    }

    fn column(&self, detail: &str) -> Option<String> {
        let column = plain_extension(detail)?;
        (self.0.get(&folded(&column)) == Some(&column)).then_some(column)
    }
}

/// The rows of everybody.
pub(super) fn rows<O: Outgoing>(
    roster: &mut O,
    plain: &PlainColumns,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    let page = |roster: &mut O, after| roster.people(Among::Everybody, after);
    each(roster, page, |roster, person| {
        let contacts = match person.user.role(RoleKind::Student) {
            Some(student) => roster.contacts_of(student.id)?,
            None => Vec::new(),
        };
        take(&user(&person, &contacts, plain))
    })?;
    each(roster, O::contacts, |_, contact| take(&contact_user(&contact)))
}

fn user(person: &RosterPerson, contacts: &[Contact], plain: &PlainColumns) -> Cells {
    let user = &person.user;
    let mut cells = filled([
        ("sourcedId", &*user.id.hex()),
        ("enabledUser", "true"),
        ("givenName", &user.name.first),
        ("middleName", user.name.middle.as_deref().unwrap_or_default()),
        ("familyName", &user.name.last),
        ("email", user.email.as_ref().map_or("", Email::as_str)),
    ]);
    for (nth, role) in user.roles.iter().enumerate() {
        put_role(&mut cells, role, Some(plain).filter(|_| nth == 0));
    }
    if let [only] = &user.roles[..]
        && let Some((_, school)) = person.schools.iter().find(|(role, _)| *role == only.id)
    {
        put(&mut cells, "primaryOrgSourcedId", &school.hex());
    }
    if let Some(student) = user.role(RoleKind::Student) {
        put_contacts(&mut cells, student, contacts);
    }
    cells
}

/// What a row says of one role. `plain` are the columns of the district's own, where this is the role
/// of which the table's own cells speak.
fn put_role(cells: &mut Cells, role: &Role, plain: Option<&PlainColumns>) {
    let prefix = format!("{}.", role.kind.name());
    put_detail(cells, &prefix, "sis_id", &role.sis_id);
    for (name, value) in &role.details {
        match plain.and_then(|plain| column(role, name, value, plain)) {
            Some(Place::Cell(column, value)) => put(cells, &column, value),
            Some(Place::OtherTable) => {}
            None => put_detail(cells, &prefix, name, value),
        }
    }
}

/// Where a detail stands.
enum Place<'v> {
    /// In this column, in these words.
    Cell(String, &'v str),
    /// In `demographics.csv`.
    OtherTable,
}

/// The place that the tables have for a detail, if they have one.
fn column<'v>(role: &Role, name: &str, value: &'v str, plain: &PlainColumns) -> Option<Place<'v>> {
    let short = |column: &str| is_short(value).then(|| Place::Cell(column.to_owned(), value));
    let is_student = role.kind == RoleKind::Student;
    match name {
        "credentials.district_username" => short("username"),
        _ if name == number_name(role.kind) => short("identifier"),
        "grade" if is_student => {
            common_grade(value).map(|grade| Place::Cell("grades".to_owned(), grade))
        }
        "preferred_name.first" if is_student => short("preferredGivenName"),
        "preferred_name.middle" if is_student => short("preferredMiddleName"),
        "preferred_name.last" if is_student => short("preferredFamilyName"),
        _ if is_student && is_in_demographics(name, value) => Some(Place::OtherTable),
        _ => plain.column(name).map(|column| Place::Cell(column, value)),
    }
}

/// Whom to call about a student, and what they are to them.
fn put_contacts(cells: &mut Cells, student: &Role, contacts: &[Contact]) {
    let ids: Vec<_> = contacts.iter().map(|contact| contact.id.to_string()).collect();
    put(cells, "agentSourcedIds", &ids.join(","));
    let said = contacts.iter().filter_map(|contact| {
        let tie = contact.students.iter().find(|tie| tie.student == student.id)?;
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        Some(format!("{}:{}:{}", contact.id, word(&tie.relationship), word(&tie.kind)))
    });
    put(cells, "metadata.firstbell.contacts", &said.collect::<Vec<_>>().join(","));
}

fn contact_user(contact: &Contact) -> Cells {
    let detail = |name| contact.details.get(name).unwrap_or_default();
    let (phone, phone_type) = (detail("phone"), detail("phone_type"));
    let mut cells = filled([
        ("sourcedId", &*contact.id.hex()),
        ("enabledUser", "true"),
        ("email", contact.email.as_ref().map_or("", Email::as_str)),
        (if phone_type == "Cell" { "sms" } else { "phone" }, phone),
        ("metadata.firstbell.phone_type", phone_type),
    ]);
    match &contact.sis_id {
        Some(sis_id) => {
            put(&mut cells, "metadata.firstbell.known_by", "sis_id");
            put(&mut cells, "metadata.firstbell.sis_id", sis_id);
        }
        None => put(&mut cells, "metadata.firstbell.known_by", "content"),
    }
    // One who is known by nothing else is known by the words, which all their students' are.
    if let Some(tie) = contact.students.first() {
        let words = [("relationship", &tie.relationship), ("contact_type", &tie.kind)];
        for (name, word) in words {
            put_detail(&mut cells, "", name, word.as_deref().unwrap_or_default());
        }
    }
    put_contact_name(&mut cells, contact);
    cells
}

/// Most contacts have one name in one text, and some none: the table wants two.
fn put_contact_name(cells: &mut Cells, contact: &Contact) {
    let name = &contact.name;
    let middle = name.middle.as_deref().unwrap_or_default();
    if !name.first.is_empty() && !name.last.is_empty() {
        put(cells, "givenName", &name.first);
        put(cells, "middleName", middle);
        put(cells, "familyName", &name.last);
        return;
    }
    let (given, family) = cut_name(name);
    put(cells, "givenName", &given);
    put(cells, "familyName", &family);
    put(cells, "metadata.firstbell.unnamed", "true");
    put(cells, "metadata.firstbell.whole_name", &name.full());
}

/// Given and family name of somebody who has one name in one text, cut at its last space; `-` for what
/// is not there, because OneRoster wants both.
pub fn cut_name(name: &PersonName) -> (String, String) {
    let whole = name.full();
    let (given, family) = match whole.rsplit_once(' ') {
        Some((given, family)) => (given.trim(), family),
        None if whole.is_empty() => ("-", "-"),
        None => ("-", whole.as_str()),
    };
    let short = |name: &str| if is_short(name) { name.to_owned() } else { "-".to_owned() };
    (short(given), short(family))
}
