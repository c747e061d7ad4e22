//! Records put out in the words of a dialect, as far as they are seen.

use firstbell_protocol::data_api::Dialect;

use super::{Reader, Record, Source};
use crate::data_api::roster::print::{Sink, Spelling};
use crate::reply::data_json::DataFault;

impl Reader<'_, '_, '_, '_> {
    /// Puts a record out if it is seen; whether it is.
    ///
    /// # Errors
    /// When the database fails.
    pub(in crate::data_api::roster) fn put(
        &mut self,
        dialect: Dialect,
        record: &Record,
        sink: &mut impl Sink,
    ) -> Result<bool, DataFault> {
        let told = self.told();
        let district = self.district.hex();
        let modified = sink.modified();
        let spelling = Spelling { dialect, district: &district, told, modified };
        match record {
            Record::School(school) if self.sees(record)? => {
                let facts = self.synced.facts_of_place(&school.record.details);
                spelling.school(school, &facts, sink)?;
            }
            Record::Term(term) if self.sees(record)? => spelling.term(term, sink)?,
            Record::Course(course) if self.sees(record)? => spelling.course(course, sink)?,
            Record::Resource(resource) if self.sees(record)? => {
                spelling.resource(resource, sink)?;
            }
            Record::Section(room) => {
                let Some(seen) = self.section(room)? else { return Ok(false) };
                let facts = self.synced.facts_of_place(&room.record.section.details);
                spelling.section(&seen, &facts, sink)?;
            }
            Record::User(stored) | Record::Role(stored, _) => {
                let Some(seen) = self.person(&stored.person)? else { return Ok(false) };
                let facts = self.columns.told(&self.synced, stored, &seen)?;
                let role = match record {
                    Record::Role(_, role) => Some(*role),
                    _ => None,
                };
                return spelling.person(&seen, facts, role, sink);
            }
            Record::ContactUser(contact) | Record::ContactRole(contact) => {
                let Some(seen) = self.contact(contact)? else { return Ok(false) };
                spelling.contact(&seen, sink)?;
            }
            Record::School(_) | Record::Term(_) | Record::Course(_) | Record::Resource(_) => {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Puts a record of a source out if it is seen there; whether it is.
    ///
    /// # Errors
    /// When the database fails.
    pub(in crate::data_api::roster) fn put_among(
        &mut self,
        source: &Source,
        dialect: Dialect,
        record: &Record,
        sink: &mut impl Sink,
    ) -> Result<bool, DataFault> {
        if !self.fits(source, record)? {
            return Ok(false);
        }
        self.put(dialect, record, sink)
    }
}
