//! What is asked: an endpoint, an id that is there or not, and a query that may make sense.

use firstbell_protocol::data_api::Dialect;
use firstbell_store::testing::Dice;

use super::town::Town;

/// A request.
pub struct Question {
    /// `v2.0`.
    pub version: &'static str,
    /// The path behind the version with `{id}` in it.
    pub endpoint: &'static str,
    pub id: String,
    /// The query as names and values.
    pub query: Vec<(&'static str, String)>,
}

/// What must be answered: a body, or a status and its message.
pub enum Expected {
    Body(serde_json::Value),
    Refusal(u16, &'static str),
    /// A refusal that says in its own words what is wrong.
    Complaint(u16),
}

pub const NOT_FOUND: Expected = Expected::Refusal(404, "Resource not found");
pub const OUT_OF_SCOPE: Expected = Expected::Refusal(403, "Resource not in token's scopes");
pub const INVALID: Expected = Expected::Refusal(401, "Invalid or expired token");

pub const PARAMETERS: [&str; 6] =
    ["limit", "starting_after", "ending_before", "count", "role", "primary"];

impl Question {
    /// The path with the id and without the query.
    pub fn bare(&self) -> String {
        format!("/{}{}", self.version, self.endpoint.replace("{id}", &self.id))
    }

    pub fn sent(&self) -> String {
        let pieces: Vec<_> =
            self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pieces.join("&")
    }

    pub fn path(&self) -> String {
        behind(&self.bare(), &self.sent())
    }

    /// The collection at the beginning of the path.
    pub fn collection(&self) -> &'static str {
        self.endpoint.split('/').nth(1).unwrap()
    }

    /// What is asked of the object of the path; nothing where it is asked for itself.
    pub fn relation(&self) -> Option<&'static str> {
        self.endpoint.split('/').nth(3)
    }

    pub fn is_of_one(&self) -> bool {
        self.endpoint.contains("{id}")
    }
}

/// A path with a query behind it, if there is one.
pub fn behind(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Every endpoint of every version.
pub fn all_endpoints() -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::new();
    for dialect in Dialect::ALL {
        let version = dialect.prefix().trim_start_matches('/');
        let paths = dialect.endpoints().iter().map(|endpoint| endpoint.path);
        all.extend(paths.map(|path| (version, path)));
    }
    all
}

/// Those that the model answers for: the feed of events is not of the roster.
pub fn endpoints() -> Vec<(&'static str, &'static str)> {
    let mut all = all_endpoints();
    all.retain(|(_, path)| !path.starts_with("/events"));
    all
}

/// Adds to a question what might lead further than it may.
pub fn pry(question: &mut Question, dice: &mut Dice) {
    let more = [
        ("where", "%7B%22dob%22%3A%7B%22%24gt%22%3A%220%22%7D%7D"),
        ("expand", "roles.student,contacts,schools"),
        ("fields", "dob,race,ell_status,ext"),
        ("sort", "roles.student.dob"),
        ("include", "demographics"),
        ("school", "000000000000000000000000"),
        ("starting_after", "%27%20OR%201%3D1--"),
    ];
    if dice.below(2) == 0 {
        let (name, value) = more[below(dice, more.len())];
        question.query.push((name, value.to_owned()));
    }
}

/// A question at this endpoint. `foreign` is of another district.
pub fn roll(
    (version, endpoint): (&'static str, &'static str),
    town: &Town,
    foreign: &Town,
    dice: &mut Dice,
) -> Question {
    let mut question = Question { version, endpoint, id: String::new(), query: Vec::new() };
    if question.is_of_one() {
        question.id = id(question.collection(), town, foreign, dice);
    }
    let of_list = question.relation().unwrap_or(question.collection());
    for name in PARAMETERS {
        let wanted = match name {
            "limit" => dice.below(2) == 0,
            "role" => dice.below(3) == 0 || endpoint == "/users",
            _ => dice.below(5) == 0,
        };
        if wanted {
            let value = value(name, of_list, town, foreign, dice);
            question.query.push((name, value));
        }
    }
    if dice.below(12) == 0 {
        question.query.push(("unknown", "1".into()));
    }
    if dice.below(40) == 0 {
        let again = question.query.first().cloned();
        question.query.extend(again);
    }
    let turn = below(dice, question.query.len().max(1));
    question.query.rotate_left(turn);
    question
}

fn below(dice: &mut Dice, bound: usize) -> usize {
    usize::try_from(dice.below(bound as u64)).unwrap()
}

fn one_of<'l>(list: &'l [String], dice: &mut Dice) -> &'l str {
    &list[below(dice, list.len())]
}

/// An id of a collection, and now and then what is none of it.
fn id(collection: &str, town: &Town, foreign: &Town, dice: &mut Dice) -> String {
    let ids = town.ids();
    let all: Vec<_> = ids.values().flatten().cloned().collect();
    let known = ids.get(collection);
    let text = match (dice.below(24), known) {
        (0, _) => one_of(&all, dice).to_owned(),
        (1, _) => foreign.ids().get(collection).unwrap_or(&all)[0].clone(),
        (2, _) => one_of(&town.left, dice).to_owned(),
        (3, _) => "x".to_owned(),
        (4, Some(known)) => one_of(known, dice).to_uppercase(),
        (_, Some(known)) => one_of(known, dice).to_owned(),
        (_, None) => one_of(&all, dice).to_owned(),
    };
    // What has no letters is the same in capitals.
    if text.bytes().all(|it| it.is_ascii_digit()) { format!("{text}0") } else { text }
}

fn value(name: &str, list: &str, town: &Town, foreign: &Town, dice: &mut Dice) -> String {
    let collection = match list {
        "mycontacts" | "mystudents" | "myteachers" => "users",
        other => other,
    };
    let pick = |dice: &mut Dice, words: &[&str]| words[below(dice, words.len())].to_owned();
    match (name, dice.below(16)) {
        ("limit", 0) => pick(dice, &["0", "10001", "-1", "abc", "99999999999"]),
        ("limit", _) => pick(dice, &["1", "2", "3", "5", "10000"]),
        ("ending_before", 12..) => "last".into(),
        ("starting_after", 0) => "last".into(),
        ("starting_after" | "ending_before", 1) => "f".repeat(24),
        ("starting_after" | "ending_before", 2) => "0".repeat(24),
        ("starting_after" | "ending_before", _) => id(collection, town, foreign, dice),
        ("count", 0) => pick(dice, &["false", "undefined", "maybe"]),
        ("count" | "primary", 1) => String::new(),
        ("primary", 0) => "false".into(),
        ("role", 0) => pick(dice, &["pirate", ""]),
        ("role", _) => pick(dice, &["student", "teacher", "staff", "district_admin", "contact"]),
        _ => "true".into(),
    }
}
