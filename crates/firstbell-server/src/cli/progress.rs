//! How far something long is: a bar on a terminal, plain lines elsewhere. Both on standard error,
//! so that standard output stays clean for programs.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use crate::syncing::run::Watcher;

/// How many lines a phase prints.
const LINES_PER_PHASE: u64 = 4;

/// How far something is.
pub(super) struct Progress {
    shown: Shown,
}

enum Shown {
    Bar(ProgressBar),
    Lines { phase: String, printed: u64 },
}

impl Progress {
    pub(super) fn on_standard_error() -> Self {
        let shown = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::no_length();
            let style = ProgressStyle::with_template("{msg:34} {bar:32.cyan} {percent:>3} %");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            Shown::Bar(bar)
        } else {
            Shown::Lines { phase: String::new(), printed: 0 }
        };
        Self { shown }
    }

    /// Shows that `done` of `total` of this phase are done.
    pub(super) fn show(&mut self, phase: &str, done: u64, total: u64) {
        match &mut self.shown {
            Shown::Bar(bar) => {
                bar.set_message(phase.to_owned());
                bar.set_length(total.max(1));
                bar.set_position(done);
            }
            Shown::Lines { phase: current, printed } => {
                if current != phase {
                    phase.clone_into(current);
                    *printed = 0;
                }
                let step = done.saturating_mul(LINES_PER_PHASE) / total.max(1);
                if step > *printed {
                    *printed = step;
                    eprintln!("{phase}: {} %", done.saturating_mul(100) / total.max(1));
                }
            }
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

/// Progress that several threads report to.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Progress>>);

impl Shared {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Progress::on_standard_error())))
    }

    fn show(&self, phase: &str, done: u64, total: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).show(phase, done, total);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).finish();
    }
}

impl Watcher for Shared {
    fn reading(&self, at: firstbell_roster::Progress) {
        self.show(&format!("reading {}", at.file.name()), at.bytes, at.total_bytes);
    }

    fn applying(&self, done: usize, total: usize) {
        self.show("applying", done as u64, total as u64);
    }
}
