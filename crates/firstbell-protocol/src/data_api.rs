//! What the Data API says on the wire: a neutral model ([`Person`], [`Section`], [`District`] and so
//! on, which hold only what the application may see: that is decided before anything reaches this
//! crate), a printer for each family of dialects (`v2`, `v3`), and a file a dialect (`v2_0`, `v2_1`,
//! `v3_0`, `v3_1`) with what sets it apart. What the dialects can be asked stands in the families'
//! tables of [`Endpoint`]s.

mod collection;
mod contact;
mod courses;
mod dialect;
mod district;
mod endpoint;
pub mod envelope;
mod event;
mod facts;
mod lms;
mod members;
pub mod openapi;
mod paging;
mod people;
mod places;
mod query;
mod role;
#[cfg(test)]
mod samples;
mod schema;
mod school;
mod section;
mod tables;
pub mod v2;
pub mod v2_0;
pub mod v2_1;
pub mod v3;
pub mod v3_0;
pub mod v3_1;
mod words;

pub use collection::{Collection, People, PersonKind};
pub use contact::{ContactUser, OwnContact};
pub use dialect::{ContactObject, Dialect, PersonObject};
pub use district::{DistrictObject, DistrictShape};
pub use endpoint::{Endpoint, Parameter, Relation, Shape, Target};
pub use envelope::{DataError, Envelope, Item, Link, List};
pub use event::{DeletedObject, Event, Happening, previous_attributes};
pub use facts::{Facts, Told};
pub use lms::LmsShape;
pub use paging::{ListWriter, Rest};
pub use people::{AtMe, Contact, LmsStatus, Member, Name, Person, PersonRole, Relationship};
pub use places::{
    Course, District, DistrictContact, DistrictRecord, Resource, School, Section, SectionRecord,
    Term,
};
pub use query::{
    Counting, DEFAULT_LIMIT, ListQuery, ListQueryError, MOST, ObjectId, Position, SchoolTies,
};
pub use school::SchoolObject;
pub use section::SectionObject;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests;
