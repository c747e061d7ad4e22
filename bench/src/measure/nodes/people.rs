//! A person with a browser, and the applications they go to, again and again.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use super::administrator::watch;
use super::world::{Pupil, SESSION_COOKIE, World};
use crate::history::{Answer, Event, Mark, Proof, What};
use crate::visitor::{FIRSTBELL, Landing, Page, Visitor};

/// A code is presented again after this time: later than what is taken for a double click.
const REPLAYED_AFTER: Duration = Duration::from_millis(10_200);

/// A code is presented after this time: later than it lives.
const TOO_LATE: Duration = Duration::from_millis(60_500);

/// So often a code whose redemptions were all cut off is presented again.
const PATIENT_TRIES: usize = 40;

/// Logs in and out until the run ends.
pub async fn live(world: Rc<World>, pupil: Rc<Pupil>) -> Result<()> {
    let mut browser = Visitor::new(world.address(0), &FIRSTBELL, world.application(0));
    let mut later = JoinSet::new();
    while !world.is_over() {
        let session = pupil.session.borrow().clone();
        match session {
            None => sign_in(&world, &pupil, &mut browser).await?,
            Some(session) => log_in(&world, &pupil, &session, &mut later).await?,
        }
        while let Some(ended) = later.try_join_next() {
            ended??;
        }
    }
    while let Some(ended) = later.join_next().await {
        ended??;
    }
    Ok(())
}

/// The page to sign in on one node, the form on either.
async fn sign_in(world: &World, pupil: &Pupil, browser: &mut Visitor) -> Result<()> {
    browser.lose(SESSION_COOKIE);
    let Some(page) = sign_in_page(world, pupil, browser).await else { return Ok(()) };
    let second =
        if world.dice.once_in(4) { sign_in_page(world, pupil, browser).await } else { None };
    if world.dice.once_in(20) {
        submit(world, pupil, browser, &page, Proof::Forged).await?;
    }
    let entered = submit(world, pupil, browser, &page, Proof::Genuine).await?;
    // Somebody signs in on a page that was open before: the session of this browser is replaced.
    let entered = match second {
        Some(page) if entered => submit(world, pupil, browser, &page, Proof::Genuine).await?,
        _ => entered,
    };
    if !entered {
        world.wait(Duration::from_millis(150)).await;
    }
    Ok(())
}

async fn sign_in_page(world: &World, pupil: &Pupil, browser: &mut Visitor) -> Option<Page> {
    browser.move_to(world.address(world.some_node()));
    match browser.open(&pupil.portal()).await {
        Ok(Landing::Page(page)) if page.text.contains("name=\"password\"") => Some(page),
        _ => {
            world.wait(Duration::from_millis(20)).await;
            None
        }
    }
}

/// Types name and password; true when a session began.
async fn submit(
    world: &World,
    pupil: &Pupil,
    browser: &mut Visitor,
    page: &Page,
    proof: Proof,
) -> Result<bool> {
    let before = browser.cookie(SESSION_COOKIE).map(str::to_owned);
    let node = world.some_node();
    browser.move_to(world.address(node));
    if browser.connect().await.is_err() {
        return Ok(before.is_some());
    }
    let [name, password] = pupil.student.fields();
    let typed = match proof {
        Proof::Genuine => password,
        Proof::Forged => ("password", "not-the-password-17"),
    };
    let begin = world.now();
    let landing = browser.submit(page, &[name, typed]).await;
    let end = world.now();
    let session = browser.cookie(SESSION_COOKIE).map(str::to_owned);
    let entered = session.as_ref().filter(|_| session != before);
    let answer = match (entered, landing) {
        (Some(session), _) => Answer::Session(Mark::of(session)),
        (None, Ok(Landing::Page(page))) => Answer::Refused(page.status),
        _ => Answer::None,
    };
    let replaced = before.as_deref().map(Mark::of);
    let what = What::SignIn { person: pupil.person, proof, replaced };
    world.record(&Event { begin, end, node: Some(node), what, answer })?;
    if entered.is_some() {
        if let Some(before) = before {
            world.authorize(world.some_node(), Some(&before), 0).await?;
        }
        *pupil.session.borrow_mut() = session;
        return Ok(true);
    }
    Ok(false)
}

/// One login with a session, and now and then something that must not work.
async fn log_in(
    world: &Rc<World>,
    pupil: &Rc<Pupil>,
    session: &str,
    later: &mut JoinSet<Result<()>>,
) -> Result<()> {
    let shared = pupil.person.district == 0 || world.dice.once_in(10);
    let application = u8::from(shared && world.dice.once_in(5));
    let heard = world.authorize(world.some_node(), Some(session), application).await?;
    let Some((answer, code)) = heard else { return Ok(()) };
    match (answer, code) {
        (Answer::Code(_), Some(code)) => after(world, pupil, &code, application, later).await?,
        // The session is over: to sign in again.
        (Answer::Refused(303), _) => forget(pupil, session),
        (Answer::Refused(_), _) => drop(world.wait(Duration::from_millis(20)).await),
        _ => {}
    }
    match world.dice.below(400) {
        0..=3 => sign_out(world, pupil, session).await,
        4..=11 => strangers(world, pupil).await,
        12..=27 => second_look(world).await,
        _ => Ok(()),
    }
}

