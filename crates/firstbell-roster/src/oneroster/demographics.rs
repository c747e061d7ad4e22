//! `demographics.csv`: what a student's record says of birth, sex and origin. Of other users nothing
//! of the kind is kept.

use super::files::RACES;
use super::{Base, OneRosterFile, Rostering, day, truth};
use crate::fault::RosterFault;
use crate::header::At;
use crate::problem::Problems;
use crate::read::{Draft, Reading};
use crate::source::RosterFile;
use crate::table::Line;

pub(super) fn read(reading: &mut Reading<'_, '_>, rostering: &Rostering, draft: &mut Draft) {
    let header = &reading.table.header;
    let base = Base::of(header);
    let [birth, sex, several, hispanic] =
        ["birthDate", "sex", "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity"]
            .map(|column| header.at(column));
    let races = RACES.map(|(column, word)| (header.at(column), word));
    let target = RosterFile::OneRoster(OneRosterFile::Users);
    let Draft { problems, roles, .. } = draft;
    while let Some(line) = reading.next(problems) {
        if !line.is_whole || base.is_left_out(&line) {
            continue;
        }
        let user = rostering.users.ids.resolve(&line, base.id, target, problems);
        let student = user.and_then(|user| rostering.users.slot(user).student);
        let Some(record) = student.and_then(|at| roles.students.get_mut(at)) else { continue };
        let values = [
            day(&line, birth, problems).map(|day| day.to_string()),
            gender(&line, sex, problems).map(str::to_owned),
            race(&line, &races, several, problems).map(str::to_owned),
            truth(&line, hispanic, problems).map(|is| if is { "Y" } else { "N" }.to_owned()),
        ];
        let named = rostering.names.demographics.into_iter().zip(values);
        let details = named.filter_map(|(name, value)| Some((name, value?.into()))).collect();
        record.details.extend(details);
    }
}

fn gender(line: &Line<'_>, at: At, problems: &mut Problems) -> Option<&'static str> {
    const WORDS: [(&str, Option<&str>); 4] =
        [("male", Some("M")), ("female", Some("F")), ("other", Some("X")), ("unspecified", None)];
    let cell = line.filled(at)?;
    let known = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(cell));
    if known.is_none() {
        problems.add(RosterFault::WordUnknown, line.place(at));
    }
    known.and_then(|(_, letter)| *letter)
}

/// The one word for all that a row says yes to.
fn race(
    line: &Line<'_>,
    races: &[(At, &'static str)],
    several: At,
    problems: &mut Problems,
) -> Option<&'static str> {
    let mut said = races
        .iter()
        .filter_map(|&(at, word)| (truth(line, at, problems) == Some(true)).then_some(word))
        .collect::<Vec<_>>()
        .into_iter();
    let (first, second) = (said.next(), said.next());
    if second.is_some() || truth(line, several, problems) == Some(true) {
        return Some("Two or More Races");
    }
    first
}
