//! Lists: among which records each looks, and its pages. A link to the next page says where the page
//! ended, so that following links reads everything once, however long the list.

use std::collections::HashMap;
use std::ops::ControlFlow;

use firstbell_core::application::DataGroup;
use firstbell_core::id::{RoleId, SchoolId, SectionId, UserId, distinct};
use firstbell_core::roster::RoleKind;
use firstbell_protocol::data_api::{self, ObjectId, People};
use firstbell_protocol::oneroster::{Collection, Cursor, Filter, Order, Query};
use firstbell_store::{Seek, StoreError};

use super::objects::{Object, ObjectKey, Printer};
use super::page::{Page, SortedPage, Sorting, Walk};
use crate::data_api::{
    Reader, Record, Source, Users, WithContacts, fetch_read, just_before, just_behind,
    users_in_role,
};

/// So many records are looked at at a time.
const AT_ONCE: usize = 500;

type ReadResult<T> = Result<T, StoreError>;

/// A list: of which collection, among which records.
pub(super) struct List {
    collection: Collection,
    source: Source,
}

/// The object with this id, if it is seen.
pub(super) fn one(
    reader: &mut Reader<'_, '_, '_, '_>,
    printer: &Printer<'_>,
    collection: Collection,
    id: &str,
) -> ReadResult<Option<Object>> {
    if collection == Collection::Orgs && *printer.district.id.hex() == *id {
        return Ok(Some(printer.top(reader)?));
    }
    // The id of an enrolment begins with that of its class.
    let of_record = id.split('-').next().unwrap_or_default();
    let Some(record) = record(reader, collection, of_record)? else { return Ok(None) };
    let objects = printer.objects(reader, collection, &record)?;
    Ok(objects.into_iter().find(|object| object.id == id))
}

/// The record that an object of a collection is made of, if it is seen.
fn record(
    reader: &mut Reader<'_, '_, '_, '_>,
    collection: Collection,
    id: &str,
) -> ReadResult<Option<Record>> {
    use data_api::Collection as Kept;
    let kept = match collection {
        Collection::Orgs | Collection::Schools => Kept::Schools,
        Collection::AcademicSessions | Collection::Terms => Kept::Terms,
        Collection::Courses => Kept::Courses,
        Collection::Classes | Collection::Enrollments => Kept::Sections,
        Collection::Users
        | Collection::Students
        | Collection::Teachers
        | Collection::Demographics => Kept::People(People::Users),
    };
    match ObjectId::parse(id) {
        Some(id) => {
            let mut found = reader.one(kept, id)?;
            if let Some(record) = &mut found {
                record.read_details()?;
            }
            Ok(found)
        }
        None => Ok(None),
    }
}

impl List {
    /// Everything of a collection.
    pub fn all(reader: &mut Reader<'_, '_, '_, '_>, collection: Collection) -> ReadResult<Self> {
        let groups = reader.groups();
        let source = match collection {
            Collection::Orgs | Collection::Schools => Source::Schools(None),
            Collection::AcademicSessions | Collection::Terms => Source::Terms(None),
            Collection::Courses => Source::Courses(None),
            Collection::Classes | Collection::Enrollments => Source::Sections(None),
            Collection::Users if groups.has(DataGroup::Contacts) => {
                Source::Users(Users { contacts: WithContacts::Yes, ..Users::default() })
            }
            Collection::Users => Source::Users(Users::default()),
            Collection::Demographics if !groups.has(DataGroup::Demographics) => Source::Nothing,
            Collection::Students | Collection::Demographics => {
                Source::Users(users_in_role(RoleKind::Student, reader)?)
            }
            Collection::Teachers => Source::Users(users_in_role(RoleKind::Teacher, reader)?),
        };
        Ok(Self { collection, source })
    }

