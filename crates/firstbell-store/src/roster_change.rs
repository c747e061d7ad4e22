//! Applying a [`RosterChange`] so that nobody sees half of it (`docs/decisions/0003`):
//!
//! 1. Take the district's lease, so that imports of one district follow each other.
//! 2. If an earlier import was killed, undo what it staged.
//! 3. Stage: new rows with `since` = next version, leaving rows get `until` = next version. In
//!    pieces of a thousand, between which logins pass; no reader sees them yet. The change itself
//!    comes in pieces too ([`RosterPieces`]): a state's is never in memory as a whole.
//! 4. Switch: one small transaction raises the district's version. Everybody sees all of it.

mod pieces;
pub(crate) mod staging;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use firstbell_core::id::DistrictId;
use firstbell_core::roster::change::{Binding, ManyKind, RosterChange, RosterPieces};
use firstbell_core::time::Timestamp;

use crate::backend::{Link, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::roster::RosterVersion;
use crate::roster::tables::{BINDINGS, VERSIONED};
use crate::store::{Store, Tx};
use crate::sync_runs::{self, SyncLease};
use pieces::{Answer, Pieces, Waiting};
use staging::Cut;

/// An import that shows no sign of life for this long has died.
const LEASE: Duration = Duration::from_secs(30);

/// Rows that a killed import left are undone in pieces of this size: larger than when staging,
/// because finding them is most of the work.
const UNDO_ROWS: i64 = 10_000;

/// A change of so many records is worth a look by the planner.
const LARGE: usize = 10_000;

/// Why a change was not applied. The roster is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// There is no such district.
    #[error("there is no such district")]
    NoSuchDistrict,
    /// Another import of this district is under way.
    #[error("another import of this district is under way")]
    Running {
        /// When it will be taken for dead unless it goes on.
        until: Timestamp,
    },
    /// The roster has changed since the change was planned: plan again.
    #[error("the roster is at version {found}, the change was planned on version {planned_on}")]
    Stale {
        /// The version that the change was made for.
        planned_on: RosterVersion,
        /// The version that is there.
        found: RosterVersion,
    },
    /// This import fell silent for so long that another one took over.
    #[error("this import was too slow, another one took over")]
    LeaseLost,
    /// The change could not be read from where it is kept.
    #[error("the change could not be read from where it is kept")]
    Pieces(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

queries! {
    VERSION = "SELECT roster_version FROM districts WHERE id = $1";
    LEASE_OF = "SELECT fence, held_until, staged FROM roster_leases WHERE district_id = $1";
    TAKE_LEASE = "INSERT INTO roster_leases (district_id, fence, held_until, staged) \
                  VALUES ($1, $2, $3, 1) ON CONFLICT (district_id) DO UPDATE \
                  SET fence = excluded.fence, held_until = excluded.held_until, staged = 1";
    HOLD_LEASE =
        "UPDATE roster_leases SET held_until = $1 WHERE district_id = $2 AND fence = $3";
    LET_GO = "UPDATE roster_leases SET held_until = 0 WHERE district_id = $1 AND fence = $2";
    DONE = "UPDATE roster_leases SET held_until = 0, staged = 0 \
            WHERE district_id = $1 AND fence = $2";
    REBIND = "UPDATE bindings SET user_id = $1 \
              WHERE district_id = $2 AND kind = $3 AND sis_id = $4";
    KEEP_DIGESTS = "INSERT INTO roster_digests (district_id, kind, version, digests) \
                    VALUES ($1, $2, $3, $4) ON CONFLICT (district_id, kind) DO UPDATE \
                    SET version = excluded.version, digests = excluded.digests";
    VERSION_MADE = "INSERT INTO roster_versions (district_id, version, made) VALUES ($1, $2, $3)";
    SWITCH = "UPDATE districts SET roster_version = $1 WHERE id = $2";
}

/// What a sync run has planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncPlan {
    /// The run, as the process has it that applies the plan.
    pub run: SyncLease,
    /// Whose roster it is.
    pub district: DistrictId,
    /// The version that the change was made for.
    pub planned_on: RosterVersion,
}

impl Store {
    /// Applies what a sync run has planned, as [`Store::apply_roster`] does. The run knows the new
    /// version from the same moment on as everybody; one that was taken for dead applies nothing.
    ///
    /// # Errors
    /// See [`ApplyError`]; the roster is then as it was.
    pub async fn apply_sync(
        &self,
        plan: SyncPlan,
        change: impl RosterPieces + Send + 'static,
        now: Timestamp,
        on_progress: impl Fn(usize, usize),
    ) -> Result<RosterVersion, ApplyError> {
        let aim = Aim { district: plan.district, planned_on: plan.planned_on, run: Some(plan.run) };
        self.apply(aim, change, now, on_progress).await
    }

    /// Applies `change`, which was planned on version `planned_on`, to a district's roster and
    /// says which version that made. Passwords are not stored: they are the caller's to hash, see
    /// [`DistrictTx::provision_credentials`](crate::DistrictTx::provision_credentials).
    ///
    /// `on_progress` hears how many of how many records are done.
    ///
    /// # Errors
    /// See [`ApplyError`]; the roster is then as it was.
    pub async fn apply_roster(
        &self,
        district: DistrictId,
        planned_on: RosterVersion,
        change: impl RosterPieces + Send + 'static,
        now: Timestamp,
        on_progress: impl Fn(usize, usize),
    ) -> Result<RosterVersion, ApplyError> {
        self.apply(Aim { district, planned_on, run: None }, change, now, on_progress).await
    }

    async fn apply(
        &self,
        aim: Aim,
        change: impl RosterPieces + Send + 'static,
        now: Timestamp,
        on_progress: impl Fn(usize, usize),
    ) -> Result<RosterVersion, ApplyError> {
        let (nothing_changes, records) = (change.changes_nothing(), change.records());
        let started = Instant::now();
        let Some((lease, undo)) = self.take_lease(aim, now, nothing_changes).await? else {
            return Ok(aim.planned_on);
        };
        let import = Import { store: self, lease, run: aim.run, started, now };
        let result = import.carry_out(change, undo, &on_progress).await;
        if result.is_err() {
            import.let_go().await;
        } else if records >= LARGE
            // What was applied stays applied, though the planner does not know it yet.
            && let Err(error) = self.write(|tx| tx.with(Link::analyze)).await
        {
            tracing::warn!(%error, "a large change could not be analyzed");
        }
        result
    }

    /// Step 1. None where there is nothing to do at all.
    async fn take_lease(
        &self,
        aim: Aim,
        now: Timestamp,
        nothing_changes: bool,
    ) -> Result<Option<(Lease, Undo)>, ApplyError> {
        let Aim { district, planned_on, .. } = aim;
        self.write(move |tx| {
            let found = tx.one(VERSION, &[district.into()], |row| row.int(0))?;
            let found = RosterVersion(found.ok_or(ApplyError::NoSuchDistrict)?);
            if found != planned_on {
                return Err(ApplyError::Stale { planned_on, found });
            }
            let held = tx.one(LEASE_OF, &[district.into()], |row| {
                Ok((row.int(0)?, row.time(1)?, row.int(2)?))
            })?;
            let (fence, until, staged) = held.unwrap_or_default();
            if until > now {
                return Err(ApplyError::Running { until });
            }
            let undo = if staged == 0 { Undo::Nothing } else { Undo::Staged };
            if nothing_changes && undo == Undo::Nothing {
                return Ok(None);
            }
            let fence = fence + 1;
            tx.run(TAKE_LEASE, &[district.into(), fence.into(), (now + LEASE).into()])?;
            Ok(Some((Lease { district, fence, next: found.0 + 1 }, undo)))
        })
        .await
    }
}

/// Whose roster a change is for, and for which version of it; perhaps of which run.
#[derive(Debug, Clone, Copy)]
struct Aim {
    district: DistrictId,
    planned_on: RosterVersion,
    run: Option<SyncLease>,
}

/// The right to change a district's roster.
#[derive(Debug, Clone, Copy)]
struct Lease {
    district: DistrictId,
    /// Tells this import from later ones.
    fence: i64,
    /// The version that it makes.
    next: i64,
}

impl Lease {
    /// To be done first in every piece: a piece of an import that was taken for dead writes
    /// nothing.
    fn hold(self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), ApplyError> {
        let values = [(now + LEASE).into(), self.district.into(), self.fence.into()];
        match tx.run(HOLD_LEASE, &values)? {
            0 => Err(ApplyError::LeaseLost),
            _ => Ok(()),
        }
    }
}

/// What an earlier import has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undo {
    Nothing,
    Staged,
}

