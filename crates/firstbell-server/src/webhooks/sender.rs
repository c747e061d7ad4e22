//! Sending: one request, bounded in time, that follows no redirect, reads no body, and connects to no
//! address out of reach. A name is resolved for the connection that is made to it, and for no check
//! before, so that it cannot resolve to one thing when it is judged and to another when it is used.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use firstbell_core::application::WebAddress;
use firstbell_core::webhook::{self, AddressRefusal, Answer, Reach};
use firstbell_protocol::webhook::{
    ID_HEADER, Message, SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookSecret,
};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::clock::Clock;

/// Sends messages to webhooks.
#[derive(Debug, Clone)]
pub struct Sender {
    internet: Client,
    this_machine: Client,
}

/// What is sent where.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'l> {
    /// Where.
    pub address: &'l WebAddress,
    /// How far that may be.
    pub reach: Reach,
    /// What.
    pub message: Message<'l>,
    /// What it is signed with.
    pub secrets: &'l [WebhookSecret],
}

impl Sender {
    /// A sender that waits so long for an answer: [`webhook::TIMEOUT`].
    ///
    /// # Errors
    /// When the machine has no certificates to trust.
    pub fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        let client = |reach| {
            Client::builder()
                .user_agent(concat!("firstbell/", env!("CARGO_PKG_VERSION"), " (webhooks)"))
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                // A proxy would resolve names itself, and reach what we must not.
                .no_proxy()
                // A connection that is kept would outlive the answer that its name resolved to.
                .pool_max_idle_per_host(0)
                .dns_resolver(Names(reach))
                .timeout(timeout)
                .build()
        };
        Ok(Self { internet: client(Reach::Internet)?, this_machine: client(Reach::ThisMachine)? })
    }

    /// Sends, and says what came of it.
    pub async fn send(&self, letter: Letter<'_>, clock: &Clock) -> Answer {
        let Letter { address, reach, message, secrets } = letter;
        // What is a number is not resolved.
        if address.numeric_host().is_some_and(|host| !reach.allows(host)) {
            return Answer::Refused(AddressRefusal::Private);
        }
        let client = match reach {
            // No message goes anywhere else.
            Reach::Internet | Reach::Anywhere => &self.internet,
            Reach::ThisMachine => &self.this_machine,
        };
        let request = client
            .post(address.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header(ID_HEADER, message.id)
            .header(TIMESTAMP_HEADER, message.sent_seconds)
            .header(SIGNATURE_HEADER, message.signatures(secrets))
            .body(message.body.to_owned());
        match request.send().await {
            Ok(response) => {
                let asked = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok());
                let retry_after = asked.and_then(|it| webhook::retry_after(it, clock.now()));
                Answer::Status { code: response.status().as_u16(), retry_after }
            }
            Err(error) => no_answer(&error),
        }
    }
}

fn no_answer(error: &reqwest::Error) -> Answer {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(Unresolved::OutOfReach) => return Answer::Refused(AddressRefusal::Private),
            Some(Unresolved::Nothing) => return Answer::NoAddress,
            None => cause = error.source(),
        }
    }
    if error.is_timeout() { Answer::TimedOut } else { Answer::NoConnection }
}

/// Why a name leads nowhere.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum Unresolved {
    #[error("an address of the name is out of reach")]
    OutOfReach,
    #[error("the name has no address")]
    Nothing,
}

/// The system's resolver, for names all of whose addresses are within reach.
pub(crate) struct Names(pub(crate) Reach);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(|_| Unresolved::Nothing)?.collect();
            if found.is_empty() {
                return Err(Unresolved::Nothing.into());
            }
            if !found.iter().all(|address| reach.allows(address.ip())) {
                return Err(Unresolved::OutOfReach.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn sender(timeout: Duration) -> Sender {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Sender::new(timeout).unwrap()
    }

    async fn send(sender: &Sender, address: &str, reach: Reach) -> Answer {
        let address: WebAddress = address.parse().unwrap();
        let secrets = [WebhookSecret::from_bytes(vec![7; 32]).unwrap()];
        let message = Message { id: "msg_1", sent_seconds: 1, body: "{}" };
        let letter = Letter { address: &address, reach, message, secrets: &secrets };
        sender.send(letter, &Clock::System).await
    }

    #[tokio::test]
    async fn a_private_address_is_not_connected_to_by_number_or_by_name() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sender = sender(PATIENCE);
        for host in ["127.0.0.1", "localhost", "[::ffff:7f00:1]", "10.0.0.1", "169.254.169.254"] {
            let address = format!("http://{host}:{port}/");
            let answer = send(&sender, &address, Reach::Internet).await;
            assert_eq!(answer, Answer::Refused(AddressRefusal::Private), "{host}");
        }
        let public = send(&sender, "http://1.1.1.1:9/", Reach::ThisMachine).await;
        assert_eq!(public, Answer::Refused(AddressRefusal::Private));
        let knocked = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(knocked.is_err(), "somebody has connected");
    }

    #[tokio::test]
    async fn whoever_takes_a_connection_and_says_nothing_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let answer = send(&sender(Duration::from_millis(200)), &address, Reach::ThisMachine).await;
        assert_eq!(answer, Answer::TimedOut);
    }

    #[tokio::test]
    async fn nobody_there_and_no_such_name_are_told_apart() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let sender = sender(PATIENCE);
        let nobody = format!("http://127.0.0.1:{port}/");
        assert_eq!(send(&sender, &nobody, Reach::ThisMachine).await, Answer::NoConnection);
        let no_name = send(&sender, "http://nobody.invalid/", Reach::Internet).await;
        assert_eq!(no_name, Answer::NoAddress);
    }
}
