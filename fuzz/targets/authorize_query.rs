//! `cargo xtask fuzz authorize_query`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::authorize_query::examine(bytes));
