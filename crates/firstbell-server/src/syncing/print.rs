//! A run as programs read it: what `firstbell sync show --json` prints and what the address of an
//! uploaded run answers. Both are the same but for what went wrong on our side: paths, addresses and
//! what the database said are for operators.

use firstbell_core::roster::sync::{RunState, SyncRun, SyncSource};
use serde_json::{Value, json};

use super::report::Report;
use super::run::RunError;

/// Who reads what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Somebody at a shell of ours.
    Operator,
    /// The district's systems.
    District,
}

/// A run, with its report where that is wanted and still there.
pub fn json(reader: Reader, district: &str, run: &SyncRun, report: Option<&Report>) -> Value {
    let reasons = match reader {
        Reader::Operator => reasons(&run.state),
        Reader::District => reasons_for_district(&run.state),
    };
    let version = match run.state {
        RunState::Applied { version } => Some(version.0),
        _ => None,
    };
    let undo_to = match run.source {
        SyncSource::Undo { to } => Some(to.0),
        _ => None,
    };
    let mut object = json!({
        "id": run.id.to_string(),
        "district": district,
        "source": run.source.name(),
        "undo_to": undo_to,
        "state": run.state.name(),
        "reasons": reasons,
        "began": run.began.to_string(),
        "ended": run.ended.map(|ended| ended.to_string()),
        "planned_on": run.planned_on.map(|version| version.0),
        "version": version,
        "fingerprint": run.fingerprint.map(|print| print.to_string()),
    });
    if let (Some(object), Some(report)) = (object.as_object_mut(), report) {
        object.insert("report".to_owned(), json!(report));
    }
    object
}

/// Why a run is held, failed or was discarded, a sentence each.
pub fn reasons(state: &RunState) -> Vec<String> {
    match state {
        RunState::Held { reasons } => reasons.iter().map(ToString::to_string).collect(),
        RunState::Failed { why } | RunState::Discarded { why } => vec![why.clone()],
        RunState::Running { .. }
        | RunState::Rejected
        | RunState::Applied { .. }
        | RunState::Unchanged => Vec::new(),
    }
}

/// The same for the district's systems: a sentence a cause, and nothing of where and how.
fn reasons_for_district(state: &RunState) -> Vec<String> {
    let RunState::Failed { why } = state else { return reasons(state) };
    let begins = |error: RunError| why.starts_with(&error.to_string());
    let sentence = if begins(RunError::Changed) {
        "The files changed while they were read; they are tried again by themselves"
    } else if why.starts_with(UPLOAD_BROKE_OFF) {
        "The upload broke off; send the roster again"
    } else if begins(RunError::TakenForDead) || why.starts_with("the process that did it is gone") {
        "The sync was cut off; sync the roster again"
    } else {
        "Something failed on this side; whoever runs it finds the reason by the id of the run"
    };
    vec![sentence.to_owned()]
}

/// How the reason of an upload begins that did not come to its end.
pub const UPLOAD_BROKE_OFF: &str =
    "the files did not get into the spool: the upload cannot be read";

/// The state with the version that it made.
pub fn state(state: &RunState) -> String {
    match state {
        RunState::Applied { version } => format!("applied as version {version}"),
        other => other.name().to_owned(),
    }
}

/// The source, in words.
pub fn source(source: SyncSource) -> String {
    match source {
        SyncSource::Command => "from the command line".to_owned(),
        SyncSource::DropFolder => "from the drop folder".to_owned(),
        SyncSource::Upload => "uploaded".to_owned(),
        SyncSource::OneRoster => "from the OneRoster service".to_owned(),
        SyncSource::Undo { to } => format!("back to version {to}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::reply::fault::chain;
    use crate::syncing::oneroster::FetchError;
    use crate::syncing::spool::SpoolError;

    #[test]
    fn districts_are_told_what_to_do_and_nothing_of_where_and_how() {
        let cause = || io::Error::other("line 1 of secret.rs");
        let source = |path: &str| SpoolError::Source { path: path.to_owned(), cause: cause() };
        let inside = SpoolError::Spool { path: "/var/spool/secret".to_owned(), cause: cause() };
        let fetched = FetchError::Kept { path: "/var/spool/secret".into(), cause: cause() };
        let sql = anyhow::anyhow!("secret: SELECT").context("applying");
        for (error, begins) in [
            (RunError::Changed, "The files changed"),
            (RunError::TakenForDead, "The sync was cut off"),
            (source("the upload").into(), "The upload broke off"),
            (source("/drop/secret/students.csv").into(), "Something failed on this side"),
            (inside.into(), "Something failed on this side"),
            (RunError::Disk(cause()), "Something failed on this side"),
            (RunError::Fetch(fetched), "Something failed on this side"),
            (RunError::Apply(sql), "Something failed on this side"),
        ] {
            let state = RunState::Failed { why: chain(&error) };
            let told = reasons_for_district(&state).concat();
            assert!(told.starts_with(begins) && !told.contains("secret"), "{error}: {told}");
            assert_eq!(reasons(&state), [chain(&error)], "operators are told all");
        }
        let dead = "the process that did it is gone; the roster was not changed".to_owned();
        let told = reasons_for_district(&RunState::Failed { why: dead });
        assert!(told[0].starts_with("The sync was cut off"), "{told:?}");
        let discarded = RunState::Discarded { why: "newer files came".to_owned() };
        assert_eq!(reasons_for_district(&discarded), ["newer files came"]);
    }
}
