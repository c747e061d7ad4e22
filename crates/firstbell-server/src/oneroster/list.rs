//! Lists: among which records each looks, and its pages. A link to the next page says where the page
//! ended, so that following links reads everything once, however long the list.

use firstbell_core::application::DataGroup;
use firstbell_core::id::{CourseId, RoleId, SchoolId, SectionId, TermId, UserId};
use firstbell_core::roster::RoleKind;
use firstbell_protocol::data_api::{self, ObjectId, People};
use firstbell_protocol::oneroster::{Collection, Cursor, Filter, Order, Query};
use firstbell_store::{Seek, StoreError};

use super::objects::{Object, Printer};
use crate::data_api::{
    Reader, Record, Source, Users, WithContacts, distinct, fetch, users_in_role,
};

/// So many records are looked at at a time.
const AT_ONCE: usize = 500;

/// So many people are remembered.
const MOST_REMEMBERED: usize = 50_000;

type ReadResult<T> = Result<T, StoreError>;

/// Where the district stands among organisations: before its schools.
const TOP: [u8; 12] = [0; 12];

/// A list: of which collection, among which records.
pub(super) struct List {
    collection: Collection,
    source: Source,
}

/// A page of a list.
pub(super) struct Page {
    pub objects: Vec<Object>,
    /// How many objects the list has.
    pub total: u64,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
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
        Some(id) => reader.one(kept, id),
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
                let seen = reader.person(person)?.map(|seen| seen.roles).unwrap_or_default();
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
        let mut walk = Walk::of(query, self.known_total(reader, query)?);
        let behind = query.cursor.and_then(|cursor| cursor.after);
        let is_of_orgs = self.collection == Collection::Orgs;
        if is_of_orgs && query.order == Order::Ascending && behind.is_none() {
            walk.take(vec![printer.top(reader)?], TOP);
        }
        let mut seek = match (behind, query.order) {
            (Some(after), Order::Ascending) => Seek::After(after),
            (Some(before), Order::Descending) => Seek::Before(before),
            (None, Order::Ascending) => Seek::First,
            (None, Order::Descending) => Seek::Last,
        };
        loop {
            reader.forget_beyond(MOST_REMEMBERED);
            let mut records = fetch(reader.roster(), &self.source, seek, AT_ONCE)?;
            if query.order == Order::Descending {
                records.reverse();
            }
            let Some(last) = records.last().map(Record::key) else { break };
            seek = match query.order {
                Order::Ascending => Seek::After(last),
                Order::Descending => Seek::Before(last),
            };
            for record in &records {
                let mut objects = Vec::new();
                if reader.fits(&self.source, record)? {
                    objects = printer.objects(reader, self.collection, record)?;
                }
                if query.order == Order::Descending {
                    objects.reverse();
                }
                walk.take(objects, record.key());
                if walk.is_done() {
                    return Ok(walk.finish());
                }
            }
        }
        if is_of_orgs && query.order == Order::Descending && behind != Some(TOP) {
            walk.take(vec![printer.top(reader)?], TOP);
        }
        Ok(walk.finish())
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
    let sections = reader.roster().sections_of_school(school)?;
    if collection == Collection::Classes {
        return Ok(Source::Sections(Some(distinct(sections.into_iter().map(SectionId::to_bytes)))));
    }
    let rooms = reader.sections_among(&sections)?;
    let sections = || rooms.iter().map(|room| &room.record.section);
    Ok(if collection == Collection::Terms {
        let terms = sections().filter_map(|it| it.term);
        Source::Terms(Some(distinct(terms.map(TermId::to_bytes))))
    } else {
        let courses = sections().filter_map(|it| it.course);
        Source::Courses(Some(distinct(courses.map(CourseId::to_bytes))))
    })
}

/// People for these roles of theirs, which are of one kind.
fn people(kind: RoleKind, pairs: Vec<(RoleId, UserId)>) -> Source {
    let ids = Some(distinct(pairs.iter().map(|(_, user)| user.to_bytes())));
    let mut roles: Vec<RoleId> = pairs.into_iter().map(|(role, _)| role).collect();
    roles.sort_unstable();
    Source::Users(Users { ids, kind: Some(kind), roles: Some(roles), ..Users::default() })
}

/// A page while it fills.
struct Walk<'q> {
    query: &'q Query,
    /// How many objects the list has; None while they are counted.
    known: Option<u64>,
    /// How many objects were met that are wanted, without those behind a cursor.
    met: u64,
    /// How many objects of the next record a cursor has behind it.
    behind: usize,
    /// The last record that is behind.
    after: Option<[u8; 12]>,
    objects: Vec<Object>,
    /// Where the page ended, once it is full.
    end: Option<(Option<[u8; 12]>, usize)>,
    more: bool,
}

impl<'q> Walk<'q> {
    fn of(query: &'q Query, known: Option<u64>) -> Self {
        Self {
            query,
            known,
            met: 0,
            behind: query.cursor.map_or(0, |cursor| cursor.of_next as usize),
            after: query.cursor.and_then(|cursor| cursor.after),
            objects: Vec::new(),
            end: None,
            more: false,
        }
    }

    /// How many objects to pass over before the page: a cursor has passed over them already.
    fn offset(&self) -> u64 {
        if self.query.cursor.is_some() { 0 } else { self.query.offset }
    }

    fn take(&mut self, objects: Vec<Object>, key: [u8; 12]) {
        let behind = std::mem::take(&mut self.behind);
        for (nth, object) in objects.into_iter().enumerate().skip(behind) {
            self.meet(object, nth + 1);
        }
        self.after = Some(key);
    }

    fn meet(&mut self, object: Object, nth: usize) {
        if !self.query.filter.fits(&object.id, &object.modified) {
            return;
        }
        self.met += 1;
        if self.met <= self.offset() {
            return;
        }
        if self.objects.len() < self.query.limit {
            self.objects.push(object);
            if self.objects.len() == self.query.limit {
                self.end = Some((self.after, nth));
            }
        } else {
            self.more = true;
        }
    }

    /// Whether nothing more is to be found out.
    fn is_done(&self) -> bool {
        self.more && self.known.is_some()
    }

    fn finish(self) -> Page {
        let total = self.known.unwrap_or(self.met);
        let next = self.end.filter(|_| self.more).map(|(after, of_next)| Cursor {
            after,
            of_next: u32::try_from(of_next).unwrap_or(u32::MAX),
            total,
        });
        Page { objects: self.objects, total, next }
    }
}
