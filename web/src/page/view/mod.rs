//! The views, one file each.

pub(crate) mod compare;
pub(crate) mod disk;
pub(crate) mod inspect;
pub(crate) mod kit;
pub(crate) mod measure;
