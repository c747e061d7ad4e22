//! What is true in a school district, and what may happen next.
//!
//! Pure and synchronous: no HTTP, no SQL, no clock, no randomness of its own. Time enters as
//! `now: Timestamp`, randomness as `&mut dyn Random`; the caller loads, core decides, the caller
//! records.

pub mod application;
pub mod error;
pub mod events;
pub mod id;
pub mod lanes;
pub mod login;
pub mod reach;
pub mod roster;
pub mod secret;
pub mod sharing;
pub mod time;
pub mod webhook;
