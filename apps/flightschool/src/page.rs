//! The pages, as their templates see them.

mod lessons;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use firstbell_client::RoleKind;

use crate::grade::{Grade, GradeLevel};
use crate::store::Account;
use crate::trouble::{Step, Words};

use lessons::Lesson;

/// The way in.
#[derive(Template)]
#[template(path = "landing.html")]
pub(crate) struct LandingPage<'a> {
    /// The button leads to the origin that Firstbell sends people back to, however this page was
    /// reached: cookies of `localhost` are none of `127.0.0.1`.
    pub(crate) public_base: &'a str,
    pub(crate) notice: Option<Notice>,
}

/// What just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    LoggedOut,
}

/// A page about something that went wrong.
#[derive(Template)]
#[template(path = "trouble.html")]
pub(crate) struct TroublePage {
    pub(crate) words: Words,
}

/// Who is logged in, and what awaits them.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage<'a> {
    name: &'a str,
    /// What stands behind the name: the grade of a student, the role of everybody else.
    standing: String,
    /// All roles; empty when none is known.
    roles: String,
    licence: String,
    flights: u32,
    /// The role that the page is for; none when the district told of none we know.
    room: Room,
    /// All of the person's roles, when there are several.
    doors: Vec<Door>,
    grade: GradePanel,
    lessons: &'static [Lesson; 3],
}

/// Whether the grade is asked for the first time or to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GradeQuestion {
    Once,
    Again,
}

/// What the page says of the grade.
enum GradePanel {
    /// Nothing: staff are not asked.
    Absent,
    /// The question, with the answers to choose from.
    Question(Vec<GradeChoice>),
    /// A link to the question: what it is called.
    Link(&'static str),
}

struct GradeChoice {
    level: GradeLevel,
    is_chosen: bool,
}

/// A role's part of the school.
struct Room {
    name: &'static str,
    title: &'static str,
    text: &'static str,
}

/// The way to a role's room.
struct Door {
    kind: RoleKind,
    is_open: bool,
}

impl<'a> HomePage<'a> {
    pub(crate) fn new(
        account: &'a Account,
        view: Option<RoleKind>,
        question: GradeQuestion,
    ) -> Self {
        let is_student = view == Some(RoleKind::Student);
        let standing = match (view, account.grade) {
            (Some(RoleKind::Student), Grade::In(level)) => level.label(),
            (Some(kind), _) => role_label(kind).to_owned(),
            (None, _) => "Guest".to_owned(),
        };
        let doors = match account.roles.as_slice() {
            [] | [_] => Vec::new(),
            several => {
                several.iter().map(|&kind| Door { kind, is_open: view == Some(kind) }).collect()
            }
        };
        Self {
            name: if account.name.is_empty() { "New pilot" } else { &account.name },
            standing,
            roles: account.roles.iter().copied().map(role_label).collect::<Vec<_>>().join(", "),
            licence: format!("FS-{:04}", account.id),
            flights: account.flights,
            room: room(view),
            doors,
            grade: if is_student { panel(account.grade, question) } else { GradePanel::Absent },
            lessons: lessons::for_view(view, account.grade),
        }
    }

    fn is_first_flight(&self) -> bool {
        self.flights <= 1
    }
}

impl Door {
    fn label(&self) -> &'static str {
        role_label(self.kind)
    }
}

fn panel(grade: Grade, question: GradeQuestion) -> GradePanel {
    let choices = |chosen: Option<GradeLevel>| {
        GradeLevel::all()
            .map(|level| GradeChoice { level, is_chosen: chosen == Some(level) })
            .collect()
    };
    match (grade, question) {
        (Grade::Unasked, _) | (Grade::Skipped, GradeQuestion::Again) => {
            GradePanel::Question(choices(None))
        }
        (Grade::In(level), GradeQuestion::Again) => GradePanel::Question(choices(Some(level))),
        (Grade::Skipped, GradeQuestion::Once) => GradePanel::Link("Add your grade"),
        (Grade::In(_), GradeQuestion::Once) => GradePanel::Link("Change grade"),
    }
}

fn role_label(kind: RoleKind) -> &'static str {
    match kind {
        RoleKind::Student => "Student",
        RoleKind::Teacher => "Teacher",
        RoleKind::Staff => "School staff",
        RoleKind::DistrictAdmin => "District administrator",
    }
}

fn room(view: Option<RoleKind>) -> Room {
    let (name, title, text) = match view {
        Some(RoleKind::Student) => (
            "Flight deck",
            "Your next lessons",
            "One sheet of paper is all you need. Start with number 1.",
        ),
        Some(RoleKind::Teacher) => (
            "Briefing room",
            "Ready for your class",
            "Each lesson fits into one class period and needs one sheet of paper a student.",
        ),
        Some(RoleKind::Staff) => {
            ("Hangar", "Ready for your school", "What to have at hand so that every class can fly.")
        }
        Some(RoleKind::DistrictAdmin) => (
            "Control tower",
            "Ready for your district",
            "What to look at before the schools take off.",
        ),
        None => (
            "Visitors’ terrace",
            "A first look",
            "Your school has not told us your role, so here is where everybody starts.",
        ),
    };
    Room { name, title, text }
}

impl TroublePage {
    fn step(&self) -> (&'static str, &'static str) {
        match self.words.step {
            Step::LogIn => ("/login", "Log in with Firstbell"),
            Step::StartPage => ("/", "Go to the start page"),
            Step::Home => ("/home", "Go back to FlightSchool"),
        }
    }

    fn leads_to_firstbell(&self) -> bool {
        self.words.step == Step::LogIn
    }
}

impl IntoResponse for LandingPage<'_> {
    fn into_response(self) -> Response {
        html(&self)
    }
}

impl IntoResponse for HomePage<'_> {
    fn into_response(self) -> Response {
        html(&self)
    }
}

impl IntoResponse for TroublePage {
    fn into_response(self) -> Response {
        html(&self)
    }
}

fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => ([(CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
        // Templates write into a String; it cannot fail.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
