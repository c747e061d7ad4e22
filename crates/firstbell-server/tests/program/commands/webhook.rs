use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::installation::{Installation, program, wait_until};
use crate::serve::serving;

/// What a connection is, encrypted or not.
trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// Headers and body of the requests that were heard, and where; answers with a status that can be
/// changed.
struct Receiver {
    url: String,
    heard: Arc<Mutex<Vec<String>>>,
    status: Arc<Mutex<u16>>,
}

/// One request and its answer; none where the caller went away.
fn take(wire: &mut BufReader<Box<dyn Wire>>, status: u16) -> std::io::Result<String> {
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        wire.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        request.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    wire.read_exact(&mut body)?;
    request.push_str(&String::from_utf8(body).unwrap());
    write!(wire.get_mut(), "HTTP/1.1 {status} X\r\nconnection: close\r\n\r\n")?;
    wire.get_mut().flush()?;
    Ok(request)
}

impl Receiver {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        Self::hear(listener, url, None)
    }

    /// One that is `localhost`, and says so with a certificate that nobody trusts.
    fn encrypted() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}/hook", listener.local_addr().unwrap().port());
        let certificate = CertificateDer::from_pem_file(fixture("localhost.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(fixture("localhost.key.pem")).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Self::hear(listener, url, Some(Arc::new(config)))
    }

    fn hear(listener: TcpListener, url: String, tls: Option<Arc<ServerConfig>>) -> Self {
        let (heard, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(204)));
        let (hearing, answering) = (heard.clone(), status.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let wire: Box<dyn Wire> = match &tls {
                    Some(config) => {
                        let connection = ServerConnection::new(config.clone()).unwrap();
                        Box::new(StreamOwned::new(connection, stream))
                    }
                    None => Box::new(stream),
                };
                let status = *answering.lock().unwrap();
                if let Ok(request) = take(&mut BufReader::new(wire), status) {
                    hearing.lock().unwrap().push(request);
                }
            }
        });
        Self { url, heard, status }
    }

    fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/endpoints/abuse/fixture").join(name)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

#[test]
fn a_webhook_is_set_tested_rotated_and_removed() {
    let installation = Installation::furnished();
    let client_id = installation.application(
        "--development --redirect-uri http://localhost:1/cb --tier secure_sync --district ada",
    );
    let words = |verb: &str| format!("application webhook {verb} --client-id {client_id}");
    let receiver = Receiver::open();

    assert!(installation.refuse(&words("show"), &[]).contains("webhook set"));
    for (url, why) in [
        ("http://gradebook.example/hook", "HTTPS"),
        ("https://10.0.0.1/hook", "private"),
        ("https://169.254.169.254/", "private"),
    ] {
        let said = installation.refuse(&words("set"), &["--url", url]);
        assert!(said.contains(why) && said.contains("Nothing was changed"), "{said}");
    }
    assert!(installation.refuse(&words("show"), &[]).contains("no webhook"));

    let set = installation.json(&format!("{} --url {}", words("set"), receiver.url));
    let secret = text(&set, "secret").to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() > 40, "{secret}");
    let again = installation.json(&format!("{} --url {}", words("set"), receiver.url));
    assert_eq!(again["secret"], Value::Null, "a secret is shown once");

    assert!(installation.tell(&words("test")).contains("answered 204"));
    *receiver.status.lock().unwrap() = 500;
    assert!(installation.refuse(&words("test"), &[]).contains("answered 500"));
    let heard = receiver.heard.lock().unwrap().join("\n");
    assert_eq!(heard.matches("\"type\":\"webhook.test\"").count(), 2, "{heard}");
    assert_eq!(heard.matches("webhook-signature: v1,").count(), 2, "{heard}");

    let rotated = installation.json(&words("rotate"));
    let new = text(&rotated, "secret").to_owned();
    assert_ne!(new, secret);
    let shown = installation.json(&words("show"));
    assert_eq!(text(&shown, "old_secret_until"), text(&rotated, "old_secret_until"));
    assert_eq!((text(&shown, "url"), &shown["failing_since"]), (&*receiver.url, &Value::Null));
    assert!(!shown.to_string().contains("whsec_"));

    // In production it would lead to this machine.
    let change = format!("application change --client-id {client_id} --production --redirect-uri");
    installation.tell(&format!("{change} https://a.example/cb"));
    assert!(installation.refuse(&words("test"), &[]).contains("this machine"));
    let said = installation.refuse(&words("set"), &["--url", &receiver.url]);
    assert!(said.contains("this machine"), "{said}");

    installation.tell(&words("remove"));
    assert!(installation.refuse(&words("show"), &[]).contains("no webhook"));
    let expected = ["set", "set", "secret_rotated", "removed"];
    let actions = installation.actions();
    let webhook = actions.iter().filter_map(|it| it.strip_prefix("application.webhook_"));
    assert_eq!(webhook.collect::<Vec<_>>(), expected);
    let kept = std::fs::read(installation.path("firstbell.sqlite")).unwrap();
    for secret in [secret, new] {
        let is_kept = kept.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!is_kept, "the database holds a secret");
    }
}

