//! The feed of changes, read with the token of a district.

use axum::response::Response;
use firstbell_core::error;
use firstbell_core::events::{Kind, Verb};
use firstbell_core::id::EventId;
use firstbell_protocol::data_api::{
    Collection, DeletedObject, Event, Happening, ListQuery, ListWriter, ObjectId, People,
    PersonKind, Position, Rest, Target, Told,
};
use firstbell_store::{EventError, Seek};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::print::NOT_FOUND;
use super::roster::{Asked, BUSY, Rosters, family};
use crate::app::App;
use crate::events::Trouble;
use crate::events::feed::{self, Ask, Object};
use crate::extract::DistrictBearer;
use crate::reply::data_json::{self, DataFault};

/// Answers a request for events, or for one.
///
/// # Errors
/// When the query cannot be understood, there is no such event, or the database fails.
pub async fn show(app: &App, bearer: DistrictBearer, asked: Asked) -> Result<Response, DataFault> {
    let query = ListQuery::parse(&asked.query, asked.endpoint)?;
    let ask = Ask {
        application: bearer.application().id,
        district: bearer.district(),
        dialect: asked.dialect,
        types: types(&asked, &query),
        school: query.school.map(|school| school.as_str().to_owned()),
    };

    let body = match asked.endpoint.target {
        Target::One(_) => one(app, &ask, &asked).await?,
        _ => list(app, &ask, &asked, &query).await?,
    };

    Ok(data_json::printed(body))
}

type DialectAsk = Ask<firstbell_protocol::data_api::Dialect>;

async fn list(
    app: &App,
    ask: &DialectAsk,
    asked: &Asked,
    query: &ListQuery,
) -> Result<Vec<u8>, DataFault> {
    let key = |id: ObjectId| id.as_str().parse().map(EventId::to_bytes).unwrap_or_default();
    let seek = match query.position {
        Position::Start => Seek::First,
        Position::After(id) => Seek::After(key(id)),
        Position::Before(id) => Seek::Before(key(id)),
        Position::End => Seek::Last,
    };
    let most = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let (_asker, place) = app.long_reads().enter().await.ok_or(BUSY)?;
    let rosters = Rosters::of(app.clone()).within(place);
    let page = feed::page(app.store(), &rosters, ask, seek, most).await?;

    let path = asked.endpoint.at(asked.dialect, "");
    let mut writer = ListWriter::new(asked.dialect, &path, query);
    // Nothing is told to whom the district does not tell what changes.
    let (events, more) = page.map(|page| (page.events, page.more)).unwrap_or_default();
    for told in &events {
        let id = told.event.id.hex();
        print(ask, told, |event| writer.add(Collection::Events, &id, event))?;
    }
    let rest = if more { Rest::More } else { Rest::Nothing };
    Ok(writer.finish(rest, None)?)
}

async fn one(app: &App, ask: &DialectAsk, asked: &Asked) -> Result<Vec<u8>, DataFault> {
    let id: EventId = asked.id.parse().map_err(|_| NOT_FOUND)?;
    let rosters = Rosters::of(app.clone());
    let told = feed::one(app.store(), &rosters, ask, id).await?.ok_or(NOT_FOUND)?;

    let mut body = Vec::new();
    print(ask, &told, |event| {
        let single = asked.dialect.single(Collection::Events, &asked.id, event, Told::NOTHING);
        serde_json::to_writer(&mut body, &single)
    })?;
    Ok(body)
}

/// The kinds of events that are asked for: all that the dialect knows, where the query names none.
fn types(asked: &Asked, query: &ListQuery) -> Vec<(Kind, Verb)> {
    let kinds = Kind::ALL.into_iter().filter(|kind| {
        kind.is_in(family(asked.dialect))
            && (query.record_types.is_empty() || query.record_types.contains(&collection(*kind)))
    });
    kinds.flat_map(|kind| Verb::ALL.map(|verb| (kind, verb))).collect()
}

fn collection(kind: Kind) -> Collection {
    let people = |kind| Collection::People(People::In(kind));
    match kind {
        Kind::District => Collection::Districts,
        Kind::School => Collection::Schools,
        Kind::Term => Collection::Terms,
        Kind::Course => Collection::Courses,
        Kind::Section => Collection::Sections,
        Kind::Resource => Collection::Resources,
        Kind::User => Collection::People(People::Users),
        Kind::Student => people(PersonKind::Student),
        Kind::Teacher => people(PersonKind::Teacher),
        Kind::SchoolAdmin => people(PersonKind::Staff),
        Kind::DistrictAdmin => people(PersonKind::DistrictAdmin),
        Kind::Contact => people(PersonKind::Contact),
    }
}

/// Spells an event out.
fn print(
    ask: &DialectAsk,
    told: &feed::Told,
    put: impl FnOnce(&Printed<'_>) -> Result<(), serde_json::Error>,
) -> Result<(), DataFault> {
    let event = &told.event;
    let (id, created) = (event.id.hex(), event.made.to_string());
    let (object, district) = (EventId::from_bytes(event.object).hex(), ask.district.hex());
    let nothing = Map::new();
    let roles = match &told.object {
        Object::Deleted(was) if event.kind == Kind::User => roles_of(was.as_deref())?,
        _ => Vec::new(),
    };
    let roles: Vec<_> = roles.iter().map(|(kind, id)| (*kind, id.as_str())).collect();
    let deleted = DeletedObject { id: &object, district: &district, roles: &roles };
    let (what, object) = match &told.object {
        Object::Created(body) => (Happening::Created, Body::Seen(body)),
        Object::Updated(body, previous) => {
            (Happening::Updated(previous.as_ref().unwrap_or(&nothing)), Body::Seen(body))
        }
        Object::Deleted(_) => (Happening::Deleted, Body::Gone(deleted)),
    };
    let collection = collection(event.kind);
    put(&Event { id: &id, collection, what, created: &created, object })?;
    Ok(())
}

type Printed<'a> = Event<'a, Body<'a>>;

/// What an event tells of its object.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Seen(&'a RawValue),
    Gone(DeletedObject<'a>),
}

/// The roles that were told of a person, and their ids.
fn roles_of(was: Option<&RawValue>) -> Result<Vec<(PersonKind, String)>, DataFault> {
    let Some(was) = was else { return Ok(Vec::new()) };
    let was: Value = serde_json::from_str(was.get())?;
    let told = PersonKind::ALL.into_iter().filter_map(|kind| {
        let id = was["roles"][kind.name()]["legacy_id"].as_str()?;
        Some((kind, id.to_owned()))
    });
    Ok(told.collect())
}

impl From<Trouble> for DataFault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Event(EventError::Store(error)) => error.into(),
            Trouble::Event(EventError::LeaseLost) | Trouble::Unprintable => {
                Self::new(&error::SERVER_TROUBLE, "Something failed on the server")
            }
        }
    }
}
