//! Moves disks into a vault and back.

pub mod disk;
pub mod image;
pub mod sink;

mod chain;
