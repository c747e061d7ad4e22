//! Reading a roster: the files one after the other into a draft, each row checked by itself and
//! against the files before; then people are joined ([`crate::people`]); then it is a
//! [`Snapshot`] or it is [`Rejected`], never half of each.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::Path;

use crate::contacts::Contacts;
use crate::day::Day;
use crate::fault::RosterFault;
use crate::oneroster::{self, Claims};
use crate::people;
use crate::problem::{Place, Problems, Rejected, Words};
use crate::snapshot::{
    CourseRecord, DetailNames, Index, ResourceRecord, Roles, SchoolRecord, SectionRecord, Snapshot,
    TermRecord,
};
use crate::source::{Dialect, RosterFile, Source};
use crate::table::{Line, Table};

mod enrollments;
pub(crate) mod resources;
mod role_rows;
mod schools;
mod sections;
mod staff;
mod students;
mod teachers;

pub(crate) use staff::says_district_admin;

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The file at hand.
    pub file: RosterFile,
    /// Rows of it so far.
    pub rows: u64,
    /// Bytes of all files so far.
    pub bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
}

/// How many rows pass between two reports of progress.
const ROWS_BETWEEN_REPORTS: u64 = 4_096;

/// Reads the roster in a folder, or in a zip file of one, and checks all of it. `today` is the day
/// on which enrolments and roles with dates count or do not.
///
/// # Errors
/// Every reason not to import it, with file, line, column, value and remedy.
pub fn read(
    source: &Path,
    today: Day,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Snapshot, Rejected> {
    let mut draft = Draft::default();
    if let Some(source) = Source::open(source, &mut draft.problems) {
        let dialect = source.dialect;
        let mut files = Files::new(source, on_progress);
        match dialect {
            Dialect::Plain => draft.read_files(&mut files),
            Dialect::OneRoster => oneroster::read(&mut files, today, &mut draft),
        }
    }
    draft.finish()
}

/// The files of a roster while they are read, one after the other.
pub(crate) struct Files<'p> {
    source: Source,
    on_progress: &'p mut dyn FnMut(Progress),
    bytes_before: u64,
    total_bytes: u64,
}

impl<'p> Files<'p> {
    pub fn new(source: Source, on_progress: &'p mut dyn FnMut(Progress)) -> Self {
        let total_bytes = source.total_bytes();
        Self { source, on_progress, bytes_before: 0, total_bytes }
    }

    /// The files, to be opened again.
    pub fn into_source(self) -> Source {
        self.source
    }

    /// Whether the file is there.
    pub fn has(&self, file: RosterFile) -> bool {
        self.source.has(file)
    }

    /// Lets a file be read, if it is there and its header can be.
    pub fn each(
        &mut self,
        file: RosterFile,
        draft: &mut Draft,
        read: impl FnOnce(&mut Reading<'_, '_>, &mut Draft),
    ) {
        if !self.source.has(file) {
            return;
        }
        let Self { source, on_progress, bytes_before, total_bytes } = self;
        let (before, total_bytes) = (*bytes_before, *total_bytes);
        let reader = source.reader(file);
        let opened = Table::open(file, reader, &mut draft.detail_names, &mut draft.problems);
        let Some(table) = opened else { return };
        let mut report =
            |rows, bytes| on_progress(Progress { file, rows, bytes: before + bytes, total_bytes });
        report(0, 0);
        let mut reading = Reading { table, report: &mut report };
        read(&mut reading, draft);
        *bytes_before += reading.finish(&mut draft.problems);
    }
}

/// A roster while it is read.
#[derive(Default)]
pub(crate) struct Draft {
    pub problems: Problems,
    pub detail_names: DetailNames,
    pub schools: Vec<SchoolRecord>,
    pub terms: Vec<TermRecord>,
    pub courses: Vec<CourseRecord>,
    pub sections: Vec<SectionRecord>,
    pub roles: Roles,
    pub enrollments: Vec<(Index, Index)>,
    pub contacts: Contacts,
    pub resources: Vec<ResourceRecord>,
    pub school_ids: Ids,
    pub student_ids: Ids,
    pub teacher_ids: Ids,
    pub section_ids: Ids,
    pub resource_ids: Ids,
    pub claims: Claims,
}

impl Draft {
    fn read_files(&mut self, files: &mut Files<'_>) {
        for file in RosterFile::ALL {
            files.each(file, self, |reading, draft| match file {
                RosterFile::Schools => schools::read(reading, draft),
                RosterFile::Students => students::read(reading, draft),
                RosterFile::Teachers => teachers::read(reading, draft),
                RosterFile::Staff | RosterFile::Admins => staff::read(reading, draft),
                RosterFile::Sections => sections::read(reading, draft),
                RosterFile::Enrollments => enrollments::read(reading, draft),
                RosterFile::Resources => resources::read(reading, draft),
                RosterFile::OneRoster(_) => {}
            });
        }
    }

