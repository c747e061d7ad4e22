//! What only a socket can send: requests that two readers would read differently, headers without
//! end, bodies that never come, HTTP/2 frames in floods, TLS of another age. The real listener
//! answers, over TCP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use firstbell_server::app;
use firstbell_server::listen;
use firstbell_server::service;
use firstbell_store::testing;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Count;
use super::oracle::held;
use crate::world::{World, basic, worlds};

/// One connection: what is sent, and what must come of it.
pub struct Wire {
    pub id: &'static str,
    what: &'static str,
    bytes: Vec<u8>,
    outcome: Outcome,
}

enum Outcome {
    /// One reply of this status, and the connection is closed: what came behind is not read as a
    /// request.
    Closed(u16),
    /// The first reply has this status.
    First(u16),
    /// The connection is closed without a word.
    Dropped,
}

use Outcome::{Closed, Dropped, First};

const TOKENS: &str = "POST /oauth/tokens HTTP/1.1\r\nhost: login.example\r\n\
                      content-type: application/x-www-form-urlencoded\r\n";

/// A request that would be answered if it were read as one.
const BEHIND: &str = "GET /healthz HTTP/1.1\r\nhost: login.example\r\n\r\n";

fn wire(id: &'static str, what: &'static str, bytes: impl Into<Vec<u8>>, outcome: Outcome) -> Wire {
    Wire { id, what, bytes: bytes.into(), outcome }
}

