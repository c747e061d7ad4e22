//! The Data API for tokens of people: who they are, their district, and for the Classroom tier the
//! sections that are shared with the application and who is in them. Lists of it come whole: pages
//! are for tokens of districts.

use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::{DistrictId, RoleId, SectionId, UserId};
use firstbell_core::roster::RoleKind;
use firstbell_core::sharing::{self, OutOfScope};
use firstbell_protocol::data_api::{
    Collection, Dialect, ListQuery, People, PersonKind, Relation, Target,
};

use super::classes::Classes;
use super::print::{self, NOT_FOUND};
use super::roster::Asked;
use crate::app::App;
use crate::extract::Bearer;
use crate::reply::data_json::{self, DataFault};

/// `/me`.
///
/// # Errors
/// When the person may no longer enter.
pub fn me(dialect: Dialect, bearer: &Bearer) -> Result<Response, DataFault> {
    print::person(bearer, |person, role| {
        Ok(match dialect {
            Dialect::V2(dialect) => data_json::object(&dialect.me(person, role)),
            Dialect::V3(dialect) => data_json::object(&dialect.me(person)),
        })
    })
}

/// Answers a request with the token of a person.
///
/// # Errors
/// [`OutOfScope`] for what such tokens do not read.
pub async fn show(app: &App, bearer: Bearer, asked: &Asked) -> Result<Response, DataFault> {
    match asked.endpoint.target {
        Target::One(Collection::Districts) => district(app, &bearer, asked),
        Target::One(Collection::People(People::Users)) => user(&bearer, asked),
        Target::One(Collection::People(People::In(kind))) => role(&bearer, in_role(kind)?, asked),
        Target::One(Collection::Sections) => section(app, bearer, asked).await,
        Target::Related(Relation::PersonSections(people)) => {
            sections(app, bearer, people, asked).await
        }
        Target::Related(Relation::SectionPeople(people)) => {
            classmates(app, bearer, people, asked).await
        }
        _ => Err(OutOfScope.into()),
    }
}

/// Contacts have no tokens.
fn in_role(kind: PersonKind) -> Result<RoleKind, OutOfScope> {
    kind.role().ok_or(OutOfScope)
}

fn district(app: &App, bearer: &Bearer, asked: &Asked) -> Result<Response, DataFault> {
    let id: DistrictId = asked.id.parse().map_err(|_| NOT_FOUND)?;

    sharing::reach_district(bearer.grant.district, id)?;

    print::district(app, bearer, |district| match asked.dialect {
        Dialect::V2(dialect) => data_json::object(&dialect.district(district)),
        Dialect::V3(dialect) => data_json::object(&dialect.district(district)),
    })
}

/// A token of a person reads that person only.
fn user(bearer: &Bearer, asked: &Asked) -> Result<Response, DataFault> {
    let id: UserId = asked.id.parse().map_err(|_| NOT_FOUND)?;
    let Dialect::V3(dialect) = asked.dialect else { return Err(NOT_FOUND) };

    sharing::reach_person(&bearer.user, id)?;

    print::person(bearer, |person, _| Ok(data_json::object(&dialect.user(person))))
}

fn role(bearer: &Bearer, kind: RoleKind, asked: &Asked) -> Result<Response, DataFault> {
    let id: RoleId = asked.id.parse().map_err(|_| NOT_FOUND)?;
    let Dialect::V2(dialect) = asked.dialect else { return Err(NOT_FOUND) };

    sharing::reach_role(&bearer.entry()?, kind, id)?;

    print::person(bearer, |person, _| {
        let found = person.roles.iter().find(|it| it.kind == kind && it.id == asked.id);
        let role = found.ok_or(OutOfScope)?;
        Ok(data_json::object(&dialect.role(person, *role)))
    })
}

async fn sections(
    app: &App,
    bearer: Bearer,
    people: People,
    asked: &Asked,
) -> Result<Response, DataFault> {
    match people {
        People::Users => {
            let id: UserId = asked.id.parse().map_err(|_| NOT_FOUND)?;
            sharing::reach_person(&bearer.user, id)?;
        }
        People::In(kind) => {
            let id: RoleId = asked.id.parse().map_err(|_| NOT_FOUND)?;
            sharing::reach_role(&bearer.entry()?, in_role(kind)?, id)?;
        }
    }
    let classes = Classes::all(app, bearer).await?;

    Ok(print::sections(&classes.sections()?, |sections| match (asked.dialect, people) {
        (Dialect::V2(dialect), People::In(kind)) => {
            let kind = kind.role().unwrap_or(RoleKind::Student);
            data_json::object(&dialect.sections(kind, &asked.id, sections))
        }
        (Dialect::V2(_), People::Users) => data_json::refused(NOT_FOUND),
        (Dialect::V3(dialect), _) => data_json::object(&dialect.sections(&asked.id, sections)),
    }))
}

async fn section(app: &App, bearer: Bearer, asked: &Asked) -> Result<Response, DataFault> {
    let id: SectionId = asked.id.parse().map_err(|_| NOT_FOUND)?;

    let classes = Classes::one(app, bearer, id).await?;

    print::sections(&classes.sections()?, |sections| {
        let section = sections.first().ok_or(OutOfScope)?;
        Ok(match asked.dialect {
            Dialect::V2(dialect) => data_json::object(&dialect.section(section)),
            Dialect::V3(dialect) => data_json::object(&dialect.section(section)),
        })
    })
}

async fn classmates(
    app: &App,
    bearer: Bearer,
    people: People,
    asked: &Asked,
) -> Result<Response, DataFault> {
    let id: SectionId = asked.id.parse().map_err(|_| NOT_FOUND)?;
    let role = match people {
        // Other teachers of a section have agreed to nothing.
        People::In(PersonKind::Student) => Some(RoleKind::Student),
        People::In(_) => return Err(OutOfScope.into()),
        People::Users => wanted(asked)?,
    };

    let classes = Classes::one(app, bearer, id).await?;
    let views = classes.people(role)?;

    let (bearer, tier) = (classes.bearer(), classes.bearer().application()?.tier);
    Ok(print::people(&views, bearer.grant.district, tier, |people| match asked.dialect {
        Dialect::V2(dialect) => data_json::object(&dialect.students(&asked.id, people)),
        Dialect::V3(dialect) => data_json::object(&dialect.users(&asked.id, role, people)),
    }))
}

/// The role that a list of people is narrowed to. What else such a query says is for tokens of
/// districts, and is ignored.
fn wanted(asked: &Asked) -> Result<Option<RoleKind>, DataFault> {
    let sent = url::form_urlencoded::parse(asked.query.as_bytes());
    let role: Vec<_> = sent.filter(|(name, _)| name == "role").collect();
    let only = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(role).finish();
    let query = ListQuery::parse(&only, asked.endpoint);
    let query = query
        .map_err(|_| DataFault::new(&error::PARAMETER_MALFORMED, "role is student or teacher"))?;
    Ok(query.role.and_then(PersonKind::role))
}
