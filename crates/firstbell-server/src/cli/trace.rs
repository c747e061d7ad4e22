//! `firstbell trace`: what a support code finds.

use anyhow::{Context as _, bail};
use firstbell_core::login::trace::{self, Hop, Trace, read_support_code};
use serde_json::json;

use super::{ConfigFile, open_store};

/// Shows each hop of a refused login.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// What the person was shown, like FB-7K3-M9Q
    support_code: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let code = read_support_code(&options.support_code).with_context(|| {
        format!(
            "{:?} is no support code; one looks like FB-7K3-M9Q and stands at the end of the page \
             that the person saw",
            options.support_code
        )
    })?;
    let store = open_store(&options.config.load()?)?;
    let asked = code.clone();
    let Some(trace) = store.look(move |tx| tx.trace(&asked)).await? else {
        bail!(
            "nothing is known of {code}: it was misread, or it is too old; what support codes find \
             is kept for {} days",
            trace::KEPT_FOR.as_secs() / 86_400
        );
    };

    if options.json {
        print_json(&trace);
    } else {
        print(&trace);
    }
    Ok(())
}

fn print(trace: &Trace) {
    println!("{}, refused at {}", trace.support_code, trace.at);
    let began = trace.hops.first().map_or(trace.at, |hop| hop.at);
    for (number, hop) in (1..).zip(&trace.hops) {
        let passed = hop.at.since(began).as_millis();
        println!("\n{number}. {}: {}   ({}, +{passed} ms)", hop.place, hop.decision, hop.at);
        let width = hop.facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in &hop.facts {
            println!("   {name:<width$}  {value}");
        }
    }
}

fn print_json(trace: &Trace) {
    let hop = |hop: &Hop| {
        let facts = hop.facts.iter().map(|(name, value)| json!({ "name": name, "value": value }));
        json!({
            "at": hop.at.to_string(),
            "place": hop.place,
            "decision": hop.decision,
            "facts": facts.collect::<Vec<_>>(),
        })
    };
    let reply = json!({
        "support_code": trace.support_code,
        "at": trace.at.to_string(),
        "hops": trace.hops.iter().map(hop).collect::<Vec<_>>(),
    });
    println!("{reply}");
}
