//! The Data API for tokens of districts (seed: Secure Sync): every object of the roster that the
//! district shares with the application, alone and in lists.
//!
//! 1. [`source`] says among which records a list looks: all of a kind, or those that belong to the
//!    object of the path ([`related`]).
//! 2. [`reader`] loads them from one version of the roster and asks [`sharing::Synced`] of each
//!    whether it is seen.
//! 3. [`page`] walks over them until the page is full.
//! 4. [`print`] spells what is seen out for the dialect.
//!
//! [`leaving`] gives the same to those who write files of it.
//!
//! [`sharing::Synced`]: firstbell_core::sharing::Synced

mod facts;
mod leaving;
mod objects;
mod page;
mod print;
mod reader;
mod related;
mod source;

use axum::response::Response;
use firstbell_core::application::Sharing;
use firstbell_core::error;
use firstbell_core::id::DistrictId;
use firstbell_core::sharing::Synced;
use firstbell_protocol::data_api::{
    Collection, Counting, Dialect, Endpoint, ListQuery, ListQueryError, ListWriter, ObjectId,
    Position, Rest, Shape, Target, Told,
};
use firstbell_store::{RosterVersion, StoreError, Tx};

use super::print::{DistrictTold, NOT_FOUND};
use crate::app::App;
use crate::extract::DistrictBearer;
use crate::reply::data_json::{self, DataFault};
use crate::reply::flow::{self, Outlet};
use crate::reply::rate::Place;
pub(crate) use leaving::{Audience, Leaving};
pub use objects::{Rosters, family};
use print::{Single, Sink};
pub(crate) use reader::{ContactSeen, Reader, SectionSeen};
pub(crate) use source::{
    Record, Source, Users, WithContacts, fetch_read, just_before, just_behind, users_in_role,
};

/// What a request asks for.
pub struct Asked {
    /// In whose words.
    pub dialect: Dialect,
    /// What.
    pub endpoint: &'static Endpoint,
    /// The id in the path, as it was sent; empty where the path has none.
    pub id: String,
    /// What stands behind the path.
    pub query: String,
}

/// Answers a request with the token of a district.
///
/// # Errors
/// When the query cannot be understood, there is no such object or it is not shared, or the
/// database fails.
pub async fn show(app: &App, bearer: DistrictBearer, asked: Asked) -> Result<Response, DataFault> {
    let query = ListQuery::parse(&asked.query, asked.endpoint)?;
    let district = bearer.district();
    let told = DistrictTold::of(app, &bearer)?;
    let sharing = bearer.connection()?.sharing.clone();
    let shape = asked.endpoint.target.shape();
    let entered = match shape {
        Shape::One if !looks_around(asked.endpoint.target, &sharing) => None,
        Shape::List | Shape::One => Some(app.long_reads().enter().await.ok_or(BUSY)?),
    };
    let is_short = is_short(&asked, &query, &sharing);
    let (client, place) = entered.unzip();
    let reading = move |outlet: Option<Outlet>| {
        move |tx: &mut Tx<'_>| {
            let version = tx.district(district).roster_version()?;
            let told = told.synced(tx.district(district).version_made(version)?);
            let (place, outlet) = (place.as_ref(), outlet.as_ref());
            let question = Question { asked: &asked, query: &query, told: &told, place, outlet };
            read(tx, district, version, &sharing, &question)
        }
    };
    if is_short {
        return Ok(data_json::printed_in_pieces(app.store().read(reading(None)).await?));
    }
    let store = app.store().clone();
    if shape == Shape::One {
        return Ok(data_json::printed_in_pieces(store.read_at_length(reading(None)).await?));
    }
    let read = |outlet| async move { store.read_at_length(reading(Some(outlet))).await };
    flow::sent_while_read((client, app.backlog()), read).await
}

/// A page of so many objects is read as fast as it is handed to another thread.
const SHORT: u32 = 100;

