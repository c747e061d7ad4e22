//! `firstbell sharing`: what a district says about an application, and with whom it is shared.

pub(super) mod rule;

use clap::Subcommand;
use firstbell_core::application::{ClientId, Connection, ConnectionChange, Sharing, SharingRule};
use firstbell_core::id::DistrictId;
use firstbell_core::time::Timestamp;
use firstbell_store::{AuditEntry, StoreError, Tx};
use serde_json::{Value, json};

use super::{ConfigFile, lookup, open_store};
use crate::clock::Clock;
use rule::WrittenRule;

/// Says with whom a district shares an application.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Connect an application and say with whom it is shared, in place of what was said before
    Set(Set),
    /// Keep everybody out of an application for a while
    Pause(Named),
    /// Let people into a paused application again
    Resume(Named),
    /// End an application's connection; its rules are kept
    Disconnect(Named),
    /// Let nobody into an application, and teachers not connect it either
    Block(Named),
    /// Recommend an application to teachers, who may then connect it
    Recommend(Named),
    /// Show what a district has said about which application
    Show(Show),
}

#[derive(Debug, Clone, clap::Args)]
struct Named {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// The application's public identifier
    #[arg(long)]
    client_id: ClientId,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Set {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    whom: Whom,
}

#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = true)]
struct Whom {
    /// Everyone of the district
    #[arg(long, conflicts_with_all = ["rules", "all_staff"])]
    everyone: bool,
    /// People of whom a role fits all parts: `schools=NORTH,SOUTH grades=3,4 subjects=math
    /// roles=student,teacher sections=…`; may be repeated, one that fits is enough
    #[arg(long = "rule", id = "rules", value_name = "RULE")]
    rules: Vec<WrittenRule>,
    /// All staff and district administrators, whatever the rules say
    #[arg(long)]
    all_staff: bool,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    use ConnectionChange as C;
    match options.verb {
        Verb::Set(set) => change(set.named, C::Connect, "sharing.set", Some(set.whom)).await,
        Verb::Pause(named) => change(named, C::Pause, "sharing.paused", None).await,
        Verb::Resume(named) => change(named, C::Resume, "sharing.resumed", None).await,
        Verb::Disconnect(named) => change(named, C::Disconnect, "sharing.disconnected", None).await,
        Verb::Block(named) => change(named, C::Block, "sharing.blocked", None).await,
        Verb::Recommend(named) => change(named, C::Recommend, "sharing.recommended", None).await,
        Verb::Show(options) => show(options).await,
    }
}

/// Changes what a district says about an application. With `whom`, the rules too.
async fn change(
    named: Named,
    change: ConnectionChange,
    action: &'static str,
    whom: Option<Whom>,
) -> anyhow::Result<()> {
    let store = open_store(&named.config.load()?)?;
    let (asked, now) = (named.clone(), Clock::System.now());

    let told = store
        .write(move |tx| {
            let settings = tx.settings()?;
            let district = lookup::district(&settings, &asked.district)?;
            let application = lookup::application(&settings, &asked.client_id)?;
            let pair = (application.id, district.id);
            let before =
                settings.connections.iter().find(|it| (it.application, it.district) == pair);

            let state = change
                .apply(before.map(|it| it.state))
                .map_err(|refusal| anyhow::anyhow!("{refusal}. Nothing was changed"))?;
            let sharing = match &whom {
                Some(whom) => resolve(tx, district.id, whom)?,
                None => before.map_or_else(Sharing::default, |it| it.sharing.clone()),
            };
            let was_connected = before.is_some_and(|it| it.state.is_connected());
            let since = before.filter(|_| was_connected && state.is_connected());
            let connection = Connection {
                application: application.id,
                district: district.id,
                state,
                sharing,
                since: since.map_or(now, |it| it.since),
            };

            record(tx, &connection, action, now)?;
            let told = told(tx, &connection)?;
            Ok::<_, anyhow::Error>((district.name.clone(), application.name.clone(), told))
        })
        .await?;

    let (district, application, told) = told;
    if named.json {
        println!("{}", told.json(named.client_id.as_str(), &application));
    } else {
        println!("For {district}, {application} is {}.", told.connection.state.name());
        told.print_rules();
    }
    Ok(())
}

fn resolve(tx: &mut Tx<'_>, district: DistrictId, whom: &Whom) -> anyhow::Result<Sharing> {
    let groups = whom.with.iter().copied().collect();
    if whom.everyone {
        return Ok(Sharing { groups, ..Sharing::everyone() });
    }
    let mut district = tx.district(district);
    let rules = whom.rules.iter().map(|rule| rule.resolve(&mut district));
    let rules = rules.collect::<anyhow::Result<Vec<SharingRule>>>()?;
    Ok(Sharing { rules, all_staff: whom.all_staff, groups })
}

/// Records a connection, and in the district's log that it was changed.
pub(super) fn record(
    tx: &mut Tx<'_>,
    connection: &Connection,
    action: &'static str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.connect(connection)?;
    let told = told(tx, connection)?;
    let entry = AuditEntry {
        action,
        actor: None,
        subject: None,
        application: Some(connection.application),
        detail: format!("{}: {}", connection.state.name(), told.whom()),
    };
    tx.district(connection.district).audit(&entry, now)
}

/// A connection with its rules as they are written.
struct Told {
    connection: Connection,
    rules: Vec<String>,
}

fn told(tx: &mut Tx<'_>, connection: &Connection) -> Result<Told, StoreError> {
    let mut district = tx.district(connection.district);
    let rules = connection.sharing.rules.iter();
    let written = rules.map(|rule| Ok(WrittenRule::of(rule, &mut district)?.to_string()));
    Ok(Told { connection: connection.clone(), rules: written.collect::<Result<_, StoreError>>()? })
}

impl Told {
    /// With whom it is shared, in one line.
    fn whom(&self) -> String {
        let all_staff = self.connection.sharing.all_staff.then(|| "all staff".to_owned());
        let parts: Vec<_> = self.rules.iter().cloned().chain(all_staff).collect();
        if parts.is_empty() { "nobody".to_owned() } else { parts.join(" | ") }
    }

