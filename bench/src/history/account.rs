//! Who is who in a history: which sign-in a session came from, which session a code, which code a
//! token, and what was done to each.

use std::collections::HashMap;

use super::switch::{Switch, Write};
use super::{Answer, Event, Link, Mark, Moment, Person, Proof, Stored, What};

/// An application may present a code twice within this time, and nothing happens; later its token
/// is revoked (`firstbell_core::login::code::DOUBLE_CLICK`).
const DOUBLE_CLICK: Moment = 10_000_000;

/// The history, indexed.
pub struct Account<'h> {
    /// The events in the order of the file.
    pub events: &'h [Event],
    /// By session: the sign-in that it came from.
    pub sessions: HashMap<Mark, usize>,
    /// By code: the request that it came from.
    pub codes: HashMap<Mark, usize>,
    /// By token: the redemption that it came from.
    pub tokens: HashMap<Mark, usize>,
    /// By code: all tries to redeem it.
    pub tries: HashMap<Mark, Vec<usize>>,
    /// By session: what should have ended it (a sign-out, or another sign-in on its browser).
    pub endings: HashMap<Mark, Vec<usize>>,
    /// By token: what should have revoked it.
    pub revocations: HashMap<Mark, Vec<usize>>,
    /// Whether a person may enter.
    pub suspensions: HashMap<Person, Switch>,
    /// By person: what ended everything that they had.
    pub endings_of_all: HashMap<Person, Vec<usize>>,
    /// Whether an application is connected to a district.
    pub connections: HashMap<Link, Switch>,
    /// What the database held at the end.
    pub stored: Option<&'h Stored>,
    never: Switch,
}

/// Where a code or a token comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The person.
    pub person: Person,
    /// The application it was made for, with the person's district.
    pub link: Link,
}

impl<'h> Account<'h> {
    /// Reads the whole history once.
    pub fn of(events: &'h [Event]) -> Self {
        let mut account = Self {
            events,
            sessions: HashMap::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            tries: HashMap::new(),
            endings: HashMap::new(),
            revocations: HashMap::new(),
            suspensions: HashMap::new(),
            endings_of_all: HashMap::new(),
            connections: HashMap::new(),
            stored: None,
            never: Switch::default(),
        };
        for (at, event) in events.iter().enumerate() {
            account.enter(at, event);
        }
        account.leave_out_foreign_revocations();
        account.add_replays();
        account
    }

    fn enter(&mut self, at: usize, event: &'h Event) {
        match event.answer {
            Answer::Session(session) => drop(self.sessions.entry(session).or_insert(at)),
            Answer::Code(code) => drop(self.codes.entry(code).or_insert(at)),
            Answer::Token(token) => drop(self.tokens.entry(token).or_insert(at)),
            _ => {}
        }
        let write = Write {
            event: at,
            begin: event.begin,
            end: (event.answer != Answer::None).then_some(event.end),
        };
        let refused = matches!(event.answer, Answer::Refused(_));
        match &event.what {
            What::Redeem { code, .. } => self.tries.entry(*code).or_default().push(at),
            What::SignIn { replaced: Some(session), .. }
            | What::SignOut { session, proof: Proof::Genuine } => {
                self.endings.entry(*session).or_default().push(at);
            }
            What::Revoke { token, proof: Proof::Genuine, .. } => {
                self.revocations.entry(*token).or_default().push(at);
            }
            What::Suspend(person) if !refused => {
                self.suspensions.entry(*person).or_default().off.push(write);
            }
            What::Restore(person) if !refused => {
                self.suspensions.entry(*person).or_default().on.push(write);
            }
            What::EndAll(person) if !refused => {
                self.endings_of_all.entry(*person).or_default().push(at);
            }
            What::Withdraw(link) if !refused => {
                self.connections.entry(*link).or_default().off.push(write);
            }
            What::Connect(link) if !refused => {
                self.connections.entry(*link).or_default().on.push(write);
            }
            What::Stored(stored) => self.stored = Some(&**stored),
            _ => {}
        }
    }

    /// An application can give back only its own tokens (RFC 7009 section 2.1).
    fn leave_out_foreign_revocations(&mut self) {
        let mut revocations = std::mem::take(&mut self.revocations);
        for (token, events) in &mut revocations {
            let owner = self.origin_of_token(*token).map(|origin| origin.link.application);
            events.retain(|at| {
                matches!(self.events[*at].what, What::Revoke { application, .. }
                    if Some(application) == owner)
            });
        }
        self.revocations = revocations;
    }

