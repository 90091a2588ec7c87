//! Builders for whole-program tests: images, vaults and the program itself.

pub mod corpus;
pub mod foreign;
pub mod fuzz;
pub mod vhd;
