//! Who is in a district: schools, terms, courses, sections and people with one or several roles.

pub mod change;
pub mod contact;
pub mod district;
pub mod resource;
pub mod school;
pub mod section;
pub mod sync;
pub mod user;
pub mod version;

pub use contact::{Contact, Relationship};
pub use district::{ClassroomPolicy, District, DistrictPolicy, Shortname};
pub use resource::Resource;
pub use school::School;
pub use section::{Course, Section, Term};
pub use user::{
    DISTRICT_USERNAME, Details, Email, Generation, PersonName, Role, RoleKind, User, login_name,
};
pub use version::RosterVersion;
