//! Two nodes of Firstbell on one private PostgreSQL: two districts with the same roster, so that
//! everybody has a namesake in the other one, and two applications.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::REDIRECT_URI;
use super::firstbell::{Made, Student, generate, run, students};
use super::postgres::Postgres;
use crate::history::{Link, Person};
use crate::process::{Server, free_address, sibling};
use crate::visitor::Application;

/// The districts, by their names in addresses.
pub const DISTRICTS: [&str; 2] = ["north", "south"];

/// The applications. The first is connected to both districts for the whole run; the second only to
/// the first district, and its connection is withdrawn and made again.
pub const APPLICATIONS: [&str; 2] = ["Steady", "Fickle"];

/// Connections of a node to the database.
const CONNECTIONS: usize = 8;

/// Two nodes that are not running yet.
pub struct Nodes {
    folder: PathBuf,
    /// The database.
    pub postgres: Postgres,
    /// Where the nodes listen.
    pub addresses: [SocketAddr; 2],
    /// The applications, in the order of [`APPLICATIONS`].
    pub applications: Vec<Arc<Application>>,
    /// The students of each district; who has the same number has the same name and password.
    pub students: Vec<Student>,
}

impl Nodes {
    /// A new database with both districts and both applications, the second one connected to nobody.
    pub fn prepare(folder: &Path, roster: usize) -> Result<Self> {
        let sandbox = generate(roster)?;
        let mut nodes = Self {
            folder: folder.to_path_buf(),
            postgres: Postgres::start()?,
            addresses: [free_address()?, free_address()?],
            applications: Vec::new(),
            students: students(&sandbox.join("students.csv"))?,
        };
        for node in 0..nodes.addresses.len() {
            nodes.configure(node)?;
        }
        run(&mut nodes.command(&["migrate"]))?;
        for district in DISTRICTS {
            let mut import = nodes.command(&["import", "--yes", "--district", district]);
            run(import.arg(&sandbox))?;
        }
        for name in APPLICATIONS {
            nodes.applications.push(Arc::new(nodes.register(name)?));
        }
        Ok(nodes)
    }

    fn register(&self, name: &str) -> Result<Application> {
        let create = ["application", "create", "--json", "--development", "--user-type", "student"];
        let mut create = self.command(&create);
        create.args(["--name", name, "--redirect-uri", REDIRECT_URI]);
        let made: Made = serde_json::from_str(&run(&mut create)?)?;
        Ok(Application {
            id: made.client_id,
            secret: made.client_secret,
            redirect_uri: REDIRECT_URI.to_owned(),
        })
    }

    /// A node that is about to listen.
    pub async fn start(&self, node: usize) -> Result<Server> {
        let mut command = Command::new(sibling("firstbell")?);
        command.arg("serve").arg("--config").arg(self.config(node));
        let log = self.folder.join(format!("node-{node}.log"));
        Server::start(&mut command, self.addresses[node], &log).await
    }

    /// The command that does something about a person.
    pub fn person(&self, verb: &str, person: Person) -> Result<Command> {
        let district = DISTRICTS[usize::from(person.district)];
        let student = self.students.get(usize::from(person.number)).context("no such student")?;
        let [(_, name), _] = student.fields();
        Ok(self.command(&["person", verb, "--district", district, "--person", name]))
    }

    /// The command that says something about an application in a district.
    pub fn sharing(&self, words: &[&str], link: Link) -> Command {
        let mut command = self.command(&["sharing"]);
        command.args(words).args(["--district", DISTRICTS[usize::from(link.district)]]);
        command.args(["--client-id", &self.applications[usize::from(link.application)].id]);
        command
    }

    fn command(&self, words: &[&str]) -> Command {
        // A program that is not there is found when it is started.
        let mut command = Command::new(sibling("firstbell").unwrap_or_default());
        command.args(words).env("FIRSTBELL__STORE__CONNECTIONS", "1");
        command.env("FIRSTBELL_CONFIG", self.config(0));
        command
    }

    fn config(&self, node: usize) -> PathBuf {
        self.folder.join(format!("node-{node}.toml"))
    }

    fn configure(&self, node: usize) -> Result<()> {
        let (folder, url, listen) =
            (self.folder.display(), &self.postgres.url, self.addresses[node]);
        let base = self.addresses[0];
        let text = format!(
            "[server]\nlisten = \"{listen}\"\nauth_base_url = \"http://{base}\"\n\n\
             [store]\nurl = \"{url}\"\nconnections = {CONNECTIONS}\n\n\
             [secrets]\nkey_file = \"{folder}/secrets.key\"\n\n[log]\nfilter = \"warn\"\n"
        );
        std::fs::write(self.config(node), text).context("the configuration")
    }
}
