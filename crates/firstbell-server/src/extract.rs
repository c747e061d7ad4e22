//! What requests carry, read once at the rim.

pub mod bearer;
pub mod client_auth;
pub mod csrf;
pub mod roster_bearer;
pub mod same_origin;
pub mod visit;

pub use bearer::{AnyBearer, Bearer, DistrictBearer};
pub use roster_bearer::RosterBearer;
pub use visit::Visit;
