//! Rosters fetched from a OneRoster service that behaves well, and from one that does not.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use firstbell_core::id::DistrictId;
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::sync::{
    Consent, OneRosterService, OneRosterVersion, RunState, SyncSource,
};
use firstbell_server::syncing::Syncing;
use firstbell_server::syncing::oneroster::{Lanes, Patience};
use firstbell_server::syncing::run::{RunError, Unwatched};
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value, json};

use crate::world::{World, worlds};

const PATIENCE: Patience = Patience {
    tries: 3,
    first_rest: Duration::from_millis(1),
    prompt: Duration::from_secs(5),
    longest: Duration::from_mins(1),
    most_pages: 50,
};
const SECRET: &str = "s3cret of the district";
const DAY: Duration = Duration::from_hours(24);

/// How the service behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Good,
    /// It says that it is tired, and forgets its tokens, every now and then.
    Moody,
    /// It falls silent when it is asked for classes.
    Broken,
    /// It says that there are more users than it gives.
    Short,
    /// It sends whoever asks for users elsewhere.
    Elsewhere,
    /// It knows no users.
    NoUsers,
    /// It keeps births and origins to itself.
    Discreet,
    /// It gives the first page of users again and again, and does not say how many there are.
    Endless,
    /// It answers with a page for people.
    Talkative,
    /// Zoe leaves once the first page of users was told.
    Leaves,
    /// Zoe leaves once enrolments are asked for.
    LeavesLate,
    /// Zoe comes once the first page of users was told, and it does not say how many there are.
    Comes,
    /// It says each time that there is one user more.
    Restless,
    /// It keeps all but the first page of births and origins to itself.
    HalfDiscreet,
    /// There is always one more user.
    Bottomless,
    /// It gives more users on a page than it is asked for.
    Lavish,
    /// It does not answer.
    Silent,
    /// One of its users is `null`.
    Hollow,
    /// Once it has told all births and origins it says that there is one more, and refuses them once.
    Wavers,
    /// The same, but that it refuses them from then on.
    Closes,
}

struct Sis {
    version: OneRosterVersion,
    manner: Mutex<Manner>,
    /// What it was asked for, with the offset.
    asked: Mutex<Vec<String>>,
    tokens: Mutex<u32>,
    /// Whether Zoe is there.
    has_zoe: AtomicBool,
    pages_of_users: AtomicUsize,
    pages_of_births: AtomicUsize,
}

impl Sis {
    async fn start(version: OneRosterVersion, manner: Manner) -> (Arc<Self>, String) {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let sis = Arc::new(Self {
            version,
            manner: Mutex::new(manner),
            asked: Mutex::default(),
            tokens: Mutex::default(),
            has_zoe: AtomicBool::new(matches!(manner, Manner::Leaves | Manner::LeavesLate)),
            pages_of_users: AtomicUsize::default(),
            pages_of_births: AtomicUsize::default(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&sis));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (sis, address)
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("unpoisoned"))
    }

    fn behave(&self, manner: Manner) {
        *self.manner.lock().expect("unpoisoned") = manner;
    }

