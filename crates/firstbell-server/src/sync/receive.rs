//! A zip file on its way into the spool, and the run that it belongs to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::Body;
use firstbell_core::error;
use firstbell_core::roster::sync::Consent;
use firstbell_roster::MOST_ROSTER_BYTES;
use http_body_util::BodyExt as _;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::SyncFault;
use crate::syncing::run::{Run, RunError, Unwatched};
use crate::syncing::spool::{self, Files, SpoolError};

/// Nothing comes for this long: nobody is there any more.
const SILENCE: Duration = Duration::from_secs(30);

/// A roster is here after this long, however slowly it comes: meanwhile it holds its district.
const LONGEST: Duration = Duration::from_mins(30);

pub(super) const TOO_LARGE: SyncFault =
    SyncFault::new(&error::SYNC_TOO_LARGE, "A roster has at most 2 GiB");

const CUT_OFF: SyncFault = SyncFault::new(&error::SYNC_CUT_OFF, "The upload was cut off");

const NO_ROOM: SyncFault =
    SyncFault::new(&error::SYNC_NO_ROOM, "The roster cannot be kept; tell the operator");

/// Takes the body into the spool; once it is there, the run goes on by itself.
pub(super) async fn receive(run: Run, body: Body) -> Result<(), SyncFault> {
    let taking_in = async { run.unless_dead(take_in(&run, body)).await? };
    match tokio::time::timeout(LONGEST, taking_in).await {
        Ok(Ok(files)) => {
            tokio::spawn(go_on(run, files));
            Ok(())
        }
        Ok(Err(error)) => {
            let fault = match &error {
                RunError::Spool(SpoolError::TooLarge) => TOO_LARGE,
                RunError::Spool(SpoolError::Source { .. }) | RunError::TakenForDead => CUT_OFF,
                _ => NO_ROOM,
            };
            run.failed(error).await;
            Err(fault)
        }
        Err(_) => {
            run.failed(cut_off("it took too long")).await;
            Err(CUT_OFF)
        }
    }
}

async fn take_in(run: &Run, mut body: Body) -> Result<Files, RunError> {
    let (mut file, path) = run.receive().await?;
    let mut sum = Context::new(&SHA256);
    let mut left = MOST_ROSTER_BYTES;
    loop {
        let frame = tokio::time::timeout(SILENCE, body.frame()).await;
        let frame = match frame.map_err(|_| cut_off("nothing came any more"))? {
            None => break,
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Err(cut_off(&error.to_string())),
        };
        let Ok(bytes) = frame.into_data() else { continue };
        left = left.checked_sub(bytes.len() as u64).ok_or(SpoolError::TooLarge)?;
        sum.update(&bytes);
        file.write_all(&bytes).await.map_err(|cause| unkept(&path, cause))?;
    }
    keep(file).await.map_err(|cause| unkept(&path, cause))?;
    Ok(Files { path, fingerprint: spool::finished(sum) })
}

async fn keep(mut file: File) -> std::io::Result<()> {
    file.flush().await?;
    file.sync_all().await
}

fn cut_off(why: &str) -> RunError {
    let path = "the upload".to_owned();
    RunError::Spool(SpoolError::Source { path, cause: std::io::Error::other(why.to_owned()) })
}

fn unkept(path: &std::path::Path, cause: std::io::Error) -> RunError {
    RunError::Spool(SpoolError::Spool { path: path.display().to_string(), cause })
}

async fn go_on(run: Run, files: Files) {
    // What fails has been told, and recorded with the run.
    if let Ok(ended) = run.carry_out(&files, Consent::NotAsked, Arc::new(Unwatched)).await {
        tracing::info!(
            run.id = %run.id, district.id = %run.district, state = ended.state.name(),
            "an uploaded roster was synced"
        );
    }
}

impl Run {
    /// A new, empty zip file in the spool, and where it is.
    async fn receive(&self) -> Result<(File, PathBuf), RunError> {
        let (spool, id) = (self.spool(), self.id);
        let (file, path) = tokio::task::spawn_blocking(move || spool.receive(id)).await??;
        Ok((File::from_std(file), path))
    }
}
