//! A small installation in memory: the sandbox district, FlightSchool connected with two of its
//! three schools, one suspended student; and browsers that keep cookies.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use firstbell_core::application::{
    Application, ClientSecret, Connection, ConnectionState, IdTokenAlgorithm, Sharing, Stage,
    Switches,
};
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::district_token::DistrictTokenKey;
use firstbell_core::roster::{District, DistrictPolicy, User};
use firstbell_core::secret::Secret;
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_protocol::vocabulary::RoleKind;
use firstbell_roster::sandbox::{self, SandboxPerson, SandboxSize, people};
use firstbell_server::app::{self, App, Parts};
use firstbell_server::clock::Clock;
use firstbell_server::config::PublicUrls;
use firstbell_server::entropy::Entropy;
use firstbell_server::importing::Import;
use firstbell_server::reply::text::Texts;
use firstbell_server::sealing::SealingKey;
use firstbell_server::signing::CurrentKeys;
use firstbell_server::syncing::Syncing;
use firstbell_server::syncing::spool::Spool;
use firstbell_store::testing::{self, Cluster};
use firstbell_store::{Backend, Store, StoreError};
use firstbell_upstream::password::{PasswordKey, PasswordPool};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub const SECRET: &str = "0123456789abcdef0123456789abcdef01234567";
pub const CLIENT: &str = "c0ffee00c0ffee00c0ff";
pub const CALLBACK: &str = "https://flightschool.example/oauth/callback";
pub const OTHER_CALLBACK: &str = "https://flightschool.example/second?kept=1";

pub struct World {
    pub app: App,
    pub clock: Clock,
    pub store: Store,
    pub district: DistrictId,
    pub flightschool: ApplicationId,
    pub folder: TempDir,
    router: Router,
}

/// A world on each database. PostgreSQL is left out only where the caller said that the machine
/// has none, which `cargo xtask test` then reports.
pub async fn worlds() -> Vec<World> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("firstbell.sqlite");
    let mut worlds = vec![World::on(Backend::Sqlite { path }, folder).await];
    if let Some(url) = postgres_url() {
        let folder = tempfile::tempdir().expect("a folder");
        worlds.push(World::on(Backend::Postgres { url, connections: 4 }, folder).await);
    }
    worlds
}

/// A new database on the one cluster that all tests of this run share; it ends with the process.
fn postgres_url() -> Option<String> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);

    let cluster = CLUSTER.get_or_init(|| Cluster::start_if_wanted().expect("PostgreSQL"));
    let name = format!("world_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    cluster.as_ref().map(|cluster| cluster.create_database(&name).expect("a database"))
}

impl World {
    async fn on(backend: Backend, folder: TempDir) -> Self {
        let store = Store::open(backend).expect("a database");
        store.migrate().expect("a schema");
        let start = Timestamp::from_milliseconds(1_780_000_000_000);
        let clock = Clock::moved_by_hand(start);
        let key = PasswordKey::derive(&[5; 32]);
        let district = District {
            id: DistrictId::new(start, &mut Entropy),
            shortname: sandbox::DISTRICT_SHORTNAME.parse().expect("a shortname"),
            name: sandbox::DISTRICT_NAME.into(),
            place: Some(sandbox::DISTRICT_PLACE.into()),
            policy: DistrictPolicy::default(),
        };
        let id = district.id;
        store.write(move |tx| tx.create_district(&district, start)).await.expect("a district");
        let source = folder.path().join("sandbox");
        sandbox::generate(&source, SandboxSize::Small, 1).expect("a sandbox");
        let import = Import { store: store.clone(), district: id, source, clock: clock.clone() };
        let prepared = import.prepare(|_| {}).await.expect("a roster");
        import.apply(prepared, &key, |_, _| {}).await.expect("applied");

        let application = Application {
            id: ApplicationId::new(start, &mut Entropy),
            client_id: CLIENT.parse().expect("a client id"),
            secrets: vec![ClientSecret { hash: Secret::from_text(SECRET).hash(), until: None }],
            name: "FlightSchool".into(),
            developer: None,
            website: None,
            initiate_login_uri: None,
            redirect_uris: [CALLBACK, OTHER_CALLBACK].map(|uri| uri.parse().expect(uri)).into(),
            user_types: RoleKind::ALL.into(),
            stage: Stage::Production,
            tier: AccessTier::DistrictSso,
            switches: Switches::default(),
            id_token_algorithm: IdTokenAlgorithm::default(),
            disabled: None,
        };
        let flightschool = application.id;
        store
            .write(move |tx| {
                tx.create_application(&application, start)?;
                let mut schools = Vec::new();
                for sis_id in sandbox::SHARED_SCHOOLS {
                    let school = tx.district(id).school_by_sis_id(sis_id)?;
                    schools.push(school.expect("a school of the sandbox").id);
                }
                tx.connect(&Connection {
                    application: flightschool,
                    district: id,
                    state: ConnectionState::Active,
                    sharing: Sharing::schools(schools),
                    since: start,
                })?;
                let user = tx.district(id).user_by_login_name(suspended().login_name)?;
                tx.district(id).suspend(user.expect("a person").id, start)
            })
            .await
            .expect("an application");

        let urls = PublicUrls::new("https://login.example", "https://api.example").expect("URLs");
        let passwords = PasswordPool::start(key.clone()).expect("threads");
        let spool = Spool::at(folder.path().join("spool"));
        let syncing = Syncing {
            clock: clock.clone(),
            ..Syncing::new(store.clone(), &[5; 32], spool).expect("keys")
        };
        let texts = Texts::embedded().expect("texts");
        let parts = Parts {
            store: store.clone(),
            keys: CurrentKeys::sealed_under(SealingKey::derive(&[5; 32]).expect("a key")),
            district_token_key: DistrictTokenKey::derive(&[5; 32]),
            passwords,
            syncing,
            drop_folder: None,
            texts,
            clock: clock.clone(),
            urls,
            metrics: None,
        };
        let app = App::start(parts).await.expect("an application");
        let router = app::router(app.clone());
        Self { app, clock, store, district: id, flightschool, folder, router }
    }

    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// A request that is no browser's.
    pub async fn ask(&self, request: Request<Body>) -> Reply {
        send(&self.router, request).await
    }

