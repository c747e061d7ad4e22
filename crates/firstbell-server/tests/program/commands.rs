//! The commands by which operators and districts say who may enter what.

use std::thread;
use std::time::Duration;

use firstbell_store::testing::{Cluster, rows_of, run_sql};
use firstbell_store::{Backend, Store};
use serde_json::Value;

use crate::installation::{Installation, get, wait_until};
use crate::serve::serving;

mod sandbox;
mod webhook;

impl Installation {
    /// A command on this installation: its words, then `more` as they are.
    pub fn command(&self, words: &str, more: &[&str]) -> Vec<String> {
        let words = words.split_whitespace().map(str::to_owned);
        let more = more.iter().map(|it| (*it).to_owned());
        words.chain(["--config".to_owned(), self.config_text()]).chain(more).collect()
    }

    pub fn tell(&self, words: &str) -> String {
        self.run_well(&self.command(words, &[]))
    }

    pub fn json(&self, words: &str) -> Value {
        serde_json::from_str(&self.run_well(&self.command(words, &["--json"]))).unwrap()
    }

    pub fn refuse(&self, words: &str, more: &[&str]) -> String {
        self.run_badly(&self.command(words, more))
    }

    /// The client id of a new application.
    fn application(&self, words: &str) -> String {
        let made = self.json(&format!("application create --name App {words}"));
        made["client_id"].as_str().unwrap().to_owned()
    }

    /// What `why` answers about somebody of `ada`, and its exit code.
    fn why(&self, person: &str, client_id: &str) -> (Value, Option<i32>) {
        let words = format!("why --district ada --person {person} --application {client_id}");
        let output = self.run(&self.command(&words, &["--json"]));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let answer = serde_json::from_slice(&output.stdout);
        (answer.unwrap_or_else(|_| panic!("{said}")), output.status.code())
    }

    fn enters(&self, person: &str, client_id: &str) -> bool {
        let (answer, code) = self.why(person, client_id);
        let enters = answer["enters"].as_bool().unwrap();
        assert_eq!(code, Some(if enters { 0 } else { 3 }), "{answer}");
        assert_eq!(enters, !answer["fields"].as_array().unwrap().is_empty(), "{answer}");
        enters
    }

    /// What the audit log of `ada` says was done, the oldest first.
    pub fn actions(&self) -> Vec<String> {
        let log = self.json("audit --district ada");
        let records = log["records"].as_array().unwrap().iter();
        records.map(|record| record["action"].as_str().unwrap().to_owned()).collect()
    }

    pub fn store(&self) -> Store {
        Store::open(Backend::Sqlite { path: self.path("firstbell.sqlite") }).unwrap()
    }
}

pub fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn an_application_is_changed_as_a_whole_or_not_at_all() {
    let installation = Installation::furnished();
    let client_id = installation.application(
        "--development --redirect-uri http://localhost:1/cb --developer Acme --district ada",
    );
    let show = || installation.json(&format!("application show --client-id {client_id}"));
    let before = show();
    let change = format!("application change --client-id {client_id}");

    let said = installation.refuse(&change, &["--production", "--name", "Better"]);
    assert!(said.contains("http://localhost:1/cb") && said.contains("was not changed"), "{said}");
    let said = installation.refuse(&format!("{change} --switch-on oidc --tier classroom"), &[]);
    assert!(said.contains("Classroom tier"), "{said}");
    let both = ["--switch-on", "oidc", "--switch-off", "oidc"];
    assert!(installation.refuse(&change, &both).contains("oidc"));
    assert_eq!(show(), before, "a refused change left something behind");

    let told = installation.tell(&format!(
        "{change} --production --redirect-uri https://a.example/1 --redirect-uri \
         https://a.example/2 --tier secure_sync --switch-on oidc --switch-on pkce_required \
         --initiate-login-uri https://a.example/start --website https://a.example \
         --id-token-algorithm ES256 --user-type teacher --user-type student"
    ));
    assert!(told.contains("stage: development -> production"), "{told}");
    installation.tell(&format!("{change} --switch-off pkce_required --no-website"));
    let after = show();
    assert_eq!(after["redirect_uris"][0], "https://a.example/1");
    assert_eq!(after["redirect_uris"][1], "https://a.example/2");
    assert_eq!(after["switches"], serde_json::json!(["oidc"]));
    assert_eq!(after["user_types"], serde_json::json!(["student", "teacher"]));
    assert_eq!((&after["tier"], &after["website"]), (&"secure_sync".into(), &Value::Null));
    assert_eq!(after["initiate_login_uri"], "https://a.example/start");
    assert_eq!(
        (&after["developer"], &after["secrets"]),
        (&before["developer"], &before["secrets"])
    );
    assert_eq!(after["connections"], before["connections"]);

    let listed = |words: &str| {
        let list = installation.json(&format!("application list {words}"));
        list["applications"].as_array().unwrap().len()
    };
    assert_eq!((listed(""), listed("--developer Acme"), listed("--developer acme")), (1, 1, 0));
    assert_eq!(
        installation.actions(),
        ["sync.applied", "sharing.set", "application.changed", "application.changed"]
    );
    let nobody = "application show --client-id 00000000000000000000";
    assert!(installation.refuse(nobody, &[]).contains("application list"));
}

