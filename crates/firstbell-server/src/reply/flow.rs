//! Long replies that are sent while they are read: what the client has taken is in memory no more.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use firstbell_core::error;
use hyper::body::Frame;
use tokio::task::JoinHandle;

use super::data_json::{self, DataFault};
use super::rate::Asker;

/// Pieces that may be ahead of the client.
const MOST_AHEAD: usize = 2;

/// So long in all, and no longer, a page waits for its client: who reads it holds a snapshot of the
/// database, which a slow client must not make long.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long it waits before it looks whether the client has taken something.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// A client that takes nothing for so long has no more coming.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// So many bytes may wait for slow clients, for all of them together.
const MOST_WAITING: usize = 64 * 1024 * 1024;

/// How many bytes wait in memory for the clients of long replies.
#[derive(Debug, Clone, Default)]
pub struct Backlog(Arc<AtomicUsize>);

impl Backlog {
    fn add(&self, bytes: usize) -> usize {
        self.0.fetch_add(bytes, Ordering::Relaxed) + bytes
    }

    fn take(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Takes what is printed of a reply. It waits for the client a little; what one that is slower has not
/// taken stays in memory, as all of the page would, while there is room for it.
#[derive(Debug)]
pub struct Outlet {
    queue: Arc<Queue>,
    patience: Duration,
}

impl Outlet {
    /// Sends a piece; for a thread on which waiting keeps nobody else waiting. Where nobody listens any
    /// more, it is gone.
    pub fn send(&self, piece: Vec<u8>) {
        while self.queue.has_to_wait(self.patience) {
            std::thread::sleep(BETWEEN_LOOKS);
        }
        self.queue.push(piece);
    }

    /// Whether anything was sent: then it is too late to begin anew.
    pub fn is_begun(&self) -> bool {
        self.queue.lock().is_begun
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.queue.end();
    }
}

/// The pieces between who reads and who sends.
#[derive(Debug)]
struct Queue {
    pieces: Mutex<Pieces>,
    backlog: Backlog,
}

#[derive(Debug, Default)]
struct Pieces {
    waiting: VecDeque<Vec<u8>>,
    is_begun: bool,
    /// How many were taken.
    taken: usize,
    /// How long the client was waited for.
    waited: Duration,
    has_ended: bool,
    /// The client is too slow, or gone: nothing more is kept for it.
    is_over: bool,
    sender: Option<Waker>,
}

impl Pieces {
    fn wake(&mut self) {
        if let Some(sender) = self.sender.take() {
            sender.wake();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Pieces> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the next piece is to wait for the client, which has so much time in all.
    fn has_to_wait(&self, patience: Duration) -> bool {
        let mut pieces = self.lock();
        let has_to_wait =
            pieces.waiting.len() >= MOST_AHEAD && pieces.waited < patience && !pieces.is_over;
        if has_to_wait {
            pieces.waited += BETWEEN_LOOKS;
        }
        has_to_wait
    }

    fn push(&self, piece: Vec<u8>) {
        let mut pieces = self.lock();
        pieces.is_begun = true;
        if pieces.is_over {
            return;
        }
        let in_all = self.backlog.add(piece.len());
        let is_behind = pieces.waiting.len() >= MOST_AHEAD;
        pieces.waiting.push_back(piece);
        if is_behind && in_all > MOST_WAITING {
            self.break_off(&mut pieces);
        }
        pieces.wake();
    }

    fn end(&self) {
        let mut pieces = self.lock();
        pieces.has_ended = true;
        pieces.wake();
    }

    /// Keeps nothing more for the client.
    fn break_off(&self, pieces: &mut Pieces) {
        pieces.is_over = true;
        self.backlog.take(pieces.waiting.drain(..).map(|piece| piece.len()).sum());
        pieces.wake();
    }

    /// The next piece; none at the end.
    fn poll_take(&self, context: &Context<'_>) -> Poll<io::Result<Option<Vec<u8>>>> {
        let mut pieces = self.lock();
        if pieces.is_over {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if let Some(piece) = pieces.waiting.pop_front() {
            pieces.taken += 1;
            self.backlog.take(piece.len());
            return Poll::Ready(Ok(Some(piece)));
        }
        if pieces.has_ended {
            return Poll::Ready(Ok(None));
        }
        pieces.sender = Some(context.waker().clone());
        Poll::Pending
    }

    /// Breaks the reply off when its client has taken nothing for too long.
    async fn watch(self: Arc<Self>) {
        loop {
            let before = self.lock().taken;
            tokio::time::sleep(LONGEST_PAUSE).await;
            let mut pieces = self.lock();
            if pieces.is_over || pieces.waiting.is_empty() {
                return;
            }
            if pieces.taken == before {
                return self.break_off(&mut pieces);
            }
        }
    }
}

type Read = Result<Vec<Vec<u8>>, DataFault>;

/// Answers with what `read` sends, and with the pieces that it gives back behind that. The reply begins
/// with the first piece: what fails before is a refusal, and what fails later breaks the reply off, so
/// that no client takes a part for the whole.
///
/// # Errors
/// What `read` says, where nothing was sent before.
pub async fn sent_while_read<F>(
    (asker, backlog): (Option<Asker>, &Backlog),
    read: impl FnOnce(Outlet) -> F,
) -> Result<Response, DataFault>
where
    F: Future<Output = Read> + Send + 'static,
{
    sent((asker, backlog, PATIENCE), read).await
}

async fn sent<F>(
    (asker, backlog, patience): (Option<Asker>, &Backlog, Duration),
    read: impl FnOnce(Outlet) -> F,
) -> Result<Response, DataFault>
where
    F: Future<Output = Read> + Send + 'static,
{
    let queue = Arc::new(Queue { pieces: Mutex::default(), backlog: backlog.clone() });
    let read = read(Outlet { queue: Arc::clone(&queue), patience });
    let watched = Arc::clone(&queue);
    let reading = tokio::spawn(async move {
        let read = read.await;
        tokio::spawn(watched.watch());
        read
    });
    let mut flow =
        Flow { queue, first: None, reading: None, rest: Vec::new().into_iter(), _asker: asker };
    let first = match poll_fn(|context| flow.queue.poll_take(context)).await {
        Ok(Some(first)) => first,
        Ok(None) => {
            let read = reading.await.unwrap_or(Err(BROKEN_OFF))?;
            return Ok(data_json::printed_in_pieces(read));
        }
        // Before anybody could take anything of it.
        Err(_) => return Err(CROWDED),
    };
    (flow.first, flow.reading) = (Some(first), Some(reading));
    Ok(data_json::json(Body::new(flow)))
}

const CROWDED: DataFault =
    DataFault::new(&error::SERVER_BUSY, "Too much waits for slow clients; try again soon");

const BROKEN_OFF: DataFault =
    DataFault::new(&error::SERVER_TROUBLE, "Something failed on the server");

/// The body of such a reply.
struct Flow {
    queue: Arc<Queue>,
    first: Option<Vec<u8>>,
    /// Until it has ended.
    reading: Option<JoinHandle<Read>>,
    /// What it gave back.
    rest: std::vec::IntoIter<Vec<u8>>,
    /// Waits as long as the reply is sent.
    _asker: Option<Asker>,
}

impl HttpBody for Flow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = match self.first.take() {
            Some(first) => Some(first),
            None => ready!(self.queue.poll_take(context))?,
        };
        if let Some(piece) = piece {
            return Poll::Ready(Some(Ok(Frame::data(piece.into()))));
        }
        if let Some(reading) = &mut self.reading {
            let read = ready!(Pin::new(reading).poll(context)).unwrap_or(Err(BROKEN_OFF));
            self.reading = None;
            match read {
                Ok(rest) => self.rest = rest.into_iter(),
                Err(fault) => {
                    return Poll::Ready(Some(Err(io::Error::other(fault.message().to_owned()))));
                }
            }
        }
        Poll::Ready(self.rest.next().map(|piece| Ok(Frame::data(piece.into()))))
    }
}

/// Nobody takes what waits.
impl Drop for Flow {
    fn drop(&mut self) {
        let mut pieces = self.queue.lock();
        self.queue.break_off(&mut pieces);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn what_is_sent_and_what_is_given_back_are_one_body() {
        for (sent, rest, expected) in [
            (vec!["a", "b"], vec!["c", "d"], "abcd"),
            (vec![], vec!["c"], "c"),
            (vec!["a"], vec![], "a"),
        ] {
            let bytes = |texts: Vec<&str>| -> Vec<Vec<u8>> {
                texts.into_iter().map(|text| text.as_bytes().to_vec()).collect()
            };
            let (sent, rest) = (bytes(sent), bytes(rest));
            let read = |outlet: Outlet| async move {
                assert!(!outlet.is_begun());
                for piece in sent {
                    outlet.send(piece);
                    assert!(outlet.is_begun());
                    tokio::task::yield_now().await;
                }
                Ok(rest)
            };
            let reply = sent_while_read((None, &Backlog::default()), read).await.expect("a reply");
            assert_eq!(reply.headers()["cache-control"], "no-store");
            assert_eq!(reply.headers()["content-type"], "application/json");
            let body = reply.into_body().collect().await.expect("a body").to_bytes();
            assert_eq!(body, expected);
        }
    }

    /// Sends so many pieces of ten bytes and gives nothing back.
    fn pieces_of_ten(
        count: usize,
    ) -> impl FnOnce(Outlet) -> Pin<Box<dyn Future<Output = Read> + Send>> {
        move |outlet| {
            let send = move || (0..count).for_each(|_| outlet.send(vec![7; 10]));
            Box::pin(async move {
                tokio::task::spawn_blocking(send).await.expect("sent");
                Ok(Vec::new())
            })
        }
    }

    #[tokio::test]
    async fn a_reply_is_not_far_ahead_of_its_client() {
        let backlog = Backlog::default();
        let asked = (None, &backlog, Duration::MAX);
        let mut body = sent(asked, pieces_of_ten(100)).await.expect("a reply").into_body();
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            bytes += frame.expect("a frame").into_data().expect("data").len();
            assert!(backlog.0.load(Ordering::Relaxed) <= 10 * MOST_AHEAD, "it ran ahead");
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
        assert_eq!((bytes, backlog.0.load(Ordering::Relaxed)), (1_000, 0));
    }

    /// Until so many bytes wait.
    async fn until(backlog: &Backlog, waiting: usize) {
        while backlog.0.load(Ordering::Relaxed) != waiting {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    #[tokio::test]
    async fn a_client_is_not_waited_for_for_long() {
        let backlog = Backlog::default();
        let asked = (None, &backlog, Duration::from_millis(5));
        let body = sent(asked, pieces_of_ten(100)).await.expect("a reply").into_body();
        // Nobody takes anything: it is all there in the end, but for what it begins with.
        until(&backlog, 990).await;
        assert_eq!(body.collect().await.expect("a body").to_bytes().len(), 1_000);

        let body = sent(asked_of(&backlog), pieces_of_ten(100)).await.expect("a reply").into_body();
        until(&backlog, 990).await;
        drop(body);
        assert_eq!(backlog.0.load(Ordering::Relaxed), 0, "nobody will take it");
    }

    fn asked_of(backlog: &Backlog) -> (Option<Asker>, &Backlog, Duration) {
        (None, backlog, Duration::ZERO)
    }

    #[tokio::test]
    async fn where_much_waits_the_slow_are_broken_off_and_the_others_are_not() {
        let backlog = Backlog::default();
        let others = MOST_WAITING - 500;
        backlog.add(others);
        let (go_on, told) = tokio::sync::oneshot::channel::<()>();
        let has_ended = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&has_ended);
        let read = |outlet: Outlet| async move {
            outlet.send(vec![7; 10]);
            told.await.expect("told");
            (0..99).for_each(|_| outlet.send(vec![7; 10]));
            ends.store(true, Ordering::Relaxed);
            Ok(Vec::new())
        };
        let body = sent(asked_of(&backlog), read).await.expect("a reply").into_body();
        go_on.send(()).expect("it waits");
        while !has_ended.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        assert_eq!(backlog.0.load(Ordering::Relaxed), others, "nothing is kept for it");
        assert!(body.collect().await.is_err(), "a part is not the whole");

        // Where it is over before it begins, it is a refusal and no empty page.
        let read = |outlet: Outlet| async move {
            (0..100).for_each(|_| outlet.send(vec![7; 10]));
            Ok(vec![vec![7; 10]])
        };
        let refused = sent(asked_of(&backlog), read).await.expect_err("a refusal");
        assert_eq!(refused.face().code, error::SERVER_BUSY.code);

        backlog.add(500);
        let asked = (None, &backlog, Duration::MAX);
        let body = sent(asked, pieces_of_ten(100)).await.expect("a reply").into_body();
        assert_eq!(body.collect().await.expect("a body").to_bytes().len(), 1_000);
    }

    #[tokio::test]
    async fn who_takes_nothing_for_a_minute_has_nothing_more_coming() {
        let backlog = Backlog::default();
        let read = |outlet: Outlet| async move {
            (0..9).for_each(|_| outlet.send(vec![7; 10]));
            Ok(Vec::new())
        };
        tokio::time::pause();
        let mut body = sent(asked_of(&backlog), read).await.expect("a reply").into_body();
        for left in [80, 70, 60] {
            assert!(body.frame().await.expect("a frame").is_ok());
            assert_eq!(backlog.0.load(Ordering::Relaxed), left.min(80));
            tokio::time::sleep(LONGEST_PAUSE / 2).await;
        }
        tokio::time::sleep(LONGEST_PAUSE * 2).await;
        assert_eq!(backlog.0.load(Ordering::Relaxed), 0);
        assert!(body.collect().await.is_err(), "a part is not the whole");
    }

    #[tokio::test]
    async fn what_fails_is_a_refusal_before_the_first_piece_and_breaks_off_behind_it() {
        let failing = |_: Outlet| async { Err(BROKEN_OFF) };
        let refused =
            sent_while_read((None, &Backlog::default()), failing).await.expect_err("a refusal");
        assert_eq!(refused.face().code, error::SERVER_TROUBLE.code);
        let failing_later = |outlet: Outlet| async move {
            outlet.send(b"[1,".to_vec());
            Err(BROKEN_OFF)
        };
        let reply =
            sent_while_read((None, &Backlog::default()), failing_later).await.expect("a reply");
        assert!(reply.into_body().collect().await.is_err());
    }
}
