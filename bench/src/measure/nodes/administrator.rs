//! Suspends people and lets them in again, ends all that they have, withdraws a connection and makes
//! it again, with the commands that an administrator has. After each
//! acknowledgement the nodes are asked at once, until they refuse.

use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, bail};

use super::world::{Pupil, World};
use crate::history::{Answer, Event, Link, Moment, Person, What};
use crate::server::DISTRICTS;

/// The connection that comes and goes.
const FICKLE: Link = Link { application: 1, district: 0 };

/// How it comes, and how it comes back after a pause.
const CONNECT: &[&str] = &["set", "--everyone"];
const RESUME: &[&str] = &["resume"];

/// Who is suspended when all is quiet.
const LEFT_SUSPENDED: usize = 4;

/// A node that still admits somebody after this time is not asked any more; the checker will tell.
const LONGEST: Duration = Duration::from_secs(10);

/// Makes the connections.
pub async fn furnish(world: &World) -> Result<()> {
    for district in 0..u8::try_from(DISTRICTS.len())? {
        connect(world, CONNECT, Link { application: 0, district }).await?;
    }
    connect(world, CONNECT, FICKLE).await
}

/// Suspends one after the other, or ends all that they have, until the run ends.
pub async fn suspend(world: Rc<World>) -> Result<()> {
    while world.wait(Duration::from_millis(20 + world.dice.below(100))).await {
        let Some(pupil) = world.dice.pick(&world.people).cloned() else { break };
        let session = pupil.session.borrow().clone();
        let tokens: Vec<String> =
            pupil.tokens.borrow().iter().map(|token| token.secret.clone()).collect();
        let good = match pupil.token(0) {
            Some(token) if both_admit(&world, &token.secret).await? => Some(token.secret),
            _ => None,
        };

        let suspends = !world.dice.once_in(4);
        let (acknowledged, what) = if suspends {
            let (words, what) = ("suspend", What::Suspend(pupil.person));
            (person(&world, words, what, pupil.person).await?, "suspension")
        } else {
            let (words, what) = ("sign-out", What::EndAll(pupil.person));
            (person(&world, words, what, pupil.person).await?, "sign-out everywhere")
        };
        if let Some(token) = &good {
            tokio::try_join!(
                watch(&world, 0, token, acknowledged, what),
                watch(&world, 1, token, acknowledged, what),
            )?;
        }
        if let Some(session) = &session {
            for node in [0, 1] {
                world.authorize(node, Some(session), 0).await?;
            }
        }
        world.wait(Duration::from_millis(world.dice.below(200))).await;
        if suspends {
            person(&world, "restore", What::Restore(pupil.person), pupil.person).await?;
        }
        // Nothing of before may live again, nor what was under way meanwhile.
        come_back(&world, &pupil, session.as_deref(), &tokens).await?;
    }
    Ok(())
}

async fn come_back(
    world: &World,
    pupil: &Pupil,
    session: Option<&str>,
    before: &[String],
) -> Result<()> {
    let mut tokens: Vec<String> = before.iter().take(2).cloned().collect();
    tokens.extend(pupil.tokens.borrow().iter().take(2).map(|token| token.secret.clone()));
    for token in tokens {
        world.me(world.some_node(), &token).await?;
    }
    let newest = pupil.session.borrow().clone();
    for session in session.into_iter().chain(newest.as_deref()) {
        world.authorize(world.some_node(), Some(session), 0).await?;
    }
    Ok(())
}

/// Withdraws the connection and makes it again, until the run ends.
pub async fn withdraw(world: Rc<World>) -> Result<()> {
    while world.wait(Duration::from_millis(500 + world.dice.below(1_500))).await {
        let mut good = None;
        for pupil in &world.people {
            if let Some(token) = pupil.token(FICKLE.application)
                && both_admit(&world, &token.secret).await?
            {
                good = Some(token.secret);
                break;
            }
        }
        let (taken, given) =
            if world.dice.once_in(2) { ("pause", RESUME) } else { ("disconnect", CONNECT) };
        let command = world.nodes.sharing(&[taken], FICKLE);
        let acknowledged = run(&world, command, What::Withdraw(FICKLE)).await?;
        if let Some(token) = &good {
            tokio::try_join!(
                watch(&world, 0, token, acknowledged, "withdrawn connection"),
                watch(&world, 1, token, acknowledged, "withdrawn connection"),
            )?;
        }
        world.wait(Duration::from_millis(300 + world.dice.below(700))).await;
        connect(&world, given, FICKLE).await?;
    }
    Ok(())
}

/// Suspends some for good, when nobody asks anything any more.
pub async fn leave_some_suspended(world: &World) -> Result<()> {
    for pupil in world.people.iter().take(LEFT_SUSPENDED) {
        person(world, "suspend", What::Suspend(pupil.person), pupil.person).await?;
    }
    Ok(())
}

async fn both_admit(world: &World, token: &str) -> Result<bool> {
    for node in [0, 1] {
        if !matches!(world.me(node, token).await?, Some((Answer::Person { .. }, _))) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Asks a node until it refuses, and notes how long that took since the acknowledgement. A node that
/// is killed meanwhile admits nobody, and tells nothing about how late it is.
pub async fn watch(
    world: &World,
    node: usize,
    token: &str,
    acknowledged: Moment,
    what: &'static str,
) -> Result<()> {
    loop {
        let Some((answer, _)) = world.me(node, token).await? else { return Ok(()) };
        let late = Duration::from_micros(world.now().saturating_sub(acknowledged));
        match answer {
            Answer::Refused(_) if !answer.is_trouble() => {
                world.note_lateness(what, late);
                return Ok(());
            }
            Answer::Person { .. } if late < LONGEST => {}
            _ => return Ok(()),
        }
    }
}

async fn connect(world: &World, words: &[&str], link: Link) -> Result<()> {
    run(world, world.nodes.sharing(words, link), What::Connect(link)).await.map(drop)
}

async fn person(world: &World, verb: &str, what: What, person: Person) -> Result<Moment> {
    run(world, world.nodes.person(verb, person)?, what).await
}

/// Runs a command; returns when it was acknowledged.
async fn run(world: &World, mut command: Command, what: What) -> Result<Moment> {
    let begin = world.now();
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let end = world.now();
    if !output.status.success() {
        bail!("{what:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    world.record(&Event { begin, end, node: None, what, answer: Answer::Done })?;
    Ok(end)
}
