//! Files that are not VHDs: what they are, and how to get a VHD out of them.

use core::fmt;

/// A format known by its own signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// Hyper-V's newer format.
    Vhdx,
    /// QEMU's own format.
    Qcow,
    /// VMware's sparse format or its text description.
    Vmdk,
    /// VirtualBox's own format.
    Vdi,
    /// An optical disc.
    Iso,
    /// A compressed file or an archive, by its usual name.
    Packed(&'static str),
    /// A disk without a container: it begins with a boot sector, a partition
    /// table or a file system.
    RawDisk,
    /// Readable text.
    Text,
}

/// Bytes at the start of a file that are enough to know it.
pub const FOREIGN_HEAD_BYTES: usize = 2048;

/// Where an optical disc has its signature.
pub(crate) const ISO_MARK_AT: u64 = 32_769;

impl Foreign {
    /// Names what begins with `head`, if its signature is known; a shorter
    /// head only knows less.
    pub fn recognise(head: &[u8]) -> Option<Foreign> {
        let has = |at: usize, mark: &[u8]| head.get(at..).is_some_and(|tail| tail.starts_with(mark));
        if has(0, b"vhdxfile") {
            return Some(Foreign::Vhdx);
        }
        if has(0, b"QFI\xfb") {
            return Some(Foreign::Qcow);
        }
        if has(0, b"KDMV") || has(0, b"COWD") || has(0, b"# Disk DescriptorFile") {
            return Some(Foreign::Vmdk);
        }
        if has(64, b"\x7f\x10\xda\xbe") {
            return Some(Foreign::Vdi);
        }
        let packed = PACKED.iter().find(|(mark, _)| has(0, mark));
        if let Some((_, name)) = packed {
            return Some(Foreign::Packed(name));
        }
        if has(510, b"\x55\xaa") || has(512, b"EFI PART") || has(1080, b"\x53\xef") {
            return Some(Foreign::RawDisk);
        }
        is_text(head).then_some(Foreign::Text)
    }

    /// What to do instead, as the end of a sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Foreign::Vhdx => {
                "convert it first, for example with Convert-VHD or `qemu-img convert -f vhdx -O raw`"
            }
            Foreign::Qcow => "convert it first, for example with `qemu-img convert -f qcow2 -O raw`",
            Foreign::Vmdk => "convert it first, for example with `qemu-img convert -f vmdk -O raw`",
            Foreign::Vdi => "convert it first, for example with `qemu-img convert -f vdi -O raw`",
            Foreign::Iso => "an optical disc needs no backup of blocks: keep the file",
            Foreign::Packed(_) => "unpack it first",
            Foreign::RawDisk => "say so with --raw",
            Foreign::Text => "name the image itself",
        }
    }
}

/// Signatures of compressed files and archives.
const PACKED: [(&[u8], &str); 7] = [
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
];

fn is_text(head: &[u8]) -> bool {
    let readable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..=0xff);
    !head.is_empty() && head.iter().all(readable) && utf8_but_for_a_cut_end(head)
}

fn utf8_but_for_a_cut_end(head: &[u8]) -> bool {
    match core::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Foreign::Vhdx => "a VHDX image",
            Foreign::Qcow => "a qcow2 image",
            Foreign::Vmdk => "a VMDK image",
            Foreign::Vdi => "a VDI image",
            Foreign::Iso => "an ISO image",
            Foreign::Packed(name) => name,
            Foreign::RawDisk => "a raw disk",
            Foreign::Text => "a text file",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;
    use alloc::vec;

    #[test]
    fn other_formats_are_called_by_their_names() {
        assert_eq!(Foreign::recognise(b"vhdxfile\0\0"), Some(Foreign::Vhdx));
        assert_eq!(Foreign::recognise(b"QFI\xfb\0\0\0\x03"), Some(Foreign::Qcow));
        assert_eq!(Foreign::recognise(b"\x1f\x8b\x08"), Some(Foreign::Packed("a gzip file")));
        assert_eq!(Foreign::recognise("héllo\n".as_bytes()), Some(Foreign::Text));
    }

    #[test]
    fn each_signature_of_a_format_is_enough() {
        for head in [&b"KDMV\0"[..], b"COWD\0", b"# Disk DescriptorFile\nversion=1"] {
            assert_eq!(Foreign::recognise(head), Some(Foreign::Vmdk));
        }
        for (at, mark) in [(510, &b"\x55\xaa"[..]), (512, b"EFI PART"), (1_080, b"\x53\xef")] {
            let mut head = vec![0; FOREIGN_HEAD_BYTES];
            head[at..at + mark.len()].copy_from_slice(mark);
            assert_eq!(Foreign::recognise(&head), Some(Foreign::RawDisk), "byte {at}");
        }
        let mut head = vec![0; FOREIGN_HEAD_BYTES];
        head[64..68].copy_from_slice(b"\x7f\x10\xda\xbe");
        assert_eq!(Foreign::recognise(&head), Some(Foreign::Vdi));
    }

    #[test]
    fn each_format_has_a_name_and_a_way_out() {
        assert_eq!(Foreign::Vmdk.to_string(), "a VMDK image");
        assert_eq!(Foreign::Packed("a gzip file").to_string(), "a gzip file");
        assert!(Foreign::Vmdk.advice().contains("qemu-img convert -f vmdk"));
        assert_eq!(Foreign::RawDisk.advice(), "say so with --raw");
    }

    #[test]
    fn a_boot_sector_means_a_raw_disk() {
        let mut head = vec![0; 512];
        assert_eq!(Foreign::recognise(&head), None);
        head[510..].copy_from_slice(b"\x55\xaa");
        assert_eq!(Foreign::recognise(&head), Some(Foreign::RawDisk));
    }

    #[test]
    fn text_cut_inside_a_character_is_still_text() {
        assert_eq!(Foreign::recognise(&"é".as_bytes()[..1]), Some(Foreign::Text));
        assert_eq!(Foreign::recognise(b"a\xffb"), None);
    }
}
