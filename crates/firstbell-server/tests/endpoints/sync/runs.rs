//! What a run does to login names, for which day it reads, and what becomes of one that fails.

use std::io;
use std::pin::pin;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::login::credential::Credential;
use firstbell_core::roster::RosterVersion;
use firstbell_core::roster::change::RosterChange;
use firstbell_core::roster::sync::{
    RUN_LEASE, RunState, SyncSource, UndoRefusal, VERSIONS_TO_GO_BACK,
};
use firstbell_roster::{Progress, sandbox};
use firstbell_server::entropy::Entropy;
use firstbell_server::importing::{Import, ImportError, ProvisionError};
use firstbell_server::syncing::run::{Ended, RunError, Unwatched, Watcher};
use firstbell_server::syncing::undo::UndoError;
use firstbell_store::{Begun, NewSync};
use firstbell_upstream::password::PasswordKey;
use http::Request;
use tokio::sync::Notify;

use super::files::{EMPTIED, zipped};
use crate::world::{World, ana, authorize, teacher, worlds};

impl World {
    async fn credential(&self, name: &str) -> Option<Credential> {
        let (district, name) = (self.district, name.to_owned());
        let found = self.store.read(move |tx| tx.district(district).credential(&name)).await;
        found.expect("an answer")
    }

    /// The files of the sandbox with students.csv rewritten: whose number in the file, and the cells.
    fn with_students(
        &self,
        change: impl Fn(&[Student], usize) -> Student,
    ) -> Vec<(String, String)> {
        let mut files = self.files(None);
        let (_, text) =
            files.iter_mut().find(|(name, _)| name == "students.csv").expect("students");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("a row")).collect();
        let column = |name: &str| rows[0].iter().position(|cell| cell == name).expect("a column");
        let [id, username, password] = ["Student_id", "Username", "Password"].map(column);
        let cells = |row: &csv::StringRecord| Student {
            id: row[id].to_owned(),
            username: row[username].to_owned(),
            password: row[password].to_owned(),
        };
        let mut students: Vec<Student> = rows[1..].iter().map(cells).collect();
        students.dedup_by(|next, one| next.id == one.id);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&rows[0]).expect("written");
        for row in &rows[1..] {
            let number = students.iter().position(|student| student.id == row[id]);
            let changed = change(&students, number.expect("a student"));
            let cells = row.iter().enumerate().map(|(at, cell)| match at {
                _ if at == username => changed.username.clone(),
                _ if at == password => changed.password.clone(),
                _ => cell.to_owned(),
            });
            writer.write_record(cells).expect("written");
        }
        *text = String::from_utf8(writer.into_inner().expect("written")).expect("text");
        files
    }

    /// Sends files, and waits for what comes of it.
    async fn send(&self, key: &str, files: &[(String, String)]) -> serde_json::Value {
        let reply = self.upload(key, zipped(files)).await;
        self.ended(key, &reply).await
    }

    /// Everybody gets the name and password of the next one; after that the roster changes so often
    /// that one may just go back, and weeks pass. Gives back how many names are wrong.
    async fn slip_long_ago(&self) -> usize {
        let key = self.sync_key(self.district).await;
        let slipped = self.with_students(|all, number| all[(number + 1) % all.len()].clone());
        self.clock.advance(Duration::from_hours(1));
        let held = self.send(&key, &slipped).await;
        let slipped = self.carry_on(id(&held)).await;
        assert_eq!(slipped.state, RunState::Applied { version: RosterVersion(2) });
        for version in 2..=VERSIONS_TO_GO_BACK {
            self.rename_a_school(RosterVersion(version)).await;
        }
        self.clock.advance(Duration::from_hours(24 * 40));
        slipped.passwords
    }

    /// Makes the version after this one.
    async fn rename_a_school(&self, planned_on: RosterVersion) {
        let (district, now) = (self.district, self.clock.now());
        let sis_id = sandbox::SHARED_SCHOOLS[0];
        let found = self.store.read(move |tx| tx.district(district).school_by_sis_id(sis_id)).await;
        let mut school = found.expect("an answer").expect("a school of the sandbox");
        school.name = format!("School {planned_on}");
        let mut change = RosterChange::default();
        change.schools.replaced.push(school);
        let applied = self.store.apply_roster(district, planned_on, change, now, |_, _| {}).await;
        assert_eq!(applied.expect("applied").0, planned_on.0 + 1);
    }

    /// Waits until the roster has this version.
    async fn switched_to(&self, version: i64) {
        while self.roster_version().await != version {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Deletes all whose time is over.
    async fn purge(&self) {
        let now = self.clock.now();
        while self.store.purge(now, 10_000).await.expect("purged").more {}
    }

    async fn carry_on(&self, id: SyncRunId) -> Ended {
        let (run, files, consent) = self.app.syncing().approve(id).await.expect("held");
        run.carry_out(&files, consent, Arc::new(Unwatched)).await.expect("carried out")
    }
}

/// What a student logs in with.
#[derive(Debug, Clone)]
struct Student {
    id: String,
    username: String,
    password: String,
}

/// Tells when all of a change is staged: what is done next is the switch.
#[derive(Default)]
struct Staged(Notify);

impl Watcher for Staged {
    fn reading(&self, _: Progress) {}

    fn applying(&self, done: usize, total: usize) {
        if done == total {
            self.0.notify_one();
        }
    }
}

/// Tells when the files are being read, and lets nobody read on until the other side is gone.
struct Halt {
    reading: Arc<Notify>,
    until: Mutex<Receiver<()>>,
}

impl Watcher for Halt {
    fn reading(&self, _: Progress) {
        self.reading.notify_one();
        let _ = self.until.lock().expect("a lock").recv();
    }

    fn applying(&self, _: usize, _: usize) {}
}

fn id(run: &serde_json::Value) -> SyncRunId {
    run["id"].as_str().expect("an id").parse().expect("an id")
}

#[tokio::test]
async fn login_names_that_a_slip_gave_to_others_are_held_and_taken_back() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let hers = world.person(ana()).await;
        // Everybody has the name and password of the next one.
        let slipped = world.with_students(|all, number| all[(number + 1) % all.len()].clone());
        world.clock.advance(Duration::from_hours(1));
        let held = world.send(&key, &slipped).await;
        assert_eq!(held["state"], "held", "{held}");
        let reasons = held["reasons"].to_string();
        assert!(reasons.contains("login names would go to somebody else"), "{reasons}");
        assert!(held["report"]["slips"].to_string().contains("login names"), "{held}");

        let ended = world.carry_on(id(&held)).await;
        assert!(matches!(ended.state, RunState::Applied { .. }) && ended.passwords > 3);
        assert_ne!(world.person(ana()).await.id, hers.id, "the slip is in");

        world.clock.advance(Duration::from_hours(1));
        let (syncing, to) = (world.app.syncing(), RosterVersion(1));
        let plan = syncing.plan_undo(world.district, to).await.expect("a plan");
        let told = plan.report.to_string();
        assert!(told.contains("login names came later"), "{told}");
        let undone = syncing.undo(world.district, to, &Unwatched).await.expect("undone");
        assert!(matches!(undone.state, RunState::Applied { .. }));
        assert!(told.contains(&format!("{} login names came later", undone.login_names)), "{told}");
        assert_eq!(undone.login_names, ended.passwords);
        assert_eq!(world.credential(ana().login_name).await, None);
        let mut browser = world.browser();
        let page = browser.follow(&authorize("")).await;
        let refused = browser.sign_in(&page, ana().login_name, ana().password).await;
        assert_eq!(refused.status.as_u16(), 401, "she does not come in as somebody else");
        world.token_of(teacher()).await;

        let again = syncing.undo(world.district, to, &Unwatched).await.expect("undone");
        assert_eq!((again.state, again.login_names), (RunState::Unchanged, 0));
        assert_eq!(world.send(&key, &world.files(None)).await["state"], "unchanged");
        assert_eq!(world.person(ana()).await.id, hers.id, "a good file gives the name back");
        world.token_of(ana()).await;
    }
}

