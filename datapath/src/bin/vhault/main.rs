//! The `vhault` program.
fn main() {}
