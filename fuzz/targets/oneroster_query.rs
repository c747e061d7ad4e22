//! `cargo xtask fuzz oneroster_query`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::oneroster_query::examine(bytes));
