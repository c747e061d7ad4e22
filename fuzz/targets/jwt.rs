//! `cargo xtask fuzz jwt`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::jwt::examine(bytes));
