//! See `vhault_tests::fuzz::vhd_chain`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vhault_tests::fuzz::vhd_chain(bytes));
