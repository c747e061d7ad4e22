//! Imports: how many rows a CPU second goes into a new store, and how many are found to be as they
//! were, each against a bare loop over the same files; and how much memory that takes at most.

mod floor;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use crate::figures::{count, median};
use crate::process::{
    ended_children_cpu_seconds, load_average, memory_mib, own_cpu_seconds, scratch,
};
use crate::server::{Firstbell, Postgres, generate, generate_state, people, records};
use floor::{Plain, copy_to_postgres};

/// The files of a sandbox.
const FILES: [&str; 7] =
    ["schools", "students", "teachers", "staff", "sections", "enrollments", "resources"];

/// What is imported, and how often.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Students of the large sandbox
    #[arg(long, default_value_t = 56_635)]
    students: usize,
    /// Rounds, in each of which everything is imported twice
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// A state instead, once: a million students on twelve million rows
    #[arg(long, conflicts_with_all = ["students", "rounds"])]
    state: bool,
    /// Leave PostgreSQL out
    #[arg(long)]
    without_postgres: bool,
}

/// What was spent on one import.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    seconds: f64,
    cpu_seconds: f64,
    peak_mib: f64,
}

/// Two imports of the same files.
#[derive(Debug, Clone, Copy)]
struct Round {
    first: Spent,
    again: Spent,
}

/// Imports in rounds and prints what that comes to.
pub fn run(options: &Options) -> Result<()> {
    let (sandbox, rounds) = if options.state {
        (generate_state()?, 1)
    } else {
        (generate(options.students)?, options.rounds)
    };
    println!("load average at the beginning: {}", load_average());
    let each = FILES.iter().map(|file| records(&sandbox, file));
    let rows = each.sum::<Result<usize>>()?;
    println!("{} people, {rows} rows", people(&sandbox)?);
    let (mut floors, mut on_sqlite) = (Vec::new(), Vec::new());
    for number in 1..=rounds {
        floors.push(floor_round(number, &sandbox, rows)?);
        let firstbell = Firstbell::empty(&scratch("import")?)?;
        let round = twice(&firstbell, &sandbox, None)?;
        println!("round {number}: {:<11} {}", "SQLite", round.line(rows));
        on_sqlite.push(round);
    }
    // By itself: what the server still does after an import would fall into the others' rounds.
    let (mut floors_beside, mut on_postgres, mut copies) = (Vec::new(), Vec::new(), Vec::new());
    if !options.without_postgres {
        let postgres = Postgres::start()?;
        for number in 1..=rounds {
            floors_beside.push(floor_round(number, &sandbox, rows)?);
            let copy = copied(&sandbox, (&postgres, &format!("copy_{number}")), rows)?;
            println!("round {number}: {:<11} {}", "COPY", copy.line(rows));
            copies.push(copy);
            let url = postgres.another(&format!("round_{number}"))?;
            let firstbell = Firstbell::on(&scratch("import-postgres")?, &url)?;
            let round = twice(&firstbell, &sandbox, Some(&postgres))?;
            println!("round {number}: {:<11} {}", "PostgreSQL", round.line(rows));
            on_postgres.push(round);
        }
    }
    println!("\nrows a CPU second, medians of {rounds} rounds");
    print("SQLite", rows, &on_sqlite, &floors);
    print("PostgreSQL", rows, &on_postgres, &floors_beside);
    let against: Vec<String> = on_postgres
        .iter()
        .zip(&copies)
        .map(|(own, copy)| format!("{:.2}", copy.cpu_seconds / own.first.cpu_seconds))
        .collect();
    if !against.is_empty() {
        println!(
            "PostgreSQL  first import against a bare COPY of the files: {}",
            against.join(", ")
        );
    }
    println!("load average at the end: {}", load_average());
    Ok(())
}

fn floor_round(number: usize, sandbox: &Path, rows: usize) -> Result<Round> {
    let floor = by_floor(sandbox, rows)?;
    println!("round {number}: {:<11} {}", "floor", floor.line(rows));
    Ok(floor)
}

fn by_floor(sandbox: &Path, rows: usize) -> Result<Round> {
    let file = scratch("import-floor")?.join("plain.sqlite");
    on_a_thread(|| {
        let plain = Plain::create(&file)?;
        let first = timed(|| plain.insert(sandbox), rows)?;
        let again = timed(|| plain.compare(sandbox), rows)?;
        Ok(Round { first, again })
    })
}

/// Works on a thread of its own.
fn on_a_thread<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let worked = scope.spawn(work);
        worked.join().unwrap_or_else(|_| Err(anyhow!("the floor panicked")))
    })
}