pub fn cases() -> Vec<Wire> {
    let mut cases = smuggled();
    cases.extend([
        wire(
            "Z-01",
            "two Host headers",
            "GET /login HTTP/1.1\r\nhost: login.example\r\nhost: evil.test\r\n\r\n",
            Closed(400),
        ),
        wire("Z-01", "no Host", "GET /login HTTP/1.1\r\naccept: */*\r\n\r\n", Closed(400)),
        wire(
            "Z-01",
            "a Host with a path",
            "GET /login HTTP/1.1\r\nhost: login.example/x\r\n\r\n",
            Closed(400),
        ),
        wire(
            "Z-01",
            "a Host with a user",
            "GET /login HTTP/1.1\r\nhost: a@login.example\r\n\r\n",
            Closed(400),
        ),
        wire(
            "Z-01",
            "a whole address of another host and ours as the Host",
            "GET http://evil.test/login HTTP/1.1\r\nhost: login.example\r\n\r\n",
            Closed(400),
        ),
        wire(
            "Z-17",
            "CONNECT of a host",
            "CONNECT evil.test:443 HTTP/1.1\r\nhost: evil.test:443\r\n\r\n",
            First(404),
        ),
        wire("Z-17", "no HTTP at all", "SSH-2.0-OpenSSH_9.6\r\n\r\n", Closed(400)),
        wire("Z-17", "HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Dropped),
        wire(
            "Z-17",
            "another version",
            "GET / HTTP/3.7\r\nhost: login.example\r\n\r\n",
            Closed(400),
        ),
        wire("Y-13", "a header of 64 kB", with_header("x", &"a".repeat(64 << 10)), Closed(431)),
        wire("Y-13", "1,000 headers", with_headers(1000), Closed(431)),
        wire("Y-13", "an address of 100 kB", long_address(), Closed(431)),
        wire("G-16", "10,000 cookies", with_header("cookie", &"a=b; ".repeat(10_000)), Closed(431)),
        wire(
            "B-06",
            "Basic of 1 MB",
            with_header("authorization", &"A".repeat(1 << 20)),
            Closed(431),
        ),
        wire(
            "Y-04",
            "a body that says it has 1 GB",
            format!("{TOKENS}content-length: 1073741824\r\n\r\n{}", "x".repeat(70_000)),
            First(413),
        ),
        wire("Y-04", "a chunked body without end", endless_chunks(), First(413)),
        wire(
            "Y-04",
            "a compressed body is not opened",
            format!("{TOKENS}content-encoding: gzip\r\ncontent-length: 4\r\n\r\n\u{1f}\u{8b}x"),
            First(401),
        ),
        wire(
            "Y-05",
            "60 kB of JSON keys",
            {
                let keys = (0..6000).map(|number| format!("\"{number}\":1,")).collect::<Vec<_>>();
                let keys = keys.concat();
                let body = format!("{{{keys}\"x\":1e400}}");
                format!(
                    "POST /oauth/tokens HTTP/1.1\r\nhost: a.example\r\nauthorization: {}\r\n\
                     content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    basic("x", "y"),
                    body.len()
                )
            },
            First(401),
        ),
    ]);
    cases
}

/// What a proxy in front and we might cut up differently (RFC 9112 section 11.2).
fn smuggled() -> Vec<Wire> {
    let both = "content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    // The length is dropped, the chunks are read, and the connection is closed (RFC 9112 section
    // 6.3): what stands behind is nobody's request. What is refused is a request without a proof.
    let chunks_first = "transfer-encoding: chunked\r\ncontent-length: 6\r\n\r\n0\r\n\r\n";
    let dropped = [("a length and chunks", both), ("chunks and a length", chunks_first)]
        .map(|(what, rest)| wire("Z-05", what, format!("{TOKENS}{rest}{BEHIND}"), Closed(401)));
    let rows: [(&'static str, String); 15] = [
        ("two lengths", format!("{TOKENS}content-length: 0\r\ncontent-length: 44\r\n\r\n{BEHIND}")),
        ("two lengths in one", format!("{TOKENS}content-length: 0, 44\r\n\r\n{BEHIND}")),
        ("a length with a sign", format!("{TOKENS}content-length: +0\r\n\r\n{BEHIND}")),
        ("a length below zero", format!("{TOKENS}content-length: -1\r\n\r\n{BEHIND}")),
        ("a length in hexadecimal", format!("{TOKENS}content-length: 0x0\r\n\r\n{BEHIND}")),
        ("another coding", format!("{TOKENS}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{BEHIND}")),
        (
            "a coding behind chunked",
            format!("{TOKENS}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{BEHIND}"),
        ),
        (
            "a space before the colon",
            format!("{TOKENS}transfer-encoding : chunked\r\n\r\n0\r\n\r\n{BEHIND}"),
        ),
        ("a folded line", format!("{TOKENS}x: a\r\n transfer-encoding: chunked\r\n\r\n{BEHIND}")),
        ("a lone CR", format!("{TOKENS}x: a\rcontent-length: 0\r\n\r\n{BEHIND}")),
        ("a NUL", format!("{TOKENS}x: a\0b\r\n\r\n{BEHIND}")),
        (
            "a chunk longer than any",
            format!("{TOKENS}transfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx{BEHIND}"),
        ),
        (
            "a chunk with a sign",
            format!("{TOKENS}transfer-encoding: chunked\r\n\r\n+0\r\n\r\n{BEHIND}"),
        ),
        ("chunks in HTTP/1.0", {
            let old = TOKENS.replace("HTTP/1.1", "HTTP/1.0");
            format!("{old}transfer-encoding: chunked\r\n\r\n0\r\n\r\n{BEHIND}")
        }),
        ("a header without a name", format!("{TOKENS}: x\r\n\r\n{BEHIND}")),
    ];
    let refused = rows.into_iter().map(|(what, bytes)| wire("Z-05", what, bytes, Closed(400)));
    dropped.into_iter().chain(refused).collect()
}

fn with_header(name: &str, value: &str) -> String {
    format!("GET /in/ada HTTP/1.1\r\nhost: login.example\r\n{name}: {value}\r\n\r\n")
}

fn with_headers(count: usize) -> String {
    let headers: Vec<_> = (0..count).map(|number| format!("x-{number}: a\r\n")).collect();
    let headers = headers.concat();
    format!("GET /in/ada HTTP/1.1\r\nhost: login.example\r\n{headers}\r\n")
}

fn long_address() -> String {
    format!("GET /?{} HTTP/1.1\r\nhost: login.example\r\n\r\n", "a".repeat(100_000))
}

fn endless_chunks() -> String {
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    format!("{TOKENS}transfer-encoding: chunked\r\n\r\n{}", chunk.repeat(20))
}

/// The listener of the program in front of a world.
async fn serve(world: &World, tls: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = tls.then(|| {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        service::tls(&fixture("localhost.pem"), &fixture("localhost.key.pem")).unwrap()
    });
    let router = app::router(world.app.clone());
    tokio::spawn(listen::serve(listener, tls, router, std::future::pending()));
    address
}

fn fixture(name: &str) -> std::path::PathBuf {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("tests/endpoints/abuse/fixture").join(name)
}

/// What comes back until the other side closes; `None` behind it when it never does.
async fn said(stream: &mut (impl AsyncRead + Unpin), patience: Duration) -> (Vec<u8>, bool) {
    let mut said = Vec::new();
    let reading = async {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            said.extend_from_slice(&buffer[..count]);
        }
    };
    let closed = tokio::time::timeout(patience, reading).await.is_ok();
    (said, closed)
}

async fn sent(address: SocketAddr, bytes: &[u8]) -> (String, bool) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let bytes = bytes.to_vec();
    // Whoever is refused early does not read the rest.
    let writing = tokio::spawn(async move {
        let _ = to.write_all(&bytes).await;
        to
    });
    let (said, closed) = said(&mut from, Duration::from_millis(700)).await;
    drop(writing);
    (String::from_utf8_lossy(&said).into_owned(), closed)
}

