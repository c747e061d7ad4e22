//! The threads and their queue.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio_postgres::Config;

use super::{Session, is_conflict};
use crate::backend::Link;
use crate::error::{OpenError, StoreError};
use crate::people::People;
use crate::piece::{Outcome, Piece, Work};
use crate::store::Tx;

/// Pieces that may wait.
const WAITING: usize = 2048;

/// So many of the threads take pieces of what is large. Each keeps memory for what it has sent, and the
/// others are there for those who log in.
const TAKE_BULK: usize = 2;

/// How often a piece is tried. Each round of pieces that conflict has a winner, so as many rounds
/// are enough as there are connections in any sensible pool.
const TRIES: u32 = 64;

const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// How long a server may take to answer a new connection, unless the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What stands around a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A transaction that writes.
    Write,
    /// A transaction that only reads.
    Read,
    /// Nothing: one statement is a transaction by itself.
    Look,
}

/// The threads; each ends with the pool, when all that was enqueued is done.
pub(crate) struct Pool {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

struct Queue {
    state: Mutex<State>,
    /// By the number of the thread: it has work, or the pool is closed.
    bells: Vec<Condvar>,
    people: People,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Mode, Box<dyn Piece>)>,
    /// Threads that wait for work. Whoever came last goes first: a few threads do what a few can do,
    /// and have the connection, its statements and its memory warm for it; the others sleep.
    idle: Vec<usize>,
    closed: bool,
}

impl Pool {
    /// Starts the threads and waits until one of them has reached the server.
    pub(crate) fn start(url: &str, connections: usize) -> Result<Self, OpenError> {
        let mut config: Config = url.parse()?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("firstbell");
        }
        let threads = connections.max(1);
        let mut pool = Self { queue: Arc::new(Queue::of(threads)), threads: Vec::new() };
        for number in 0..threads {
            let (queue, config) = (Arc::clone(&pool.queue), config.clone());
            let thread = std::thread::Builder::new()
                .name(format!("store-{}", number + 1))
                .spawn(move || Worker { number, config, session: None }.work(&queue))
                .map_err(OpenError::Thread)?;
            pool.threads.push(thread);
        }
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        let reach = |tx: &mut Tx<'_>| tx.with(|link| link.has_table("migrations"));
        let reply = move |result: Result<bool, StoreError>| drop(reply.send(result));
        pool.enqueue(Mode::Look, Work::boxed(reach, reply));
        answer.recv().map_err(|_| StoreError::Closed)??;
        Ok(pool)
    }

    /// Lets `piece` wait for a thread.
    pub(crate) fn enqueue(&self, mode: Mode, piece: Box<dyn Piece>) {
        self.queue.push(mode, piece);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // The last owner may be a piece of work; a thread cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                tracing::error!("one of the database's threads had panicked");
            }
        }
    }
}

impl Queue {
    fn of(threads: usize) -> Self {
        let bells = (0..threads).map(|_| Condvar::new()).collect();
        Self { state: Mutex::default(), bells, people: People::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, mode: Mode, piece: Box<dyn Piece>) {
        let mut state = self.lock();
        if state.waiting.len() >= WAITING {
            drop(state);
            return piece.answer(Err(StoreError::Busy));
        }
        let taker = state.idle.iter().rposition(|thread| takes(*thread, piece.as_ref()));
        let taker = taker.map(|place| state.idle.remove(place));
        state.waiting.push_back((mode, piece));
        drop(state);
        if let Some(bell) = taker.and_then(|thread| self.bells.get(thread)) {
            bell.notify_one();
        }
    }

    /// Threads end when there is nothing left for them.
    fn close(&self) {
        self.lock().closed = true;
        self.bells.iter().for_each(Condvar::notify_one);
    }

    /// The next piece that this thread takes; none when the pool is closed and there is nothing for it
    /// in the queue.
    fn next(&self, thread: usize) -> Option<(Mode, Box<dyn Piece>)> {
        let mut state = self.lock();
        loop {
            let next = state.waiting.iter().position(|(_, piece)| takes(thread, piece.as_ref()));
            if let Some(next) = next.and_then(|place| state.waiting.remove(place)) {
                return Some(next);
            }
            if state.closed {
                return None;
            }
            let bell = self.bells.get(thread)?;
            state.idle.push(thread);
            state = bell.wait(state).unwrap_or_else(PoisonError::into_inner);
            // It may have woken by itself.
            state.idle.retain(|idle| *idle != thread);
        }
    }
}

/// Whether this thread takes this piece.
fn takes(thread: usize, piece: &dyn Piece) -> bool {
    thread < TAKE_BULK || !piece.is_bulk()
}

struct Worker {
    number: usize,
    config: Config,
    session: Option<Session>,
}

/// What has become of one try.
enum Try {
    Done(Result<(), StoreError>),
    Again,
}

impl Worker {
    fn work(mut self, queue: &Queue) {
        while let Some((mode, mut piece)) = queue.next(self.number) {
            let mut tries = 1;
            let result = loop {
                match self.attempt(mode, piece.as_mut(), tries, &queue.people) {
                    Try::Done(result) => break result,
                    Try::Again => tries += 1,
                }
            };
            piece.answer(result);
        }
    }

