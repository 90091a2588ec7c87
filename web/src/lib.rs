//! The page's pure parts: what it says and what it draws, without a browser.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`text`] | every word of the page, in every language |
//! | [`view_model`] | from what core found to what one component draws |
//! | [`inspect`], [`compare`], [`measure`] | the work a worker does, over any [`ReadAt`](vhault_core::read::ReadAt) |
//! | [`sketch`] | how many different chunks there are, in bounded memory |
//! | [`sample`] | images for those who have none, written by core |
//! | [`simulator`] | the simulation, played, sought, forked, linked |
//! | [`pattern`] | what is known of disks, for the simulator, in an address |
//! | [`message`] | what page and worker say to each other |
//!
//! The page itself, behind the feature `page`, only draws these; its worker,
//! behind `worker`, is a program of its own that reads files for it.

#![forbid(unsafe_code)]

pub mod compare;
pub mod given;
pub mod inspect;
pub mod measure;
pub mod message;
pub mod pattern;
pub mod sample;
pub mod simulator;
pub mod sketch;
pub mod text;
pub mod view_model;
