//! `firstbell application webhook deliveries` and `retry`.

use anyhow::bail;
use firstbell_core::id::DeliveryId;
use firstbell_core::webhook::{Delivery, DeliveryState, message_id};
use firstbell_store::{BroughtBack, Settings};
use serde_json::{Value, json};

use super::found;
use crate::cli::application::{Named, audit_everywhere};
use crate::cli::open_store;
use crate::clock::Clock;

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    named: Named,
    /// Only those that were given up
    #[arg(long)]
    dead: bool,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct Retry {
    #[command(flatten)]
    named: Named,
    /// The message, as `deliveries` and the header webhook-id name it
    #[arg(long, value_name = "ID", value_parser = delivery_id)]
    delivery: DeliveryId,
}

fn delivery_id(text: &str) -> Result<DeliveryId, String> {
    let digits = text.strip_prefix("msg_").unwrap_or(text);
    digits.parse().map_err(|_| "a message is named msg_ and 24 digits".to_owned())
}

pub(super) async fn list(options: List) -> anyhow::Result<()> {
    let store = open_store(&options.named.config.load()?)?;
    let now = Clock::System.now();
    let (named, dead, limit) = (options.named.clone(), options.dead, options.limit);
    let (settings, deliveries) = store
        .read(move |tx| {
            let (application, ..) = found(tx, &named, now)?;
            let deliveries = if dead {
                tx.dead_deliveries(application.id, limit)?
            } else {
                tx.deliveries(application.id, limit)?
            };
            Ok::<_, anyhow::Error>((tx.settings()?, deliveries))
        })
        .await?;

    if options.named.json {
        let all: Vec<_> = deliveries.iter().map(|it| told(it, &settings)).collect();
        println!("{}", json!({ "deliveries": all }));
        return Ok(());
    }
    if deliveries.is_empty() {
        println!("There are none.");
    }
    for delivery in &deliveries {
        let state = match delivery.state {
            DeliveryState::Waiting { due } => format!("waits until {due}"),
            ended => ended.name().to_owned(),
        };
        let answer = delivery.last_answer.as_deref().unwrap_or("not sent yet");
        println!(
            "{}  {}  {}  {state}  tries: {}  {answer}",
            message_id(delivery.id),
            delivery.made,
            shortname(delivery, &settings),
            delivery.tries,
        );
    }
    Ok(())
}

fn shortname(delivery: &Delivery, settings: &Settings) -> String {
    let district = settings.districts.iter().find(|it| it.id == delivery.district);
    district.map_or_else(|| delivery.district.to_string(), |it| it.shortname.to_string())
}

fn told(delivery: &Delivery, settings: &Settings) -> Value {
    let (due, ended) = match delivery.state {
        DeliveryState::Waiting { due } => (Some(due), None),
        DeliveryState::Arrived { at }
        | DeliveryState::Superseded { at }
        | DeliveryState::Dead { at } => (None, Some(at)),
    };
    json!({
        "id": message_id(delivery.id),
        "district": shortname(delivery, settings),
        "made": delivery.made.to_string(),
        "state": delivery.state.name(),
        "due": due.map(|it| it.to_string()),
        "ended": ended.map(|it| it.to_string()),
        "tries": delivery.tries,
        "last_try": delivery.last_try.map(|it| it.to_string()),
        "last_answer": delivery.last_answer,
    })
}

pub(super) async fn retry(options: Retry) -> anyhow::Result<()> {
    let Retry { named, delivery } = options;
    let store = open_store(&named.config.load()?)?;
    let (now, json) = (Clock::System.now(), named.json);
    let brought_back = store
        .write(move |tx| {
            let (application, webhook, _) = found(tx, &named, now)?;
            if webhook.turned_off.is_some() {
                bail!("the webhook is turned off; `firstbell application webhook set` turns it on");
            }
            let brought_back = tx.bring_back_delivery(application.id, delivery, now)?;
            if brought_back == BroughtBack::Waits {
                let id = message_id(delivery);
                let entry = ("application.webhook_retried", &*id);
                let settings = tx.settings()?;
                audit_everywhere(tx, &settings, application.id, entry, now)?;
            }
            Ok::<_, anyhow::Error>(brought_back)
        })
        .await?;

    let id = message_id(delivery);
    match brought_back {
        BroughtBack::Waits if json => println!("{}", json!({ "id": id, "state": "waiting" })),
        BroughtBack::Waits => println!("{id} is sent again."),
        BroughtBack::SaidByAnother(other) => {
            bail!("{} waits and says the same; nothing was changed", message_id(other))
        }
        BroughtBack::IsNotDead(state) => {
            bail!("{id} was not given up: it is {}; nothing was changed", state.name())
        }
        BroughtBack::Unknown => bail!("there is no message {id}; nothing was changed"),
    }
    Ok(())
}