/// What of a change only the switch may do.
#[derive(Default)]
struct AtSwitch {
    rebound: Vec<Binding>,
    digests: Vec<(ManyKind, Vec<u8>)>,
}

struct Import<'s> {
    store: &'s Store,
    lease: Lease,
    run: Option<SyncLease>,
    started: Instant,
    now: Timestamp,
}

impl Import<'_> {
    async fn carry_out(
        &self,
        change: impl RosterPieces + Send + 'static,
        undo: Undo,
        on_progress: &impl Fn(usize, usize),
    ) -> Result<RosterVersion, ApplyError> {
        if undo == Undo::Staged {
            self.undo_staged().await?;
        }
        if change.changes_nothing() {
            let (lease, now) = (self.lease, self.time());
            return self.store.write(move |tx| done(tx, lease, now, lease.next - 1)).await;
        }
        let at_switch = self.stage(change, on_progress).await?;
        self.switch(at_switch).await
    }

    /// Step 2.
    async fn undo_staged(&self) -> Result<(), ApplyError> {
        let mut statements = vec![BINDINGS.delete_staged()];
        statements
            .extend(VERSIONED.iter().flat_map(|table| [table.delete_staged(), table.reopen()]));
        for sql in statements {
            let sql: Arc<str> = sql.into();
            loop {
                let (lease, now, sql) = (self.lease, self.time(), Arc::clone(&sql));
                let undone = self.store.write(move |tx| {
                    lease.hold(tx, now)?;
                    let values = [lease.district.into(), lease.next.into(), UNDO_ROWS.into()];
                    Ok::<_, ApplyError>(tx.run(&sql, &values)?)
                });
                if undone.await? < UNDO_ROWS.unsigned_abs() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Step 3. A few pieces wait at a time, so that the writer never waits for us. Gives back what
    /// only the switch may do.
    async fn stage(
        &self,
        change: impl RosterPieces + Send + 'static,
        on_progress: &impl Fn(usize, usize),
    ) -> Result<AtSwitch, ApplyError> {
        let mut waiting = Waiting::new(change.records(), on_progress);
        let staged = self.submit_all(pieces::hand_over(change), &mut waiting).await;
        // Also after a failure: what is still staged would renew the lease that is let go next.
        let heard = waiting.hear_all().await;
        staged.and_then(|at_switch| heard.map(|()| at_switch))
    }

    async fn submit_all(
        &self,
        mut pieces: Pieces,
        waiting: &mut Waiting<'_, impl Fn(usize, usize)>,
    ) -> Result<AtSwitch, ApplyError> {
        let pace = self.store.pace();
        let mut at_switch = AtSwitch::default();
        while let Some(mut piece) = pieces.next().await? {
            at_switch.rebound.append(&mut piece.rebound);
            at_switch.digests.append(&mut piece.digests);
            staging::sort(&mut piece);
            let piece = Arc::new(piece);
            for cut in staging::cuts(&piece, pace.rows) {
                waiting.hear_until(pace.waiting - 1).await?;
                waiting.push(cut.range.len(), self.submit(&piece, cut));
            }
        }
        Ok(at_switch)
    }

    fn submit(&self, piece: &Arc<RosterChange>, cut: Cut) -> Answer {
        let (lease, time, now) = (self.lease, self.time(), self.now);
        let piece = Arc::clone(piece);
        self.store.submit_bulk(move |tx| {
            lease.hold(tx, time)?;
            Ok(staging::stage(tx, &piece, &cut, lease.district, lease.next, now)?)
        })
    }

    /// Step 4.
    async fn switch(
        &self,
        AtSwitch { rebound, digests }: AtSwitch,
    ) -> Result<RosterVersion, ApplyError> {
        let (lease, now) = (self.lease, self.time());
        let run = self.run;
        self.store
            .write(move |tx| {
                if let Some(run) = run
                    && !sync_runs::switched(tx, (run, lease.district), lease.next, now)?
                {
                    return Err(ApplyError::LeaseLost);
                }
                for binding in &rebound {
                    let values: [Value<'_>; 4] = [
                        binding.user.into(),
                        lease.district.into(),
                        binding.kind.name().into(),
                        binding.sis_id.as_str().into(),
                    ];
                    tx.run(REBIND, &values)?;
                }
                for (kind, digests) in &digests {
                    let values: [Value<'_>; 4] = [
                        lease.district.into(),
                        kind.name().into(),
                        lease.next.into(),
                        Value::Bytes(digests),
                    ];
                    tx.run(KEEP_DIGESTS, &values)?;
                }
                tx.run(SWITCH, &[lease.next.into(), lease.district.into()])?;
                tx.run(VERSION_MADE, &[lease.district.into(), lease.next.into(), now.into()])?;
                done(tx, lease, now, lease.next)
            })
            .await
    }

    /// Lets the next import begin at once; it will undo what this one staged.
    async fn let_go(&self) {
        let lease = self.lease;
        let letting_go = self
            .store
            .write(move |tx| tx.run(LET_GO, &[lease.district.into(), lease.fence.into()]));
        if let Err(error) = letting_go.await {
            tracing::warn!(%error, "the lease of a failed import stays until it expires");
        }
    }

    /// The time now, by the clock that `now` was read from.
    fn time(&self) -> Timestamp {
        self.now + self.started.elapsed()
    }
}

fn done(
    tx: &mut Tx<'_>,
    lease: Lease,
    now: Timestamp,
    version: i64,
) -> Result<RosterVersion, ApplyError> {
    lease.hold(tx, now)?;
    tx.run(DONE, &[lease.district.into(), lease.fence.into()])?;
    Ok(RosterVersion(version))
}
