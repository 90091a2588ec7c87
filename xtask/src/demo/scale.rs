//! How big the disks are, and how much happens on them.

const MIB: u64 = 1 << 20;

/// How big everything is.
pub(crate) struct Scale {
    pub(crate) system_bytes: u64,
    pub(crate) data_bytes: u64,
    pub(crate) archive_bytes: u64,
    /// Taken from this machine: folder, bytes at most.
    pub(crate) taken: [(&'static str, u64); 5],
    pub(crate) log_bytes: u64,
    pub(crate) photo_count: u64,
    pub(crate) photo_bytes: u64,
    pub(crate) table_pages: u64,
    pub(crate) export_bytes: u64,
    pub(crate) upgrade_bytes: u64,
    pub(crate) changed_pages: u64,
}

impl Scale {
    /// Disks of real size.
    pub(crate) fn full() -> Scale {
        Scale {
            system_bytes: 1_536 * MIB,
            data_bytes: 1_024 * MIB,
            archive_bytes: 2_048 * MIB,
            taken: [
                ("/usr/bin", 180 * MIB),
                ("/usr/sbin", 40 * MIB),
                ("/usr/lib", 400 * MIB),
                ("/usr/share", 260 * MIB),
                ("/usr/include", 60 * MIB),
            ],
            log_bytes: 5 * MIB,
            photo_count: 24,
            photo_bytes: 3 * MIB,
            table_pages: 20_480,
            export_bytes: 48 * MIB,
            upgrade_bytes: 8 * MIB,
            changed_pages: 700,
        }
    }

    /// A system disk to measure on.
    pub(crate) fn measured() -> Scale {
        Scale {
            system_bytes: 4_096 * MIB,
            taken: [
                ("/usr/bin", 300 * MIB),
                ("/usr/sbin", 60 * MIB),
                ("/usr/lib", 1_200 * MIB),
                ("/usr/share", 500 * MIB),
                ("/usr/include", 100 * MIB),
            ],
            log_bytes: 15 * MIB,
            photo_count: 50,
            photo_bytes: 4 * MIB,
            upgrade_bytes: 32 * MIB,
            ..Scale::full()
        }
    }

    /// So many times smaller.
    pub(crate) fn divided(self, parts: u64) -> Scale {
        Scale {
            system_bytes: disk_bytes(self.system_bytes, parts),
            data_bytes: disk_bytes(self.data_bytes, parts),
            archive_bytes: disk_bytes(self.archive_bytes, parts),
            taken: self.taken.map(|(folder, bytes)| (folder, bytes / parts)),
            log_bytes: self.log_bytes / parts,
            photo_count: self.photo_count.div_ceil(parts),
            photo_bytes: self.photo_bytes,
            table_pages: self.table_pages / parts,
            export_bytes: self.export_bytes / parts,
            upgrade_bytes: self.upgrade_bytes / parts,
            changed_pages: self.changed_pages / parts,
        }
    }

    /// Disks that are made in a moment.
    pub(crate) fn quick() -> Scale {
        Scale {
            system_bytes: 96 * MIB,
            data_bytes: 48 * MIB,
            archive_bytes: 64 * MIB,
            taken: [
                ("/usr/bin", 16 * MIB),
                ("/usr/sbin", 2 * MIB),
                ("/usr/lib", 16 * MIB),
                ("/usr/share", 12 * MIB),
                ("/usr/include", 2 * MIB),
            ],
            log_bytes: 256 << 10,
            photo_count: 4,
            photo_bytes: MIB,
            table_pages: 1_024,
            export_bytes: 2 * MIB,
            upgrade_bytes: MIB,
            changed_pages: 40,
        }
    }
}

/// A disk so many times smaller, in whole MiB, with room for what a file system needs of any disk.
pub(crate) fn disk_bytes(bytes: u64, parts: u64) -> u64 {
    if parts == 1 { bytes } else { (bytes / parts / MIB + 32) * MIB }
}
