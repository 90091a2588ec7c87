//! The views, one file each.

pub(crate) mod compare;
mod copy;
mod damage;
pub(crate) mod disk;
pub(crate) mod inspect;
pub(crate) mod kit;
pub(crate) mod measure;
pub(crate) mod yours;
