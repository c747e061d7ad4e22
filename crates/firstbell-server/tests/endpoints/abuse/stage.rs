//! Where cases are played: a [`World`] with a second district, more applications, and browsers
//! whose people are signed in already, because a password takes its time.

use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use axum::body::Body;
use firstbell_core::application::{
    Application, ClientSecret, Connection, ConnectionState, Sharing, Stage as Built,
};
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::roster::{District, DistrictPolicy};
use firstbell_core::secret::Secret;
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_protocol::vocabulary::RoleKind;
use firstbell_roster::sandbox::{self, SandboxPerson, SandboxSize, people};
use firstbell_server::entropy::Entropy;
use firstbell_server::importing::Import;
use firstbell_store::testing;
use firstbell_store::{Seek, StoreError};
use firstbell_upstream::password::PasswordKey;
use http::Request;

use super::case::{Case, Scene, Sent, Then, form, get};
use super::oracle::{self, held};
use crate::world::{
    Browser, CALLBACK, CLIENT, OTHER_CALLBACK, Reply, SECRET, World, ana, basic, encoded,
    suspended, unshared, worlds,
};

const LIBRARY: App = App {
    word: "library",
    client_id: "1ib7a7e00000000000",
    secret: "fedcba9876543210fedcba9876543210fedcba98",
    callback: "https://library.example/cb",
};

/// For teachers only.
const CHALK: App = App {
    word: "chalk",
    client_id: "c4a1000000000000c4a1",
    secret: "aaaabbbbccccddddaaaabbbbccccddddaaaabbbb",
    callback: "https://chalk.example/cb",
};

/// No district has connected it.
const LONER: App = App {
    word: "loner",
    client_id: "10ae700000000000010a",
    secret: "0000111122223333000011112222333300001111",
    callback: "https://loner.example/cb",
};

struct App {
    word: &'static str,
    client_id: &'static str,
    secret: &'static str,
    callback: &'static str,
}

/// What an administrator sends to open the portal as Ana.
pub const OPEN_AS_ANA: &str = "csrf={csrf}&person={ana_id}&reason=She+sees+no+tiles+at+all";

/// A session that lives this long is used again; then its use is worth a row.
const KEPT: Duration = Duration::from_mins(4);

pub struct Stage {
    pub world: World,
    browser: Browser,
    /// What words in braces stand for.
    words: BTreeMap<&'static str, String>,
    jars: HashMap<&'static str, (BTreeMap<String, String>, Timestamp)>,
    /// How the district shares with FlightSchool when nobody has changed it.
    shared: Connection,
    /// FlightSchool when nobody has changed it.
    flightschool: Application,
    /// Nobody must ever connect to it.
    trap: TcpListener,
}

/// What came of a case.
pub struct Verdict {
    /// Why it is not refused as it must be.
    pub refused: Result<(), String>,
    /// The tables that differ and must not.
    pub changed: Vec<String>,
}

/// One stage on each database, under the database's name.
pub async fn stages() -> Vec<(&'static str, Stage)> {
    let mut stages = Vec::new();
    for (world, name) in worlds().await.into_iter().zip(["SQLite", "PostgreSQL"]) {
        stages.push((name, Stage::furnish(world).await));
    }
    stages
}

