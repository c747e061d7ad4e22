//! Long replies that are sent while they are read: what the client has taken is in memory no more.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use firstbell_core::error;
use hyper::body::Frame;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
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

/// Takes what is printed of a reply. It waits for the client a little; what one that is slower has not
/// taken stays in memory, as all of the page would.
#[derive(Debug)]
pub struct Outlet {
    pieces: UnboundedSender<Vec<u8>>,
    shared: Arc<Shared>,
}

/// What the two ends know of each other.
#[derive(Debug, Default)]
struct Shared {
    begun: AtomicBool,
    /// Pieces that were sent and are not taken.
    ahead: AtomicUsize,
    /// How often it was waited.
    waits: AtomicU32,
}

impl Outlet {
    /// Sends a piece; for a thread on which waiting keeps nobody else waiting. Where nobody listens any
    /// more, it is gone.
    pub fn send(&self, piece: Vec<u8>) {
        self.shared.begun.store(true, Ordering::Relaxed);
        let has_patience = || {
            let waited = BETWEEN_LOOKS.saturating_mul(self.shared.waits.load(Ordering::Relaxed));
            waited < PATIENCE && !self.pieces.is_closed()
        };
        while self.shared.ahead.load(Ordering::Relaxed) >= MOST_AHEAD && has_patience() {
            std::thread::sleep(BETWEEN_LOOKS);
            self.shared.waits.fetch_add(1, Ordering::Relaxed);
        }
        self.shared.ahead.fetch_add(1, Ordering::Relaxed);
        // Whoever reads looks at the asker to know whether to go on.
        let _ = self.pieces.send(piece);
    }

    /// Whether anything was sent: then it is too late to begin anew.
    pub fn is_begun(&self) -> bool {
        self.shared.begun.load(Ordering::Relaxed)
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
    asker: Option<Asker>,
    read: impl FnOnce(Outlet) -> F,
) -> Result<Response, DataFault>
where
    F: Future<Output = Read> + Send + 'static,
{
    let (sender, mut pieces) = unbounded_channel();
    let shared = Arc::<Shared>::default();
    let outlet = Outlet { pieces: sender, shared: Arc::clone(&shared) };
    let reading = tokio::spawn(read(outlet));
    let Some(first) = pieces.recv().await else {
        let read = reading.await.unwrap_or(Err(BROKEN_OFF))?;
        return Ok(data_json::printed_in_pieces(read));
    };
    let rest = Vec::new().into_iter();
    let (first, reading) = (Some(first), Some(reading));
    let flow = Flow { first, pieces, shared, reading, rest, _asker: asker };
    Ok(data_json::json(Body::new(flow)))
}

const BROKEN_OFF: DataFault =
    DataFault::new(&error::SERVER_TROUBLE, "Something failed on the server");

/// The body of such a reply.
struct Flow {
    first: Option<Vec<u8>>,
    pieces: UnboundedReceiver<Vec<u8>>,
    shared: Arc<Shared>,
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
            None => ready!(self.pieces.poll_recv(context)),
        };
        if let Some(piece) = piece {
            self.shared.ahead.fetch_sub(1, Ordering::Relaxed);
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

#[cfg(test)]
mod tests {
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
            let reply = sent_while_read(None, read).await.expect("a reply");
            assert_eq!(reply.headers()["cache-control"], "no-store");
            assert_eq!(reply.headers()["content-type"], "application/json");
            let body = reply.into_body().collect().await.expect("a body").to_bytes();
            assert_eq!(body, expected);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reply_is_not_far_ahead_of_its_client_and_waits_for_none_for_long() {
        let most = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&most);
        let read = |outlet: Outlet| async move {
            let sending = tokio::task::spawn_blocking(move || {
                for _ in 0..100 {
                    outlet.send(vec![7; 10]);
                    seen.fetch_max(outlet.shared.ahead.load(Ordering::Relaxed), Ordering::Relaxed);
                }
            });
            sending.await.expect("sent");
            Ok(Vec::new())
        };
        let mut body = sent_while_read(None, read.clone()).await.expect("a reply").into_body();
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            bytes += frame.expect("a frame").into_data().expect("data").len();
        }
        assert_eq!(bytes, 1_000);
        assert!(most.swap(0, Ordering::Relaxed) <= MOST_AHEAD, "it ran ahead");
        // Nobody takes anything: it is all there in the end.
        let body = sent_while_read(None, read).await.expect("a reply").into_body();
        while most.load(Ordering::Relaxed) < 100 {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        assert_eq!(body.collect().await.expect("a body").to_bytes().len(), 1_000);
    }

    #[tokio::test]
    async fn what_fails_is_a_refusal_before_the_first_piece_and_breaks_off_behind_it() {
        let failing = |_: Outlet| async { Err(BROKEN_OFF) };
        let refused = sent_while_read(None, failing).await.expect_err("a refusal");
        assert_eq!(refused.face().code, error::SERVER_TROUBLE.code);
        let failing_later = |outlet: Outlet| async move {
            outlet.send(b"[1,".to_vec());
            Err(BROKEN_OFF)
        };
        let reply = sent_while_read(None, failing_later).await.expect("a reply");
        assert!(reply.into_body().collect().await.is_err());
    }
}
