//! `cargo xtask fuzz`: every parser of foreign bytes under libFuzzer, one after the other.
//!
//! The targets are built by the toolchain of the workspace, with LLVM's coverage counters and with
//! checks of overflow, below `target/fuzz/`. A run starts from the kept inputs (`fuzz/corpus/`) and
//! from what earlier runs on this machine found; what reaches code that no kept input reaches is
//! added to them at the end, so that `cargo test` replays it. There is no sanitizer of memory: the
//! sources forbid `unsafe`, and what is counted here is panics, broken promises, time and memory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::machine::{self, Need};
use crate::report::{Outcome, Tally};
use crate::{process, workspace};

/// The targets, in the order in which they run: also folders of `fuzz/corpus/`.
const TARGETS: [&str; 10] = [
    "authorize_query",
    "list_query",
    "oneroster_query",
    "token_body",
    "cookies",
    "redirect_uri",
    "csv",
    "jwt",
    "support_code",
    "accept_language",
];

/// What LLVM adds to the code, so that libFuzzer sees where an input leads and what it is compared
/// with.
const INSTRUMENTED: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0";

/// No input may take longer, in seconds, or more memory than this, in MiB.
const LIMITS: [&str; 3] = ["-timeout=5", "-rss_limit_mb=1024", "-max_len=8192"];

/// How long each target runs unless it is said, in minutes.
const USUAL_MINUTES: f64 = 10.0;

/// Fuzzes the named targets, or all of them.
pub fn proof(words: &[&str], may_install: bool) -> Result<Outcome> {
    let wanted = Wanted::read(words)?;
    machine::provide(&[Need::Cxx], may_install)?;
    if let Some(reason) = machine::lacking(&[Need::Cxx]) {
        return Ok(Outcome::not_run(format!("fuzzing: {reason}")));
    }
    let programs = build(&wanted.targets)?;
    let mut tally = Tally::default();
    let mut told = Vec::new();
    for target in &wanted.targets {
        let run = Run::prepare(target, &programs)?;
        let seen = run.fuzz(wanted.seconds)?;
        let line = seen.line(target, run.keep()?);
        println!("{line}");
        told.push(line);
        tally = tally.and(if seen.is_good() { Tally::HELD } else { Tally::BROKEN });
    }
    println!("\n{}", told.join("\n"));
    Ok(Outcome::ran(tally))
}

struct Wanted {
    seconds: u64,
    targets: Vec<&'static str>,
}

impl Wanted {
    fn read(words: &[&str]) -> Result<Self> {
        let mut minutes = USUAL_MINUTES;
        let mut targets = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--no-install" => {}
                "--minutes" => {
                    let number = words.next().and_then(|text| text.parse().ok());
                    minutes = number
                        .filter(|number| (0.01..=10_000.0).contains(number))
                        .context("--minutes takes a number, such as 10 or 0.5")?;
                }
                name => match TARGETS.iter().find(|target| **target == name) {
                    Some(target) => targets.push(*target),
                    None => bail!("{name} is no target; there are {}", TARGETS.join(", ")),
                },
            }
        }
        if targets.is_empty() {
            targets = TARGETS.to_vec();
        }
        Ok(Self { seconds: std::time::Duration::from_secs_f64(minutes * 60.0).as_secs(), targets })
    }
}

/// Builds the programs of the targets; returns the folder in which they are.
fn build(targets: &[&str]) -> Result<PathBuf> {
    let folder = workspace::scratch("fuzz")?;
    let host = host()?;
    let mut build = process::cargo(&["build", "--release", "--package", "firstbell-fuzz"]);
    build.args(["--features", "libfuzzer", "--target", &host, "--target-dir"]).arg(&folder);
    for target in targets {
        build.args(["--bin", &program(target)]);
    }
    build
        .env("RUSTFLAGS", INSTRUMENTED)
        .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
        .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
    process::must(&mut build)?;
    Ok(folder.join(host).join("release"))
}

