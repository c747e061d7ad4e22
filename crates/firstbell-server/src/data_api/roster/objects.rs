//! What applications see of rosters, for the feed of changes: whole states page by page, and single
//! objects of them.

use std::sync::Arc;

use firstbell_core::application::DataGroup;
use firstbell_core::events::{Family, Kind};
use firstbell_core::id::RoleId;
use firstbell_core::roster::RoleKind;
use firstbell_protocol::data_api::Dialect;
use firstbell_store::{RosterAt, Seek, StoreError};
use serde::Serialize;
use serde_json::value::RawValue;

use super::print::Sink;
use super::reader::Reader;
use super::source::{self, Source, Users, WithContacts};
use super::{DataFault, DistrictTold, ReadResult};
use crate::app::App;
use crate::events::{Bodies, Key, Objects, Page, Printed, State, Trouble};
use crate::reply::rate::Place;

/// So many records are looked at at a time.
const AT_ONCE: usize = 500;

/// The rosters of all districts.
#[derive(Clone)]
pub struct Rosters {
    app: App,
    /// Among those that read at length, if they are read for a request.
    place: Option<Arc<Place>>,
}

impl Rosters {
    /// Those of this application's store.
    #[must_use]
    pub fn of(app: App) -> Self {
        Self { app, place: None }
    }

    /// The same, in this place among those that read at length.
    #[must_use]
    pub fn within(self, place: Place) -> Self {
        Self { place: Some(Arc::new(place)), ..self }
    }

    /// Does `work` with a reader of what is seen, and with what is told of the district.
    async fn read<T: Send + 'static>(
        &self,
        state: &State,
        work: impl Fn(&mut Reader<'_, '_, '_, '_>) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (district, seen) = (state.district, Arc::new(state.seen.clone()));
        let place = self.place.clone();
        let reading = self.app.store().read_at_length(move |tx| {
            let mut tenant = tx.district(district);
            let reader = Reader::of(tenant.roster_at(seen.version), &seen.sharing, district)?;
            work(&mut reader.heeding(place.as_deref()))
        });
        reading.await
    }

    /// The district itself; only when its last roster was made depends on the version.
    async fn district(&self, state: &State) -> Result<DistrictTold, Trouble> {
        let (district, version) = (state.district, state.seen.version);
        let made = self.app.store().read(move |tx| tx.district(district).version_made(version));
        let made = made.await?;
        let told = DistrictTold::in_settings(
            &self.app,
            &self.app.settings(),
            (state.application, district),
        );
        Ok(told.map_err(|_| Trouble::Unprintable)?.synced(made))
    }
}

impl Objects for Rosters {
    type Dialect = Dialect;

    async fn page(&self, state: &State, kind: Kind, after: Option<Key>) -> Result<Page, Trouble> {
        if kind == Kind::District {
            let told = self.district(state).await?;
            let mut text = Text::default();
            for dialect in Dialect::ALL {
                text.add(&dialect.district_object(told.district()))?;
            }
            let printed = Printed { id: state.district.to_bytes(), text: text.0 };
            return Ok(Page { objects: vec![printed], more: None });
        }
        self.read(state, move |reader| {
            let source = all(kind, reader);
            let seek = after.map_or(Seek::First, Seek::After);
            let records = source::fetch(reader, &source, seek, AT_ONCE)?;
            let more = records.last().map(source::Record::key);
            let mut objects = Vec::with_capacity(records.len());
            for record in &records {
                let mut text = Text::default();
                for dialect in Dialect::ALL.into_iter().filter(|it| kind.is_in(family(*it))) {
                    reader.put(dialect, record, &mut text)?;
                }
                if !text.0.is_empty() {
                    objects.push(Printed { id: record.key(), text: text.0 });
                }
            }
            Ok(Page { objects, more })
        })
        .await
    }

    async fn some(
        &self,
        state: &State,
        kind: Kind,
        ids: &[Key],
        dialect: Dialect,
    ) -> Result<Bodies, Trouble> {
        if kind == Kind::District {
            let object = serde_json::value::to_raw_value(
                &dialect.district_object(self.district(state).await?.district()),
            )?;
            return Ok(Bodies::from([(state.district.to_bytes(), object)]));
        }
        let ids = source::distinct(ids.iter().copied());
        self.read(state, move |reader| {
            let mut bodies = Bodies::with_capacity(ids.len());
            for source in these(kind, &ids, reader)? {
                for record in source::fetch(reader, &source, Seek::First, usize::MAX)? {
                    let mut text = Text::default();
                    if reader.put(dialect, &record, &mut text)? {
                        bodies.insert(record.key(), text.raw()?);
                    }
                }
            }
            Ok(bodies)
        })
        .await
    }
}

