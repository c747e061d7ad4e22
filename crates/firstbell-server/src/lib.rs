//! The program `firstbell`: HTTP, pages, configuration and command line.
//!
//! Start reading at [`app`], which lists all URLs. A folder here is a word of a URL (`oauth`,
//! `login`, `portal` for `/in/…`, `data_api` for `/v3.0/…`), and a handler has five beats,
//! separated by blank lines: read, load, decide, record, reply. No rule lives in a handler: those
//! are in `firstbell-core`.

pub mod app;
pub mod assets;
pub mod cli;
pub mod clock;
pub mod config;
pub mod data_api;
pub mod entropy;
pub mod events;
pub mod extract;
pub mod importing;
pub mod keys;
pub mod listen;
pub mod login;
pub mod oauth;
mod oneroster;
pub mod operate;
pub mod portal;
pub mod reply;
pub mod sealing;
pub mod service;
pub mod settings;
pub mod signing;
pub mod sync;
pub mod syncing;
pub mod userinfo;
pub mod webhooks;
pub mod well_known;
