//! See `vhault_tests::fuzz::vhd_table`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vhault_tests::fuzz::vhd_table(bytes));
