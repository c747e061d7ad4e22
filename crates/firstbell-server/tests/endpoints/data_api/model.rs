//! Random towns, shared in random ways, asked random questions with tokens of districts and of people
//! of every tier: each reply is compared with what a slow and simple reading of the rules says.

#![expect(
    clippy::format_push_string,
    clippy::match_same_arms,
    clippy::needless_pass_by_value,
    clippy::redundant_closure,
    clippy::similar_names,
    clippy::unused_self,
    reason = "a slow and simple reading, one rule a line"
)]

mod asking;
mod district;
mod oneroster;
mod own;
mod page;
mod press;
mod print;
mod rules;
mod stage;
mod town;
mod values;

use std::collections::BTreeMap;

use firstbell_store::testing::Dice;
use serde_json::{Value, json};

use crate::world::{Reply, worlds};
use asking::{Expected, Question};
use stage::Stage;
use town::Town;
use values::Granted;

/// So many towns, each with so many ways to share it and so many tokens of people.
const TOWNS: u64 = 8;
const SHARINGS: usize = 6;
const OWNERS: usize = 12;
const QUESTIONS_OF_OWNERS: usize = 70;

/// So many replies are compared on each database.
const LEAST: usize = 10_000;

#[tokio::test]
async fn every_reply_is_what_a_naive_reading_of_the_rules_says() {
    for world in worlds().await {
        let stage = Stage::furnish(world).await;
        let mut tally = Tally::default();
        for seed in 1..=TOWNS {
            let mut dice = Dice::new(seed * 1000);
            let mut town = Town::roll(seed);
            let foreign = Town::roll(seed + 500);
            town.write(&stage.world).await;
            for _ in 0..SHARINGS {
                let sharing = rules::roll(&town, &mut dice);
                let token = stage.district_token(&town, sharing.clone()).await;
                let shown = rules::Shown::of(&town, &sharing);
                for endpoint in asking::endpoints() {
                    let question = asking::roll(endpoint, &town, &foreign, &mut dice);
                    let printer =
                        print::Printer { town: &town, shown: &shown, version: question.version };
                    let expected = district::expected(&printer, &question, &stage.since());
                    let reply = stage.ask(&question.path(), &token).await;
                    tally.compare(&question, &reply, expected, &sharing);
                }
            }
            for _ in 0..OWNERS {
                let visit = stage.visit(&town, &mut dice).await;
                let owner = visit.owner(&town);
                // Whoever may not enter is told the same each time.
                let questions = if owner.may_enter() { QUESTIONS_OF_OWNERS } else { 4 };
                for _ in 0..questions {
                    let question = stage::about_oneself(&owner, &foreign, &mut dice);
                    let reply = stage.ask(&question.path(), &visit.token).await;
                    tally.compare(&question, &reply, owner.expected(&question), &visit.hint());
                }
            }
        }
        tally.close();
    }
}

#[tokio::test]
async fn no_reply_holds_a_value_that_the_rules_do_not_grant() {
    for world in worlds().await {
        let stage = Stage::furnish(world).await;
        let (mut looked_at, mut wrong) = (0, Vec::new());
        for seed in 101..=100 + TOWNS / 2 {
            let mut dice = Dice::new(seed * 1000);
            let mut town = Town::roll(seed);
            let foreign = Town::roll(seed + 500);
            town.write(&stage.world).await;
            for _ in 0..SHARINGS {
                let sharing = rules::roll(&town, &mut dice);
                let token = stage.district_token(&town, sharing.clone()).await;
                let granted = Granted::to_district(&town, &rules::Shown::of(&town, &sharing));
                for endpoint in asking::all_endpoints() {
                    let mut question = asking::roll(endpoint, &town, &foreign, &mut dice);
                    asking::pry(&mut question, &mut dice);
                    let reply = stage.ask(&question.path(), &token).await;
                    looked_at += 1;
                    if let Some(value) = granted.beyond(&question.path(), &reply) {
                        wrong.push(format!("{value} at {}: {sharing:?}", question.path()));
                    }
                }
            }
            for _ in 0..OWNERS {
                let visit = stage.visit(&town, &mut dice).await;
                let owner = visit.owner(&town);
                let granted = owner.granted();
                let questions = if owner.may_enter() { QUESTIONS_OF_OWNERS / 2 } else { 4 };
                for _ in 0..questions {
                    let mut question = stage::about_oneself(&owner, &foreign, &mut dice);
                    asking::pry(&mut question, &mut dice);
                    let reply = stage.ask(&question.path(), &visit.token).await;
                    looked_at += 1;
                    if let Some(value) = granted.beyond(&question.path(), &reply) {
                        wrong.push(format!("{value} at {}: {:?}", question.path(), visit.hint()));
                    }
                }
            }
        }
        let some = wrong.iter().take(8).fold(String::new(), |all, line| all + line + "\n");
        assert!(wrong.is_empty(), "{} of {looked_at} replies, such as\n{some}", wrong.len());
        assert!(looked_at > 3_000, "{looked_at} replies");
    }
}