    fn attempt(&mut self, mode: Mode, piece: &mut dyn Piece, tries: u32, people: &People) -> Try {
        if self.session.is_none() {
            match Session::connect(&self.config) {
                Ok(session) => self.session = Some(session),
                Err(error) => return Try::Done(Err(error)),
            }
        }
        let Some(session) = self.session.as_mut() else {
            return Try::Done(Err(StoreError::Closed));
        };
        session.conflict = false;
        let result = match mode {
            Mode::Look => look(session, piece, tries, people),
            Mode::Read => transact(session, BEGIN_READ, tries, |session| {
                piece.run(&mut Tx::reading(Link::Postgres(session), people))
            }),
            Mode::Write => transact(session, BEGIN_WRITE, tries, |session| {
                piece.run(&mut Tx::writing(Link::Postgres(session)))
            }),
        };
        if session.connection.is_closed() {
            self.session = None;
        }
        result
    }
}

fn look(session: &mut Session, piece: &mut dyn Piece, tries: u32, people: &People) -> Try {
    match piece.run(&mut Tx::looking(Link::Postgres(session), people)) {
        // The connection died while nobody used it.
        Outcome::Failed if session.connection.is_closed() && tries == 1 => Try::Again,
        _ => Try::Done(Ok(())),
    }
}

fn transact(
    session: &mut Session,
    begin: &str,
    tries: u32,
    run: impl FnOnce(&mut Session) -> Outcome,
) -> Try {
    if let Err(error) = session.connection.run_batch(begin) {
        // The connection died while nobody used it.
        let died = session.connection.is_closed() && tries == 1;
        return if died { Try::Again } else { Try::Done(Err(error.into())) };
    }
    match run(session) {
        Outcome::Well => match session.connection.run_batch("COMMIT") {
            Ok(()) => Try::Done(Ok(())),
            Err(error) if is_conflict(&error) && tries < TRIES => Try::Again,
            Err(error) => {
                roll_back(session);
                Try::Done(Err(StoreError::NotCommitted(Arc::new(error.into()))))
            }
        },
        Outcome::Failed => {
            roll_back(session);
            let lost = session.conflict && tries < TRIES;
            if lost { Try::Again } else { Try::Done(Ok(())) }
        }
    }
}

fn roll_back(session: &mut Session) {
    if let Err(error) = session.connection.run_batch("ROLLBACK")
        && !session.connection.is_closed()
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(queue: &Queue, is_bulk: bool) {
        let work = |_: &mut Tx<'_>| Ok::<_, StoreError>(());
        queue.push(
            Mode::Write,
            if is_bulk { Work::bulk(work, drop) } else { Work::boxed(work, drop) },
        );
    }

    #[test]
    fn large_pieces_are_left_to_the_threads_that_take_them() {
        const LAST: usize = TAKE_BULK;
        let queue = Queue::of(LAST + 1);
        for is_bulk in [true, true, false, true, false] {
            push(&queue, is_bulk);
        }
        let next = |thread| queue.next(thread).map(|(_, piece)| piece.is_bulk());
        assert_eq!([next(LAST), next(LAST)], [Some(false); 2], "others come by");
        queue.lock().closed = true;
        assert_eq!(next(LAST), None, "though there are large ones");
        assert_eq!(
            [next(0), next(1), next(0), next(1)],
            [Some(true), Some(true), Some(true), None]
        );

        let queue = Queue::of(1);
        push(&queue, false);
        push(&queue, true);
        let first = queue.next(0).map(|(_, piece)| piece.is_bulk());
        assert_eq!(first, Some(false), "each in its turn");
    }

    #[test]
    fn who_rested_last_is_woken_first() {
        const THREADS: usize = TAKE_BULK + 2;
        let queue = Queue::of(THREADS);
        let all_rest = |threads: usize| {
            while queue.lock().idle.len() < threads {
                std::thread::yield_now();
            }
        };
        let (took, taken) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            for number in 0..THREADS {
                let (queue, took) = (&queue, took.clone());
                scope.spawn(move || {
                    while queue.next(number).is_some() {
                        took.send(number).expect("a listener");
                    }
                });
                all_rest(number + 1);
            }
            let mut woken = Vec::new();
            for is_bulk in [false, false, true, false, true] {
                push(&queue, is_bulk);
                woken.push(taken.recv().expect("a thread"));
                all_rest(THREADS);
            }
            queue.close();
            assert_eq!(
                woken,
                [THREADS - 1, THREADS - 1, TAKE_BULK - 1, TAKE_BULK - 1, TAKE_BULK - 1]
            );
        });
    }
}
