//! Going back to an earlier version of a roster: a run like any other, whose plan comes from the
//! versions that are kept and not from files. It makes a new version, and touches no password.

use std::collections::HashMap;

use firstbell_core::id::DistrictId;
use firstbell_core::roster::change::{
    Binding, Changed, CurrentRoster, RosterChange, RosterPerson, back_to,
};
use firstbell_core::roster::sync::undo::{UndoRefusal, check};
use firstbell_core::roster::sync::{RunState, SyncSource};
use firstbell_core::roster::{RoleKind, RosterVersion};
use firstbell_roster::MOST_LISTED;
use firstbell_store::{StoreError, SyncPlan};
use tokio::task::JoinError;

use super::report::{IdentityChange, Kind, Report};
use super::run::{Ended, RunError, Watcher};
use super::{BeginError, Syncing};

/// So many examples of each kind of change are shown.
const MOST_EXAMPLES: usize = 5;

/// What going back would do.
#[derive(Debug)]
pub struct UndoPlan {
    /// To show.
    pub report: Report,
    change: RosterChange,
    planned_on: RosterVersion,
}

/// Why nobody goes back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// Not to this version.
    #[error(transparent)]
    Refused(#[from] UndoRefusal),
    /// The run did not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// The run failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Planning was cut off.
    #[error("planning was cut off")]
    CutOff(#[from] JoinError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Syncing {
    /// What going back to a version would change.
    ///
    /// # Errors
    /// See [`UndoError`].
    pub async fn plan_undo(
        &self,
        district: DistrictId,
        to: RosterVersion,
    ) -> Result<UndoPlan, UndoError> {
        let now = self.clock.now();
        let loaded = self.store.read_at_length(move |tx| {
            let mut district = tx.district(district);
            let present = district.roster_version()?;
            check(to, present, &district.roster_versions(now)?)?;
            Ok::<_, UndoError>((present, district.current_roster()?, district.roster_in(to)?))
        });
        let (planned_on, current, target) = loaded.await?;
        let planned = tokio::task::spawn_blocking(move || {
            let change = back_to(&current, &target);
            let report = report(&change, &current, &target);
            UndoPlan { report, change, planned_on }
        });
        Ok(planned.await?)
    }

    /// Goes back to a version. What that changes is planned again: the roster may have changed since
    /// somebody was shown it.
    ///
    /// # Errors
    /// See [`UndoError`].
    pub async fn undo(
        &self,
        district: DistrictId,
        to: RosterVersion,
        watcher: &dyn Watcher,
    ) -> Result<Ended, UndoError> {
        let run = self.begin(district, SyncSource::Undo { to }, None).await?;
        let UndoPlan { report, change, planned_on } = match self.plan_undo(district, to).await {
            Ok(plan) => plan,
            Err(error) => {
                run.end(RunState::Failed { why: error.to_string() }).await?;
                return Err(error);
            }
        };
        if let Err(error) = run.record(&report, (Some(planned_on), None)).await {
            return Err(run.failed(error).await.into());
        }
        if change.is_empty() {
            run.end(RunState::Unchanged).await?;
            return Ok(Ended { report, state: RunState::Unchanged, passwords: 0 });
        }
        let plan = SyncPlan { run: run.id, district, planned_on };
        let applying = |done, total| watcher.applying(done, total);
        let now = self.clock.now();
        let state = match self.store.apply_sync(plan, change, now, applying).await {
            Ok(version) => RunState::Applied { version },
            Err(error) => return Err(run.failed(RunError::Apply(error.into())).await.into()),
        };
        run.end(state.clone()).await?;
        Ok(Ended { report, state, passwords: 0 })
    }
}

fn report(change: &RosterChange, current: &CurrentRoster, target: &CurrentRoster) -> Report {
    let mut kinds = vec![
        kind("schools", &change.schools, &current.schools, |it| (it.id, it.name.clone())),
        kind("terms", &change.terms, &current.terms, |it| (it.id, it.name.clone())),
        kind("courses", &change.courses, &current.courses, |it| (it.id, it.name.clone())),
        kind("sections", &change.sections, &current.sections, |it| (it.id, it.name.clone())),
    ];
    for (name, role) in [
        ("students", RoleKind::Student),
        ("teachers", RoleKind::Teacher),
        ("staff", RoleKind::Staff),
        ("district administrators", RoleKind::DistrictAdmin),
    ] {
        kinds.push(people(name, role, change, current));
    }
    kinds.push(Kind {
        name: "enrolments".to_owned(),
        added: change.enrollments.added.len(),
        removed: change.enrollments.removed.len(),
        unchanged: current.enrollments.len() - change.enrollments.removed.len(),
        ..Kind::default()
    });
    let of_contact = |it: &firstbell_core::roster::Contact| (it.id, it.name.last.clone());
    kinds.push(kind("contacts", &change.contacts, &current.contacts, of_contact));
    kinds.push(kind("resources", &change.resources, &current.resources, |it| {
        (it.id, it.title.clone())
    }));
    let identity_changes = identity_changes(&change.rebound, current, target);
    Report {
        kinds,
        identity_changes_total: change.rebound.len(),
        identity_changes,
        ..Report::default()
    }
}

fn kind<K: Copy + Eq + std::hash::Hash, T>(
    name: &str,
    changed: &Changed<T, K>,
    current: &HashMap<K, T>,
    label: impl Fn(&T) -> (K, String),
) -> Kind {
    let labels = |records: &[T]| records.iter().take(MOST_EXAMPLES).map(|it| label(it).1).collect();
    let removed = changed.removed.iter().filter_map(|id| current.get(id));
    Kind {
        name: name.to_owned(),
        added: changed.added.len(),
        changed: changed.replaced.len(),
        removed: changed.removed.len(),
        unchanged: current.len().saturating_sub(changed.replaced.len() + changed.removed.len()),
        added_examples: labels(&changed.added),
        changed_examples: labels(&changed.replaced),
        removed_examples: removed.take(MOST_EXAMPLES).map(|it| label(it).1).collect(),
    }
}

/// The people whose first role is of this kind, as they are now or, if they come back, were then.
fn people(name: &str, role: RoleKind, change: &RosterChange, current: &CurrentRoster) -> Kind {
    let is_one =
        |person: &&RosterPerson| person.user.roles.iter().map(|held| held.kind).min() == Some(role);
    let label = |person: &RosterPerson| {
        let (name, sis_id) = (&person.user.name, person.user.roles.first().map(|it| &*it.sis_id));
        format!("{} {} ({})", name.first, name.last, sis_id.unwrap_or_default())
    };
    let some = |people: &[&RosterPerson]| {
        people.iter().take(MOST_EXAMPLES).map(|person| label(person)).collect::<Vec<_>>()
    };
    let added: Vec<_> = change.people.added.iter().filter(is_one).collect();
    let replaced: Vec<_> = change.people.replaced.iter().filter(is_one).collect();
    let removed = change.people.removed.iter().filter_map(|id| current.people.get(id));
    let removed: Vec<_> = removed.filter(is_one).collect();
    let all = current.people.values().filter(is_one).count();
    Kind {
        name: name.to_owned(),
        added: added.len(),
        changed: replaced.len(),
        removed: removed.len(),
        unchanged: all.saturating_sub(replaced.len() + removed.len()),
        added_examples: some(&added),
        changed_examples: some(&replaced),
        removed_examples: some(&removed),
    }
}

fn identity_changes(
    rebound: &[Binding],
    current: &CurrentRoster,
    target: &CurrentRoster,
) -> Vec<IdentityChange> {
    let shown = |id: Option<firstbell_core::id::UserId>| id.map(|id| id.to_string());
    let change = |binding: &Binding| {
        let key = (binding.kind, binding.sis_id.clone());
        let from = current.bindings.get(&key).and_then(|(_, holder)| *holder);
        let holder = binding.user.and_then(|id| target.people.get(&id));
        let name = holder.map(|it| format!("{} {}", it.user.name.first, it.user.name.last));
        IdentityChange {
            role: binding.kind.name().to_owned(),
            sis_id: binding.sis_id.clone(),
            name: name.unwrap_or_default(),
            from: shown(from).unwrap_or_default(),
            to: shown(binding.user).unwrap_or_default(),
            why: "was held by another person in that version".to_owned(),
        }
    };
    rebound.iter().take(MOST_LISTED).map(change).collect()
}
