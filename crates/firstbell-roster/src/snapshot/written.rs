//! Records as they are written to disk while a roster is read.

use firstbell_core::roster::{Email, PersonName};

use super::{DetailName, Index, PackedDetails, RoleRecord, SectionRecord};
use crate::source::RosterFile;
use crate::spill::{Bytes, Read, Record, put_number, put_optional, put_text};

/// What of a role is asked for before all of it is. It stands first.
pub(crate) struct LoginParts {
    pub sis_id: Box<str>,
    pub email: Option<Email>,
    pub username: Option<Box<str>>,
    pub password: Option<Box<str>>,
}

impl LoginParts {
    pub fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            sis_id: from.text()?.into(),
            email: from.optional()?.and_then(|email| email.parse().ok()),
            username: from.optional()?.map(Into::into),
            password: from.optional()?.map(Into::into),
        })
    }
}

impl Record for RoleRecord {
    fn write(&self, to: &mut Vec<u8>) {
        put_text(to, &self.sis_id);
        put_optional(to, self.email.as_ref().map(Email::as_str));
        put_optional(to, self.username.as_deref());
        put_optional(to, self.password.as_deref());
        put_text(to, &self.name.first);
        put_optional(to, self.name.middle.as_deref());
        put_text(to, &self.name.last);
        put_indexes(to, &self.schools);
        put_details(to, &self.details);
        to.push(self.file.number());
        put_number(to, self.line);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let LoginParts { sis_id, email, username, password } = LoginParts::read(from)?;
        Some(Self {
            sis_id,
            email,
            username,
            password,
            name: PersonName {
                first: from.text()?.to_owned(),
                middle: from.optional()?.map(str::to_owned),
                last: from.text()?.to_owned(),
            },
            schools: indexes(from)?,
            details: details(from)?,
            file: RosterFile::numbered(*from.take(1)?.first()?)?,
            line: from.number()?,
        })
    }
}

impl Record for SectionRecord {
    fn write(&self, to: &mut Vec<u8>) {
        put_text(to, &self.sis_id);
        put_index(to, Some(self.school));
        put_text(to, &self.name);
        put_index(to, self.course);
        put_index(to, self.term);
        put_indexes(to, &self.teachers);
        put_details(to, &self.details);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            sis_id: from.text()?.into(),
            school: index(from)??,
            name: from.text()?.into(),
            course: index(from)?,
            term: index(from)?,
            teachers: indexes(from)?.into_boxed_slice(),
            details: details(from)?,
        })
    }
}

fn put_index(to: &mut Vec<u8>, at: Option<Index>) {
    put_number(to, at.map_or(0, |at| u64::from(at.number()) + 1));
}

fn index(from: &mut Bytes<'_>) -> Read<Option<Index>> {
    match from.number()?.checked_sub(1) {
        None => Some(None),
        Some(number) => u32::try_from(number).ok().map(|number| Some(Index::of_number(number))),
    }
}

fn put_indexes(to: &mut Vec<u8>, all: &[Index]) {
    put_number(to, all.len() as u64);
    for at in all {
        put_number(to, at.number().into());
    }
}

fn indexes(from: &mut Bytes<'_>) -> Option<Vec<Index>> {
    let count = from.count()?;
    (0..count).map(|_| u32::try_from(from.number()?).ok().map(Index::of_number)).collect()
}

fn put_details(to: &mut Vec<u8>, details: &PackedDetails) {
    put_number(to, details.ends.len() as u64);
    for (name, end) in &details.ends {
        put_number(to, name.0.into());
        put_number(to, (*end).into());
    }
    put_text(to, &details.text);
}

fn details(from: &mut Bytes<'_>) -> Option<PackedDetails> {
    let count = from.count()?;
    let cell = |from: &mut Bytes<'_>| {
        let name = DetailName(u16::try_from(from.number()?).ok()?);
        Some((name, u32::try_from(from.number()?).ok()?))
    };
    let ends = (0..count).map(|_| cell(from)).collect::<Option<_>>()?;
    Some(PackedDetails { ends, text: from.text()?.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back_as_they_were_written() {
        let at = |position| Index::of(position).expect("a position");
        let details = PackedDetails::new(vec![
            (DetailName(3), "Ms".into()),
            (DetailName(300), "ñandú".into()),
        ]);
        let role = RoleRecord {
            sis_id: "S1".into(),
            name: PersonName { first: "Ana".into(), middle: None, last: String::new() },
            email: "ana@x.example".parse().ok(),
            schools: vec![at(0), at(70_000)],
            details: details.clone(),
            username: None,
            password: Some("".into()),
            file: RosterFile::Students,
            line: 1 << 40,
        };
        let mut bytes = Vec::new();
        role.write(&mut bytes);
        let back = RoleRecord::read(&mut Bytes::new(&bytes)).expect("a role");
        assert_eq!(
            (&back.sis_id, &back.name, &back.email),
            (&role.sis_id, &role.name, &role.email)
        );
        assert_eq!((&back.schools, &back.details), (&role.schools, &role.details));
        assert_eq!((&back.username, &back.password), (&role.username, &role.password));
        assert_eq!((back.file, back.line), (role.file, role.line));
        assert!(RoleRecord::read(&mut Bytes::new(&bytes[..bytes.len() - 1])).is_none());

        let section = SectionRecord {
            sis_id: "C1".into(),
            school: at(0),
            name: "Art".into(),
            course: None,
            term: Some(at(0)),
            teachers: [at(9), at(1)].into(),
            details,
        };
        let mut bytes = Vec::new();
        section.write(&mut bytes);
        assert_eq!(SectionRecord::read(&mut Bytes::new(&bytes)), Some(section));
    }
}
