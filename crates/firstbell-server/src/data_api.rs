//! `/me`, `/v2.1/…`, `/v3.0/…`: what an application may read. A dialect is a file here (its
//! paths) and one in `firstbell-protocol/src/data_api/` (its printer). What may be read is
//! decided by [`firstbell_core::sharing`] alone.

pub mod v2_1;
pub mod v3_0;

mod print;
