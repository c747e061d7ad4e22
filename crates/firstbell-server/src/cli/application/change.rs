//! `firstbell application change`, `disable` and `enable`.

use anyhow::{Context as _, bail};
use clap::builder::NonEmptyStringValueParser;
use firstbell_core::application::{
    Application, ClientId, IdTokenAlgorithm, Stage, check_registration,
};
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_protocol::vocabulary::{RedirectUri, RoleKind};
use firstbell_store::Tx;

use super::create::switches;
use super::{Named, audit_everywhere, show};
use crate::cli::lookup::{self, named};
use crate::cli::{ConfigFile, open_store};
use crate::clock::Clock;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The application's public identifier
    #[arg(long)]
    client_id: ClientId,
    #[command(flatten)]
    wanted: Wanted,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is to be different; the rest stays as it is.
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Wanted {
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    /// Who makes it
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    developer: Option<String>,
    /// It has no developer
    #[arg(long, conflicts_with = "developer")]
    no_developer: bool,
    /// Where people read about it
    #[arg(long, value_name = "URI")]
    website: Option<RedirectUri>,
    /// It has no website
    #[arg(long, conflicts_with = "website")]
    no_website: bool,
    /// Where it takes its users back, in place of all that were registered; the first is the
    /// primary one
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<RedirectUri>,
    /// Where logins begin that it did not start
    #[arg(long, value_name = "URI")]
    initiate_login_uri: Option<RedirectUri>,
    /// It takes logins that it did not start
    #[arg(long, conflicts_with = "initiate_login_uri")]
    no_initiate_login_uri: bool,
    /// Whom it serves, in place of all that were registered
    #[arg(long = "user-type", value_name = "TYPE")]
    user_types: Vec<RoleKind>,
    /// It is in use by districts
    #[arg(long, conflicts_with = "development")]
    production: bool,
    /// It is being built: its redirect URIs may be plain HTTP
    #[arg(long)]
    development: bool,
    /// How much it sees of a person
    #[arg(long, value_parser = named(&AccessTier::ALL, AccessTier::name))]
    tier: Option<AccessTier>,
    /// Turn a switch on; may be repeated
    #[arg(long, value_name = "NAME", value_parser = switches())]
    switch_on: Vec<String>,
    /// Turn a switch off; may be repeated
    #[arg(long, value_name = "NAME", value_parser = switches())]
    switch_off: Vec<String>,
    /// How its ID tokens are signed
    #[arg(long, value_parser = named(&IdTokenAlgorithm::ALL, IdTokenAlgorithm::name))]
    id_token_algorithm: Option<IdTokenAlgorithm>,
}

impl Wanted {
    /// Fails where a switch is to be both on and off.
    fn check(&self) -> anyhow::Result<()> {
        match self.switch_on.iter().find(|name| self.switch_off.contains(name)) {
            Some(both) => bail!("the switch {both} cannot be turned on and off at once"),
            None => Ok(()),
        }
    }

    fn apply(&self, application: &mut Application) {
        let new = self.clone();
        replace(&mut application.name, new.name);
        replace_optional(&mut application.developer, new.developer, self.no_developer);
        replace_optional(&mut application.website, new.website, self.no_website);
        let initiate = &mut application.initiate_login_uri;
        replace_optional(initiate, new.initiate_login_uri, self.no_initiate_login_uri);
        if !new.redirect_uris.is_empty() {
            application.redirect_uris = new.redirect_uris;
        }
        if !new.user_types.is_empty() {
            application.user_types = new.user_types;
            application.user_types.sort_unstable();
            application.user_types.dedup();
        }
        let stages = [(self.production, Stage::Production), (self.development, Stage::Development)];
        if let Some((_, stage)) = stages.into_iter().find(|(asked, _)| *asked) {
            application.stage = stage;
        }
        replace(&mut application.tier, new.tier);
        for (names, on) in [(&self.switch_on, true), (&self.switch_off, false)] {
            for name in names {
                application.switches.set(name, on);
            }
        }
        replace(&mut application.id_token_algorithm, new.id_token_algorithm);
    }
}

fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

fn replace_optional<T>(old: &mut Option<T>, new: Option<T>, none: bool) {
    if new.is_some() || none {
        *old = new;
    }
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    options.wanted.check()?;
    let store = open_store(&options.config.load()?)?;
    let Options { client_id, wanted, .. } = options;

    let (before, after) = store
        .write(move |tx| {
            change(tx, &client_id, |application| wanted.apply(application), Clock::System.now())
        })
        .await?;

    let changed = show::differences(&before, &after);
    if options.json {
        println!("{}", show::json(&after, Clock::System.now()));
    } else if changed.is_empty() {
        println!("{} is as it was; nothing was changed.", after.name);
    } else {
        println!("Changed {} ({}).", after.name, after.client_id);
        for line in changed {
            println!("{line}");
        }
    }
    Ok(())
}

/// Whether an application is turned on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    On,
    Off,
}

pub(super) async fn turn(named: Named, power: Power) -> anyhow::Result<()> {
    let store = open_store(&named.config.load()?)?;
    let (client_id, now) = (named.client_id, Clock::System.now());

    let (_, after) = store
        .write(move |tx| {
            let turn = |application: &mut Application| {
                application.disabled = match power {
                    Power::On => None,
                    // Since when it has been off stays true.
                    Power::Off => application.disabled.or(Some(now)),
                };
            };
            change(tx, &client_id, turn, now)
        })
        .await?;

    if named.json {
        println!("{}", show::json(&after, now));
    } else if power == Power::On {
        println!("{} is turned on.", after.name);
    } else {
        println!("{} is turned off; nobody comes in, and its tokens open nothing.", after.name);
    }
    Ok(())
}

/// Changes what is registered; gives back what was and what is. Each district that has said
/// something about the application finds it in its log.
fn change(
    tx: &mut Tx<'_>,
    client_id: &ClientId,
    apply: impl Fn(&mut Application),
    now: Timestamp,
) -> anyhow::Result<(Application, Application)> {
    let settings = tx.settings()?;
    let before = lookup::application(&settings, client_id)?.clone();

    let mut after = before.clone();
    apply(&mut after);
    let refused = || format!("{} ({client_id}) was not changed", before.name);
    check_registration(&after).with_context(refused)?;

    let differences = show::differences(&before, &after);
    if !differences.is_empty() {
        tx.change_application(&after)?;
        let action = match (before.disabled, after.disabled) {
            (None, Some(_)) => "application.disabled",
            (Some(_), None) => "application.enabled",
            _ => "application.changed",
        };
        let detail = differences.join("; ");
        audit_everywhere(tx, &settings, after.id, (action, &detail), now)?;
    }
    Ok((before, after))
}