/// The least work for PostgreSQL, its own CPU time counted.
fn copied(sandbox: &Path, (postgres, name): (&Postgres, &str), rows: usize) -> Result<Spent> {
    let url = postgres.another(name)?;
    let before = postgres.cpu_seconds()?;
    let own = on_a_thread(|| timed(|| copy_to_postgres(sandbox, &url), rows))?;
    Ok(Spent { cpu_seconds: own.cpu_seconds + postgres.cpu_seconds()? - before, ..own })
}

fn timed(work: impl FnOnce() -> Result<usize>, rows: usize) -> Result<Spent> {
    let (begun, before) = (Instant::now(), own_cpu_seconds()?);
    let done = work()?;
    ensure!(done == rows, "the floor saw {done} rows of {rows}");
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Spent { seconds, cpu_seconds: own_cpu_seconds()? - before, ..Spent::default() })
}

/// Imports into a new store, and then the same files once more.
fn twice(firstbell: &Firstbell, sandbox: &Path, postgres: Option<&Postgres>) -> Result<Round> {
    let first = import(firstbell, sandbox, postgres, "Applied.")?;
    let again = import(firstbell, sandbox, postgres, "nothing was changed")?;
    Ok(Round { first, again })
}

/// Imports once; the program must say so in these words.
fn import(
    firstbell: &Firstbell,
    sandbox: &Path,
    postgres: Option<&Postgres>,
    words: &str,
) -> Result<Spent> {
    let of_database = || postgres.map_or(Ok(0.0), Postgres::cpu_seconds);
    let mut command = firstbell.import_command(sandbox)?;
    let said = sandbox.with_extension("said");
    let (before, of_database_before) = (ended_children_cpu_seconds()?, of_database()?);
    let (seconds, peak_mib) = watched(&mut command, &said)?;
    let own = ended_children_cpu_seconds()? - before;
    let cpu_seconds = own + of_database()? - of_database_before;
    let text = std::fs::read_to_string(said)?;
    ensure!(text.contains(words), "{command:?} said: {text}");
    Ok(Spent { seconds, cpu_seconds, peak_mib })
}

/// Runs a command to its end: how long it took, and how much memory at most. What it says goes into
/// a file.
fn watched(command: &mut Command, said: &Path) -> Result<(f64, f64)> {
    let begun = Instant::now();
    let file = std::fs::File::create(said)?;
    let mut import = command.stdin(Stdio::null()).stdout(file).stderr(Stdio::null()).spawn()?;
    let mut peak = 0.0_f64;
    let status = loop {
        if let Some(status) = import.try_wait()? {
            break status;
        }
        peak = peak.max(memory_mib(import.id(), "VmHWM:").unwrap_or(0.0));
        std::thread::sleep(Duration::from_millis(10));
    };
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok((begun.elapsed().as_secs_f64(), peak))
}

impl Round {
    fn line(&self, rows: usize) -> String {
        format!("first {}; again {}", self.first.line(rows), self.again.line(rows))
    }
}

impl Spent {
    fn line(&self, rows: usize) -> String {
        format!(
            "{:.1} s, {:.2} CPU seconds, {:.0} rows each, {:.0} MB at most",
            self.seconds,
            self.cpu_seconds,
            count(rows) / self.cpu_seconds,
            self.peak_mib,
        )
    }
}

fn print(name: &str, rows: usize, own: &[Round], floors: &[Round]) {
    if own.is_empty() {
        return;
    }
    for what in ["first import", "the same again"] {
        let spent = |round: &Round| if what == "first import" { round.first } else { round.again };
        let of = |rounds: &[Round]| -> Vec<f64> {
            rounds.iter().map(|round| count(rows) / spent(round).cpu_seconds).collect()
        };
        let (own_rates, floor_rates) = (of(own), of(floors));
        let ratios: Vec<f64> = own_rates.iter().zip(&floor_rates).map(|(a, b)| a / b).collect();
        let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        let seconds: Vec<f64> = own.iter().map(|round| spent(round).seconds).collect();
        let peak = own.iter().map(|round| spent(round).peak_mib).fold(0.0, f64::max);
        println!(
            "{name:<11} {what:<15} {:>8.0}, floor {:>8.0}: {:.2} ({}); {:.1} s, {peak:.0} MB at most",
            median(&own_rates),
            median(&floor_rates),
            median(&ratios),
            each.join(", "),
            median(&seconds),
        );
    }
}