    /// A code that is presented again after [`DOUBLE_CLICK`] revokes what it bought.
    fn add_replays(&mut self) {
        for (token, redeemed) in &self.tokens {
            let What::Redeem { code, .. } = self.events[*redeemed].what else { continue };
            for try_at in self.tries.get(&code).into_iter().flatten() {
                let late = self.events[*try_at].end_or_never()
                    >= self.events[*redeemed].begin.saturating_add(DOUBLE_CLICK);
                if try_at != redeemed && late && self.is_own(&self.events[*try_at]) {
                    self.revocations.entry(*token).or_default().push(*try_at);
                }
            }
        }
    }

    /// Whether this event is known to have revoked the token that was redeemed by that one.
    pub fn has_revoked(&self, revocation: usize, redeemed: usize) -> bool {
        let (event, redeemed) = (&self.events[revocation], &self.events[redeemed]);
        match (&event.what, event.answer) {
            (What::Revoke { .. }, Answer::Done) => true,
            // The answer to a replay is the refusal.
            (What::Redeem { .. }, Answer::Refused(400)) => {
                event.begin >= redeemed.end.saturating_add(DOUBLE_CLICK)
            }
            _ => false,
        }
    }

    /// Whether this event ended a session and was acknowledged.
    pub fn has_ended(&self, ending: usize) -> bool {
        matches!(self.events[ending].answer, Answer::Done | Answer::Session(_))
    }

    /// Whose a session is.
    pub fn owner(&self, session: Mark) -> Option<Person> {
        match self.events[*self.sessions.get(&session)?].what {
            What::SignIn { person, .. } => Some(person),
            _ => None,
        }
    }

    /// For whom and for what a code was made.
    pub fn origin_of_code(&self, code: Mark) -> Option<Origin> {
        match self.events[*self.codes.get(&code)?].what {
            What::Authorize { session: Some(session), application } => {
                let person = self.owner(session)?;
                Some(Origin { person, link: Link { application, district: person.district } })
            }
            _ => None,
        }
    }

    /// For whom and for what a token was made.
    pub fn origin_of_token(&self, token: Mark) -> Option<Origin> {
        match self.events[*self.tokens.get(&token)?].what {
            What::Redeem { code, .. } => self.origin_of_code(code),
            _ => None,
        }
    }

    /// Whether an application presents its own code with its own secret.
    pub fn is_own(&self, event: &Event) -> bool {
        match event.what {
            What::Redeem { code, application, proof } => {
                let origin = self.origin_of_code(code);
                proof == Proof::Genuine
                    && origin.is_some_and(|origin| origin.link.application == application)
            }
            _ => false,
        }
    }

    /// What ended, for good, something that a person got by the event `born`, and was acknowledged
    /// before `seen`.
    pub fn ended(&self, person: Person, born: usize, seen: Moment) -> Option<usize> {
        let born = &self.events[born];
        let ends = |at: &&usize| {
            let ending = &self.events[**at];
            ending.answer == Answer::Done && ending.end < seen && born.end < ending.begin
        };
        let all = self.endings_of_all.get(&person);
        let ended = all.into_iter().flatten().find(ends).copied();
        ended.or_else(|| self.suspension(person).ended(born.span(), seen))
    }

    /// Whether something may have ended what a person got by the event `born`, as far as somebody can
    /// tell who looked until `seen`.
    pub fn perhaps_ended(&self, person: Person, born: usize, seen: Moment) -> bool {
        let born = &self.events[born];
        let ends = |at: &usize| {
            let ending = &self.events[*at];
            ending.begin < seen && born.begin < ending.end_or_never()
        };
        self.endings_of_all.get(&person).into_iter().flatten().any(ends)
            || self.suspension(person).perhaps_ended(born.span(), seen)
    }

    /// Whether a person may enter.
    pub fn suspension(&self, person: Person) -> &Switch {
        self.suspensions.get(&person).unwrap_or(&self.never)
    }

    /// Whether an application is connected.
    pub fn connection(&self, link: Link) -> &Switch {
        self.connections.get(&link).unwrap_or(&self.never)
    }
}

impl Event {
    /// From its beginning to its end.
    pub fn span(&self) -> (Moment, Moment) {
        (self.begin, self.end)
    }

    /// When it was done at the latest: where no answer came, nobody knows.
    pub fn end_or_never(&self) -> Moment {
        if self.answer == Answer::None { Moment::MAX } else { self.end }
    }
}
