//! A run as programs read it: what `firstbell sync show --json` prints and what the address of an
//! uploaded run answers.

use firstbell_core::roster::sync::{RunState, SyncRun, SyncSource};
use serde_json::{Value, json};

use super::report::Report;

/// A run, with its report where that is wanted and still there.
pub fn json(district: &str, run: &SyncRun, report: Option<&Report>) -> Value {
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
        "reasons": reasons(&run.state),
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
