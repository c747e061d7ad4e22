//! The pages on the way in and out: find the district, log in, wait, goodbye.

use askama::Template;

use super::frame::Frame;
use super::{PageError, frame};
use crate::reply::text::Text;

/// "Which school or district?"
#[derive(Clone, Debug)]
pub struct Finder {
    /// The surroundings.
    pub frame: Frame,
    /// What the person typed.
    pub query: String,
    /// What was found.
    pub search: Search,
    /// Where the form goes with GET and the field `q`. A browser drops the query of this address.
    pub action: String,
    /// The district that this device logged in to last.
    pub remembered: Option<FoundDistrict>,
    /// The application that the person is on the way to.
    pub application_name: Option<String>,
}

/// How far the search for a district is.
#[derive(Clone, Debug, Default)]
pub enum Search {
    /// Nobody has searched yet.
    #[default]
    NotYet,
    /// The districts that fit; none of them when the vector is empty.
    Done(Vec<FoundDistrict>),
}

/// A district to pick.
#[derive(Clone, Debug)]
pub struct FoundDistrict {
    /// Its name.
    pub name: String,
    /// Town and state, to tell two of one name apart.
    pub place: Option<String>,
    /// Where picking it leads.
    pub href: String,
}

/// User name and password.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The surroundings.
    pub frame: Frame,
    /// The district that knows the person.
    pub district_name: String,
    /// Where the form goes with POST and the fields `username` and `password`.
    pub action: String,
    /// The user name typed before, shown again.
    pub username: String,
    /// Why the last attempt did not work.
    pub problem: Option<SignInProblem>,
    /// The way to pick a different district.
    pub change_district_href: String,
    /// The application that the person is on the way to.
    pub application_name: Option<String>,
}

/// Why an attempt to log in did not work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignInProblem {
    /// A field was left empty.
    Empty,
    /// No such person, or another password: one sentence for both, so that nobody learns which.
    Mismatch,
    /// Too many attempts.
    SlowDown {
        /// How long to wait.
        wait_seconds: u64,
    },
}

/// The broker session has ended.
#[derive(Clone, Debug)]
pub struct SignedOut {
    /// The surroundings.
    pub frame: Frame,
    /// The district that the person was logged in to.
    pub district_name: Option<String>,
    /// The way back in.
    pub sign_in_href: String,
}

/// There is no room for one more password check just now.
#[derive(Clone, Debug)]
pub struct Busy {
    /// The surroundings.
    pub frame: Frame,
    /// When it is worth trying again.
    pub retry_after_seconds: u64,
    /// Where to try again.
    pub retry_href: String,
}

#[derive(Template)]
#[template(path = "finder.html")]
struct FinderTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    page: &'a Finder,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    page: &'a SignIn,
    problem: Option<ProblemText>,
    password_first: bool,
}

struct ProblemText {
    sentence: String,
    field: Field,
}

/// The field that a problem is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Field {
    Username,
    Password,
    Neither,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    page: &'a SignedOut,
}

#[derive(Template)]
#[template(path = "busy.html")]
struct BusyTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    wait: String,
    page: &'a Busy,
}

impl Finder {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let title = frame::title(text, &text.get("finder-heading"));
        Ok(FinderTemplate { frame: &self.frame, text, title, page: self }.render()?)
    }
}

impl FinderTemplate<'_> {
    fn found(&self, districts: &[FoundDistrict]) -> String {
        self.text.count("finder-results", frame::count(districts.len()))
    }
}

impl SignIn {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let page = text.with("signin-title", &[("district", &self.district_name)]);
        let title = match self.problem {
            Some(_) => frame::title_of_problem(text, &page),
            None => frame::title(text, &page),
        };
        let page = SignInTemplate {
            frame: &self.frame,
            text,
            title,
            page: self,
            problem: self.problem.map(|problem| self.problem_text(text, problem)),
            password_first: !self.username.is_empty(),
        };
        Ok(page.render()?)
    }

    fn problem_text(&self, text: &Text<'_>, problem: SignInProblem) -> ProblemText {
        match problem {
            SignInProblem::Empty if self.username.trim().is_empty() => ProblemText {
                sentence: text.get("signin-problem-username"),
                field: Field::Username,
            },
            SignInProblem::Empty => ProblemText {
                sentence: text.get("signin-problem-password"),
                field: Field::Password,
            },
            SignInProblem::Mismatch => ProblemText {
                sentence: text.get("signin-problem-mismatch"),
                field: Field::Password,
            },
            SignInProblem::SlowDown { wait_seconds } => ProblemText {
                sentence: match Wait::of(wait_seconds) {
                    Wait::Seconds(count) => text.count("signin-problem-wait-seconds", count),
                    Wait::Minutes(count) => text.count("signin-problem-wait-minutes", count),
                },
                field: Field::Neither,
            },
        }
    }
}

impl SignInTemplate<'_> {
    /// The attributes that tie a field to the problem; the field at fault also gets the focus, so
    /// that a screen reader says the problem at once.
    fn is_about(&self, field: Field) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.field == field)
    }
}

impl SignedOut {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let title = frame::title(text, &text.get("signed-out-heading"));
        Ok(SignedOutTemplate { frame: &self.frame, text, title, page: self }.render()?)
    }
}

impl Busy {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let title = frame::title(text, &text.get("busy-heading"));
        let wait = match Wait::of(self.retry_after_seconds) {
            Wait::Seconds(count) => text.count("busy-next-seconds", count),
            Wait::Minutes(count) => text.count("busy-next-minutes", count),
        };
        Ok(BusyTemplate { frame: &self.frame, text, title, wait, page: self }.render()?)
    }
}

/// A time to wait, in the unit that a child can count.
enum Wait {
    Seconds(u64),
    Minutes(u64),
}

impl Wait {
    /// Rounds up, so that nobody is told to come back too early.
    fn of(seconds: u64) -> Self {
        match seconds {
            0..=60 => Self::Seconds(seconds.max(1)),
            _ => Self::Minutes(seconds.div_ceil(60)),
        }
    }
}
