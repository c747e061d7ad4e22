//! Long replies that are sent while they are read: what the client has taken is in memory no more.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use firstbell_core::error;
use hyper::body::Frame;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::data_json::{self, DataFault};
use super::rate::Asker;

/// Takes what is printed of a reply. It never waits: who reads a page holds a snapshot of the database,
/// and a client that is slow must not make that long. What such a client has not taken yet stays in
/// memory, as all of the page would.
#[derive(Debug)]
pub struct Outlet {
    pieces: UnboundedSender<Vec<u8>>,
    begun: AtomicBool,
}

impl Outlet {
    /// Sends a piece. Where nobody listens any more, it is gone.
    pub fn send(&self, piece: Vec<u8>) {
        self.begun.store(true, Ordering::Relaxed);
        // Whoever reads looks at the asker to know whether to go on.
        let _ = self.pieces.send(piece);
    }

    /// Whether anything was sent: then it is too late to begin anew.
    pub fn is_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
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
    let reading = tokio::spawn(read(Outlet { pieces: sender, begun: AtomicBool::new(false) }));
    let Some(first) = pieces.recv().await else {
        let read = reading.await.unwrap_or(Err(BROKEN_OFF))?;
        return Ok(data_json::printed_in_pieces(read));
    };
    let rest = Vec::new().into_iter();
    let flow = Flow { first: Some(first), pieces, reading: Some(reading), rest, _asker: asker };
    Ok(data_json::json(Body::new(flow)))
}

const BROKEN_OFF: DataFault =
    DataFault::new(&error::SERVER_TROUBLE, "Something failed on the server");

/// The body of such a reply.
struct Flow {
    first: Option<Vec<u8>>,
    pieces: UnboundedReceiver<Vec<u8>>,
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