#[test]
fn an_old_secret_counts_as_long_as_it_is_told() {
    let installation = Installation::furnished();
    let made =
        installation.json("application create --name App --redirect-uri https://a.example/cb");
    let client_id = made["client_id"].as_str().unwrap();
    let running = serving(&installation);
    let proves = |secret: &Value| {
        let body = format!(
            "grant_type=authorization_code&code=none&redirect_uri=https%3A%2F%2Fa.example%2Fcb\
             &client_id={client_id}&client_secret={}",
            secret.as_str().unwrap()
        );
        let request = async {
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = http
                .post(format!("{}/oauth/tokens", installation.base()))
                .header("content-type", "application/x-www-form-urlencoded");
            request.body(body).send().await.unwrap().status().as_u16()
        };
        // Who is known hears that the code is bad.
        wait_for(request) == 400
    };
    let rotate = format!("application rotate-secret --client-id {client_id}");

    let second = installation.json(&rotate);
    assert!(second["old_secret_until"].is_string());
    wait_until("the new secret counting", || proves(&second["client_secret"]));
    assert!(proves(&made["client_secret"]), "the old one counts for a week");

    let third = installation.json(&format!("{rotate} --overlap 0"));
    assert!(third["old_secret_until"].is_null());
    wait_until("the third secret counting", || proves(&third["client_secret"]));
    assert!(!proves(&made["client_secret"]) && !proves(&second["client_secret"]));
    let shown = installation.json(&format!("application show --client-id {client_id}"));
    assert_eq!(shown["secrets"].as_array().unwrap().len(), 1);
    assert!(installation.refuse(&rotate, &["--overlap", "soon"]).contains("7d"));
    assert_eq!(running.stop().0, Some(0));
}

#[test]
fn why_follows_whom_the_district_shares() {
    let installation = Installation::furnished();
    let client_id = installation.application("--redirect-uri https://a.example/cb");
    let (answer, _) = installation.why("ana.nunez", &client_id);
    assert_eq!(answer["refusal"]["code"], "FB2001", "{answer}");

    let set = format!("sharing set --district ada --client-id {client_id}");
    let share = |more: &[&str]| installation.run_well(&installation.command(&set, more));
    let enter = || {
        ["ana.nunez", "theo.park", "grace.moreno", "lin.zhou"]
            .map(|person| installation.enters(person, &client_id))
    };
    // Ana is in grade 4, Theo in Kindergarten, Grace teaches grade 4, Lin runs the district.
    for (more, expected) in [
        (&["--everyone"][..], [true, true, true, true]),
        (&["--rule", "grades=4"], [true, false, true, false]),
        (&["--rule", "grades=4 roles=student"], [true, false, false, false]),
        (&["--rule", "sections=2001,2002 roles=teacher"], [false, false, true, false]),
        (&["--rule", "schools=101 roles=student", "--all-staff"], [true, true, false, true]),
        (&["--rule", "schools=102"], [false, false, false, true]),
        (&["--all-staff"], [false, false, false, true]),
        (
            &["--rule", "grades=k", "--rule", "subjects=\"math\" roles=student"],
            [true, true, false, false],
        ),
    ] {
        share(more);
        assert_eq!(enter(), expected, "{more:?}");
    }
    let (answer, _) = installation.why("theo.park", &client_id);
    let findings = answer["findings"].to_string();
    assert!(findings.contains("sharing rule 1 fits the role student"), "{answer}");
    let id = answer["person"].as_str().unwrap();
    let id = id.rsplit([' ', ')']).find(|word| word.len() == 24).unwrap();
    assert!(installation.enters(id, &client_id), "an id names a person too");

    // What `show` prints can be said again.
    let shown = installation.json("sharing show --district ada");
    let rules = shown["connections"][0]["rules"].as_array().unwrap().clone();
    let rules: Vec<_> = rules.iter().flat_map(|rule| ["--rule", rule.as_str().unwrap()]).collect();
    share(&rules);
    assert_eq!(installation.json("sharing show --district ada"), shown);

    let said = installation.refuse(&set, &["--rule", "schools=101,NORTH,\"THE SOUTH\""]);
    assert!(said.contains("NORTH, \"THE SOUTH\"") && !said.contains("101"), "{said}");
    for rule in ["grades=99", "school=101", ""] {
        let output = installation.run(&installation.command(&set, &["--rule", rule]));
        assert_eq!(output.status.code(), Some(2), "{rule:?}");
    }
    assert_eq!(installation.run(&installation.command(&set, &[])).status.code(), Some(2));
    let nobody = format!("why --district ada --person nobody --application {client_id}");
    assert!(installation.refuse(&nobody, &[]).contains("nobody logs in as"));
    assert_eq!(installation.json("sharing show --district ada"), shown);
}

