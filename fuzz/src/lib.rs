//! What the parsers of foreign bytes must never do: a module each, whose `examine` takes any bytes
//! and panics where a promise is broken. Two use it: `targets/`, the programs of libFuzzer that
//! `cargo xtask fuzz` runs, and `tests/corpora.rs`, which feeds the kept inputs (`corpus/`) to the
//! same functions wherever `cargo test` runs.
//!
//! An oracle here reads the bytes once more by a short way of its own, or by a parser of other
//! authors, and holds both readings against each other.

#![expect(clippy::expect_used, clippy::panic, reason = "a broken promise is told by a panic")]

pub mod accept_language;
pub mod authorize_query;
pub mod cookies;
pub mod csv;
mod form;
pub mod jwt;
pub mod list_query;
pub mod oneroster_query;
pub mod redirect_uri;
pub mod support_code;
pub mod token_body;
