//! A copy as a value: what is read and in which order, when it must stop, how
//! long it will take, how fast it may go. No clock, no files, no threads: the
//! program and the simulator feed it time and counts, and obey.
//!
//! | room | what it decides |
//! | --- | --- |
//! | [`order`] | which piece of which disk comes next |
//! | [`course`] | an imitated copy, watched to its end before it begins |
//! | [`watch`] | when a disk, or all, must stop: deadlines and stalls |
//! | [`ranges`] | which bytes a stopped copy left out |
//! | [`estimate`] | how long a copy will take, and what may go wrong |
//! | [`pace`] | how long to wait so that a limit of bytes a second holds |
//! | [`journal`] | what is written down for the copy after a crash |
//! | [`outlook`] | when it will be done, disk by disk, and whether in time |
//! | [`patience`] | how long the vault may take for one operation |
//! | [`audit`] | which part of what hints call unchanged is read all the same |

pub mod audit;
pub mod course;
pub mod estimate;
pub mod journal;
pub mod order;
pub mod outlook;
pub mod pace;
pub mod patience;
pub mod ranges;
pub mod watch;
