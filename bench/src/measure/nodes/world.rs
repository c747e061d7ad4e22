//! Everything that the tasks of a run share: the nodes, the people, the history. What is asked of a
//! node is asked here, so that nothing is asked without being recorded.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::figures::count;
use crate::form;
use crate::history::{Answer, Event, Mark, Moment, Person, Proof, Recorder, Stored, What};
use crate::http::{Ask, Connection, Reply};
use crate::server::{APPLICATIONS, DISTRICTS, Nodes, Student};
use crate::visitor::{Application, access_token, between, parameter};

/// The cookie of the broker session over plain HTTP.
pub const SESSION_COOKIE: &str = "firstbell_session";

/// A node that does not answer for so long is taken for dead.
const PATIENCE: Duration = Duration::from_secs(30);

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
    idle: [RefCell<Vec<Connection>>; 2],
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

/// What a node said; nothing where nobody could be asked.
pub type Heard<T> = Result<Option<T>>;

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

    /// Asks a node and records what it answers.
    async fn ask(
        &self,
        node: usize,
        what: What,
        ask: &Ask<'_>,
        read: impl FnOnce(&Reply) -> Answer,
    ) -> Heard<(Answer, Option<Reply>)> {
        let idle = self.idle[node].borrow_mut().pop();
        let mut connection = idle.unwrap_or_else(|| Connection::to(self.address(node)));
        if connection.open().await.is_err() {
            // The node is down: a balancer would send this to the other one.
            sleep(Duration::from_millis(5)).await;
            return Ok(None);
        }
        let begin = self.now();
        let reply = tokio::time::timeout(PATIENCE, connection.send(ask)).await;
        let end = self.now();
        let reply = reply.ok().and_then(Result::ok);
        let answer = reply.as_ref().map_or(Answer::None, read);
        self.record(&Event { begin, end, node: Some(node), what, answer })?;
        if reply.is_some() {
            self.idle[node].borrow_mut().push(connection);
        }
        Ok(Some((answer, reply)))
    }

    /// Asks for a code with a session cookie, or without one.
    pub async fn authorize(
        &self,
        node: usize,
        session: Option<&str>,
        application: u8,
    ) -> Heard<(Answer, Option<String>)> {
        let registered = self.application(application);
        let query = form::encode([
            ("response_type", "code"),
            ("client_id", &registered.id),
            ("redirect_uri", &registered.redirect_uri),
        ]);
        let path = format!("/oauth/authorize?{query}");
        let cookies = session.map(|value| format!("{SESSION_COOKIE}={value}")).unwrap_or_default();
        let ask = Ask { path: &path, cookies: &cookies, ..Ask::default() };
        let what = What::Authorize { session: session.map(Mark::of), application };
        let code = |reply: &Reply| {
            let query = reply.location.as_deref()?.strip_prefix(&*registered.redirect_uri)?;
            parameter(query, "code")
        };
        let read = |reply: &Reply| match code(reply) {
            Some(code) => Answer::Code(Mark::of(&code)),
            None => Answer::Refused(reply.status),
        };
        let Some((answer, reply)) = self.ask(node, what, &ask, read).await? else {
            return Ok(None);
        };
        Ok(Some((answer, reply.as_ref().and_then(code))))
    }

    /// Presents a code.
    pub async fn redeem(
        &self,
        node: usize,
        code: &str,
        application: u8,
        proof: Proof,
    ) -> Heard<(Answer, Option<String>)> {
        let registered = self.application(application);
        let authorization = basic(registered, proof);
        let uri = form::escape(&registered.redirect_uri);
        let body = format!("code={code}&grant_type=authorization_code&redirect_uri={uri}");
        let path = "/oauth/tokens";
        let ask = Ask { path, authorization: &authorization, form: Some(body), ..Ask::default() };
        let what = What::Redeem { code: Mark::of(code), application, proof };
        let read = |reply: &Reply| match access_token(reply) {
            Ok(token) => Answer::Token(Mark::of(&token)),
            Err(_) => Answer::Refused(reply.status),
        };
        let Some((answer, reply)) = self.ask(node, what, &ask, read).await? else {
            return Ok(None);
        };
        Ok(Some((answer, reply.as_ref().and_then(|reply| access_token(reply).ok()))))
    }

    /// Asks whom a token is for; returns the ID too.
    pub async fn me(&self, node: usize, token: &str) -> Heard<(Answer, Option<String>)> {
        let what = What::Me { token: Mark::of(token) };
        self.person(node, token, "/v3.0/me", what).await
    }

    /// Asks for a person.
    pub async fn user(&self, node: usize, token: &str, id: &str) -> Heard<Answer> {
        let what = What::User { token: Mark::of(token), id: Mark::of(id) };
        let heard = self.person(node, token, &format!("/v3.0/users/{id}"), what).await?;
        Ok(heard.map(|(answer, _)| answer))
    }

    async fn person(
        &self,
        node: usize,
        token: &str,
        path: &str,
        what: What,
    ) -> Heard<(Answer, Option<String>)> {
        let authorization = format!("Bearer {token}");
        let ask = Ask { path, authorization: &authorization, ..Ask::default() };
        let id = |reply: &Reply| between(&reply.body, "\"id\":\"");
        let read = |reply: &Reply| {
            let district = between(&reply.body, "\"district\":\"");
            match (reply.status, id(reply), district) {
                (200, Some(id), Some(district)) => {
                    Answer::Person { id: Mark::of(&id), district: Mark::of(&district) }
                }
                _ => Answer::Refused(reply.status),
            }
        };
        let Some((answer, reply)) = self.ask(node, what, &ask, read).await? else {
            return Ok(None);
        };
        let is_person = matches!(answer, Answer::Person { .. });
        Ok(Some((answer, reply.as_ref().filter(|_| is_person).and_then(id))))
    }

    /// Ends a session with the form of the portal, or with a form that is not ours.
    pub async fn sign_out(
        &self,
        node: usize,
        pupil: &Pupil,
        session: &str,
        proof: Proof,
    ) -> Heard<Answer> {
        let cookies = format!("{SESSION_COOKIE}={session}");
        let path = pupil.portal();
        let mut connection = Connection::to(self.address(node));
        let ask = Ask { path: &path, cookies: &cookies, ..Ask::default() };
        let Ok(page) = connection.send(&ask).await else { return Ok(None) };
        let text = String::from_utf8_lossy(&page.body);
        let Some(form) = form::find(&text, "csrf") else { return Ok(None) };
        let hidden = form.hidden.iter().map(|(name, value)| match proof {
            Proof::Genuine => (name.as_str(), value.as_str()),
            Proof::Forged => (name.as_str(), "0123456789abcdef0123456789abcdef"),
        });
        let body = form::encode(hidden);
        let ask = Ask { path: &form.action, cookies: &cookies, form: Some(body), ..Ask::default() };
        let what = What::SignOut { session: Mark::of(session), proof };
        let read = |reply: &Reply| match reply.status {
            200 => Answer::Done,
            status => Answer::Refused(status),
        };
        Ok(self.ask(node, what, &ask, read).await?.map(|(answer, _)| answer))
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

fn basic(application: &Application, proof: Proof) -> String {
    let secret = match proof {
        Proof::Genuine => &application.secret,
        Proof::Forged => &application.id,
    };
    format!("Basic {}", STANDARD.encode(format!("{}:{secret}", application.id)))
}
