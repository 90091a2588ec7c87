//! See `vhault_tests::fuzz_vault::slot`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vhault_tests::fuzz_vault::slot(bytes));
