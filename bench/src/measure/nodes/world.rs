//! Everything that the tasks of a run share: the nodes, the people, the history.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::figures::count;
use crate::history::{Answer, Event, Moment, Person, Recorder, Stored, What};
use crate::http::Connection;
use crate::server::{APPLICATIONS, DISTRICTS, Nodes, Student};
use crate::visitor::Application;

/// The cookie of the broker session over plain HTTP.
pub const SESSION_COOKIE: &str = "firstbell_session";

/// Tokens of a person that are remembered.
const TOKENS_KEPT: usize = 6;

/// The shared state of a run.
pub struct World {
    /// The nodes, as they are configured.
    pub nodes: Nodes,
    /// Chance.
    pub dice: Dice,
    /// The people who log in.
    pub people: Vec<Rc<Pupil>>,
    /// Tokens of everybody, for a second look much later.
    pub kept: RefCell<VecDeque<Token>>,
    begun: Instant,
    recorder: RefCell<Recorder>,
    /// Connections to each node that nobody uses.
    pub idle: [RefCell<Vec<Connection>>; 2],
    stopped: Cell<bool>,
    killing: Cell<bool>,
    tally: Tally,
    late: RefCell<BTreeMap<&'static str, Vec<Duration>>>,
}

#[derive(Default)]
struct Tally {
    raced: Cell<u64>,
    tries: Cell<u64>,
    cut: Cell<u64>,
    trouble: Cell<u64>,
    sign_ins: Cell<u64>,
    suspensions: Cell<u64>,
    withdrawals: Cell<u64>,
    revocations: Cell<u64>,
    kills: Cell<u64>,
}

/// Somebody who logs in.
pub struct Pupil {
    /// Who.
    pub person: Person,
    /// Their name and password.
    pub student: Student,
    /// The session cookie of their browser.
    pub session: RefCell<Option<String>>,
    /// Their latest tokens.
    pub tokens: RefCell<VecDeque<Token>>,
    /// Their ID.
    pub id: RefCell<Option<String>>,
}

impl Pupil {
    /// The path of their district's portal.
    pub fn portal(&self) -> String {
        format!("/in/{}", DISTRICTS[usize::from(self.person.district)])
    }

    /// Their latest token for an application.
    pub fn token(&self, application: u8) -> Option<Token> {
        let tokens = self.tokens.borrow();
        tokens.iter().find(|token| token.application == application).cloned()
    }
}

/// A token.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its text.
    pub secret: String,
    /// The number of the application.
    pub application: u8,
}

impl World {
    /// A world with so many people, in both districts alike.
    pub fn new(nodes: Nodes, file: &Path, people: usize) -> Result<Self> {
        let mut all = Vec::with_capacity(people);
        for index in 0..people {
            let number = index / DISTRICTS.len();
            let Some(student) = nodes.students.get(number) else { break };
            all.push(Rc::new(Pupil {
                person: Person {
                    district: u8::try_from(index % DISTRICTS.len())?,
                    number: u16::try_from(number)?,
                },
                student: student.clone(),
                session: RefCell::default(),
                tokens: RefCell::default(),
                id: RefCell::default(),
            }));
        }
        Ok(Self {
            nodes,
            dice: Dice::new(u64::from(std::process::id())),
            people: all,
            kept: RefCell::default(),
            begun: Instant::now(),
            recorder: RefCell::new(Recorder::create(file)?),
            idle: Default::default(),
            stopped: Cell::new(false),
            killing: Cell::new(true),
            tally: Tally::default(),
            late: RefCell::default(),
        })
    }

    /// The time.
    pub fn now(&self) -> Moment {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(Moment::MAX)
    }

    /// One of the two nodes.
    pub fn some_node(&self) -> usize {
        usize::from(self.dice.once_in(2))
    }

    /// Where a node listens.
    pub fn address(&self, node: usize) -> SocketAddr {
        self.nodes.addresses[node]
    }

