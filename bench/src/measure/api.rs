//! Lists of the Data API: how many users a CPU second prints, in rounds that alternate with a bare
//! loop from the database to a buffer; how long one client takes to read everything; how much
//! memory the largest page takes.

mod floor;
pub mod pages;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::figures::{count, median};
use crate::process::{Server, load_average, own_cpu_seconds, scratch};
use crate::server::{Postgres, Synced, generate, people};
use floor::{Floor, USERS};
use pages::Client;

const LIMITS: [usize; 3] = [100, 1_000, 10_000];

/// The lists that a full sync reads.
pub const EVERYTHING: [&str; 7] =
    ["districts", "schools", "terms", "courses", "sections", "users", "resources"];

/// How often everything is read.
const FULL_SYNCS: usize = 3;

/// How it is measured.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Students of the large sandbox
    #[arg(long, default_value_t = 56_635)]
    students: usize,
    /// Rounds, in each of which everyone is read in pages of each size
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How often everyone is read in a round in pages of one size
    #[arg(long, default_value_t = 2)]
    passes: usize,
    /// Leave PostgreSQL out
    #[arg(long)]
    without_postgres: bool,
}

/// One database, Firstbell on it, and the floor beside it.
struct Contender {
    name: &'static str,
    server: Server,
    tokens: Vec<String>,
    place: Place,
    /// The items of the whole list, as the floor writes them.
    expected: Vec<u8>,
    users: usize,
    /// By the index of the limit, and then by round: users a CPU second of Firstbell, of the floor.
    rounds: [Vec<(f64, f64)>; 3],
}

enum Place {
    Sqlite(PathBuf),
    Postgres(Postgres),
}

/// Measures all of it and prints it.
pub async fn run(options: &Options) -> Result<()> {
    println!("load average at the beginning: {}", load_average());
    let kept = Synced::kept(options.students)?;
    let sqlite = Place::Sqlite(kept.firstbell.sqlite_file());
    let mut contenders = vec![Contender::start("SQLite", &kept, sqlite).await?];
    let mut on_postgres = None;
    if !options.without_postgres {
        let postgres = Postgres::start()?;
        let folder = scratch("synced-postgres")?;
        let synced = Synced::on(&folder, &postgres.url, options.students)?;
        let place = Place::Postgres(postgres);
        contenders.push(Contender::start("PostgreSQL", &synced, place).await?);
        on_postgres = Some(synced);
    }
    for contender in &mut contenders {
        contender.check(options.students).await?;
    }
    for number in 1..=options.rounds {
        for contender in &mut contenders {
            for (index, limit) in LIMITS.into_iter().enumerate() {
                contender.round(index, limit, options.passes).await?;
            }
            println!("round {number}: {:<10} {}", contender.name, contender.last_round());
        }
    }
    println!("\nusers a CPU second, medians of {} rounds", options.rounds);
    for contender in &contenders {
        contender.print();
    }
    println!();
    for contender in &contenders {
        contender.sync_everything().await?;
    }
    println!();
    page_memory("SQLite", &kept).await?;
    if let Some(synced) = &on_postgres {
        page_memory("PostgreSQL", synced).await?;
    }
    println!("load average at the end: {}", load_average());
    Ok(())
}

impl Contender {
    async fn start(name: &'static str, synced: &Synced, place: Place) -> Result<Self> {
        if let Place::Postgres(postgres) = &place {
            postgres.settle()?;
        }
        let server = synced.firstbell.start().await?;
        let tokens = synced.tokens(&server).await?;
        let (expected, users) = place.all_by_floor(1_000)?;
        Ok(Self { name, server, tokens, place, expected, users, rounds: Default::default() })
    }