    pub async fn get_with_token(&self, path: &str, token: &str) -> Reply {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        self.ask(request.body(Body::empty()).expect("a request")).await
    }

    pub async fn post_tokens(&self, headers: &[(&str, &str)], body: impl Into<String>) -> Reply {
        let mut request = Request::post("/oauth/tokens");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request.body(Body::from(body.into())).expect("a request")).await
    }

    /// Exchanges a code as an ordinary client does.
    pub async fn exchange(&self, code: &str) -> Reply {
        let body =
            format!("grant_type=authorization_code&code={code}&redirect_uri={}", encoded(CALLBACK));
        self.post_tokens(&[FORM, ("authorization", &basic(CLIENT, SECRET))], body).await
    }

    /// Changes what is registered of FlightSchool.
    pub async fn change_flightschool(&self, change: impl Fn(&mut Application) + Send + 'static) {
        let flightschool = self.flightschool;
        self.store
            .write(move |tx| {
                let registered = tx.settings()?.applications.into_iter();
                let mut found = registered.filter(|it| it.id == flightschool);
                let mut application = found.next().expect("FlightSchool");
                change(&mut application);
                assert!(tx.change_application(&application)?);
                Ok::<_, StoreError>(())
            })
            .await
            .expect("changed");
        self.app.refresh_settings().await.expect("settings");
    }

    /// Changes what the district decided about its people's logins.
    pub async fn set_policy(&self, policy: DistrictPolicy) {
        let district = self.district;
        self.store
            .write(move |tx| tx.set_district_policy(district, &policy))
            .await
            .expect("changed");
        self.app.refresh_settings().await.expect("settings");
    }

    /// A person of the sandbox as the roster has them.
    pub async fn person(&self, person: &SandboxPerson) -> User {
        let (district, name) = (self.district, person.login_name);
        let found = self.store.read(move |tx| tx.district(district).user_by_login_name(name)).await;
        found.expect("an answer").expect("a person")
    }

    /// A token for somebody who logs in with a new browser.
    pub async fn token_of(&self, person: &SandboxPerson) -> String {
        let mut browser = self.browser();
        let code = browser.code_for(person, &authorize("")).await;
        self.exchange(&code).await.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// That nothing changed since these counts but `refusals` traces of what was refused.
    pub async fn must_hold(&self, before: &[(&'static str, i64)], refusals: i64) {
        for (was, is) in before.iter().zip(self.row_counts().await) {
            let expected = if was.0 == "traces" { was.1 + refusals } else { was.1 };
            assert_eq!((is.0, is.1), (was.0, expected));
        }
    }

    /// What the tables hold, to see that a refusal changed nothing.
    pub async fn row_counts(&self) -> Vec<(&'static str, i64)> {
        testing::row_counts(&self.store).await.expect("counts")
    }
}

pub const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

pub fn basic(id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let pair = format!("{id}:{secret}");
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// An authorization request with more parameters behind it.
pub fn authorize(more: &str) -> String {
    format!(
        "/oauth/authorize?response_type=code&client_id={CLIENT}&redirect_uri={}{more}",
        encoded(CALLBACK)
    )
}

pub fn ana() -> &'static SandboxPerson {
    &people::ANA_NUNEZ
}

pub fn teacher() -> &'static SandboxPerson {
    &people::GRACE_MORENO
}

pub fn without_email() -> &'static SandboxPerson {
    &people::THEO_PARK
}