#[test]
fn a_district_pauses_ends_and_blocks_what_it_connected() {
    let installation = Installation::furnished();
    let client_id =
        installation.application("--redirect-uri https://a.example/cb --tier classroom");
    let say = |verb: &str| format!("sharing {verb} --district ada --client-id {client_id}");
    let code = || {
        let (answer, _) = installation.why("ana.nunez", &client_id);
        answer["refusal"]["code"].as_str().map(str::to_owned)
    };
    let refused = |code: &str| Some(code.to_owned());
    assert!(installation.refuse(&say("pause"), &[]).contains("not connected"));
    assert!(installation.refuse(&say("disconnect"), &[]).contains("said nothing"));
    assert_eq!(code(), refused("FB2008"), "her teachers could connect it");

    installation.tell(&say("recommend"));
    assert_eq!(code(), refused("FB2008"));
    installation.tell(&format!("{} --everyone", say("set")));
    assert_eq!(code(), None);
    assert!(installation.refuse(&say("recommend"), &[]).contains("disconnect it"));
    installation.tell(&say("pause"));
    assert_eq!(code(), refused("FB2006"));
    let told = installation.tell(&format!("{} --all-staff", say("set")));
    assert!(told.contains("paused"), "new rules do not end a pause: {told}");
    installation.tell(&format!("{} --everyone", say("set")));
    installation.tell(&say("resume"));
    assert_eq!(code(), None);
    installation.tell(&say("block"));
    assert_eq!(code(), refused("FB2001"), "blocked is not for teachers to connect");
    installation.tell(&say("disconnect"));
    assert_eq!(code(), refused("FB2008"));
    installation.tell("district set --district ada --classroom off");
    assert_eq!(code(), refused("FB2007"));

    installation.tell(&format!("application disable --client-id {client_id}"));
    assert_eq!(code(), refused("FB1001"));
    installation.tell(&format!("application enable --client-id {client_id}"));
    assert_eq!(code(), refused("FB2007"));
    let actions = installation.actions();
    let expected = [
        "sync.applied",
        "sharing.recommended",
        "sharing.set",
        "sharing.paused",
        "sharing.set",
        "sharing.set",
        "sharing.resumed",
        "sharing.blocked",
        "sharing.disconnected",
        "district.changed",
        "application.disabled",
        "application.enabled",
    ];
    assert_eq!(actions, expected);
    let last = installation.json("audit --district ada --last 1");
    assert_eq!(last["records"].as_array().unwrap().len(), 1);
    assert_eq!(last["records"][0]["action"], "application.enabled");
}

#[test]
fn what_a_district_decides_stays_until_it_decides_otherwise() {
    let installation = Installation::furnished();
    let set = "district set --district ada";
    installation.tell(&format!(
        "{set} --role-order teacher,staff --session-limit elementary=10m/2h --session-limit \
         adults=30m/8h"
    ));
    installation.tell(&format!("{set} --classroom recommended --no-session-limit adults"));
    let shown = installation.json("district show --district ada");
    let ada = &shown["districts"][0];
    assert_eq!(ada["role_order"], serde_json::json!(["teacher", "staff"]));
    assert_eq!(ada["classroom"], "recommended");
    let limits = serde_json::json!({"elementary": {"idle_seconds": 600, "longest_seconds": 7200}});
    assert_eq!(ada["session_limits"], limits);
    for bad in ["elementary=3h/24h", "toddlers=1m/1m", "elementary=2h/1h"] {
        let output = installation.run(&installation.command(set, &["--session-limit", bad]));
        assert_eq!(output.status.code(), Some(2), "{bad}");
    }
    assert_eq!(installation.json("district show"), shown);

    // Amara has three roles; the district's order says which one she comes in.
    let client_id = installation.application("--redirect-uri https://a.example/cb --district ada");
    assert_eq!(installation.why("amara.okafor", &client_id).0["role"], "teacher");
    installation.tell(&format!("{set} --role-order district_admin"));
    assert_eq!(installation.why("amara.okafor", &client_id).0["role"], "district_admin");
}

