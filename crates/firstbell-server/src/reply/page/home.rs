//! The front page: what Firstbell is, in one line, and the way in.

use askama::Template;

use super::frame::Frame;
use super::{PageError, frame};
use crate::reply::text::Text;

/// The page at `/`.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// The surroundings.
    pub frame: Frame,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomeTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
}

impl Home {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let title = frame::title(text, &text.get("home-heading"));
        Ok(HomeTemplate { frame: &self.frame, text, title }.render()?)
    }
}