fn judge(outcome: &Outcome, said: &str, closed: bool) -> Result<(), String> {
    let statuses: Vec<u16> = said
        .split("HTTP/1.1 ")
        .skip(1)
        .filter_map(|reply| reply.split(' ').next()?.parse().ok())
        .collect();
    let (expected, must_close) = match outcome {
        Closed(status) => (*status, true),
        First(status) => (*status, false),
        Dropped => {
            return held(closed && said.is_empty(), || format!("answered {statuses:?}"));
        }
    };
    held(statuses.first() == Some(&expected), || format!("answered {statuses:?}"))?;
    held(!must_close || statuses.len() == 1, || format!("more was answered: {statuses:?}"))?;
    held(!must_close || closed, || "the connection was left open".into())?;
    held(!said.contains("evil.test"), || "what was sent comes back".into())
}

#[tokio::test]
async fn y_z_what_only_a_socket_can_send() {
    let worlds = worlds().await;
    let mut count = Count::default();
    let mut addresses = Vec::new();
    for world in &worlds {
        addresses.push(serve(world, false).await);
    }
    for case in cases() {
        let mut outcomes = Vec::new();
        for ((world, address), name) in worlds.iter().zip(&addresses).zip(["SQLite", "PostgreSQL"])
        {
            let before = testing::contents(&world.store).await.unwrap();
            let (said, closed) = sent(*address, &case.bytes).await;
            let refused = judge(&case.outcome, &said, closed);
            let after = testing::contents(&world.store).await.unwrap();
            let changed = if before == after { Vec::new() } else { vec!["a table".to_owned()] };
            outcomes.push((name, (refused, changed)));
        }
        count.add(case.id, case.what, &outcomes);
    }
    count.close("Y and Z over TCP");
}

/// Waits of minutes, on a clock that jumps.
#[tokio::test(start_paused = true)]
async fn y_01_whoever_dawdles_is_cut_off() {
    let mut count = Count::default();
    let world = worlds().await.swap_remove(0);
    let address = serve(&world, false).await;
    let whole = "GET /healthz HTTP/1.1\r\nhost: a.example\r\n\r\n";
    for (what, start) in [
        ("says nothing", ""),
        ("stops in the first line", "GET /heal"),
        ("stops in the headers", "GET /healthz HTTP/1.1\r\nhost: a.example\r\nx: "),
        ("says nothing after a first request", whole),
        ("stops in the body", &format!("{TOKENS}content-length: 10\r\n\r\ncode")),
        ("stops in a chunk", &format!("{TOKENS}transfer-encoding: chunked\r\n\r\n5\r\nab")),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let (_, closed) = said(&mut stream, Duration::from_mins(5)).await;
        let refused = held(closed, || "it is left open".into());
        count.add("Y-01", what, &[("SQLite", (refused, Vec::new()))]);
    }
    count.close("Y-01");
}

#[tokio::test]
async fn y_02_silent_connections_keep_nobody_out() {
    let mut count = Count::default();
    let world = worlds().await.swap_remove(0);
    let address = serve(&world, false).await;
    let mut silent = Vec::new();
    for _ in 0..400 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let (said, _) = sent(address, BEHIND.as_bytes()).await;
    let refused = held(said.starts_with("HTTP/1.1 200"), || format!("answered {said}"));
    count.add("Y-02", "400 silent connections", &[("SQLite", (refused, Vec::new()))]);
    count.close("Y-02");
}

/// Floods of HTTP/2 frames end the connection that sends them, and no other.
#[tokio::test]
async fn y_03_floods_of_frames() {
    let mut count = Count::default();
    let world = worlds().await.swap_remove(0);
    let address = serve(&world, true).await;
    for (what, flood, must_end) in floods() {
        let mut stream = h2(address).await;
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(frame(4, 0, 0, &[]));
        bytes.extend(flood);
        // It may be cut off in the middle.
        let _ = stream.write_all(&bytes).await;
        let (_, closed) = said(&mut stream, Duration::from_secs(2)).await;
        let mut refused = held(closed || !must_end, || "the connection was left open".into());
        let mut another = h2(address).await;
        another.write_all(&bytes[..24 + 9]).await.unwrap();
        another.write_all(&get_request(1, 5)).await.unwrap();
        let (answer, _) = said(&mut another, Duration::from_millis(500)).await;
        refused = refused.and(held(has_headers(&answer), || "others are not answered".into()));
        count.add("Y-03", what, &[("SQLite", (refused, Vec::new()))]);
    }
    count.close("Y-03");
}