impl Stage {
    async fn furnish(world: World) -> Self {
        let north = add_district(&world).await;
        let mut words = BTreeMap::new();
        let trap = TcpListener::bind("127.0.0.1:0").expect("a port");
        trap.set_nonblocking(true).expect("a trap");
        words.insert("trap", format!("127.0.0.1:{}", trap.local_addr().expect("a port").port()));
        for app in [LIBRARY, CHALK, LONER] {
            let id = add_application(&world, &app, north).await;
            words.insert(app.word, app.client_id.into());
            words.insert(leak(app.word, "id"), id.to_string());
            words.insert(leak(app.word, "callback"), encoded(app.callback));
            words.insert(leak(app.word, "basic"), basic(app.client_id, app.secret));
        }
        world.app.refresh_settings().await.expect("settings");
        let settings = world.app.settings();
        let connection = settings.connection(world.flightschool, world.district);
        let flightschool = settings.application(world.flightschool).expect("FlightSchool").clone();
        let shared = connection.expect("a connection").clone();
        for (word, district, person) in [
            ("ana", world.district, ana()),
            ("noah", world.district, &people::THEO_PARK),
            ("north_ana", north, ana()),
            ("amara", world.district, &people::AMARA_OKAFOR),
            ("admin", world.district, &people::LIN_ZHOU),
            ("suspended", world.district, suspended()),
            ("noor", world.district, unshared()),
        ] {
            let find = move |tx: &mut firstbell_store::Tx<'_>| {
                tx.district(district).user_by_login_name(person.login_name)
            };
            let user = world.store.read(find).await.expect("a look").expect("a person");
            words.insert(leak(word, "id"), user.id.to_string());
            let role = user.roles.last().expect("a role");
            words.insert(leak(word, "role"), role.id.to_string());
            words.insert(leak(word, "beside"), beside(&user.id.to_string()));
        }
        words.extend(places(&world, north).await);
        let authorize = format!(
            "/oauth/authorize?response_type=code&client_id={CLIENT}&redirect_uri={}&district_id={}",
            encoded(CALLBACK),
            world.district
        );
        for (word, value) in [
            ("client", CLIENT.into()),
            ("secret", SECRET.into()),
            ("basic", basic(CLIENT, SECRET)),
            ("callback", encoded(CALLBACK)),
            ("second_callback", encoded(OTHER_CALLBACK)),
            ("district", world.district.to_string()),
            ("north", north.to_string()),
            ("app", world.flightschool.to_string()),
            ("library_secret", LIBRARY.secret.into()),
            ("authorize", authorize),
        ] {
            words.insert(word, value);
        }
        let browser = world.browser();
        Self { world, browser, words, jars: HashMap::new(), shared, flightschool, trap }
    }

    /// Plays one case.
    pub async fn play(&mut self, case: &Case) -> Verdict {
        self.prepare(case).await;
        let before = testing::contents(&self.world.store).await.expect("contents");
        let cookies = self.browser.cookies.clone();

        let replies = self.send(&case.sent, case.times).await;

        let after = testing::contents(&self.world.store).await.expect("contents");
        let changed: Vec<String> = before
            .into_iter()
            .filter(|(table, rows)| after.get(table) != Some(rows))
            .map(|(table, _)| table)
            .filter(|table| !case.may_change.contains(&table.as_str()))
            .filter(|table| !case.oracle.is_written_down(table))
            .collect();
        let mut refused = case.oracle.judge(self, &replies);
        refused = refused.and_then(|()| replies.iter().try_for_each(|it| oracle::rim(self, it)));
        refused = refused.and_then(|()| self.nobody_called());
        for then in &case.then {
            if refused.is_ok() {
                refused = self.check(*then, &replies, &cookies).await;
            }
        }
        self.tidy(case).await;
        Verdict { refused, changed }
    }

    /// Everything that happens before the request.
    pub async fn prepare(&mut self, case: &Case) {
        self.browser = self.world.browser();
        for word in ["code", "token", "login", "session", "csrf"] {
            self.words.remove(word);
        }
        for scene in &case.scene {
            self.set(scene).await;
        }
        self.know_browser();
    }

    /// A text with its words in braces filled in.
    pub fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, value) in &self.words {
            let mark = format!("{{{word}}}");
            if text.contains(&mark) {
                text = text.replace(&mark, value);
            }
        }
        text
    }

    /// What must stand in no answer.
    pub fn secrets(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let kept = ["code", "token", "session", "secret", "library_secret"];
        let own = kept.into_iter().filter_map(|word| Some((word, self.words.get(word)?.as_str())));
        own.chain([("password", ana().password)]).filter(|(_, secret)| !secret.is_empty())
    }

    pub async fn set(&mut self, scene: &Scene) {
        match scene {
            Scene::SignedIn(person) => self.browser.cookies = self.jar_of(person).await,
            Scene::SignedInHere(person) => {
                let name = self.world.app.cookie_names().session;
                let session = self.jar_of(person).await.remove(name).expect("a session");
                self.browser.cookies.insert(name.to_owned(), session);
            }
            Scene::LoginBegun => {
                let page = self.browser.follow(&self.filled("{authorize}&state=s")).await;
                let action = page.form_action();
                let login = action.trim_end_matches("/password").trim_start_matches("/login/");
                self.words.insert("login", login.to_owned());
            }
            Scene::PasswordTyped(person) => {
                let (name, password) = (person.login_name, person.password);
                let action = self.filled("/login/{login}/password");
                let typed = [("username", name), ("password", password)];
                let reply = self.browser.post(&action, &typed).await;
                assert_eq!(reply.status.as_u16(), 303, "{name} signs in: {}", reply.body);
            }
            Scene::Code(person) => {
                let path = self.filled("{authorize}");
                self.code(person, &path).await;
            }
            Scene::CodeWith(person, more) => {
                let path = self.filled(&format!("{{authorize}}{more}"));
                self.code(person, &path).await;
            }
            Scene::Waits(more) => {
                let path = self.filled(&format!("{{authorize}}{more}"));
                let reply = self.browser.get(&path).await;
                let login = reply.location().and_then(|it| it.strip_prefix("/login/"));
                self.words.insert("login", login.expect("a login that waits").to_owned());
            }
            Scene::OpenedAsAna => {
                self.browser.cookies = self.jar_of(&people::LIN_ZHOU).await;
                self.know_browser();
                let reply = self.send_one(&form("/in/ada/open-as", OPEN_AS_ANA)).await;
                assert_eq!(reply.status.as_u16(), 303, "{}", reply.body);
                self.jars.clear();
            }
            Scene::TileCode(person) => {
                let path = self.filled("/in/ada/launch/{app}");
                self.code(person, &path).await;
            }
            Scene::Redeemed => {
                let reply = self.world.exchange(&self.filled("{code}")).await;
                let token = reply.json()["access_token"].as_str().expect("a token").to_owned();
                self.words.insert("token", token);
            }
            Scene::ReadsRoster => {
                let tier = AccessTier::SecureSync;
                self.change(Application { tier, ..self.flightschool.clone() }).await;
                let list =
                    get("/oauth/tokens?owner_type=district").with("authorization", "{basic}");
                let list = self.send_one(&list).await.json();
                let token = list["data"][0]["access_token"].as_str().expect("a token").to_owned();
                self.words.insert("token", token);
            }
            Scene::Later(time) => self.world.clock.advance(*time),
            Scene::Purged => {
                let now = self.world.app.now();
                while self.world.store.purge(now, 500).await.expect("a purge").more {}
            }
            Scene::Suspended(person) => self.suspend(person, Some(self.world.app.now())).await,
            Scene::Unshared => {
                let sharing = Sharing::schools(Vec::new());
                self.connect(Connection { sharing, ..self.shared.clone() }).await;
            }
            Scene::Stands(state) => {
                self.connect(Connection { state: *state, ..self.shared.clone() }).await;
            }
            Scene::Changed(change) => {
                let settings = self.world.app.settings();
                let known = settings.application(self.world.flightschool).expect("FlightSchool");
                let mut application = known.clone();
                change(&mut application, self.world.app.now());
                self.change(application).await;
            }
            Scene::RedirectUriWithdrawn => self.register(&[OTHER_CALLBACK]).await,
            Scene::SignedOut => {
                let cookies = self.browser.cookies.clone();
                let portal = self.browser.get("/in/ada").await;
                let csrf = portal.hidden("csrf");
                self.browser.post("/in/ada/sign-out", &[("csrf", &csrf)]).await;
                self.browser.cookies = cookies;
            }
            Scene::AnotherBrowser => self.browser = self.world.browser(),
            Scene::Cookie(name, value) => {
                self.browser.cookies.insert((*name).to_owned(), self.filled(value));
            }
            Scene::Sent(sent, times) => {
                for _ in 0..*times {
                    self.know_browser();
                    self.send_one(sent).await;
                }
            }
        }
    }

    async fn jar_of(&mut self, person: &'static SandboxPerson) -> BTreeMap<String, String> {
        let now = self.world.app.now();
        if let Some((jar, since)) = self.jars.get(person.login_name)
            && now.since(*since) < KEPT
        {
            return jar.clone();
        }
        let mut browser = self.world.browser();
        browser.log_in(person, "/in/ada").await;
        self.jars.insert(person.login_name, (browser.cookies.clone(), now));
        browser.cookies
    }

    async fn code(&mut self, person: &'static SandboxPerson, path: &str) {
        let mut browser = self.world.browser();
        browser.cookies = self.jar_of(person).await;
        let code = browser.get(path).await.query("code").expect("a code");
        self.words.insert("code", code);
    }

    /// What the browser holds, and its form's secret, become words.
    pub fn know_browser(&mut self) {
        let name = self.world.app.cookie_names().session;
        if let Some(session) = self.browser.cookies.get(name).cloned() {
            let derived = Secret::from_text(format!("csrf {session}")).hash();
            let csrf = firstbell_core::secret::hexadecimal(&derived.as_bytes()[..16]);
            self.words.insert("csrf", csrf);
            self.words.insert("session", session);
        }
    }

    pub async fn send(&mut self, sent: &Sent, times: usize) -> Vec<Reply> {
        if times == 1 {
            return vec![self.send_one(sent).await];
        }
        let asked = (0..times).map(|_| self.world.ask(self.request(sent))).collect();
        at_once(asked).await
    }

    async fn send_one(&mut self, sent: &Sent) -> Reply {
        let request = self.request(sent);
        let reply = self.world.ask(request).await;
        self.browser.keep_cookies(&reply);
        reply
    }

    fn request(&self, sent: &Sent) -> Request<Body> {
        let mut request = Request::builder().method(sent.method).uri(self.filled(&sent.path));
        let jar: Vec<_> = self.browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        if !jar.is_empty() {
            request = request.header("cookie", jar.join("; "));
        }
        for (name, value) in &sent.headers {
            let value: Vec<u8> = self.filled(value).chars().map(|c| c as u8).collect();
            request = request.header(*name, value);
        }
        let body = match std::str::from_utf8(&sent.body) {
            Ok(text) => self.filled(text).into_bytes(),
            Err(_) => sent.body.clone(),
        };
        request.body(Body::from(body)).expect("a request")
    }

    /// No address that came with a request is ever called.
    fn nobody_called(&self) -> Result<(), String> {
        match self.trap.accept() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            called => Err(format!("an address that was sent along was called: {called:?}")),
        }
    }

    async fn check(
        &mut self,
        then: Then,
        replies: &[Reply],
        cookies: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        match then {
            Then::CodeKept | Then::CodeBurnt => {
                let reply = self.world.exchange(&self.filled("{code}")).await;
                let expected = if matches!(then, Then::CodeKept) { 200 } else { 400 };
                let status = reply.status.as_u16();
                held(status == expected, || format!("the code is then answered {status}"))
            }
            Then::TokenStays | Then::TokenDead => {
                let reply = self.world.get_with_token("/v3.0/me", &self.filled("{token}")).await;
                let expected = if matches!(then, Then::TokenStays) { 200 } else { 401 };
                let status = reply.status.as_u16();
                held(status == expected, || format!("the token is then answered {status}"))
            }
            Then::DataOf(path) => {
                let (path, token) = (self.filled(path), self.filled("{token}"));
                let other = self.world.get_with_token(&path, &token).await;
                let is_same = other.json()["data"] == replies[0].json()["data"];
                held(is_same, || format!("other data than at {path}"))
            }
            Then::CountIsOfThese => {
                let list = replies[0].json();
                let (count, data) = (list["count"].as_u64(), list["data"].as_array());
                let counted = data.map(|data| data.len() as u64).filter(|it| *it > 0);
                held(counted.is_some() && count == counted, || format!("{count:?} are counted"))
            }
            Then::SessionStays | Then::SessionDead => {
                let mut browser = self.world.browser();
                browser.cookies.clone_from(cookies);
                let status = browser.get("/in/ada").await.status.as_u16();
                let expected = if matches!(then, Then::SessionStays) { 200 } else { 303 };
                held(status == expected, || format!("the session is then answered {status}"))
            }
            Then::CodeIsOf(person) => {
                let code = replies.iter().find_map(|reply| reply.query("code"));
                let code = code.ok_or("there is no code")?;
                let token = self.world.exchange(&code).await.json()["access_token"].clone();
                let token = token.as_str().ok_or("no token for the code")?;
                let me = self.world.get_with_token("/v3.0/me", token).await.json();
                let id = me["data"]["id"].as_str().unwrap_or_default();
                let user = self.world.get_with_token(&format!("/v3.0/users/{id}"), token).await;
                let last = user.json()["data"]["name"]["last"].clone();
                held(last == person.last, || format!("the code speaks for {last}"))
            }
        }
    }

    /// Undoes what a scene did to the installation.
    async fn tidy(&mut self, case: &Case) {
        for scene in &case.scene {
            match scene {
                Scene::Suspended(person) => {
                    self.suspend(person, None).await;
                    // Whatever is not younger than a readmission does not count.
                    self.world.clock.advance(Duration::from_secs(1));
                }
                Scene::Unshared | Scene::Stands(_) => self.connect(self.shared.clone()).await,
                Scene::Changed(_) | Scene::ReadsRoster => {
                    self.change(self.flightschool.clone()).await;
                }
                Scene::RedirectUriWithdrawn => self.register(&[CALLBACK, OTHER_CALLBACK]).await,
                _ => {}
            }
        }
        let ends_sessions = |scene: &Scene| {
            matches!(scene, Scene::SignedOut | Scene::PasswordTyped(_) | Scene::Suspended(_))
        };
        let ends_sessions = case.may_change.contains(&"sessions")
            || case.then.iter().any(|it| matches!(it, Then::SessionDead))
            || case.scene.iter().any(ends_sessions);
        if ends_sessions {
            self.jars.clear();
        }
    }

    async fn suspend(&self, person: &'static SandboxPerson, since: Option<Timestamp>) {
        let district = self.world.district;
        let work = move |tx: &mut firstbell_store::Tx<'_>| {
            let user = tx.district(district).user_by_login_name(person.login_name)?;
            let id = user.expect("a person").id;
            match since {
                Some(since) => tx.district(district).suspend(id, since),
                None => tx.district(district).readmit(id).map(drop),
            }
        };
        self.world.store.write(work).await.expect("a suspension");
    }

    async fn connect(&self, connection: Connection) {
        self.world.store.write(move |tx| tx.connect(&connection)).await.expect("a connection");
        self.world.app.refresh_settings().await.expect("settings");
    }

    async fn change(&self, application: Application) {
        let work = move |tx: &mut firstbell_store::Tx<'_>| tx.change_application(&application);
        assert!(self.world.store.write(work).await.expect("an application"), "it is there");
        self.world.app.refresh_settings().await.expect("settings");
    }

    async fn register(&self, uris: &'static [&'static str]) {
        let work = move |tx: &mut firstbell_store::Tx<'_>| {
            let uris: Vec<_> = uris.iter().map(|uri| uri.parse().expect("a URI")).collect();
            tx.replace_redirect_uris(&CLIENT.parse().expect("an id"), &uris)
        };
        self.world.store.write(work).await.expect("redirect URIs");
        self.world.app.refresh_settings().await.expect("settings");
    }
}

