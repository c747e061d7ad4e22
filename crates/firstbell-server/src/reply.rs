//! What goes out: pages and their texts, redirects, JSON for the token endpoint and the Data API.

pub mod cookie;
pub mod data_json;
pub mod document;
pub mod fault;
pub mod flow;
pub mod html;
pub mod oauth_json;
pub mod page;
pub mod protection;
pub mod rate;
pub mod redirect;
pub mod text;

pub use fault::Fault;
