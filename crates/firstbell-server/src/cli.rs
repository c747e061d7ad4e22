//! The command line. A command that fails says what, where and what to do on standard error and
//! exits with 1; wrong usage exits with 2; an answer that is no, with 3 (`why`).

mod application;
mod audit;
mod demo;
mod district;
mod export;
mod import;
mod key;
mod lookup;
mod migrate;
mod person;
mod progress;
mod sandbox;
mod serve;
mod sharing;
mod sync;
mod trace;
mod walk;
mod why;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use firstbell_store::{SchemaState, Store};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogConfig, LogFormat};

/// Single sign-on for schools that anyone can run.
#[derive(Debug, Parser)]
#[command(name = "firstbell", version)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the whole thing on this machine: a sandbox district and a sample application
    Demo(demo::Options),
    /// Serve logins and the Data API
    Serve(serve::Options),
    /// Bring the database to the schema of this program
    Migrate(migrate::Options),
    /// Bring a district's roster in from CSV files
    Import(import::Options),
    /// Bring rosters in safely: plan, run, approve, undo, and let them come by themselves
    Sync(sync::Options),
    /// Write a district's roster to files
    Export(export::Options),
    /// Make a roster of invented people, and let a school year pass in it
    Sandbox(sandbox::Options),
    /// Register applications and change what is registered
    Application(application::Options),
    /// Say with whom a district shares an application
    Sharing(sharing::Options),
    /// Show and change what a district has decided about its people's logins
    District(district::Options),
    /// Suspend, restore or sign out a person
    Person(person::Options),
    /// Say whether a person may enter an application, and why
    Why(why::Options),
    /// Show what a support code finds
    Trace(trace::Options),
    /// Show what was done in a district
    Audit(audit::Options),
    /// Show and end the keys that sign ID tokens
    Key(key::Options),
}

/// Runs the program.
pub fn run() -> ExitCode {
    let command = Command::parse();
    // Nobody else has installed one: this is the start of the process.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let outcome = match command.verb {
        Verb::Demo(options) => block_on(demo::run(options)).map(done),
        Verb::Serve(options) => block_on(serve::run(options)).map(done),
        Verb::Migrate(options) => migrate::run(&options).map(done),
        Verb::Import(options) => block_on(import::run(options)).map(done),
        Verb::Sync(options) => block_on(sync::run(options)),
        Verb::Export(options) => block_on(export::run(options)).map(done),
        Verb::Sandbox(options) => block_on(sandbox::run(options)).map(done),
        Verb::Application(options) => block_on(application::run(options)).map(done),
        Verb::Sharing(options) => block_on(sharing::run(options)).map(done),
        Verb::District(options) => block_on(district::run(options)).map(done),
        Verb::Person(options) => block_on(person::run(options)).map(done),
        Verb::Why(options) => block_on(why::run(options)),
        Verb::Trace(options) => block_on(trace::run(options)).map(done),
        Verb::Audit(options) => block_on(audit::run(options)).map(done),
        Verb::Key(options) => block_on(key::run(options)).map(done),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("firstbell: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Where a command finds the installation.
#[derive(Debug, Clone, clap::Args)]
struct ConfigFile {
    /// The configuration file
    #[arg(long = "config", value_name = "FILE", env = "FIRSTBELL_CONFIG")]
    path: PathBuf,
}

impl ConfigFile {
    fn load(&self) -> anyhow::Result<Config> {
        Config::load(&self.path, std::env::vars())
    }
}

/// Opens the store of an installation whose schema is the one this program knows.
fn open_store(config: &Config) -> anyhow::Result<Store> {
    let store = Store::open(config.backend()?).context("the database cannot be opened")?;
    match store.schema_state()? {
        SchemaState::Current => Ok(store),
        SchemaState::Behind { .. } => {
            bail!("the database has an older schema; run `firstbell migrate` first")
        }
        SchemaState::Ahead { .. } => {
            bail!("the database has a newer schema than this program; install the newer program")
        }
    }
}

fn start_logging(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)
        .with_context(|| format!("log.filter: {:?} is no filter", config.filter))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Json => lines.json().flatten_event(true).init(),
        // Colours are for a terminal; in a file they are noise, and hide what was sent.
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
    }
    Ok(())
}

/// A path as people write it, for messages.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