    /// Fails unless everybody of the files is in the floor's list, and Firstbell's is that list to
    /// the byte, whatever the size of its pages.
    async fn check(&mut self, students: usize) -> Result<()> {
        let sandbox = generate(students)?;
        let people = people(&sandbox)?;
        ensure!(self.users == people, "{} users of {people} people", self.users);
        let counted = self.client(0)?.count(USERS).await?;
        ensure!(counted == Some(people), "Firstbell counts {counted:?} users of {people} people");
        for (number, limit) in LIMITS.into_iter().enumerate() {
            self.pass(number + 1, limit).await?;
            let (read, _) = self.place.all_by_floor(limit)?;
            ensure!(read == self.expected, "the floor's list depends on the size of its pages");
        }
        Ok(())
    }

    fn client(&self, number: usize) -> Result<Client> {
        let token = self.tokens.get(number % self.tokens.len()).context("no token")?;
        Ok(Client::of(&self.server, token))
    }

    /// Reads everyone over HTTP and compares each byte.
    async fn pass(&self, number: usize, limit: usize) -> Result<()> {
        let mut rest = &self.expected[..];
        let mut difference = None;
        let mut compare = |items: &[u8]| match rest.strip_prefix(items) {
            Some(behind) => rest = behind.strip_prefix(b",").unwrap_or(behind),
            None if difference.is_none() => difference = Some(around_difference(items, rest)),
            None => {}
        };
        let path = format!("{USERS}?limit={limit}");
        self.client(number)?.read(&path, &mut compare).await?;
        if let Some((told, there)) = difference {
            bail!("{path} on {} tells …{told}…, and there is …{there}…", self.name);
        }
        ensure!(rest.is_empty(), "{path} on {} is not all that there is", self.name);
        Ok(())
    }

    async fn round(&mut self, index: usize, limit: usize, passes: usize) -> Result<()> {
        let users = count(self.users * passes);
        let before = self.cpu_seconds()?;
        for pass in 0..passes {
            let number = self.rounds.get(index).map_or(0, Vec::len) * passes + pass;
            self.pass(number, limit).await?;
        }
        let own = users / (self.cpu_seconds()? - before);
        let floor = users / self.floor_cpu_seconds(limit, passes)?;
        self.rounds[index].push((own, floor));
        Ok(())
    }

    /// CPU time of the server so far, and of its database where that is a process of its own.
    fn cpu_seconds(&self) -> Result<f64> {
        Ok(self.server.cpu_seconds()? + self.place.cpu_seconds()?)
    }

    /// CPU time of the floor for so many passes, and of its database.
    fn floor_cpu_seconds(&self, limit: usize, passes: usize) -> Result<f64> {
        let before = self.place.cpu_seconds()?;
        let own = self.place.with_floor(|floor| {
            let before = own_cpu_seconds()?;
            for _ in 0..passes {
                let mut length = 0;
                let users = floor.read(limit, |items| length += items.len() + 1)?;
                let is_all = users == self.users && length == self.expected.len() + 1;
                ensure!(is_all, "the floor left something out");
            }
            Ok(own_cpu_seconds()? - before)
        })?;
        Ok(own + self.place.cpu_seconds()? - before)
    }

    fn last_round(&self) -> String {
        let of = |(limit, rounds): (usize, &Vec<(f64, f64)>)| {
            let (own, floor) = rounds.last().copied().unwrap_or_default();
            format!("{limit}: {own:.0} / {floor:.0} = {:.2}", own / floor)
        };
        LIMITS.into_iter().zip(&self.rounds).map(of).collect::<Vec<_>>().join("; ")
    }

    fn print(&self) {
        println!("{:<12} {:>10} {:>10} {:>10}   ratio", self.name, "page of", "Firstbell", "floor");
        for (limit, rounds) in LIMITS.into_iter().zip(&self.rounds) {
            let of = |figure: fn(&(f64, f64)) -> f64| rounds.iter().map(figure).collect::<Vec<_>>();
            let ratios = of(|(own, floor)| own / floor);
            let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
            println!(
                "{:<12} {limit:>10} {:>10.0} {:>10.0}   {:.2} ({})",
                "",
                median(&of(|(own, _)| *own)),
                median(&of(|(_, floor)| *floor)),
                median(&ratios),
                each.join(", "),
            );
        }
    }

