//! Among which records a list looks, and how some of them are loaded.

use firstbell_core::application::DataGroup;
use firstbell_core::id::{CourseId, ResourceId, RoleId, SchoolId, SectionId, TermId, UserId};
use firstbell_core::roster::{Contact, Course, Resource, RoleKind, School, Term};
use firstbell_core::sharing::Classroom;
use firstbell_protocol::data_api::{Collection, ListQuery, People, PersonKind};
use firstbell_store::{Dated, RosterAt, Seek, StoredPerson};

use super::ReadResult;
use super::reader::Reader;

/// Twelve bytes of an id.
pub(crate) type Key = [u8; 12];

/// Records among which a list looks. Ids stand in ascending order, each once; None stands for all
/// that there are.
#[derive(Debug)]
pub(crate) enum Source {
    Schools(Option<Vec<Key>>),
    Terms(Option<Vec<Key>>),
    Courses(Option<Vec<Key>>),
    Sections(Option<Vec<Key>>),
    Resources(Option<Vec<Key>>),
    /// People of v3 by their own ids.
    Users(Users),
    /// Contacts of v3 by their own ids.
    ContactUsers(Option<Vec<Key>>),
    /// People of v2 by the ids of their roles.
    Roles(RoleKind, Option<Vec<(RoleId, UserId)>>),
    /// Contacts of v2 by the ids of their roles.
    ContactRoles(Option<Vec<(RoleId, UserId)>>),
    /// Nothing.
    Nothing,
}

/// People of v3.
#[derive(Debug, Default)]
pub(crate) struct Users {
    pub ids: Option<Vec<Key>>,
    /// Whether contacts stand among them.
    pub contacts: WithContacts,
    /// Only people with a role of this kind that is seen.
    pub kind: Option<RoleKind>,
    /// Only people with one of these roles that is seen, in ascending order.
    pub roles: Option<Vec<RoleId>>,
}

/// Whether contacts stand among people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum WithContacts {
    Yes,
    #[default]
    No,
}

/// A record of a roster.
#[derive(Debug)]
pub(crate) enum Record {
    School(Dated<School>),
    Term(Term),
    Course(Course),
    Section(Dated<Classroom>),
    Resource(Dated<Resource>),
    /// A person of v3, who is seen for one of the roles that [`Users`] asks for.
    User(StoredPerson),
    /// A role of a person, of v2.
    Role(StoredPerson, RoleId),
    /// A contact, by its own id.
    ContactUser(Dated<Contact>),
    /// A contact, by the id of its role.
    ContactRole(Dated<Contact>),
}

impl Record {
    /// Reads the details of a person's roles, where they are not read yet.
    pub fn read_details(&mut self) -> ReadResult<()> {
        match self {
            Self::User(person) | Self::Role(person, _) => Ok(person.read_details()?),
            _ => Ok(()),
        }
    }

    /// The id under which it stands in lists.
    pub(crate) fn key(&self) -> Key {
        match self {
            Self::School(school) => school.record.id.to_bytes(),
            Self::Term(term) => term.id.to_bytes(),
            Self::Course(course) => course.id.to_bytes(),
            Self::Section(room) => room.record.section.id.to_bytes(),
            Self::Resource(resource) => resource.record.id.to_bytes(),
            Self::User(stored) => stored.person.user.id.to_bytes(),
            Self::Role(_, role) => role.to_bytes(),
            Self::ContactUser(contact) => contact.record.id.to_bytes(),
            Self::ContactRole(contact) => contact.record.role.to_bytes(),
        }
    }
}

impl Source {
    /// All records of a collection, as far as the query does not narrow it.
    pub(crate) fn all(
        collection: Collection,
        query: &ListQuery,
        reader: &mut Reader<'_, '_, '_, '_>,
    ) -> ReadResult<Self> {
        let contacts = reader.groups().has(DataGroup::Contacts);
        Ok(match collection {
            Collection::Schools => Self::Schools(None),
            Collection::Terms => Self::Terms(None),
            Collection::Courses => Self::Courses(None),
            Collection::Sections => Self::Sections(None),
            Collection::Resources => Self::Resources(None),
            Collection::People(People::Users) => match query.role {
                None => {
                    let contacts = if contacts { WithContacts::Yes } else { WithContacts::No };
                    Self::Users(Users { contacts, ..Users::default() })
                }
                Some(PersonKind::Contact) if contacts => Self::ContactUsers(None),
                Some(kind) => match kind.role() {
                    Some(kind) => Self::Users(users_in_role(kind, reader)?),
                    None => Self::Nothing,
                },
            },
            Collection::People(People::In(kind)) => match kind.role() {
                Some(kind) => Self::Roles(kind, None),
                None if contacts => Self::ContactRoles(None),
                None => Self::Nothing,
            },
            Collection::Districts | Collection::Events => Self::Nothing,
        })
    }
}

