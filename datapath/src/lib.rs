//! Moves disks into a vault and back.

pub mod chain;
pub mod convert;
pub mod diff;
pub mod disk;
pub mod image;
pub mod sink;
