//! `cargo xtask fuzz support_code`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::support_code::examine(bytes));