/// It was the oldest version that one may go back to. It is so no longer once the undo has made another
/// one, and its rows go; what the undo has not taken back it still can.
#[tokio::test]
async fn an_undo_that_is_cut_off_behind_its_switch_can_be_said_again() {
    for world in worlds().await {
        let wrong = world.slip_long_ago().await;
        let (syncing, to, staged) = (world.app.syncing(), RosterVersion(1), Staged::default());
        tokio::select! {
            biased;
            () = staged.0.notified() => {}
            undone = syncing.undo(world.district, to, &staged) => panic!("{undone:?}"),
        }
        world.switched_to(12).await;
        world.clock.advance(Duration::from_mins(2));
        syncing.tidy().await.expect("tidied");
        let cut_off = world.runs().await.swap_remove(0);
        let RunState::Failed { why } = cut_off.state else { panic!("{:?}", cut_off.state) };
        assert!(why.contains("the roster is in"), "{why}");
        assert!(world.credential(ana().login_name).await.is_some(), "nothing is taken back");
        world.purge().await;

        let plan = syncing.plan_undo(world.district, to).await.expect("a plan");
        let told = plan.report.to_string();
        assert!(told.contains(&format!("{wrong} login names came later")), "{told}");
        let undone = syncing.undo(world.district, to, &Unwatched).await.expect("undone");
        assert_eq!((undone.state, undone.login_names), (RunState::Unchanged, wrong));
        assert_eq!(world.credential(ana().login_name).await, None);
        let again = syncing.undo(world.district, to, &Unwatched).await.expect("undone");
        assert_eq!((again.state, again.login_names), (RunState::Unchanged, 0));

        // With the next version there is nothing left of it to go back to.
        world.rename_a_school(RosterVersion(12)).await;
        let gone = syncing.undo(world.district, to, &Unwatched).await;
        assert!(
            matches!(gone, Err(UndoError::Refused(UndoRefusal::Gone(RosterVersion(1))))),
            "{gone:?}"
        );
    }
}

