//! The program `firstbell` as an operator runs it: real processes, real files, real signals.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod commands;
mod demo;
mod export;
mod import;
mod installation;
mod markers;
mod serve;
mod sync;
