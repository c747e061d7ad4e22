//! How a refusal is told (OneRoster 1.2, `imsx_StatusInfo`).

use serde::Serialize;
use serde_json::{Value, json};

/// Why something was refused, in the standard's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeMinor {
    /// The filter.
    InvalidFilterField,
    /// The members that were asked for.
    InvalidSelectionField,
    /// The order that was asked for.
    InvalidSortField,
    /// Something else of the request.
    InvalidData,
    /// No good token.
    UnauthorisedRequest,
    /// A token that reaches no rosters.
    Forbidden,
    /// No such object, or not for this token.
    UnknownObject,
    /// Too much is asked at once.
    ServerBusy,
    /// Something of ours failed.
    InternalServerError,
}

impl CodeMinor {
    const fn word(self) -> &'static str {
        match self {
            Self::InvalidFilterField => "invalid_filter_field",
            Self::InvalidSelectionField => "invalid_selection_field",
            Self::InvalidSortField => "invalid_sort_field",
            Self::InvalidData => "invaliddata",
            Self::UnauthorisedRequest => "unauthorisedrequest",
            Self::Forbidden => "forbidden",
            Self::UnknownObject => "unknownobject",
            Self::ServerBusy => "server_busy",
            Self::InternalServerError => "internal_server_error",
        }
    }
}

/// The body of a refusal.
#[derive(Debug, Clone)]
pub struct StatusInfo<'d> {
    /// Why.
    pub minor: CodeMinor,
    /// In words for a developer.
    pub description: &'d str,
}

impl Serialize for StatusInfo<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body().serialize(serializer)
    }
}

impl StatusInfo<'_> {
    fn body(&self) -> Value {
        json!({
            "imsx_codeMajor": "failure",
            "imsx_severity": "error",
            "imsx_description": self.description,
            "imsx_CodeMinor": {
                "imsx_codeMinorField": [{
                    "imsx_codeMinorFieldName": "TargetEndSystem",
                    "imsx_codeMinorFieldValue": self.minor.word(),
                }],
            },
        })
    }
}
