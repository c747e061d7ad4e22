//! Whole logins, lists of the Data API and imports, measured from outside: `cargo xtask bench …`.
//!
//! Every server is a process of its own and is driven over keep-alive connections on the loopback
//! interface. The unit is the **login per CPU second of the server**, because on a small machine
//! the driver shares the cores with what it drives. What is compared is compared in one run, in
//! interleaved rounds: a machine's mood passes over all alike.

mod dice;
mod figures;
mod form;
mod history;
mod http;
mod load;
mod measure;
mod process;
mod server;
mod visitor;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// The allocator of the server, so that the floor stands on the same ground.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Whole logins, measured from outside")]
struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Logins with a session: constant answers, the floor, Firstbell, oidc-provider
    Login(Login),
    /// Kills the server in the middle of logins and looks for codes redeemed twice and lost tokens
    Kill {
        /// How often it is killed
        #[arg(long, default_value_t = 200)]
        times: u32,
    },
    /// Two nodes on one PostgreSQL under kills: a history of raced redemptions, logins and
    /// revocations is recorded and checked
    Nodes(Nodes),
    /// Resident memory: idle, with the large sandbox, and under load
    Memory(Size),
    /// From the start of the process to the first 200 of `/readyz`, with the large sandbox stored
    Start(Size),
    /// Lists of the Data API: users a CPU second against a bare loop, a full sync, memory
    Api(measure::api::Options),
    /// The large sandbox imported: wall time, CPU time, peak memory
    Import(Size),
    /// Logins with a session while 200 password logins wait
    Passwords {
        /// How many password logins wait
        #[arg(long, default_value_t = 200)]
        waiting: usize,
        /// Seconds a round
        #[arg(long, default_value_t = 6)]
        seconds: u64,
        /// Rounds
        #[arg(long, default_value_t = 3)]
        rounds: usize,
    },
    /// One of the servers to compare with, in the foreground
    #[command(hide = true)]
    Serve {
        /// Which
        #[arg(value_enum)]
        which: server::Own,
        /// The port of the loopback interface
        #[arg(long)]
        port: u16,
        /// An empty folder for its database
        #[arg(long)]
        folder: PathBuf,
        /// How many people it knows
        #[arg(long)]
        people: usize,
    },
}

#[derive(Args)]
struct Login {
    /// Rounds, in each of which every server is driven once
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds that a server is driven in a round, as fast as it goes
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// People who log in at the same time, each on their own connection
    #[arg(long, default_value_t = 32)]
    people: usize,
    /// People whom the floor and Firstbell know
    #[arg(long, default_value_t = 5_000)]
    students: usize,
    /// Logins begun a second in the open loop
    #[arg(long, default_value_t = 300)]
    rate: u32,
    /// Leave Firstbell out: what can this machine do at all?
    #[arg(long)]
    without_firstbell: bool,
    /// The folder in which oidc-provider is installed; without it that server is left out
    #[arg(long)]
    peer: Option<PathBuf>,
    /// The program that runs oidc-provider
    #[arg(long, default_value = "node")]
    node: PathBuf,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Nodes {
    /// Codes that are raced for, each by two to four at once
    #[arg(long, default_value_t = 100_000)]
    redemptions: u64,
    /// Seconds after which it ends all the same
    #[arg(long, default_value_t = 3_600)]
    seconds: u64,
    /// People who log in at the same time
    #[arg(long, default_value_t = 24)]
    people: usize,
    /// Milliseconds from one kill to the next, about
    #[arg(long, default_value_t = 2_000)]
    kill_every: u64,
    /// Milliseconds that a node may be late to know that a connection changed
    #[arg(long, default_value_t = 0)]
    stale: u64,
    /// Check the history of an earlier run, and drive nothing
    #[arg(long)]
    check: Option<PathBuf>,
}

#[derive(Args)]
struct Size {
    /// Students of the large sandbox
    #[arg(long, default_value_t = 56_635)]
    students: usize,
}

fn main() -> ExitCode {
    match run(Bench::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(what: What) -> Result<()> {
    match what {
        What::Serve { which, port, folder, people } => which.serve(port, &folder, people),
        // The driver has one thread: the other core is the server's.
        driven => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(drive(driven)),
    }
}

async fn drive(what: What) -> Result<()> {
    match what {
        What::Login(options) => measure::login::run(&options).await,
        What::Kill { times } => measure::kill::run(times).await,
        What::Nodes(options) => measure::nodes::run(&options).await,
        What::Memory(size) => measure::memory::run(size.students).await,
        What::Start(size) => measure::start::run(size.students).await,
        What::Api(options) => measure::api::run(&options).await,
        What::Import(size) => measure::import::run(size.students),
        What::Passwords { waiting, seconds, rounds } => {
            measure::passwords::run(waiting, seconds, rounds).await
        }
        What::Serve { .. } => Ok(()),
    }
}
