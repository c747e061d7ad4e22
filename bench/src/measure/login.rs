//! Logins with a session: four servers in one run, in interleaved rounds.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::Login;
use crate::figures::{Latency, count, median};
use crate::load::{Pace, Run, drive};
use crate::process::{Server, scratch};
use crate::server::{Firstbell, Own, start_oidc_provider, visitors};
use crate::visitor::Visitor;

const CONSTANT: &str = "constant answers";
const FLOOR: &str = "floor";
const FIRSTBELL: &str = "Firstbell";
/// The same program and an application that speaks OpenID Connect: it sends the requests that
/// oidc-provider gets, and gets an ID token in each login, too.
const FIRSTBELL_OIDC: &str = "Firstbell, RS256";
/// The same with elliptic curves: how much of it is the RSA signature?
const FIRSTBELL_ES256: &str = "Firstbell, ES256";
const OIDC_PROVIDER: &str = "oidc-provider";

/// The driving before the first round, which is not counted.
const WARM_UP: Duration = Duration::from_millis(700);

/// How long the open loop lasts in a round.
const OPEN_LOOP: Duration = Duration::from_secs(4);

struct Contender {
    name: &'static str,
    server: Server,
    visitors: Vec<Visitor>,
    rounds: Vec<Round>,
}

/// One server in one round.
#[derive(Debug, Serialize)]
struct Round {
    logins_a_second: f64,
    logins_a_cpu_second: f64,
    resident_mib: f64,
    closed: Run,
    open: Run,
}

/// What a server came to: medians over the rounds.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    server: &'static str,
    logins_a_second: f64,
    logins_a_cpu_second: f64,
    closed: Latency,
    open: Latency,
    resident_mib: f64,
    errors: usize,
    rounds: &'a [Round],
}

/// Two servers in the same rounds.
#[derive(Debug, Serialize)]
struct Ratio {
    what: String,
    rounds: Vec<f64>,
    median: f64,
}

/// Runs the comparison and prints it.
pub async fn run(options: &Login) -> Result<()> {
    let mut contenders = start(options).await?;
    let say = |text: &str| {
        if !options.json {
            println!("{text}");
        }
    };
    say(&format!("load average at the beginning: {}", load_average()));
    for contender in &mut contenders {
        drive(&mut contender.visitors, Pace::Closed, WARM_UP).await?;
    }
    for number in 1..=options.rounds {
        for contender in &mut contenders {
            contender.round(options).await?;
            if let Some(round) = contender.rounds.last() {
                say(&format!("round {number}: {:<16} {}", contender.name, round.line()));
            }
        }
    }
    let summaries: Vec<Summary<'_>> = contenders.iter().map(Contender::summary).collect();
    let ratios = ratios(&contenders);
    if options.json {
        let all = serde_json::json!({ "servers": summaries, "ratios": ratios });
        println!("{all:#}");
    } else {
        print(options, &summaries, &ratios);
    }
    Ok(())
}

async fn start(options: &Login) -> Result<Vec<Contender>> {
    let folder = scratch("login")?;
    let mut contenders = Vec::new();
    for (name, own) in [(CONSTANT, Own::Constant), (FLOOR, Own::Floor)] {
        let server = own.start(&folder, options.students).await?;
        let visitors = visitors(server.address, options.people);
        contenders.push(Contender { name, server, visitors, rounds: Vec::new() });
    }
    if !options.without_firstbell {
        for (name, asks) in [
            (FIRSTBELL, &[][..]),
            (FIRSTBELL_OIDC, &["--switch", "oidc"]),
            (FIRSTBELL_ES256, &["--switch", "oidc", "--id-token-algorithm", "ES256"]),
        ] {
            let folder = folder.join(name.rsplit(' ').next().unwrap_or(name));
            std::fs::create_dir(&folder)?;
            let firstbell = Firstbell::prepare_with(&folder, options.students, asks)?;
            let server = firstbell.start().await?;
            let mut visitors = firstbell.visitors(&server, options.people).await?;
            if !asks.is_empty() {
                visitors.iter_mut().for_each(Visitor::go_over_to_oidc);
            }
            contenders.push(Contender { name, server, visitors, rounds: Vec::new() });
        }
    }
    match &options.peer {
        Some(installed) => {
            let (server, visitors) =
                start_oidc_provider(&options.node, installed, &folder, options.people).await?;
            contenders.push(Contender {
                name: OIDC_PROVIDER,
                server,
                visitors,
                rounds: Vec::new(),
            });
        }
        None => eprintln!("oidc-provider is left out: it is not installed"),
    }
    Ok(contenders)
}

