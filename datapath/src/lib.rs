//! Moves disks into a vault and back.
//!
//! `image ─► extents ─► chunks ─► packs ─► manifest ─► catalogue`
//!
//! | room | what it does |
//! | --- | --- |
//! | [`image`], [`chain`], [`disk`] | positioned reads from image files, parents found, chains of them |
//! | [`hasher`], [`codec`], [`chunk_writer`] | chunks to sealed blobs |
//! | [`container`] | what a VHD file has besides guest data |
//! | [`packer`] | sealed blobs to packs |
//! | [`copy`] | what is asked of a copy, and what one worker does |
//! | [`pipeline`] | joins the stages; nobody else spawns threads |
//! | [`vault`] | storage, log, sessions, chunk table, keys |
//! | [`backup`], [`restore`], [`verify`] | the three long works |
//! | [`repair`] | table fragments and checkpoints, made again |
//! | [`stats`] | what a vault holds, for whom, and what would be freed |
//! | [`sweep`] | what no point needs, condemned and deleted |
//! | [`lifecycle`] | policies, items and jobs of a real vault |
//! | [`convert`], [`diff`] | from image to image, without a vault |
//! | [`point_diff`] | what changed between points, or an image and a point |
//! | [`stream_reader`] | a stored stream, read at any place |
//! | [`sink`] | new image files, whole or not at all; `zeroes` become holes, `uncached` goes past the page cache |
//! | [`timings`] | where the time of a copy went |
//! | [`monitor`] | what happens, told to whoever listens |
//! | [`causes`] | an error with everything behind it, in one line |

pub mod backup;
pub mod causes;
pub mod chain;
pub mod chunk_writer;
pub mod codec;
pub mod container;
pub mod convert;
pub mod copy;
pub mod diff;
pub mod disk;
pub mod hasher;
pub mod image;
pub mod lifecycle;
pub mod monitor;
pub mod packer;
pub mod pipeline;
pub mod point_diff;
pub mod repair;
pub mod restore;
pub mod sink;
pub mod stats;
pub mod stream_reader;
pub mod sweep;
pub mod timings;
mod uncached;
pub mod vault;
pub mod verify;
mod zeroes;
