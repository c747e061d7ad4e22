//! `cargo xtask fuzz accept_language`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::accept_language::examine(bytes));
