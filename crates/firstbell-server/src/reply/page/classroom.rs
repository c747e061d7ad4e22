//! The pages of a teacher who connects an application with her own classes: the question before,
//! and the list after.

use askama::Template;
use jiff::civil::Date;

use super::frame::Frame;
use super::{PageError, frame};
use crate::reply::text::Text;

/// "Share your classes with this application?"
#[derive(Clone, Debug)]
pub struct ClassroomConsent {
    /// The surroundings.
    pub frame: Frame,
    /// The application that asks.
    pub application_name: String,
    /// The teacher's whole name.
    pub teacher_name: String,
    /// The teacher's own sections. Without any, the page offers only the way back.
    pub sections: Vec<SectionChoice>,
    /// Where the form goes with POST and the fields `csrf` and `section`, the latter once for each
    /// section that is chosen.
    pub action: String,
    /// The value of `csrf`.
    pub csrf_token: String,
    /// Where "Not now" leads.
    pub decline_href: String,
    /// Why the last attempt did not work.
    pub problem: Option<ClassroomProblem>,
}

/// A section to share or not.
#[derive(Clone, Debug)]
pub struct SectionChoice {
    /// The value of `section`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What tells two of one name apart: period, subject, school.
    pub detail: Option<String>,
    /// How many students are in it.
    pub students: u32,
    /// Whether it is chosen when the page opens.
    pub is_checked: bool,
}

/// Why a teacher's choice was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClassroomProblem {
    /// No section was chosen.
    NothingChosen,
}

/// "Apps I connected".
#[derive(Clone, Debug)]
pub struct ClassroomApplications {
    /// The surroundings.
    pub frame: Frame,
    /// What the teacher has connected.
    pub applications: Vec<ClassroomApplication>,
    /// Where "Stop sharing" goes with POST and the fields `csrf` and `application`.
    pub stop_action: String,
    /// The value of `csrf`.
    pub csrf_token: String,
    /// The way back to the portal.
    pub portal_href: String,
}

/// An application that a teacher has connected.
#[derive(Clone, Debug)]
pub struct ClassroomApplication {
    /// The value of `application`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The day on which the teacher connected it.
    pub since: Date,
    /// The names of the classes that are shared.
    pub classes: Vec<String>,
}

#[derive(Template)]
#[template(path = "classroom_consent.html")]
struct ConsentTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    page: &'a ClassroomConsent,
}

#[derive(Template)]
#[template(path = "classroom_applications.html")]
struct ApplicationsTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    page: &'a ClassroomApplications,
}

impl ClassroomConsent {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let application = [("application", self.application_name.as_str())];
        let page = if self.sections.is_empty() {
            text.get("classroom-none-heading")
        } else {
            text.with("classroom-heading", &application)
        };
        let title = match self.problem {
            Some(_) => frame::title_of_problem(text, &page),
            None => frame::title(text, &page),
        };
        Ok(ConsentTemplate { frame: &self.frame, text, title, page: self }.render()?)
    }
}

impl ConsentTemplate<'_> {
    fn students(&self, section: &SectionChoice) -> String {
        self.text.count("classroom-students", u64::from(section.students))
    }
}

impl ClassroomApplications {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let title = frame::title(text, &text.get("classroom-apps-heading"));
        Ok(ApplicationsTemplate { frame: &self.frame, text, title, page: self }.render()?)
    }
}

impl ApplicationsTemplate<'_> {
    fn since(&self, application: &ClassroomApplication) -> String {
        let date = frame::date_in_words(self.text, application.since);
        self.text.with("classroom-since", &[("date", &date)])
    }
}
