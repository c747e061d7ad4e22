//! `kill -9`, and the start after it.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::world::World;
use crate::history::{Answer, Event, What};
use crate::measure::start::ready;
use crate::process::Server;

/// The longest that a node stays down, in milliseconds.
const DOWN: u64 = 250;

/// Both nodes, listening.
pub async fn start(world: &World) -> Result<[Option<Server>; 2]> {
    Ok([Some(begin(world, 0).await?), Some(begin(world, 1).await?)])
}

/// Kills a node, or both, about so often, until the kills are over; then both listen.
pub async fn kill(
    world: Rc<World>,
    mut servers: [Option<Server>; 2],
    pause: Duration,
) -> Result<[Option<Server>; 2]> {
    while world.is_killing() {
        let quarter = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) / 4;
        let until = Instant::now() + pause - Duration::from_millis(quarter)
            + Duration::from_millis(world.dice.below(2 * quarter));
        while world.is_killing() && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
        let one = world.some_node();
        let victims = if world.dice.once_in(8) { vec![0, 1] } else { vec![one] };
        for node in &victims {
            if let Some(server) = servers[*node].take() {
                let begin = world.now();
                server.kill()?;
                let end = world.now();
                let (what, answer) = (What::Kill, Answer::Done);
                world.record(&Event { begin, end, node: Some(*node), what, answer })?;
            }
        }
        sleep(Duration::from_millis(world.dice.below(DOWN))).await;
        for node in victims {
            servers[node] = Some(begin(&world, node).await?);
        }
    }
    Ok(servers)
}

async fn begin(world: &World, node: usize) -> Result<Server> {
    let begin = world.now();
    let server = world.nodes.start(node).await?;
    ready(&server, std::time::Instant::now()).await?;
    let end = world.now();
    let (what, answer) = (What::Start, Answer::Done);
    world.record(&Event { begin, end, node: Some(node), what, answer })?;
    Ok(server)
}