    fn print_rules(&self) {
        for (number, rule) in (1..).zip(&self.rules) {
            println!("  rule {number}: {rule}");
        }
        if self.connection.sharing.all_staff {
            println!("  all staff and district administrators");
        }
        if self.rules.is_empty() && !self.connection.sharing.all_staff {
            println!("  no rules: nobody is shared");
        }
    }

    fn json(&self, client_id: &str, name: &str) -> Value {
        json!({
            "client_id": client_id,
            "application": name,
            "state": self.connection.state.name(),
            "since": self.connection.since.to_string(),
            "rules": self.rules,
            "all_staff": self.connection.sharing.all_staff,
        })
    }
}

async fn show(options: Show) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let named = options.district;

    let (district, all) = store
        .read(move |tx| {
            let settings = tx.settings()?;
            let district = lookup::district(&settings, &named)?.clone();
            let mut all = Vec::new();
            for connection in settings.connections.iter().filter(|it| it.district == district.id) {
                let found = settings.applications.iter().find(|it| it.id == connection.application);
                if let Some(application) = found {
                    let client_id = application.client_id.to_string();
                    all.push((client_id, application.name.clone(), told(tx, connection)?));
                }
            }
            Ok::<_, anyhow::Error>((district, all))
        })
        .await?;

    if options.json {
        let connections: Vec<_> =
            all.iter().map(|(client_id, name, told)| told.json(client_id, name)).collect();
        let shortname = district.shortname.as_str();
        println!("{}", json!({ "district": shortname, "connections": connections }));
        return Ok(());
    }
    if all.is_empty() {
        println!("{} has said nothing about any application.", district.name);
    }
    for (client_id, name, told) in all {
        let state = told.connection.state.name();
        println!("{name} ({client_id}): {state} since {}", told.connection.since);
        told.print_rules();
    }
    Ok(())
}
