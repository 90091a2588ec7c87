//! The vault's stored bytes: encoding and decoding, and nothing else.
//!
//! | room | its bytes |
//! | --- | --- |
//! | [`envelope`], [`tail`] | how every file begins, and some end |
//! | [`seal`], [`key`], [`slot`] | sealed boxes, and who may open them |
//! | [`recovery`] | a key to print |
//! | [`settings`] | what is fixed for life |
//! | [`id`] | names of chunks and pages by content |
//! | [`stream`], [`page`], [`tree`], [`builder`] | rows of bytes and the pages above them |
//! | [`layout`] | what a VHD file has besides its guest's sectors |
//! | [`blob`], [`pack`] | where chunks and pages lie |
//! | [`fragment`], [`filter`] | how they are found again |
//! | [`point`], [`record`] | what happened, in order |
//!
//! Format: `docs/vault-format.md`.

mod aead;
pub mod blob;
pub mod builder;
pub mod envelope;
pub mod error;
pub mod filter;
pub mod fragment;
pub mod id;
pub mod key;
pub mod layout;
pub mod pack;
pub mod page;
pub mod point;
pub mod record;
pub mod recovery;
pub mod seal;
pub mod settings;
pub mod slot;
pub mod stream;
pub mod tail;
pub mod tree;
