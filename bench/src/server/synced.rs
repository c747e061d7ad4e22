//! Firstbell with a district that applications read: everyone is shared with them, with their
//! demographics.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::REDIRECT_URI;
use super::firstbell::{Firstbell, Made, SHORTNAME, generate, run};
use crate::http::{Ask, Connection};
use crate::process::{Server, below_target, scratch};

/// A token may ask 1,200 times a minute, and a whole list in pages of 100 asks 660 times: with so
/// many applications a measurement need not wait for the next minute.
const APPLICATIONS: usize = 6;

/// A store with a district and the applications that read it.
pub struct Synced {
    pub firstbell: Firstbell,
    applications: Vec<Registered>,
}

/// An application, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Registered {
    id: String,
    secret: String,
}

impl Registered {
    fn authorization(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }
}

impl Synced {
    /// One on SQLite that is kept from one run to the next.
    pub fn kept(students: usize) -> Result<Self> {
        let folder = below_target(&format!("synced-{students}"))?;
        let known = folder.join("applications.json");
        if known.is_file() {
            let firstbell = Firstbell::empty(&folder)?;
            let applications = serde_json::from_slice(&std::fs::read(known)?)?;
            return Ok(Self { firstbell, applications });
        }
        let folder = scratch(&format!("synced-{students}"))?;
        let synced = Self::filled(Firstbell::empty(&folder)?, students)?;
        // Written last: what stopped half-way is made anew.
        std::fs::write(known, serde_json::to_vec(&synced.applications)?)?;
        Ok(synced)
    }

    /// One on an empty database of PostgreSQL.
    pub fn on(folder: &Path, url: &str, students: usize) -> Result<Self> {
        Self::filled(Firstbell::on(folder, url)?, students)
    }

    fn filled(firstbell: Firstbell, students: usize) -> Result<Self> {
        firstbell.import(&generate(students)?)?;
        let applications =
            (0..APPLICATIONS).map(|_| register(&firstbell)).collect::<Result<_>>()?;
        Ok(Self { firstbell, applications })
    }

    /// The `Authorization` headers with which the applications read the district, of a server that
    /// runs on this store.
    pub async fn tokens(&self, server: &Server) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Tokens {
            data: Vec<Token>,
        }
        #[derive(Deserialize)]
        struct Token {
            access_token: String,
        }

        let mut connection = Connection::to(server.address);
        let mut tokens = Vec::new();
        for application in &self.applications {
            let authorization = application.authorization();
            let path = "/oauth/tokens?owner_type=district";
            let ask = Ask { path, authorization: &authorization, ..Ask::default() };
            let reply = connection.send(&ask).await?;
            ensure!(reply.status == 200, "no tokens, but status {}", reply.status);
            let found: Tokens = serde_json::from_slice(&reply.body)?;
            let token = found.data.into_iter().next().context("the district has no token")?;
            tokens.push(format!("Bearer {}", token.access_token));
        }
        Ok(tokens)
    }
}

fn register(firstbell: &Firstbell) -> Result<Registered> {
    let create = ["application", "create", "--json", "--development", "--name", "Sync"];
    let mut create = firstbell.command(&create)?;
    create.args(["--redirect-uri", REDIRECT_URI, "--tier", "secure_sync"]);
    let made: Made = serde_json::from_str(&run(&mut create)?)?;
    let share = ["sharing", "set", "--district", SHORTNAME, "--client-id", &made.client_id];
    run(firstbell.command(&share)?.args(["--everyone", "--with", "demographics"]))?;
    Ok(Registered { id: made.client_id, secret: made.client_secret })
}
