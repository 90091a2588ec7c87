//! What vhault knows, and nothing it touches.
//!
//! The formats, rules and plans of a backup vault, without files, clock,
//! threads, environment or chance: everything that arrives, arrives as a
//! value. So the native program and the browser run the same code.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`units`] | sectors, blocks, bytes: positions and lengths |
//! | [`digest`] | content hashes, chunk ids and their hex forms |
//! | [`time`] | instants and spans; no clock |
//! | [`read`] | positioned reads, the one thing asked of a file |
//! | [`extent`] | runs of adjacent sectors and ordered sets of them |
//! | [`vhd`] | the image format: read, joined into chains, laid out anew |
//! | [`vault`] | every stored byte of a vault |
//! | [`catalogue`] | what a vault knows, folded from its records |
//! | [`protocol`] | which record may follow: sessions, commit, mark, condemn, fence, purge |
//! | [`policy`] | when the next backup is due, and which recovery points stay |
//! | [`advice`] | every documented failure, rule and limit, in both languages |
//! | [`copy`] | a copy as a value: order, deadlines, estimate, limits |
//! | [`lifecycle`] | the rules: profiles, discover, register, protect, back up, cancel, restore |
//! | [`sim`] | the imitated world: commands, events, clock, scenarios |
//!
//! Modules import only leftwards:
//! `units, digest, time, read ◄ extent ◄ vhd, vault ◄ policy, advice ◄
//! lifecycle ◄ catalogue ◄ protocol, sim`.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod advice;
pub mod catalogue;
pub mod copy;
pub mod digest;
pub mod extent;
pub mod lifecycle;
pub mod policy;
pub mod protocol;
pub mod read;
pub mod sim;
pub mod time;
pub mod units;
pub mod vault;
pub mod vhd;
