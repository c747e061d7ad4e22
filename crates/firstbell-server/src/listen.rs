//! Connections: how many, how long they may dawdle, TLS, and how they end. Paths with doubled
//! slashes are mended here, because clients of other authors join a base URL that ends in a slash
//! and a link that begins with one (`docs/compatibility.md`, "Paths").

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::uri::PathAndQuery;
use http::{Request, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// More connections than this wait to be accepted.
const MOST_CONNECTIONS: usize = 10_000;

/// A connection that sends no request for this long is closed, between requests too.
const SILENCE: Duration = Duration::from_secs(75);

/// A TLS handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Headers of one request: a cookie or two and what browsers add.
const MOST_HEADER_BYTES: usize = 32 * 1024;

/// How long requests under way may take once the end has come.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Answers connections until `shutdown` is done, then lets the requests under way finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    shutdown: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let ending = GracefulShutdown::new();
    let server = Server { builder: builder(), router };
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, place) = tokio::select! {
            next = next_connection(&listener, &places) => next,
            () = &mut shutdown => break,
        };
        let (server, tls, watcher) = (server.clone(), tls.clone(), ending.watcher());
        tokio::spawn(async move {
            let _place = place;
            match tls {
                None => server.answer(stream, watcher).await,
                Some(tls) => match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                    Ok(Ok(stream)) => server.answer(stream, watcher).await,
                    Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => tracing::debug!("a TLS handshake took too long"),
                },
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_REQUESTS, ending.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way and were cut off");
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE)
        .max_buf_size(MOST_HEADER_BYTES)
        .max_headers(64)
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(32 * 1024)
        .max_concurrent_streams(100);
    builder
}

async fn next_connection(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is always a place in the end.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection stays slow");
                }
                return (stream, place);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

#[derive(Clone)]
struct Server {
    builder: Builder<TokioExecutor>,
    router: Router,
}

impl Server {
    async fn answer<S>(&self, stream: S, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = self.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            if let Some(mended) = without_doubled_slashes(request.uri()) {
                *request.uri_mut() = mended;
            }
            router.clone().oneshot(request)
        });
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection.into_owned()).await {
            tracing::debug!(error, "a connection broke");
        }
    }
}

/// The address with single slashes in its path; none where it is fine as it is.
fn without_doubled_slashes(uri: &Uri) -> Option<Uri> {
    if !uri.path().contains("//") {
        return None;
    }
    let mut path = String::with_capacity(uri.path().len());
    for letter in uri.path().chars() {
        if letter != '/' || !path.ends_with('/') {
            path.push(letter);
        }
    }
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_slashes_are_mended_in_the_path_and_nowhere_else() {
        for (given, expected) in [
            ("/v3.0/me", None),
            ("//v2.1/teachers/1", Some("/v2.1/teachers/1")),
            ("/v2.1///teachers//1/", Some("/v2.1/teachers/1/")),
            ("//a?x=b//c", Some("/a?x=b//c")),
            ("/a?x=//c", None),
        ] {
            // As it stands in the first line of a request.
            let uri = Uri::from(PathAndQuery::from_static(given));
            let mended = without_doubled_slashes(&uri).map(|uri| uri.to_string());
            assert_eq!(mended.as_deref(), expected, "{given}");
        }
    }
}
