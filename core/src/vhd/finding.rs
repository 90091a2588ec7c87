//! Findings: what is unusual or wrong about an image that can still be read.

use alloc::string::String;
use core::fmt;

use serde::Serialize;

use super::footer::Footer;
use crate::units::{ByteCount, FileOffset};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Something other programs may stumble over, or a doubt about the content.
    Warning,
    /// Stored bytes are damaged, and we read around the damage.
    Damage,
}

/// Which of the two footers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FooterPlace {
    /// At the end of the file.
    End,
    /// The copy at the start of a dynamic or differencing image.
    Start,
}

/// One thing that is unusual or wrong, and was read around.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A footer's checksum was wrong and accepted, or the other copy was used.
    FooterChecksum {
        /// Which footer.
        place: FooterPlace,
        /// The stored checksum.
        stored: u32,
        /// The checksum of its bytes.
        computed: u32,
    },
    /// A footer is not there.
    FooterMissing {
        /// Which footer.
        place: FooterPlace,
    },
    /// Both footers hold and do not say the same.
    FootersDiffer,
    /// A footer of 511 bytes.
    ShortFooter,
    /// The dynamic header's checksum was wrong and accepted.
    HeaderChecksum {
        /// The stored checksum.
        stored: u32,
        /// The checksum of its bytes.
        computed: u32,
    },
    /// The reserved feature bit is clear.
    FeatureBit {
        /// The stored features.
        features: u32,
    },
    /// A saved machine state depends on this image.
    SavedState,
    /// One hypervisor's "hidden" flag is set.
    Hidden,
    /// The size at creation is not the size now.
    Resized {
        /// Size at creation.
        original: ByteCount,
        /// Size now.
        current: ByteCount,
    },
    /// Some programs take the geometry's product for the size.
    SizedByGeometry {
        /// The product of the geometry.
        geometry: ByteCount,
        /// The size of the disk.
        current: ByteCount,
    },
    /// The disk does not end with a whole sector.
    PartialSector {
        /// The size of the disk.
        size: ByteCount,
    },
    /// Larger than some programs read.
    Large {
        /// The size of the disk.
        size: ByteCount,
    },
    /// A fixed image with bytes between disk and footer.
    BytesAfterDisk {
        /// How many.
        count: ByteCount,
    },
    /// A block size that no common program writes.
    BlockSize {
        /// Bytes in a block.
        bytes: u64,
    },
    /// The table has more entries than the disk has blocks.
    SurplusEntries {
        /// Entries the table has.
        entries: u64,
        /// Blocks the disk has.
        blocks: u64,
    },
    /// The file ends inside the last block, past the end of the disk.
    LastBlockCut,
    /// A locator's text does not lie in the file, or is longer than a path.
    Locator {
        /// Its platform code.
        code: [u8; 4],
        /// Where it should lie.
        offset: FileOffset,
        /// How long it should be, in bytes.
        bytes: u32,
    },
    /// The parent's time is not the one the child remembers.
    ParentTime {
        /// The child's depth in the chain.
        depth: usize,
        /// What the child remembers, seconds since 2000.
        remembered: u32,
        /// What the parent says, seconds since 2000.
        found: u32,
    },
    /// The parent is not among the images, so only a part of the disk is known.
    ParentMissing {
        /// The child's depth in the chain.
        depth: usize,
        /// The parent's unique id.
        wanted: [u8; 16],
    },
    /// Sectors that the bitmap of a dynamic image hides are not zeroes.
    StaleSectors {
        /// How many.
        count: u64,
    },
    /// The child is larger than its parent.
    ParentSmaller {
        /// The child's depth in the chain.
        depth: usize,
        /// The child's size.
        child: ByteCount,
        /// The parent's size.
        parent: ByteCount,
    },
}

impl Finding {
    /// The finding about a footer whose checksum does not hold.
    pub(crate) fn bad_footer(place: FooterPlace, footer: &Footer) -> Finding {
        Finding::FooterChecksum { place, stored: footer.checksum.stored, computed: footer.checksum.computed }
    }

