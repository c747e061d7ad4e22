//! Every secret of a whole run is known; after it none stands in what the program said at its most
//! talkative, in its figures or in the files of its database. And what visitors send makes no line
//! of its own in the log.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use firstbell_roster::sandbox::people::ANA_NUNEZ;

use crate::installation::{Installation, Running, get, program, wait_until};
use crate::serve;

/// Serves with its words in a file: at its most talkative a pipe would be full before it is read.
fn serving(installation: &Installation, filter: &str, format: &str) -> Running {
    let mut command = program();
    command.args(["serve", "--config", &installation.config_text()]);
    command.env("FIRSTBELL__LOG__FILTER", filter).env("FIRSTBELL__LOG__FORMAT", format);
    let file = std::fs::File::create(installation.path("log")).unwrap();
    command.stdout(file.try_clone().unwrap()).stderr(file);
    let running = Running(command.spawn().unwrap());
    let ready = format!("{}/readyz", installation.base());
    wait_until("the server being ready", || get(&ready).is_some_and(|(status, _)| status == 200));
    running
}

#[test]
fn no_secret_of_a_whole_run_is_told_or_kept() {
    let installation = Installation::furnished();
    let client = serve::application(&installation);
    let figures = installation.serve_figures();
    let running = serving(&installation, "trace", "json");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let secrets = runtime.block_on(serve::log_in(&installation.base(), &client));
    let (_, metrics) = get(&figures).unwrap();
    let (_, page) =
        get(&format!("{}/oauth/authorize?state=sTaTe-secret", installation.base())).unwrap();
    drop(running);

    let log = std::fs::read_to_string(installation.path("log")).unwrap();
    assert!(log.contains("a person signed in"), "the log is read, not an empty one");
    assert!(metrics.contains("firstbell_sign_ins_total"), "so are the figures: {metrics}");
    for secret in &secrets {
        assert!(!log.contains(secret), "the log holds {secret}");
        assert!(!metrics.contains(secret), "the figures hold {secret}");
        assert!(!page.contains(secret), "an error page holds {secret}");
    }
    let is_of_the_roster = |secret: &&String| {
        [ANA_NUNEZ.login_name, ANA_NUNEZ.last, "sTaTe-secret"].contains(&secret.as_str())
    };
    let files = ["firstbell.sqlite", "firstbell.sqlite-wal"];
    let bytes: Vec<u8> =
        files.iter().flat_map(|name| std::fs::read(installation.path(name)).unwrap()).collect();
    for secret in secrets.iter().filter(|secret| !is_of_the_roster(secret)) {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "the files of the database hold {secret}");
    }
}

#[test]
fn what_is_sent_makes_no_line_of_its_own() {
    for format in ["json", "text"] {
        let installation = Installation::furnished();
        let running = serving(&installation, "debug", format);
        let hostile = "x%0d%0aFORGED%20line%1b%5b2J%00%e2%80%ae%7b%22level%22:%22FORGED%22%7d";
        for path in [
            format!("/{hostile}"),
            format!("/in/{hostile}"),
            format!("/v3.0/users/{hostile}"),
            format!("/oauth/authorize?client_id={hostile}&state={hostile}"),
            format!("/login?q={hostile}&lang={hostile}"),
        ] {
            ask(installation.port, &path);
        }
        drop(running);
        let log = std::fs::read_to_string(installation.path("log")).unwrap();
        assert!(log.contains("a page refused a request"), "the log is read: {log}");
        for line in log.lines() {
            assert!(!line.starts_with("FORGED") && !line.contains('\u{1b}'), "{line:?}");
            let is_whole = match format {
                "json" => serde_json::from_str::<serde_json::Value>(line).is_ok(),
                _ => line.trim_start().starts_with("20"),
            };
            assert!(is_whole, "no line of the program: {line:?}");
        }
    }
}

fn ask(port: u16, path: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let agent = "x [2J{\"level\":\"FORGED\"}";
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: a.example\r\nuser-agent: {agent}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(!reply.contains("FORGED line\u{1b}"), "{reply}");
}