/// What becomes of a code.
async fn after(
    world: &Rc<World>,
    pupil: &Rc<Pupil>,
    code: &str,
    application: u8,
    later: &mut JoinSet<Result<()>>,
) -> Result<()> {
    match world.dice.below(200) {
        // It is held back until it is too old.
        0 => {
            let (world, code) = (Rc::clone(world), code.to_owned());
            later.spawn_local(async move {
                if world.wait(TOO_LATE).await {
                    world.redeem(world.some_node(), &code, application, Proof::Genuine).await?;
                }
                Ok(())
            });
            return Ok(());
        }
        1..=3 => {
            world.redeem(world.some_node(), code, application, Proof::Forged).await?;
        }
        4..=6 => {
            world.redeem(world.some_node(), code, 1 - application, Proof::Genuine).await?;
        }
        _ => {}
    }
    let Some(token) = race(world, code, application).await? else { return Ok(()) };
    world.keep(pupil, token.clone(), application);
    let first = world.some_node();
    for node in [first, 1 - first] {
        if let Some((_, Some(id))) = world.me(node, &token).await? {
            pupil.id.borrow_mut().get_or_insert(id);
        }
    }
    match world.dice.below(120) {
        0 | 1 => return give_back(world, &token, application).await,
        // Neither without proof nor by the other application.
        2 => drop(world.revoke(first, &token, application, Proof::Forged).await?),
        3 => drop(world.revoke(first, &token, 1 - application, Proof::Genuine).await?),
        _ => {}
    }
    if world.dice.once_in(60) {
        let (world, code) = (Rc::clone(world), code.to_owned());
        later.spawn_local(async move {
            if world.wait(REPLAYED_AFTER).await {
                replay(&world, &code, application, &token).await?;
            }
            Ok(())
        });
    }
    Ok(())
}

/// Two to four present the code at the same moment on both nodes; the token of who was first.
async fn race(world: &Rc<World>, code: &str, application: u8) -> Result<Option<String>> {
    let racers = 2 + world.dice.below(3);
    let first = world.some_node();
    let mut race = JoinSet::new();
    for number in 0..racers {
        let (world, code) = (Rc::clone(world), code.to_owned());
        let node = if number % 2 == 0 { first } else { 1 - first };
        race.spawn_local(
            async move { world.redeem(node, &code, application, Proof::Genuine).await },
        );
    }
    let (mut token, mut asked, mut answered) = (None, 0, false);
    while let Some(heard) = race.join_next().await {
        let Some((answer, won)) = heard?? else { continue };
        asked += 1;
        answered |= answer != Answer::None;
        token = token.or(won);
    }
    if asked >= 2 {
        world.count_race();
    }
    // All were cut off: the code may be spent, or not.
    for _ in 0..PATIENT_TRIES {
        if answered || world.is_over() {
            break;
        }
        let heard = world.redeem(world.some_node(), code, application, Proof::Genuine).await?;
        if let Some((answer, won)) = heard {
            answered = answer != Answer::None;
            token = won;
        }
    }
    Ok(token)
}

/// The code again: what it bought is revoked, and the other node knows.
async fn replay(world: &World, code: &str, application: u8, token: &str) -> Result<()> {
    let node = world.some_node();
    let was_good = matches!(world.me(1 - node, token).await?, Some((Answer::Person { .. }, _)));
    let heard = world.redeem(node, code, application, Proof::Genuine).await?;
    let acknowledged = world.now();
    if let Some((Answer::Refused(400), _)) = heard
        && was_good
    {
        world.count_revocation();
        watch(world, 1 - node, token, acknowledged, "revoked token").await?;
        world.me(node, token).await?;
    }
    Ok(())
}

/// The application gives its token back, and the other node knows.
async fn give_back(world: &World, token: &str, application: u8) -> Result<()> {
    let node = world.some_node();
    let was_good = matches!(world.me(1 - node, token).await?, Some((Answer::Person { .. }, _)));
    let heard = world.revoke(node, token, application, Proof::Genuine).await?;
    let acknowledged = world.now();
    if heard == Some(Answer::Done) {
        world.count_revocation();
        if was_good {
            watch(world, 1 - node, token, acknowledged, "revoked token").await?;
        }
        world.me(node, token).await?;
    }
    Ok(())
}

async fn sign_out(world: &World, pupil: &Pupil, session: &str) -> Result<()> {
    let node = world.some_node();
    if world.dice.once_in(3) {
        world.sign_out(node, pupil, session, Proof::Forged).await?;
        return Ok(());
    }
    let heard = world.sign_out(node, pupil, session, Proof::Genuine).await?;
    if heard.is_some() {
        forget(pupil, session);
        for node in [1 - node, node] {
            world.authorize(node, Some(session), 0).await?;
        }
    }
    Ok(())
}

/// A browser without a session, made up secrets, somebody else's ID.
async fn strangers(world: &World, pupil: &Pupil) -> Result<()> {
    let made_up = format!("{:016x}{:016x}{:08x}", world.dice.roll(), world.dice.roll(), 7);
    let node = world.some_node();
    world.authorize(node, None, 0).await?;
    world.authorize(node, Some(&made_up), 0).await?;
    world.redeem(node, &made_up, 0, Proof::Genuine).await?;
    world.me(node, &made_up).await?;
    let other = world.dice.pick(&world.people).and_then(|other| other.id.borrow().clone());
    if let (Some(other), Some(token)) = (other, pupil.token(0)) {
        world.user(node, &token.secret, &other).await?;
    }
    Ok(())
}

/// A token of long ago, which has seen many kills.
async fn second_look(world: &World) -> Result<()> {
    let token = {
        let kept = world.kept.borrow();
        let (one, two) = kept.as_slices();
        world.dice.pick(if world.dice.once_in(2) { one } else { two }).cloned()
    };
    if let Some(token) = token {
        world.me(world.some_node(), &token.secret).await?;
    }
    Ok(())
}

/// The browser has this session no more; it may have got another one meanwhile.
fn forget(pupil: &Pupil, session: &str) {
    let mut kept = pupil.session.borrow_mut();
    if kept.as_deref() == Some(session) {
        *kept = None;
    }
}
