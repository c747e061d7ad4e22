//! Whether people and sections are in the district's learning management system: `lms_status`.

use serde::Serialize;

use super::LmsStatus;
use super::schema::Schema;

/// Whether a dialect tells of learning management systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LmsShape {
    /// It does.
    Told,
    /// It does not.
    Untold,
}

/// `{"synced_in_lms": …}`.
#[derive(Debug, Serialize)]
pub(super) struct LmsObject {
    synced_in_lms: bool,
}

impl LmsObject {
    /// The object, where the dialect has one.
    pub fn of(status: Option<LmsStatus>, shape: LmsShape) -> Option<Self> {
        let status = status.filter(|_| shape == LmsShape::Told)?;
        Some(Self { synced_in_lms: status == LmsStatus::Synced })
    }
}

/// The schema with `lms_status`, where the dialect has it.
pub(super) fn lms_schema(schema: Schema, shape: LmsShape) -> Schema {
    if shape == LmsShape::Untold {
        return schema;
    }
    let status =
        Schema::default().always("synced_in_lms", serde_json::json!({ "type": "boolean" }));
    schema.may("lms_status", status.value())
}
