//! A connection for one thread, which waits for each answer.
//!
//! The connection and what is asked of it are driven by the thread itself, and the rows of an answer are
//! read within one wait: a wait for each of them costs more than the row. So whoever is handed a row is
//! inside of a runtime: it may block the thread, but not with what tokio has for that.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_util::TryStreamExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, Error, NoTls, Row, Statement};

use crate::error::StoreError;

/// Speaks with the server until one of the two goes away.
type Driver = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

type Parameters<'v> = [&'v (dyn ToSql + Sync)];

/// See the module.
pub(super) struct Connection {
    runtime: Runtime,
    /// None when the connection has ended.
    driver: Option<Driver>,
    client: Client,
}

impl Connection {
    pub(super) fn open(config: &Config) -> Result<Self, StoreError> {
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(StoreError::NoConnection)?;
        let (client, driver) = runtime.block_on(config.connect(NoTls))?;
        Ok(Self { runtime, driver: Some(Box::pin(driver)), client })
    }

    /// Whether it is known to have ended.
    pub(super) fn is_closed(&self) -> bool {
        self.driver.is_none() || self.client.is_closed()
    }

    /// Statements without parameters and without an answer.
    pub(super) fn run_batch(&mut self, sql: &str) -> Result<(), Error> {
        wait(&self.runtime, &mut self.driver, self.client.batch_execute(sql))
    }

    pub(super) fn prepare(&mut self, sql: &str) -> Result<Statement, Error> {
        wait(&self.runtime, &mut self.driver, self.client.prepare(sql))
    }

    /// How many rows the statement has touched.
    pub(super) fn execute(
        &mut self,
        statement: &Statement,
        values: &Parameters<'_>,
    ) -> Result<u64, Error> {
        wait(&self.runtime, &mut self.driver, self.client.execute(statement, values))
    }

    pub(super) fn query(
        &mut self,
        statement: &Statement,
        values: &Parameters<'_>,
    ) -> Result<Vec<Row>, Error> {
        wait(&self.runtime, &mut self.driver, self.client.query(statement, values))
    }

    /// The one row of a statement that is asked once.
    pub(super) fn query_once(&mut self, sql: &str, values: &Parameters<'_>) -> Result<Row, Error> {
        wait(&self.runtime, &mut self.driver, self.client.query_one(sql, values))
    }

    /// Every row as it comes, until one cannot be read.
    pub(super) fn each<E>(
        &mut self,
        statement: &Statement,
        values: &Parameters<'_>,
        mut read: impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<Result<(), E>, Error> {
        wait(&self.runtime, &mut self.driver, async {
            let rows = self.client.query_raw(statement, values.iter().copied()).await?;
            let mut rows = pin!(rows);
            while let Some(row) = rows.try_next().await? {
                if let Err(error) = read(&row) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })
    }

    /// Copies rows in; the writer of them is told where.
    pub(super) fn copy_in(
        &mut self,
        statement: &Statement,
        types: &[Type],
        write: impl AsyncFnOnce(Pin<&mut BinaryCopyInWriter>) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        wait(&self.runtime, &mut self.driver, async {
            let sink = self.client.copy_in(statement).await?;
            let mut rows = pin!(BinaryCopyInWriter::new(sink, types));
            write(rows.as_mut()).await?;
            rows.finish().await
        })
    }
}

/// Drives the connection until the answer is there. Where the connection fails, its error says more than
/// that of whoever waits, who only hears that it is closed.
fn wait<T>(
    runtime: &Runtime,
    driver: &mut Option<Driver>,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut answer = pin!(answer);
    runtime.block_on(std::future::poll_fn(|context: &mut Context<'_>| {
        let ended = driver.as_mut().map(|driver| driver.as_mut().poll(context));
        if let Some(Poll::Ready(ended)) = ended {
            *driver = None;
            if let Err(error) = ended {
                return Poll::Ready(Err(error));
            }
        }
        answer.as_mut().poll(context)
    }))
}
