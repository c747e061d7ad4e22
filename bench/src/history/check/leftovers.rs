//! INV-5, INV-8 and INV-9, by what the database holds when all is quiet: nothing is half done, and what was
//! refused was not done, and the audit log has what was done.

use std::collections::{HashMap, HashSet};

use super::Verdict;
use crate::history::account::Account;
use crate::history::{Answer, Event, Mark, StoredSession, What};

/// INV-5.
pub(super) fn audited(account: &Account<'_>) -> Verdict {
    let mut verdict = Verdict::new("INV-5", "what an administrator did is recorded once");
    let Some(stored) = account.stored else { return verdict };
    for kind in ["person.suspended", "person.restored", "person.signed_out", "sharing."] {
        let of_kind = |event: &&Event| kind_of(&event.what) == Some(kind);
        let done = account.events.iter().filter(of_kind);
        let done = done.filter(|event| event.answer == Answer::Done).count();
        let cut = account.events.iter().filter(of_kind);
        let cut = cut.filter(|event| event.answer == Answer::None).count();
        let records = stored.audit.iter().filter(|(action, _)| action.starts_with(kind));
        let recorded: usize = records.map(|(_, number)| number).sum();
        verdict.looked_at += done;
        if recorded < done || recorded > done + cut {
            let why = format!("{kind}: {done} done, {cut} cut off, {recorded} recorded");
            verdict.breach([], why);
        }
    }
    verdict
}

/// How the records begin that the audit log has of something.
fn kind_of(what: &What) -> Option<&'static str> {
    match what {
        What::Suspend(_) => Some("person.suspended"),
        What::Restore(_) => Some("person.restored"),
        What::EndAll(_) => Some("person.signed_out"),
        What::Withdraw(_) | What::Connect(_) => Some("sharing."),
        _ => None,
    }
}

/// INV-8.
pub(super) fn nothing_is_half(account: &Account<'_>) -> Verdict {
    let promise = "when all is quiet nothing is half done: no orphan session, code, token or lock";
    let mut verdict = Verdict::new("INV-8", promise);
    let Some(stored) = account.stored else { return verdict };
    verdict.looked_at = stored.tokens.len() + stored.sessions.len() + stored.spent.len();
    if stored.stuck > 0 {
        verdict.breach([], format!("{} transactions or locks are stuck", stored.stuck));
    }
    let suspended: HashSet<Mark> = stored.suspended.iter().copied().collect();
    let live = stored.sessions.iter().filter(|row| !row.ended && suspended.contains(&row.id));
    for StoredSession { session, id, .. } in live {
        let from = account.sessions.get(session).copied();
        let why = format!("session {session} of {id}, who is suspended, is still there");
        verdict.breach(Vec::from_iter(from), why);
    }
    let bought: HashSet<Mark> = stored.spent.iter().map(|(_, token)| *token).collect();
    let mut tokens = HashSet::new();
    for row in &stored.tokens {
        tokens.insert(row.token);
        let from = || Vec::from_iter(account.tokens.get(&row.token).copied());
        if !row.revoked && suspended.contains(&row.id) {
            let why =
                format!("token {} of {}, who is suspended, is not revoked", row.token, row.id);
            verdict.breach(from(), why);
        }
        if !bought.contains(&row.token) {
            verdict.breach(from(), format!("token {} was bought with no code", row.token));
        }
    }
    for (code, token) in stored.spent.iter().filter(|(_, token)| !tokens.contains(token)) {
        let from = account.codes.get(code).copied();
        verdict.breach(
            Vec::from_iter(from),
            format!("code {code} bought {token}, which is not there"),
        );
    }
    verdict
}

/// INV-9.
pub(super) fn refused_is_refused(account: &Account<'_>) -> Verdict {
    let mut verdict = Verdict::new("INV-9", "what was refused was not done");
    let mut cut_sign_ins = 0;
    for event in account.events {
        match (&event.what, event.answer) {
            (What::SignIn { .. }, Answer::None) => cut_sign_ins += 1,
            (
                What::SignIn { .. } | What::Redeem { .. } | What::SignOut { .. },
                Answer::Refused(_),
            ) => verdict.look(),
            _ => {}
        }
    }
    let Some(stored) = account.stored else { return verdict };
    let mut tries: HashMap<Mark, Vec<usize>> = HashMap::new();
    for (code, _) in &stored.spent {
        let of_code = account.tries.get(code).cloned().unwrap_or_default();
        let done =
            |at: &usize| matches!(account.events[*at].answer, Answer::Token(_) | Answer::None);
        if !of_code.iter().any(done) {
            tries.insert(*code, of_code);
        }
    }
    for (code, refused) in tries {
        verdict.breach(refused, format!("code {code} was refused to all and is spent"));
    }
    let known = |row: &&StoredSession| account.sessions.contains_key(&row.session);
    let unknown = stored.sessions.iter().filter(|row| !known(row)).count();
    if unknown > cut_sign_ins {
        let why = format!(
            "{unknown} sessions are stored that nobody was given, but only {cut_sign_ins} sign-ins \
             were cut"
        );
        verdict.breach([], why);
    }
    verdict
}
