//! A vault as a host works with it.
//!
//! | room | what it does |
//! | --- | --- |
//! | [`store`], [`local`], [`watched`] | the few things asked of storage |
//! | [`open`] | making and unlocking vaults |
//! | `head` | single records: reading on, appending |
//! | [`log`] | the records: reading to the head, appending |
//! | [`session`] | a writer's right to add packs and commit |
//! | [`table`], `mapped`, `filling`, [`cache`] | finding blobs |
//! | [`relied`] | what points rely on |
//! | [`blobs`] | reading them back |
//! | [`keys`], [`random`] | secrets |

pub mod blobs;
pub mod cache;
pub mod error;
mod filling;
mod head;
pub mod keys;
pub mod local;
pub mod log;
mod mapped;
pub mod open;
pub mod random;
pub mod relied;
pub mod session;
pub mod store;
pub mod table;
pub mod watched;

pub use error::{BlobError, VaultError};
pub use open::{Unlock, Vault};
pub use session::Session;