    /// Waits; false when the run ended meanwhile.
    pub async fn wait(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while !self.stopped.get() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            sleep(left.min(Duration::from_millis(200))).await;
        }
        false
    }

    /// Whether the run has ended.
    pub fn is_over(&self) -> bool {
        self.stopped.get()
    }

    /// Ends the run.
    pub fn stop(&self) {
        self.stopped.set(true);
    }

    /// Whether nodes are still killed.
    pub fn is_killing(&self) -> bool {
        self.killing.get()
    }

    /// Ends the kills.
    pub fn stop_killing(&self) {
        self.killing.set(false);
    }

    /// Adds a line to the history.
    pub fn record(&self, event: &Event) -> Result<()> {
        let count = |cell: &Cell<u64>| cell.set(cell.get() + 1);
        match (&event.what, event.answer) {
            (What::Kill, _) => count(&self.tally.kills),
            (What::SignIn { .. }, Answer::Session(_)) => count(&self.tally.sign_ins),
            (What::Suspend(_), Answer::Done) => count(&self.tally.suspensions),
            (What::Withdraw(_), Answer::Done) => count(&self.tally.withdrawals),
            (What::Redeem { .. }, _) => count(&self.tally.tries),
            _ => {}
        }
        if event.answer == Answer::None {
            count(&self.tally.cut);
        }
        if event.answer.is_trouble() {
            count(&self.tally.trouble);
        }
        self.recorder.borrow_mut().add(event)
    }

    /// Counts a code that several tried to redeem at the same moment.
    pub fn count_race(&self) {
        self.tally.raced.set(self.tally.raced.get() + 1);
    }

    /// Counts a token that was revoked.
    pub fn count_revocation(&self) {
        self.tally.revocations.set(self.tally.revocations.get() + 1);
    }

    /// Notes how late the other node was.
    pub fn note_lateness(&self, what: &'static str, late: Duration) {
        self.late.borrow_mut().entry(what).or_default().push(late);
    }

    /// How late the nodes were, by what was revoked.
    pub fn lateness(&self) -> BTreeMap<&'static str, Vec<Duration>> {
        self.late.borrow().clone()
    }

    /// Codes that were raced for.
    pub fn raced(&self) -> u64 {
        self.tally.raced.get()
    }

    /// The same, to be divided.
    pub fn raced_as_float(&self) -> f64 {
        count(usize::try_from(self.raced()).unwrap_or(usize::MAX))
    }

    /// The counts so far.
    pub fn line(&self) -> String {
        let tally = &self.tally;
        format!(
            "{} codes raced for by {} redemptions, {} sign-ins, {} suspensions, {} withdrawals, \
             {} tokens revoked, {} kills; {} requests cut off, {} answered 5xx or 429",
            tally.raced.get(),
            tally.tries.get(),
            tally.sign_ins.get(),
            tally.suspensions.get(),
            tally.withdrawals.get(),
            tally.revocations.get(),
            tally.kills.get(),
            tally.cut.get(),
            tally.trouble.get(),
        )
    }

    /// Adds what the database holds.
    pub fn record_stored(&self, stored: Stored) -> Result<()> {
        let now = self.now();
        let what = What::Stored(Box::new(stored));
        self.record(&Event { begin: now, end: now, node: None, what, answer: Answer::Done })
    }

    /// Writes what is left of the history.
    pub fn close(&self) -> Result<()> {
        self.recorder.borrow_mut().flush()
    }

    /// Remembers a token.
    pub fn keep(&self, pupil: &Pupil, secret: String, application: u8) {
        let token = Token { secret, application };
        if self.dice.once_in(20) {
            let mut kept = self.kept.borrow_mut();
            kept.push_front(token.clone());
            kept.truncate(500);
        }
        let mut tokens = pupil.tokens.borrow_mut();
        tokens.push_front(token);
        tokens.truncate(TOKENS_KEPT);
    }

    /// An application by its number.
    pub fn application(&self, number: u8) -> &Arc<Application> {
        debug_assert!(usize::from(number) < APPLICATIONS.len());
        &self.nodes.applications[usize::from(number)]
    }
}
