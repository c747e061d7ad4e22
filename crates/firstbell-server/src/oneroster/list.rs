//! Lists: among which records each looks, and its pages. A link to the next page says where the page
//! ended, so that following links reads everything once, however long the list.

use std::ops::ControlFlow;

use firstbell_core::application::DataGroup;
use firstbell_core::id::{RoleId, SchoolId, SectionId, UserId, distinct};
use firstbell_core::roster::RoleKind;
use firstbell_protocol::data_api::{self, ObjectId, People};
use firstbell_protocol::oneroster::{Collection, Filter, Order, Query};
use firstbell_store::{Seek, StoreError};

use super::objects::{Object, Printer};
use super::page::{Page, Sorting, Walk};
use crate::data_api::{
    MOST_REMEMBERED, Reader, Record, Source, Users, WithContacts, fetch_read, users_in_role,
};

/// So many records are looked at at a time.
const AT_ONCE: usize = 500;

type ReadResult<T> = Result<T, StoreError>;

/// Where the district stands among organisations: before its schools.
const TOP: [u8; 12] = [0; 12];

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
                Source::Sections(Some(distinct(sections.into_iter().map(SectionId::to_bytes))))
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
            self.walk((reader, printer), (Order::Ascending, None), &mut |objects, _| {
                sorting.take(objects);
                ControlFlow::Continue(())
            })?;
            return Ok(sorting.finish());
        }
        let mut walk = Walk::of(query, self.known_total(reader, query)?);
        let behind = query.cursor.and_then(|cursor| cursor.after);
        self.walk((reader, printer), (query.order, behind), &mut |objects, key| {
            walk.take(objects, key)
        })?;
        Ok(walk.finish())
    }

    /// Walks over the objects of each record, in this order of records and from behind one, until
    /// `take` has enough.
    fn walk(
        &self,
        (reader, printer): (&mut Reader<'_, '_, '_, '_>, &Printer<'_>),
        (order, behind): (Order, Option<[u8; 12]>),
        take: &mut dyn FnMut(Vec<Object>, [u8; 12]) -> ControlFlow<()>,
    ) -> ReadResult<()> {
        let is_of_orgs = self.collection == Collection::Orgs;
        if is_of_orgs
            && order == Order::Ascending
            && behind.is_none()
            && take(vec![printer.top(reader)?], TOP).is_break()
        {
            return Ok(());
        }
        let mut seek = match (behind, order) {
            (Some(after), Order::Ascending) => Seek::After(after),
            (Some(before), Order::Descending) => Seek::Before(before),
            (None, Order::Ascending) => Seek::First,
            (None, Order::Descending) => Seek::Last,
        };
        loop {
            reader.forget_beyond(MOST_REMEMBERED);
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
                if take(objects, record.key()).is_break() {
                    return Ok(());
                }
            }
        }
        if is_of_orgs && order == Order::Descending && behind != Some(TOP) {
            let _ = take(vec![printer.top(reader)?], TOP);
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
    if collection == Collection::Classes {
        let sections = reader.roster().sections_of_school(school)?;
        return Ok(Source::Sections(Some(distinct(sections.into_iter().map(SectionId::to_bytes)))));
    }
    if collection == Collection::Terms {
        reader.terms_at(school)
    } else {
        reader.courses_at(school)
    }
}

/// People for these roles of theirs, which are of one kind.
fn people(kind: RoleKind, pairs: Vec<(RoleId, UserId)>) -> Source {
    let ids = Some(distinct(pairs.iter().map(|(_, user)| user.to_bytes())));
    let mut roles: Vec<RoleId> = pairs.into_iter().map(|(role, _)| role).collect();
    roles.sort_unstable();
    Source::Users(Users { ids, kind: Some(kind), roles: Some(roles), ..Users::default() })
}
