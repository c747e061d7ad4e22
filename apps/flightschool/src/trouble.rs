//! Everything that can go wrong, and what the person reads about it: one sentence on what
//! happened, one next step. The cause goes into the log, never onto the page.

use std::error::Error;

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use firstbell_client::{CallbackError, ExchangeError, NoAnswer, Refusal, ReplyError};

use crate::page::TroublePage;
use crate::store::StoreError;

/// What a person can run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The district does not share the person with us.
    NotShared,
    /// Firstbell said no for another reason.
    Refused,
    /// The login is not one that this browser began, or too long ago.
    LoginNotFromHere,
    /// The browser has no memory of a login.
    NoCookie,
    /// Somebody opened the redirect URI by hand, or a link was damaged.
    BadLink,
    /// Logins keep coming back without their `state`.
    Circles,
    /// The code was too old or used.
    TooLate,
    /// Firstbell does not answer, or not now.
    FirstbellDown,
    /// Firstbell answered nonsense.
    FirstbellConfused,
    /// Our own registration is wrong.
    WrongSetup,
    /// Something of ours broke.
    Broken,
    /// A form that no page of ours sent.
    ForeignForm,
    /// An answer that was not on the list.
    NotAGrade,
    /// No such page.
    NotFound,
    /// Not with this method.
    WrongMethod,
}

/// What the page says.
pub(crate) struct Words {
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) step: Step,
}

/// The one next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    LogIn,
    StartPage,
    Home,
}

impl Trouble {
    pub(crate) fn words(self) -> Words {
        let (status, title, text, step) = match self {
            Self::NotShared => (
                StatusCode::FORBIDDEN,
                "You don’t have a seat yet",
                "Your school has not added you to FlightSchool. Ask your teacher, or the person \
                 who looks after computers at your school, to share FlightSchool with you.",
                Step::StartPage,
            ),
            Self::Refused => (
                StatusCode::FORBIDDEN,
                "No clearance for take-off",
                "Firstbell did not let this login through. If it happens again, tell your teacher.",
                Step::LogIn,
            ),
            Self::LoginNotFromHere => (
                StatusCode::BAD_REQUEST,
                "Let’s start that again",
                "This login was not started on this device, or it waited too long. Nobody was \
                 logged in with it.",
                Step::LogIn,
            ),
            Self::NoCookie => (
                StatusCode::BAD_REQUEST,
                "Let’s start that again",
                "We could not tell whether this login was yours. If it happens again, check that \
                 your browser allows cookies.",
                Step::LogIn,
            ),
            Self::BadLink => (
                StatusCode::BAD_REQUEST,
                "This link is missing a piece",
                "It does not say who is logging in, so nobody was.",
                Step::LogIn,
            ),
            Self::Circles => (
                StatusCode::BAD_GATEWAY,
                "We are flying in circles",
                "Firstbell and FlightSchool kept sending you to each other, so we stopped.",
                Step::LogIn,
            ),
            Self::TooLate => (
                StatusCode::BAD_REQUEST,
                "You missed that take-off",
                "A login is good for one minute and works once. Nothing is lost: log in again.",
                Step::LogIn,
            ),
            Self::FirstbellDown => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Grounded for a moment",
                "Firstbell is not answering, so we cannot see who you are. Wait a moment, then \
                 try again.",
                Step::LogIn,
            ),
            Self::FirstbellConfused => (
                StatusCode::BAD_GATEWAY,
                "We lost radio contact",
                "Firstbell answered something we did not understand, so nobody was logged in.",
                Step::LogIn,
            ),
            Self::WrongSetup => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "FlightSchool needs a mechanic",
                "FlightSchool is not connected to Firstbell correctly. You did nothing wrong. \
                 Tell your teacher that FlightSchool must check its Firstbell settings.",
                Step::StartPage,
            ),
            Self::Broken => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something broke on our side",
                "You did nothing wrong. Wait a moment, then try again.",
                Step::StartPage,
            ),
            Self::ForeignForm => (
                StatusCode::FORBIDDEN,
                "That did not come from FlightSchool",
                "Another page tried to do something here in your name. Nothing was changed.",
                Step::Home,
            ),
            Self::NotAGrade => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "That grade is not on our list",
                "Pick one from the list, or skip the question.",
                Step::Home,
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Nothing but clouds here",
                "This page does not exist.",
                Step::StartPage,
            ),
            Self::WrongMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "That does not work like this",
                "This page cannot be opened that way.",
                Step::StartPage,
            ),
        };
        Words { status, title, text, step }
    }

    /// Notes the cause in the log. The causes hold neither secrets nor names.
    fn because(self, error: &dyn Error) -> Self {
        let mut causes = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            causes = format!("{causes}: {error}");
            source = error.source();
        }
        if self.words().status.is_server_error() {
            tracing::warn!(trouble = ?self, causes, "a person could not be served");
        } else {
            tracing::info!(trouble = ?self, causes, "a person could not be served");
        }
        self
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let words = self.words();
        let mut response = (words.status, TroublePage { words }).into_response();
        if self == Self::FirstbellDown {
            response.headers_mut().insert(RETRY_AFTER, 10.into());
        }
        response
    }
}

impl From<CallbackError> for Trouble {
    fn from(error: CallbackError) -> Self {
        let trouble = match error {
            CallbackError::StateMismatch => Self::LoginNotFromHere,
            CallbackError::StateWithoutLogin => Self::NoCookie,
            CallbackError::RestartLoop => Self::Circles,
            CallbackError::ErrorWithoutState
            | CallbackError::NeitherCodeNorError
            | CallbackError::BothCodeAndError
            | CallbackError::Repeated
            | CallbackError::TooLong => Self::BadLink,
        };
        trouble.because(&error)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        tracing::info!(?refusal, "Firstbell refused a login");
        match refusal {
            Refusal::NotShared => Self::NotShared,
            Refusal::Denied | Refusal::Other(_) => Self::Refused,
            Refusal::Unavailable => Self::FirstbellDown,
        }
    }
}

impl From<&NoAnswer> for Trouble {
    fn from(_: &NoAnswer) -> Self {
        Self::FirstbellDown
    }
}

impl From<ExchangeError> for Trouble {
    fn from(error: ExchangeError) -> Self {
        let trouble = match &error {
            ExchangeError::NoAnswer(no_answer) => no_answer.into(),
            ExchangeError::Unavailable { .. } => Self::FirstbellDown,
            ExchangeError::InvalidGrant { .. } => Self::TooLate,
            ExchangeError::InvalidClient { .. } | ExchangeError::Refused { .. } => Self::WrongSetup,
            ExchangeError::Malformed(_) => Self::FirstbellConfused,
        };
        trouble.because(&error)
    }
}

impl From<ReplyError> for Trouble {
    fn from(error: ReplyError) -> Self {
        let trouble = match &error {
            ReplyError::NoAnswer(no_answer) => no_answer.into(),
            ReplyError::Unavailable { .. } => Self::FirstbellDown,
            ReplyError::NotShared => Self::NotShared,
            ReplyError::TokenRefused | ReplyError::SomebodyElse | ReplyError::Malformed(_) => {
                Self::FirstbellConfused
            }
        };
        trouble.because(&error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Broken.because(&error)
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Broken.because(&error)
    }
}
