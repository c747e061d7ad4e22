//! The Data API: what applications read with tokens of people ([`own`]) and of districts
//! ([`roster`]). Its paths are the dialects' tables of endpoints (`protocol::data_api`).

mod classes;
mod events;
mod own;
mod print;
pub mod roster;
mod routes;

pub(crate) use roster::{
    Audience, ContactSeen, Leaving, Reader, Record, SectionSeen, Source, Users, WithContacts,
    fetch_read, just_before, just_behind, users_in_role,
};
pub use routes::{routes, unversioned};
