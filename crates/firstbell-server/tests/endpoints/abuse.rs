//! The abuse catalogue: requests that must be refused, each with the answer that it must get and
//! the proof that nothing changed. The cases are tables, one file a group; they are played on both
//! databases, and what every table holds is compared before and after each.
//!
//! A group prints a line for each case that failed and one with its counts, which
//! `cargo xtask abuse` adds up.

#![expect(clippy::too_many_lines, reason = "tables are long")]

mod a_authorize;
mod b_tokens;
mod c_redirect_uris;
mod case;
mod catalogue;
mod d_grants;
mod e_replay;
mod f_bearer;
mod g_sessions;
mod h_forgery;
mod i_dialect;
mod j_keys;
mod m_passwords;
mod markers;
mod oracle;
mod p_portal;
mod parsers;
mod routes;
mod stage;
mod t_data_api;
mod v_trouble;
mod wire;
mod z_headers;

use case::Case;

/// How many rows of a group were played, and what came of them.
#[derive(Default)]
pub struct Count {
    cases: usize,
    refused: usize,
    changed: usize,
    failures: Vec<String>,
}

impl Count {
    /// Counts one case by what came of it on each database.
    pub fn add(&mut self, name: &str, what: &str, outcomes: &[(&str, Outcome)]) {
        self.cases += 1;
        self.refused += usize::from(outcomes.iter().all(|(_, outcome)| outcome.0.is_ok()));
        self.changed += usize::from(outcomes.iter().any(|(_, outcome)| !outcome.1.is_empty()));
        for (database, (refused, changed)) in outcomes {
            if let Err(why) = refused {
                self.failures.push(format!("{name} on {database}: {what}: {why}"));
            }
            if !changed.is_empty() {
                let tables = changed.join(", ");
                self.failures.push(format!("{name} on {database}: {what}: changed {tables}"));
            }
        }
    }

    /// Prints the lines and fails if there is something to tell.
    pub fn close(self, group: &str) {
        let Self { cases, refused, changed, failures } = self;
        let failed = failures.iter().fold(String::new(), |all, line| all + "FAILED " + line + "\n");
        println!("\n{failed}abuse {group}: {cases} cases, {refused} refused, {changed} changed");
        assert!(failures.is_empty(), "{} cases of group {group} failed", failures.len());
    }
}

/// Why a case was not refused as it must be, and the tables that changed and must not.
type Outcome = (Result<(), String>, Vec<String>);

async fn play(group: &str, cases: Vec<Case>) {
    let mut stages = stage::stages().await;
    let mut count = Count::default();
    for (name, case) in named(&cases) {
        let mut outcomes = Vec::new();
        for (database, stage) in &mut stages {
            let verdict = stage.play(case).await;
            outcomes.push((*database, (verdict.refused, verdict.changed)));
        }
        count.add(&name, &case.what, &outcomes);
    }
    count.close(group);
}

/// Each case under the catalogue's number and, where there are several, a letter.
fn named(cases: &[Case]) -> impl Iterator<Item = (String, &Case)> {
    cases.iter().enumerate().map(|(index, case)| {
        let row = cases[..index].iter().filter(|earlier| earlier.id == case.id).count();
        let alone = cases.iter().filter(|other| other.id == case.id).count() == 1;
        let letter = if alone { String::new() } else { letters(row) };
        (format!("{}{letter}", case.id), case)
    })
}

/// `a` to `z`, then `aa`.
fn letters(row: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(row % 26).unwrap());
    if row < 26 { letter.to_string() } else { format!("{}{letter}", letters(row / 26 - 1)) }
}

/// All tables, under the letter of their group.
fn tables() -> [(&'static str, Vec<Case>); 14] {
    [
        ("A", a_authorize::cases()),
        ("B", b_tokens::cases()),
        ("C", c_redirect_uris::cases()),
        ("D", d_grants::cases()),
        ("E", e_replay::cases()),
        ("F", f_bearer::cases()),
        ("G", g_sessions::cases()),
        ("H", h_forgery::cases()),
        ("I", i_dialect::cases()),
        ("J", j_keys::cases()),
        ("M", m_passwords::cases()),
        ("P", p_portal::cases()),
        ("T", t_data_api::cases()),
        ("Z", z_headers::cases()),
    ]
}

macro_rules! groups {
    ($($name:ident = $letter:literal $cases:path;)*) => {$(
        #[tokio::test]
        async fn $name() {
            play($letter, $cases()).await;
        }
    )*};
}

groups! {
    a_authorize_requests = "A" a_authorize::cases;
    b_token_requests = "B" b_tokens::cases;
    c_redirect_uris = "C" c_redirect_uris::cases;
    d_grants = "D" d_grants::cases;
    e_replayed_codes = "E" e_replay::cases;
    f_bearer_tokens = "F" f_bearer::cases;
    g_sessions = "G" g_sessions::cases;
    h_forged_forms = "H" h_forgery::cases;
    i_dialect = "I" i_dialect::cases;
    j_tokens_brought_back = "J" j_keys::cases;
    m_guessed_passwords = "M" m_passwords::cases;
    p_portal = "P" p_portal::cases;
    t_data_api = "T" t_data_api::cases;
    z_headers_and_paths = "Z" z_headers::cases;
}
