//! A piece of work on its way to the database, and its answer on the way back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::StoreError;
use crate::store::Tx;

/// A piece of work whose result waits inside until it is known whether it holds.
pub(crate) trait Piece: Send {
    /// Does the work and keeps its result. May be run again after a rollback.
    fn run(&mut self, tx: &mut Tx<'_>) -> Outcome;

    /// Whether it is one of many that take long together, behind which people should not wait.
    fn is_bulk(&self) -> bool;

    /// Hands the result to whoever waits; `committed` overrides it if it is an error.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// Whether what a piece wrote is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Well,
    Failed,
}

/// A closure as a [`Piece`].
pub(crate) struct Work<F, R, T, E> {
    run: F,
    reply: R,
    is_bulk: bool,
    result: Option<Result<T, E>>,
}

impl<F, R, T, E> Work<F, R, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    R: FnOnce(Result<T, E>) + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    pub(crate) fn boxed(run: F, reply: R) -> Box<dyn Piece> {
        Box::new(Self { run, reply, is_bulk: false, result: None })
    }

    /// One of many, see [`Piece::is_bulk`].
    pub(crate) fn bulk(run: F, reply: R) -> Box<dyn Piece> {
        Box::new(Self { run, reply, is_bulk: true, result: None })
    }
}

impl<F, R, T, E> Piece for Work<F, R, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    R: FnOnce(Result<T, E>) + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Outcome {
        let result = match catch_unwind(AssertUnwindSafe(|| (self.run)(tx))) {
            Ok(Ok(_)) if tx.has_failed() => Err(StoreError::FailureIgnored.into()),
            Ok(result) => result,
            Err(_) => Err(StoreError::Panicked.into()),
        };
        let outcome = if result.is_ok() { Outcome::Well } else { Outcome::Failed };
        self.result = Some(result);
        outcome
    }

    fn is_bulk(&self) -> bool {
        self.is_bulk
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::Closed.into()),
            (Err(error), _) => Err(error.into()),
        };
        (self.reply)(result);
    }
}
