//! The OneRoster 1.2 Rostering Service, read only, for tokens of districts: the same roster as the Data
//! API, through the same [`Reader`], so that nobody sees more here than there.
//!
//! 1. [`list`] says among which records a list looks, and walks over them.
//! 2. [`page`] keeps those objects that stand on the page.
//! 3. [`objects`] makes of what is seen of a record what the standard calls it.

mod list;
mod objects;
mod page;

use axum::Router;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use firstbell_core::application::Sharing;
use firstbell_core::error::{self, Face};
use firstbell_core::roster::District;
use firstbell_core::sharing::OutOfScope;
use firstbell_protocol::oneroster::{CodeMinor, Onward, Query, QueryError, StatusInfo, Target};
use firstbell_store::{StoreError, Tx};
use http::HeaderValue;
use http::header::{HeaderName, LINK};
use serde_json::{Value, json};

use crate::app::App;
use crate::data_api::Reader;
use crate::extract::RosterBearer;
use crate::reply::data_json::{self, DataFault};
use crate::reply::rate::{self, Place};
use list::List;
use objects::{Object, Printer};

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// Every path of the service.
pub fn routes(app: &App) -> Router<App> {
    let mut routes = Router::new();
    for target in Target::every() {
        let answer = async move |State(app): State<App>,
                                 bearer: Result<RosterBearer, DataFault>,
                                 path: RawPathParams,
                                 RawQuery(query): RawQuery| {
            let id = path.iter().next().map(|(_, id)| id.to_owned()).unwrap_or_default();
            let asked = Asked { target, id, query: query.unwrap_or_default() };
            match bearer {
                Ok(bearer) => show(&app, bearer, asked).await,
                Err(fault) => Err(fault.into()),
            }
        };
        routes = routes.route(&target.path("{id}"), get(answer));
    }
    routes.layer(middleware::from_fn_with_state(app.clone(), rate::limit))
}

/// What a request asks for.
struct Asked {
    target: Target,
    /// The id in the path, as it was sent; empty where the path has none.
    id: String,
    query: String,
}

async fn show(app: &App, bearer: RosterBearer, asked: Asked) -> Result<Response, Refusal> {
    let RosterBearer { whole: bearer, scopes } = bearer;
    if !asked.target.is_open_to(scopes) {
        return Err(DataFault::from(OutOfScope).into());
    }
    let query = Query::parse(&asked.query, asked.target.returns())?;
    let known = bearer.settings().district(bearer.district());
    let district = known.cloned().ok_or(Refusal::NOT_FOUND)?;
    let sharing = bearer.connection()?.sharing.clone();
    let base = app.urls().api_base().trim_end_matches('/').to_owned();
    let address = format!("{base}{}", asked.target.path(&asked.id));

    let entered = match asked.target {
        Target::One(_) => None,
        _ => Some(app.long_reads().enter().await.ok_or(Refusal::BUSY)?),
    };
    let (_asker, place) = entered.unzip();
    let (target, wanted) = (asked.target, query.clone());
    let reading = app.store().read_at_length(move |tx| {
        let place = place.as_ref();
        let question = Question { target, id: &asked.id, query: &wanted, base: &base, place };
        read(tx, &district, &sharing, &question)
    });
    Ok(match reading.await? {
        Answer::One(object) => {
            data_json::object(&json!({ target.returns().single_name(): object }))
        }
        Answer::List { objects, total, next } => {
            let list = json!({ target.returns().list_name(): objects });
            let mut response = data_json::object(&list);
            let headers = response.headers_mut();
            headers.insert(TOTAL, total.into());
            // An id in the path that is no header's text is no object's either.
            if let Ok(links) = HeaderValue::from_str(&query.links(&address, total, next)) {
                headers.insert(LINK, links);
            }
            response
        }
    })
}

/// A request, read.
struct Question<'q> {
    target: Target,
    id: &'q str,
    query: &'q Query,
    base: &'q str,
    /// Among those that read at length, if it is one.
    place: Option<&'q Place>,
}

enum Answer {
    One(Value),
    List { objects: Vec<Value>, total: u64, next: Onward },
}

fn read<'q>(
    tx: &mut Tx<'_>,
    district: &District,
    sharing: &'q Sharing,
    question: &Question<'q>,
) -> Result<Answer, Refusal> {
    let Question { target, id, query, base, place } = *question;
    let mut tenant = tx.district(district.id);
    let version = tenant.roster_version()?;
    let made = tenant.version_made(version)?.unwrap_or_default().to_string();
    let mut reader = Reader::of(tenant.roster_at(version), sharing, district.id)?.heeding(place);
    let printer = Printer { base, district, made: &made };
    let selected = |object: Object| {
        let mut members = object.members;
        members.retain(|name, _| query.wants(name));
        Value::Object(members)
    };
    let list = match target {
        Target::One(collection) => {
            let object = list::one(&mut reader, &printer, collection, id)?;
            return Ok(Answer::One(selected(object.ok_or(Refusal::NOT_FOUND)?)));
        }
        Target::All(collection) => List::all(&mut reader, collection)?,
        Target::Within(of, what) => {
            List::within(&mut reader, (of, id), what)?.ok_or(Refusal::NOT_FOUND)?
        }
    };
    let page = list.page(&mut reader, &printer, query)?;
    let objects = page.objects.into_iter().map(selected).collect();
    Ok(Answer::List { objects, total: page.total, next: page.next })
}

/// A refusal.
#[derive(Debug)]
struct Refusal {
    face: &'static Face,
    minor: CodeMinor,
    description: String,
}

impl Refusal {
    const NOT_FOUND: Self = Self {
        face: &error::OBJECT_NOT_FOUND,
        minor: CodeMinor::UnknownObject,
        description: String::new(),
    };
    const BUSY: Self = Self {
        face: &error::SERVER_BUSY,
        minor: CodeMinor::ServerBusy,
        description: String::new(),
    };
}

impl From<QueryError> for Refusal {
    fn from(refusal: QueryError) -> Self {
        let minor = match refusal {
            QueryError::Filter(_) => CodeMinor::InvalidFilterField,
            QueryError::Field(_) => CodeMinor::InvalidSelectionField,
            QueryError::Sort => CodeMinor::InvalidSortField,
            QueryError::Number | QueryError::Cursor | QueryError::TooDeep => CodeMinor::InvalidData,
        };
        let description = refusal.to_string();
        Self { face: &error::PARAMETER_MALFORMED, minor, description }
    }
}

impl From<DataFault> for Refusal {
    fn from(fault: DataFault) -> Self {
        let minor = match fault.face().status {
            401 => CodeMinor::UnauthorisedRequest,
            403 => CodeMinor::Forbidden,
            404 => CodeMinor::UnknownObject,
            400..500 => CodeMinor::InvalidData,
            503 => CodeMinor::ServerBusy,
            _ => CodeMinor::InternalServerError,
        };
        Self { face: fault.face(), minor, description: fault.message().to_owned() }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        DataFault::from(error).into()
    }
}

/// Like a refusal of the Data API, but for the body.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let description = match (&self.description, self.minor) {
            (known, _) if !known.is_empty() => known,
            (_, CodeMinor::UnknownObject) => "There is no such object, or it is not shared",
            _ => "More is asked of the server than it can do; try again soon",
        };
        let body = StatusInfo { minor: self.minor, description };
        data_json::refusal(self.face, &body)
    }
}