#[test]
fn a_server_tells_a_webhook_and_the_operator_sees_what_became_of_it() {
    let installation = Installation::furnished();
    let client_id = installation
        .application("--development --redirect-uri http://localhost:1/cb --tier secure_sync");
    let words = |verb: &str| format!("application webhook {verb} --client-id {client_id}");
    let share = |rule: &str| {
        let share = format!("sharing set --district ada --client-id {client_id} --with events");
        installation.tell(&format!("{share} {rule}"));
    };
    share("--everyone");
    let receiver = Receiver::open();
    let set = installation.json(&format!("{} --url {}", words("set"), receiver.url));
    let running = serving(&installation);
    let listed = |more: &str| {
        let list = installation.json(&format!("{} {more}", words("deliveries")));
        list["deliveries"].as_array().unwrap().clone()
    };
    assert!(listed("").is_empty());

    share("--rule roles=teacher");
    wait_until("a message", || receiver.count() == 1);
    wait_until("its arrival", || listed("")[0]["state"] == "arrived");
    let heard = receiver.heard.lock().unwrap()[0].clone();
    assert!(heard.contains("\"type\":\"events.created\""), "{heard}");

    *receiver.status.lock().unwrap() = 410;
    share("--everyone");
    wait_until("a dead letter", || listed("--dead").len() == 1);
    assert!(installation.json(&words("show"))["turned_off_since"].is_string());
    let dead = listed("--dead")[0].clone();
    assert_eq!((text(&dead, "district"), text(&dead, "last_answer")), ("ada", "answered 410"));
    let retry = format!("{} --delivery {}", words("retry"), text(&dead, "id"));
    assert!(installation.refuse(&retry, &[]).contains("turned off"));
    *receiver.status.lock().unwrap() = 200;
    installation.tell(&format!("{} --url {}", words("set"), receiver.url));
    installation.tell(&retry);
    wait_until("the message that was dead", || receiver.count() == 3);
    wait_until("its arrival", || listed("--dead").is_empty());
    let (second, third) = {
        let heard = receiver.heard.lock().unwrap();
        (heard[1].clone(), heard[2].clone())
    };
    let id = |heard: &str| heard.lines().find(|it| it.starts_with("webhook-id")).map(str::to_owned);
    assert_eq!(id(&second), id(&third));
    assert!(installation.refuse(&retry, &[]).contains("arrived"));

    let (_, said) = running.stop();
    assert!(said.contains("a webhook did not take a message"), "{said}");
    for secret in [text(&set, "secret"), "whsec_", &receiver.url, "/hook"] {
        assert!(!said.contains(secret), "the log holds {secret}");
    }
}

#[test]
fn a_receiver_must_show_a_certificate_that_the_machine_trusts() {
    let installation = Installation::furnished();
    let client_id = installation.application("--development --redirect-uri http://localhost:1/cb");
    let words = |verb: &str| format!("application webhook {verb} --client-id {client_id}");
    let receiver = Receiver::encrypted();
    installation.tell(&format!("{} --url {}", words("set"), receiver.url));

    let stranger = installation.refuse(&words("test"), &[]);
    assert!(stranger.contains("no connection"), "{stranger}");
    assert_eq!(receiver.count(), 0);
    let mut test = program();
    test.args(installation.command(&words("test"), &[]));
    let tested = test.env("SSL_CERT_FILE", fixture("localhost.pem")).output().unwrap();
    let said = String::from_utf8_lossy(&tested.stdout).into_owned();
    assert!(said.contains("answered 204"), "{said} {}", String::from_utf8_lossy(&tested.stderr));
    assert_eq!(receiver.count(), 1);
}