    /// What of a collection belongs to an object; None where that is not seen.
    pub fn within(
        reader: &mut Reader<'_, '_, '_, '_>,
        (of, id): (Collection, &str),
        collection: Collection,
    ) -> ReadResult<Option<Self>> {
        let Some(start) = record(reader, of, id)? else { return Ok(None) };
        let source = match &start {
            Record::School(school) => of_school(reader, school.record.id, collection)?,
            Record::Course(course) => classes(&reader.roster().sections_of_course(course.id)?),
            Record::Term(term) => classes(&reader.roster().sections_of_term(term.id)?),
            Record::Section(room) => {
                let Some(seen) = reader.section(room)? else { return Ok(None) };
                let (kind, members) = match collection {
                    Collection::Teachers => (RoleKind::Teacher, seen.teachers),
                    _ => (RoleKind::Student, seen.students),
                };
                people(kind, members.into_iter().map(|it| (it.role, it.user)).collect())
            }
            Record::User(person) => {
                let seen =
                    reader.person(&person.person)?.map(|seen| seen.roles).unwrap_or_default();
                let wanted = of.role();
                let roles: Vec<RoleId> = seen
                    .iter()
                    .filter(|it| wanted.is_none_or(|kind| it.role.kind == kind))
                    .map(|it| it.role.id)
                    .collect();
                if roles.is_empty() {
                    return Ok(None);
                }
                let mut sections = Vec::new();
                for role in roles {
                    sections.extend(reader.roster().sections_of_role(role)?);
                }
                classes(&sections)
            }
            // A contact is a user, and nobody who learns or teaches.
            Record::ContactUser(_) if of.role().is_some() => return Ok(None),
            _ => Source::Nothing,
        };
        Ok(Some(Self { collection, source }))
    }

    /// A page.
    ///
    /// # Errors
    /// When the database fails.
    pub fn page(
        &self,
        reader: &mut Reader<'_, '_, '_, '_>,
        printer: &Printer<'_>,
        query: &Query,
    ) -> ReadResult<Page> {
        if query.is_sorted() {
            let mut sorting = Sorting::of(query);
            self.walk((reader, printer), (Order::Ascending, None), &mut |objects| {
                sorting.take(objects);
                ControlFlow::Continue(())
            })?;
            let SortedPage { keys, total, next } = sorting.finish();
            return Ok(Page { objects: self.these(reader, printer, &keys)?, total, next });
        }
        let mut walk = Walk::of(query, self.known_total(reader, query)?);
        self.walk((reader, printer), (query.order, query.cursor), &mut |objects| {
            walk.take(objects)
        })?;
        Ok(walk.finish())
    }

