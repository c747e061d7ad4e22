//! `firstbell application rotate-secret`.

use firstbell_core::application::{ClientId, SECRET_OVERLAP};
use firstbell_core::secret::Secret;

use super::audit_everywhere;
use crate::cli::lookup::{self, shown_span, span};
use crate::cli::{ConfigFile, open_store};
use crate::clock::Clock;
use crate::entropy::Entropy;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The application's public identifier
    #[arg(long)]
    client_id: ClientId,
    /// How long the old secret still counts: `7d`, `12h`, or `0` to end it at once
    #[arg(long, value_name = "SPAN", default_value_t = shown_span(SECRET_OVERLAP))]
    overlap: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let overlap = span(&options.overlap).map_err(anyhow::Error::msg)?;
    let store = open_store(&options.config.load()?)?;
    let (client_id, now) = (options.client_id, Clock::System.now());
    let secret = Secret::generate("", &mut Entropy);
    let hash = secret.hash();

    let application = store
        .write(move |tx| {
            let settings = tx.settings()?;
            let mut application = lookup::application(&settings, &client_id)?.clone();
            application.secrets = application.secrets_with(hash, overlap, now);
            tx.change_application(&application)?;
            let detail = format!("the old secret counts for {} more", shown_span(overlap));
            let entry = ("application.secret_rotated", detail.as_str());
            audit_everywhere(tx, &settings, application.id, entry, now)?;
            Ok::<_, anyhow::Error>(application)
        })
        .await?;

    let old_until = application.secrets.iter().find_map(|secret| secret.until);
    if options.json {
        let reply = serde_json::json!({
            "client_id": application.client_id.as_str(),
            "client_secret": secret.expose(),
            "old_secret_until": old_until.map(|until| until.to_string()),
        });
        println!("{reply}");
        return Ok(());
    }
    println!("{} has a new secret.", application.name);
    println!("client_id     {}", application.client_id);
    println!("client_secret {}", secret.expose());
    println!("The secret is not shown again; keep it where only the application reads it.");
    match old_until {
        Some(until) => println!("The old one counts until {until}."),
        None => println!("The old one has ended."),
    }
    Ok(())
}
