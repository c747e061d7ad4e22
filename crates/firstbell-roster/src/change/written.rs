//! The records of a change as they are written to disk.

use firstbell_core::id::{RoleId, SchoolId, SectionId, UserId};
use firstbell_core::roster::change::{
    Binding, Enrollment, ProvisionedPassword, RecordKind, RosterPerson,
};
use firstbell_core::roster::{
    Contact, Details, Email, Generation, PersonName, Relationship, Role, RoleKind, Section, User,
};
use firstbell_core::secret::Secret;
use firstbell_core::time::Timestamp;

use crate::spill::{Bytes, Read, Record, put_number, put_optional, put_text};

impl Record for SectionId {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.to_bytes());
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        from.array().map(Self::from_bytes)
    }
}

impl Record for UserId {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.to_bytes());
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        from.array().map(Self::from_bytes)
    }
}

impl Record for Enrollment {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.section.to_bytes());
        to.extend(self.student.to_bytes());
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let section = SectionId::from_bytes(from.array()?);
        Some(Self { section, student: RoleId::from_bytes(from.array()?) })
    }
}

impl Record for Binding {
    fn write(&self, to: &mut Vec<u8>) {
        put_place(to, RecordKind::ALL.iter().position(|kind| *kind == self.kind));
        put_text(to, &self.sis_id);
        to.extend(self.id);
        put_id(to, self.user.map(UserId::to_bytes));
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            kind: *RecordKind::ALL.get(place(from)?)?,
            sis_id: from.text()?.to_owned(),
            id: from.array()?,
            user: id(from)?.map(UserId::from_bytes),
        })
    }
}

impl Record for Section {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.id.to_bytes());
        to.extend(self.school.to_bytes());
        put_text(to, &self.sis_id);
        put_text(to, &self.name);
        put_id(to, self.course.map(firstbell_core::id::CourseId::to_bytes));
        put_id(to, self.term.map(firstbell_core::id::TermId::to_bytes));
        put_number(to, self.teachers.len() as u64);
        self.teachers.iter().for_each(|teacher| to.extend(teacher.to_bytes()));
        put_details(to, &self.details);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            id: SectionId::from_bytes(from.array()?),
            school: SchoolId::from_bytes(from.array()?),
            sis_id: from.text()?.to_owned(),
            name: from.text()?.to_owned(),
            course: id(from)?.map(firstbell_core::id::CourseId::from_bytes),
            term: id(from)?.map(firstbell_core::id::TermId::from_bytes),
            teachers: some(from, |from| from.array().map(RoleId::from_bytes))?,
            details: details(from)?,
        })
    }
}

impl Record for RosterPerson {
    fn write(&self, to: &mut Vec<u8>) {
        put_time(to, self.user.created);
        put_time(to, self.user.last_modified);
        put_person(to, self);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let (created, last_modified) = (time(from)?, time(from)?);
        let user = User {
            id: UserId::from_bytes(from.array()?),
            email: email(from)?,
            name: name(from)?,
            created,
            last_modified,
            // Neither is the roster's.
            suspended_since: None,
            generation: Generation::default(),
            roles: some(from, |from| {
                Some(Role {
                    id: RoleId::from_bytes(from.array()?),
                    kind: *RoleKind::ALL.get(place(from)?)?,
                    sis_id: from.text()?.to_owned(),
                    details: details(from)?,
                })
            })?,
        };
        let schools = some(from, |from| {
            Some((RoleId::from_bytes(from.array()?), SchoolId::from_bytes(from.array()?)))
        })?;
        Some(Self { user, schools })
    }
}

/// All that a roster says of somebody, without the times, which are the store's.
pub(crate) fn put_person(to: &mut Vec<u8>, RosterPerson { user, schools }: &RosterPerson) {
    to.extend(user.id.to_bytes());
    put_email(to, user.email.as_ref());
    put_name(to, &user.name);
    put_number(to, user.roles.len() as u64);
    for role in &user.roles {
        to.extend(role.id.to_bytes());
        put_place(to, RoleKind::ALL.iter().position(|kind| *kind == role.kind));
        put_text(to, &role.sis_id);
        put_details(to, &role.details);
    }
    put_number(to, schools.len() as u64);
    for (role, school) in schools {
        to.extend(role.to_bytes());
        to.extend(school.to_bytes());
    }
}

