//! A strict OpenID Connect client, as the OpenID Foundation's suite is one: it checks state, issuer,
//! signature and claims of every login.

use axum::body::Body;
use firstbell_core::login::signing_key::{Change, plan};
use firstbell_protocol::jose::verify::{Expected, Time};
use firstbell_protocol::jose::{JwkSet, UnverifiedToken, VerifiedClaims};
use firstbell_store::{StoreError, StoredKey, Tx};
use http::{Request, StatusCode};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::world::{
    Browser, CALLBACK, CLIENT, FORM, Reply, SECRET, World, ana, authorize, basic, encoded, worlds,
};

pub const ISSUER: &str = "https://login.example";

/// Worlds with keys, in which FlightSchool gets ID tokens and standard claims.
pub async fn providers() -> Vec<World> {
    let worlds = worlds().await;
    for world in &worlds {
        give_keys(world).await;
        world
            .change_flightschool(|it| {
                it.switches.oidc = true;
                it.switches.standard_claims = true;
            })
            .await;
    }
    worlds
}

/// RSA keys take their time, so the tests of this run share those of the first world.
pub async fn give_keys(world: &World) {
    static KEYS: OnceCell<Vec<StoredKey>> = OnceCell::const_new();

    fn all(tx: &mut Tx<'_>) -> Result<Vec<StoredKey>, StoreError> {
        tx.signing_keys()
    }

    let mut made_here = false;
    let keys = KEYS
        .get_or_init(async || {
            made_here = true;
            world.app.rotate_keys().await.expect("keys");
            world.store.read(all).await.expect("keys")
        })
        .await;
    if made_here {
        return;
    }
    // A copy ends where the first world did: the key that signs was taken in before its follower.
    let mut copied = Vec::new();
    for key in keys {
        let (id, algorithm) = (key.life.id.clone(), key.life.algorithm);
        let (public, sealed) = (key.public_key.clone(), key.sealed_key.clone().expect("sealed"));
        let made = key.life.made;
        if copied.contains(&algorithm) {
            promote(world).await;
        }
        copied.push(algorithm);
        world
            .store
            .write(move |tx| tx.add_signing_key(&id, algorithm, (&public, &sealed), made))
            .await
            .expect("a key");
    }
    world.app.refresh_keys().await.expect("keys");
}

/// Lets keys in waiting sign where nothing does.
async fn promote(world: &World) {
    let now = world.app.now();
    world
        .store
        .write(move |tx| {
            let lives: Vec<_> = tx.signing_keys()?.into_iter().map(|key| key.life).collect();
            for change in plan(&lives, now) {
                if let Change::Promote { id, retire: None } = change {
                    tx.promote_signing_key(&id, None, now)?;
                }
            }
            Ok::<_, StoreError>(())
        })
        .await
        .expect("promoted");
}

/// What a login gave.
pub struct Tokens {
    pub access: String,
    pub id: String,
    pub claims: VerifiedClaims,
    pub json: Value,
}

impl Tokens {
    pub fn subject(&self) -> &str {
        self.claims.text("sub").expect("a text").expect("sub")
    }

    pub fn auth_time(&self) -> i64 {
        self.claims.seconds("auth_time").expect("a number").expect("auth_time")
    }

    pub async fn userinfo(&self, world: &World) -> Value {
        let reply = world.get_with_token("/userinfo", &self.access).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let info = reply.json();
        assert_eq!(info["sub"], self.subject(), "OpenID Connect Core section 5.3.2");
        info
    }
}

/// Asks for a login with more parameters, signing in as Ana where a page wants it, and checks the
/// answer's state and issuer.
pub async fn log_in(browser: &mut Browser, more: &str) -> Reply {
    let path = authorize(&format!("&state=state%2Fof%20mine{more}"));
    let mut reply = browser.follow(&path).await;
    if reply.location().is_none() {
        let signed_in = browser.sign_in(&reply, ana().login_name, ana().password).await;
        let next = signed_in.location().expect("a redirect after signing in").to_owned();
        reply = browser.follow(&next).await;
    }
    must_answer(&reply);
    reply
}

/// An answer at the redirect URI, with our state and the issuer (RFC 9207).
pub fn must_answer(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::FOUND, "{}", reply.body);
    assert!(reply.location().expect("a redirect").starts_with(CALLBACK), "{:?}", reply.location());
    assert_eq!(reply.query("state").as_deref(), Some("state/of mine"));
    assert_eq!(reply.query("iss").as_deref(), Some(ISSUER));
}

/// The published keys, as a client fetches them.
pub async fn keys(world: &World) -> JwkSet {
    let reply = world.ask(Request::get("/oauth/certs").body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, StatusCode::OK);
    JwkSet::parse(reply.body.as_bytes()).expect("a set of keys")
}

/// Redeems the code of an answer and checks everything that a client must.
pub async fn redeem(world: &World, answer: &Reply) -> Tokens {
    let code = answer.query("code").unwrap_or_else(|| panic!("no code: {:?}", answer.location()));
    let reply = world.exchange(&code).await;
    checked(world, &reply).await
}

pub async fn checked(world: &World, reply: &Reply) -> Tokens {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let json = reply.json();
    assert_eq!(json["token_type"].as_str().map(str::to_ascii_lowercase).as_deref(), Some("bearer"));
    let id = json["id_token"].as_str().expect("an ID token").to_owned();
    let token = UnverifiedToken::parse(&id).expect("a token");
    let claims = token.verify(&keys(world).await).expect("a good signature");
    let seconds = world.clock.now().milliseconds() / 1000;
    let expected = Expected { issuer: ISSUER, audience: CLIENT, time: Time::Now { seconds } };
    claims.expect(expected).expect("claims that hold");
    let issued = claims.seconds("iat").unwrap().unwrap();
    assert_eq!(claims.seconds("exp").unwrap(), Some(issued + 3600));
    assert!((seconds - issued).abs() <= 1, "made now");
    let access = json["access_token"].as_str().expect("a token").to_owned();
    Tokens { access, id, claims, json }
}

/// A request that simply succeeds whatever `more` says.
pub async fn must_succeed(more: &str) -> Vec<(World, Browser, Tokens)> {
    let mut all = Vec::new();
    for world in providers().await {
        let mut browser = world.browser();
        let answer = log_in(&mut browser, more).await;
        let tokens = redeem(&world, &answer).await;
        tokens.userinfo(&world).await;
        all.push((world, browser, tokens));
    }
    all
}

/// A form that an application sends.
pub async fn post(world: &World, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut request = Request::post(path).header(FORM.0, FORM.1);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.ask(request.body(Body::from(body.to_owned())).unwrap()).await
}

pub async fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.ask(request.body(Body::empty()).unwrap()).await
}

/// The header by which FlightSchool proves itself.
pub fn flightschool() -> String {
    basic(CLIENT, SECRET)
}

/// An authorization request's query with its parameters turned round.
pub fn reversed(path: &str) -> String {
    let (path, query) = path.split_once('?').expect("a query");
    let mut parameters: Vec<_> = query.split('&').collect();
    parameters.reverse();
    format!("{path}?{}", parameters.join("&"))
}

pub fn callback() -> String {
    encoded(CALLBACK)
}
