//! Ids that rows of our own exports bring beside their `sourcedId`: no two records may have one.

use std::collections::HashSet;

use firstbell_core::roster::change::RecordKind;

use super::Base;
use crate::fault::RosterFault;
use crate::problem::Problems;
use crate::table::Line;

/// What the records so far are known by.
#[derive(Default)]
pub(crate) struct Claims(HashSet<(RecordKind, Box<str>)>);

impl Claims {
    /// Notes what a row's record is known by, and refuses what another is known by already. Files
    /// without such a column have their `sourcedId` alone, which is checked elsewhere.
    pub(super) fn note(
        &mut self,
        kind: RecordKind,
        key: &str,
        (base, line): (Base, &Line<'_>),
        problems: &mut Problems,
    ) {
        if base.sis_id.0.is_some() && !self.0.insert((kind, key.into())) {
            problems.add(RosterFault::IdTwice, line.place(base.id));
        }
    }
}