    fn finish(mut self) -> Result<Snapshot, Rejected> {
        let adults = people::join(&mut self.roles, &mut self.problems);
        let Problems { refusals, warnings } = self.problems;
        if refusals.total() > 0 {
            return Err(Rejected { refusals, warnings });
        }
        let (contacts, ties) = self.contacts.finish();
        Ok(Snapshot {
            detail_names: self.detail_names,
            schools: self.schools,
            terms: self.terms,
            courses: self.courses,
            sections: self.sections,
            roles: self.roles,
            adults,
            enrollments: self.enrollments,
            contacts,
            ties,
            resources: self.resources,
            warnings,
        })
    }
}

/// A table, with the report of how far it has been read.
pub(crate) struct Reading<'s, 'r> {
    pub table: Table<'s>,
    report: &'r mut dyn FnMut(u64, u64),
}

impl Reading<'_, '_> {
    /// The next row of the file.
    pub fn next(&mut self, problems: &mut Problems) -> Option<Line<'_>> {
        if self.table.count % ROWS_BETWEEN_REPORTS == ROWS_BETWEEN_REPORTS - 1 {
            (self.report)(self.table.count, self.table.bytes_read());
        }
        self.table.next(problems)
    }

    /// Reports the end of the file, and that it was empty if it was; returns its bytes.
    fn finish(self, problems: &mut Problems) -> u64 {
        let (count, bytes) = (self.table.count, self.table.bytes_read());
        (self.report)(count, bytes);
        let file = self.table.header.file;
        if count == 0 && !self.table.cut_off && file.is_required() {
            let fault = if file == RosterFile::Schools {
                RosterFault::NoSchools
            } else {
                RosterFault::NoRows
            };
            problems.add(fault, Place { file: file.name(), ..Place::default() });
        }
        bytes
    }
}

/// The ids of one file, for those that refer to them.
#[derive(Default)]
pub(crate) struct Ids {
    positions: HashMap<Box<str>, Index>,
    /// Whether the file was read to its end: if not, an unknown id says nothing.
    complete: bool,
    /// The ids by [`alike_form`], made when somebody first asks.
    alike: OnceCell<HashMap<String, Box<str>>>,
}

impl Ids {
    pub fn get(&self, id: &str) -> Option<Index> {
        self.positions.get(id).copied()
    }

    pub fn insert(&mut self, id: &str, position: Index) {
        self.positions.insert(id.into(), position);
    }

    /// Notes that the file was read, and warns of ids that only a careful eye tells apart.
    pub fn complete(&mut self, table: &Table<'_>, column: &str, problems: &mut Problems) {
        self.complete = !table.cut_off;
        let mut alike: HashMap<String, &str> = HashMap::with_capacity(self.positions.len());
        let mut ids: Vec<(Index, &str)> =
            self.positions.iter().map(|(id, &position)| (position, &**id)).collect();
        ids.sort_unstable();
        for (_, id) in ids {
            if let Some(other) = alike.insert(alike_form(id), id) {
                let place = Place {
                    file: table.header.file.name(),
                    column: Some(column),
                    value: Some(id),
                    ..Place::default()
                };
                problems.add_with(RosterFault::IdsAlike, place, || Words {
                    reason: Some(format!(
                        "\"{}\" differs from it in case or leading zeros only",
                        crate::problem::shown(other)
                    )),
                    remedy: None,
                });
            }
        }
    }

    /// Forgets the ids that stand for no record, and gives them back.
    pub fn part_from(&mut self, is_gone: impl Fn(Index) -> bool) -> HashMap<Index, Box<str>> {
        let gone = self.positions.extract_if(|_, at| is_gone(*at));
        gone.map(|(id, at)| (at, id)).collect()
    }

    /// The record that a cell refers to; `None`, with a refusal, if there is none.
    pub fn resolve(
        &self,
        line: &Line<'_>,
        at: crate::header::At,
        target: RosterFile,
        problems: &mut Problems,
    ) -> Option<Index> {
        self.resolve_id(line.filled(at)?, line.place(at), target, problems)
    }

    /// The same for one id of a cell that may have several.
    pub fn resolve_id(
        &self,
        id: &str,
        place: Place<'_>,
        target: RosterFile,
        problems: &mut Problems,
    ) -> Option<Index> {
        let found = self.get(id);
        if found.is_none() && self.complete {
            let words = || Words {
                reason: Some(format!("no row of {} has this id", target.name())),
                remedy: self.likely(id).map(|likely| {
                    format!("if \"{}\" is meant, write it so", crate::problem::shown(likely))
                }),
            };
            problems.add_with(RosterFault::ReferenceUnknown, place, words);
        }
        found
    }

    /// An id that was probably meant: spreadsheets drop leading zeros and people change case.
    fn likely(&self, id: &str) -> Option<&str> {
        let alike = self.alike.get_or_init(|| {
            self.positions.keys().map(|known| (alike_form(known), known.clone())).collect()
        });
        alike.get(&alike_form(id)).map(|known| &**known)
    }
}

fn alike_form(id: &str) -> String {
    let folded = id.to_lowercase();
    let bare = folded.trim_start_matches('0');
    if bare.is_empty() { folded } else { bare.to_owned() }
}
