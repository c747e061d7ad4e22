//! `firstbell application webhook`: where an application is told that there are new events.

mod deliveries;
mod test;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use firstbell_core::application::{Application, WebAddress};
use firstbell_core::secret::Random as _;
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_core::webhook::{SECRET_OVERLAP, Webhook, reach};
use firstbell_protocol::webhook::WebhookSecret;
use firstbell_store::{SealedSecrets, Store, Tx};
use serde_json::{Value, json};

use super::{Named, audit_everywhere};
use crate::cli::{lookup, open_store};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::sealing::SealingKey;
use crate::{keys, webhooks};

/// Shows and changes where an application is told that there are new events.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Send messages to this address from now on; the first time a secret is made and shown once
    Set(Set),
    /// Show where messages go, and whether they arrive
    Show(Named),
    /// Make a new secret; the old one signs too for a day
    Rotate(Named),
    /// Send a message that says nothing, and show what is answered
    Test(Named),
    /// Send nothing any longer, and forget what waits
    Remove(Named),
    /// List the newest messages and what became of them
    Deliveries(deliveries::List),
    /// Send a message again that was given up
    Retry(deliveries::Retry),
}

#[derive(Debug, clap::Args)]
struct Set {
    #[command(flatten)]
    named: Named,
    /// Where messages go: HTTPS and public; in development also HTTP on this machine
    #[arg(long)]
    url: WebAddress,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        Verb::Set(options) => set(options).await,
        Verb::Show(named) => show(&named).await,
        Verb::Rotate(named) => rotate(named).await,
        Verb::Test(named) => test::run(&named).await,
        Verb::Remove(named) => remove(named).await,
        Verb::Deliveries(options) => deliveries::list(options).await,
        Verb::Retry(options) => deliveries::retry(options).await,
    }
}

/// The store of an installation, and what secrets in it are sealed with.
async fn open(named: &Named) -> anyhow::Result<(Store, SealingKey)> {
    let config = named.config.load()?;
    let store = open_store(&config)?;
    let key = keys::open(&config.secrets.key_file, &store, &mut Entropy).await?;
    Ok((store, SealingKey::derive(&key)?))
}

/// The application and its webhook.
fn found(
    tx: &mut Tx<'_>,
    named: &Named,
    now: Timestamp,
) -> anyhow::Result<(Application, Webhook, SealedSecrets)> {
    let application = lookup::application(&tx.settings()?, &named.client_id)?.clone();
    match tx.webhook(application.id, now)? {
        Some((webhook, secrets)) => Ok((application, webhook, secrets)),
        None => bail!(
            "{} has no webhook; `firstbell application webhook set` gives it one",
            application.name
        ),
    }
}

fn new_secret() -> anyhow::Result<WebhookSecret> {
    let mut bytes = vec![0; WebhookSecret::NEW_BYTES];
    Entropy.fill(&mut bytes);
    Ok(WebhookSecret::from_bytes(bytes)?)
}

async fn set(options: Set) -> anyhow::Result<()> {
    let Set { named, url } = options;
    let (store, sealing) = open(&named).await?;
    let (client_id, json) = (named.client_id, named.json);
    let (secret, now) = (new_secret()?, Clock::System.now());

    let new = secret.clone();
    let (application, secret) = store
        .write(move |tx| {
            let settings = tx.settings()?;
            let application = lookup::application(&settings, &client_id)?.clone();
            reach(&url, application.stage).with_context(|| {
                format!("{url} cannot be the webhook's address. Nothing was changed")
            })?;
            let is_new = !tx.move_webhook(application.id, &url, now)?;
            if is_new {
                let sealed = webhooks::seal(&sealing, application.id, &new)?;
                tx.add_webhook(application.id, &url, &sealed, now)?;
            }
            let entry = ("application.webhook_set", &*url.origin());
            audit_everywhere(tx, &settings, application.id, entry, now)?;
            Ok::<_, anyhow::Error>((application, is_new.then(|| new.clone())))
        })
        .await?;

    if json {
        println!("{}", told(&application, secret.as_ref(), None));
        return Ok(());
    }
    println!("{} is told of new events from now on.", application.name);
    match &secret {
        Some(secret) => print_secret(secret),
        None => println!("Messages are signed with the secret that it has."),
    }
    if application.tier != AccessTier::SecureSync {
        println!("There will be none: only applications of the tier secure_sync have events.");
    }
    Ok(())
}