/// The family of a dialect.
#[must_use]
pub const fn family(dialect: Dialect) -> Family {
    match dialect {
        Dialect::V2(_) => Family::V2,
        Dialect::V3(_) => Family::V3,
    }
}

/// All records of a kind.
fn all(kind: Kind, reader: &Reader<'_, '_, '_, '_>) -> Source {
    let has_contacts = reader.groups().has(DataGroup::Contacts);
    let contacts = if has_contacts { WithContacts::Yes } else { WithContacts::No };
    match kind {
        Kind::School => Source::Schools(None),
        Kind::Term => Source::Terms(None),
        Kind::Course => Source::Courses(None),
        Kind::Section => Source::Sections(None),
        Kind::Resource => Source::Resources(None),
        Kind::User => Source::Users(Users { contacts, ..Users::default() }),
        Kind::Contact if has_contacts => Source::ContactRoles(None),
        Kind::Contact | Kind::District => Source::Nothing,
        Kind::Student => Source::Roles(RoleKind::Student, None),
        Kind::Teacher => Source::Roles(RoleKind::Teacher, None),
        Kind::SchoolAdmin => Source::Roles(RoleKind::Staff, None),
        Kind::DistrictAdmin => Source::Roles(RoleKind::DistrictAdmin, None),
    }
}

/// The records of a kind with these ids, which ascend.
fn these(kind: Kind, ids: &[Key], reader: &mut Reader<'_, '_, '_, '_>) -> ReadResult<Vec<Source>> {
    let some = || Some(ids.to_vec());
    let roles = |at: &mut RosterAt<'_, '_, '_>, of: RoleKind| {
        let mut found = Vec::with_capacity(ids.len());
        for role in ids.iter().copied().map(RoleId::from_bytes) {
            let holder = at.holder(role)?.filter(|(_, kind)| *kind == of);
            found.extend(holder.map(|(user, _)| (role, user)));
        }
        Ok::<_, StoreError>(Source::Roles(of, Some(found)))
    };
    let at = reader.roster();
    Ok(vec![match kind {
        Kind::District => Source::Nothing,
        Kind::School => Source::Schools(some()),
        Kind::Term => Source::Terms(some()),
        Kind::Course => Source::Courses(some()),
        Kind::Section => Source::Sections(some()),
        Kind::Resource => Source::Resources(some()),
        Kind::User => {
            let users = Source::Users(Users { ids: some(), ..Users::default() });
            return Ok(vec![users, Source::ContactUsers(some())]);
        }
        Kind::Student => roles(at, RoleKind::Student)?,
        Kind::Teacher => roles(at, RoleKind::Teacher)?,
        Kind::SchoolAdmin => roles(at, RoleKind::Staff)?,
        Kind::DistrictAdmin => roles(at, RoleKind::DistrictAdmin)?,
        Kind::Contact => {
            let mut found = Vec::with_capacity(ids.len());
            for role in ids.iter().copied().map(RoleId::from_bytes) {
                found.extend(at.contact_of_role(role)?.map(|contact| (role, contact)));
            }
            Source::ContactRoles(Some(found))
        }
    }])
}

/// What is printed of one object, in one dialect after the other.
#[derive(Default)]
struct Text(Vec<u8>);

impl Text {
    fn add(&mut self, object: &impl Serialize) -> Result<(), serde_json::Error> {
        serde_json::to_writer(&mut self.0, object)
    }

    fn raw(self) -> Result<Box<RawValue>, Trouble> {
        let text = String::from_utf8(self.0).map_err(|_| Trouble::Unprintable)?;
        Ok(RawValue::from_string(text)?)
    }
}

impl Sink for Text {
    fn put(&mut self, _: &str, object: &impl Serialize) -> Result<(), DataFault> {
        Ok(self.add(object)?)
    }
}

/// What the database says about it is in the log by now.
impl From<DataFault> for Trouble {
    fn from(_: DataFault) -> Self {
        Self::Unprintable
    }
}
