//! "Open as somebody else": a district administrator finds a person, says why, and goes in.

use askama::Template;

use super::frame::Frame;
use super::portal::{self, RoleLabel};
use super::{PageError, frame};
use crate::reply::text::Text;

/// The page of a district administrator who wants to see what somebody else sees.
#[derive(Clone, Debug)]
pub struct OpenAs {
    /// The surroundings.
    pub frame: Frame,
    /// The district whose people can be found.
    pub district_name: String,
    /// How far it is.
    pub stage: OpenAsStage,
    /// Where the search goes with GET and the field `q`; without a query it is the first stage.
    pub search_action: String,
    /// The way back to the administrator's own portal.
    pub portal_href: String,
}

/// How far an administrator is on the way to being here as somebody else.
#[derive(Clone, Debug)]
pub enum OpenAsStage {
    /// Nobody has searched yet.
    Search,
    /// People were looked for.
    Found {
        /// What was typed.
        query: String,
        /// Those who fit and whom the administrator may choose.
        people: Vec<FoundPerson>,
        /// Whether more fit than are shown.
        has_more: bool,
    },
    /// A person is chosen and a reason is due.
    Chosen(ChosenPerson),
}

/// A person to choose.
#[derive(Clone, Debug)]
pub struct FoundPerson {
    /// The whole name.
    pub name: String,
    /// The role.
    pub role: RoleLabel,
    /// The grade as the roster has it.
    pub grade: Option<String>,
    /// The school, or what else tells two of one name apart.
    pub school: Option<String>,
    /// Where choosing the person leads.
    pub href: String,
}

/// The person that was chosen, and the form that is due.
#[derive(Clone, Debug)]
pub struct ChosenPerson {
    /// Who it is; its address leads back to the choice.
    pub person: FoundPerson,
    /// The value of the hidden field `person`.
    pub person_id: String,
    /// Where the form goes with POST and the fields `csrf`, `person` and `reason`.
    pub action: String,
    /// The value of `csrf`.
    pub csrf_token: String,
    /// The reason typed before, shown again.
    pub reason: String,
    /// Why the last attempt did not work.
    pub problem: Option<OpenAsProblem>,
}

/// Why a reason was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OpenAsProblem {
    /// It has under 10 characters.
    ReasonTooShort,
    /// It has over 200 characters.
    ReasonTooLong,
}

#[derive(Template)]
#[template(path = "open_as.html")]
struct OpenAsTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    page: &'a OpenAs,
}

impl OpenAs {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let page = text.get("open-as-heading");
        let has_problem = matches!(&self.stage, OpenAsStage::Chosen(it) if it.problem.is_some());
        let title = if has_problem {
            frame::title_of_problem(text, &page)
        } else {
            frame::title(text, &page)
        };
        Ok(OpenAsTemplate { frame: &self.frame, text, title, page: self }.render()?)
    }

    fn query(&self) -> &str {
        match &self.stage {
            OpenAsStage::Found { query, .. } => query,
            OpenAsStage::Search | OpenAsStage::Chosen(_) => "",
        }
    }
}

impl OpenAsTemplate<'_> {
    fn found(&self, people: &[FoundPerson]) -> String {
        self.text.count("open-as-results", frame::count(people.len()))
    }

    fn role(&self, person: &FoundPerson) -> String {
        self.text.get(person.role.text_key())
    }

    fn grade(&self, person: &FoundPerson) -> Option<String> {
        portal::grade_text(self.text, person.grade.as_deref())
    }

    fn problem(&self, chosen: &ChosenPerson) -> Option<String> {
        Some(match chosen.problem? {
            OpenAsProblem::ReasonTooShort => self.text.get("open-as-problem-short"),
            OpenAsProblem::ReasonTooLong => self.text.get("open-as-problem-long"),
        })
    }
}