impl Record for Contact {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.id.to_bytes());
        to.extend(self.role.to_bytes());
        put_optional(to, self.sis_id.as_deref());
        put_name(to, &self.name);
        put_email(to, self.email.as_ref());
        put_details(to, &self.details);
        put_number(to, self.students.len() as u64);
        for tie in &self.students {
            to.extend(tie.student.to_bytes());
            put_optional(to, tie.relationship.as_deref());
            put_optional(to, tie.kind.as_deref());
        }
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            id: UserId::from_bytes(from.array()?),
            role: RoleId::from_bytes(from.array()?),
            sis_id: from.optional()?.map(str::to_owned),
            name: name(from)?,
            email: email(from)?,
            details: details(from)?,
            students: some(from, |from| {
                Some(Relationship {
                    student: RoleId::from_bytes(from.array()?),
                    relationship: from.optional()?.map(str::to_owned),
                    kind: from.optional()?.map(str::to_owned),
                })
            })?,
        })
    }
}

pub(super) fn put_password(to: &mut Vec<u8>, role: RoleId, login_name: &str, given: &str) {
    to.extend(role.to_bytes());
    put_text(to, login_name);
    put_text(to, given);
}

pub(super) fn password(bytes: &[u8]) -> Option<ProvisionedPassword> {
    let mut from = Bytes::new(bytes);
    Some(ProvisionedPassword {
        role: RoleId::from_bytes(from.array()?),
        login_name: from.text()?.to_owned(),
        password: Secret::from_text(from.text()?),
    })
}

fn put_place(to: &mut Vec<u8>, place: Option<usize>) {
    put_number(to, place.map_or(u64::MAX, |place| place as u64));
}

fn place(from: &mut Bytes<'_>) -> Option<usize> {
    usize::try_from(from.number()?).ok()
}

fn put_id(to: &mut Vec<u8>, id: Option<[u8; 12]>) {
    to.push(id.is_some().into());
    to.extend(id.into_iter().flatten());
}

fn id(from: &mut Bytes<'_>) -> Read<Option<[u8; 12]>> {
    match from.take(1)? {
        [0] => Some(None),
        _ => from.array().map(Some),
    }
}

fn some<'b, T>(
    from: &mut Bytes<'b>,
    mut read: impl FnMut(&mut Bytes<'b>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = from.count()?;
    (0..count).map(|_| read(from)).collect()
}

fn put_time(to: &mut Vec<u8>, time: Timestamp) {
    to.extend(time.milliseconds().to_le_bytes());
}

fn time(from: &mut Bytes<'_>) -> Option<Timestamp> {
    from.array().map(i64::from_le_bytes).map(Timestamp::from_milliseconds)
}

fn put_email(to: &mut Vec<u8>, email: Option<&Email>) {
    put_optional(to, email.map(Email::as_str));
}

fn email(from: &mut Bytes<'_>) -> Read<Option<Email>> {
    from.optional()?.map(|email| email.parse().ok()).map_or(Some(None), |email| email.map(Some))
}

fn put_name(to: &mut Vec<u8>, name: &PersonName) {
    put_text(to, &name.first);
    put_optional(to, name.middle.as_deref());
    put_text(to, &name.last);
}

fn name(from: &mut Bytes<'_>) -> Option<PersonName> {
    Some(PersonName {
        first: from.text()?.to_owned(),
        middle: from.optional()?.map(str::to_owned),
        last: from.text()?.to_owned(),
    })
}

fn put_details(to: &mut Vec<u8>, details: &Details) {
    let (text, ends) = details.parts();
    put_number(to, ends.len() as u64);
    let mut start = 0;
    for &end in ends {
        put_number(to, u64::from(end - start));
        start = end;
    }
    to.extend_from_slice(text.as_bytes());
}

fn details(from: &mut Bytes<'_>) -> Option<Details> {
    let mut end = 0u32;
    let ends = some(from, |from| {
        end = end.checked_add(u32::try_from(from.number()?).ok()?)?;
        Some(end)
    })?;
    let text = std::str::from_utf8(from.take(usize::try_from(end).ok()?)?).ok()?;
    Details::from_parts(text.into(), ends.into())
}