/// The purge comes each minute, and it may come between the switch and what follows it.
#[tokio::test]
async fn an_undo_takes_all_names_back_though_the_version_goes_meanwhile() {
    for world in worlds().await {
        let wrong = world.slip_long_ago().await;
        let (syncing, to, staged) = (world.app.syncing(), RosterVersion(1), Staged::default());
        let mut undoing = pin!(syncing.undo(world.district, to, &staged));
        tokio::select! {
            biased;
            () = staged.0.notified() => {}
            undone = &mut undoing => panic!("{undone:?}"),
        }
        world.switched_to(12).await;
        world.purge().await;

        let undone = undoing.await.expect("undone");
        let version = RosterVersion(12);
        assert_eq!((undone.state, undone.login_names), (RunState::Applied { version }, wrong));
        assert_eq!(world.credential(ana().login_name).await, None);
    }
}

#[tokio::test]
async fn a_name_that_goes_from_one_to_another_is_theirs_and_former_names_open_nothing() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let before = world.credential(ana().login_name).await.expect("a credential");
        let names = world.with_students(|all, number| {
            let mut student = all[number].clone();
            if student.username == ana().login_name {
                student.username = "ana.new".into();
            } else if number == 1 || all[1].username == ana().login_name && number == 2 {
                student.username = ana().login_name.into();
            }
            student
        });
        let former: Vec<String> = world
            .store
            .read({
                let district = world.district;
                move |tx| tx.district(district).login_names("", 999)
            })
            .await
            .expect("names")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let run = world.send(&key, &names).await;
        assert_eq!(run["state"], "applied", "{run}");
        let now = world.credential("ana.new").await.expect("a credential");
        assert_eq!(now.role, before.role);
        let taken = world.credential(ana().login_name).await.expect("a credential");
        assert_ne!(taken.role, before.role);
        let mut gone = 0;
        for name in former {
            gone += usize::from(world.credential(&name).await.is_none());
        }
        assert_eq!(gone, 1, "only what the other one was called");
    }
}

/// Another run may be giving passwords by then.
#[tokio::test]
async fn a_run_that_was_taken_for_dead_gives_nobody_a_password() {
    for world in worlds().await {
        let (district, now) = (world.district, world.clock.now());
        let known = world.credential(ana().login_name).await.expect("a credential");
        let new = NewSync {
            id: SyncRunId::new(now, &mut Entropy),
            source: SyncSource::Command,
            fingerprint: None,
        };
        let begin = world.store.write(move |tx| {
            let mut district = tx.district(district);
            assert!(district.forget_credential(ana().login_name, known.role)?);
            district.begin_sync(&new, now)
        });
        let Begun::Begun(lease) = begin.await.expect("an answer") else { panic!("it begins") };
        let import = Import {
            store: world.store.clone(),
            district,
            source: world.folder.path().join("sandbox"),
            clock: world.clock.clone(),
        };
        let key = PasswordKey::derive(&[5; 32]);
        let dead = now + Duration::from_mins(2);
        world.store.write(move |tx| tx.fail_dead_syncs(dead)).await.expect("swept");
        let prepared = import.prepare(|_| {}).await.expect("a roster");
        assert!(prepared.plan.change.is_empty());
        let applied = import.apply_for(Some(lease), prepared, &key, |_, _| {}).await;
        assert!(
            matches!(applied, Err(ImportError::Passwords(ProvisionError::TakenForDead))),
            "{applied:?}"
        );
        assert_eq!(world.credential(ana().login_name).await, None);

        let prepared = import.prepare(|_| {}).await.expect("a roster");
        assert_eq!(import.apply(prepared, &key, |_, _| {}).await.expect("applied"), 1);
    }
}

