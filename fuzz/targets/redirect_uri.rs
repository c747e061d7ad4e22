//! `cargo xtask fuzz redirect_uri`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::redirect_uri::examine(bytes));