fn floods() -> Vec<(&'static str, Vec<u8>, bool)> {
    let resets = (0..3000_u32).flat_map(|number| {
        let stream = 2 * number + 1;
        [get_request(stream, 5), frame(3, 0, stream, &[0, 0, 0, 8])].concat()
    });
    // A HEADERS frame without its end, and then nothing but its continuation.
    let mut endless = get_request(1, 1);
    for _ in 0..4000 {
        endless.extend(frame(9, 0, 1, &[0; 64].map(|_: u8| 0x82)));
    }
    let mut empty = get_request(1, 4);
    for _ in 0..20_000 {
        empty.extend(frame(0, 0, 1, &[]));
    }
    let settings = (0..20_000).flat_map(|_| frame(4, 0, 0, &[]));
    let pings = (0..20_000).flat_map(|_| frame(6, 0, 0, &[0; 8]));
    vec![
        ("requests that are taken back at once", resets.collect(), true),
        ("a header that is continued without end", endless, true),
        ("empty pieces of a body", empty, false),
        ("settings", settings.collect(), false),
        ("pings", pings.collect(), false),
    ]
}

/// RFC 9113 section 4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `GET /` of `https://a`, in the static table of RFC 7541.
fn get_request(stream: u32, flags: u8) -> Vec<u8> {
    frame(1, flags, stream, &[0x82, 0x84, 0x87, 0x41, 1, b'a'])
}

/// Whether a HEADERS frame is among these.
fn has_headers(mut frames: &[u8]) -> bool {
    while let [a, b, c, kind, _, _, _, _, _, rest @ ..] = frames {
        if *kind == 1 {
            return true;
        }
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        frames = rest.get(length..).unwrap_or_default();
    }
    false
}

async fn h2(address: SocketAddr) -> impl AsyncRead + AsyncWrite + Unpin {
    let mut roots = rustls::RootCertStore::empty();
    let certificate = rustls::pki_types::CertificateDer::from_pem_file(fixture("localhost.pem"));
    roots.add(certificate.unwrap()).unwrap();
    let mut config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    connector.connect(name, stream).await.unwrap()
}

/// Handshakes of another age are refused with an alert (RFC 8446 section 6).
#[tokio::test]
async fn z_20_tls_of_another_age() {
    let mut count = Count::default();
    let world = worlds().await.swap_remove(0);
    let address = serve(&world, true).await;
    for (what, bytes) in [
        ("SSL 3.0", hello(0x0300, &[0x00, 0x2f])),
        ("TLS 1.0", hello(0x0301, &[0x00, 0x2f, 0xc0, 0x13])),
        ("TLS 1.1", hello(0x0302, &[0x00, 0x2f, 0xc0, 0x13])),
        ("TLS 1.2 with CBC", hello(0x0303, &[0xc0, 0x13, 0xc0, 0x27])),
        ("TLS 1.2 with an RSA key exchange", hello(0x0303, &[0x00, 0x9c, 0x00, 0x9d])),
        ("TLS 1.2 with RC4 and 3DES", hello(0x0303, &[0x00, 0x05, 0x00, 0x0a])),
        ("TLS 1.2 without a key", hello(0x0303, &[0x00, 0x00, 0xc0, 0x18])),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        let (said, closed) = said(&mut stream, Duration::from_secs(2)).await;
        let is_alert = said.first() == Some(&21);
        let refused = held(is_alert && closed, || format!("answered {:?}", said.first()));
        count.add("Z-20", what, &[("SQLite", (refused, Vec::new()))]);
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(BEHIND.as_bytes()).await.unwrap();
    let (said, closed) = said(&mut stream, Duration::from_secs(2)).await;
    let no_http = !String::from_utf8_lossy(&said).contains("HTTP/1.1");
    let refused = held(no_http && closed, || "plain HTTP is answered".into());
    count.add("Z-16", "plain HTTP at the port of TLS", &[("SQLite", (refused, Vec::new()))]);
    count.close("Z-16 and Z-20");
}

/// A `ClientHello` with these cipher suites, one curve and one signature.
fn hello(version: u16, suites: &[u8]) -> Vec<u8> {
    let version = version.to_be_bytes();
    let curve = [0, 10, 0, 4, 0, 2, 0, 0x17];
    let signatures = [0, 13, 0, 4, 0, 2, 4, 3];
    let extensions = [curve, signatures].concat();
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend(u16::try_from(suites.len()).unwrap().to_be_bytes());
    body.extend(suites);
    body.extend([1, 0]);
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let mut handshake = vec![1, 0];
    handshake.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    handshake.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(handshake.len()).unwrap().to_be_bytes());
    record.extend(handshake);
    record
}

/// The numbers that this file answers for beside the table.
pub const ALSO: [&str; 5] = ["Y-01", "Y-02", "Y-03", "Z-16", "Z-20"];
