//! See `vhault_tests::fuzz_vault::index`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vhault_tests::fuzz_vault::index(bytes));
