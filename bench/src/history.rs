//! A history: what was asked of two nodes on one database, what was answered, and when.
//!
//! It is a file of JSON lines. Each line is one request with its beginning and its end on the one
//! clock of the driver, so "began later" means what it says. Secrets stand there as [`Mark`]s.
//! [`check`] decides afterwards whether the history is one that the promises allow.

pub mod account;
pub mod check;
pub mod switch;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

/// A moment: microseconds since the run began.
pub type Moment = u64;

/// The first 64 bits of the SHA-256 of something that is secret or long, as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Mark(u64);

impl Mark {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        Self::of_hash(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
    }

    /// Of something whose SHA-256 is known.
    pub fn of_hash(hash: &[u8]) -> Self {
        Self(hash.iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte)))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:016x}", self.0)
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

impl From<Mark> for String {
    fn from(mark: Mark) -> Self {
        mark.to_string()
    }
}

impl TryFrom<String> for Mark {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16).map(Self)
    }
}

/// Somebody of the rosters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The number of their district.
    pub district: u8,
    /// Their number in it.
    pub number: u16,
}

/// One request and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// Before the request was sent.
    pub begin: Moment,
    /// After the answer was read, or after it was clear that none would come.
    pub end: Moment,
    /// Which node was asked; none for what an administrator did to the database itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<usize>,
    /// What was asked.
    pub what: What,
    /// What was answered.
    pub answer: Answer,
}

/// What was asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Somebody typed their name and a password on a browser that had a session or none.
    SignIn {
        /// Whose name.
        person: Person,
        /// Whether it was their password.
        proof: Proof,
        /// The session that the browser had until then.
        replaced: Option<Mark>,
    },
    /// A browser asked for a code for an application.
    Authorize {
        /// Its session cookie.
        session: Option<Mark>,
        /// The number of the application.
        application: u8,
    },
    /// An application presented a code.
    Redeem {
        /// The code.
        code: Mark,
        /// The number of the application.
        application: u8,
        /// Whether it proved that it is that application.
        proof: Proof,
    },
    /// Somebody asked whom a token is for.
    Me {
        /// The token.
        token: Mark,
    },
    /// Somebody asked for a person by their ID.
    User {
        /// The token.
        token: Mark,
        /// The ID.
        id: Mark,
    },
    /// A browser ended its session.
    SignOut {
        /// The session.
        session: Mark,
        /// Whether it sent our own form.
        proof: Proof,
    },
    /// An application gave a token back.
    Revoke {
        /// The token.
        token: Mark,
        /// The number of the application.
        application: u8,
        /// Whether it proved that it is that application.
        proof: Proof,
    },
    /// An administrator suspended a person.
    Suspend(Person),
    /// An administrator let a person in again.
    Restore(Person),
    /// An administrator ended everything that a person had until then.
    EndAll(Person),
    /// An administrator took an application's connection to a district away.
    Withdraw(Link),
    /// An administrator connected an application to a district.
    Connect(Link),
    /// A node was killed.
    Kill,
    /// A node was started, and said that it is ready.
    Start,
    /// The end: what the database holds when nobody asks anything any more.
    Stored(Box<Stored>),
}

/// An application and a district.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Link {
    /// The number of the application.
    pub application: u8,
    /// The number of the district.
    pub district: u8,
}

/// Whether what was presented to prove something was genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// It was.
    Genuine,
    /// It was made up.
    Forged,
}

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing: the connection was cut, so it may have been done or not, or be done later.
    None,
    /// It was not done, says this HTTP status (or 1: this exit status of a command).
    Refused(u16),
    /// It was done.
    Done,
    /// A session began.
    Session(Mark),
    /// A code was issued.
    Code(Mark),
    /// A token was issued.
    Token(Mark),
    /// It is about this person.
    Person {
        /// Their ID.
        id: Mark,
        /// The ID of their district.
        district: Mark,
    },
}

impl Answer {
    /// The server said that it cannot: of this nothing follows but that it did nothing.
    pub fn is_trouble(self) -> bool {
        matches!(self, Self::Refused(status) if status >= 500 || status == 429)
    }
}

/// What the database holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stored {
    /// Codes that bought a token, and the token.
    pub spent: Vec<(Mark, Mark)>,
    /// Tokens.
    pub tokens: Vec<StoredToken>,
    /// Sessions.
    pub sessions: Vec<StoredSession>,
    /// IDs of people who are suspended.
    pub suspended: Vec<Mark>,
    /// Transactions that nobody ends, and locks that nobody gets.
    pub stuck: u32,
    /// How many records the audit log has of each kind.
    pub audit: BTreeMap<String, usize>,
}

/// A row of the tokens.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct StoredToken {
    /// The token.
    pub token: Mark,
    /// The ID of its person.
    pub id: Mark,
    /// Whether it is revoked, or has ended with everything its person had.
    pub revoked: bool,
}

/// A row of the sessions.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct StoredSession {
    /// The session.
    pub session: Mark,
    /// The ID of its person.
    pub id: Mark,
    /// Whether it has ended with everything its person had.
    pub ended: bool,
}

/// A history that is being written.
#[derive(Debug)]
pub struct Recorder(BufWriter<File>);

impl Recorder {
    /// An empty history.
    pub fn create(file: &Path) -> Result<Self> {
        let opened = File::create(file).with_context(|| format!("{}", file.display()))?;
        Ok(Self(BufWriter::new(opened)))
    }

    /// Adds a line.
    pub fn add(&mut self, event: &Event) -> Result<()> {
        serde_json::to_writer(&mut self.0, event)?;
        self.0.write_all(b"\n")?;
        Ok(())
    }

    /// Writes what is left.
    pub fn flush(&mut self) -> Result<()> {
        self.0.flush()?;
        Ok(())
    }
}

/// Reads a history.
pub fn read(file: &Path) -> Result<Vec<Event>> {
    let opened = File::open(file).with_context(|| format!("{}", file.display()))?;
    let mut events = Vec::new();
    for (number, line) in BufReader::new(opened).lines().enumerate() {
        let event = serde_json::from_str(&line?);
        events.push(event.with_context(|| format!("{}:{}", file.display(), number + 1))?);
    }
    Ok(events)
}