    /// Reads every list with one client on one connection.
    async fn sync_everything(&self) -> Result<()> {
        let mut times = Vec::with_capacity(FULL_SYNCS);
        let mut sizes = Vec::new();
        for number in 0..FULL_SYNCS {
            let begun = Instant::now();
            let mut client = self.client(number)?;
            sizes.clear();
            for list in EVERYTHING {
                let mut bytes = 0;
                let path = format!("/v3.1/{list}?limit=10000");
                client.read(&path, |items| bytes += items.len() + 1).await?;
                sizes.push(bytes);
            }
            times.push(begun.elapsed().as_secs_f64());
        }
        let mut counted = Vec::new();
        for list in EVERYTHING {
            let number = self.client(0)?.count(&format!("/v3.1/{list}")).await?;
            counted.extend(number.map(|number| format!("{number} {list}")));
        }
        let each: Vec<String> = times.iter().map(|time| format!("{time:.2}")).collect();
        println!(
            "everything read by one client, {}: {:.2} s ({}), {:.1} MB: {}",
            self.name,
            median(&times),
            each.join(", "),
            count(sizes.iter().sum()) / 1e6,
            counted.join(", "),
        );
        Ok(())
    }
}

impl Place {
    /// Does something with the floor on a thread of its own: the client of PostgreSQL wants one
    /// that drives no runtime.
    fn with_floor<T: Send>(&self, work: impl FnOnce(&mut Floor) -> Result<T> + Send) -> Result<T> {
        std::thread::scope(|scope| {
            let worked = scope.spawn(|| {
                let mut floor = match self {
                    Self::Sqlite(file) => Floor::on_sqlite(file),
                    Self::Postgres(postgres) => Floor::on_postgres(&postgres.url),
                }?;
                work(&mut floor)
            });
            worked.join().unwrap_or_else(|_| Err(anyhow!("the floor panicked")))
        })
    }

    /// The items of the whole list as the floor writes them, and how many they are.
    fn all_by_floor(&self, limit: usize) -> Result<(Vec<u8>, usize)> {
        self.with_floor(|floor| {
            let mut list = Vec::new();
            let users = floor.read(limit, |items| add_page(&mut list, items))?;
            Ok((list, users))
        })
    }

    fn cpu_seconds(&self) -> Result<f64> {
        match self {
            Self::Sqlite(_) => Ok(0.0),
            Self::Postgres(postgres) => postgres.cpu_seconds(),
        }
    }
}

/// What the largest page takes at most, beyond what a server has that has answered small ones.
async fn page_memory(name: &str, synced: &Synced) -> Result<()> {
    let server = synced.firstbell.start().await?;
    let token = synced.tokens(&server).await?.into_iter().next().context("no token")?;
    let mut client = Client::of(&server, &token);
    client.read("/v3.1/schools?limit=100", |_| ()).await?;
    for _ in 0..3 {
        client.first_page(&format!("{USERS}?limit=100")).await?;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = server.resident_mib()?;
    let mut peaks = Vec::new();
    for _ in 0..3 {
        server.forget_peak()?;
        let bytes = client.first_page(&format!("{USERS}?limit=10000")).await?;
        ensure!(bytes > 1_000_000, "a page of 10,000 users has {bytes} bytes");
        peaks.push(format!("+{:.1}", server.peak_mib()? - before));
    }
    println!(
        "a page of 10,000 users, {name}: {before:.1} MB resident before, at most {} MB",
        peaks.join(", ")
    );
    Ok(())
}

fn add_page(list: &mut Vec<u8>, items: &[u8]) {
    if !list.is_empty() {
        list.push(b',');
    }
    list.extend_from_slice(items);
}

/// Where two texts part, each with what is around that place.
fn around_difference(one: &[u8], other: &[u8]) -> (String, String) {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let around = |text: &[u8]| {
        let end = text.len().min(same + 80);
        String::from_utf8_lossy(&text[same.saturating_sub(80).min(end)..end]).into_owned()
    };
    (around(one), around(other))
}
