//! The measurements, one file each.

pub mod api;
pub mod import;
pub mod kill;
pub mod login;
pub mod memory;
pub mod nodes;
pub mod passwords;
pub mod start;