#[tokio::test]
async fn an_approval_that_fails_can_be_given_again() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let held = world.send(&key, &world.files(Some(EMPTIED))).await;
        let syncing = world.app.syncing();
        let shown = world.runs().await;

        // Something on our side goes wrong.
        let (run, ..) = syncing.approve(id(&held)).await.expect("held");
        run.failed(RunError::Disk(io::Error::other("no room"))).await;
        drop(run);
        let now = world.runs().await;
        assert_eq!((&now[0].state, now[0].plan()), (&shown[0].state, shown[0].plan()));
        assert_eq!((world.states().await, world.kept()), (vec!["held"], 1));
        // The process is killed.
        let (run, ..) = syncing.approve(id(&held)).await.expect("held");
        drop(run);
        world.clock.advance(Duration::from_mins(3));
        syncing.tidy().await.expect("tidied");
        assert_eq!((world.states().await, world.kept()), (vec!["held"], 1));

        let ended = world.carry_on(id(&held)).await;
        assert!(matches!(ended.state, RunState::Applied { .. }));
        assert_eq!((world.roster_version().await, world.kept()), (2, 0));
        // One that nobody approved fails for good.
        let district = world.district;
        let run = syncing.begin(district, SyncSource::Command, None).await.expect("begun");
        run.failed(RunError::Disk(io::Error::other("no room"))).await;
        assert_eq!(world.states().await[0], "failed");
    }
}

/// A process is silent for so long that its run is held again, and another one is told to go on. When
/// the first one is heard of it learns of that, and stops wherever it is.
#[tokio::test]
async fn a_run_that_another_process_has_taken_up_stops_in_the_middle() {
    for world in worlds().await {
        let key = world.sync_key(world.district).await;
        let held = world.send(&key, &world.files(Some(EMPTIED))).await;
        let syncing = world.app.syncing();
        let (first, files, consent) = syncing.approve(id(&held)).await.expect("held");
        world.clock.advance(Duration::from_secs(1));
        let (go_on, until) = channel();
        let reading = Arc::new(Notify::new());
        let halt = Halt { reading: Arc::clone(&reading), until: Mutex::new(until) };
        let carrying =
            tokio::spawn(async move { first.carry_out(&files, consent, Arc::new(halt)).await });
        reading.notified().await;
        // Its first sign of life is heard, and those to come are given when this test says so.
        let until = world.clock.now() + RUN_LEASE;
        while world.runs().await[0].state != (RunState::Running { until }) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::pause();
        world.clock.advance(Duration::from_mins(2));
        syncing.tidy().await.expect("tidied");
        assert_eq!(world.states().await, ["held"]);
        let (second, files, consent) = syncing.approve(id(&held)).await.expect("held");

        tokio::time::advance(Duration::from_secs(16)).await;
        let stopped = carrying.await.expect("a task");
        assert!(matches!(stopped, Err(RunError::TakenForDead)), "{stopped:?}");
        assert_eq!((world.states().await, world.kept()), (vec!["running"], 1));
        tokio::time::resume();
        drop(go_on);

        let ended = second.carry_out(&files, consent, Arc::new(Unwatched)).await;
        let version = RosterVersion(2);
        assert_eq!(ended.expect("carried out").state, RunState::Applied { version });
        assert_eq!((world.states().await, world.kept()), (vec!["applied"], 0));
    }
}

