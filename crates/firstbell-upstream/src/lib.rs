//! The ways in which districts' people prove who they are. A way in starts with a form or a
//! redirect and finishes with an [`firstbell_core::login::matching::Identity`].
//!
//! Today there is one: [`password`], for districts that keep passwords with Firstbell.

pub mod password;
