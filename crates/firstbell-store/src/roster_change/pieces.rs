//! The pieces of a change on their way: read ahead, and waited for.

use std::collections::VecDeque;
use std::io;

use firstbell_core::roster::change::{RosterChange, RosterPieces};
use tokio::sync::{mpsc, oneshot};

use super::ApplyError;
use crate::error::StoreError;

/// The pieces of a change, read ahead.
pub(super) struct Pieces(mpsc::Receiver<io::Result<Option<RosterChange>>>);

/// Reads the pieces of a change ahead, on a thread where that keeps nobody waiting. It ends with the
/// change, or when nobody listens any more.
pub(super) fn hand_over(mut change: impl RosterPieces + Send + 'static) -> Pieces {
    let (ahead, pieces) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        loop {
            let piece = change.next_piece();
            let is_last = !matches!(piece, Ok(Some(_)));
            if ahead.blocking_send(piece).is_err() || is_last {
                break;
            }
        }
    });
    Pieces(pieces)
}

impl Pieces {
    /// The next piece; none at the end. Whoever reads them says where that is: if they fell silent,
    /// a part of the change would be taken for the whole.
    pub async fn next(&mut self) -> io::Result<Option<RosterChange>> {
        let silent = io::ErrorKind::UnexpectedEof;
        self.0.recv().await.unwrap_or_else(|| Err(silent.into()))
    }
}

/// What a piece that was submitted came to.
pub(super) type Answer = oneshot::Receiver<Result<(), ApplyError>>;

/// Pieces that were submitted and are not answered yet.
pub(super) struct Waiting<'p, P> {
    answers: VecDeque<(usize, Answer)>,
    done: usize,
    total: usize,
    on_progress: &'p P,
}

impl<'p, P: Fn(usize, usize)> Waiting<'p, P> {
    /// None yet, of `total` records. `on_progress` hears how many of them are done.
    pub fn new(total: usize, on_progress: &'p P) -> Self {
        Self { answers: VecDeque::new(), done: 0, total, on_progress }
    }

    /// One of so many records more.
    pub fn push(&mut self, records: usize, answer: Answer) {
        self.answers.push_back((records, answer));
    }

    /// Waits until at most so many are left, or one has failed.
    pub async fn hear_until(&mut self, left: usize) -> Result<(), ApplyError> {
        while self.answers.len() > left
            && let Some((records, answer)) = self.answers.pop_front()
        {
            answer.await.map_err(|_| StoreError::Closed)??;
            self.done += records;
            (self.on_progress)(self.done, self.total);
        }
        Ok(())
    }

    /// Waits for all, also where some fail; the first failure.
    pub async fn hear_all(&mut self) -> Result<(), ApplyError> {
        let mut heard = Ok(());
        while !self.answers.is_empty() {
            heard = heard.and(self.hear_until(0).await);
        }
        heard
    }
}