fn print_secret(secret: &WebhookSecret) {
    println!("secret {}", secret.expose_text());
    println!("The secret is not shown again; keep it where only the receiver reads it.");
}

/// A secret, the one time that it is told.
fn told(
    application: &Application,
    secret: Option<&WebhookSecret>,
    old_until: Option<Timestamp>,
) -> Value {
    json!({
        "client_id": application.client_id.as_str(),
        "secret": secret.map(WebhookSecret::expose_text),
        "old_secret_until": old_until.map(|until| until.to_string()),
    })
}

async fn rotate(named: Named) -> anyhow::Result<()> {
    let (store, sealing) = open(&named).await?;
    let (secret, now, json) = (new_secret()?, Clock::System.now(), named.json);
    let old_until = now + SECRET_OVERLAP;

    let new = secret.clone();
    let application = store
        .write(move |tx| {
            let (application, ..) = found(tx, &named, now)?;
            let sealed = webhooks::seal(&sealing, application.id, &new)?;
            tx.rotate_webhook_secret(application.id, &sealed, old_until)?;
            let detail = format!("the old secret signs too until {old_until}");
            let entry = ("application.webhook_secret_rotated", &*detail);
            let settings = tx.settings()?;
            audit_everywhere(tx, &settings, application.id, entry, now)?;
            Ok::<_, anyhow::Error>(application)
        })
        .await?;

    if json {
        println!("{}", told(&application, Some(&secret), Some(old_until)));
        return Ok(());
    }
    println!("Messages to {} are signed with a new secret.", application.name);
    print_secret(&secret);
    println!("Until {old_until} they are signed with the old one too.");
    Ok(())
}

async fn remove(named: Named) -> anyhow::Result<()> {
    let store = open_store(&named.config.load()?)?;
    let (now, json) = (Clock::System.now(), named.json);

    let application = store
        .write(move |tx| {
            let (application, ..) = found(tx, &named, now)?;
            tx.remove_webhook(application.id)?;
            let entry = ("application.webhook_removed", "");
            let settings = tx.settings()?;
            audit_everywhere(tx, &settings, application.id, entry, now)?;
            Ok::<_, anyhow::Error>(application)
        })
        .await?;

    if json {
        println!("{}", json!({ "client_id": application.client_id.as_str() }));
    } else {
        println!("{} is told of new events no longer.", application.name);
    }
    Ok(())
}

async fn show(named: &Named) -> anyhow::Result<()> {
    let store = open_store(&named.config.load()?)?;
    let now = Clock::System.now();
    let asked = named.clone();
    let (application, webhook, _) = store.read(move |tx| found(tx, &asked, now)).await?;

    let still = |time: Timestamp| Some(time).filter(|it| now < *it);
    let [off, failing, quiet, old] = [
        webhook.turned_off,
        webhook.failing_since,
        still(webhook.quiet_until),
        webhook.old_secret_until.and_then(still),
    ];
    if named.json {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let reply = json!({
            "client_id": application.client_id.as_str(),
            "url": webhook.address.as_str(),
            "since": webhook.since.to_string(),
            "turned_off_since": text(off),
            "failing_since": text(failing),
            "quiet_until": text(quiet),
            "old_secret_until": text(old),
        });
        println!("{reply}");
        return Ok(());
    }
    println!("{} ({})", application.name, application.client_id);
    println!("  {:<20} {}", "URL", webhook.address);
    println!("  {:<20} {}", "set", webhook.since);
    let lines = [
        ("turned off since", off, ", because the receiver answered 410; `set` turns it on"),
        ("failing since", failing, ""),
        ("asked to wait until", quiet, ""),
        ("old secret until", old, ""),
    ];
    for (name, time, more) in lines {
        if let Some(time) = time {
            println!("  {name:<20} {time}{more}");
        }
    }
    Ok(())
}
