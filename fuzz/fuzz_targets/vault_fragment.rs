//! See `vhault_tests::fuzz_vault::fragment`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vhault_tests::fuzz_vault::fragment(bytes));