/// People with a role of this kind. Students are nearly all people; of the others it is known who
/// they are.
pub(crate) fn users_in_role(
    kind: RoleKind,
    reader: &mut Reader<'_, '_, '_, '_>,
) -> ReadResult<Users> {
    let ids = if kind == RoleKind::Student {
        None
    } else {
        let roles = reader.roster().roles(kind, Seek::First, usize::MAX)?;
        Some(distinct(roles.into_iter().map(|(_, user)| user.to_bytes())))
    };
    Ok(Users { ids, kind: Some(kind), ..Users::default() })
}

/// In ascending order, each once.
pub(crate) fn distinct(keys: impl IntoIterator<Item = Key>) -> Vec<Key> {
    let mut keys: Vec<_> = keys.into_iter().collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The records that follow, or precede, by ascending id: at most so many, and fewer only where there
/// are no more. Details of people's roles are read where it depends on them who is seen.
pub(super) fn fetch(
    reader: &mut Reader<'_, '_, '_, '_>,
    source: &Source,
    seek: Seek,
    most: usize,
) -> ReadResult<Vec<Record>> {
    if !reader.is_whole() {
        return fetch_read(reader.roster(), source, seek, most);
    }
    load(reader.roster(), source, seek, most)
}

/// Like [`fetch`]; all details of people's roles are read.
pub(crate) fn fetch_read(
    at: &mut RosterAt<'_, '_, '_>,
    source: &Source,
    seek: Seek,
    most: usize,
) -> ReadResult<Vec<Record>> {
    let mut records = load(at, source, seek, most)?;
    records.iter_mut().try_for_each(Record::read_details)?;
    Ok(records)
}

fn load(
    at: &mut RosterAt<'_, '_, '_>,
    source: &Source,
    seek: Seek,
    most: usize,
) -> ReadResult<Vec<Record>> {
    Ok(match source {
        Source::Schools(None) => each(at.schools(seek, most)?, Record::School),
        Source::Schools(Some(ids)) => {
            each(at.schools_by_id(&some(ids, seek, most, SchoolId::from_bytes))?, Record::School)
        }
        Source::Terms(None) => each(at.terms(seek, most)?, Record::Term),
        Source::Terms(Some(ids)) => {
            each(at.terms_by_id(&some(ids, seek, most, TermId::from_bytes))?, Record::Term)
        }
        Source::Courses(None) => each(at.courses(seek, most)?, Record::Course),
        Source::Courses(Some(ids)) => {
            each(at.courses_by_id(&some(ids, seek, most, CourseId::from_bytes))?, Record::Course)
        }
        Source::Sections(None) => each(at.sections(seek, most)?, Record::Section),
        Source::Sections(Some(ids)) => {
            let ids = some(ids, seek, most, SectionId::from_bytes);
            each(at.sections_by_id(&ids)?, Record::Section)
        }
        Source::Resources(None) => each(at.resources(seek, most)?, Record::Resource),
        Source::Resources(Some(ids)) => {
            let ids = some(ids, seek, most, ResourceId::from_bytes);
            each(at.resources_by_id(&ids)?, Record::Resource)
        }
        Source::Users(users) => fetch_users(at, users, seek, most)?,
        Source::ContactUsers(None) => each(at.contacts(seek, most)?, Record::ContactUser),
        Source::ContactUsers(Some(ids)) => {
            let ids = some(ids, seek, most, UserId::from_bytes);
            each(at.contacts_by_id(&ids)?, Record::ContactUser)
        }
        Source::Roles(kind, None) => {
            let roles = at.roles(*kind, seek, most)?;
            fetch_roles(at, *kind, &roles)?
        }
        Source::Roles(kind, Some(roles)) => fetch_some_roles(at, *kind, roles, seek, most)?,
        Source::ContactRoles(all) => {
            let roles = match all {
                None => at.contact_roles(seek, most)?,
                Some(roles) => window(roles, seek, most, |(role, _)| role.to_bytes()).to_vec(),
            };
            let ids: Vec<_> = roles.iter().map(|(_, contact)| *contact).collect();
            let mut contacts = each(at.contacts_by_id(&ids)?, Record::ContactRole);
            contacts.sort_by_key(Record::key);
            contacts
        }
        Source::Nothing => Vec::new(),
    })
}

fn fetch_users(
    at: &mut RosterAt<'_, '_, '_>,
    users: &Users,
    seek: Seek,
    most: usize,
) -> ReadResult<Vec<Record>> {
    let people = match &users.ids {
        None => at.people_as_stored(seek, most)?,
        Some(ids) => at.people_as_stored_by_id(&some(ids, seek, most, UserId::from_bytes))?,
    };
    let mut records = each(people, Record::User);
    if users.contacts == WithContacts::Yes {
        records.extend(each(at.contacts(seek, most)?, Record::ContactUser));
        records.sort_by_key(Record::key);
        let beyond = records.len().saturating_sub(most);
        if seek.is_forward() {
            records.truncate(most);
        } else {
            records.drain(..beyond);
        }
    }
    Ok(records)
}

/// The same among these roles, of which some may be of another kind.
fn fetch_some_roles(
    at: &mut RosterAt<'_, '_, '_>,
    kind: RoleKind,
    roles: &[(RoleId, UserId)],
    mut seek: Seek,
    most: usize,
) -> ReadResult<Vec<Record>> {
    loop {
        let some = window(roles, seek, most, |(role, _)| role.to_bytes());
        let (Some((first, _)), Some((last, _))) = (some.first(), some.last()) else {
            return Ok(Vec::new());
        };
        let records = fetch_roles(at, kind, some)?;
        if !records.is_empty() {
            return Ok(records);
        }
        seek = if seek.is_forward() {
            Seek::After(last.to_bytes())
        } else {
            Seek::Before(first.to_bytes())
        };
    }
}

/// Roles of this kind with their people, by the ids of the roles.
fn fetch_roles(
    at: &mut RosterAt<'_, '_, '_>,
    kind: RoleKind,
    roles: &[(RoleId, UserId)],
) -> ReadResult<Vec<Record>> {
    let ids: Vec<_> = roles.iter().map(|(_, user)| *user).collect();
    let people = at.people_as_stored_by_id(&ids)?;
    let person = |(role, user): &(RoleId, UserId)| {
        let found = people.binary_search_by_key(user, |stored| stored.person.user.id).ok()?;
        let stored = people.get(found)?;
        stored.person.user.role_by_id(*role).filter(|role| role.kind == kind)?;
        Some(Record::Role(stored.clone(), *role))
    };
    Ok(roles.iter().filter_map(person).collect())
}

fn each<T>(records: Vec<T>, record: impl Fn(T) -> Record) -> Vec<Record> {
    records.into_iter().map(record).collect()
}

fn some<T>(ids: &[Key], seek: Seek, most: usize, id: impl Fn(Key) -> T) -> Vec<T> {
    window(ids, seek, most, |key| *key).iter().map(|key| id(*key)).collect()
}

/// At most so many of these, which stand in ascending order, from where a page begins.
fn window<T>(list: &[T], seek: Seek, most: usize, key: impl Fn(&T) -> Key) -> &[T] {
    let range = match seek {
        Seek::First => 0..list.len().min(most),
        Seek::After(id) => {
            let from = list.partition_point(|it| key(it) <= id);
            from..list.len().min(from.saturating_add(most))
        }
        Seek::Last => list.len().saturating_sub(most)..list.len(),
        Seek::Before(id) => {
            let to = list.partition_point(|it| key(it) < id);
            to.saturating_sub(most)..to
        }
    };
    list.get(range).unwrap_or_default()
}

/// From this id on, upwards.
pub(crate) fn just_before(id: Key) -> Seek {
    let mut before = id;
    for byte in before.iter_mut().rev() {
        let (less, borrows) = byte.overflowing_sub(1);
        *byte = less;
        if !borrows {
            return Seek::After(before);
        }
    }
    Seek::First
}

/// From this id on, downwards.
pub(crate) fn just_behind(id: Key) -> Seek {
    let mut behind = id;
    for byte in behind.iter_mut().rev() {
        let (more, carries) = byte.overflowing_add(1);
        *byte = more;
        if !carries {
            return Seek::Before(behind);
        }
    }
    Seek::Last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_an_id_are_the_one_below_and_the_one_above() {
        let mut id = [0; 12];
        assert_eq!(just_before(id), Seek::First);
        assert_eq!(just_behind([255; 12]), Seek::Last);
        id[0] = 1;
        let mut below = [255; 12];
        below[0] = 0;
        assert_eq!(just_before(id), Seek::After(below));
        assert_eq!(just_behind(below), Seek::Before(id));
        (id[11], below) = (7, id);
        below[11] = 6;
        assert_eq!(just_before(id), Seek::After(below));
        assert_eq!(just_behind(below), Seek::Before(id));
    }

    #[test]
    fn a_window_is_what_follows_or_precedes() {
        let key = |digit| [digit; 12];
        let list = [2, 4, 6, 8].map(key);
        let rows: [(Seek, usize, &[u8]); 10] = [
            (Seek::First, 3, &[2, 4, 6]),
            (Seek::First, 9, &[2, 4, 6, 8]),
            (Seek::After(key(4)), 1, &[6]),
            (Seek::After(key(5)), 9, &[6, 8]),
            (Seek::After(key(8)), 9, &[]),
            (Seek::Last, 1, &[8]),
            (Seek::Last, 9, &[2, 4, 6, 8]),
            (Seek::Before(key(6)), 1, &[4]),
            (Seek::Before(key(7)), 2, &[4, 6]),
            (Seek::Before(key(2)), 2, &[]),
        ];
        for (seek, most, expected) in rows {
            let found: Vec<u8> =
                window(&list, seek, most, |it| *it).iter().map(|it| it[0]).collect();
            assert_eq!(found, expected, "{seek:?} {most}");
        }
    }
}
