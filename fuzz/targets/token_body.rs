//! `cargo xtask fuzz token_body`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::token_body::examine(bytes));
