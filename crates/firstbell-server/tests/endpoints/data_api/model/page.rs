//! What the query of a list asks for, and the page that it gets.

use serde_json::{Value, json};

use super::asking::{Expected, Question, behind};

/// What a query asks for, read name by name.
pub struct Read {
    pub limit: usize,
    pub after: Option<String>,
    /// None: no such thing is asked; `last`: the end.
    pub before: Option<String>,
    pub count: bool,
    pub role: Option<String>,
    pub primary: bool,
}

/// Which parameters an endpoint knows.
fn known(question: &Question) -> Vec<&'static str> {
    let is_v2 = question.version.starts_with("v2");
    let counts = question.version != "v2.0";
    let mut known = Vec::new();
    let plural = question.relation().unwrap_or("s").ends_with('s');
    let is_list = !question.is_of_one() || question.relation().is_some() && plural;
    if is_list && question.endpoint != "/districts" {
        known.extend(["limit", "starting_after", "ending_before"]);
    }
    if !question.is_of_one() && counts && question.endpoint != "/resources" {
        known.push("count");
    }
    if question.relation() == Some("users") || question.endpoint == "/users" {
        known.push("role");
    }
    if matches!(question.endpoint, "/schools/{id}/users" | "/users/{id}/schools") && !is_v2 {
        known.push("primary");
    }
    known
}

pub fn read(question: &Question) -> Result<Read, u16> {
    let mut read =
        Read { limit: 100, after: None, before: None, count: false, role: None, primary: false };
    let known = known(question);
    let mut seen = Vec::new();
    for (name, value) in &question.query {
        if !known.contains(name) {
            continue;
        }
        if seen.contains(name) {
            return Err(400);
        }
        seen.push(*name);
        let is_id = value.len() == 24
            && value.chars().all(|it| it.is_ascii_digit() || ('a'..='f').contains(&it));
        match (*name, value.as_str()) {
            ("limit", "-1" | "abc" | "0") => return Err(400),
            ("limit", number) => {
                read.limit = number.parse().unwrap();
                if read.limit > 10_000 {
                    return Err(413);
                }
            }
            ("starting_after", id) if is_id && read.before.is_none() => {
                read.after = Some(id.to_owned());
            }
            ("ending_before", id) if (is_id || id == "last") && read.after.is_none() => {
                read.before = Some(id.to_owned());
            }
            ("count", "true") => read.count = true,
            ("count", "" | "false" | "undefined") | ("primary" | "role", "") => {}
            ("primary", "true") => read.primary = true,
            ("role", role) => {
                let roles: &[&str] = match question.collection() {
                    "users" => &["student", "teacher", "staff", "district_admin", "contact"],
                    "schools" => &["student", "teacher", "staff"],
                    _ => &["student", "teacher"],
                };
                if !roles.contains(&role) {
                    return Err(400);
                }
                read.role = Some(role.to_owned());
            }
            _ => return Err(400),
        }
    }
    Ok(read)
}

/// A page of items that stand by ascending id.
pub fn page(question: &Question, read: &Read, items: Vec<(String, Value)>) -> Expected {
    let total = items.len();
    let mut shown = items;
    if let Some(after) = &read.after {
        shown.retain(|(id, _)| id > after);
    }
    if let Some(before) = &read.before
        && before != "last"
    {
        shown.retain(|(id, _)| id < before);
    }
    let more = shown.len() > read.limit;
    if read.before.is_some() {
        shown.drain(..shown.len().saturating_sub(read.limit));
    } else {
        shown.truncate(read.limit);
    }

    let at = |position: Option<(&str, &str)>| {
        let kept = question.query.iter();
        let kept =
            kept.filter(|(name, _)| !name.starts_with("starting") && !name.starts_with("ending"));
        let mut pieces: Vec<_> = kept.map(|(name, value)| format!("{name}={value}")).collect();
        pieces.extend(position.map(|(name, id)| format!("{name}={id}")));
        behind(&question.bare(), &pieces.join("&"))
    };
    let first = shown.first().map(|(id, _)| ("ending_before", id.as_str()));
    let last = shown.last().map(|(id, _)| ("starting_after", id.as_str()));
    let mut links = vec![json!({"rel": "self", "uri": question.path()})];
    if read.before.is_some() || more {
        links.push(json!({"rel": "next", "uri": at(last)}));
    }
    if read.after.is_some() {
        let before = first.or(Some(("ending_before", "last")));
        links.push(json!({"rel": "prev", "uri": at(before)}));
    }
    if read.before.is_some() && more {
        links.push(json!({"rel": "prev", "uri": at(first)}));
    }
    let data: Vec<_> = shown.iter().map(|(_, item)| item).collect();
    let mut body = json!({"data": data, "links": links});
    if read.count {
        body["count"] = json!(total);
    }
    Expected::Body(body)
}
