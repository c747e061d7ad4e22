//! `firstbell sandbox generate`.

use std::path::PathBuf;

use clap::Subcommand;
use firstbell_roster::sandbox::{self, SandboxSize};

use super::shown;

/// Makes rosters of invented people.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a folder of CSV files; the same seed gives the same files
    Generate(Generate),
}

#[derive(Debug, clap::Args)]
struct Generate {
    /// What everything is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many students; without it a small district of three schools with awkward people
    #[arg(long)]
    students: Option<u32>,
    /// The folder to write into; it is made if it is not there
    folder: PathBuf,
}

pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let Verb::Generate(generate) = &options.verb;
    let size = match generate.students {
        Some(students) => SandboxSize::Large { students },
        None => SandboxSize::Small,
    };
    let report = sandbox::generate(&generate.folder, size, generate.seed)?;
    println!(
        "Wrote {}: {} schools, {} students, {} teachers, {} staff, {} sections, {} enrolments.",
        shown(&generate.folder),
        report.schools,
        report.students,
        report.teachers,
        report.staff,
        report.sections,
        report.enrollments,
    );
    Ok(())
}
