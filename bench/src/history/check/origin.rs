//! INV-4 and INV-7: who got in had proved who they are, a session speaks for one person, and nobody
//! sees another's.

use std::collections::HashMap;

use super::Verdict;
use crate::history::account::Account;
use crate::history::{Answer, Mark, Person, Proof, What};

/// INV-4.
pub(super) fn people(account: &Account<'_>) -> Verdict {
    let promise = "nobody gets in without proof, and a session speaks for one person";
    let mut verdict = Verdict::new("INV-4", promise);
    let mut given: HashMap<Mark, usize> = HashMap::new();
    let mut ids: HashMap<Person, (Mark, usize)> = HashMap::new();
    let mut people: HashMap<Mark, (Person, usize)> = HashMap::new();
    for (at, event) in account.events.iter().enumerate() {
        if let Answer::Session(mark) | Answer::Code(mark) | Answer::Token(mark) = event.answer {
            verdict.look();
            if let Some(before) = given.insert(mark, at) {
                verdict.breach([before, at], format!("{mark} was given out twice"));
            }
        }
        match (&event.what, event.answer) {
            (What::SignIn { proof: Proof::Forged, .. }, Answer::Session(_)) => {
                verdict.breach([at], "a wrong password began a session");
            }
            (What::SignOut { proof: Proof::Forged, .. }, Answer::Done) => {
                verdict.breach([at], "a forged form ended a session");
            }
            (What::Revoke { proof: Proof::Forged, .. }, Answer::Done) => {
                verdict.breach([at], "an application without proof revoked a token");
            }
            (What::Authorize { session, .. }, Answer::Code(_))
                if session.and_then(|session| account.owner(session)).is_none() =>
            {
                verdict.breach([at], "a browser got a code that nobody had signed in on");
            }
            (What::Redeem { code, .. }, Answer::Token(_)) => {
                if account.origin_of_code(*code).is_none() {
                    verdict.breach([at], "a code that nobody was given bought a token");
                } else if !account.is_own(event) {
                    verdict.breach([at], "a code bought a token for a stranger to it");
                }
            }
            (What::Me { token }, Answer::Person { id, .. }) => {
                verdict.look();
                let Some(origin) = account.origin_of_token(*token) else {
                    verdict.breach([at], "a token that nobody was given opens something");
                    continue;
                };
                let known = *ids.entry(origin.person).or_insert((id, at));
                if known.0 != id {
                    verdict.breach([known.1, at], "one person's logins speak for two");
                }
                let named = *people.entry(id).or_insert((origin.person, at));
                if named.0 != origin.person {
                    verdict.breach([named.1, at], "two people's logins speak for one");
                }
            }
            _ => {}
        }
    }
    verdict
}

/// INV-7.
pub(super) fn districts(account: &Account<'_>) -> Verdict {
    let promise = "everything in an answer belongs to the person's district and to what is shared";
    let mut verdict = Verdict::new("INV-7", promise);
    let mut districts: HashMap<u8, (Mark, usize)> = HashMap::new();
    let mut numbers: HashMap<Mark, (u8, usize)> = HashMap::new();
    let mut own: HashMap<Mark, Mark> = HashMap::new();
    for (at, event) in account.events.iter().enumerate() {
        match (&event.what, event.answer) {
            (What::Me { token }, Answer::Person { id, district }) => {
                own.insert(*token, id);
                verdict.look();
                let Some(origin) = account.origin_of_token(*token) else { continue };
                let number = origin.person.district;
                let known = *districts.entry(number).or_insert((district, at));
                let named = *numbers.entry(district).or_insert((number, at));
                if known.0 != district || named.0 != number {
                    verdict.breach([known.1, named.1, at], "a person of another district");
                }
            }
            (What::Authorize { session: Some(session), application }, Answer::Code(_)) => {
                verdict.look();
                let district = account.owner(*session).map(|person| person.district);
                let connected = account.connections.iter().any(|(link, switch)| {
                    link.application == *application
                        && Some(link.district) == district
                        && !switch.on.is_empty()
                });
                if !connected {
                    verdict.breach([at], "a code for an application that the district has not");
                }
            }
            _ => {}
        }
    }
    for (at, event) in account.events.iter().enumerate() {
        let What::User { token, id: asked } = &event.what else { continue };
        verdict.look();
        if let (Answer::Person { id, .. }, Some(own)) = (event.answer, own.get(token))
            && (own != asked || *own != id)
        {
            verdict.breach([at], "somebody else was shown");
        }
    }
    verdict
}
