//! Connections: how many, how long they may dawdle, TLS, and how they end. Paths are mended here:
//! doubled slashes, because clients of other authors join a base URL that ends in a slash and a
//! link that begins with one (`docs/compatibility.md`, "Hosts, paths, ids"), and bytes that are no
//! UTF-8, which no path of ours has.
//!
//! Without TLS we speak HTTP/1.1; over TLS what was negotiated. Guessing the protocol from the
//! first bytes would leave a connection that sends none outside every time limit.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Request, StatusCode, Uri, Version};
use http_body_util::LengthLimitError;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// More connections than this wait to be accepted.
const MOST_CONNECTIONS: usize = 10_000;

/// The headers of a request have arrived after this long, counted from when the connection was
/// ready for it; so a silent connection is closed, between requests too.
const SILENCE: Duration = Duration::from_mins(1);

/// The body of a request has arrived after this long.
const BODY: Duration = Duration::from_secs(15);

/// An HTTP/2 connection is asked this often whether anybody is there.
const PING: Duration = Duration::from_secs(30);

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
    let server = Server { router };
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
                None => server.answer_http1(stream, watcher).await,
                Some(tls) => server.answer_tls(&tls, stream, watcher).await,
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_REQUESTS, ending.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way and were cut off");
    }
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
    router: Router,
}

impl Server {
    async fn answer_tls(&self, tls: &TlsAcceptor, stream: TcpStream, watcher: Watcher) {
        let stream = match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => return tracing::debug!("a TLS handshake took too long"),
        };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.answer_http2(stream, watcher).await;
        } else {
            self.answer_http1(stream, watcher).await;
        }
    }

    async fn answer_http1<S>(&self, stream: S, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(SILENCE)
            .max_buf_size(MOST_HEADER_BYTES)
            .max_headers(64);
        let connection = builder.serve_connection(TokioIo::new(stream), self.service());
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection broke");
        }
    }

    async fn answer_http2<S>(&self, stream: S, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .max_header_list_size(32 * 1024)
            .max_concurrent_streams(100);
        let connection = builder.serve_connection(TokioIo::new(stream), self.service());
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection broke");
        }
    }

    fn service(
        &self,
    ) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + use<>
    {
        let router = self.router.clone();
        service_fn(move |mut request: Request<Incoming>| {
            let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
            let readable = is_read_alike(&request);
            if let Some(mended) = mended(request.uri()) {
                *request.uri_mut() = mended;
            }
            let router = router.clone();
            async move {
                let mut response = if readable {
                    router.oneshot(request).await?
                } else {
                    StatusCode::BAD_REQUEST.into_response()
                };
                if is_chunked || !readable {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(CONNECTION, close);
                }
                Ok(response)
            }
        })
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    error.source().is_some_and(<dyn Error>::is::<LengthLimitError>)
}

/// Whether every reader takes the request for the same one, wherever it was before it came here: one
/// host (RFC 9112 section 3.2), and one way to find the end of the body (section 6.3). Where the
/// body is chunked the connection is closed behind it, because a length that stood beside it may
/// have been dropped before we see the headers. HTTP/2 has neither problem.
fn is_read_alike<B>(request: &Request<B>) -> bool {
    if request.version() > Version::HTTP_11 {
        return true;
    }
    let headers = request.headers();
    let both = headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH);
    let mut hosts = headers.get_all(HOST).iter();
    let one_host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host, request.uri().authority()),
        (None, _) => request.version() < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    };
    one_host && !both
}

/// Whether this names a host and nothing else, the one of the request's first line if that names
/// one too.
fn is_host(value: &HeaderValue, asked: Option<&Authority>) -> bool {
    let host = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    host.is_some_and(|host| {
        !host.as_str().contains('@') && asked.is_none_or(|asked| *asked == host)
    })
}

/// Reads a request's body before anything else happens, within [`BODY`] and up to `most` bytes.
/// Handlers then never wait for somebody who dawdles.
pub async fn whole_body(most: usize, request: Request<Body>, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    match tokio::time::timeout(BODY, axum::body::to_bytes(body, most + 1)).await {
        // A body that is too large goes on as one that is too large: the handler says so in the
        // form that its callers read.
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(error)) if is_too_large(&error) => {
            next.run(Request::from_parts(parts, Body::from(vec![0; most + 1]))).await
        }
        // Its end cannot be found, or nobody is there any more.
        Ok(Err(_)) => StatusCode::BAD_REQUEST.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// The address with single slashes and nothing but UTF-8 in its path; none where it is fine as it
/// is.
fn mended(uri: &Uri) -> Option<Uri> {
    let has_bad_bytes = uri.path().contains('%')
        && percent_encoding::percent_decode_str(uri.path()).decode_utf8().is_err();
    if !has_bad_bytes && !uri.path().contains("//") {
        return None;
    }
    let mut path = String::with_capacity(uri.path().len());
    for letter in uri.path().chars() {
        match letter {
            '/' if path.ends_with('/') => {}
            // What cannot be decoded leads nowhere; encoded once more it is at least a text.
            '%' if has_bad_bytes => path.push_str("%25"),
            letter => path.push(letter),
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
    fn paths_are_mended_and_nothing_else() {
        for (given, expected) in [
            ("/v3.0/me", None),
            ("//v2.1/teachers/1", Some("/v2.1/teachers/1")),
            ("/v2.1///teachers//1/", Some("/v2.1/teachers/1/")),
            ("//a?x=b//c", Some("/a?x=b//c")),
            ("/a?x=//c", None),
            ("/in/%C3%B1", None),
            ("/in/%FF?x=%FF", Some("/in/%25FF?x=%FF")),
        ] {
            // As it stands in the first line of a request.
            let uri = Uri::from(PathAndQuery::from_static(given));
            let mended = mended(&uri).map(|uri| uri.to_string());
            assert_eq!(mended.as_deref(), expected, "{given}");
        }
    }
}
