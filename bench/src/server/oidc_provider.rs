//! oidc-provider (npm) with its memory adapter and its development pages: the established server of
//! another author, for scale.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::{CLIENT_ID, CLIENT_SECRET};
use crate::process::{Server, free_address};
use crate::visitor::{Application, Landing, OIDC_PROVIDER, Visitor};

/// It asks people again and again for a client whose redirect URI is on the loopback interface.
const REDIRECT_URI: &str = "https://app.example/callback";

/// Starts it and logs people in, once each, through its pages.
pub async fn start(
    node: &Path,
    installed: &Path,
    folder: &Path,
    people: usize,
) -> Result<(Server, Vec<Visitor>)> {
    let address = free_address()?;
    let mut command = Command::new(node);
    command.arg(installed.join("server.mjs"));
    command.args([&address.port().to_string(), CLIENT_ID, CLIENT_SECRET, REDIRECT_URI]);
    let server = Server::start(&mut command, address, &folder.join("oidc-provider.log")).await?;
    let mut visitors = Vec::with_capacity(people);
    for index in 0..people {
        visitors.push(signed_in(address, index).await.context("oidc-provider")?);
    }
    Ok((server, visitors))
}

async fn signed_in(address: SocketAddr, index: usize) -> Result<Visitor> {
    let application = Arc::new(Application {
        id: CLIENT_ID.to_owned(),
        secret: CLIENT_SECRET.to_owned(),
        redirect_uri: REDIRECT_URI.to_owned(),
    });
    let mut visitor = Visitor::new(address, &OIDC_PROVIDER, &application);
    let name = format!("person-{index}");
    let mut landing = visitor.authorize().await?;
    for _ in 0..3 {
        landing = match landing {
            Landing::Application => return Ok(visitor),
            Landing::Page(page) if page.text.contains("name=\"login\"") => {
                visitor.submit(&page, &[("password", "any"), ("login", &name)]).await?
            }
            Landing::Page(page) => visitor.submit(&page, &[("prompt", "consent")]).await?,
        };
    }
    bail!("the pages of oidc-provider did not end: {landing:?}")
}
