//! What the store costs: `cargo run --release -p firstbell-store --example timing [-- postgres]`.
//!
//! Imports a district of the size of the largest known public sandbox, then times the reads and
//! writes of a login one by one and a whole login from many tasks at once. CPU is that of this
//! process, all threads; on PostgreSQL the server's comes on top.

use std::time::Instant;

use firstbell_core::id::{
    ApplicationId, CourseId, DistrictId, RoleId, SchoolId, SectionId, TermId, UserId, ascending,
};
use firstbell_core::login::code::{self, Grant, Redemption, redeem};
use firstbell_core::login::credential::{Credential, Verifier};
use firstbell_core::login::session::Session;
use firstbell_core::login::token;
use firstbell_core::roster::change::{Binding, Enrollment, RecordKind, RosterChange, RosterPerson};
use firstbell_core::roster::{
    Course, Details, District, DistrictPolicy, Generation, PersonName, Role, RoleKind, School,
    Section, Term, User,
};
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;
use firstbell_store::testing::{Cluster, Dice};
use firstbell_store::{Backend, Known, Store, StoreError};

const NOW: Timestamp = Timestamp::from_milliseconds(1_790_000_000_000);
const STUDENTS: usize = 56_635;
const TEACHERS: usize = 8_412;
const SECTIONS: usize = 25_843;
const ENROLLMENTS: usize = 460_000;
const SCHOOLS: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let mut cluster = None;
    let backend = if std::env::args().any(|argument| argument == "postgres") {
        let url = cluster.insert(Cluster::start()?).url();
        Backend::Postgres { url, connections: 8 }
    } else {
        Backend::Sqlite { path: directory.path().join("store.db") }
    };
    println!("{backend:?}");
    let store = Store::open(backend)?;
    store.migrate()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    runtime.block_on(measure(&store))?;
    Ok(())
}

async fn measure(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    println!("idle: {} MB resident", resident());
    let district = DistrictId::from_bytes([1; 12]);
    let made = District {
        id: district,
        shortname: "large".parse()?,
        name: "Large".into(),
        place: None,
        policy: DistrictPolicy::default(),
    };
    store.write(move |tx| tx.create_district(&made, NOW)).await?;
    let people = import(store, district).await?;
    println!("after the import: {} MB resident", resident());
    provision(store, district, &people).await?;

    let sessions = begin_sessions(store, district, &people).await?;
    look_at(store, "visitor, one statement", &sessions, |tx, hash| tx.visitor(hash).map(drop))
        .await?;
    let watch = Watch::start();
    for hash in sessions.clone() {
        store.read(move |tx| tx.visitor(&hash)).await?;
    }
    watch.tell("visitor, in a transaction", sessions.len());
    for (tasks, count, people) in
        [(1, 300, 12_000), (32, 12_000, 12_000), (32, 12_000, 1_000), (256, 12_000, 12_000)]
    {
        logins(store, &sessions[..people], tasks, count).await?;
    }
    println!("after the logins: {} MB resident", resident());
    Ok(())
}

async fn look_at(
    store: &Store,
    what: &str,
    hashes: &[SecretHash],
    look: fn(&mut firstbell_store::Tx<'_>, &SecretHash) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for (people, few) in [("12,000 people", hashes), ("100 people", &hashes[..100])] {
        {
            let watch = Watch::start();
            for hash in few.iter().copied().cycle().take(5 * hashes.len()) {
                store.look(move |tx| look(tx, &hash)).await?;
            }
            watch.tell(&format!("{what}, {people}"), 5 * hashes.len());
        }
    }
    Ok(())
}

