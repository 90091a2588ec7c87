//! Disks to try vhault on: real file systems in images that other tools wrote.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`draw`] | numbers from a seed |
//! | [`content`] | logs, tables and incompressible bytes, from a seed |
//! | [`program`] | other people's programs, found, run and their failures told |
//! | [`ext4`] | disks with one ext4 partition, made and changed without mounting |
//! | [`foreign`] | qemu-img, 7-Zip and the small tools that judge what we wrote |
//!
//! The demo, the whole-program tests and the benchmarks share these builders,
//! so what one of them proves, it proves on the same kind of disk.

pub mod content;
pub mod draw;
pub mod ext4;
pub mod foreign;
pub mod program;
