//! New disk: what a VHD we are about to write should be.

use alloc::string::String;
use alloc::vec::Vec;

use super::blueprint::Blueprint;
use super::footer::{DiskType, FEATURE_RESERVED, FORMAT_VERSION, Footer, NO_HEADER};
use super::geometry::Geometry;
use super::header::PARENT_NAME_UNITS;
use super::table::{BlockShape, TABLE_ENTRIES_MAX};
use super::{Checksum, DYNAMIC_SECTORS_MAX};
use crate::units::{BlockIndex, ByteCount, SECTOR_BYTES};

/// Our four characters. Readers take the current size for the size of every
/// creator they do not know, which is what we mean.
pub const CREATOR_APP: [u8; 4] = *b"vhlt";

/// Our version in a footer, 1.0; it has no meaning to anyone else.
const CREATOR_VERSION: u32 = 0x0001_0000;

/// The host system that readers understand as "Windows names".
const CREATOR_HOST: [u8; 4] = *b"Wi2k";

/// Azure takes disks in whole MiB.
const AZURE_STEP_BYTES: u64 = 1 << 20;

/// Azure takes no managed disk smaller than 20 MiB.
pub const AZURE_BYTES_MIN: u64 = 20 << 20;

/// Seconds from 1970 to 2000, where the format's time begins.
pub const UNIX_SECONDS_OF_2000: u64 = 946_684_800;

/// The usual block: 2 MiB.
pub const BLOCK_BYTES_DEFAULT: u32 = 0x0020_0000;

/// Which of the three kinds to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewKind {
    /// All sectors in order.
    Fixed,
    /// Only blocks that hold something.
    Dynamic,
    /// Only sectors that differ from the parent.
    Differencing,
}

/// The parent of a new differencing image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewParent {
    /// The parent's unique id.
    pub unique_id: [u8; 16],
    /// The parent's creation time, seconds since 2000.
    pub created: u32,
    /// Path of the parent relative to the child, with `/` or `\`.
    pub relative: String,
}

/// What a new image should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDisk {
    /// Which of the three kinds.
    pub kind: NewKind,
    /// Size of the disk in bytes.
    pub size: ByteCount,
    /// Bytes in a block; a fixed image has none and ignores it.
    pub block_bytes: u32,
    /// Who the image will be; random.
    pub unique_id: [u8; 16],
    /// When it is made, seconds since 2000.
    pub created_seconds_since_2000: u32,
    /// The parent of a differencing image.
    pub parent: Option<NewParent>,
    /// Whether to follow Azure's rule for uploads: fixed, whole MiB.
    pub azure: bool,
}

/// Why a disk cannot be laid out as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A dynamic disk past the format's end.
    #[error("the disk has {size} bytes; a dynamic or differencing VHD holds at most {limit} (2040 GiB)")]
    TooLarge {
        /// The size asked for.
        size: ByteCount,
        /// The most the format can hold.
        limit: ByteCount,
    },
    /// Stored blocks past what a 32-bit sector can address.
    #[error("the stored blocks reach past file sector 2^32 - 1, where no VHD can address them")]
    FileTooLarge,
    /// A block size that cannot be.
    #[error("the block size is {bytes} bytes; it must be a power of two, 512 at least")]
    BlockSize {
        /// The block size asked for.
        bytes: u32,
    },
    /// More blocks than the table may have.
    #[error("the disk has {blocks} blocks of {bytes} bytes; the limit is {limit}: choose larger blocks")]
    TooManyBlocks {
        /// Blocks the disk would have.
        blocks: u64,
        /// The block size asked for.
        bytes: u32,
        /// The most the table may have.
        limit: u64,
    },
    /// A stored block that the disk does not have, or that came twice.
    #[error("block {block} is stored twice or lies past the last of {blocks} blocks")]
    Block {
        /// The block in question.
        block: BlockIndex,
        /// How many blocks the disk has.
        blocks: u64,
    },
    /// Azure's rule with a kind it does not take.
    #[error("an upload to Azure must be a fixed VHD")]
    AzureKind,
    /// A disk too small for Azure.
    #[error("the disk has {size} bytes; Azure takes disks of {limit} bytes (20 MiB) or more")]
    AzureTooSmall {
        /// The size asked for.
        size: ByteCount,
        /// The least Azure takes.
        limit: ByteCount,
    },
    /// A differencing image without parent, or a parent for another kind.
    #[error("a differencing VHD has a parent, the other kinds have none")]
    Parent,
    /// A parent's name that the header cannot hold.
    #[error("the name of the parent has {units} UTF-16 units; the limit is {limit}")]
    ParentName {
        /// Units the name has.
        units: usize,
        /// The most the header holds.
        limit: usize,
    },
}

impl NewDisk {
    /// The size the image will have: whole sectors, or whole MiB for Azure;
    /// what is added reads as zeroes.
    pub fn final_size(&self) -> ByteCount {
        let step = if self.azure { AZURE_STEP_BYTES } else { SECTOR_BYTES };
        let size = self.size.get();
        ByteCount::new(size.checked_next_multiple_of(step).unwrap_or(size))
    }

