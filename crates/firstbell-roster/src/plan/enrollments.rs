//! Enrolments: pairs of numbers in the order of the ids that they stand for, side by side with those
//! of the district.

use firstbell_core::id::{RoleId, SectionId};
use firstbell_core::roster::change::{Enrollment, ManyKind, Present};

use super::ids::Ids;
use super::stretches::{Seen, walk_past};
use super::walk::{Met, Pages};
use super::{Planned, Planner};
use crate::change::Many;
use crate::enrollments::Enrollments;
use crate::snapshot::Index;
use crate::summary::{SummaryKind, Tally};

/// The sections whose members change. They are replaced though they are not counted as changed:
/// what a person reads is that enrolments are.
pub(super) struct Touched(Vec<bool>);

impl Touched {
    pub fn is(&self, section: Index) -> bool {
        self.0.get(section.position()).copied().unwrap_or(false)
    }

    fn add(&mut self, section: Index) {
        if let Some(slot) = self.0.get_mut(section.position()) {
            *slot = true;
        }
    }
}

/// The ids of a list by rank, and the rank of each position.
struct Ranks<'i> {
    ids: &'i Ids,
    order: Vec<Index>,
    of_position: Vec<Index>,
}

impl<'i> Ranks<'i> {
    fn of(ids: &'i Ids) -> Self {
        let order = ids.order();
        let mut ranks = vec![Index::default(); order.len()];
        for (rank, at) in (0..).zip(&order) {
            if let Some(slot) = ranks.get_mut(at.position()) {
                *slot = Index::of_number(rank);
            }
        }
        Self { ids, order, of_position: ranks }
    }

    fn rank(&self, at: Index) -> Index {
        self.of_position.get(at.position()).copied().unwrap_or(Index::LEFT_OUT)
    }

    fn at(&self, rank: Index) -> Option<Index> {
        self.order.get(rank.position()).copied()
    }

    fn id(&self, rank: Index) -> Option<[u8; 12]> {
        self.ids.get(self.at(rank)?)
    }

    /// The position of an id.
    fn find(&self, id: [u8; 12]) -> Option<Index> {
        let found = self.order.binary_search_by(|at| self.ids.get(*at).cmp(&Some(id)));
        found.ok().and_then(|rank| self.order.get(rank).copied())
    }
}

/// What comes of the enrolments.
struct Outcome<'o> {
    changed: &'o mut Many<Enrollment, Enrollment>,
    tally: &'o mut Tally,
    sections: &'o Ranks<'o>,
    touched: Touched,
    /// The one that was touched last: those of a section come one after the other.
    last: Option<SectionId>,
}

impl Outcome<'_> {
    fn see(&mut self, seen: &Seen<Enrollment, Enrollment>) {
        let (one, is_new) = match *seen {
            Seen::Same(_) | Seen::Met(Met::Both(..)) => {
                self.tally.unchanged += 1;
                return;
            }
            Seen::Met(Met::New(one)) => (one, true),
            Seen::Met(Met::Gone(one)) => (one, false),
        };
        let count = if is_new { &mut self.tally.added } else { &mut self.tally.removed };
        *count += 1;
        let list = if is_new { &mut self.changed.added } else { &mut self.changed.removed };
        list.push(&one);
        if self.last.replace(one.section) != Some(one.section)
            && let Some(section) = self.sections.find(one.section.to_bytes())
        {
            self.touched.add(section);
        }
    }
}

impl<P: Present> Planner<'_, P> {
    /// Settles the enrolments; says which sections have other members than before.
    pub(super) fn enrollments(
        &mut self,
        mut pairs: Enrollments,
        sections: &Ids,
        students: &Ids,
    ) -> Planned<Touched, P> {
        let (sections, students) = (Ranks::of(sections), Ranks::of(students));
        pairs.rank(|(section, student)| (sections.rank(section), students.rank(student)));
        let known = self.known(ManyKind::Enrollment)?;
        let Self { present, change, summary, .. } = self;
        let mut outcome = Outcome {
            changed: &mut change.enrollments,
            tally: summary.tally_mut(SummaryKind::Enrollment),
            touched: Touched(vec![false; sections.order.len()]),
            sections: &sections,
            last: None,
        };
        let pages = Pages::new(|after| present.enrollments(after), |one: &Enrollment| *one);
        let mut ours = pairs.in_order().filter_map(|(section, student)| {
            let section = SectionId::from_bytes(sections.id(section)?);
            Some(Enrollment { section, student: RoleId::from_bytes(students.id(student)?) })
        });
        let found = walk_past(|| ours.next(), |one| *one, known, pages, |seen| outcome.see(&seen))?;
        let touched = outcome.touched;
        self.keep(ManyKind::Enrollment, &found);
        Ok(touched)
    }
}
