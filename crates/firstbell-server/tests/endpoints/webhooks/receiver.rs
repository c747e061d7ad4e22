//! Receivers of webhooks, on this machine and over HTTP, that answer as they are told; and worlds in
//! which FlightSchool follows the district and has one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firstbell_core::application::{Application, ConnectionState, Stage};
use firstbell_core::id::ApplicationId;
use firstbell_core::webhook::{Delivery, Webhook};
use firstbell_protocol::webhook::WebhookSecret;
use firstbell_server::entropy::Entropy;
use firstbell_server::webhooks::sender::Sender;
use firstbell_server::webhooks::{Courier, seal};
use firstbell_store::StoreError;
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::data_api::events::rename_a_student;
use crate::data_api::roster::{everything, synced};
use crate::world::World;

/// What a receiver answers.
pub enum Reply {
    Status(u16),
    With(u16, &'static str, String),
    Nothing,
}

/// What a receiver heard.
#[derive(Clone)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).expect(name).to_str().expect("text")
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// Which of the signatures is right for this secret, computed as Standard Webhooks has it.
    pub fn place_of_signature(&self, secret: &WebhookSecret) -> Option<usize> {
        let encoded = secret.expose_text();
        let bytes = STANDARD.decode(encoded.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{}.{}.{}", self.id(), self.header("webhook-timestamp"), self.body);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let expected = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
        let mut all = self.header("webhook-signature").split(' ');
        all.position(|one| one == format!("v1,{expected}"))
    }
}

#[derive(Clone)]
struct Desk {
    heard: watch::Sender<Vec<Heard>>,
    answers: Arc<Mutex<VecDeque<Reply>>>,
}

/// A receiver; it answers 204 where it was told nothing else.
pub struct Receiver {
    pub address: String,
    desk: Desk,
}

impl Receiver {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let desk = Desk { heard: watch::Sender::default(), answers: Arc::default() };
        let router = Router::new().fallback(hear).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, desk }
    }

    pub fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.desk.answers.lock().unwrap().extend(replies);
    }

    /// What was heard until now.
    pub fn heard(&self) -> Vec<Heard> {
        self.desk.heard.borrow().clone()
    }

    pub fn ids(&self) -> Vec<String> {
        self.heard().iter().map(|it| it.id().to_owned()).collect()
    }

    /// Waits until so many messages were heard.
    pub async fn has_heard(&self, count: usize) {
        let mut heard = self.desk.heard.subscribe();
        let enough = heard.wait_for(|it| it.len() >= count);
        tokio::time::timeout(Duration::from_secs(20), enough).await.expect("in time").unwrap();
    }
}

async fn hear(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let answer = desk.answers.lock().unwrap().pop_front().unwrap_or(Reply::Status(204));
    desk.heard.send_modify(|heard| heard.push(Heard { headers, body }));
    let status = |code| StatusCode::from_u16(code).unwrap();
    match answer {
        Reply::Status(code) => status(code).into_response(),
        Reply::With(code, name, value) => (status(code), [(name, value)]).into_response(),
        Reply::Nothing => std::future::pending().await,
    }
}

/// FlightSchool, being built on this machine, follows the district and has a webhook.
pub struct Hooked {
    pub world: World,
    pub receiver: Receiver,
    pub secret: WebhookSecret,
    pub courier: Arc<Courier>,
}

pub async fn hooked() -> Vec<Hooked> {
    let mut all = Vec::new();
    for (world, _) in synced(everything()).await {
        world.change_flightschool(|it| it.stage = Stage::Development).await;
        let receiver = Receiver::open().await;
        let secret = add_webhook(&world, world.flightschool, &receiver, 7).await;
        let courier = courier(&world);
        all.push(Hooked { world, receiver, secret, courier });
    }
    all
}

pub fn courier(world: &World) -> Arc<Courier> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Courier::new(world.app.clone(), Sender::new(Duration::from_secs(20)).unwrap())
}

pub fn secret(byte: u8) -> WebhookSecret {
    WebhookSecret::from_bytes(vec![byte; 32]).unwrap()
}

pub async fn add_webhook(
    world: &World,
    application: ApplicationId,
    receiver: &Receiver,
    byte: u8,
) -> WebhookSecret {
    let secret = secret(byte);
    let sealed = seal(world.app.sealing(), application, &secret).unwrap();
    let (address, now) = (receiver.address.parse().unwrap(), world.clock.now());
    let add = world.store.write(move |tx| tx.add_webhook(application, &address, &sealed, now));
    add.await.expect("a webhook");
    secret
}

/// Another application, connected as FlightSchool is or said nothing about.
pub async fn another_application(world: &World, number: u8, is_connected: bool) -> ApplicationId {
    let (flightschool, district, now) = (world.flightschool, world.district, world.clock.now());
    let id = ApplicationId::new(now, &mut Entropy);
    let adding = world.store.write(move |tx| {
        let settings = tx.settings()?;
        let found = settings.applications.iter().find(|it| it.id == flightschool);
        let client_id = format!("{number:020}").parse().expect("a client id");
        let own = Application { id, client_id, ..found.expect("FlightSchool").clone() };
        tx.create_application(&Application { secrets: Vec::new(), ..own }, now)?;
        let theirs = |it: &&firstbell_core::application::Connection| {
            it.application == flightschool && it.district == district
        };
        let mut link = settings.connections.iter().find(theirs).expect("a connection").clone();
        link.application = id;
        if is_connected {
            assert_eq!(link.state, ConnectionState::Active);
            tx.connect(&link)?;
        }
        Ok::<_, StoreError>(())
    });
    adding.await.expect("an application");
    world.app.refresh_settings().await.expect("settings");
    id
}

impl Hooked {
    /// Something happens in the district, and is told to those who follow.
    pub async fn has_news(&self) {
        let name = format!("Name{}", self.world.clock.now().milliseconds());
        rename_a_student(&self.world, &name).await;
    }

    /// Sends what is due.
    pub async fn send(&self) {
        self.courier.send_due().await.expect("sent");
    }

    pub async fn send_after(&self, span: Duration) {
        self.world.clock.advance(span);
        self.send().await;
    }

    pub async fn deliveries(&self) -> Vec<Delivery> {
        let application = self.world.flightschool;
        self.world.store.read(move |tx| tx.deliveries(application, 100)).await.expect("read")
    }

    /// The states of all messages, the newest first.
    pub async fn states(&self) -> Vec<&'static str> {
        self.deliveries().await.into_iter().map(|it| it.state.name()).collect()
    }

    pub async fn webhook(&self) -> Webhook {
        let (application, now) = (self.world.flightschool, self.world.clock.now());
        let read = self.world.store.read(move |tx| tx.webhook(application, now)).await;
        read.expect("read").expect("a webhook").0
    }
}