    /// Gives every byte of the new image its place. `stored` are the blocks
    /// that will be there, in the order in which the file has them; a fixed
    /// image has no blocks and takes none.
    ///
    /// # Errors
    ///
    /// A [`LayoutError`] names the limit that is passed.
    pub fn lay_out(&self, stored: impl IntoIterator<Item = BlockIndex>) -> Result<Blueprint, LayoutError> {
        if (self.kind == NewKind::Differencing) != self.parent.is_some() {
            return Err(LayoutError::Parent);
        }
        self.refuse_azure()?;
        let size = self.final_size();
        if self.kind == NewKind::Fixed {
            return Ok(Blueprint::fixed(size, &self.footer(size)));
        }
        if size.get() / SECTOR_BYTES > DYNAMIC_SECTORS_MAX {
            return Err(LayoutError::TooLarge {
                size,
                limit: ByteCount::new(DYNAMIC_SECTORS_MAX * SECTOR_BYTES),
            });
        }
        let bytes = self.block_bytes;
        let shape = BlockShape::new(bytes).ok_or(LayoutError::BlockSize { bytes })?;
        let blocks = shape.blocks(size);
        let limit = TABLE_ENTRIES_MAX;
        if limit < blocks {
            return Err(LayoutError::TooManyBlocks { blocks, bytes, limit });
        }
        let name = self.parent_name()?;
        Blueprint::sparse(size, &self.footer(size), shape, self.parent.as_ref(), name, stored)
    }

    fn refuse_azure(&self) -> Result<(), LayoutError> {
        if !self.azure {
            return Ok(());
        }
        if self.kind != NewKind::Fixed {
            return Err(LayoutError::AzureKind);
        }
        let size = self.final_size();
        if size.get() < AZURE_BYTES_MIN {
            return Err(LayoutError::AzureTooSmall { size, limit: ByteCount::new(AZURE_BYTES_MIN) });
        }
        Ok(())
    }

    /// The parent's bare file name, as the header stores it.
    fn parent_name(&self) -> Result<Vec<u16>, LayoutError> {
        let path = self.parent.as_ref().map_or("", |parent| parent.relative.as_str());
        let name: Vec<u16> = path.rsplit(['/', '\\']).next().unwrap_or(path).encode_utf16().collect();
        // One unit stays free: readers expect the name to end with a zero.
        let limit = PARENT_NAME_UNITS - 1;
        if name.len() > limit {
            return Err(LayoutError::ParentName { units: name.len(), limit });
        }
        Ok(name)
    }

    fn footer(&self, size: ByteCount) -> Footer {
        let (disk_type, header_offset) = match self.kind {
            NewKind::Fixed => (DiskType::FIXED, NO_HEADER),
            NewKind::Dynamic => (DiskType::DYNAMIC, super::blueprint::HEADER_AT),
            NewKind::Differencing => (DiskType::DIFFERENCING, super::blueprint::HEADER_AT),
        };
        Footer {
            features: FEATURE_RESERVED,
            version: FORMAT_VERSION,
            header_offset,
            created: self.created_seconds_since_2000,
            creator_app: CREATOR_APP,
            creator_version: CREATOR_VERSION,
            creator_host: CREATOR_HOST,
            original_size: size,
            current_size: size,
            geometry: Geometry::of(size),
            disk_type,
            checksum: Checksum { stored: 0, computed: 0 },
            unique_id: self.unique_id,
            saved_state: 0,
            hidden: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    fn disk(size: u64, block_bytes: u32) -> NewDisk {
        NewDisk {
            kind: NewKind::Dynamic,
            size: ByteCount::new(size),
            block_bytes,
            unique_id: [1; 16],
            created_seconds_since_2000: 0,
            parent: None,
            azure: false,
        }
    }

    fn child(relative: &str) -> NewDisk {
        let parent = NewParent { unique_id: [2; 16], created: 0, relative: relative.into() };
        NewDisk { kind: NewKind::Differencing, parent: Some(parent), ..disk(1 << 20, BLOCK_BYTES_DEFAULT) }
    }

    #[test]
    fn a_disk_past_the_format_is_refused_with_the_limit_in_bytes() {
        let limit = ByteCount::new(2040 << 30);
        let size = ByteCount::new((2040 << 30) + 512);
        assert_eq!(
            disk(size.get(), BLOCK_BYTES_DEFAULT).lay_out([]),
            Err(LayoutError::TooLarge { size, limit })
        );
    }

    #[test]
    fn a_table_has_at_most_2_to_the_26_entries() {
        // Blocks of 512 bytes: 32 GiB is the most.
        let most = TABLE_ENTRIES_MAX * 512;
        let over = disk(most + 1, 512).lay_out([]).unwrap_err();
        assert_eq!(over, LayoutError::TooManyBlocks { blocks: (1 << 26) + 1, bytes: 512, limit: 1 << 26 });
        assert!(over.to_string().contains("67108865 blocks of 512 bytes"));
        assert_eq!(disk(1 << 20, 511).lay_out([]), Err(LayoutError::BlockSize { bytes: 511 }));
    }

    #[test]
    fn a_parents_name_leaves_room_for_its_zero() {
        let name = |units: usize| "a".repeat(units);
        assert!(child(&name(255)).lay_out([]).is_ok());
        assert_eq!(child(&name(256)).lay_out([]), Err(LayoutError::ParentName { units: 256, limit: 255 }));
        // Only the file's own name is stored there.
        assert!(child(&alloc::format!("{}/{}", name(300), name(255))).lay_out([]).is_ok());
    }

    #[test]
    fn only_a_differencing_image_has_a_parent() {
        let kind = NewKind::Dynamic;
        assert_eq!(NewDisk { kind, ..child("a.vhd") }.lay_out([]), Err(LayoutError::Parent));
        assert_eq!(NewDisk { parent: None, ..child("a.vhd") }.lay_out([]), Err(LayoutError::Parent));
    }
}