pub fn of_several_roles() -> &'static SandboxPerson {
    &people::AMARA_OKAFOR
}

/// Who answers for the district.
pub fn administrator() -> &'static SandboxPerson {
    &people::LIN_ZHOU
}

/// Of the school that is not shared with FlightSchool.
pub fn unshared() -> &'static SandboxPerson {
    &people::NOOR_RAHMAN
}

pub fn suspended() -> &'static SandboxPerson {
    &people::MARCO_BIANCHI
}

/// A browser: cookies, and headers that it sends each time.
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<(&'static str, &'static str)>,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Request::get(path), Body::empty()).await
    }

    pub async fn head(&mut self, path: &str) -> Reply {
        self.send(Request::head(path), Body::empty()).await
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Reply {
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path)
            .header(CONTENT_TYPE, FORM.1)
            .header("host", "login.example")
            .header("origin", "https://login.example");
        self.send(request, Body::from(body)).await
    }

    async fn send(&mut self, mut request: http::request::Builder, body: Body) -> Reply {
        let jar: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !jar.is_empty() {
            request = request.header(COOKIE, jar.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let reply = send(&self.router, request.body(body).expect("a request")).await;
        self.keep_cookies(&reply);
        reply
    }

    /// Keeps and forgets cookies as a reply says.
    pub fn keep_cookies(&mut self, reply: &Reply) {
        for value in reply.headers.get_all(SET_COOKIE) {
            let text = value.to_str().expect("a cookie");
            let (name, value) =
                text.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Follows redirects on our own host; stops at a page or where one leads elsewhere.
    pub async fn follow(&mut self, path: &str) -> Reply {
        let mut reply = self.get(path).await;
        for _ in 0..10 {
            match reply.location().filter(|location| location.starts_with('/')) {
                Some(next) => reply = self.get(next).await,
                None => return reply,
            }
        }
        panic!("too many redirects after {path}");
    }

    /// Types name and password on the login page that `reply` shows.
    pub async fn sign_in(&mut self, page: &Reply, username: &str, password: &str) -> Reply {
        let action = page.form_action();
        self.post(&action, &[("username", username), ("password", password)]).await
    }

    /// Logs in on the way to where `path` leads, and follows to the end.
    pub async fn log_in(&mut self, person: &SandboxPerson, path: &str) -> Reply {
        let page = self.follow(path).await;
        let reply = self.sign_in(&page, person.login_name, person.password).await;
        let next = reply.location().expect("a redirect after signing in").to_owned();
        self.follow(&next).await
    }

    /// The code that an application gets after a login.
    pub async fn code_for(&mut self, person: &SandboxPerson, path: &str) -> String {
        let reply = self.log_in(person, path).await;
        reply.query("code").expect("a code")
    }
}

async fn send(router: &Router, request: Request<Body>) -> Reply {
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(bytes.to_vec()).expect("text"),
    }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    pub fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION).map(|value| value.to_str().expect("text"))
    }

    /// A parameter of the address that a redirect leads to.
    pub fn query(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.location()?).ok()?;
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub fn form_action(&self) -> String {
        let form = self.body.split("<form").nth(1).expect("a form");
        let (_, rest) = form.split_once("action=\"").expect("an action");
        rest.split('"').next().expect("an address").to_owned()
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\"")).expect("the field");
        let (_, rest) = rest.split_once("value=\"").expect("a value");
        rest.split('"').next().expect("a value").to_owned()
    }

    /// A page that refuses: its code is on it, and no redirect leads away.
    pub fn must_refuse_on_a_page(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.location(), None);
        assert!(self.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
        assert!(self.body.contains(code), "no {code} in {}", self.body);
        assert!(self.body.contains("FB-"), "no support code");
    }
}