/// With a platform named, build scripts and macros are built without what is instrumented.
fn host() -> Result<String> {
    let said = process::output(process::command("rustc").arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say which platform it is on")?.to_owned())
}

fn program(target: &str) -> String {
    format!("fuzz-{}", target.replace('_', "-"))
}

/// One target and its folders.
struct Run {
    program: PathBuf,
    dictionary: PathBuf,
    kept: PathBuf,
    grown: PathBuf,
    artefacts: PathBuf,
    log: PathBuf,
    /// Where the target writes files: in memory, where the machine has such a place.
    scratch: PathBuf,
}

impl Run {
    fn prepare(target: &str, programs: &Path) -> Result<Self> {
        let fuzz = workspace::root().join("fuzz");
        let scratch = format!("firstbell-fuzz-{}-{target}", std::process::id());
        let memory = Path::new("/dev/shm");
        let scratch = if memory.is_dir() {
            memory.join(scratch)
        } else {
            workspace::scratch("fuzz/scratch")?.join(scratch)
        };
        fs::create_dir_all(&scratch)?;
        Ok(Self {
            program: programs.join(program(target)),
            dictionary: fuzz.join(format!("dictionaries/{target}.dict")),
            kept: fuzz.join("corpus").join(target),
            grown: workspace::scratch(&format!("fuzz/corpus/{target}"))?,
            artefacts: workspace::empty_scratch(&format!("fuzz/artefacts/{target}"))?,
            log: workspace::scratch("fuzz/logs")?.join(format!("{target}.log")),
            scratch,
        })
    }

    fn command(&self) -> Result<std::process::Command> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        // Nobody waits for it: whatever else the machine does comes first.
        let mut command = process::command("nice");
        command.args(["-n", "19"]).arg(&self.program).args(LIMITS);
        command.arg(format!("-artifact_prefix={}/", self.artefacts.display()));
        command.env("TMPDIR", &self.scratch).stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }

    fn fuzz(&self, seconds: u64) -> Result<Seen> {
        fs::write(&self.log, "")?;
        let mut command = self.command()?;
        command.arg(&self.grown).arg(&self.kept).arg("-print_final_stats=1");
        command.arg(format!("-max_total_time={seconds}"));
        if self.dictionary.is_file() {
            command.arg(format!("-dict={}", self.dictionary.display()));
        }
        let ended_well = process::succeeds(&mut command)?;
        let mut seen = Seen::read(&fs::read_to_string(&self.log).unwrap_or_default());
        seen.crashes = files(&self.artefacts)?;
        if !ended_well && seen.crashes.is_empty() {
            bail!("it ended badly; its words: {}", self.log.display());
        }
        Ok(seen)
    }

    /// Adds what reaches new code to the kept inputs, the smallest that do; returns how many.
    fn keep(&self) -> Result<usize> {
        let before = files(&self.kept)?.len();
        let mut command = self.command()?;
        // How often a line of code is reached makes no input worth keeping, only whether.
        command.args(["-set_cover_merge=1", "-use_counters=0"]).arg(&self.kept).arg(&self.grown);
        process::must(&mut command)?;
        Ok(files(&self.kept)?.len().saturating_sub(before))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // What stays there is lost with the machine's memory anyhow.
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder);
    let entries = entries.with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// What a run came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    executions: u64,
    per_second: u64,
    most_memory_mib: u64,
    /// Inputs that broke a promise, took too long or too much memory.
    crashes: Vec<PathBuf>,
}

impl Seen {
    /// Reads the figures that libFuzzer prints at its end.
    fn read(log: &str) -> Self {
        let figure = |name: &str| {
            let line = log.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|text| text.trim().parse().ok()).unwrap_or_default()
        };
        Self {
            executions: figure("stat::number_of_executed_units"),
            per_second: figure("stat::average_exec_per_sec"),
            most_memory_mib: figure("stat::peak_rss_mb"),
            crashes: Vec::new(),
        }
    }

    fn is_good(&self) -> bool {
        self.executions > 0 && self.crashes.is_empty()
    }

    fn line(&self, target: &str, kept: usize) -> String {
        let Self { executions, per_second, most_memory_mib, crashes } = self;
        let named: String = crashes
            .iter()
            .fold(String::new(), |names, crash| names + "\n    " + &crash.display().to_string());
        format!(
            "{target}: {executions} executions, {per_second}/s, {most_memory_mib} MiB at most, \
             {kept} new corpus entries, {} crashes{named}",
            crashes.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_libfuzzer_are_read() {
        let log = "INFO: Seed: 1\nDone 12345 runs in 2 second(s)\n\
                   stat::number_of_executed_units: 12345\nstat::average_exec_per_sec:     6172\n\
                   stat::new_units_added:          9\nstat::peak_rss_mb:              41\n";
        let seen = Seen::read(log);
        assert_eq!((seen.executions, seen.per_second, seen.most_memory_mib), (12345, 6172, 41));
        assert!(seen.is_good());
        assert!(!Seen::read("").is_good(), "what ran nothing has shown nothing");
        let crashed = Seen { crashes: vec!["crash-1".into()], ..seen };
        assert!(!crashed.is_good());
        assert!(crashed.line("csv", 3).ends_with("3 new corpus entries, 1 crashes\n    crash-1"));
    }

    #[test]
    fn what_is_wanted_is_read() {
        let wanted = Wanted::read(&["--minutes", "0.5", "csv", "--no-install"]).unwrap();
        assert_eq!((wanted.seconds, wanted.targets), (30, vec!["csv"]));
        let all = Wanted::read(&[]).unwrap();
        assert_eq!((all.seconds, all.targets.len()), (600, TARGETS.len()));
        for bad in [&["cvs"][..], &["--minutes"], &["--minutes", "ten"], &["--minutes", "-1"]] {
            assert!(Wanted::read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_target_has_its_program_and_its_inputs() {
        let fuzz = workspace::root().join("fuzz");
        let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
        for target in TARGETS {
            assert!(manifest.contains(&format!("name = \"{}\"", program(target))), "{target}");
            assert!(fuzz.join("corpus").join(target).is_dir(), "{target}");
        }
    }
}