/// The sandbox once more as `north`: the same names and passwords, and other people.
async fn add_district(world: &World) -> DistrictId {
    let now = world.app.now();
    let district = District {
        id: DistrictId::new(now, &mut Entropy),
        shortname: "north".parse().expect("a shortname"),
        name: "North Unified".into(),
        place: None,
        policy: DistrictPolicy::default(),
    };
    let id = district.id;
    world.store.write(move |tx| tx.create_district(&district, now)).await.expect("a district");
    let folder = tempfile::tempdir().expect("a folder");
    sandbox::generate(folder.path(), SandboxSize::Small, 1).expect("a sandbox");
    let (store, clock) = (world.store.clone(), world.clock.clone());
    let import = Import { store, district: id, source: folder.path().to_owned(), clock };
    let prepared = import.prepare(|_| {}).await.expect("a roster");
    import.apply(prepared, &PasswordKey::derive(&[5; 32]), |_, _| {}).await.expect("applied");
    id
}

/// A school that is not shared with FlightSchool and a section of it, and a school of `north`.
async fn places(world: &World, north: DistrictId) -> [(&'static str, String); 3] {
    let (district, flightschool) = (world.district, world.flightschool);
    let settings = world.app.settings();
    let shared = settings.connection(flightschool, district).expect("a connection").sharing.clone();
    let look = move |tx: &mut firstbell_store::Tx<'_>| {
        let mut own = tx.district(district);
        let version = own.roster_version()?;
        let mut roster = own.roster_at(version);
        let shared = shared.rules[0].schools.clone().expect("schools");
        let schools = roster.schools(Seek::First, 10)?;
        let closed = schools.iter().map(|it| it.record.id).find(|it| !shared.contains(it));
        let closed = closed.expect("a school that is not shared");
        let section = roster.sections_of_school(closed)?[0];
        let mut north = tx.district(north);
        let version = north.roster_version()?;
        let other = north.roster_at(version).schools(Seek::First, 1)?[0].record.id;
        Ok::<_, StoreError>([
            ("closed_school", closed.to_string()),
            ("closed_section", section.to_string()),
            ("north_school", other.to_string()),
        ])
    };
    world.store.read(look).await.expect("a look")
}

