//! `cargo xtask fuzz list_query`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::list_query::examine(bytes));
