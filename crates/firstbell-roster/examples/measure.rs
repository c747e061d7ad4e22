//! Times the large sandbox from files to change, and what memory it takes:
//! `cargo run --release -p firstbell-roster --example measure [students]`. With a folder and a file
//! in their place, what it takes to import the roster there into the SQLite store there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use firstbell_core::id::DistrictId;
use firstbell_core::roster::change::{CurrentRoster, RosterChange};
use firstbell_core::roster::{District, DistrictPolicy};
use firstbell_core::secret::Random;
use firstbell_core::time::Timestamp;
use firstbell_roster::sandbox::{LARGE_STUDENTS, SandboxSize, generate};
use firstbell_roster::{Day, Plan, plan, read};
use firstbell_store::{Backend, Store};

struct Counting(u64);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let (Some(folder), Some(store)) = (std::env::args().nth(1), std::env::args().nth(2)) {
        return import(Path::new(&folder), PathBuf::from(store));
    }
    let students = std::env::args().nth(1).map_or(Ok(LARGE_STUDENTS), |text| text.parse())?;
    let folder = std::env::temp_dir().join(format!("firstbell-measure-{}", std::process::id()));
    let started = Instant::now();
    let report = generate(&folder, SandboxSize::Large { students }, 1)?;
    println!("{report:?}");
    println!("generate        {:>8.3?}  {}", started.elapsed(), peak());
    let result = measure(&folder);
    fs::remove_dir_all(&folder)?;
    result
}

fn here() -> DistrictId {
    DistrictId::from_bytes([7; 12])
}

fn import(folder: &Path, path: PathBuf) -> Result<(), Box<dyn std::error::Error>> {
    let now = Timestamp::from_milliseconds(1_790_000_000_000);
    let is_new = !path.exists();
    let store = Store::open(Backend::Sqlite { path })?;
    let runtime = firstbell_store::testing::Runtime::new()?;
    if is_new {
        store.migrate()?;
        let made = District {
            id: here(),
            shortname: "measured".parse()?,
            name: "Measured".into(),
            place: None,
            policy: DistrictPolicy::default(),
        };
        runtime.block_on(store.write(move |tx| tx.create_district(&made, now)))?;
    }
    let started = Instant::now();
    let mut at = None;
    let snapshot = read(folder, Day::utc(now), &mut |progress| {
        if at != Some(progress.file) {
            at = Some(progress.file);
            println!("{:<16}{:>8.3?}  {}", progress.file.name(), started.elapsed(), peak());
        }
    })?;
    println!("read            {:>8.3?}  {}", started.elapsed(), peak());
    let started = Instant::now();
    let version = runtime.block_on(store.read(|tx| tx.district(here()).roster_version()))?;
    let plan = plan(snapshot, store.present(here(), version), now, &mut Counting(1))?;
    println!("plan            {:>8.3?}  {}  {:?}", started.elapsed(), peak(), plan.change);
    if !plan.change.is_empty() {
        let started = Instant::now();
        let applying = store.apply_roster(here(), version, plan.change, now, |_, _| {});
        runtime.block_on(applying)?;
        println!("apply           {:>8.3?}  {}", started.elapsed(), peak());
    }
    println!("CPU seconds     {:>8.3}", cpu_seconds());
    Ok(())
}

/// What this process has used of the processors so far, in seconds; in ticks of a hundredth.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn measure(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let now = Timestamp::from_milliseconds(1_790_000_000_000);
    let mut random = Counting(1);
    let started = Instant::now();
    let snapshot = read(folder, Day::utc(now), &mut |_| {})?;
    println!("read            {:>8.3?}  {}", started.elapsed(), peak());
    let started = Instant::now();
    let Plan { change, summary } = plan(snapshot, &CurrentRoster::default(), now, &mut random)?;
    println!("plan, all new   {:>8.3?}  {}", started.elapsed(), peak());
    print!("{summary}");

    let current = applied(change.gather()?);
    println!("(now the district has a roster)   {}", peak());
    let started = Instant::now();
    let snapshot = read(folder, Day::utc(now), &mut |_| {})?;
    println!("read again      {:>8.3?}  {}", started.elapsed(), peak());
    let started = Instant::now();
    let again = plan(snapshot, &current, now, &mut random)?;
    println!("plan, unchanged {:>8.3?}  {}", started.elapsed(), peak());
    println!("nothing changes: {}", again.change.is_empty());
    Ok(())
}

/// What a store has after the first import.
fn applied(change: RosterChange) -> CurrentRoster {
    let bound = |b: firstbell_core::roster::change::Binding| ((b.kind, b.sis_id), (b.id, b.user));
    CurrentRoster {
        bindings: change.bindings.into_iter().map(bound).collect(),
        schools: change.schools.added.into_iter().map(|school| (school.id, school)).collect(),
        terms: change.terms.added.into_iter().map(|term| (term.id, term)).collect(),
        courses: change.courses.added.into_iter().map(|course| (course.id, course)).collect(),
        sections: change.sections.added.into_iter().map(|part| (part.id, part)).collect(),
        people: change.people.added.into_iter().map(|person| (person.user.id, person)).collect(),
        enrollments: change.enrollments.added.into_iter().collect(),
        contacts: change.contacts.added.into_iter().map(|contact| (contact.id, contact)).collect(),
        resources: change.resources.added.into_iter().map(|part| (part.id, part)).collect(),
        digests: change.digests.into_iter().collect(),
    }
}

/// The most memory so far, where the system tells.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.unwrap_or("VmHWM: unknown").split_whitespace().collect::<Vec<_>>().join(" ")
}
