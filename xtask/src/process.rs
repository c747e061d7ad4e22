//! Commands: run to the end while their output is shown and counted, or kept running in the
//! background until they are dropped.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::report::Tally;

/// A command in the workspace, without what `cargo run` put into the environment: with it, a cargo
/// started from here would take its build scripts' inputs for changed and build again.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::workspace::root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_cargo = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if of_cargo.iter().any(|start| text.starts_with(start))
            || text == "LD_LIBRARY_PATH"
            || text == "CARGO_PRIMARY_PACKAGE"
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Cargo, the one that started us.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// Runs it with our own output; true when it exits with 0.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    say(command);
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    Ok(status.success())
}

/// Runs it with our own output and fails unless it exits with 0.
pub fn must(command: &mut Command) -> Result<()> {
    if succeeds(command)? { Ok(()) } else { bail!("{} failed", line(command)) }
}

/// Runs it and returns what it printed; fails, with what it said, unless it exits with 0.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}): {}", line(command), output.status, said.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} printed no UTF-8"))
}

/// Runs it quietly; true when it starts and exits with 0.
pub fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs it, shows each line that it prints, and adds up what the lines count. A command that fails
/// without having counted a failure counts as one, and so does one that counted nothing.
pub fn counted(command: &mut Command, count: impl Fn(&str) -> Tally) -> Result<Tally> {
    say(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {command:?}"))?;
    let mut tally = Tally::default();
    if let Some(printed) = child.stdout.take() {
        for printed_line in BufReader::new(printed).lines() {
            let printed_line = printed_line.context("cannot read what a command printed")?;
            println!("{printed_line}");
            tally = tally.and(count(&printed_line));
        }
    }
    let status = child.wait()?;
    if tally == Tally::default() || (!status.success() && tally.failed == 0) {
        eprintln!("{} ended with {status} after {tally}", line(command));
        tally.failed += 1;
    }
    Ok(tally)
}

/// The count in a line of a Rust test program: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
pub fn rust_test_line(line: &str) -> Tally {
    let Some(rest) = line.trim_start().strip_prefix("test result: ") else {
        return Tally::default();
    };
    let number = |word: &str| {
        rest.split([';', '.'])
            .map(str::trim)
            .find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
            .unwrap_or(0)
    };
    Tally { passed: number("passed"), failed: number("failed"), skipped: number("ignored") }
}

/// The count in a line of one of our proofs in another language: `ok - …` or `not ok - …`.
pub fn proof_line(line: &str) -> Tally {
    if line.starts_with("ok - ") {
        Tally::HELD
    } else if line.starts_with("not ok - ") {
        Tally::BROKEN
    } else {
        Tally::default()
    }
}

/// A program in the background. It is killed when this is dropped.
pub struct Background {
    child: Child,
    name: String,
}

impl Background {
    /// Starts it with its output in a file.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        say(command);
        let file = std::fs::File::create(log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { child, name: format!("{} (its words: {})", line(command), log.display()) })
    }

    /// Starts it and waits until something listens at the address.
    pub fn serve(command: &mut Command, log: &Path, address: &str) -> Result<Self> {
        let mut server = Self::start(command, log)?;
        server.wait_for(Duration::from_secs(20), || TcpStream::connect(address).ok())?;
        Ok(server)
    }

    /// Waits until `ready` returns something, the program ends, or the time is over.
    pub fn wait_for<T>(&mut self, limit: Duration, ready: impl Fn() -> Option<T>) -> Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(found) = ready() {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended early with {status}", self.name);
            }
            if begun.elapsed() > limit {
                bail!("{} was not ready within {} s", self.name, limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended already; there is nothing to add to that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn say(command: &Command) {
    println!("$ {}", line(command));
}

fn line(command: &Command) -> String {
    let root = format!("{}/", crate::workspace::root().display());
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().replace(&root, "")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_rust_test_program_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered";
        assert_eq!(rust_test_line(line), Tally { passed: 12, failed: 3, skipped: 1 });
        assert_eq!(rust_test_line("running 3 tests"), Tally::default());
    }

    #[test]
    fn the_line_of_a_proof_is_counted() {
        assert_eq!(proof_line("ok - a student logs in"), Tally::HELD);
        assert_eq!(proof_line("not ok - a student logs in: 500"), Tally::BROKEN);
        assert_eq!(proof_line("it is ok - really"), Tally::default());
    }

    #[test]
    fn a_program_that_proves_nothing_has_failed() {
        let silent = counted(&mut command("true"), proof_line);
        assert_eq!(silent.unwrap(), Tally::BROKEN);
    }

    #[test]
    fn a_program_that_fails_after_good_checks_has_failed() {
        let mut broken = command("sh");
        broken.args(["-c", "echo 'ok - one'; exit 3"]);
        assert_eq!(
            counted(&mut broken, proof_line).unwrap(),
            Tally { passed: 1, failed: 1, skipped: 0 }
        );
    }
}
