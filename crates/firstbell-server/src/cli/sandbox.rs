//! `firstbell sandbox generate` and `advance`.

mod advance;

use std::path::PathBuf;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use firstbell_roster::sandbox::{self, LARGE_STUDENTS, STATE_STUDENTS, SandboxSize};

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
    /// Play days of a scripted school year onto a sandbox and import what it is then
    Advance(advance::Options),
}

#[derive(Debug, clap::Args)]
struct Generate {
    /// What everything is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How large; without it small, or large where students are counted
    #[arg(long)]
    size: Option<Size>,
    /// How many students a large sandbox or a state has
    #[arg(long)]
    students: Option<u32>,
    /// The folder to write into; it is made if it is not there
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Size {
    /// Three schools and about seventy people, awkward ones among them
    Small,
    /// A district of a large city: 56,635 students
    Large,
    /// A state: 1,000,000 students, twelve million rows
    State,
}

impl Generate {
    fn run(&self) -> anyhow::Result<()> {
        let report = sandbox::generate(&self.folder, self.size()?, self.seed)?;
        println!(
            "Wrote {}: {} schools, {} students, {} teachers, {} staff, {} sections, {} enrolments, \
             {} resources; {} rows.",
            shown(&self.folder),
            report.schools,
            report.students,
            report.teachers,
            report.staff,
            report.sections,
            report.enrollments,
            report.resources,
            report.rows,
        );
        Ok(())
    }

    fn size(&self) -> anyhow::Result<SandboxSize> {
        Ok(match (self.size, self.students) {
            (None | Some(Size::Small), None) => SandboxSize::Small,
            (Some(Size::Small), Some(_)) => {
                bail!("the small sandbox has the students it has: leave out --students or --size")
            }
            (None | Some(Size::Large), students) => {
                SandboxSize::Large { students: students.unwrap_or(LARGE_STUDENTS) }
            }
            (Some(Size::State), students) => {
                SandboxSize::State { students: students.unwrap_or(STATE_STUDENTS) }
            }
        })
    }
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        Verb::Generate(generate) => generate.run(),
        Verb::Advance(options) => advance::run(options).await,
    }
}
