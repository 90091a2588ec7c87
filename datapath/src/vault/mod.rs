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
//! | `slots` | which key slots count, and how they come and go |
//! | [`hold`] | points held while they are read |
//! | [`proven`] | which packs this host proved whole, and when |
//! | [`rotate`] | new keys for new data |
//! | [`relied`] | what points rely on |
//! | [`blobs`] | reading them back |
//! | [`keys`], [`random`] | secrets |

pub mod blobs;
pub mod cache;
pub mod error;
mod filling;
mod head;
pub mod hold;
pub mod keys;
pub mod local;
pub mod log;
mod mapped;
pub mod open;
pub mod proven;
pub mod random;
pub mod relied;
pub mod rotate;
pub mod session;
mod slots;
pub mod store;
pub mod table;
pub mod watched;

pub use error::{BlobError, VaultError};
pub use hold::Hold;
pub use open::{Unlock, Vault};
pub use session::Session;