    /// The objects of this list that stand there, in this order.
    fn these(
        &self,
        reader: &mut Reader<'_, '_, '_, '_>,
        printer: &Printer<'_>,
        keys: &[ObjectKey],
    ) -> ReadResult<Vec<Object>> {
        let places: HashMap<_, _> =
            keys.iter().enumerate().map(|(place, key)| (*key, place)).collect();
        let mut found: Vec<Option<Object>> = keys.iter().map(|_| None).collect();
        let mut put = |object: Object| {
            let slot = places.get(&object.key).and_then(|place| found.get_mut(*place));
            if let Some(slot) = slot {
                *slot = Some(object);
            }
        };
        if places.contains_key(&ObjectKey::default()) {
            put(printer.top(reader)?);
        }
        let records = distinct(keys.iter().map(|key| key.record));
        for some in records.chunks(AT_ONCE) {
            reader.go_on()?;
            for source in self.among(some) {
                for record in fetch_read(reader.roster(), &source, Seek::First, AT_ONCE)? {
                    let objects = printer.objects(reader, self.collection, &record)?;
                    objects.into_iter().for_each(&mut put);
                }
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Where these records of the list are.
    fn among(&self, records: &[[u8; 12]]) -> Vec<Source> {
        let ids = || Some(records.to_vec());
        let users = || Source::Users(Users { ids: ids(), ..Users::default() });
        match self.collection {
            Collection::Orgs | Collection::Schools => vec![Source::Schools(ids())],
            Collection::AcademicSessions | Collection::Terms => vec![Source::Terms(ids())],
            Collection::Courses => vec![Source::Courses(ids())],
            Collection::Classes | Collection::Enrollments => vec![Source::Sections(ids())],
            Collection::Users => vec![users(), Source::ContactUsers(ids())],
            Collection::Students | Collection::Teachers | Collection::Demographics => {
                vec![users()]
            }
        }
    }

    /// Walks over the objects of each record, in this order of records and from where a page ended,
    /// until `take` has enough. The record in which it ended is met again where it makes several objects.
    fn walk(
        &self,
        (reader, printer): (&mut Reader<'_, '_, '_, '_>, &Printer<'_>),
        (order, end): (Order, Option<Cursor>),
        take: &mut dyn FnMut(Vec<Object>) -> ControlFlow<()>,
    ) -> ReadResult<()> {
        let is_of_orgs = self.collection == Collection::Orgs;
        if is_of_orgs
            && order == Order::Ascending
            && end.is_none()
            && take(vec![printer.top(reader)?]).is_break()
        {
            return Ok(());
        }
        let mut seek = from(order, end);
        loop {
            reader.go_on()?;
            let mut records = fetch_read(reader.roster(), &self.source, seek, AT_ONCE)?;
            if order == Order::Descending {
                records.reverse();
            }
            let Some(last) = records.last().map(Record::key) else { break };
            seek = match order {
                Order::Ascending => Seek::After(last),
                Order::Descending => Seek::Before(last),
            };
            for record in &records {
                let mut objects = Vec::new();
                if reader.fits(&self.source, record)? {
                    objects = printer.objects(reader, self.collection, record)?;
                }
                if order == Order::Descending {
                    objects.reverse();
                }
                if take(objects).is_break() {
                    return Ok(());
                }
            }
        }
        if is_of_orgs && order == Order::Descending {
            let _ = take(vec![printer.top(reader)?]);
        }
        Ok(())
    }

    /// How many objects the list has, where that is known without looking at each.
    fn known_total(
        &self,
        reader: &mut Reader<'_, '_, '_, '_>,
        query: &Query,
    ) -> ReadResult<Option<u64>> {
        if let Some(cursor) = query.cursor {
            return Ok(Some(cursor.total));
        }
        if query.filter != Filter::All {
            return Ok(None);
        }
        match (self.collection, &self.source) {
            (Collection::Enrollments, Source::Sections(None)) if reader.is_whole() => {
                reader.roster().count_memberships().map(Some)
            }
            (Collection::Enrollments, _) => Ok(None),
            (Collection::Orgs, source) => Ok(reader.count_all(source)?.map(|count| count + 1)),
            (_, source) => reader.count_all(source),
        }
    }
}

/// Where a walk begins.
fn from(order: Order, end: Option<Cursor>) -> Seek {
    match (end, order) {
        (None, Order::Ascending) => Seek::First,
        (None, Order::Descending) => Seek::Last,
        (Some(Cursor { record, part: None, .. }), Order::Ascending) => Seek::After(record),
        (Some(Cursor { record, part: None, .. }), Order::Descending) => Seek::Before(record),
        (Some(Cursor { record, .. }), Order::Ascending) => just_before(record),
        (Some(Cursor { record, .. }), Order::Descending) => just_behind(record),
    }
}

fn of_school(
    reader: &mut Reader<'_, '_, '_, '_>,
    school: SchoolId,
    collection: Collection,
) -> ReadResult<Source> {
    if let Some(kind) = collection.role() {
        let mut there = reader.roster().at_school(school)?;
        there.retain(|it| it.kind == kind);
        return Ok(people(kind, there.iter().map(|it| (it.role, it.user)).collect()));
    }
    if matches!(collection, Collection::Classes | Collection::Enrollments) {
        return Ok(classes(&reader.roster().sections_of_school(school)?));
    }
    if collection == Collection::Terms {
        reader.terms_at(school)
    } else {
        reader.courses_at(school)
    }
}

fn classes(sections: &[SectionId]) -> Source {
    Source::Sections(Some(distinct(sections.iter().map(|id| id.to_bytes()))))
}

/// People for these roles of theirs, which are of one kind.
fn people(kind: RoleKind, pairs: Vec<(RoleId, UserId)>) -> Source {
    let ids = Some(distinct(pairs.iter().map(|(_, user)| user.to_bytes())));
    let mut roles: Vec<RoleId> = pairs.into_iter().map(|(role, _)| role).collect();
    roles.sort_unstable();
    Source::Users(Users { ids, kind: Some(kind), roles: Some(roles), ..Users::default() })
}
