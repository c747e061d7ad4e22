//! INV-1 and INV-10: a code buys one token, within its minute.

use std::collections::HashMap;

use super::Verdict;
use crate::history::account::Account;
use crate::history::{Answer, Mark, Moment, What};

/// A code lives one minute (`firstbell_core::login::code::LIFETIME`).
pub(super) const CODE_LIVES: Moment = 60_000_000;

/// INV-1.
pub(super) fn tokens(account: &Account<'_>) -> Verdict {
    let mut verdict = Verdict::new("INV-1", "a code buys one token, over all nodes and kills");
    let mut bought: HashMap<Mark, Vec<usize>> = HashMap::new();
    let mut codes_of: HashMap<Mark, Vec<(Mark, usize)>> = HashMap::new();
    for (at, event) in account.events.iter().enumerate() {
        if let (What::Redeem { code, .. }, Answer::Token(token)) = (&event.what, event.answer) {
            bought.entry(*code).or_default().push(at);
            codes_of.entry(token).or_default().push((*code, at));
        }
    }
    for (code, events) in &bought {
        verdict.look();
        if events.len() > 1 {
            verdict
                .breach(events.clone(), format!("code {code} was redeemed {} times", events.len()));
        }
    }
    for (token, sources) in &codes_of {
        if sources.iter().any(|(code, _)| *code != sources[0].0) {
            let events: Vec<usize> = sources.iter().map(|(_, at)| *at).collect();
            verdict.breach(events, format!("token {token} was bought with several codes"));
        }
    }
    let Some(stored) = account.stored else { return verdict };
    let mut stored_for: HashMap<Mark, Mark> = HashMap::new();
    for (code, token) in &stored.spent {
        stored_for.insert(*code, *token);
    }
    for (code, events) in &bought {
        let told = events.first().map(|at| account.events[*at].answer);
        let kept = stored_for.get(code).copied();
        if kept.is_some_and(|kept| told != Some(Answer::Token(kept))) {
            verdict.breach(events.clone(), format!("code {code} bought another token as well"));
        }
    }
    verdict
}

/// INV-10.
pub(super) fn window(account: &Account<'_>) -> Verdict {
    let mut verdict = Verdict::new("INV-10", "a code buys nothing after its minute");
    for (code, tries) in &account.tries {
        let Some(issued) = account.codes.get(code) else { continue };
        let over = account.events[*issued].end.saturating_add(CODE_LIVES);
        for at in tries.iter().filter(|at| account.events[**at].begin >= over) {
            verdict.look();
            if matches!(account.events[*at].answer, Answer::Token(_)) {
                verdict.breach([*issued, *at], format!("code {code} was redeemed too late"));
            }
        }
    }
    verdict
}