impl Contender {
    async fn round(&mut self, options: &Login) -> Result<()> {
        let before = self.server.cpu_seconds()?;
        let limit = Duration::from_secs(options.seconds);
        let closed = drive(&mut self.visitors, Pace::Closed, limit).await?;
        let cpu_seconds = self.server.cpu_seconds()? - before;
        let open = drive(&mut self.visitors, Pace::Open(options.rate), OPEN_LOOP).await?;
        self.rounds.push(Round {
            logins_a_second: count(closed.logins) / closed.seconds,
            logins_a_cpu_second: count(closed.logins) / cpu_seconds,
            resident_mib: self.server.resident_mib()?,
            closed,
            open,
        });
        Ok(())
    }

    fn summary(&self) -> Summary<'_> {
        let of =
            |figure: fn(&Round) -> f64| median(&self.rounds.iter().map(figure).collect::<Vec<_>>());
        Summary {
            server: self.name,
            logins_a_second: of(|round| round.logins_a_second),
            logins_a_cpu_second: of(|round| round.logins_a_cpu_second),
            closed: Latency {
                p50_ms: of(|round| round.closed.latency.p50_ms),
                p99_ms: of(|round| round.closed.latency.p99_ms),
                max_ms: of(|round| round.closed.latency.max_ms),
            },
            open: Latency {
                p50_ms: of(|round| round.open.latency.p50_ms),
                p99_ms: of(|round| round.open.latency.p99_ms),
                max_ms: of(|round| round.open.latency.max_ms),
            },
            resident_mib: of(|round| round.resident_mib),
            errors: self.rounds.iter().map(|round| round.closed.errors + round.open.errors).sum(),
            rounds: &self.rounds,
        }
    }
}

impl Round {
    fn line(&self) -> String {
        let errors = self.closed.errors + self.open.errors;
        let first = self.closed.first_error.as_ref().or(self.open.first_error.as_ref());
        format!(
            "{:>7.0} logins/s {:>7.0} a CPU second, p99 {:>6.1} ms; open loop p99 {:>6.1} ms, \
             {errors} errors{}",
            self.logins_a_second,
            self.logins_a_cpu_second,
            self.closed.latency.p99_ms,
            self.open.latency.p99_ms,
            first.map(|error| format!(" ({error})")).unwrap_or_default(),
        )
    }
}

fn ratios(contenders: &[Contender]) -> Vec<Ratio> {
    let a_cpu_second: fn(&Round) -> f64 = |round| round.logins_a_cpu_second;
    let open_p99: fn(&Round) -> f64 = |round| round.open.latency.p99_ms;
    let pairs = [
        (FIRSTBELL, FLOOR, "logins a CPU second", a_cpu_second),
        (FIRSTBELL, OIDC_PROVIDER, "logins a CPU second", a_cpu_second),
        (FIRSTBELL_OIDC, OIDC_PROVIDER, "ID-token logins a CPU second", a_cpu_second),
        (FIRSTBELL_ES256, OIDC_PROVIDER, "ID-token logins a CPU second", a_cpu_second),
        (FLOOR, CONSTANT, "logins a CPU second", a_cpu_second),
        (FIRSTBELL, FLOOR, "open loop p99", open_p99),
    ];
    let rounds_of = |name: &str| contenders.iter().find(|one| one.name == name);
    pairs
        .iter()
        .filter_map(|(over, under, what, figure)| {
            let (over_rounds, under_rounds) = (rounds_of(over)?, rounds_of(under)?);
            let both = over_rounds.rounds.iter().zip(&under_rounds.rounds);
            let rounds: Vec<f64> = both.map(|(one, other)| figure(one) / figure(other)).collect();
            Some(Ratio {
                what: format!("{what}: {over} / {under}"),
                median: median(&rounds),
                rounds,
            })
        })
        .collect()
}

/// How much else the machine had to do: the load averages of the last 1, 5 and 15 minutes.
pub fn load_average() -> String {
    let read = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    read.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn print(options: &Login, summaries: &[Summary<'_>], ratios: &[Ratio]) {
    println!(
        "\nmedians of {} rounds, {} people at once, {} students known; open loop at {} logins/s",
        options.rounds, options.people, options.students, options.rate
    );
    println!(
        "{:<17} {:>9} {:>13} {:>8} {:>8} {:>10} {:>10} {:>9} {:>7}",
        "",
        "logins/s",
        "a CPU second",
        "p50 ms",
        "p99 ms",
        "open p50",
        "open p99",
        "resident",
        "errors"
    );
    for row in summaries {
        println!(
            "{:<17} {:>9.0} {:>13.0} {:>8.2} {:>8.2} {:>10.2} {:>10.2} {:>6.1} MB {:>7}",
            row.server,
            row.logins_a_second,
            row.logins_a_cpu_second,
            row.closed.p50_ms,
            row.closed.p99_ms,
            row.open.p50_ms,
            row.open.p99_ms,
            row.resident_mib,
            row.errors,
        );
    }
    println!();
    for ratio in ratios {
        let rounds: Vec<String> = ratio.rounds.iter().map(|one| format!("{one:.2}")).collect();
        println!("{:<50} {:>6.2}   ({})", ratio.what, ratio.median, rounds.join(", "));
    }
}
