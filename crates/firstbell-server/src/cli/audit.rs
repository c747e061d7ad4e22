//! `firstbell audit`: what was done in a district.

use firstbell_store::AuditRecord;
use serde_json::{Value, json};

use super::{ConfigFile, lookup, open_store};

/// Shows the newest entries of a district's audit log, the newest last.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 50)]
    last: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let (named, last) = (options.district, options.last);

    let (settings, mut records) = store
        .read_at_length(move |tx| {
            let settings = tx.settings()?;
            let district = lookup::district(&settings, &named)?.id;
            let records = tx.district(district).audit_log(last)?;
            Ok::<_, anyhow::Error>((settings, records))
        })
        .await?;
    records.reverse();

    let application = |record: &AuditRecord| {
        record.application.map(|id| lookup::shown_application(&settings, id))
    };
    if options.json {
        let records: Vec<_> =
            records.iter().map(|it| json(it, application(it).as_deref())).collect();
        println!("{}", json!({ "records": records }));
        return Ok(());
    }
    if records.is_empty() {
        println!("Nothing is recorded.");
    }
    for record in records {
        let actor = record.actor.map_or_else(|| "the command line".to_owned(), |id| id.to_string());
        let about = [
            record.subject.map(|id| format!("person {id}")),
            application(&record),
            (!record.detail.is_empty()).then(|| record.detail.clone()),
        ];
        let about: Vec<_> = about.into_iter().flatten().collect();
        println!("{}  {}  by {actor}  {}", record.at, record.action, about.join("  "));
    }
    Ok(())
}

fn json(record: &AuditRecord, application: Option<&str>) -> Value {
    json!({
        "number": record.number,
        "at": record.at.to_string(),
        "action": record.action,
        "actor": record.actor.map(|id| id.to_string()),
        "subject": record.subject.map(|id| id.to_string()),
        "application": application,
        "detail": record.detail,
    })
}