/// Whether it takes about as long as a login to answer: a short page of all that there is, of which
/// everything is seen, so that nothing has to be looked for.
fn is_short(asked: &Asked, query: &ListQuery, sharing: &Sharing) -> bool {
    let goes_on = matches!(query.position, Position::Start | Position::After(_));
    matches!(asked.endpoint.target, Target::All(_))
        && query.limit <= SHORT
        && goes_on
        && query.counting == Counting::NotWanted
        && query.role.is_none()
        && Synced::of(sharing, &[]).is_whole()
}

/// Whether many sections may have to be looked at for one object: of a part of the district, terms,
/// courses and their resources are seen with a section.
fn looks_around(target: Target, sharing: &Sharing) -> bool {
    let of_sections = [Collection::Terms, Collection::Courses, Collection::Resources];
    target.starts_from().is_some_and(|it| of_sections.contains(&it))
        && !Synced::of(sharing, &[]).is_whole()
}

/// A request, read.
struct Question<'q> {
    asked: &'q Asked,
    query: &'q ListQuery,
    told: &'q DistrictTold,
    /// Among those that read at length, if it is one.
    place: Option<&'q Place>,
    /// Takes what is printed of a long page, if it is one.
    outlet: Option<&'q Outlet>,
}

fn read<'q>(
    tx: &mut Tx<'_>,
    district: DistrictId,
    version: RosterVersion,
    sharing: &'q Sharing,
    question: &Question<'q>,
) -> Result<Vec<Vec<u8>>, DataFault> {
    let Asked { endpoint, id, .. } = question.asked;
    // What has been sent cannot be read anew, as a database may want it.
    if question.outlet.is_some_and(Outlet::is_begun) {
        return Err(UNPRINTABLE);
    }
    let mut tenant = tx.district(district);
    let at = tenant.roster_at(version);
    let mut reader = Reader::of(at, sharing, district)?.heeding(question.place);
    // An id that is none is no record's.
    let id = ObjectId::parse(id);
    match (endpoint.target, id) {
        (Target::All(Collection::Districts), _) => districts(question),
        (Target::One(Collection::Districts), Some(id)) => {
            if id.as_str() != &*district.hex() {
                return Err(NOT_FOUND);
            }
            one_district(question)
        }
        // Events are no part of a roster: `data_api/events.rs`.
        (Target::All(Collection::Events) | Target::One(Collection::Events), _) => Err(NOT_FOUND),
        (Target::All(collection), _) => {
            let source = Source::all(collection, question.query, &mut reader)?;
            list(&mut reader, question, collection, &source)
        }
        (Target::One(collection), Some(id)) => {
            let record = reader.one(collection, id)?.ok_or(NOT_FOUND)?;
            single(&mut reader, question, collection, &record)
        }
        (Target::District(collection), Some(id)) => {
            reader.one(collection, id)?.ok_or(NOT_FOUND)?;
            one_district(question)
        }
        (Target::Related(relation), Some(id)) => {
            let start = reader.one(relation.starts_from(), id)?.ok_or(NOT_FOUND)?;
            let source = reader.related(relation, &start, question.query)?;
            match relation.shape() {
                Shape::List => list(&mut reader, question, relation.returns(), &source),
                Shape::One => {
                    let record = reader.first(&source)?.ok_or(NOT_FOUND)?;
                    single(&mut reader, question, relation.returns(), &record)
                }
            }
        }
        (Target::Me, _) | (Target::One(_) | Target::District(_) | Target::Related(_), None) => {
            Err(NOT_FOUND)
        }
    }
}

