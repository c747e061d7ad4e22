//! The endpoints, asked over HTTP as the router hears it, with a real database (SQLite and
//! PostgreSQL), a roster that came through the importer, and a clock that is moved by hand. Files
//! are named after the URLs that they ask.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod abuse;
mod classroom {
    mod connect;
    mod museum;
    mod random;
    mod read;
}
mod data_api {
    pub mod events;
    mod me;
    mod model;
    pub mod roster;
}
mod login {
    mod confirm;
    pub mod district;
    mod password;
    mod session;
}
mod oauth {
    mod authorize;
    mod instant_login;
    mod parameters;
    mod tokens;
}
mod oidc {
    pub mod client;
    mod conformance {
        mod basic;
        mod config;
        mod plans;
        mod third_party;
    }
    mod discovery;
    pub mod district_tokens;
    mod hints;
    mod id_token;
    mod revoke;
    mod userinfo;
}
mod oneroster {
    mod filters;
    mod read;
    mod tokens;
}
mod operate;
mod portal {
    mod launch;
    mod open_as;
    mod role;
    mod show;
    mod sign_out;
}
mod seeds;
mod sharing;
mod sync {
    mod drop_folder;
    mod files;
    mod oneroster;
    mod runs;
    mod upload;
}
mod webhooks {
    mod deliver;
    mod receiver;
    mod retry;
}
mod world;
