//! `kill -9` in the middle of logins, again and again.
//!
//! After each kill the server is started on what is on the disk, and held to what it acknowledged:
//!
//! 1. a token that was handed out is still good;
//! 2. a code that was redeemed is not redeemed again;
//! 3. a code that was handed out and not presented is redeemed once, and not twice;
//! 4. a code whose redemption was under way is redeemed at most once more.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::start::ready;
use crate::process::scratch;
use crate::server::Firstbell;
use crate::visitor::{Visitor, access_token};

const PEOPLE: usize = 8;
const STUDENTS: usize = 200;

/// What somebody was told before the kill.
#[derive(Debug)]
enum Told {
    /// A code, not presented yet.
    Code(String),
    /// A code was presented and no answer came.
    Presented(String),
    /// A code was redeemed for a token.
    Token { code: String, token: String },
}

#[derive(Debug, Default)]
struct Tally {
    codes: u32,
    tokens: u32,
    under_way: u32,
    redeemed_twice: u32,
    lost_codes: u32,
    lost_tokens: u32,
}

/// Kills it so many times; fails when a promise was broken.
pub async fn run(times: u32) -> Result<()> {
    let firstbell = Firstbell::prepare(&scratch("kill")?, STUDENTS)?;
    let server = firstbell.start().await?;
    let mut visitors = firstbell.visitors(&server, PEOPLE).await?;
    server.kill()?;

    let mut tally = Tally::default();
    // Tokens of earlier rounds, which must outlive later kills too.
    let mut kept: VecDeque<String> = VecDeque::new();
    for round in 1..=times {
        let server = firstbell.spawn()?;
        ready(&server, Instant::now()).await?;
        for visitor in &mut visitors {
            visitor.move_to(server.address);
        }
        // A different moment each time: between nothing and some commits later.
        let moment = Duration::from_micros(u64::from(round) * 7_919 % 60_000 + 500);
        let told = log_in_until(&mut visitors, moment, server).await?;

        let server = firstbell.spawn()?;
        ready(&server, Instant::now()).await?;
        let Some(asking) = visitors.first_mut() else { break };
        asking.move_to(server.address);
        hold_to(asking, told, &mut tally, &mut kept).await?;
        for token in &kept {
            tally.lost_tokens += u32::from(asking.me_status(token).await? != 200);
        }
        kept.truncate(64);
        server.kill()?;
        if round % 20 == 0 {
            println!("{round} kills: {}", tally.line());
        }
    }
    println!("\n{} kills in the middle of logins: {}", times, tally.line());
    let broken = tally.redeemed_twice + tally.lost_tokens + tally.lost_codes;
    println!("\n{} passed, {broken} failed", tally.codes + tally.tokens + tally.under_way - broken);
    ensure!(broken == 0, "a promise was broken");
    Ok(())
}

/// Logs people in without a pause, kills the server at the moment, and returns what was told.
async fn log_in_until(
    visitors: &mut Vec<Visitor>,
    moment: Duration,
    server: crate::process::Server,
) -> Result<Vec<Told>> {
    let tasks: Vec<_> = visitors.drain(..).map(|visitor| tokio::spawn(one(visitor))).collect();
    tokio::time::sleep(moment).await;
    server.kill()?;
    let mut all = Vec::new();
    for task in tasks {
        let (visitor, told) = task.await?;
        visitors.push(visitor);
        all.extend(told);
    }
    Ok(all)
}

async fn one(mut visitor: Visitor) -> (Visitor, Vec<Told>) {
    let mut told = Vec::new();
    while let Ok(code) = visitor.code().await {
        // Every fourth person goes away before they arrive.
        if told.len() % 4 == 3 {
            told.push(Told::Code(code));
            continue;
        }
        let Ok(reply) = visitor.exchange(&code).await else {
            told.push(Told::Presented(code));
            break;
        };
        match access_token(&reply) {
            Ok(token) => told.push(Told::Token { code, token }),
            Err(_) => told.push(Told::Presented(code)),
        }
    }
    (visitor, told)
}

async fn hold_to(
    asking: &mut Visitor,
    told: Vec<Told>,
    tally: &mut Tally,
    kept: &mut VecDeque<String>,
) -> Result<()> {
    for told in told {
        match told {
            Told::Token { code, token } => {
                tally.tokens += 1;
                tally.lost_tokens += u32::from(asking.me_status(&token).await? != 200);
                // A replay may later count against the token, so only some are replayed.
                if tally.tokens.is_multiple_of(2) {
                    tally.redeemed_twice += u32::from(asking.exchange(&code).await?.status == 200);
                } else {
                    kept.push_front(token);
                }
            }
            Told::Code(code) => {
                tally.codes += 1;
                tally.lost_codes += u32::from(asking.exchange(&code).await?.status != 200);
                tally.redeemed_twice += u32::from(asking.exchange(&code).await?.status == 200);
            }
            Told::Presented(code) => {
                tally.under_way += 1;
                asking.exchange(&code).await?;
                tally.redeemed_twice += u32::from(asking.exchange(&code).await?.status == 200);
            }
        }
    }
    Ok(())
}

impl Tally {
    fn line(&self) -> String {
        format!(
            "{} tokens and {} codes acknowledged, {} redemptions under way; \
             {} codes redeemed twice, {} tokens lost, {} codes lost",
            self.tokens,
            self.codes,
            self.under_way,
            self.redeemed_twice,
            self.lost_tokens,
            self.lost_codes
        )
    }
}