fn list(
    reader: &mut Reader<'_, '_, '_, '_>,
    question: &Question<'_>,
    collection: Collection,
    source: &Source,
) -> Result<Vec<Vec<u8>>, DataFault> {
    let Asked { dialect, endpoint, id, .. } = question.asked;
    let path = endpoint.at(*dialect, id);
    let mut hand_over = |piece| {
        if let Some(outlet) = question.outlet {
            outlet.send(piece);
        }
    };
    let mut writer = ListWriter::new(*dialect, &path, question.query);
    if question.outlet.is_some() {
        writer = writer.handing_over(&mut hand_over);
    }
    let rest = page::write(reader, source, (*dialect, collection), question.query, &mut writer)?;
    let count = match question.query.counting {
        Counting::Wanted => Some(page::count(reader, source, *dialect)?),
        Counting::NotWanted => None,
    };
    writer.finish_in_pieces(rest, count).map_err(|_| UNPRINTABLE)
}

fn single(
    reader: &mut Reader<'_, '_, '_, '_>,
    question: &Question<'_>,
    collection: Collection,
    record: &Record,
) -> Result<Vec<Vec<u8>>, DataFault> {
    let told = reader.told();
    let mut sink = Single::of(question.asked.dialect, collection, told);
    let is_seen = reader.put(question.asked.dialect, record, &mut sink)?;
    if is_seen { Ok(vec![sink.into_body()]) } else { Err(NOT_FOUND) }
}

fn districts(question: &Question<'_>) -> Result<Vec<Vec<u8>>, DataFault> {
    let dialect = question.asked.dialect;
    let path = question.asked.endpoint.at(dialect, "");
    let mut writer = ListWriter::new(dialect, &path, question.query);
    let district = question.told.district();
    let object = dialect.district_object(district);
    writer.add(Collection::Districts, district.id, &object).map_err(|_| UNPRINTABLE)?;
    let count = (question.query.counting == Counting::Wanted).then_some(1);
    writer.finish_in_pieces(Rest::Nothing, count).map_err(|_| UNPRINTABLE)
}

fn one_district(question: &Question<'_>) -> Result<Vec<Vec<u8>>, DataFault> {
    let dialect = question.asked.dialect;
    let district = question.told.district();
    let mut sink = Single::of(dialect, Collection::Districts, Told::NOTHING);
    sink.put(district.id, &dialect.district_object(district))?;
    Ok(vec![sink.into_body()])
}

pub(super) const BUSY: DataFault =
    DataFault::new(&error::SERVER_BUSY, "Too many lists are being read at once; try again soon");

const UNPRINTABLE: DataFault =
    DataFault::new(&error::SERVER_TROUBLE, "Something failed on the server");

impl From<ListQueryError> for DataFault {
    fn from(refusal: ListQueryError) -> Self {
        let face = match refusal {
            ListQueryError::LimitTooLarge => &error::PAGE_TOO_LARGE,
            _ => &error::PARAMETER_MALFORMED,
        };
        Self::told(face, refusal.to_string())
    }
}

/// What went wrong while reading: what the database says, or that there is nothing to be told.
impl From<serde_json::Error> for DataFault {
    fn from(_: serde_json::Error) -> Self {
        UNPRINTABLE
    }
}

type ReadResult<T> = Result<T, StoreError>;

#[cfg(test)]
mod tests {
    use firstbell_core::application::SharingRule;

    use super::*;

    #[test]
    fn what_is_seen_with_a_section_may_take_long_where_a_part_is_shared() {
        let roles = Some(vec![firstbell_core::roster::RoleKind::Student]);
        let part = Sharing {
            rules: vec![SharingRule { roles, ..SharingRule::default() }],
            ..Sharing::everyone()
        };
        for dialect in Dialect::ALL {
            for endpoint in dialect.endpoints() {
                let target = endpoint.target;
                assert!(!looks_around(target, &Sharing::everyone()), "{}", endpoint.path);
                let begins = ["/terms/{id}", "/courses/{id}", "/resources/{id}"];
                let expected = begins.iter().any(|it| endpoint.path.starts_with(it));
                assert_eq!(looks_around(target, &part), expected, "{}", endpoint.path);
            }
        }
    }
}
