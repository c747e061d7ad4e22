//! A dialect, of whichever family: what all print, in the words of each.

use serde::Serialize;

use super::contact::{ContactUser, OwnContact};
use super::district::{DistrictObject, DistrictShape};
use super::lms::LmsShape;
use super::people::{Contact, Person, PersonRole};
use super::school::SchoolObject;
use super::section::{Naming, SectionObject};
use super::tables::Details;
use super::{
    Collection, District, Endpoint, Envelope, Link, Relation, School, Section, Target, Told, v2,
    v2_0, v2_1, v3, v3_0, v3_1,
};

/// A dialect, of whichever family.
#[derive(Debug, Clone, Copy)]
pub enum Dialect {
    /// Each role is an object of its own.
    V2(v2::Dialect),
    /// One object a person.
    V3(v3::Dialect),
}

/// A person as a dialect prints them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum PersonObject<'a> {
    /// In one role.
    Role(v2::RoleObject<'a>),
    /// In all.
    User(v3::User<'a>),
}

/// A contact as a dialect prints them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum ContactObject<'a> {
    /// An object of its own kind.
    Own(OwnContact<'a>),
    /// A person in that role.
    User(ContactUser<'a>),
}

impl Dialect {
    /// All dialects, the oldest first.
    pub const ALL: [Self; 4] = [
        Self::V2(v2_0::DIALECT),
        Self::V2(v2_1::DIALECT),
        Self::V3(v3_0::DIALECT),
        Self::V3(v3_1::DIALECT),
    ];

    /// The prefix in paths: `/v3.0`.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::V2(dialect) => dialect.prefix,
            Self::V3(dialect) => dialect.prefix,
        }
    }

    /// What it can be asked; paths stand behind the prefix.
    pub const fn endpoints(self) -> &'static [Endpoint] {
        match self {
            Self::V2(dialect) => dialect.endpoints,
            Self::V3(dialect) => dialect.endpoints,
        }
    }

    pub(super) const fn details(self) -> &'static Details {
        match self {
            Self::V2(dialect) => dialect.details,
            Self::V3(dialect) => dialect.details,
        }
    }

    pub(super) const fn district_shape(self) -> DistrictShape {
        match self {
            Self::V2(dialect) => dialect.district,
            Self::V3(dialect) => dialect.district,
        }
    }

    pub(super) const fn lms(self) -> LmsShape {
        match self {
            Self::V2(_) => LmsShape::Untold,
            Self::V3(dialect) => dialect.lms,
        }
    }

    const fn naming(self) -> Naming {
        match self {
            Self::V2(_) => Naming::Role,
            Self::V3(_) => Naming::User,
        }
    }

    /// A person: in v2 in this role, in v3 in all of theirs.
    pub fn person_object<'a>(self, person: &Person<'a>, role: &PersonRole<'a>) -> PersonObject<'a> {
        match self {
            Self::V2(dialect) => PersonObject::Role(dialect.role_object(person, *role)),
            Self::V3(dialect) => PersonObject::User(dialect.user_object(person)),
        }
    }

    /// A contact.
    pub fn contact_object(self, contact: Contact<'_>) -> ContactObject<'_> {
        match self {
            Self::V2(_) => ContactObject::Own(OwnContact(contact)),
            Self::V3(_) => ContactObject::User(ContactUser(contact)),
        }
    }

    /// A district.
    pub fn district_object(self, district: District<'_>) -> DistrictObject<'_> {
        DistrictObject { district, shape: self.district_shape() }
    }

    /// A school.
    pub fn school_object(self, school: School<'_>) -> SchoolObject<'_> {
        SchoolObject { school, details: self.details() }
    }

    /// A section.
    pub fn section_object(self, section: Section<'_>) -> SectionObject<'_> {
        SectionObject { section, details: self.details(), naming: self.naming(), lms: self.lms() }
    }

    /// A single object of this collection, as an application with the roster gets it: with links to
    /// itself and to everything that can be read from there. `told` says whether contacts can.
    /// Courses, terms, resources and
    /// [events](super::Event) print themselves.
    pub fn single<T>(self, collection: Collection, id: &str, object: T, told: Told) -> Envelope<T> {
        Envelope { kind: None, data: object, links: self.links(collection, id, told) }
    }

    /// Where an object of this collection is.
    pub fn place(self, collection: Collection, id: &str) -> String {
        format!("{}/{}/{id}", self.prefix(), collection.path_name())
    }

    pub(super) fn links(self, collection: Collection, id: &str, told: Told) -> Vec<Link> {
        let mut links = vec![Link { rel: "self", uri: self.place(collection, id) }];
        let from_here = self.endpoints().iter().filter(|endpoint| match endpoint.target {
            Target::Me | Target::All(_) | Target::One(_) => false,
            Target::Related(Relation::PersonContacts(_)) if !told.includes(Told::CONTACTS) => false,
            target => target.starts_from() == Some(collection),
        });
        links.extend(from_here.map(|endpoint| {
            let rel = endpoint.path.rsplit('/').next().unwrap_or_default();
            Link { rel, uri: endpoint.at(self, id) }
        }));
        links
    }
}
