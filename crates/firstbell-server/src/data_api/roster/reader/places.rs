//! Which terms and courses are seen: those of sections that are. What is asked of a few is answered by
//! looking at their sections until one is seen; what is asked of many, by looking at all sections once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use firstbell_core::id::{CourseId, SectionId, TermId};
use firstbell_core::roster::Section;
use firstbell_store::Seek;

use super::{ReadResult, Reader};

/// So many sections are looked at at a time.
const AT_ONCE: usize = 500;

/// So many at first, where one that is seen is enough.
const AT_FIRST: usize = 8;

/// Of so many terms and courses it is found out one by one.
const ONE_BY_ONE: usize = 8;

/// What is seen with a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum TermOrCourse {
    Term(TermId),
    Course(CourseId),
}

impl TermOrCourse {
    /// Those of a section.
    fn of(section: &Section) -> impl Iterator<Item = Self> {
        let term = section.term.map(Self::Term);
        term.into_iter().chain(section.course.map(Self::Course))
    }
}

/// The terms and courses that are seen, all of them.
#[derive(Debug, Default)]
pub(in crate::data_api::roster) struct Places(HashSet<TermOrCourse>);

/// What is known of terms and courses.
#[derive(Default)]
pub(super) struct Known {
    found: HashMap<TermOrCourse, bool>,
    /// How many were looked for.
    asked: usize,
    all: Option<Arc<Places>>,
}

impl Known {
    /// Remembers that a section is seen, and with it its term and its course.
    pub fn note(&mut self, section: &Section) {
        self.found.extend(TermOrCourse::of(section).map(|place| (place, true)));
    }
}

impl Reader<'_, '_, '_, '_> {
    /// All terms and courses that are seen, where that was found out.
    pub(in crate::data_api::roster) fn places(&self) -> Option<Arc<Places>> {
        self.places.all.clone()
    }

    /// Takes over what another reader of the same version found out, for whom it was shared alike.
    pub(in crate::data_api::roster) fn know_places(&mut self, places: Option<Arc<Places>>) {
        self.places.all = places;
    }

    /// Whether a term is seen.
    pub(super) fn sees_term(&mut self, term: TermId) -> ReadResult<bool> {
        self.sees_place(TermOrCourse::Term(term))
    }

    /// Whether a course is seen.
    pub fn sees_course(&mut self, course: CourseId) -> ReadResult<bool> {
        self.sees_place(TermOrCourse::Course(course))
    }

    fn sees_place(&mut self, place: TermOrCourse) -> ReadResult<bool> {
        if self.is_whole() {
            return Ok(true);
        }
        if let Some(is_seen) = self.places.found.get(&place) {
            return Ok(*is_seen);
        }
        let is_seen = if let Some(all) = self.all_places()? {
            all.0.contains(&place)
        } else {
            let sections = match place {
                TermOrCourse::Term(term) => self.at.sections_of_term(term)?,
                TermOrCourse::Course(course) => self.at.sections_of_course(course)?,
            };
            self.sees_one_of(&sections)?
        };
        self.places.found.insert(place, is_seen);
        Ok(is_seen)
    }

    /// Whether one of these sections is seen.
    fn sees_one_of(&mut self, mut sections: &[SectionId]) -> ReadResult<bool> {
        let mut at_once = AT_FIRST;
        while !sections.is_empty() {
            let (some, rest) = sections.split_at(at_once.min(sections.len()));
            for room in self.at.sections_by_id(some)? {
                if self.section(&room)?.is_some() {
                    return Ok(true);
                }
            }
            self.go_on()?;
            (sections, at_once) = (rest, AT_ONCE.min(at_once * 4));
        }
        Ok(false)
    }

