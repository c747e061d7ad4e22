//! Logins with a session while a district's roster is imported, and while an application reads a
//! whole district: neither must be felt by those who log in.

use std::cell::RefCell;
use std::path::Path;
use std::process::{Child, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};

use super::api::EVERYTHING;
use super::api::pages::Client;
use crate::figures::median;
use crate::load::{Pace, Run, drive, drive_while};
use crate::process::{Server, load_average, scratch};
use crate::server::{Firstbell, Postgres, Synced, generate};

const PEOPLE: usize = 32;
const RATE: u32 = 200;

/// How it is measured.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Students of the district whose people log in and which is read
    #[arg(long, default_value_t = 56_635)]
    students: usize,
    /// Students of the districts that are imported
    #[arg(long, default_value_t = 226_540)]
    imported: usize,
    /// Seconds of each part of a round; an import takes as long as it takes
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Rounds
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Leave PostgreSQL out
    #[arg(long)]
    without_postgres: bool,
}

/// Runs rounds on one database, and then on the other.
pub async fn run(options: &Options) -> Result<()> {
    println!("load average at the beginning: {}", load_average());
    println!("{RATE} logins/s with a session; p99 from the moment each should have begun");
    let sqlite = Firstbell::empty(&scratch("quiet")?)?;
    rounds_on("SQLite", sqlite, options, || Ok(())).await?;
    if !options.without_postgres {
        let postgres = Postgres::start()?;
        let on_postgres = Firstbell::on(&scratch("quiet-postgres")?, &postgres.url)?;
        rounds_on("PostgreSQL", on_postgres, options, || postgres.settle()).await?;
    }
    println!("load average at the end: {}", load_average());
    Ok(())
}

/// Runs rounds: nothing beside the logins, an export, an import, and what the database does behind that.
/// Each begins when it has done that, and the first behind an import: in a day's sync it is not the first.
async fn rounds_on(
    name: &str,
    empty: Firstbell,
    options: &Options,
    settle: impl Fn() -> Result<()>,
) -> Result<()> {
    let roster = generate(options.imported)?;
    let synced = Synced::of(empty.filled(options.students, &[])?)?;
    let firstbell = &synced.firstbell;
    Import::begin(firstbell, "before", &roster)?.wait()?;
    let server = firstbell.start().await?;
    let token = synced.tokens(&server).await?.into_iter().next().unwrap_or_default();
    let mut visitors = firstbell.visitors(&server, PEOPLE).await?;
    let limit = Duration::from_secs(options.seconds);
    let mut ratios: [Vec<f64>; 3] = Default::default();
    for round in 1..=options.rounds {
        settle()?;
        let calm = drive(&mut visitors, Pace::Open(RATE), limit).await?;
        let export = Export::begin(&server, &token);
        let exporting = drive(&mut visitors, Pace::Open(RATE), limit).await?;
        let lists = export.end()?;
        let import = Rc::new(Import::begin(firstbell, &format!("other-{round}"), &roster)?);
        let begun = Rc::clone(&import);
        let importing =
            drive_while(&mut visitors, Pace::Open(RATE), move |_| begun.goes_on()).await?;
        import.wait()?;
        let behind = drive(&mut visitors, Pace::Open(RATE), limit).await?;
        println!(
            "{name}, round {round}: calm {}; exporting {} ({lists} lists read); importing {} \
             ({:.1} s); behind it {}",
            line(&calm),
            line(&exporting),
            line(&importing),
            importing.seconds,
            line(&behind),
        );
        for (ratios, run) in ratios.iter_mut().zip([exporting, importing, behind]) {
            ratios.push(run.latency.p99_ms / calm.latency.p99_ms);
        }
    }
    for (what, ratios) in ["with a full export", "with an import", "behind one"].iter().zip(&ratios)
    {
        let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        println!("{name}: p99 {what} / without: {:.2} ({})", median(ratios), each.join(", "));
    }
    Ok(())
}

/// An import on the command line, beside the server.
struct Import(RefCell<Child>);

impl Import {
    fn begin(firstbell: &Firstbell, district: &str, roster: &Path) -> Result<Self> {
        let mut command = firstbell.command(&["import", "--yes", "--district", district])?;
        command.arg(roster).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(RefCell::new(command.spawn()?)))
    }

    fn goes_on(&self) -> bool {
        matches!(self.0.borrow_mut().try_wait(), Ok(None))
    }

    /// Waits for its end.
    fn wait(&self) -> Result<()> {
        let status = self.0.borrow_mut().wait()?;
        ensure!(status.success(), "the import ended with {status}");
        Ok(())
    }
}

/// A client that reads lists to the end, one after the other, until it is told to stop. It has a
/// thread of its own, so that it does not make the driver slow.
struct Export {
    stop: Arc<AtomicBool>,
    lists: Arc<AtomicUsize>,
    thread: JoinHandle<Result<()>>,
}

impl Export {
    fn begin(server: &Server, token: &str) -> Self {
        let (stop, lists) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let mut client = Client::of(server, token);
        let (is_over, read) = (Arc::clone(&stop), Arc::clone(&lists));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                for list in EVERYTHING.iter().cycle() {
                    client.read(&format!("/v3.1/{list}?limit=10000"), |_| ()).await?;
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    read.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
        });
        Self { stop, lists, thread }
    }

    /// How many lists were read to their ends.
    fn end(self) -> Result<usize> {
        ensure!(!self.thread.is_finished(), "the client stopped");
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_else(|_| Err(anyhow!("the client panicked")))?;
        Ok(self.lists.load(Ordering::Relaxed))
    }
}

fn line(run: &Run) -> String {
    let (latency, errors) = (run.latency, run.errors);
    format!("p50 {:.1} p99 {:.1} ms ({errors} errors)", latency.p50_ms, latency.p99_ms)
}
