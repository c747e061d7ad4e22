//! The columns in which our own exports say what the tables have no place for (`crate::write`), as
//! far as they are details of schools, classes and roles.

use std::borrow::Cow;
use std::collections::HashMap;

use firstbell_core::roster::RoleKind;

use super::OneRosterFile;
use crate::columns::Meaning;
use crate::header::Header;
use crate::snapshot::{DetailName, DetailNames};
use crate::source::RosterFile;
use crate::words::Rule;

/// How their names begin, behind `metadata.`.
pub(crate) const PREFIX: &str = "firstbell.";

const SIS_ID: &str = "sis_id";
const USERNAME: &str = "credentials.district_username";

/// Under which name such a column is passed on, and how it is read; None where nobody knows it.
pub(crate) fn wire_name(file: OneRosterFile, own: &str) -> Option<(String, Rule)> {
    match file {
        OneRosterFile::Orgs => detail(RosterFile::Schools, own),
        OneRosterFile::Classes => detail(RosterFile::Sections, own),
        OneRosterFile::Users => {
            let (kind, name) = of_role(own)?;
            let (_, rule) = match name {
                SIS_ID | USERNAME => (String::new(), Rule::AsWritten),
                _ => detail(plain_file(kind), name)?,
            };
            // Whose detail it is must not be lost on the way to the user's roles.
            Some((format!("{PREFIX}{own}"), rule))
        }
        _ => None,
    }
}

/// The kind of role and the wire name: `teacher.title`.
fn of_role(own: &str) -> Option<(RoleKind, &str)> {
    let (kind, name) = own.split_once('.')?;
    RoleKind::ALL.into_iter().find(|known| known.name() == kind).map(|kind| (kind, name))
}

const fn plain_file(kind: RoleKind) -> RosterFile {
    match kind {
        RoleKind::Student => RosterFile::Students,
        RoleKind::Teacher => RosterFile::Teachers,
        RoleKind::Staff | RoleKind::DistrictAdmin => RosterFile::Staff,
    }
}

/// A detail that the plain dialect knows of the same records.
fn detail(file: RosterFile, name: &str) -> Option<(String, Rule)> {
    if name.starts_with("ext.") {
        return Some((name.to_owned(), Rule::AsWritten));
    }
    file.columns().iter().find_map(|column| match column.meaning {
        Meaning::Detail(wire_name, rule) if wire_name == name => Some((name.to_owned(), rule)),
        _ => None,
    })
}

/// What the columns of `users.csv` say of roles.
pub(super) struct RoleColumns(HashMap<DetailName, (RoleKind, Said)>);

#[derive(Debug, Clone, Copy)]
enum Said {
    SisId,
    Username,
    Detail(DetailName),
}

/// A cell that is passed on.
pub(super) type Cell<'t> = (DetailName, Cow<'t, str>);

/// What a row says of one role.
pub(super) struct OwnRole<'t> {
    pub sis_id: Box<str>,
    pub username: Option<Box<str>>,
    pub details: Vec<Cell<'t>>,
}

impl RoleColumns {
    pub fn of(header: &Header, names: &mut DetailNames) -> Self {
        let mut columns = HashMap::new();
        for column in &header.details {
            let written = names.name(column.name).to_owned();
            let Some((kind, name)) = written.strip_prefix(PREFIX).and_then(of_role) else {
                continue;
            };
            let said = match name {
                SIS_ID => Said::SisId,
                USERNAME => Said::Username,
                _ => Said::Detail(names.number(name)),
            };
            columns.insert(column.name, (kind, said));
        }
        Self(columns)
    }

    /// The cells that are not about one role.
    pub fn common<'c, 't>(
        &self,
        cells: &'c [Cell<'t>],
    ) -> impl Iterator<Item = Cell<'t>> + use<'_, 'c, 't> {
        cells.iter().filter(|(name, _)| !self.0.contains_key(name)).cloned()
    }

    /// What the cells say of the role of this kind, if they know its id.
    pub fn role<'t>(&self, cells: &[Cell<'t>], kind: RoleKind) -> Option<OwnRole<'t>> {
        let (mut sis_id, mut username, mut details) = (None, None, Vec::new());
        for (column, value) in cells {
            match self.0.get(column) {
                Some((of, Said::SisId)) if *of == kind => sis_id = Some(Box::from(&**value)),
                Some((of, Said::Username)) if *of == kind => username = Some(Box::from(&**value)),
                Some((of, Said::Detail(name))) if *of == kind => {
                    details.push((*name, value.clone()));
                }
                _ => {}
            }
        }
        sis_id.map(|sis_id| OwnRole { sis_id, username, details })
    }
}
