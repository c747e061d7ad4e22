//! The large sandbox imported: how long, how much CPU time, how much memory at most.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::process::{cpu_seconds, memory_mib, scratch};
use crate::server::{Firstbell, generate};

/// Imports into a new store, and then the same files once more.
pub fn run(students: usize) -> Result<()> {
    let sandbox = generate(students)?;
    let firstbell = Firstbell::empty(&scratch("import")?)?;
    let enrolments = lines(&sandbox.join("enrollments.csv"))?;
    let sections = lines(&sandbox.join("sections.csv"))?;
    println!("{students} students, {sections} sections, {enrolments} enrolments");
    for what in ["into a new store", "the same again"] {
        let mut command = firstbell.import_command(&sandbox)?;
        let begun = Instant::now();
        let mut import =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let (mut cpu, mut peak) = (0.0_f64, 0.0_f64);
        let status = loop {
            if let Some(status) = import.try_wait()? {
                break status;
            }
            cpu = cpu.max(cpu_seconds(import.id()).unwrap_or(0.0));
            peak = peak.max(memory_mib(import.id(), "VmHWM:").unwrap_or(0.0));
            std::thread::sleep(Duration::from_millis(10));
        };
        let seconds = begun.elapsed().as_secs_f64();
        ensure!(status.success(), "{command:?} ended with {status}");
        println!("{what}: {seconds:.1} s, {cpu:.1} CPU seconds, {peak:.0} MB at most");
    }
    Ok(())
}

fn lines(file: &Path) -> Result<usize> {
    Ok(std::fs::read_to_string(file)?.lines().count().saturating_sub(1))
}