#[test]
fn a_support_code_finds_what_happened() {
    let installation = Installation::furnished();
    let running = serving(&installation);
    let url =
        format!("{}/oauth/authorize?response_type=code&client_id=unknown", installation.base());
    let (_, page) = get(&url).unwrap();
    let at = page.find("FB-").expect("a support code");
    let code = &page[at..at + "FB-7K3-M9Q".len()];
    let said = code.replace('-', " ").to_lowercase();
    let config = installation.config_text();
    let told = installation.run_well(&["trace", &said, "--config", &config]);
    assert!(told.contains(code) && told.contains("FB1001"), "{told}");
    let json = installation.json(&format!("trace {code}"));
    let hop = &json["hops"][0];
    assert_eq!((&json["support_code"], &hop["decision"]), (&code.into(), &"refused".into()));

    assert!(installation.refuse("trace FB-000-000", &[]).contains("30 days"));
    assert!(installation.refuse("trace FB1001", &[]).contains("FB-7K3-M9Q"));
    assert_eq!(running.stop().0, Some(0));
}

/// Refuses the last statement of a suspension.
const REFUSE: &str = "CREATE TRIGGER refuse BEFORE INSERT ON audit \
                      BEGIN SELECT RAISE(ABORT, 'disk full'); END";

#[test]
fn a_suspension_that_the_database_refuses_is_told_and_not_half_done() {
    let installation = Installation::furnished();
    wait_for(run_sql(&installation.store(), REFUSE)).unwrap();
    let suspend = "person suspend --district ada --username ana.nunez";
    let said = installation.refuse(suspend, &[]);
    assert!(said.contains("was NOT suspended") && said.contains("disk full"), "{said}");
    assert!(said.contains("nothing was changed") && said.contains("trying again"), "{said}");
    // The import of the roster is in the audit log.
    for (table, rows) in [("standings", 0), ("audit", 1)] {
        assert_eq!(wait_for(rows_of(&installation.store(), table)).unwrap(), rows, "{table}");
    }
    let unknown = installation.refuse("person suspend --district ada --person nobody", &[]);
    assert!(!unknown.contains("trying again"), "that is not the database's fault: {unknown}");

    // The database recovers while the command tries.
    let store = installation.store();
    let recovery = thread::spawn(move || {
        thread::sleep(Duration::from_millis(600));
        wait_for(run_sql(&store, "DROP TRIGGER refuse")).unwrap();
    });
    let told = installation.tell(suspend);
    recovery.join().unwrap();
    assert_eq!(told, "ana.nunez is suspended.\n");
    assert_eq!(installation.actions(), ["sync.applied", "person.suspended"]);
    assert!(installation.tell(suspend).contains("already"));
    let restored = installation.json("person restore --district ada --person ana.nunez");
    assert_eq!(restored["changed"], true);
    let again = installation.json("person restore --district ada --person ana.nunez");
    assert_eq!(again["changed"], false);
    installation.run_well(&installation.command(
        "person sign-out --district ada --person ana.nunez",
        &["--reason", "lost her tablet"],
    ));
    let log = installation.json("audit --district ada");
    assert_eq!(log["records"][3]["action"], "person.signed_out");
    assert_eq!(log["records"][3]["detail"], "lost her tablet");
    assert_eq!(log["records"].as_array().unwrap().len(), 4, "what changed nothing is not logged");
}

#[test]
fn a_suspension_on_a_database_that_is_gone_is_told() {
    let Some(cluster) = Cluster::start_if_wanted().unwrap() else { return };
    let installation = Installation::new();
    let config = std::fs::read_to_string(installation.path("firstbell.toml")).unwrap();
    let sqlite = format!("sqlite:{}", installation.path("firstbell.sqlite").display());
    assert!(config.contains(&sqlite));
    let url = cluster.url();
    let socket = url.strip_prefix("host=").unwrap().split(' ').next().unwrap();
    let postgres = format!("postgres://firstbell@{}/postgres", socket.replace('/', "%2F"));
    std::fs::write(installation.path("firstbell.toml"), config.replace(&sqlite, &postgres))
        .unwrap();
    installation.tell("migrate");
    let roster = installation.roster("roster");
    installation.run_well(&installation.import(&roster, &[]));
    let suspend = "person suspend --district ada --person ana.nunez";
    assert_eq!(installation.tell(suspend), "ana.nunez is suspended.\n");

    drop(cluster);
    let said = installation.refuse("person restore --district ada --person ana.nunez", &[]);
    assert!(said.contains("was NOT restored") && said.contains("trying again"), "{said}");
}
