//! `firstbell district`: what a district has decided about its people's logins.

use std::str::FromStr;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use firstbell_core::roster::District;
use firstbell_core::roster::district::{Band, ClassroomPolicy, DistrictPolicy, SessionLimits};
use firstbell_protocol::vocabulary::RoleKind;
use firstbell_store::{AuditEntry, Settings, StoreError, Tx};
use serde_json::{Value, json};

use super::lookup::{self, named, shown_span, span};
use super::{ConfigFile, open_store};
use crate::clock::Clock;

/// Shows and changes what districts have decided about their people's logins.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one district, or all
    Show(Show),
    /// Change what a district has decided
    Set(Set),
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Set {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    #[command(flatten)]
    wanted: Wanted,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is to be different; the rest stays as it is.
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = true)]
struct Wanted {
    /// Which applications its teachers may connect for their classes
    #[arg(long, value_parser = named(&ClassroomPolicy::ALL, ClassroomPolicy::name))]
    classroom: Option<ClassroomPolicy>,
    /// In which role a person of several comes: the first of these that they have
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    role_order: Vec<RoleKind>,
    /// People of several roles come in the role whose password they used
    #[arg(long, conflicts_with = "role_order")]
    no_role_order: bool,
    /// Shorter sessions of a band, idle and at most: `elementary=10m/2h`; may be repeated
    #[arg(long = "session-limit", value_name = "BAND=IDLE/LONGEST")]
    session_limits: Vec<BandLimits>,
    /// A band has the general session limits again; may be repeated
    #[arg(long, value_name = "BAND",
          value_parser = PossibleValuesParser::new(Band::ALL.map(Band::name)))]
    no_session_limit: Vec<String>,
}

/// `elementary=10m/2h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BandLimits(Band, SessionLimits);

impl FromStr for BandLimits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || "write it like elementary=10m/2h: the band, the idle limit, the longest";
        let (band, limits) = text.split_once('=').ok_or_else(shape)?;
        let (idle, longest) = limits.split_once('/').ok_or_else(shape)?;
        let found = Band::ALL.into_iter().find(|it| it.name() == band);
        let band = found.ok_or_else(|| {
            let known = Band::ALL.map(Band::name).join(", ");
            format!("there is no band {band:?}; there are {known}")
        })?;
        let limits = SessionLimits::checked(span(idle)?, span(longest)?);
        Ok(Self(band, limits.map_err(|error| error.to_string())?))
    }
}

impl Wanted {
    fn apply(&self, policy: &mut DistrictPolicy) {
        if let Some(classroom) = self.classroom {
            policy.classroom = classroom;
        }
        if !self.role_order.is_empty() || self.no_role_order {
            policy.role_order.clear();
            for kind in &self.role_order {
                if !policy.role_order.contains(kind) {
                    policy.role_order.push(*kind);
                }
            }
        }
        let changed: Vec<_> = self.session_limits.iter().map(|it| it.0).collect();
        policy.session_limits.retain(|(band, _)| {
            !changed.contains(band) && self.no_session_limit.iter().all(|it| it != band.name())
        });
        for BandLimits(band, limits) in &self.session_limits {
            policy.session_limits.retain(|(known, _)| known != band);
            policy.session_limits.push((*band, *limits));
        }
        policy.session_limits.sort_by_key(|(band, _)| *band);
    }
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        Verb::Show(options) => show(options).await,
        Verb::Set(options) => set(options).await,
    }
}

async fn show(options: Show) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let settings = store.read(settings).await?;
    let districts: Vec<&District> = match &options.district {
        Some(named) => vec![lookup::district(&settings, named)?],
        None => settings.districts.iter().collect(),
    };

    if options.json {
        let all: Vec<_> = districts.into_iter().map(json).collect();
        println!("{}", json!({ "districts": all }));
        return Ok(());
    }
    for district in districts {
        print(district);
    }
    Ok(())
}

fn settings(tx: &mut Tx<'_>) -> Result<Settings, StoreError> {
    tx.settings()
}

async fn set(options: Set) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let (named, wanted, now) = (options.district, options.wanted, Clock::System.now());

    let district = store
        .write(move |tx| {
            let settings = tx.settings()?;
            let before = lookup::district(&settings, &named)?;
            let mut after = before.clone();
            wanted.apply(&mut after.policy);
            if after.policy != before.policy {
                tx.set_district_policy(after.id, &after.policy)?;
                let old = decisions(&before.policy);
                let pairs = decisions(&after.policy).into_iter().zip(old);
                let changed: Vec<_> = pairs
                    .filter(|(new, old)| new != old)
                    .map(|((name, new), (_, old))| format!("{name}: {old} -> {new}"))
                    .collect();
                let entry = AuditEntry {
                    action: "district.changed",
                    actor: None,
                    subject: None,
                    application: None,
                    detail: changed.join("; "),
                };
                tx.district(after.id).audit(&entry, now)?;
            }
            Ok::<_, anyhow::Error>(after)
        })
        .await?;

    if options.json {
        println!("{}", json(&district));
    } else {
        print(&district);
    }
    Ok(())
}

fn shown_limits(limits: SessionLimits) -> String {
    format!("{}/{}", shown_span(limits.idle), shown_span(limits.longest))
}

/// What a district has decided, as it is written on the command line.
fn decisions(policy: &DistrictPolicy) -> [(&'static str, String); 3] {
    let order: Vec<_> = policy.role_order.iter().map(|kind| kind.name()).collect();
    let limits: Vec<_> = policy
        .session_limits
        .iter()
        .map(|(band, limits)| format!("{}={}", band.name(), shown_limits(*limits)))
        .collect();
    let or = |list: String, none: &str| if list.is_empty() { none.to_owned() } else { list };
    [
        ("classroom", policy.classroom.name().to_owned()),
        ("role order", or(order.join(","), "the role whose password they used")),
        ("session limits", or(limits.join(" "), "the general ones, 2h/24h")),
    ]
}

fn print(district: &District) {
    println!("{} ({}, {})", district.name, district.shortname, district.id);
    if let Some(place) = &district.place {
        println!("  {:<15} {place}", "place");
    }
    for (name, value) in decisions(&district.policy) {
        println!("  {name:<15} {value}");
    }
}

fn json(district: &District) -> Value {
    let policy = &district.policy;
    let limits: serde_json::Map<_, _> = policy
        .session_limits
        .iter()
        .map(|(band, limits)| {
            let seconds = json!({
                "idle_seconds": limits.idle.as_secs(),
                "longest_seconds": limits.longest.as_secs(),
            });
            (band.name().to_owned(), seconds)
        })
        .collect();
    json!({
        "id": district.id.to_string(),
        "shortname": district.shortname.as_str(),
        "name": district.name,
        "place": district.place,
        "classroom": policy.classroom.name(),
        "role_order": policy.role_order.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
        "session_limits": limits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_a_band_are_read() {
        let limits: BandLimits = "elementary=10m/2h".parse().expect("limits");
        assert_eq!(limits.0, Band::Elementary);
        assert_eq!(shown_limits(limits.1), "10m/2h");
        for (bad, reason) in [
            ("elementary", "write it like"),
            ("elementary=10m", "write it like"),
            ("kindergarten=10m/2h", "there are elementary, middle, high, adults"),
            ("adults=3h/24h", "only shorten"),
            ("adults=2h/1h", "longer than the whole session"),
            ("adults=0/1h", "a minute"),
            ("adults=x/1h", "span of time"),
        ] {
            let error = bad.parse::<BandLimits>().expect_err(bad);
            assert!(error.contains(reason), "{bad}: {error}");
        }
    }
}
