//! `cargo xtask peers`: clients of other authors log in through our pages, unmodified.
//!
//! 1. Clients that can be told where we are do so over plain HTTP on the loopback interface.
//! 2. So do standardwebhooks, which verifies what a webhook gets, schemathesis, which reads the
//!    descriptions of the Data API and asks whatever they allow, the strict OpenID Connect clients,
//!    and [`apache`] with `mod_auth_openidc`.
//! 3. Clients with Clever's host names built in do so in a [`private_network`], in which those
//!    names are ours.
//!
//! Each client is a short program in `xtask/peers`, written as its own documentation shows, that
//! prints a line a check. Where a client fails by a rule or a fault of its own, that is a check too.

mod apache;
mod private_network;

pub use private_network::{INSIDE, inside};

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use serde::{Deserialize, Serialize};

use crate::broker::{Broker, Registration, free_port};
use crate::machine::{self, Need};
use crate::process::{self, proof_line};
use crate::report::{Outcome, Tally};
use crate::{npm, workspace};

const NEEDS: [Need; 2] = [Need::Node, Need::PythonVenv];

/// The clients, installed, and what runs them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Clients {
    node: PathBuf,
    in_node: PathBuf,
    python: PathBuf,
}

impl Clients {
    fn install() -> Result<Self> {
        Ok(Self {
            node: machine::node().context("Node.js went away")?,
            in_node: npm::install("xtask/peers/node", "peers/node")?,
            python: npm::python("xtask/peers/python/requirements.txt", "peers/venv")?,
        })
    }

    /// The command that runs one of the programs on a stage.
    fn command(&self, program: &str, stage: &Path) -> std::process::Command {
        let in_python = Path::new(program).extension().is_some_and(|extension| extension == "py");
        let mut command = if in_python {
            let mut command = process::command(&self.python);
            command.arg(workspace::root().join("xtask/peers/python").join(program));
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            command
        } else {
            let mut command = process::command(&self.node);
            command.arg(self.in_node.join(program));
            command
        };
        command.arg(stage);
        command
    }
}

/// Runs all of them.
pub fn proof(may_install: bool) -> Result<Outcome> {
    let needs = [&NEEDS[..], &apache::NEEDS, &private_network::NEEDS].concat();
    machine::provide(&needs, may_install)?;
    if let Some(reason) = machine::lacking(&NEEDS) {
        return Ok(Outcome::not_run(reason));
    }
    let clients = Clients::install()?;
    let folder = workspace::empty_scratch("proof/peers")?;
    let broker = Broker::prepare(&folder)?;
    let mut outcome = Outcome::ran(on_loopback(&clients, &broker)?);
    let mut add = |who: &str, missing: Option<String>, run: &dyn Fn() -> Result<Tally>| {
        match missing {
            Some(reason) => outcome.not_run.push(format!("{who}: {reason}")),
            None => outcome.tally = outcome.tally.and(run()?),
        }
        anyhow::Ok(())
    };
    add("mod_auth_openidc", apache::missing(), &|| apache::proof(&clients, &broker, &folder))?;
    let inside = "django-allauth, social-auth, clever-passport and two hosts";
    add(inside, private_network::missing(), &|| {
        private_network::proof(&clients, &broker, &folder)
    })?;
    Ok(outcome)
}

/// The clients that are told where we are: program, application, switches and the algorithm of the
/// ID token where they get one.
const TOLD: [(&str, &str, &[&str], Option<&str>); 6] = [
    ("openid_client.mjs", "openid-client", &[], None),
    ("oauth_libraries.py", "OAuth libraries", &[], None),
    ("openid_connect.mjs", "openid-client RS256", &["oidc"], Some("RS256")),
    (
        "openid_connect.mjs",
        "openid-client ES256",
        &["oidc", "standard_claims", "email_verified", "pkce_required"],
        Some("ES256"),
    ),
    ("openid_connect.py", "Authlib RS256", &["oidc"], Some("RS256")),
    (
        "openid_connect.py",
        "Authlib ES256",
        &["oidc", "standard_claims", "email_verified", "pkce_required"],
        Some("ES256"),
    ),
];

fn on_loopback(clients: &Clients, broker: &Broker) -> Result<Tally> {
    let listen = format!("127.0.0.1:{}", free_port()?);
    let base = format!("http://{listen}");
    let mut tally = Tally::default();
    let mut stages = Vec::new();
    for (program, name, switches, algorithm) in TOLD {
        let redirect_uri = format!("http://127.0.0.1:{}/callback", free_port()?);
        let registration = Registration {
            switches: switches.iter().map(|&switch| switch.to_owned()).collect(),
            id_token_algorithm: algorithm.map(str::to_owned),
            ..Registration::default()
        };
        let application = broker.application(name, &redirect_uri, registration)?;
        stages.push((program, broker.stage(&base, &base, &application)?));
    }
    let redirect_uri = format!("http://127.0.0.1:{}/callback", free_port()?);
    let for_staff =
        Registration { also_serves: vec!["staff".to_owned()], ..Registration::default() };
    let application = broker.application("Two roles", &redirect_uri, for_staff)?;
    stages.push(("two_roles.py", broker.stage(&base, &base, &application)?));
    let tier = Some("secure_sync".to_owned());
    let of_the_roster = Registration { tier, ..Registration::default() };
    let application = broker.application("schemathesis", &redirect_uri, of_the_roster)?;
    broker.share_everything(&application)?;
    stages.push(("descriptions.py", broker.stage(&base, &base, &application)?));
    let tier = Some("secure_sync".to_owned());
    let told_of_news = Registration { tier, ..Registration::default() };
    let application = broker.application("standardwebhooks", &redirect_uri, told_of_news)?;
    broker.share_everything(&application)?;
    stages.push(("webhooks.py", broker.stage(&base, &base, &application)?));
    let _server = broker.serve("loopback", &listen, &base, "")?;
    for (program, stage) in stages {
        tally = tally.and(process::counted(&mut clients.command(program, &stage), proof_line)?);
    }
    Ok(tally)
}
