//! Where passwords are hashed: few threads of low priority behind a bounded queue that takes
//! turns between districts, so that one district's first bell does not make another's wait and
//! no storm of passwords slows the people who have a session.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use firstbell_core::id::DistrictId;
use firstbell_core::login::credential::Verifier;
use firstbell_core::secret::Secret;
use tokio::sync::oneshot;

use super::{Checked, PasswordKey, check};

/// How many checks may wait in all: at 17 ms each, about ten seconds of one core.
const MOST_WAITING: usize = 600;

/// How many of them may be one district's.
const MOST_WAITING_PER_DISTRICT: usize = 400;

/// The niceness of hashing threads: they take what the logins with a session leave over.
const NICENESS: i32 = 10;

/// More people type passwords at this moment than can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more passwords wait than can be checked soon")]
pub struct Busy;

/// The pool. Dropping it lets its threads finish what waits and end.
#[derive(Debug)]
pub struct PasswordPool {
    queue: Arc<Queue>,
    key: PasswordKey,
}

struct Job {
    key: PasswordKey,
    kept: Option<Verifier>,
    password: Secret,
    salt: [u8; 16],
    answer: oneshot::Sender<Checked>,
}

#[derive(Default)]
struct Waiting {
    /// Districts with waiting jobs, in the order of their turns.
    turns: VecDeque<DistrictId>,
    jobs: HashMap<DistrictId, VecDeque<Job>>,
    count: usize,
    closed: bool,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Queue({} waiting)", self.lock().count)
    }
}

impl PasswordPool {
    /// Starts the pool on all cores but one, at least one.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(key: PasswordKey) -> std::io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let queue = Arc::new(Queue::default());
        for number in 0..cores.saturating_sub(1).max(1) {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("password-{number}")).spawn(move || {
                let own = Some(rustix::thread::gettid());
                if let Err(error) = rustix::process::setpriority_process(own, NICENESS) {
                    // Hashing is then as urgent as everything else: slower for others, not wrong.
                    let _ = error;
                }
                while let Some(job) = queue.next() {
                    let checked = check(&job.key, job.kept.as_ref(), &job.password, job.salt);
                    // Whoever asked may have left.
                    let _ = job.answer.send(checked);
                }
            })?;
        }
        Ok(Self { queue, key })
    }

    /// Checks a password in this district's turn. `kept` is `None` for a name that does not
    /// exist; `salt` is random and new.
    ///
    /// # Errors
    /// [`Busy`] when too many wait already.
    pub async fn check(
        &self,
        district: DistrictId,
        kept: Option<Verifier>,
        password: Secret,
        salt: [u8; 16],
    ) -> Result<Checked, Busy> {
        let (answer, checked) = oneshot::channel();
        self.queue.add(district, Job { key: self.key.clone(), kept, password, salt, answer })?;
        checked.await.map_err(|_| Busy)
    }

    /// How many checks wait.
    pub fn waiting(&self) -> usize {
        self.queue.lock().count
    }
}

impl Drop for PasswordPool {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.more.notify_all();
    }
}

impl Queue {
    /// A thread that panicked while holding the lock left the queue whole: each change to it is
    /// one call on a collection.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, district: DistrictId, job: Job) -> Result<(), Busy> {
        let mut waiting = self.lock();
        let of_district = waiting.jobs.get(&district).map_or(0, VecDeque::len);
        if waiting.count >= MOST_WAITING || of_district >= MOST_WAITING_PER_DISTRICT {
            return Err(Busy);
        }
        if of_district == 0 {
            waiting.turns.push_back(district);
        }
        waiting.jobs.entry(district).or_default().push_back(job);
        waiting.count += 1;
        drop(waiting);
        self.more.notify_one();
        Ok(())
    }

    /// The next job, waiting for one; none once the pool is gone and the queue is empty.
    fn next(&self) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            if let Some(job) = waiting.take() {
                return Some(job);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Waiting {
    /// Takes the first job of the district whose turn it is; the district goes to the end of the
    /// line if it has more.
    fn take(&mut self) -> Option<Job> {
        let district = self.turns.pop_front()?;
        let jobs = self.jobs.get_mut(&district)?;
        let job = jobs.pop_front();
        if jobs.is_empty() {
            self.jobs.remove(&district);
        } else {
            self.turns.push_back(district);
        }
        self.count = self.count.saturating_sub(1);
        job
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(mark: u8) -> Job {
        let (answer, _) = oneshot::channel();
        let key = PasswordKey::derive(&[0; 32]);
        Job { key, kept: None, password: Secret::from_text(""), salt: [mark; 16], answer }
    }

    fn district(digit: &str) -> DistrictId {
        digit.repeat(24).parse().expect("an id")
    }

    #[test]
    fn districts_take_turns() {
        let queue = Queue::default();
        for mark in 0..4 {
            queue.add(district("a"), job(mark)).expect("room");
        }
        queue.add(district("b"), job(10)).expect("room");
        queue.add(district("b"), job(11)).expect("room");
        let order: Vec<u8> = (0..6).filter_map(|_| queue.next().map(|job| job.salt[0])).collect();
        assert_eq!(order, [0, 10, 1, 11, 2, 3]);
    }

    #[test]
    fn one_district_cannot_fill_the_queue() {
        let queue = Queue::default();
        let mut taken = 0;
        while queue.add(district("a"), job(0)).is_ok() {
            taken += 1;
        }
        assert_eq!(taken, MOST_WAITING_PER_DISTRICT);
        assert!(queue.add(district("b"), job(0)).is_ok());
    }

    #[test]
    fn a_closed_queue_is_emptied_before_it_ends() {
        let queue = Queue::default();
        queue.add(district("a"), job(0)).expect("room");
        queue.lock().closed = true;
        assert!(queue.next().is_some());
        assert!(queue.next().is_none());
    }

    #[tokio::test]
    async fn the_pool_answers() {
        let pool = PasswordPool::start(PasswordKey::derive(&[0; 32])).expect("threads");
        let kept = super::super::hash(&Secret::from_text("maple"), [1; 16]);
        let typed = Secret::from_text("maple");
        let answer = pool.check(district("a"), kept, typed, [2; 16]).await;
        assert_eq!(answer, Ok(Checked::Right(None)));
    }
}
