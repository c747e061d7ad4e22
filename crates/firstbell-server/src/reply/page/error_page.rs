//! The page for what went wrong: what happened, what to do now, who can fix it, and the code that
//! finds the log line.

use askama::Template;

use super::frame::Frame;
use super::{PageError, frame};
use crate::reply::text::Text;

/// The page of a failure.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    /// The surroundings.
    pub frame: Frame,
    /// The stable code of the failure, such as `FB1003`.
    pub code: String,
    /// The code of this one occurrence, such as `FB-7K3-M9Q`.
    pub support_code: String,
    /// The message in `locales/*/errors.ftl`, such as `error-unknown-application`. A key without
    /// a message shows `error-server-trouble`.
    pub text_key: String,
    /// Where the button leads; without it there is no button.
    pub next_href: Option<String>,
    /// The application that the person was on the way to.
    pub application_name: Option<String>,
    /// Who is logged in.
    pub person_name: Option<String>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    heading: String,
    what: String,
    next: String,
    who: String,
    action: String,
    page: &'a ErrorPage,
}

impl ErrorPage {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let heading = self.part(text, "title");
        let page = ErrorTemplate {
            frame: &self.frame,
            text,
            title: frame::title(text, &heading),
            heading,
            what: self.part(text, "what"),
            next: self.part(text, "next"),
            who: self.part(text, "who"),
            action: self.part(text, "action"),
            page: self,
        };
        Ok(page.render()?)
    }

    fn part(&self, text: &Text<'_>, attribute: &str) -> String {
        let asked = format!("{}.{attribute}", self.text_key);
        let key =
            if text.has(&asked) { asked } else { format!("error-server-trouble.{attribute}") };
        let application = frame::application_in_words(text, self.application_name.as_deref());
        text.with(&key, &[("application", &application)])
    }
}