/// What was compared.
#[derive(Default)]
struct Tally {
    by_status: BTreeMap<u16, usize>,
    objects: usize,
    /// How much was told at each endpoint.
    told: BTreeMap<(&'static str, &'static str), usize>,
    failures: Vec<String>,
}

impl Tally {
    fn compare(
        &mut self,
        question: &Question,
        reply: &Reply,
        expected: Expected,
        hint: &dyn std::fmt::Debug,
    ) {
        let status = reply.status.as_u16();
        *self.by_status.entry(status).or_default() += 1;
        let (wanted, body) = match expected {
            Expected::Body(body) => (200, Some(body)),
            Expected::Refusal(status, message) => (status, Some(json!({ "message": message }))),
            Expected::Complaint(status) => (status, None),
        };
        let found = reply.json();
        let wrong = match &body {
            _ if status != wanted => Some(format!("{status}, not {wanted}: {}", reply.body)),
            Some(body) => difference(&found, body),
            None => {
                let members: Vec<_> = found.as_object().unwrap().keys().collect();
                (members != ["message"]).then(|| format!("more than a message: {found}"))
            }
        };
        if let Some(wrong) = wrong {
            let wrong: String = wrong.chars().take(1000).collect();
            self.failures.push(format!("{}: {wrong}\n    shared like {hint:?}", question.path()));
        }
        if let Some(body) = body.filter(|_| wanted == 200) {
            let told = body["data"].as_array().map_or(1, Vec::len);
            self.objects += told;
            if told > 0 {
                *self.told.entry((question.version, question.endpoint)).or_default() += told;
            }
        }
    }

    fn close(self) {
        let Self { by_status, objects, told, failures } = self;
        let compared: usize = by_status.values().sum();
        println!("{compared} replies compared, {by_status:?}, {objects} objects");
        let some = failures.iter().take(8).fold(String::new(), |all, line| all + line + "\n");
        assert!(failures.is_empty(), "{} replies are wrong, such as\n{some}", failures.len());

        // A test that compares refusals with refusals shows little.
        assert!(compared >= LEAST, "{compared} replies");
        for (status, least) in
            [(200, 5000), (400, 50), (401, 50), (403, 500), (404, 500), (413, 10)]
        {
            let found = by_status.get(&status).copied().unwrap_or(0);
            assert!(found >= least, "{found} replies of {status}");
        }
        assert!(objects > LEAST, "{objects} objects");
        let silent = asking::endpoints().into_iter().filter(|it| !told.contains_key(it));
        let silent: Vec<_> = silent.collect();
        assert!(silent.is_empty(), "nothing was ever told at {silent:?}");
    }
}

/// The first place where two replies differ, and what stands there in each.
fn difference(found: &Value, expected: &Value) -> Option<String> {
    let inside = match (found, expected) {
        _ if found == expected => return None,
        (Value::Object(one), Value::Object(other)) => one.iter().find_map(|(name, value)| {
            let rest = difference(value, other.get(name)?)?;
            Some(format!("{name}.{rest}"))
        }),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            let mut inside = pairs
                .filter_map(|(at, (one, other))| Some(format!("{at}.{}", difference(one, other)?)));
            inside.next()
        }
        _ => None,
    };
    // Here, where it is no deeper: a member that only one has, or another value.
    inside.or_else(|| Some(format!(" is {found}, not {expected}")))
}
