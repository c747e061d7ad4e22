//! INV-2: what was acknowledged is there for every node, after every kill. A refusal of something
//! that was acknowledged needs a reason that the history has.

use std::collections::{HashMap, HashSet};

use super::single_use::CODE_LIVES;
use super::{Stale, Verdict};
use crate::history::account::Account;
use crate::history::switch::Initially;
use crate::history::{Answer, Event, Link, Mark, Person, Proof, What};

/// INV-2.
pub(super) fn acknowledged(account: &Account<'_>, stale: Stale) -> Verdict {
    let promise = "what was acknowledged is there, on every node and after every kill";
    let mut check = Check { account, stale, verdict: Verdict::new("INV-2", promise) };
    for (at, event) in account.events.iter().enumerate() {
        check.judge(at, event);
    }
    check.lost_codes();
    check.stored_tokens();
    check.verdict
}

struct Check<'a, 'h> {
    account: &'a Account<'h>,
    stale: Stale,
    verdict: Verdict,
}

impl Check<'_, '_> {
    fn judge(&mut self, at: usize, event: &Event) {
        if event.answer == Answer::None || event.answer.is_trouble() {
            return;
        }
        let refused = matches!(event.answer, Answer::Refused(_));
        match &event.what {
            What::Me { token } => self.token(at, event, *token, refused),
            What::Authorize { session: Some(session), application } => {
                self.session(at, event, *session, *application, refused);
            }
            What::SignIn { person, proof: Proof::Genuine, .. } => {
                self.verdict.look();
                if refused && !self.perhaps_suspended(event, *person) {
                    self.verdict.breach([at], "the right password of a person who may enter");
                }
            }
            What::Redeem { code, .. } if self.account.is_own(event) => {
                self.verdict.look();
                let mut others = self.account.tries.get(code).into_iter().flatten();
                let overtaken = others.any(|other| {
                    let try_of = &self.account.events[*other];
                    *other != at
                        && try_of.begin < event.end
                        && self.account.is_own(try_of)
                        && !try_of.answer.is_trouble()
                });
                if refused && !overtaken && !self.may_refuse(event, *code) {
                    self.verdict.breach([at], format!("code {code} was refused without a reason"));
                }
            }
            _ => {}
        }
    }

    fn token(&mut self, at: usize, event: &Event, token: Mark, refused: bool) {
        let Some(origin) = self.account.origin_of_token(token) else { return };
        let Some(redeemed) = self.account.tokens.get(&token).copied() else { return };
        let born = &self.account.events[redeemed];
        if born.end >= event.begin {
            return;
        }
        self.verdict.look();
        let revocations = self.account.revocations.get(&token).into_iter().flatten();
        let explained = self.account.perhaps_ended(origin.person, redeemed, event.end)
            || self.perhaps_suspended(event, origin.person)
            || self.perhaps_withdrawn(event, origin.link)
            || self.any_begun(revocations, event);
        if refused && !explained {
            self.verdict.breach([redeemed, at], format!("token {token} is not known"));
        }
    }

    fn session(&mut self, at: usize, event: &Event, session: Mark, application: u8, refused: bool) {
        let Some(person) = self.account.owner(session) else { return };
        let Some(began) = self.account.sessions.get(&session).copied() else { return };
        let born = &self.account.events[began];
        if born.end >= event.begin {
            return;
        }
        self.verdict.look();
        let endings = self.account.endings.get(&session).into_iter().flatten();
        let explained = self.account.perhaps_ended(person, began, event.end)
            || self.perhaps_suspended(event, person)
            || self.perhaps_withdrawn(event, Link { application, district: person.district })
            || self.any_begun(endings, event);
        if refused && !explained {
            self.verdict.breach([began, at], format!("session {session} is not known"));
        }
    }

    /// A code that all tries were refused for, though nobody else can have had it.
    fn lost_codes(&mut self) {
        for (code, tries) in &self.account.tries {
            let own: Vec<&Event> = tries
                .iter()
                .map(|at| &self.account.events[*at])
                .filter(|event| self.account.is_own(event) && !event.answer.is_trouble())
                .collect();
            let may_be_spent =
                own.iter().any(|event| matches!(event.answer, Answer::Token(_) | Answer::None));
            if own.is_empty() || may_be_spent {
                continue;
            }
            if !own.iter().any(|event| self.may_refuse(event, *code)) {
                let why = format!("code {code} was refused to all, though nobody had it");
                self.verdict.breach(tries.clone(), why);
            }
        }
    }

    fn stored_tokens(&mut self) {
        let Some(stored) = self.account.stored else { return };
        let there: HashSet<Mark> = stored.tokens.iter().map(|row| row.token).collect();
        let spent: HashMap<Mark, Mark> = stored.spent.iter().copied().collect();
        for (token, redeemed) in &self.account.tokens {
            self.verdict.look();
            if !there.contains(token) {
                self.verdict.breach([*redeemed], format!("token {token} is not stored"));
            }
            let What::Redeem { code, .. } = self.account.events[*redeemed].what else { continue };
            if !spent.contains_key(&code) {
                self.verdict.breach([*redeemed], format!("code {code} is stored as not spent"));
            }
        }
    }

    /// Whether a code may be refused for another reason than that somebody was faster.
    fn may_refuse(&self, event: &Event, code: Mark) -> bool {
        let Some(issued) = self.account.codes.get(&code).copied() else { return true };
        let Some(origin) = self.account.origin_of_code(code) else { return true };
        event.end >= self.account.events[issued].begin + CODE_LIVES
            || self.account.perhaps_ended(origin.person, issued, event.end)
            || self.perhaps_suspended(event, origin.person)
            || self.perhaps_withdrawn(event, origin.link)
    }

    fn perhaps_suspended(&self, event: &Event, person: Person) -> bool {
        self.account.suspension(person).perhaps_off(Initially::On, event.span(), 0)
    }

    fn perhaps_withdrawn(&self, event: &Event, link: Link) -> bool {
        let connection = self.account.connection(link);
        connection.perhaps_off(Initially::Off, event.span(), self.stale.0)
    }

    fn any_begun<'e>(&self, mut events: impl Iterator<Item = &'e usize>, before: &Event) -> bool {
        events.any(|at| self.account.events[*at].begin < before.end)
    }
}
