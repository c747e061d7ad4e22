//! Pages of lists: their objects, printed one after the other, and links to their neighbours. Lists
//! stand by ascending id, and a page is named by the id next to it, so that nothing is told twice or
//! left out where objects come and go between two pages.

use serde::Serialize;
use serde_json::Error;

use super::query::{LAST, ListQuery, Position};
use super::{Collection, Dialect, Link, Parameter, json};

/// So many bytes make a piece of a long page.
const PIECE: usize = 128 * 1024;

/// A page of a list, printed object by object.
pub struct ListWriter<'a> {
    /// What was printed before and was not handed over, in pieces.
    printed: Vec<Vec<u8>>,
    hand_over: Option<&'a mut dyn FnMut(Vec<u8>)>,
    /// The piece that is being printed.
    body: Vec<u8>,
    dialect: Dialect,
    path: &'a str,
    query: &'a ListQuery,
    /// The ids of the first and the last object; empty where there is none yet.
    first: String,
    last: String,
    /// Memory for the URI of each object.
    uri: String,
}

/// Whether a list goes on, in the direction in which it is read, behind the objects that were
/// printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// It does.
    More,
    /// It does not.
    Nothing,
}

impl<'a> ListWriter<'a> {
    /// An empty page of the list at this path (`/v3.0/schools/<id>/users`, as
    /// [`Endpoint::at`](super::Endpoint::at) makes it), which was asked for by this query.
    pub fn new(dialect: Dialect, path: &'a str, query: &'a ListQuery) -> Self {
        let body = b"{\"data\":[".to_vec();
        let (first, last, uri) = (String::new(), String::new(), String::new());
        let printed = Vec::new();
        Self { printed, hand_over: None, body, dialect, path, query, first, last, uri }
    }

    /// The same, that hands each piece of a long page over as soon as it is printed and keeps the last
    /// one only.
    #[must_use]
    pub fn handing_over(self, hand_over: &'a mut dyn FnMut(Vec<u8>)) -> Self {
        Self { hand_over: Some(hand_over), ..self }
    }

    /// Adds an object. Objects come by ascending id, also where the page was asked for from its end.
    ///
    /// # Errors
    /// Where the object has something that is no JSON; nothing that this crate prints has.
    pub fn add(
        &mut self,
        collection: Collection,
        id: &str,
        object: &impl Serialize,
    ) -> Result<(), Error> {
        if self.first.is_empty() {
            self.first.push_str(id);
        } else {
            self.body.push(b',');
        }
        self.last.clear();
        self.last.push_str(id);
        self.body.extend_from_slice(b"{\"data\":");
        json::print(&mut self.body, object)?;
        self.body.extend_from_slice(b",\"uri\":");
        self.uri.clear();
        for part in [self.dialect.prefix(), "/", collection.path_name(), "/", id] {
            self.uri.push_str(part);
        }
        json::print(&mut self.body, &self.uri)?;
        self.body.push(b'}');
        if self.body.len() >= PIECE {
            // One more object than fits: a piece is not copied when it grows beyond its memory.
            let next = Vec::with_capacity(PIECE + PIECE / 8);
            let piece = std::mem::replace(&mut self.body, next);
            match &mut self.hand_over {
                Some(hand_over) => hand_over(piece),
                None => self.printed.push(piece),
            }
        }
        Ok(())
    }

    /// The page, with its links and, where it is given, the number of all objects of the list.
    ///
    /// # Errors
    /// None in practice: links and numbers always are JSON.
    pub fn finish(self, rest: Rest, count: Option<u64>) -> Result<Vec<u8>, Error> {
        Ok(self.finish_in_pieces(rest, count)?.concat())
    }

    /// The same in pieces, but for those that were handed over: a page of ten thousand objects is several megabytes,
    /// which need not be side by side.
    ///
    /// # Errors
    /// As [`ListWriter::finish`].
    pub fn finish_in_pieces(
        mut self,
        rest: Rest,
        count: Option<u64>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        self.body.extend_from_slice(b"],\"links\":");
        let links = self.links(rest);
        serde_json::to_writer(&mut self.body, &links)?;
        if let Some(count) = count {
            self.body.extend_from_slice(b",\"count\":");
            serde_json::to_writer(&mut self.body, &count)?;
        }
        self.body.push(b'}');
        self.printed.push(self.body);
        Ok(self.printed)
    }

    fn links(&self, rest: Rest) -> Vec<Link> {
        let mut links = vec![self.link("self", self.query.sent())];
        let mut add = |rel, to| links.push(self.link(rel, &self.query.turned(to)));
        let (first, last) = match (self.first.as_str(), self.last.as_str()) {
            ("", _) => (None, None),
            (first, last) => {
                (Some((Parameter::EndingBefore, first)), Some((Parameter::StartingAfter, last)))
            }
        };
        // An empty page has no neighbour that more of the list could be on.
        let goes_on = rest == Rest::More && first.is_some();
        match &self.query.position {
            Position::Start | Position::After(_) if goes_on => add("next", last),
            Position::Start | Position::After(_) => {}
            // Behind what is before the beginning, there is the beginning.
            Position::Before(_) | Position::End => add("next", last),
        }
        match &self.query.position {
            // Behind the end there is no first object. What was asked for may be the last one itself,
            // which is on no page that ends before it, but on the last page.
            Position::After(_) => add("prev", first.or(Some((Parameter::EndingBefore, LAST)))),
            Position::Before(_) | Position::End if goes_on => add("prev", first),
            Position::Start | Position::Before(_) | Position::End => {}
        }
        links
    }

    fn link(&self, rel: &'static str, query: &str) -> Link {
        let separator = if query.is_empty() { "" } else { "?" };
        Link { rel, uri: format!("{}{separator}{query}", self.path) }
    }
}

#[cfg(test)]
mod tests;