    /// All that are seen, where more were asked for than are worth looking for one by one.
    fn all_places(&mut self) -> ReadResult<Option<Arc<Places>>> {
        self.places.asked += 1;
        if self.places.all.is_some() || self.places.asked <= ONE_BY_ONE {
            return Ok(self.places.all.clone());
        }
        let (mut all, mut seek) = (Places::default(), Seek::First);
        loop {
            let rooms = self.at.sections(seek, AT_ONCE)?;
            let Some(last) = rooms.last() else { break };
            seek = Seek::After(last.record.section.id.to_bytes());
            for room in &rooms {
                if self.section(room)?.is_some() {
                    all.0.extend(TermOrCourse::of(&room.record.section));
                }
            }
            self.go_on()?;
        }
        self.places.all = Some(Arc::new(all));
        Ok(self.places.all.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use firstbell_core::application::{Sharing, SharingRule};
    use firstbell_core::id::{DistrictId, SchoolId};
    use firstbell_core::roster::change::RosterChange;
    use firstbell_core::roster::{Course, Details, District, DistrictPolicy, School, Term};
    use firstbell_core::time::Timestamp;
    use firstbell_store::{Backend, RosterVersion, Store, StoreError};

    use super::*;
    use crate::reply::rate::LongReads;

    const NOW: Timestamp = Timestamp::from_milliseconds(1_790_000_000_000);
    const SECTIONS: u8 = 40;

    fn school() -> SchoolId {
        SchoolId::from_bytes([1; 12])
    }

    fn course() -> CourseId {
        CourseId::from_bytes([2; 12])
    }

    fn district() -> DistrictId {
        DistrictId::from_bytes([3; 12])
    }

    /// A store with a school whose sections all are of one course, each in a term of its own; it is gone
    /// with its folder.
    async fn furnished() -> (tempfile::TempDir, Store, RosterVersion) {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("store.db");
        let store = Store::open(Backend::Sqlite { path }).expect("a store");
        store.migrate().expect("a schema");
        let made = District {
            id: district(),
            shortname: "ada".parse().expect("a shortname"),
            name: "Ada".into(),
            place: None,
            policy: DistrictPolicy::default(),
        };
        store.write(move |tx| tx.create_district(&made, NOW)).await.expect("created");
        let (name, sis_id) = (String::from("Name"), String::from("7"));
        let mut change = RosterChange::default();
        let number = "1".into();
        let (id, details) = (school(), Details::new());
        change.schools.added.push(School { id, sis_id, name: name.clone(), number, details });
        change.courses.added.push(Course { id: course(), name: name.clone(), number: "1".into() });
        for digit in 0..SECTIONS {
            let id = TermId::from_bytes([digit; 12]);
            change.terms.added.push(Term {
                id,
                name: name.clone(),
                start_date: None,
                end_date: None,
            });
            change.sections.added.push(Section {
                id: SectionId::from_bytes([digit; 12]),
                school: school(),
                sis_id: digit.to_string(),
                name: name.clone(),
                course: Some(course()),
                term: Some(id),
                teachers: vec![],
                details: Details::new(),
            });
        }
        let before = store.read(|tx| tx.district(district()).roster_version()).await;
        let before = before.expect("a version");
        let applied = store.apply_roster(district(), before, change, NOW, |_, _| {}).await;
        (folder, store, applied.expect("applied"))
    }

    fn of_schools(schools: Vec<SchoolId>) -> Sharing {
        let rule = SharingRule { schools: Some(schools), ..SharingRule::default() };
        Sharing { rules: vec![rule], ..Sharing::everyone() }
    }

    #[tokio::test]
    async fn one_section_that_is_seen_is_enough() {
        let (_folder, store, version) = furnished().await;
        let read = store.read(move |tx| {
            let mut tenant = tx.district(district());
            let seen = of_schools(vec![school()]);
            let mut reader = Reader::of(tenant.roster_at(version), &seen, district())?;
            assert!(reader.sees_course(course())?);
            assert_eq!(reader.places.found.len(), 2, "the course and the first section's term");
            assert!(reader.places().is_none());

            let mut tenant = tx.district(district());
            let unseen = of_schools(vec![SchoolId::from_bytes([9; 12])]);
            let mut reader = Reader::of(tenant.roster_at(version), &unseen, district())?;
            assert!(!reader.sees_course(course())?);
            for digit in 0..SECTIONS {
                let term = TermId::from_bytes([digit; 12]);
                assert!(!reader.sees_term(term)?);
                let looked_at_all = usize::from(digit) + 2 > ONE_BY_ONE;
                assert_eq!(reader.places().is_some(), looked_at_all, "{digit}");
            }
            Ok::<_, StoreError>(())
        });
        read.await.expect("read");
    }

    #[tokio::test]
    async fn what_was_found_out_of_all_is_not_looked_for_again() {
        let (_folder, store, version) = furnished().await;
        let read = store.read(move |tx| {
            let seen = of_schools(vec![school()]);
            let mut tenant = tx.district(district());
            let mut reader = Reader::of(tenant.roster_at(version), &seen, district())?;
            let elsewhere = |digit| CourseId::from_bytes([200 + digit; 12]);
            for digit in 0..=u8::try_from(ONE_BY_ONE).unwrap_or(u8::MAX) {
                assert!(!reader.sees_course(elsewhere(digit))?);
            }
            let places = reader.places();
            let all = places.clone().expect("found out");
            assert_eq!(all.0.len(), usize::from(SECTIONS) + 1, "every term, and the course");

            let unseen = of_schools(vec![]);
            let mut tenant = tx.district(district());
            let mut next = Reader::of(tenant.roster_at(version), &unseen, district())?;
            next.know_places(places);
            assert!(next.sees_course(course())?, "as it was told");
            Ok::<_, StoreError>(())
        });
        read.await.expect("read");
    }

    #[tokio::test]
    async fn whoever_hangs_up_is_looked_for_no_further() {
        let (_folder, store, version) = furnished().await;
        let (asker, place) = LongReads::default().enter().await.expect("a place");
        let asker = Mutex::new(Some(asker));
        let read = store.read(move |tx| {
            let unseen = of_schools(vec![]);
            let mut tenant = tx.district(district());
            let reader = Reader::of(tenant.roster_at(version), &unseen, district())?;
            let mut reader = reader.heeding(Some(&place));
            assert!(!reader.sees_course(course())?, "somebody waits");
            drop(asker.lock().expect("the asker").take());
            for digit in 0..SECTIONS {
                let told = reader.sees_term(TermId::from_bytes([digit; 12]));
                assert!(matches!(told, Err(StoreError::Abandoned)), "{digit}: {told:?}");
            }
            assert!(reader.places().is_none(), "what was found is not all");
            Ok::<_, StoreError>(())
        });
        read.await.expect("read");
    }
}
