//! Firstbell itself: `firstbell serve` on a store of its own, filled through its own command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::REDIRECT_URI;
use crate::process::{Server, below_target, free_address, sibling};
use crate::visitor::{Application, FIRSTBELL, Landing, Page, Visitor};

/// The district of the measurements.
pub(super) const SHORTNAME: &str = "bench";

const SQLITE_FILE: &str = "firstbell.sqlite";

/// A store, an application, and the students who may log in.
pub struct Firstbell {
    folder: PathBuf,
    /// The URL of the store.
    store: String,
    application: Arc<Application>,
    /// In the order of the file.
    pub students: Vec<Student>,
}

/// What `firstbell application create` prints.
#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub client_id: String,
    pub client_secret: String,
}

/// A student with a password.
#[derive(Debug, Clone)]
pub struct Student {
    username: String,
    password: String,
}

impl Firstbell {
    /// A new store with so many students, and an application that all of them may use.
    pub fn prepare(folder: &Path, students: usize) -> Result<Self> {
        Self::prepare_with(folder, students, &[])
    }

    /// The same with an application that is created with these words.
    pub fn prepare_with(folder: &Path, students: usize, asks: &[&str]) -> Result<Self> {
        Self::empty(folder)?.filled(students, asks)
    }

    /// This store with so many students, and an application that is created with these words.
    pub fn filled(self, students: usize, asks: &[&str]) -> Result<Self> {
        let sandbox = generate(students)?;
        self.import(&sandbox)?;
        self.with_application(&sandbox, asks)
    }

    /// A new store with nothing in it: a file of SQLite in the folder.
    pub fn empty(folder: &Path) -> Result<Self> {
        Self::on(folder, &format!("sqlite:{}/{SQLITE_FILE}", folder.display()))
    }

    /// The file that [`Firstbell::empty`] has made.
    pub fn sqlite_file(&self) -> PathBuf {
        self.folder.join(SQLITE_FILE)
    }

    /// The store at this URL, with nothing in it that it does not have already.
    pub fn on(folder: &Path, store: &str) -> Result<Self> {
        let application =
            Application { id: String::new(), secret: String::new(), redirect_uri: String::new() };
        let firstbell = Self {
            folder: folder.to_path_buf(),
            store: store.to_owned(),
            application: Arc::new(application),
            students: Vec::new(),
        };
        firstbell.configure("127.0.0.1:0")?;
        run(&mut firstbell.command(&["migrate"])?)?;
        Ok(firstbell)
    }

    /// A command of the program on this store.
    pub fn command(&self, words: &[&str]) -> Result<Command> {
        let mut command = Command::new(sibling("firstbell")?);
        command.args(words).env("FIRSTBELL_CONFIG", self.folder.join("firstbell.toml"));
        Ok(command)
    }

    /// The command that imports a sandbox.
    pub fn import_command(&self, sandbox: &Path) -> Result<Command> {
        let mut import = self.command(&["import", "--yes", "--district", SHORTNAME])?;
        import.arg(sandbox);
        Ok(import)
    }

    /// Imports a sandbox.
    pub fn import(&self, sandbox: &Path) -> Result<()> {
        run(&mut self.import_command(sandbox)?).map(drop)
    }

    fn with_application(mut self, sandbox: &Path, asks: &[&str]) -> Result<Self> {
        let create = ["application", "create", "--json", "--development", "--name", "Bench"];
        let mut create = self.command(&create)?;
        create.args(["--district", SHORTNAME, "--redirect-uri", REDIRECT_URI]);
        create.args(["--user-type", "student"]).args(asks);
        let made: Made = serde_json::from_str(&run(&mut create)?)?;
        self.application = Arc::new(Application {
            id: made.client_id,
            secret: made.client_secret,
            redirect_uri: REDIRECT_URI.to_owned(),
        });
        self.students = students(&sandbox.join("students.csv"))?;
        Ok(self)
    }

    /// Starts it and waits until it listens.
    pub async fn start(&self) -> Result<Server> {
        let (mut command, address) = self.serve_command()?;
        Server::start(&mut command, address, &self.folder.join("serve.log")).await
    }

    /// Starts it and waits for nothing.
    pub fn spawn(&self) -> Result<Server> {
        let (mut command, address) = self.serve_command()?;
        Server::spawn(&mut command, address, &self.folder.join("serve.log"))
    }

    fn serve_command(&self) -> Result<(Command, std::net::SocketAddr)> {
        let address = free_address()?;
        let config = self.configure(&address.to_string())?;
        let mut command = Command::new(sibling("firstbell")?);
        command.arg("serve").arg("--config").arg(config);
        Ok((command, address))
    }

