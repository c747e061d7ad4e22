//! `cargo xtask fuzz csv`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstbell_fuzz::csv::examine(bytes));
