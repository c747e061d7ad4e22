//! `orgs.csv`: schools, and what they belong to.

use std::collections::HashSet;

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
    /// The school that it is, or is a part of.
    school: Option<Index>,
    walked: Walked,
}

/// Whether the way up from an organisation was walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walked {
    No,
    /// It stands on the way that is being walked.
    Now,
    Once,
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
            self.list.push(Org { level, parent: None, school: None, walked: Walked::No });
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
        let in_circles = self.find_schools();
        for cell in cells.iter().filter(|cell| in_circles.contains(&cell.of)) {
            problems.add(RosterFault::SelfReference, cell.place());
        }
    }

    /// Says of each organisation which school it is a part of, and gives back those that are above
    /// themselves. Each is looked at once, however long the ways up are.
    fn find_schools(&mut self) -> HashSet<Index> {
        let mut in_circles = HashSet::new();
        let mut way: Vec<Index> = Vec::new();
        for start in (0..self.list.len()).filter_map(Index::of) {
            let mut next = Some(start);
            let mut school = None;
            while let Some(at) = next
                && let Some(org) = self.list.get_mut(at.position())
            {
                match org.walked {
                    Walked::No => {
                        org.walked = Walked::Now;
                        way.push(at);
                        next = org.parent;
                    }
                    Walked::Now => {
                        let circle = way.iter().position(|on_way| *on_way == at);
                        in_circles.extend(way.iter().skip(circle.unwrap_or_default()));
                        break;
                    }
                    Walked::Once => {
                        school = org.school;
                        break;
                    }
                }
            }
            while let Some(at) = way.pop() {
                if let Some(org) = self.list.get_mut(at.position()) {
                    if let Level::School(own) = org.level {
                        school = Some(own);
                    }
                    (org.school, org.walked) = (school, Walked::Once);
                }
            }
        }
        in_circles
    }

    /// The school that an organisation is, or is a part of.
    pub fn school_of(&self, org: Index) -> Option<Index> {
        self.list.get(org.position())?.school
    }

    /// Whether an organisation is the district, or above it.
    pub fn is_district(&self, org: Index) -> bool {
        self.list.get(org.position()).is_some_and(|org| org.level == Level::District)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orgs(rows: &[(Level, Option<usize>)]) -> Orgs {
        let org = |&(level, parent): &(Level, Option<usize>)| Org {
            level,
            parent: parent.and_then(Index::of),
            school: None,
            walked: Walked::No,
        };
        Orgs { ids: Ids::default(), list: rows.iter().map(org).collect() }
    }

    fn school(number: usize) -> Level {
        Level::School(Index::of(number).expect("a position"))
    }

    #[test]
    fn parts_belong_to_the_nearest_school_and_circles_are_found() {
        let mut found = orgs(&[
            (Level::Other, Some(1)),
            (Level::Other, Some(2)),
            (school(0), Some(3)),
            (Level::District, None),
            (Level::Other, Some(5)),
            (Level::Other, Some(6)),
            (Level::Other, Some(5)),
            (school(1), Some(7)),
        ]);
        let at = |number| Index::of(number).expect("a position");
        assert_eq!(found.find_schools(), HashSet::from([at(5), at(6), at(7)]));
        let schools: Vec<_> = (0..8).map(|org| found.school_of(at(org))).collect();
        let first = Some(at(0));
        assert_eq!(schools, [first, first, first, None, None, None, None, Some(at(1))]);
    }

    #[test]
    fn a_way_up_of_a_million_steps_is_walked_once() {
        let rows: Vec<_> = (1..=1_000_000).map(|above| (Level::Other, Some(above))).collect();
        let mut chain = orgs(&rows);
        assert!(chain.find_schools().is_empty());
        let first = Index::of(0).expect("a position");
        let last = Index::of(999_999).expect("a position");
        if let Some(org) = chain.list.get_mut(last.position()) {
            org.parent = Some(first);
        }
        chain.list.iter_mut().for_each(|org| org.walked = Walked::No);
        assert_eq!(chain.find_schools().len(), 1_000_000);
    }
}
