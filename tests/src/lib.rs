//! Builders for whole-program tests: the program itself, vaults, images.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`program`] | `vhault`, run as a person runs it |
//! | [`request`] | a backup asked for through the library |
//! | [`vault`] | a vault in a folder that goes away again |
//! | [`guest`] | what a guest may have written on its disk |
//! | [`image`] | that content in images: by qemu-img, and by hand to break it |
//! | [`vhd`] | images put together field by field |
//! | [`corpus`] | images by other people's tools, with hashes of their content |
//! | [`foreign`] | what other people's tools say about an image |
//! | [`fuzz`] | what the image decoders must hold for any bytes |
//! | [`fuzz_vault`] | what the vault's decoders must hold for any bytes |
//! | [`kill`] | programs killed at a chosen moment |
//! | [`harm`] | ways to break a stored file |
//! | [`store`] | a store in memory that fails as real ones do |
//!
//! `cargo xtask test` builds the program and names it in `VHAULT_BIN`.

#![expect(clippy::unwrap_used, reason = "a builder that cannot build fails its test on the spot")]

pub mod corpus;
pub mod foreign;
pub mod fuzz;
pub mod fuzz_vault;
pub mod guest;
pub mod harm;
pub mod image;
pub mod kill;
pub mod program;
pub mod request;
pub mod store;
pub mod vault;
pub mod vhd;
