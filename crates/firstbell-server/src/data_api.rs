//! `/me`, `/v2.0/…`, `/v2.1/…`, `/v3.0/…`, `/v3.1/…`: what an application may read. The paths of a
//! family of dialects are a file here; what sets a dialect apart, and its printer, is in
//! `firstbell-protocol/src/data_api/`. What may be read is decided by [`firstbell_core::sharing`]
//! alone.

pub mod v2;
pub mod v3;

mod classes;
mod print;