/// Session in, code, token, and the two questions that an application asks with it.
async fn logins(
    store: &Store,
    sessions: &[SecretHash],
    tasks: usize,
    count: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let seed = ((sessions.len() * tasks) as u64) << 16;
    let watch = Watch::start();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let store = store.clone();
            let mine: Vec<_> = sessions
                .iter()
                .cycle()
                .skip(task)
                .step_by(tasks)
                .take(count / tasks)
                .copied()
                .collect();
            tokio::spawn(async move {
                let mut dice = Dice::new(seed ^ ((task as u64) << 32));
                for cookie in mine {
                    login(&store, cookie, &mut dice).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for task in running {
        task.await??;
    }
    let people = sessions.len();
    watch.tell(&format!("login, {tasks} of {people} people at once"), count / tasks * tasks);
    Ok(())
}

async fn login(store: &Store, cookie: SecretHash, dice: &mut Dice) -> Result<(), StoreError> {
    let application = ApplicationId::from_bytes([2; 12]);
    let Some(Known { proof: session, user: Some(_), .. }) =
        store.look(move |tx| tx.visitor(&cookie)).await?
    else {
        return Err(StoreError::Closed);
    };
    let grant = Grant {
        generation: Generation::default(),
        application,
        district: session.district,
        user: session.user,
        role: session.role,
        impersonator: None,
    };
    let Ok(uri) = "https://app.example/oauth/callback".parse() else {
        return Err(StoreError::Closed);
    };
    let order =
        code::Order { grant, redirect_uri: uri, challenge: None, nonce: None, authenticated: NOW };
    let (_, code) = code::issue(order, NOW, dice);
    let (hash, uri) = (code.hash, code.redirect_uri.clone());
    store.write(move |tx| tx.record_code(&code)).await?;

    let (_, token) = token::mint(grant, NOW, dice);
    let bearer = token.hash;
    store
        .write(move |tx| {
            let code = tx.code(&hash)?.map(|(code, _)| code);
            if let Redemption::Spend(_) = redeem(code.as_ref(), application, Some(&uri), None, NOW)
                && tx.spend_code(&hash, &token.hash, NOW)?
            {
                return tx.record_token(&token);
            }
            Err(StoreError::Closed)
        })
        .await?;
    {
        store.look(move |tx| tx.token_owner(&bearer)).await?;
    }
    Ok(())
}

async fn begin_sessions(
    store: &Store,
    district: DistrictId,
    people: &[(UserId, RoleId)],
) -> Result<Vec<SecretHash>, StoreError> {
    let mut dice = Dice::new(4);
    let sessions: Vec<_> = (0..12_000)
        .map(|_| {
            let place = usize::try_from(dice.below(people.len() as u64)).unwrap_or(0);
            let (user, role) = people[place];
            Session::begin(district, (user, Generation::default()), role, NOW, &mut dice).1
        })
        .collect();
    let hashes = sessions.iter().map(|session| session.secret_hash).collect();
    store
        .write(move |tx| sessions.iter().try_for_each(|session| tx.begin_session(session, None)))
        .await?;
    Ok(hashes)
}

async fn import(
    store: &Store,
    district: DistrictId,
) -> Result<Vec<(UserId, RoleId)>, Box<dyn std::error::Error>> {
    let change = large_roster();
    let people = change.people.added.iter().map(|p| (p.user.id, p.user.roles[0].id)).collect();
    let planned_on = store.read(move |tx| tx.district(district).roster_version()).await?;

    let watch = Watch::start();
    let planned_on = store.apply_roster(district, planned_on, change, NOW, |_, _| {}).await?;
    watch.tell("import", STUDENTS + TEACHERS + SECTIONS + ENROLLMENTS);

    let watch = Watch::start();
    let roster = store.read_at_length(move |tx| tx.district(district).current_roster()).await?;
    watch.tell("roster read", roster.people.len());
    println!("with the roster in memory: {} MB resident", resident());
    let mut change = RosterChange::default();
    change.people.replaced = roster.people.into_values().take(5_000).collect();
    change.enrollments.removed = roster.enrollments.into_iter().take(20_000).collect();
    let watch = Watch::start();
    store.apply_roster(district, planned_on, change, NOW, |_, _| {}).await?;
    watch.tell("5,000 people changed and 20,000 enrolments removed", 25_000);
    let watch = Watch::start();
    let mut rows = 0;
    loop {
        let purged = store.purge(NOW, 1000).await?;
        rows += purged.roster_rows;
        if !purged.more {
            break;
        }
    }
    watch.tell("purge of what they left behind", usize::try_from(rows)?);
    let watch = Watch::start();
    store.read_at_length(move |tx| tx.district(district).counts()).await?;
    watch.tell("counts", 1);
    Ok(people)
}

async fn provision(
    store: &Store,
    district: DistrictId,
    people: &[(UserId, RoleId)],
) -> Result<(), StoreError> {
    let watch = Watch::start();
    for batch in people.chunks(1000) {
        let batch: Vec<_> = batch
            .iter()
            .map(|(_, role)| Credential {
                role: *role,
                login_name: role.to_string(),
                verifier: Verifier::Provisioned { salt: [1; 16], mac: [2; 32] },
                set: NOW,
            })
            .collect();
        store.write(move |tx| tx.district(district).provision_credentials(&batch)).await?;
    }
    watch.tell("credentials provisioned", people.len());
    Ok(())
}

fn large_roster() -> RosterChange {
    let dice = &mut Dice::new(9);
    let mut change = RosterChange::default();
    let mut ids =
        ascending(SCHOOLS + 2 + SECTIONS + 2 * (STUDENTS + TEACHERS), NOW, dice).into_iter();
    let mut next = move || ids.next().unwrap_or_default();
    let details = |pairs: &[(&str, &str)]| -> Details { pairs.iter().copied().collect() };
    for number in 0..SCHOOLS {
        let school = School {
            id: SchoolId::from_bytes(next()),
            sis_id: number.to_string(),
            name: format!("School {number}"),
            number: number.to_string(),
            details: details(&[("low_grade", "1"), ("high_grade", "5")]),
        };
        change.bindings.push(bound(RecordKind::School, &school.sis_id, school.id.to_bytes(), None));
        change.schools.added.push(school);
    }
    let term =
        Term { id: TermId::from_bytes(next()), name: "Y".into(), start_date: None, end_date: None };
    let course =
        Course { id: CourseId::from_bytes(next()), name: "Maths".into(), number: "1".into() };
    for number in 0..TEACHERS + STUDENTS {
        let (kind, record) = if number < TEACHERS {
            (RoleKind::Teacher, RecordKind::Teacher)
        } else {
            (RoleKind::Student, RecordKind::Student)
        };
        let role = Role {
            id: RoleId::from_bytes(next()),
            kind,
            sis_id: format!("{number:09}"),
            details: details(&[
                ("dob", "01/02/2016"),
                ("gender", "F"),
                ("grade", "4"),
                ("hispanic_ethnicity", "Y"),
                ("race", "Caucasian"),
                ("state_id", "123456789"),
                ("student_number", "123456789"),
                ("username", "ana.nunez"),
            ]),
        };
        let user = User {
            id: UserId::from_bytes(next()),
            email: format!("person.{number}@large.example").parse().ok(),
            name: PersonName {
                first: "Ana".into(),
                middle: Some("M".into()),
                last: format!("Núñez{number}"),
            },
            created: NOW,
            last_modified: NOW,
            suspended_since: None,
            generation: Generation::default(),
            roles: vec![role],
        };
        let (role, sis_id) = (user.roles[0].id, &user.roles[0].sis_id);
        change.bindings.push(bound(record, sis_id, role.to_bytes(), Some(user.id)));
        let school = change.schools.added[number % SCHOOLS].id;
        change.people.added.push(RosterPerson { user, schools: vec![(role, school)] });
    }
    for number in 0..SECTIONS {
        let section = Section {
            id: SectionId::from_bytes(next()),
            school: change.schools.added[number % SCHOOLS].id,
            sis_id: number.to_string(),
            name: format!("Section {number}"),
            course: Some(course.id),
            term: Some(term.id),
            teachers: vec![change.people.added[number % TEACHERS].user.roles[0].id],
            details: details(&[("period", "1"), ("grade", "4"), ("subject", "math")]),
        };
        change.bindings.push(bound(
            RecordKind::Section,
            &section.sis_id,
            section.id.to_bytes(),
            None,
        ));
        change.sections.added.push(section);
    }
    for number in 0..ENROLLMENTS {
        let student = &change.people.added[TEACHERS + number % STUDENTS].user.roles[0];
        let section = (number / STUDENTS + 31 * (number % STUDENTS)) % SECTIONS;
        let section = change.sections.added[section].id;
        change.enrollments.added.push(Enrollment { section, student: student.id });
    }
    change.terms.added.push(term);
    change.courses.added.push(course);
    change
}

fn bound(kind: RecordKind, sis_id: &str, id: [u8; 12], user: Option<UserId>) -> Binding {
    Binding { kind, sis_id: sis_id.into(), id, user }
}

struct Watch {
    started: Instant,
    cpu: u64,
}

impl Watch {
    fn start() -> Self {
        Self { started: Instant::now(), cpu: cpu_microseconds() }
    }

    fn tell(&self, what: &str, count: usize) {
        let cpu = cpu_microseconds() - self.cpu;
        let wall = self.started.elapsed();
        let each = u128::from(cpu) * 10 / count as u128;
        println!(
            "{what}: {count} in {wall:.2?}, {}/s; CPU {}.{} us each, {} ms in all",
            count as u128 * 1_000_000 / wall.as_micros().max(1),
            each / 10,
            each % 10,
            cpu / 1000
        );
    }
}

/// Time on a CPU of all threads, those that have ended too, to the hundredth of a second.
fn cpu_microseconds() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program stands in parentheses and may hold anything.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10_000
}

/// Megabytes of memory that are ours now.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
