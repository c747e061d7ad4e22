//! `/` and `/in/…`: a person's page of applications, and the ways from there.

pub mod classes;
pub mod home;
pub mod launch;
pub mod open_as;
pub mod role;
pub mod show;
pub mod sign_out;