    /// So many students who have logged in with their password.
    pub async fn visitors(&self, server: &Server, number: usize) -> Result<Vec<Visitor>> {
        let mut visitors = Vec::with_capacity(number);
        for student in &self.students {
            if visitors.len() == number {
                break;
            }
            let (mut visitor, page) = self.at_sign_in(server).await?;
            match visitor.submit(&page, &student.fields()).await? {
                // Somebody in the sandbox may not log in, on purpose; the next one may.
                Landing::Page(page) if page.status != 200 => continue,
                Landing::Page(page) if page.text.contains("name=\"password\"") => continue,
                _ => {}
            }
            if visitor.log_in().await.is_ok() {
                visitors.push(visitor);
            }
        }
        ensure!(visitors.len() == number, "only {} students can log in", visitors.len());
        Ok(visitors)
    }

    /// Somebody before the page that asks for username and password.
    pub async fn at_sign_in(&self, server: &Server) -> Result<(Visitor, Page)> {
        let mut visitor = Visitor::new(server.address, &FIRSTBELL, &self.application);
        match visitor.open(&format!("/in/{SHORTNAME}")).await? {
            Landing::Page(page) if page.text.contains("name=\"password\"") => Ok((visitor, page)),
            other => bail!("no page to sign in, but {other:?}"),
        }
    }

    fn configure(&self, listen: &str) -> Result<PathBuf> {
        let (folder, store) = (self.folder.display(), &self.store);
        let text = format!(
            "[server]\nlisten = \"{listen}\"\nauth_base_url = \"http://{listen}\"\n\n\
             [store]\nurl = \"{store}\"\n\n\
             [secrets]\nkey_file = \"{folder}/secrets.key\"\n"
        );
        let file = self.folder.join("firstbell.toml");
        std::fs::write(&file, text)?;
        Ok(file)
    }
}

impl Student {
    /// What they type.
    pub fn fields(&self) -> [(&str, &str); 2] {
        [("username", &self.username), ("password", &self.password)]
    }
}

/// A sandbox of that size, generated once.
pub fn generate(students: usize) -> Result<PathBuf> {
    generated(&format!("sandbox-{students}"), &["--students", &students.to_string()])
}

/// A state: a million students on twelve million rows, generated once.
pub fn generate_state() -> Result<PathBuf> {
    generated("sandbox-state", &["--size", "state"])
}

fn generated(name: &str, asks: &[&str]) -> Result<PathBuf> {
    let folder = below_target(name)?;
    // The file that is written last.
    if !folder.join("resources.csv").is_file() {
        std::fs::create_dir_all(&folder)?;
        let mut generate = Command::new(sibling("firstbell")?);
        run(generate.args(["sandbox", "generate"]).args(asks).arg(&folder))?;
    }
    Ok(folder)
}

/// How many records a file of a sandbox has.
pub fn records(sandbox: &Path, file: &str) -> Result<usize> {
    let mut rows = csv::Reader::from_path(sandbox.join(format!("{file}.csv")))?;
    let (mut record, mut count) = (csv::ByteRecord::new(), 0);
    while rows.read_byte_record(&mut record)? {
        count += 1;
    }
    Ok(count)
}

/// How many people are in a sandbox. A student stands on several rows, one below the other.
pub fn people(sandbox: &Path) -> Result<usize> {
    let mut count = 0;
    for (file, id) in [("students", 1), ("teachers", 1), ("staff", 1)] {
        let mut rows = csv::Reader::from_path(sandbox.join(format!("{file}.csv")))?;
        let (mut record, mut last) = (csv::ByteRecord::new(), Vec::new());
        while rows.read_byte_record(&mut record)? {
            let id = record.get(id).context("a row without an id")?;
            if id != last {
                count += 1;
                last = id.to_vec();
            }
        }
    }
    Ok(count)
}

/// The students with a password in a roster's file.
pub(super) fn students(file: &Path) -> Result<Vec<Student>> {
    let mut reader = csv::Reader::from_path(file)?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| {
        let found = headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        found.with_context(|| format!("{} has no column {name}", file.display()))
    };
    let (username, password) = (column("username")?, column("password")?);
    let mut students = Vec::new();
    for row in reader.records() {
        let row = row?;
        let cell = |column| row.get(column).unwrap_or_default().to_owned();
        let student = Student { username: cell(username), password: cell(password) };
        if !student.username.is_empty() && !student.password.is_empty() {
            students.push(student);
        }
    }
    // A student stands on a row for each contact, one below the other.
    students.dedup_by(|one, other| one.username == other.username);
    Ok(students)
}

/// Runs a command that must succeed, and returns what it printed.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8(output.stdout)?)
}