/// A small OneRoster export, in which students are in a class until some day.
fn export(in_class: usize, until: &str) -> Vec<(String, String)> {
    let of =
        |file: &str, header: &str, rows: String| (file.to_owned(), format!("{header}\n{rows}"));
    let tables = ["academicSessions", "classes", "courses", "enrollments", "orgs", "users"];
    let absent = [
        "categories",
        "classResources",
        "courseResources",
        "demographics",
        "lineItems",
        "resources",
        "results",
    ];
    let bulk = tables.iter().map(|table| format!("file.{table},bulk\n"));
    let absent = absent.iter().map(|table| format!("file.{table},absent\n"));
    let manifest: String = ["manifest.version,1.0\noneroster.version,1.1\n".to_owned()]
        .into_iter()
        .chain(bulk)
        .chain(absent)
        .collect();
    let users =
        (0..20).map(|n| format!("p{n},active,,true,s1,student,u{n},,Al,Poe{n},,,,,,,04,\n"));
    let enrolled = (0..in_class)
        .map(|n| format!("n{n},active,,c1,s1,p{n},student,false,2026-01-07,{until}\n"));
    // A class without a teacher would not be taken in.
    let teacher = "e1,active,,true,s1,teacher,tea,,Tea,Moreno,,77,tea@d.example,,,,,\n".to_owned();
    let at_the_front = "t1,active,,c1,s1,e1,teacher,true,,\n".to_owned();
    let common = "sourcedId,status,dateLastModified";
    vec![
        of("manifest.csv", "propertyName,value", manifest),
        of(
            "orgs.csv",
            &format!("{common},name,type,identifier,parentSourcedId"),
            "d1,active,,North Unified,district,D,\ns1,active,,North,school,10,d1\n".to_owned(),
        ),
        of(
            "academicSessions.csv",
            &format!("{common},title,type,startDate,endDate,parentSourcedId,schoolYear"),
            "y1,active,,2026,schoolYear,2026-01-05,2026-12-18,,2026\n".to_owned(),
        ),
        of(
            "courses.csv",
            &format!(
                "{common},schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,\
                 subjectCodes"
            ),
            "k1,active,,y1,Math,M4,04,d1,Math,\n".to_owned(),
        ),
        of(
            "classes.csv",
            &format!(
                "{common},title,grades,courseSourcedId,classCode,classType,location,\
                 schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods"
            ),
            "c1,active,,Math 4,04,k1,M4-1,scheduled,12,s1,y1,Math,,1\n".to_owned(),
        ),
        of(
            "users.csv",
            &format!(
                "{common},enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,\
                 middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
            ),
            users.chain([teacher]).collect(),
        ),
        of(
            "enrollments.csv",
            &format!(
                "{common},classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,\
                 endDate"
            ),
            enrolled.chain([at_the_front]).collect(),
        ),
    ]
}

async fn enrolments(world: &World, district: DistrictId) -> usize {
    let read = world.store.read_at_length(move |tx| tx.district(district).current_roster());
    read.await.expect("a roster").enrollments.len()
}

/// Enrolments count on their days alone, so what is applied is read for the day for which it was
/// shown.
#[tokio::test]
async fn an_approval_weeks_later_applies_what_was_shown() {
    for world in worlds().await {
        let north = world.other_district().await;
        let key = world.sync_key(north).await;
        let send = async |files: Vec<(String, String)>| {
            let request = Request::post("/sync/north")
                .header("authorization", format!("Bearer {key}"))
                .header("content-type", "application/zip");
            let request = request.body(Body::from(zipped(&files))).expect("a request");
            let reply = world.ask(request).await;
            world.ended(&key, &reply).await
        };
        assert_eq!(send(export(20, "")).await["state"], "applied");
        assert_eq!(enrolments(&world, north).await, 20);

        // Today is 28 May. Ten leave the class, and the others do on the second of June.
        let held = send(export(10, "2026-06-02")).await;
        assert_eq!(held["state"], "held", "{held}");
        world.clock.advance(Duration::from_hours(24 * 20));
        let ended = world.carry_on(id(&held)).await;
        assert!(matches!(ended.state, RunState::Applied { .. }), "{:?}", ended.state);
        assert_eq!(enrolments(&world, north).await, 10, "what was shown");

        // The next sync is one of today, and asks again.
        let held = send(export(10, "2026-06-02")).await;
        assert_eq!(held["state"], "held", "{held}");
        assert!(held["reasons"].to_string().contains("10 of 10 enrolments"), "{held}");
        // The roster changes behind it: what is approved is planned for today and shown anew.
        let to = RosterVersion(1);
        let undone = world.app.syncing().undo(north, to, &Unwatched).await.expect("undone");
        assert!(matches!(undone.state, RunState::Applied { .. }));
        let ended = world.carry_on(id(&held)).await;
        let RunState::Held { reasons } = ended.state else { panic!("{:?}", ended.state) };
        assert_eq!((reasons[0].part.part, reasons[0].part.whole), (20, 20));
    }
}
