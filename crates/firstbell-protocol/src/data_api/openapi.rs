//! The description of a dialect as an `OpenAPI` 3.1 document: paths and parameters from the table of
//! endpoints, objects from the schemas that stand beside the printers. Client generators read it.

mod operation;

use serde_json::{Map, Value, json};

use super::schema::{self, Schema};
use super::{Collection, Dialect, Parameter, Shape, courses, event, school, section};

/// The document of a dialect that is served below this base URL (without the dialect's prefix).
pub fn document(dialect: Dialect, server_url: &str) -> Value {
    let paths: Map<String, Value> = dialect
        .endpoints()
        .iter()
        .map(|endpoint| {
            let path = format!("{}{}", dialect.prefix(), endpoint.path);
            (path, json!({ "get": operation::describe(endpoint) }))
        })
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Firstbell Data API",
            "summary": "A district's roster, as far as the district shares it with an application",
            "version": dialect.prefix().trim_start_matches("/v"),
        },
        "servers": [{ "url": server_url }],
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token of a district for the application, or of somebody who \
                                logged in to it.",
            } },
            "headers": operation::headers(),
            "responses": operation::refusals(),
            "schemas": schemas(dialect),
        },
    })
}

/// The schemas of everything that the dialect prints, by name.
pub(super) fn schemas(dialect: Dialect) -> Map<String, Value> {
    let details = dialect.details();
    let mut objects = vec![
        (Collection::Districts.schema_name(), dialect.district_shape().schema()),
        (Collection::Schools.schema_name(), school::schema(details)),
        (Collection::Terms.schema_name(), courses::term_schema()),
        (Collection::Courses.schema_name(), courses::course_schema()),
        (Collection::Sections.schema_name(), section::schema(details, dialect.lms())),
    ];
    objects.extend(match dialect {
        Dialect::V2(dialect) => dialect.schemas(),
        Dialect::V3(dialect) => dialect.schemas(),
    });
    objects.extend(events(dialect));

    let mut schemas = Map::new();
    for (name, schema) in objects {
        schemas.insert(name.to_owned(), schema.value());
    }
    for endpoint in dialect.endpoints() {
        let name = operation::reply_name(endpoint);
        let has_count = endpoint.parameters.contains(&Parameter::Count);
        let reply = match (endpoint.target.returns(), endpoint.target.shape()) {
            (None, _) => me(),
            (Some(collection), Shape::One) => single(collection),
            (Some(collection), Shape::List) => list(collection),
        };
        let reply = if has_count {
            reply.may("count", json!({ "type": "integer", "minimum": 0 }))
        } else {
            reply
        };
        schemas.entry(name).or_insert_with(|| reply.value());
    }
    let link = Schema::default().always("rel", schema::text()).always("uri", schema::text());
    schemas.insert("Link".to_owned(), link.value());
    schemas.insert("Error".to_owned(), Schema::default().always("message", schema::text()).value());
    schemas
}

/// Events and what they tell of deleted objects.
fn events(dialect: Dialect) -> [(&'static str, Schema); 2] {
    let mut of_events = dialect.endpoints().iter().flat_map(|endpoint| endpoint.parameters);
    let records = of_events
        .find_map(|parameter| match parameter {
            Parameter::RecordType(collections) => Some(*collections),
            _ => None,
        })
        .unwrap_or_default();
    let objects = records.iter().map(|it| schema::named(it.schema_name())).collect();
    let has_users = matches!(dialect, Dialect::V3(_));
    [
        (Collection::Events.schema_name(), event::schema(records, objects)),
        ("DeletedObject", event::deleted_schema(has_users)),
    ]
}

fn links() -> Value {
    schema::list(&schema::named("Link"))
}

fn me() -> Schema {
    Schema::default()
        .always("type", schema::text())
        .always("data", schema::named("Me"))
        .always("links", links())
}

fn single(of: Collection) -> Schema {
    Schema::default().always("data", schema::named(of.schema_name())).always("links", links())
}

fn list(of: Collection) -> Schema {
    let item = Schema::default()
        .always("data", schema::named(of.schema_name()))
        .always("uri", schema::text());
    Schema::default().always("data", schema::list(&item.value())).always("links", links())
}

#[cfg(test)]
mod tests;