    fn items(&self, collection: &str) -> Option<Vec<Value>> {
        let to =
            |id: &str| json!({ "href": "https://sis.example/x", "sourcedId": id, "type": "x" });
        let user = |id: &str, role: &str, first: &str| {
            let mut user = json!({
                "sourcedId": id, "status": "active", "enabledUser": "true", "username": id,
                "givenName": first, "familyName": "Núñez", "email": format!("{id}@north.example"),
                "grades": ["04"], "agents": [], "userIds": [],
            });
            let roles = json!([{ "roleType": "primary", "role": role, "org": to("s1") }]);
            match self.version {
                OneRosterVersion::OneOne => {
                    user["role"] = role.into();
                    user["orgs"] = json!([to("s1")]);
                }
                OneRosterVersion::OneTwo => user["roles"] = roles,
            }
            user
        };
        Some(match collection {
            "orgs" => vec![
                json!({ "sourcedId": "d1", "name": "North", "type": "district" }),
                json!({ "sourcedId": "s1", "name": "Hill, \"the\" School", "type": "school",
                        "parent": to("d1") }),
            ],
            "academicSessions" => vec![json!({
                "sourcedId": "t1", "title": "Fall", "type": "term",
                "startDate": "2026-01-01", "endDate": "2027-01-01", "schoolYear": 2027,
            })],
            "courses" => vec![json!({ "sourcedId": "k1", "title": "Math", "courseCode": "M" })],
            "classes" => vec![json!({
                "sourcedId": "c1", "title": "Math 4", "classType": "scheduled", "grades": ["04"],
                "course": to("k1"), "school": to("s1"), "terms": [to("t1")], "periods": ["1"],
            })],
            "users" if self.has_zoe.load(Ordering::SeqCst) => vec![
                user("a1", "student", "Zoe"),
                user("p1", "teacher", "Grace"),
                user("u1", "student", "Ana"),
                user("u2", "student", "Theo"),
                user("u3", "student", "Max"),
            ],
            "users" => vec![
                user("p1", "teacher", "Grace"),
                user("u1", "student", "Ana"),
                user("u2", "student", "Theo"),
                user("u3", "student", "Max"),
            ],
            "enrollments" => [("p1", "teacher"), ("u1", "student"), ("u2", "student")]
                .iter()
                .map(|(who, role)| {
                    json!({
                        "sourcedId": format!("e-{who}"), "role": role, "primary": "true",
                        "user": to(who), "class": to("c1"), "school": to("s1"),
                    })
                })
                .collect(),
            "demographics" => ["u1", "u2", "u3"]
                .map(|id| json!({ "sourcedId": id, "birthDate": "2016-05-17" }))
                .to_vec(),
            _ => return None,
        })
    }

    fn page(&self, uri: &Uri, query: &HashMap<String, String>) -> Response {
        let root = match self.version {
            OneRosterVersion::OneOne => "/ims/oneroster/v1p1/",
            OneRosterVersion::OneTwo => "/ims/oneroster/rostering/v1p2/",
        };
        let name = uri.path().strip_prefix(root).unwrap_or_default();
        let manner = *self.manner.lock().expect("unpoisoned");
        match (manner, name) {
            (Manner::Broken, "classes") => return StatusCode::BAD_GATEWAY.into_response(),
            (Manner::NoUsers, "users") => return StatusCode::NOT_FOUND.into_response(),
            (Manner::Discreet, "demographics") => return StatusCode::FORBIDDEN.into_response(),
            (Manner::HalfDiscreet, "demographics")
                if query.get("offset").is_some_and(|it| it != "0") =>
            {
                return StatusCode::FORBIDDEN.into_response();
            }
            (Manner::Talkative, "users") => return "<h1>Welcome!</h1>".into_response(),
            (Manner::Elsewhere, "users") => {
                let to = [(header::LOCATION, "/elsewhere")];
                return (StatusCode::TEMPORARY_REDIRECT, to).into_response();
            }
            _ => {}
        }
        let Some(items) = self.items(name) else { return StatusCode::NOT_FOUND.into_response() };
        let nth = match name {
            "users" => self.pages_of_users.fetch_add(1, Ordering::SeqCst),
            "demographics" => self.pages_of_births.fetch_add(1, Ordering::SeqCst),
            _ => 0,
        };
        match (manner, name, nth) {
            (Manner::Leaves, "users", 0) | (Manner::LeavesLate, "enrollments", _) => {
                self.has_zoe.store(false, Ordering::SeqCst);
            }
            (Manner::Comes, "users", 0) => self.has_zoe.store(true, Ordering::SeqCst),
            (Manner::Bottomless, "users", _) => {
                return axum::Json(json!({ "users": [{ "sourcedId": nth }] })).into_response();
            }
            (Manner::Lavish, "users", _) => {
                return axum::Json(json!({ "users": vec![json!({}); 2_001] })).into_response();
            }
            (Manner::Hollow, "users", _) => {
                return axum::Json(
                    json!({ "users": if nth == 0 { vec![Value::Null] } else { vec![] } }),
                )
                .into_response();
            }
            // Two pages, and the last count.
            (Manner::Wavers, "demographics", 3) | (Manner::Closes, "demographics", 3..) => {
                return StatusCode::FORBIDDEN.into_response();
            }
            _ => {}
        }
        let number = |name: &str| query.get(name).and_then(|it| it.parse::<usize>().ok());
        let more = match manner {
            Manner::Short if name == "users" => 1,
            Manner::Restless if name == "users" => nth,
            Manner::Wavers | Manner::Closes if name == "demographics" && nth == 2 => 1,
            _ => 0,
        };
        let total = items.len() + more;
        // No page of it has more than two items, whatever is asked for.
        let limit = number("limit").expect("a limit").min(2);
        let is_endless = manner == Manner::Endless && name == "users";
        let offset = if is_endless { 0 } else { number("offset").expect("an offset") };
        let some: Vec<_> = items.into_iter().skip(offset).take(limit).collect();
        if is_endless || manner == Manner::Comes {
            return axum::Json(json!({ name: some })).into_response();
        }
        let total = [("x-total-count", total.to_string())];
        (total, axum::Json(json!({ name: some }))).into_response()
    }
}

