//! `cargo xtask fuzz cookies`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::cookies::examine(bytes));
