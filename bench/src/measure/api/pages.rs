//! Lists of the Data API, read page by page as a client of it does.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::http::{Ask, Connection};
use crate::process::Server;

/// How long a client that has asked too often waits before it tries again.
const PATIENCE: Duration = Duration::from_millis(500);

/// What stands before the items of a page.
const HEAD: &[u8] = b"{\"data\":[";
/// What stands behind them.
const LINKS: &[u8] = b"],\"links\":";

/// A client on one connection.
pub struct Client {
    connection: Connection,
    authorization: String,
}

/// What comes behind the items.
#[derive(Deserialize)]
struct Tail {
    links: Vec<Link>,
    count: Option<usize>,
}

#[derive(Deserialize)]
struct Link {
    rel: String,
    uri: String,
}

impl Client {
    /// A client of this server with this token.
    pub fn of(server: &Server, authorization: &str) -> Self {
        let connection = Connection::to(server.address);
        Self { connection, authorization: authorization.to_owned() }
    }

    /// Reads a whole list, following its links. `page` gets the items of each page that has some,
    /// with commas between them.
    pub async fn read(&mut self, path: &str, mut page: impl FnMut(&[u8])) -> Result<()> {
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let body = self.body(&path).await?;
            let (items, tail) = parted(&body)?;
            if !items.is_empty() {
                page(items);
            }
            next = tail.links.into_iter().find(|link| link.rel == "next").map(|link| link.uri);
        }
        Ok(())
    }

    /// Reads the first page of a list; how many bytes it has.
    pub async fn first_page(&mut self, path: &str) -> Result<usize> {
        Ok(self.body(path).await?.len())
    }

    /// How many objects a list has, as the server counts them; None of a list that is not counted.
    pub async fn count(&mut self, path: &str) -> Result<Option<usize>> {
        let body = self.body(&format!("{path}?count=true&limit=1")).await?;
        Ok(parted(&body)?.1.count)
    }

    async fn body(&mut self, path: &str) -> Result<bytes::Bytes> {
        loop {
            let ask = Ask { path, authorization: &self.authorization, ..Ask::default() };
            let reply = self.connection.send(&ask).await?;
            match reply.status {
                200 => return Ok(reply.body),
                429 => tokio::time::sleep(PATIENCE).await,
                status => bail!("{path}: status {status}"),
            }
        }
    }
}

/// The items of a page, and what stands behind them.
fn parted(body: &[u8]) -> Result<(&[u8], Tail)> {
    ensure!(body.starts_with(HEAD), "this is no list");
    let end = body.windows(LINKS.len()).rposition(|text| text == LINKS).context("no links")?;
    let mut tail = b"{".to_vec();
    tail.extend_from_slice(&body[end + 2..]);
    Ok((&body[HEAD.len()..end], serde_json::from_slice(&tail)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_items_and_links_and_perhaps_a_count() {
        let body =
            br#"{"data":[{"a":"],\"links\":"},2],"links":[{"rel":"next","uri":"/x"}],"count":7}"#;
        let (items, tail) = parted(body).expect("a page");
        assert_eq!(items, br#"{"a":"],\"links\":"},2"#);
        assert_eq!((tail.links[0].uri.as_str(), tail.count), ("/x", Some(7)));
        assert!(parted(b"{\"data\":{}}").is_err());
    }
}