async fn answer(
    State(sis): State<Arc<Sis>>,
    Query(query): Query<HashMap<String, String>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let authorization = headers.get(header::AUTHORIZATION).map(|it| it.to_str().expect("text"));
    if uri.path() == "/token" {
        // base64 of `firstbell:` and the secret.
        let basic = Some("Basic Zmlyc3RiZWxsOnMzY3JldCBvZiB0aGUgZGlzdHJpY3Q=");
        let is_scoped = body.contains("roster.readonly") && body.contains("client_credentials");
        if authorization != basic || !is_scoped {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let mut tokens = sis.tokens.lock().expect("unpoisoned");
        *tokens += 1;
        let token = json!({ "access_token": format!("t{tokens}"), "token_type": "bearer" });
        return axum::Json(token).into_response();
    }
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    let offset = query.get("offset").cloned().unwrap_or_default();
    let nth = {
        let mut asked = sis.asked.lock().expect("unpoisoned");
        asked.push(format!("{name} {offset}"));
        asked.len()
    };
    let manner = *sis.manner.lock().expect("unpoisoned");
    if manner == Manner::Silent {
        return std::future::pending().await;
    }
    if manner == Manner::Moody {
        match nth % 5 {
            2 => return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")]).into_response(),
            3 => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            0 => *sis.tokens.lock().expect("unpoisoned") += 1,
            _ => {}
        }
    }
    let token = format!("Bearer t{}", sis.tokens.lock().expect("unpoisoned"));
    if authorization != Some(token.as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    assert_eq!(query.get("filter").map(String::as_str), Some("status='active'"));
    sis.page(&uri, &query)
}

impl World {
    /// A district whose roster is fetched from this address once a day.
    async fn served(&self, version: OneRosterVersion, address: &str) -> DistrictId {
        let district = self.other_district().await;
        self.serve(district, version, address).await;
        district
    }

    async fn serve(&self, district: DistrictId, version: OneRosterVersion, address: &str) {
        let purpose = Syncing::service_purpose(district);
        let sealing = &self.app.syncing().sealing;
        let service = OneRosterService {
            version,
            root: format!("{address}/ims/oneroster"),
            token_url: format!("{address}/token"),
            client_id: "firstbell".to_owned(),
            sealed_secret: sealing.seal(&purpose, SECRET.as_bytes().to_vec()).expect("sealed"),
            filter: Some("status='active'".to_owned()),
            every: Some(DAY),
        };
        assert!(!service.sealed_secret.windows(6).any(|part| part == b"s3cret"));
        let set = self.store.write(move |tx| tx.district(district).set_oneroster_service(&service));
        set.await.expect("a service");
    }

    async fn fetch(&self, district: DistrictId) -> Option<RunState> {
        self.fetch_if_due(district).await.expect("fetched")
    }

    async fn fetch_if_due(&self, district: DistrictId) -> Result<Option<RunState>, RunError> {
        let syncing = self.app.syncing();
        let begun = syncing.begin_fetch(district, DAY, PATIENCE).await?;
        let Some((run, mut client)) = begun else { return Ok(None) };
        let watcher = Arc::new(Unwatched);
        let ended = syncing.fetch(&run, &mut client, Consent::NotAsked, watcher).await?;
        Ok(Some(ended.state))
    }

    /// How the newest fetch of the district went so far.
    async fn newest_fetch(&self, district: DistrictId) -> Option<RunState> {
        let newest = move |tx: &mut firstbell_store::Tx<'_>| {
            tx.district(district).newest_sync_from(SyncSource::OneRoster)
        };
        self.store.read(newest).await.expect("read").map(|run| run.state)
    }

    /// Begins what is due until the district's roster is in.
    async fn fetch_until_applied(&self, lanes: &mut Lanes, district: DistrictId) {
        let applying = async {
            while !matches!(self.newest_fetch(district).await, Some(RunState::Applied { .. })) {
                lanes.fetch_due(self.app.syncing()).await.expect("begun");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), applying).await;
        waited.expect("it is held up by others");
    }

    /// When Ana was born, as the roster says it.
    async fn birth_in(&self, district: DistrictId) -> Option<String> {
        let read = self.store.read(move |tx| tx.district(district).current_roster());
        let roster = read.await.expect("a roster");
        let ana = roster.people.values().find(|it| it.user.name.first == "Ana");
        ana.expect("Ana").user.roles[0].details.get("dob").map(str::to_owned)
    }

    /// Fetches in vain; gives back why the run failed.
    async fn fetch_in_vain(&self, district: DistrictId) -> String {
        let error = self.fetch_if_due(district).await.unwrap_err();
        let state = self.newest_fetch(district).await;
        let Some(RunState::Failed { why }) = state else { panic!("{state:?} after {error}") };
        assert!(!why.contains("s3cret") && !why.contains("t1"), "{why}");
        let version = self.store.read(move |tx| tx.district(district).roster_version());
        assert_eq!(version.await.expect("a version").0, 0, "{why}");
        why
    }

    /// Everybody who is in the district: first name and first role.
    async fn people_of(&self, district: DistrictId) -> Vec<(String, RoleKind)> {
        let read = self.store.read(move |tx| tx.district(district).current_roster());
        let roster = read.await.expect("a roster");
        let mut people: Vec<_> = roster
            .people
            .values()
            .map(|person| (person.user.name.first.clone(), person.user.roles[0].kind))
            .collect();
        people.sort();
        people
    }
}

fn everybody() -> Vec<(String, RoleKind)> {
    use RoleKind::{Student, Teacher};
    [("Ana", Student), ("Grace", Teacher), ("Max", Student), ("Theo", Student)]
        .map(|(name, kind)| (name.to_owned(), kind))
        .to_vec()
}

#[tokio::test]
async fn a_roster_is_fetched_page_by_page_in_both_versions() {
    for version in [OneRosterVersion::OneOne, OneRosterVersion::OneTwo] {
        for world in worlds().await {
            let (sis, address) = Sis::start(version, Manner::Good).await;
            let district = world.served(version, &address).await;
            let applied = world.fetch(district).await;
            assert!(matches!(applied, Some(RunState::Applied { .. })), "{applied:?}");
            assert_eq!(world.people_of(district).await, everybody());
            let asked = sis.asked();
            assert!(asked.contains(&"users 0".to_owned()) && asked.contains(&"users 2".to_owned()));
            assert_eq!(world.kept(), 0, "nothing is left in the spool");

            assert_eq!(world.fetch(district).await, None, "it is fetched once a day");
            world.clock.advance(DAY);
            assert_eq!(world.fetch(district).await, Some(RunState::Unchanged));
        }
    }
}

#[tokio::test]
async fn a_service_that_is_tired_or_forgets_its_tokens_is_borne_with() {
    for world in worlds().await {
        let (sis, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Moody).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        let applied = world.fetch(district).await;
        assert!(matches!(applied, Some(RunState::Applied { .. })), "{applied:?} {:?}", sis.asked());
        assert_eq!(world.people_of(district).await, everybody());
    }
}

#[tokio::test]
async fn what_broke_off_goes_on_where_it_stopped() {
    for world in worlds().await {
        let (sis, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Broken).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        let why = world.fetch_in_vain(district).await;
        assert!(why.contains("not reached"), "{why}");
        assert_eq!(sis.asked().iter().filter(|asked| *asked == "classes 0").count(), 3);

        sis.behave(Manner::Good);
        assert_eq!(world.fetch(district).await, None, "a failure is tried again after a while");
        world.clock.advance(Duration::from_mins(10));
        let applied = world.fetch(district).await;
        assert!(matches!(applied, Some(RunState::Applied { .. })), "{applied:?}");
        let asked = sis.asked();
        assert_eq!(asked.first().map(String::as_str), Some("classes 0"), "{asked:?}");
        assert_eq!(world.people_of(district).await, everybody());
    }
}

#[tokio::test]
async fn pages_of_another_day_or_another_service_are_not_gone_on_with() {
    for world in worlds().await {
        let (sis, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Broken).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        world.fetch_in_vain(district).await;
        world.clock.advance(Duration::from_mins(31));
        sis.asked();
        world.fetch_in_vain(district).await;
        assert_eq!(sis.asked().first().map(String::as_str), Some("orgs 0"));
    }
}

/// U-21.
#[tokio::test]
async fn a_part_of_a_roster_is_no_roster() {
    for (manner, words) in [
        (Manner::Short, "says that there are 5 users, and gave 4"),
        (Manner::NoUsers, "answered 404 when asked for users"),
        (Manner::Elsewhere, "answered 307 when asked for users"),
        (Manner::Endless, "the same page of users again"),
        (Manner::Talkative, "no page of a OneRoster collection"),
        (Manner::Restless, "the users of the service changed while they were fetched"),
        (Manner::HalfDiscreet, "answered 403 when asked for demographics"),
        (Manner::Bottomless, "too many pages"),
        (Manner::Lavish, "more users on a page than it was asked for"),
    ] {
        for world in worlds().await {
            let (sis, address) = Sis::start(OneRosterVersion::OneTwo, manner).await;
            let district = world.served(OneRosterVersion::OneTwo, &address).await;
            let why = world.fetch_in_vain(district).await;
            assert!(why.contains(words), "{manner:?}: {why}");
            assert!(!sis.asked().iter().any(|asked| asked.starts_with("elsewhere")));
        }
    }
}

/// Somebody who comes or goes between two pages moves the others: nobody is missing for that.
#[tokio::test]
async fn what_changes_while_it_is_fetched_is_fetched_again() {
    for (manner, has_zoe) in
        [(Manner::Leaves, false), (Manner::LeavesLate, false), (Manner::Comes, true)]
    {
        for world in worlds().await {
            let (sis, address) = Sis::start(OneRosterVersion::OneTwo, manner).await;
            let district = world.served(OneRosterVersion::OneTwo, &address).await;
            let applied = world.fetch(district).await;
            assert!(matches!(applied, Some(RunState::Applied { .. })), "{manner:?}: {applied:?}");
            let mut people = everybody();
            if has_zoe {
                people.push(("Zoe".to_owned(), RoleKind::Student));
            }
            assert_eq!(world.people_of(district).await, people, "{manner:?}");
            let asked = sis.asked();
            let begun = asked.iter().filter(|asked| *asked == "orgs 0").count();
            assert!(begun <= 3, "what has not changed is not fetched again: {asked:?}");
        }
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_holds_up_nobody_else_and_nobody_for_ever() {
    for world in worlds().await {
        let (_, silent) = Sis::start(OneRosterVersion::OneTwo, Manner::Silent).await;
        let (_, good) = Sis::start(OneRosterVersion::OneTwo, Manner::Good).await;
        world.serve(world.district, OneRosterVersion::OneTwo, &silent).await;
        let north = world.served(OneRosterVersion::OneTwo, &good).await;
        let longest = Duration::from_secs(5);
        let mut lanes = Lanes::new(Patience { longest, prompt: DAY, ..PATIENCE });
        let newest = async |district| world.newest_fetch(district).await;
        let mut states = (None, None);
        while !matches!(states.1, Some(RunState::Applied { .. })) {
            lanes.fetch_due(world.app.syncing()).await.expect("begun");
            tokio::time::sleep(Duration::from_millis(10)).await;
            states = (newest(world.district).await, newest(north).await);
            assert!(!matches!(states.1, Some(RunState::Failed { .. })), "{states:?}");
        }
        assert!(matches!(states.0, Some(RunState::Running { .. })), "{states:?}");
        while !matches!(states.0, Some(RunState::Failed { .. })) {
            lanes.fetch_due(world.app.syncing()).await.expect("begun");
            tokio::time::sleep(Duration::from_millis(10)).await;
            states.0 = newest(world.district).await;
        }
        let Some(RunState::Failed { why }) = states.0 else { panic!() };
        assert!(why.contains("took too long"), "{why}");
        // Its lane is free again.
        world.clock.advance(DAY);
        while !matches!(newest(world.district).await, Some(RunState::Running { .. })) {
            lanes.fetch_due(world.app.syncing()).await.expect("begun");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn pages_that_nobody_goes_on_with_are_removed() {
    for world in worlds().await {
        let (_, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Broken).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        world.fetch_in_vain(district).await;
        world.clock.advance(Duration::from_mins(119));
        world.app.syncing().tidy().await.expect("tidy");
        assert_eq!(world.kept(), 1, "a fetch may still be under way");
        world.clock.advance(Duration::from_mins(1));
        world.app.syncing().tidy().await.expect("tidy");
        assert_eq!(world.kept(), 0);

        world.fetch_in_vain(district).await;
        assert_eq!(world.kept(), 1);
        world.app.syncing().forget_fetched(district).await;
        assert_eq!(world.kept(), 0);
    }
}

#[tokio::test]
async fn what_a_service_keeps_to_itself_is_not_in_the_roster() {
    for world in worlds().await {
        let (sis, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Good).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        sis.behave(Manner::Discreet);
        world.fetch(district).await;
        assert_eq!(world.birth_in(district).await, None);
        sis.behave(Manner::Good);
        world.clock.advance(DAY);
        world.fetch(district).await;
        assert_eq!(world.birth_in(district).await.as_deref(), Some("2016-05-17"));
    }
}

/// One refusal after all were there would take every birth from the roster.
#[tokio::test]
async fn what_a_service_has_told_it_does_not_keep_to_itself() {
    for world in worlds().await {
        let (sis, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Wavers).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        let applied = world.fetch(district).await;
        assert!(matches!(applied, Some(RunState::Applied { .. })), "{applied:?} {:?}", sis.asked());
        assert_eq!(world.birth_in(district).await.as_deref(), Some("2016-05-17"));

        let (_, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Closes).await;
        let closed = world.district_called("south").await;
        world.serve(closed, OneRosterVersion::OneTwo, &address).await;
        let why = world.fetch_in_vain(closed).await;
        assert!(why.contains("the demographics of the service changed"), "{why}");
    }
}

#[tokio::test]
async fn what_is_no_record_is_fetched_again_once_the_service_is_mended() {
    for world in worlds().await {
        let (sis, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Hollow).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        let why = world.fetch_in_vain(district).await;
        assert!(why.contains("an item of users is no object"), "{why}");
        sis.behave(Manner::Good);
        sis.asked();
        world.clock.advance(Duration::from_mins(10));
        let applied = world.fetch(district).await;
        assert!(matches!(applied, Some(RunState::Applied { .. })), "{applied:?}");
        assert_eq!(sis.asked().first().map(String::as_str), Some("users 0"), "the others are kept");
        assert_eq!(world.people_of(district).await, everybody());
    }
}

#[tokio::test]
async fn services_that_become_slow_in_the_same_moment_hold_up_nobody_else() {
    for world in worlds().await {
        let (sis, silent) = Sis::start(OneRosterVersion::OneTwo, Manner::Silent).await;
        let (_, good) = Sis::start(OneRosterVersion::OneTwo, Manner::Good).await;
        let mut slow = Vec::new();
        for name in ["slow-1", "slow-2", "slow-3", "slow-4"] {
            let district = world.district_called(name).await;
            world.serve(district, OneRosterVersion::OneTwo, &silent).await;
            slow.push(district);
        }
        let mut lanes = Lanes::new(PATIENCE);
        let mut asked = 0;
        while asked < slow.len() {
            lanes.fetch_due(world.app.syncing()).await.expect("begun");
            tokio::time::sleep(Duration::from_millis(10)).await;
            asked += sis.asked().len();
        }
        // They have all lanes, and had them for too long.
        let north = world.served(OneRosterVersion::OneTwo, &good).await;
        pass(PATIENCE.prompt).await;
        lanes.freed().await;
        world.fetch_until_applied(&mut lanes, north).await;
        let mut cut_off = 0;
        for district in &slow {
            match world.newest_fetch(*district).await {
                Some(RunState::Running { .. }) => {}
                Some(RunState::Failed { why }) if why.contains("is slow") => cut_off += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(cut_off, 2, "two go on");

        // From now on it is known who is slow: they wait for each other alone.
        world.clock.advance(Duration::from_mins(10));
        let south = world.district_called("south").await;
        world.serve(south, OneRosterVersion::OneTwo, &good).await;
        world.fetch_until_applied(&mut lanes, south).await;
        assert_eq!(sis.asked(), Vec::<String>::new());
    }
}

/// So much time passes for whoever waits, and nobody is waited for.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_fetch_ends_when_its_run_was_taken_for_dead() {
    for world in worlds().await {
        let (sis, silent) = Sis::start(OneRosterVersion::OneTwo, Manner::Silent).await;
        let district = world.served(OneRosterVersion::OneTwo, &silent).await;
        let syncing = world.app.syncing().clone();
        let begun = syncing.begin_fetch(district, DAY, PATIENCE).await.expect("begun");
        let (run, mut client) = begun.expect("it is due");
        let fetching = tokio::spawn(async move {
            let watcher = Arc::new(Unwatched);
            syncing.fetch(&run, &mut client, Consent::NotAsked, watcher).await
        });
        while sis.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        world.clock.advance(Duration::from_mins(2));
        world.app.syncing().tidy().await.expect("tidy");
        // Until its next sign of life.
        pass(Duration::from_secs(15)).await;
        let error = fetching.await.expect("no panic").unwrap_err();
        assert!(matches!(error, RunError::TakenForDead), "{error}");
        sis.behave(Manner::Good);
        world.clock.advance(Duration::from_mins(10));
        let applied = world.fetch(district).await;
        assert!(matches!(applied, Some(RunState::Applied { .. })), "{applied:?}");
    }
}

/// Another process that shares the spool fetches for the district, though its run is dead.
#[tokio::test]
async fn one_fetch_of_a_district_is_under_way_at_a_time_wherever() {
    for world in worlds().await {
        let (sis, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Broken).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        world.fetch_in_vain(district).await;
        sis.asked();
        let folder = world.folder.path().join("spool").join(format!("oneroster-{district}"));
        let other = fs::OpenOptions::new().write(true).open(folder.join("lock")).expect("a lock");
        other.try_lock().expect("nobody else has it");
        let pages = || fs::read_dir(&folder).expect("a folder").count();
        let before = pages();
        world.clock.advance(Duration::from_hours(2));
        let why = world.fetch_in_vain(district).await;
        assert!(why.contains("another fetch of this district is under way"), "{why}");
        world.app.syncing().tidy().await.expect("tidy");
        world.app.syncing().forget_fetched(district).await;
        assert_eq!((pages(), sis.asked().len()), (before, 0), "nothing is taken from under it");

        // However it ends, what is left of it is no lock.
        drop(other);
        sis.behave(Manner::Good);
        world.clock.advance(Duration::from_mins(10));
        let applied = world.fetch(district).await;
        assert!(matches!(applied, Some(RunState::Applied { .. })), "{applied:?}");
        assert_eq!(world.kept(), 0);
    }
}

#[tokio::test]
async fn a_district_without_a_service_or_with_another_secret_is_told() {
    for world in worlds().await {
        let (_, address) = Sis::start(OneRosterVersion::OneTwo, Manner::Good).await;
        let district = world.served(OneRosterVersion::OneTwo, &address).await;
        let elsewhere = Syncing::service_purpose(world.district);
        let sealed = world.app.syncing().sealing.seal(&elsewhere, b"x".to_vec()).expect("sealed");
        let exchange = world.store.write(move |tx| {
            let mut district = tx.district(district);
            let mut service = district.oneroster_service()?.expect("a service");
            service.sealed_secret = sealed.clone();
            district.set_oneroster_service(&service)
        });
        exchange.await.expect("exchanged");
        let why = world.fetch_in_vain(district).await;
        assert!(why.contains("cannot be opened"), "{why}");
        let forget = move |tx: &mut firstbell_store::Tx<'_>| {
            tx.district(district).forget_oneroster_service()
        };
        assert!(world.store.write(forget).await.expect("forgotten"));
        world.clock.advance(DAY);
        let why = world.fetch_in_vain(district).await;
        assert!(why.contains("no OneRoster service"), "{why}");
    }
}