    /// Its name in `--json`, which scripts may rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Finding::FooterChecksum { .. } => "footer-checksum",
            Finding::FooterMissing { .. } => "footer-missing",
            Finding::FootersDiffer => "footers-differ",
            Finding::ShortFooter => "short-footer",
            Finding::HeaderChecksum { .. } => "header-checksum",
            Finding::FeatureBit { .. } => "feature-bit",
            Finding::SavedState => "saved-state",
            Finding::Hidden => "hidden",
            Finding::Resized { .. } => "resized",
            Finding::SizedByGeometry { .. } => "sized-by-geometry",
            Finding::PartialSector { .. } => "partial-sector",
            Finding::Large { .. } => "large",
            Finding::BytesAfterDisk { .. } => "bytes-after-disk",
            Finding::BlockSize { .. } => "block-size",
            Finding::SurplusEntries { .. } => "surplus-entries",
            Finding::LastBlockCut => "last-block-cut",
            Finding::Locator { .. } => "locator",
            Finding::ParentTime { .. } => "parent-time",
            Finding::ParentSmaller { .. } => "parent-smaller",
            Finding::ParentMissing { .. } => "parent-missing",
            Finding::StaleSectors { .. } => "stale-sectors",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Finding::FooterChecksum { .. }
            | Finding::FooterMissing { .. }
            | Finding::HeaderChecksum { .. } => Severity::Damage,
            Finding::FootersDiffer
            | Finding::SavedState
            | Finding::SizedByGeometry { .. }
            | Finding::PartialSector { .. }
            | Finding::BytesAfterDisk { .. }
            | Finding::LastBlockCut
            | Finding::Locator { .. }
            | Finding::ParentTime { .. }
            | Finding::ParentSmaller { .. }
            | Finding::ParentMissing { .. }
            | Finding::StaleSectors { .. } => Severity::Warning,
            Finding::ShortFooter
            | Finding::FeatureBit { .. }
            | Finding::Hidden
            | Finding::Resized { .. }
            | Finding::Large { .. }
            | Finding::BlockSize { .. }
            | Finding::SurplusEntries { .. } => Severity::Note,
        }
    }

    /// What to do about it, in plain words.
    pub fn advice(&self) -> &'static str {
        match self {
            Finding::FooterChecksum { .. }
            | Finding::FooterMissing { .. }
            | Finding::HeaderChecksum { .. } => {
                "the disk can be read; write a clean copy with `vhault convert` before other programs refuse it"
            }
            Finding::FootersDiffer => {
                "the one at the end was used; a program stopped while it changed the image"
            }
            Finding::ShortFooter => {
                "written before 2004; `vhault convert` writes a footer that all programs read"
            }
            Finding::FeatureBit { .. } | Finding::Hidden => "nothing to do",
            Finding::SavedState => {
                "start or discard the saved machine first, or its memory and disk will not match"
            }
            Finding::Resized { .. } => {
                "the current size is right; a program that uses the other one is wrong"
            }
            Finding::SizedByGeometry { .. } => {
                "tell qemu to use the current size: driver=vpc,force_size_calc=current_size"
            }
            Finding::PartialSector { .. } => "the missing bytes of the last sector read as zeroes",
            Finding::Large { .. } => "some programs refuse disks above 2040 GiB",
            Finding::BytesAfterDisk { .. } => "they are no part of the disk; an exact restore keeps them",
            Finding::BlockSize { .. } => "some programs only read blocks of 512 KiB and 2 MiB",
            Finding::SurplusEntries { .. } => "the surplus is not looked at",
            Finding::LastBlockCut => "all of the disk is there; `vhault convert` writes the block in full",
            Finding::Locator { .. } => "the parent is found by its name or by --parent instead",
            Finding::ParentTime { .. } => {
                "many programs store no time; if the parent was written after the child was made, the child is lost"
            }
            Finding::ParentSmaller { .. } => "what lies beyond the parent reads as zeroes",
            Finding::ParentMissing { .. } => "name it with --parent FILE, or put it beside the child",
            Finding::StaleSectors { .. } => {
                "they read as zeroes; qemu shows the hidden bytes, so compare before you rely on either"
            }
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::FooterChecksum { place, stored, computed } => write!(
                f,
                "the footer {place} says its checksum is {stored:#010x}, its bytes give {computed:#010x}"
            ),
            Finding::FooterMissing { place } => write!(f, "there is no footer {place}"),
            Finding::FootersDiffer => f.write_str("the two footers do not say the same"),
            Finding::ShortFooter => f.write_str("the footer has 511 bytes"),
            Finding::HeaderChecksum { stored, computed } => write!(
                f,
                "the dynamic header says its checksum is {stored:#010x}, its bytes give {computed:#010x}"
            ),
            Finding::FeatureBit { features } => {
                write!(f, "the features are {features:#x}, without the reserved bit that is always set")
            }
            Finding::SavedState => f.write_str("a saved machine state depends on this image"),
            Finding::Hidden => f.write_str("the image is marked as hidden"),
            Finding::Resized { original, current } => {
                write!(f, "the disk was made with {original} bytes and has {current} now")
            }
            Finding::SizedByGeometry { geometry, current } => write!(
                f,
                "qemu takes the geometry of this creator's disks for the size: {geometry} bytes instead of {current}"
            ),
            Finding::PartialSector { size } => {
                write!(f, "the size is {size} bytes, not a whole number of 512-byte sectors")
            }
            Finding::Large { size } => write!(f, "the disk has {size} bytes, more than 2040 GiB"),
            Finding::BytesAfterDisk { count } => write!(f, "{count} bytes lie between disk and footer"),
            Finding::BlockSize { bytes } => write!(f, "blocks of {bytes} bytes are unusual"),
            Finding::SurplusEntries { entries, blocks } => {
                write!(f, "the block allocation table has {entries} entries for {blocks} blocks")
            }
            Finding::LastBlockCut => {
                f.write_str("the file ends inside its last block, past the end of the disk")
            }
            Finding::Locator { code, offset, bytes } => write!(
                f,
                "the {} locator of the parent, {bytes} bytes at byte {offset}, does not lie in the file",
                String::from_utf8_lossy(code)
            ),
            Finding::ParentTime { remembered, found, .. } => write!(
                f,
                "it remembers its parent's time as {remembered} s after 2000, the parent says {found} s"
            ),
            Finding::ParentMissing { wanted, .. } => {
                write!(f, "its parent with id {} is not here", crate::digest::hex(wanted))
            }
            Finding::StaleSectors { count } => {
                write!(f, "{count} sectors behind clear bits of the sector bitmaps are not zeroes")
            }
            Finding::ParentSmaller { child, parent, .. } => {
                write!(f, "it has {child} bytes, its parent only {parent}")
            }
        }
    }
}

impl fmt::Display for FooterPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FooterPlace::End => "at the end of the file",
            FooterPlace::Start => "at the start of the file",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn a_finding_says_what_where_and_what_to_do() {
        let footer = Finding::FooterChecksum { place: FooterPlace::Start, stored: 1, computed: 0xff };
        assert_eq!(
            footer.to_string(),
            "the footer at the start of the file says its checksum is 0x00000001, its bytes give 0x000000ff"
        );
        assert!(footer.advice().contains("`vhault convert`"));
        assert_eq!(
            Finding::FooterMissing { place: FooterPlace::End }.to_string(),
            "there is no footer at the end of the file"
        );
        let hidden = Finding::Hidden;
        assert_eq!(
            (hidden.code(), hidden.severity(), hidden.advice()),
            ("hidden", Severity::Note, "nothing to do")
        );
        let stale = Finding::StaleSectors { count: 3 };
        assert!(stale.to_string().starts_with("3 sectors behind clear bits"));
        assert!(stale.advice().starts_with("they read as zeroes"));
    }
}
