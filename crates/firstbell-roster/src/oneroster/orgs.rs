//! `orgs.csv`: schools, and what they belong to.

use firstbell_core::roster::change::RecordKind;

use super::{Base, OneRosterFile, in_file};
use crate::fault::RosterFault;
use crate::ids::Ids;
use crate::problem::{Place, Problems};
use crate::read::{Draft, Reading};
use crate::snapshot::{Index, SchoolRecord};

/// The organisations of an export.
#[derive(Default)]
pub(super) struct Orgs {
    pub ids: Ids,
    list: Vec<Org>,
}

struct Org {
    level: Level,
    parent: Option<Index>,
}

/// Where an organisation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// A school: its position among the schools.
    School(Index),
    /// The district, or something above it.
    District,
    /// A part of a school, or something that nobody knows.
    Other,
}

/// An organisation's parent, before all of them are known.
struct ParentCell {
    of: Index,
    id: Box<str>,
    line: u64,
}

impl ParentCell {
    fn place(&self) -> Place<'_> {
        Place {
            line: Some(self.line),
            column: Some("parentSourcedId"),
            value: Some(&self.id),
            ..in_file(OneRosterFile::Orgs)
        }
    }
}

impl Orgs {
    pub fn read(&mut self, reading: &mut Reading<'_, '_>, draft: &mut Draft) {
        let header = &reading.table.header;
        let base = Base::of(header);
        let [name, kind, number, parent] =
            ["name", "type", "identifier", "parentSourcedId"].map(|column| header.at(column));
        let mut parents = Vec::new();
        while let Some(line) = reading.next(&mut draft.problems) {
            let sis_id = line.cell(base.id);
            if sis_id.is_empty() {
                continue;
            }
            if self.ids.get(sis_id).is_some() {
                draft.problems.add(RosterFault::IdTwice, line.place(base.id));
                continue;
            }
            if base.is_left_out(&line) {
                self.ids.insert(sis_id, Index::LEFT_OUT);
                continue;
            }
            let of = Index::next(&self.list);
            self.ids.insert(sis_id, of);
            let level = match line.cell(kind).to_ascii_lowercase().as_str() {
                // Of a row that is not whole nobody knows what it is: a school does least harm.
                "school" => Level::School(Index::next(&draft.schools)),
                _ if !line.is_whole => Level::School(Index::next(&draft.schools)),
                "district" | "local" | "state" | "national" => Level::District,
                _ => Level::Other,
            };
            if let Level::School(_) = level {
                let own = base.sis_id(&line).unwrap_or(sis_id);
                let Draft { claims, problems, .. } = draft;
                claims.note(RecordKind::School, own, (base, &line), problems);
                draft.schools.push(SchoolRecord {
                    sis_id: own.into(),
                    name: line.cell(name).into(),
                    number: line.filled(number).unwrap_or(sis_id).into(),
                    details: line.details(&mut draft.problems),
                });
            }
            self.list.push(Org { level, parent: None });
            if let Some(id) = line.filled(parent).filter(|_| line.is_whole) {
                parents.push(ParentCell { of, id: id.into(), line: line.number });
            }
        }
        self.ids.complete(&reading.table, "sourcedId", &mut draft.problems);
        self.settle_parents(&parents, &mut draft.problems);
        if draft.schools.is_empty() && !reading.table.cut_off {
            draft.problems.add(RosterFault::NoSchools, in_file(OneRosterFile::Orgs));
        }
    }

    fn settle_parents(&mut self, cells: &[ParentCell], problems: &mut Problems) {
        for cell in cells {
            match self.ids.get(&cell.id) {
                Some(Index::LEFT_OUT) => {}
                Some(parent) => {
                    if let Some(org) = self.list.get_mut(cell.of.position()) {
                        org.parent = Some(parent);
                    }
                }
                None => problems.add(RosterFault::ParentUnknown, cell.place()),
            }
        }
        for cell in cells {
            // Whoever is reached again is above itself.
            if self.above(cell.of).skip(1).any(|org| org == cell.of) {
                problems.add(RosterFault::SelfReference, cell.place());
            }
        }
    }

    /// The organisation and those above it, nearest first; in a circle they end.
    fn above(&self, org: Index) -> impl Iterator<Item = Index> {
        let parent = |org: &Index| self.list.get(org.position())?.parent;
        std::iter::successors(Some(org), parent).take(self.list.len() + 1)
    }

    /// The school that an organisation is, or is a part of.
    pub fn school_of(&self, org: Index) -> Option<Index> {
        self.above(org).find_map(|org| match self.list.get(org.position())?.level {
            Level::School(school) => Some(school),
            Level::District | Level::Other => None,
        })
    }

    /// Whether an organisation is the district, or above it.
    pub fn is_district(&self, org: Index) -> bool {
        self.list.get(org.position()).is_some_and(|org| org.level == Level::District)
    }
}
