//! A network and a file tree of our own, in which Clever's host names lead to the test's server.
//!
//! 1. A throw-away authority signs a certificate for both names.
//! 2. `unshare` starts this program again in a new network and mount namespace: nothing that
//!    follows is seen by any other process of the machine.
//! 3. There, the loopback interface is brought up and a hosts file is laid over the machine's.
//! 4. `firstbell serve` listens on port 443 and the clients run, trusting the throw-away authority.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Clients;
use crate::broker::{Broker, Launch, Registration};
use crate::machine::{self, Need};
use crate::process::{self, Background, proof_line};
use crate::report::Tally;
use crate::workspace;

/// The word with which this program is started inside.
pub const INSIDE: &str = "--inside";

/// What the machine must have.
pub const NEEDS: [Need; 2] = [Need::Namespaces, Need::Openssl];

const SIGN_ON: &str = "clever.com";
const DATA: &str = "api.clever.com";
const LISTEN: &str = "127.0.0.1:443";

/// A program, its application's name and where that application wants people back.
struct Program {
    file: &'static str,
    name: &'static str,
    redirect_uri: &'static str,
    /// Where logins begin that it did not start, and its website.
    launch: Option<(&'static str, &'static str)>,
}

impl Program {
    const fn new(file: &'static str, name: &'static str, redirect_uri: &'static str) -> Self {
        Self { file, name, redirect_uri, launch: None }
    }

    const fn begins_at(self, initiate_login_uri: &'static str, website: &'static str) -> Self {
        Self { launch: Some((initiate_login_uri, website)), ..self }
    }

    fn registration(&self) -> Registration {
        let launch = self.launch.map(|(initiate_login_uri, website)| Launch {
            initiate_login_uri: initiate_login_uri.to_owned(),
            website: website.to_owned(),
        });
        Registration { launch, ..Registration::default() }
    }
}

/// Those that refuse a login which the portal began run twice: as they are, and with the remedy of
/// `docs/integrate/unmodified-clients.md`.
const PROGRAMS: [Program; 6] = [
    Program::new("clever_passport.mjs", "Passport", "http://127.0.0.1:9101/callback"),
    Program::new("two_hosts.py", "Two hosts", "http://127.0.0.1:9102/callback"),
    Program::new(
        "allauth_peer.py",
        "Allauth",
        "http://127.0.0.1:9103/accounts/clever/login/callback/",
    ),
    Program::new(
        "allauth_peer.py",
        "Allauth remedied",
        "http://127.0.0.1:9105/accounts/clever/login/callback/",
    )
    .begins_at("http://127.0.0.1:9105/accounts/clever/login/", "http://127.0.0.1:9105/who"),
    Program::new("social_auth_peer.py", "Social auth", "http://127.0.0.1:9104/complete/clever/"),
    Program::new(
        "social_auth_peer.py",
        "Social auth remedied",
        "http://127.0.0.1:9106/complete/clever/",
    )
    .begins_at("http://127.0.0.1:9106/launched", "http://127.0.0.1:9106/who"),
];

/// What is handed inside.
#[derive(Serialize, Deserialize)]
struct Plan {
    folder: PathBuf,
    config: PathBuf,
    clients: Clients,
    stages: Vec<(String, PathBuf)>,
}

/// Why it cannot be done here, if it cannot.
pub fn missing() -> Option<String> {
    machine::lacking(&NEEDS).or_else(|| {
        let options = unshare_options();
        let refused = !process::works("unshare", &[options, &["true"]].concat());
        refused.then(|| format!("unshare {} is refused here", options.join(" ")))
    })
}

/// Runs the clients inside.
pub fn proof(clients: &Clients, broker: &Broker, folder: &Path) -> Result<Tally> {
    certify(folder)?;
    let (auth, api) = (format!("https://{SIGN_ON}"), format!("https://{DATA}"));
    let mut stages = Vec::new();
    for program in PROGRAMS {
        let registration = program.registration();
        let application = broker.application(program.name, program.redirect_uri, registration)?;
        stages.push((program.file.to_owned(), broker.stage(&auth, &api, &application)?));
    }
    let tls = format!(
        "api_base_url = \"{api}\"\ntls_certificate_file = \"{0}/server.pem\"\n\
         tls_key_file = \"{0}/server.key\"\n",
        folder.display()
    );
    let plan = Plan {
        folder: folder.to_path_buf(),
        config: broker.configure("clever-hosts", LISTEN, &auth, &tls)?,
        clients: clients.clone(),
        stages,
    };
    let file = folder.join("plan.json");
    std::fs::write(&file, serde_json::to_string_pretty(&plan)?)?;
    std::fs::write(folder.join("hosts"), format!("127.0.0.1 localhost {SIGN_ON} {DATA}\n"))?;
    let mut unshare = process::command("unshare");
    // Not the file that runs now: a build of the whole workspace may have replaced it.
    unshare.args(unshare_options()).arg(workspace::program("xtask"));
    unshare.args(["peers", INSIDE]).arg(file);
    process::counted(&mut unshare, proof_line)
}

/// The part that runs inside.
pub fn inside(words: &[&str]) -> Result<bool> {
    let file = words.first().context("the plan is missing")?;
    let plan: Plan = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    process::must(process::command("ip").args(["link", "set", "lo", "up"]))?;
    let hosts = plan.folder.join("hosts");
    process::must(process::command("mount").arg("--bind").arg(hosts).arg("/etc/hosts"))?;
    let mut serve = process::command(workspace::program("firstbell"));
    serve.args(["serve", "--config"]).arg(&plan.config);
    let _server = Background::serve(&mut serve, &plan.folder.join("clever-hosts.log"), LISTEN)?;
    let authority = plan.folder.join("authority.pem");
    let mut held = true;
    for (program, stage) in &plan.stages {
        let mut client = plan.clients.command(program, stage);
        client.env("REQUESTS_CA_BUNDLE", &authority).env("NODE_EXTRA_CA_CERTS", &authority);
        held &= process::succeeds(&mut client)?;
    }
    Ok(held)
}

/// As root a namespace is made directly; another user becomes root in a user namespace first.
fn unshare_options() -> &'static [&'static str] {
    if machine::is_root() {
        &["--net", "--mount"]
    } else {
        &["--map-root-user", "--net", "--mount"]
    }
}

fn certify(folder: &Path) -> Result<()> {
    let request = |words: &[&str]| {
        let mut openssl: Command = process::command("openssl");
        openssl.current_dir(folder).args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"]);
        openssl.args(["-pkeyopt", "ec_paramgen_curve:P-256"]).args(words);
        process::output(&mut openssl)
    };
    let name = "/CN=Throw-away authority";
    let marks = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];
    let files = ["-keyout", "authority.key", "-out", "authority.pem"];
    request(&[&["-subj", name, "-addext", marks[0], "-addext", marks[1]], &files[..]].concat())?;
    let (name, names) =
        (format!("/CN={SIGN_ON}"), format!("subjectAltName=DNS:{SIGN_ON},DNS:{DATA}"));
    let signed = ["-CA", "authority.pem", "-CAkey", "authority.key", "-subj", &name];
    let marks = ["-addext", &names, "-addext", "basicConstraints=critical,CA:FALSE"];
    let files = ["-keyout", "server.key", "-out", "server.pem"];
    request(&[&signed[..], &marks, &files].concat())?;
    Ok(())
}
