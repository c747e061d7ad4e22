//! INV-3: what was revoked, and acknowledged, opens nothing that begins later. What ended with a
//! suspension stays ended when the person is let in again.

use super::{Stale, Verdict};
use crate::history::account::Account;
use crate::history::switch::{Because, Initially};
use crate::history::{Answer, Event, Link, Mark, Person, What};

/// INV-3.
pub(super) fn stays_revoked(account: &Account<'_>, stale: Stale) -> Verdict {
    let promise =
        "nothing that begins after an acknowledged revocation succeeds with what it revoked";
    let mut check = Check { account, stale, verdict: Verdict::new("INV-3", promise) };
    for (at, event) in account.events.iter().enumerate() {
        check.judge(at, event);
    }
    check.verdict
}

struct Check<'a, 'h> {
    account: &'a Account<'h>,
    stale: Stale,
    verdict: Verdict,
}

impl Check<'_, '_> {
    fn judge(&mut self, at: usize, event: &Event) {
        match (&event.what, event.answer) {
            (What::Me { token } | What::User { token, .. }, Answer::Person { .. }) => {
                self.token(at, *token);
            }
            (What::Redeem { code, .. }, Answer::Token(_)) => self.code(at, *code),
            (What::Authorize { session: Some(session), application }, Answer::Code(_)) => {
                self.session(at, *session, *application);
            }
            (What::SignIn { person, .. }, Answer::Session(_)) => self.standing(at, *person),
            _ => {}
        }
    }

    fn code(&mut self, at: usize, code: Mark) {
        let Some(origin) = self.account.origin_of_code(code) else { return };
        self.standing(at, origin.person);
        self.connected(at, origin.link);
        let issued = self.account.codes.get(&code).copied();
        self.alive(at, origin.person, issued, &format!("code {code}"));
    }

    /// That what a person got by the event `born` had not ended with all that they had.
    fn alive(&mut self, at: usize, person: Person, born: Option<usize>, name: &str) {
        let Some(born) = born else { return };
        let seen = self.account.events[at].begin;
        if let Some(ending) = self.account.ended(person, born, seen) {
            let why = format!("{name} outlived the end of all that its person had");
            self.verdict.breach([born, ending, at], why);
        }
    }

    fn token(&mut self, at: usize, token: Mark) {
        let Some(origin) = self.account.origin_of_token(token) else { return };
        self.standing(at, origin.person);
        self.connected(at, origin.link);
        let Some(redeemed) = self.account.tokens.get(&token).copied() else { return };
        self.alive(at, origin.person, Some(redeemed), &format!("token {token}"));
        let event = &self.account.events[at];
        for revocation in self.account.revocations.get(&token).into_iter().flatten() {
            let before = self.account.events[*revocation].end < event.begin;
            if before && self.account.has_revoked(*revocation, redeemed) {
                let why = format!("token {token} was revoked and opens something");
                self.verdict.breach([redeemed, *revocation, at], why);
            }
        }
    }

    fn session(&mut self, at: usize, session: Mark, application: u8) {
        let Some(person) = self.account.owner(session) else { return };
        self.standing(at, person);
        self.connected(at, Link { application, district: person.district });
        let Some(began) = self.account.sessions.get(&session).copied() else { return };
        self.alive(at, person, Some(began), &format!("session {session}"));
        let event = &self.account.events[at];
        for ending in self.account.endings.get(&session).into_iter().flatten() {
            let before = self.account.events[*ending].end < event.begin;
            if before && self.account.has_ended(*ending) {
                let why = format!("session {session} had ended and opens something");
                self.verdict.breach([began, *ending, at], why);
            }
        }
    }

    fn standing(&mut self, at: usize, person: Person) {
        self.verdict.look();
        let span = self.account.events[at].span();
        let off = self.account.suspension(person).surely_off(Initially::On, span, 0);
        if let Some(Because::Event(suspended)) = off {
            self.verdict.breach([suspended, at], "the person was suspended");
        }
    }

    fn connected(&mut self, at: usize, link: Link) {
        let span = self.account.events[at].span();
        let connection = self.account.connection(link);
        let off = connection.surely_off(Initially::Off, span, self.stale.0);
        if let Some(Because::Event(withdrawn)) = off {
            self.verdict.breach([withdrawn, at], "the application was not connected any more");
        }
    }
}
