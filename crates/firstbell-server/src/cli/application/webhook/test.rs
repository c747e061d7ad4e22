//! `firstbell application webhook test`: sends from where the command runs, as the server would.

use anyhow::{Context as _, bail};
use firstbell_core::id::DeliveryId;
use firstbell_core::webhook::{Answer, TIMEOUT, message_id, reach};
use firstbell_protocol::webhook::{Message, Notice};

use super::{found, open};
use crate::cli::application::Named;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::webhooks;
use crate::webhooks::sender::{Letter, Sender};

pub(super) async fn run(named: &Named) -> anyhow::Result<()> {
    let (store, sealing) = open(named).await?;
    let now = Clock::System.now();
    let asked = named.clone();
    let (application, webhook, sealed) = store.read(move |tx| found(tx, &asked, now)).await?;
    let address = &webhook.address;
    let reach = reach(address, application.stage).with_context(|| address.to_string())?;
    let secrets = webhooks::open(&sealing, application.id, &sealed)?;

    let id = message_id(DeliveryId::new(now, &mut Entropy));
    let body = Notice::Test.body(&now.to_string());
    let message = Message { id: &id, sent_seconds: webhooks::seconds(now), body: &body };
    let sender = Sender::new(TIMEOUT).context("no certificates to trust")?;
    let letter = Letter { address, reach, message, secrets: &secrets };
    let answer = sender.send(letter, &Clock::System).await;

    let code = match answer {
        Answer::Status { code, .. } => Some(code),
        _ => None,
    };
    if named.json {
        let reply = serde_json::json!({
            "webhook_id": id, "status": code, "answer": answer.to_string(),
        });
        println!("{reply}");
    }
    if !code.is_some_and(|code| (200..300).contains(&code)) {
        bail!("{address}: {answer}");
    }
    if !named.json {
        println!("{address} {answer}.");
    }
    Ok(())
}
