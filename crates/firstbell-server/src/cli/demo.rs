//! `firstbell demo`: the whole thing on one machine.
//!
//! 1. Open the demo's folder; the first time, generate the sandbox, import it like anyone's,
//!    register FlightSchool with two of the three schools, suspend one student.
//! 2. Take the ports of last time, or free ones.
//! 3. Start the broker and FlightSchool, print where everything is and who can log in.
//! 4. Wait for Ctrl-C, or walk ([`super::walk`]) and stop.

mod folder;
mod furnish;
mod printed;

use std::path::PathBuf;

use anyhow::Context as _;
use firstbell_protocol::vocabulary::RedirectUri;
use firstbell_store::{Backend, Store};
use flightschool::ClientSecret;
use tokio::net::TcpListener;
use tokio::sync::watch;

use folder::{Folder, Remembered};

use super::start_logging;
use super::walk::{self, Course, Walker};
use crate::config::{LogConfig, LogFormat, PublicUrls};
use crate::entropy::Entropy;
use crate::service::Intake;
use crate::syncing::spool::Spool;
use crate::{keys, service};

/// Runs the whole thing on this machine.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Where the demo keeps its data between runs
    #[arg(long, value_name = "FOLDER", default_value = ".firstbell-demo")]
    data: PathBuf,
    /// Throw the data of earlier runs away
    #[arg(long)]
    fresh: bool,
    /// Play the browser through two logins, check every page, and stop
    #[arg(long)]
    walk: bool,
    /// Write addresses and people to this file, as JSON, once everything is ready
    #[arg(long, value_name = "FILE")]
    json_file: Option<PathBuf>,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let log = LogConfig { filter: "warn".to_owned(), format: LogFormat::Text };
    start_logging(&log)?;
    let folder = Folder::open(&options.data, options.fresh)?;
    let demo = Demo::prepare(&folder).await?;
    demo.run(&options).await
}

/// Everything that is ready before anybody may come.
struct Demo {
    app: crate::app::App,
    broker: TcpListener,
    flightschool: TcpListener,
    remembered: Remembered,
    folder: Folder,
}

impl Demo {
    async fn prepare(folder: &Folder) -> anyhow::Result<Self> {
        let store = Store::open(Backend::Sqlite { path: folder.database() })?;
        store.migrate()?;
        let key = keys::open(&folder.master_key(), &store, &mut Entropy).await?;
        let last = folder.remembered()?;
        let broker = bind(last.as_ref().map_or(BROKER_PORT, |last| last.broker_port)).await?;
        let flightschool =
            bind(last.as_ref().map_or(FLIGHTSCHOOL_PORT, |last| last.flightschool_port)).await?;
        let (broker_port, flightschool_port) = (port(&broker)?, port(&flightschool)?);
        let redirect: RedirectUri = flightschool::redirect_uri(&base(flightschool_port)).parse()?;

        let mut remembered = match last {
            Some(last) => last,
            None => furnish::furnish(folder, &store, &key, &redirect).await?,
        };
        furnish::take_back_to(&store, &remembered, redirect).await?;
        remembered.broker_port = broker_port;
        remembered.flightschool_port = flightschool_port;
        folder.remember(&remembered)?;
        folder.write_configuration(broker_port)?;

        let address = base(broker_port);
        let urls = PublicUrls::new(&address, &address)?;
        let intake = Intake { spool: Spool::at(folder.spool()), drop_folder: None };
        let app = service::assemble(store, &key, urls, None, intake).await?;
        let folder = folder.clone();
        Ok(Self { app, broker, flightschool, remembered, folder })
    }

    async fn run(self, options: &Options) -> anyhow::Result<()> {
        let broker = base(self.remembered.broker_port);
        let flightschool = base(self.remembered.flightschool_port);
        let config = flightschool::Config {
            listener: self.flightschool,
            public_base: flightschool.clone(),
            auth_base: broker.clone(),
            api_base: broker.clone(),
            client_id: self.remembered.client_id.clone(),
            client_secret: ClientSecret::new(self.remembered.client_secret.clone()),
            database: flightschool::Database::File(self.folder.flightschool_database()),
            earlier_accounts: Vec::new(),
            surroundings: flightschool::Surroundings::real(),
        };
        let (stop, stopped) = watch::channel(());
        let school = tokio::spawn(flightschool::serve(config, told(stopped.clone())));
        let serving = tokio::spawn(service::run(self.app, self.broker, None, None, told(stopped)));

        printed::say_where(&self.remembered, &broker, &flightschool);
        printed::say_commands(&self.remembered, &self.folder.shown_configuration());
        if let Some(file) = &options.json_file {
            printed::write_json(file, &self.remembered, &broker, &flightschool)?;
        }
        let outcome = if options.walk {
            walk::walk(&course(&self.remembered, &broker, &flightschool)?).await
        } else {
            println!("\nPress Ctrl-C to stop.");
            service::told_to_stop().await;
            println!("\nStopping. The data stay in {}.", self.folder.shown());
            Ok(())
        };
        // Both have ended if nobody listens any more.
        let _ = stop.send(());
        serving.await?;
        school.await??;
        outcome
    }
}

/// Tried first; a port that is taken is replaced by a free one.
const BROKER_PORT: u16 = 8811;
const FLIGHTSCHOOL_PORT: u16 = 8812;

async fn bind(wanted: u16) -> anyhow::Result<TcpListener> {
    if let Ok(listener) = TcpListener::bind(("127.0.0.1", wanted)).await {
        return Ok(listener);
    }
    TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")
}

fn port(listener: &TcpListener) -> anyhow::Result<u16> {
    Ok(listener.local_addr()?.port())
}

fn base(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

async fn told(mut stopped: watch::Receiver<()>) {
    // The sender is gone only when the demo is over, which is a reason to stop too.
    let _ = stopped.changed().await;
}

fn course<'a>(
    remembered: &'a Remembered,
    broker: &'a str,
    flightschool: &'a str,
) -> anyhow::Result<Course<'a>> {
    let walker = |role: &str| -> anyhow::Result<Walker<'a>> {
        let person = remembered
            .people
            .iter()
            .find(|person| person.role == role)
            .with_context(|| format!("the sandbox has no {role}"))?;
        Ok(Walker { name: &person.name, username: &person.username, password: &person.password })
    };
    Ok(Course {
        broker,
        flightschool,
        district: &remembered.district_shortname,
        student: walker("student")?,
        teacher: walker("teacher")?,
    })
}
