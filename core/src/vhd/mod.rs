//! VHD: images, the chains they form, and how to write new ones.
//!
//! Everything here works on bytes that a [`ReadAt`](crate::read::ReadAt)
//! hands out, decodes any bytes without panic, and bounds what it allocates
//! before it does so. Source images are only ever read.
//!
//! ```text
//! bytes ─► Footer, Header, BlockTable ─► Image ─► Chain ─► disk content, allocation
//!                                          └────► FileSpan: whose byte is this?
//! NewDisk ─► Blueprint: where each byte of a new image goes
//! ```
//!
//! | file | noun |
//! | --- | --- |
//! | `footer`, `header`, `locator`, `table`, `bitmap`, `geometry`, `checksum` | stored structures |
//! | `open`, `believe` | from a file to an [`Image`]: what is wrong, which footer counts |
//! | `image` | one opened file, and where it holds a byte of the disk |
//! | `parent` | what a child says about its parent |
//! | `chain`, `cursor` | a child and its parents, read as one disk |
//! | `changed` | what differs between two chains, cheapest proof first |
//! | `block_map` | how much of each block an image holds |
//! | `survey` | which blocks of a refused image are damaged |
//! | `inspect`, `creator` | all that metadata says, in plain words |
//! | `span` | every byte of an image file, guest or container |
//! | `new_disk`, `blueprint` | the layout of images we write |
//! | `finding`, `error`, `foreign` | what is unusual, wrong, or something else |
//!
//! Format: `docs/vhd.md`.

mod be;
mod believe;
mod bitmap;
mod block_map;
mod blueprint;
mod chain;
mod changed;
mod checksum;
mod creator;
mod cursor;
mod error;
mod finding;
mod footer;
mod foreign;
mod geometry;
mod header;
mod image;
mod inspect;
mod locator;
#[cfg(test)]
mod model_tests;
mod new_disk;
mod open;
mod parent;
mod span;
mod survey;
mod table;
#[cfg(test)]
mod testing;

pub use bitmap::{BitRun, SectorBitmap};
pub use block_map::BlockState;
pub use blueprint::Blueprint;
pub use chain::{Allocation, CHAIN_IMAGES_MAX, Chain, Content, Piece};
pub use changed::{Changes, CompareError, Comparison, Difference, Proofs, Side};
pub use checksum::Checksum;
pub use cursor::Cursor;
pub use error::{ChainError, OpenError, ReadError, VhdError};
pub use finding::{Finding, FooterPlace, Severity};
pub use footer::{
    DiskType, FEATURE_RESERVED, FOOTER_BYTES, FOOTER_COOKIE, FORMAT_VERSION, Footer, NO_HEADER,
    SHORT_FOOTER_BYTES,
};
pub use foreign::{FOREIGN_HEAD_BYTES, Foreign};
pub use geometry::Geometry;
pub use header::{HEADER_BYTES, HEADER_COOKIE, Header, LOCATOR_COUNT, PARENT_NAME_UNITS};
pub use image::{Image, ImageKind};
pub use inspect::{
    BlockCounts, Field, FindingReport, ImageReport, Inspection, LocatorReport, ParentReport, Verdict,
};
pub use locator::{LOCATOR_BYTES, LOCATOR_TEXT_BYTES_MAX, Locator, LocatorKind};
pub use new_disk::{
    AZURE_BYTES_MIN, BLOCK_BYTES_DEFAULT, CREATOR_APP, LayoutError, NewDisk, NewKind, NewParent,
    UNIX_SECONDS_OF_2000,
};
pub use open::Leniency;
pub use parent::{ParentLink, ParentPath};
pub use span::{FileSpan, Holds};
pub use survey::{FAULTS_TOLD_MAX, Fault, Survey, Surveyed};
pub use table::{BlockShape, BlockTable, ENTRY_BYTES, NEVER_WRITTEN, TABLE_ENTRIES_MAX};

/// Sectors of the largest dynamic or differencing disk: 2040 GiB. Places are
/// 32-bit sectors, so a file must stay below 2 TiB.
pub const DYNAMIC_SECTORS_MAX: u64 = 0xff00_0000;
