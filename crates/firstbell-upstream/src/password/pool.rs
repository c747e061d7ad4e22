//! Where passwords are hashed: few threads of low priority behind a bounded queue that takes
//! turns between districts, so that one district's first bell does not make another's wait and
//! no storm of passwords slows the people who have a session. When it is full, the longest line
//! gives way, not the newcomer; one browser holds few places; who has left is not served.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use firstbell_core::id::DistrictId;
use firstbell_core::login::credential::Verifier;
use firstbell_core::secret::{Secret, SecretHash};
use tokio::sync::oneshot;

use super::{Checked, PasswordKey, check};

/// How many checks may wait in all: at 17 ms each, about ten seconds of one core.
const MOST_WAITING: usize = 600;

/// How many of them may be one browser's: two tabs and an impatient finger.
const MOST_WAITING_PER_BROWSER: usize = 3;

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

/// Whose turn a check is.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The district of the login page.
    pub district: DistrictId,
    /// SHA-256 of the browser's own mark.
    pub browser: SecretHash,
}

struct Job {
    browser: SecretHash,
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
        asked: Asked,
        kept: Option<Verifier>,
        password: Secret,
        salt: [u8; 16],
    ) -> Result<Checked, Busy> {
        let (answer, checked) = oneshot::channel();
        let (key, browser) = (self.key.clone(), asked.browser);
        self.queue.add(asked.district, Job { browser, key, kept, password, salt, answer })?;
        // A job that had to give way is dropped, and its answer with it.
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
        let of_browser = waiting
            .jobs
            .get(&district)
            .map_or(0, |jobs| jobs.iter().filter(|other| other.browser == job.browser).count());
        if of_browser >= MOST_WAITING_PER_BROWSER {
            return Err(Busy);
        }
        if waiting.count >= MOST_WAITING && !waiting.make_room(district) {
            return Err(Busy);
        }
        let jobs = waiting.jobs.entry(district).or_default();
        jobs.push_back(job);
        if jobs.len() == 1 {
            waiting.turns.push_back(district);
        }
        waiting.count += 1;
        drop(waiting);
        self.more.notify_one();
        Ok(())
    }

    /// The next job, waiting for one; none once the pool is gone and the queue is empty.
    fn next(&self) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            match waiting.take() {
                Some(job) if job.answer.is_closed() => continue,
                Some(job) => return Some(job),
                None => {}
            }
            if waiting.closed {
                return None;
            }
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Waiting {
    /// Sends away the last of the longest line, unless the newcomer's own is the longest.
    fn make_room(&mut self, newcomer: DistrictId) -> bool {
        let own = self.jobs.get(&newcomer).map_or(0, VecDeque::len);
        let longest = self.jobs.iter().max_by_key(|(_, jobs)| jobs.len());
        let Some(longest) = longest.filter(|(_, jobs)| jobs.len() > own + 1).map(|(id, _)| *id)
        else {
            return false;
        };
        if let Some(jobs) = self.jobs.get_mut(&longest) {
            jobs.pop_back();
            self.count = self.count.saturating_sub(1);
        }
        true
    }

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

    type Answer = oneshot::Receiver<Checked>;

    fn job(browser: usize, mark: u8) -> (Job, Answer) {
        let (answer, asked) = oneshot::channel();
        let key = PasswordKey::derive(&[0; 32]);
        let browser = Secret::from_text(browser.to_string()).hash();
        let password = Secret::from_text("");
        (Job { browser, key, kept: None, password, salt: [mark; 16], answer }, asked)
    }

    fn district(digit: &str) -> DistrictId {
        digit.repeat(24).parse().expect("an id")
    }

    /// Adds a job of this browser; keeps its answer open.
    fn add(queue: &Queue, of: &str, browser: usize, mark: u8) -> Result<Answer, Busy> {
        let (job, answer) = job(browser, mark);
        queue.add(district(of), job).map(|()| answer)
    }

    #[test]
    fn districts_take_turns() {
        let queue = Queue::default();
        let of_a = (0..4).map(|mark| add(&queue, "a", mark.into(), mark));
        let answers: Vec<_> = of_a.collect();
        let more = [add(&queue, "b", 10, 10), add(&queue, "b", 11, 11)];
        let order: Vec<u8> = (0..6).filter_map(|_| queue.next().map(|job| job.salt[0])).collect();
        assert_eq!(order, [0, 10, 1, 11, 2, 3]);
        drop((answers, more));
    }

    #[test]
    fn when_it_is_full_the_longest_line_gives_way() {
        let queue = Queue::default();
        let mut answers: Vec<_> =
            (0..MOST_WAITING).filter_map(|n| add(&queue, "a", n, 0).ok()).collect();
        assert_eq!(answers.len(), MOST_WAITING);
        assert!(add(&queue, "a", MOST_WAITING, 0).is_err(), "the longest line waits");
        let newcomer = add(&queue, "b", 0, 1).expect("another district gets in");
        assert_eq!(queue.lock().count, MOST_WAITING);
        let sent_away = answers.pop().expect("the last one").blocking_recv();
        assert!(sent_away.is_err(), "the last of the longest line was sent away");
        drop(newcomer);
    }

    #[test]
    fn one_browser_holds_few_places() {
        let queue = Queue::default();
        let answers: Vec<_> = (0..9).filter_map(|_| add(&queue, "a", 7, 0).ok()).collect();
        assert_eq!(answers.len(), MOST_WAITING_PER_BROWSER);
        assert!(add(&queue, "a", 8, 0).is_ok());
    }

    #[test]
    fn who_has_left_is_not_served() {
        let queue = Queue::default();
        drop(add(&queue, "a", 1, 1));
        let stays = add(&queue, "a", 2, 2);
        assert_eq!(queue.next().map(|job| job.salt[0]), Some(2));
        drop(stays);
    }

    #[test]
    fn a_closed_queue_is_emptied_before_it_ends() {
        let queue = Queue::default();
        let answer = add(&queue, "a", 0, 0);
        queue.lock().closed = true;
        assert!(queue.next().is_some());
        assert!(queue.next().is_none());
        drop(answer);
    }

    #[tokio::test]
    async fn the_pool_answers() {
        let pool = PasswordPool::start(PasswordKey::derive(&[0; 32])).expect("threads");
        let kept = super::super::hash(&Secret::from_text("maple"), [1; 16]);
        let typed = Secret::from_text("maple");
        let browser = Secret::from_text("browser").hash();
        let asked = Asked { district: district("a"), browser };
        let answer = pool.check(asked, kept, typed, [2; 16]).await;
        assert_eq!(answer, Ok(Checked::Right(None)));
    }
}
