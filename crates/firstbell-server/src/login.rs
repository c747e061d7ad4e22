//! `/login/…`: one login from where it begins to where it leads.
//!
//! 1. A login begins ([`dispatch::begin`]) at `/oauth/authorize`, at a tile of the portal or at
//!    the portal itself. If nothing is asked of the person it ends there: a code is issued.
//! 2. Else it is recorded as a pending login, bound to the browser, and the browser is sent to
//!    `/login/{login}`: the dispatcher ([`dispatch::resume`]).
//! 3. The dispatcher sends the browser to the step that `firstbell_core::login::step::next` names:
//!    [`district`], [`sign_in`], [`confirm`] or [`classes`]. A step always leads back to the dispatcher, never to another
//!    step.

pub mod allowance;
pub mod arrival;
pub mod begun;
pub mod bounces;
pub mod classes;
pub mod confirm;
pub mod dispatch;
pub mod district;
pub mod passage;
pub mod sign_in;
mod situation;
pub mod visitor;