/// An id next to this one, which nobody has.
fn beside(id: &str) -> String {
    let (rest, last) = id.split_at(id.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

async fn add_application(world: &World, app: &App, north: DistrictId) -> ApplicationId {
    let now = world.app.now();
    let settings = world.app.settings();
    let like = settings.application(world.flightschool).expect("FlightSchool").clone();
    let is_chalk = app.word == CHALK.word;
    let application = Application {
        id: ApplicationId::new(now, &mut Entropy),
        client_id: app.client_id.parse().expect("a client id"),
        secrets: vec![ClientSecret { hash: Secret::from_text(app.secret).hash(), until: None }],
        name: app.word.into(),
        redirect_uris: vec![app.callback.parse().expect("a URI")],
        user_types: if is_chalk { vec![RoleKind::Teacher] } else { like.user_types.clone() },
        stage: Built::Production,
        ..like
    };
    let id = application.id;
    let connects: &[DistrictId] = match app.word {
        "loner" => &[],
        "library" => &[world.district, north],
        _ => &[world.district],
    };
    let connects = connects.to_vec();
    let work = move |tx: &mut firstbell_store::Tx<'_>| {
        tx.create_application(&application, now)?;
        connects.iter().try_for_each(|district| {
            tx.connect(&Connection {
                application: id,
                district: *district,
                state: ConnectionState::Active,
                sharing: Sharing::everyone(),
                since: now,
            })
        })
    };
    world.store.write(work).await.expect("an application");
    id
}

fn leak(word: &str, kind: &str) -> &'static str {
    Box::leak(format!("{word}_{kind}").into_boxed_str())
}

/// All at once, on the runtime of the test.
async fn at_once<F: Future<Output = Reply>>(asked: Vec<F>) -> Vec<Reply> {
    let mut waiting: Vec<_> = asked.into_iter().map(|it| Some(Box::pin(it))).collect();
    let mut replies = Vec::new();
    std::future::poll_fn(|context| {
        for slot in &mut waiting {
            if let Some(future) = slot
                && let std::task::Poll::Ready(reply) = future.as_mut().poll(context)
            {
                replies.push(reply);
                *slot = None;
            }
        }
        if waiting.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    replies
}
