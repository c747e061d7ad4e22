//! One endpoint of the document: what it may be asked and what it answers.

use serde_json::{Map, Value, json};

use crate::data_api::query::{DEFAULT_LIMIT, MOST};
use crate::data_api::schema;
use crate::data_api::{Collection, Endpoint, Parameter, Shape, Target};

/// The `GET` of an endpoint.
pub(super) fn describe(endpoint: &Endpoint) -> Value {
    let has_id = endpoint.target.starts_from().is_some();
    let id = json!({
        "name": "id",
        "in": "path",
        "required": true,
        "schema": schema::id(),
    });
    let asked = endpoint.parameters.iter().map(|parameter| parameter.describe());
    let parameters: Vec<_> = has_id.then_some(id).into_iter().chain(asked).collect();
    json!({
        "operationId": operation_id(endpoint),
        "summary": summary(endpoint),
        "parameters": parameters,
        "responses": responses(endpoint),
    })
}

/// The name of the schema of its reply.
pub(super) fn reply_name(endpoint: &Endpoint) -> String {
    let Some(returns) = endpoint.target.returns() else { return "MeReply".to_owned() };
    let name = returns.schema_name();
    match endpoint.target.shape() {
        Shape::One => format!("{name}Reply"),
        Shape::List if endpoint.parameters.contains(&Parameter::Count) => {
            format!("{name}CountedListReply")
        }
        Shape::List => format!("{name}ListReply"),
    }
}

fn operation_id(endpoint: &Endpoint) -> String {
    let camel = |words: &str| -> String {
        let capital = |word: &str| {
            let (first, rest) = word.split_at(usize::from(!word.is_empty()));
            first.to_uppercase() + rest
        };
        words.split('_').map(capital).collect()
    };
    let last = camel(endpoint.path.rsplit('/').next().unwrap_or_default());
    match endpoint.target {
        Target::Me | Target::All(_) => format!("get{last}"),
        Target::One(collection) => format!("get{}", collection.schema_name()),
        target @ (Target::District(_) | Target::Related(_)) => {
            let from = target.starts_from().map_or("", Collection::schema_name);
            format!("get{last}For{from}")
        }
    }
}

fn summary(endpoint: &Endpoint) -> String {
    let last = endpoint.path.rsplit('/').next().unwrap_or_default().replace('_', " ");
    match endpoint.target {
        Target::Me => "Who the token is".to_owned(),
        Target::All(_) => format!("All {last} that the application sees"),
        Target::One(collection) => format!("One of the {}", spoken(collection)),
        target @ (Target::District(_) | Target::Related(_)) => {
            let from = target.starts_from().map_or_else(String::new, spoken);
            format!("The {last} of one of the {from}")
        }
    }
}

fn spoken(collection: Collection) -> String {
    collection.path_name().replace('_', " ")
}

fn responses(endpoint: &Endpoint) -> Value {
    let reply = schema::named(&reply_name(endpoint));
    let mut responses = Map::new();
    let found = json!({
        "description": "What was asked for",
        "headers": rate_limit_headers(),
        "content": { "application/json": { "schema": reply } },
    });
    responses.insert("200".to_owned(), found);
    let mut refuse = |status: &str| {
        let response = json!({ "$ref": format!("#/components/responses/{status}") });
        responses.insert(status.to_owned(), response);
    };
    if !endpoint.parameters.is_empty() {
        refuse("400");
    }
    refuse("401");
    refuse("403");
    if endpoint.target.starts_from().is_some() {
        refuse("404");
    }
    if endpoint.is_paged() {
        refuse("413");
    }
    refuse("429");
    Value::Object(responses)
}

/// The refusals of all endpoints, by status.
pub(super) fn refusals() -> Value {
    let refusal = |description: &str| {
        json!({
            "description": description,
            "headers": rate_limit_headers(),
            "content": { "application/json": { "schema": schema::named("Error") } },
        })
    };
    let mut unauthorized = refusal("No token, or one that is not or no longer good");
    unauthorized["headers"]["WWW-Authenticate"] = header("WWW-Authenticate");
    json!({
        "400": refusal("A parameter that cannot be read"),
        "401": unauthorized,
        "403": refusal("The token does not read this"),
        "404": refusal("There is no such object, or the district does not share it"),
        "413": refusal("A limit above what a page holds"),
        "429": {
            "description": "More requests than a token has in a minute; the body is empty",
            "headers": rate_limit_headers(),
        },
    })
}

const RATE_LIMIT: [(&str, &str); 4] = [
    ("X-RateLimit-Limit", "How many requests the token has in a minute"),
    ("X-RateLimit-Remaining", "How many of them are left"),
    ("X-RateLimit-Reset", "When the next minute begins, in seconds since 1970"),
    ("X-RateLimit-Bucket", "What is counted"),
];

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

fn rate_limit_headers() -> Value {
    RATE_LIMIT
        .iter()
        .map(|(name, _)| ((*name).to_owned(), header(name)))
        .collect::<Map<_, _>>()
        .into()
}

/// The headers of replies.
pub(super) fn headers() -> Value {
    let mut headers = Map::new();
    for (name, description) in RATE_LIMIT {
        let kind = if name == "X-RateLimit-Bucket" { "string" } else { "integer" };
        let header = json!({ "description": description, "schema": { "type": kind } });
        headers.insert(name.to_owned(), header);
    }
    let challenge = json!({
        "description": "What a good request would have had (RFC 6750 section 3)",
        "schema": { "type": "string" },
    });
    headers.insert("WWW-Authenticate".to_owned(), challenge);
    Value::Object(headers)
}

impl Parameter {
    fn describe(self) -> Value {
        let (description, schema) = match self {
            Self::Limit => (
                "How many objects a page has at most",
                json!({ "type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT }),
            ),
            Self::StartingAfter => ("The id behind which the page begins", schema::id()),
            Self::EndingBefore => (
                "The id before which the page ends, or `last` for the end of the list",
                json!({ "type": "string", "pattern": "^([0-9a-f]{24}|last)$" }),
            ),
            Self::Count => (
                "Whether to tell how many objects the whole list has",
                json!({ "type": "string", "enum": ["", "true", "false", "undefined"] }),
            ),
            Self::Role(kinds) => {
                let names: Vec<_> = kinds.iter().map(|kind| kind.name()).chain([""]).collect();
                ("Only people in this role", json!({ "type": "string", "enum": names }))
            }
            Self::Primary => {
                ("Only ties to a primary school", json!({ "type": "string", "enum": ["", "true"] }))
            }
            Self::School => ("Only what happened to objects of this school", schema::id()),
            Self::RecordType(collections) => {
                let names: Vec<_> = collections.iter().map(|it| it.event_name()).collect();
                let name = json!({ "type": "string", "enum": names });
                ("Only what happened to such objects; may be repeated", schema::list(&name))
            }
        };
        json!({ "name": self.name(), "in": "query", "description": description, "schema": schema })
    }
}
