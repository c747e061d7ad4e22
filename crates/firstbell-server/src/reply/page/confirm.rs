//! "Is this you?": asked of a student whom a shared device remembers.

use askama::Template;

use super::frame::Frame;
use super::{PageError, frame};
use crate::reply::text::Text;

/// The question to a student on the way to an application.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The surroundings.
    pub frame: Frame,
    /// The student's first name.
    pub first_name: String,
    /// The first letter of the last name: no more of it, for others may be looking.
    pub last_initial: Option<String>,
    /// One to three letters in the place of a picture.
    pub initials: String,
    /// The application that the student is on the way to.
    pub application_name: Option<String>,
    /// Where the answer goes with POST: the fields `csrf`, and `answer`, which is `yes` or `no`.
    pub action: String,
    /// The value of `csrf`.
    pub csrf_token: String,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    page: &'a Confirm,
}

impl Confirm {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let title = frame::title(text, &text.get("confirm-heading"));
        Ok(ConfirmTemplate { frame: &self.frame, text, title, page: self }.render()?)
    }
}
