//! Belief: which of the two footers counts.
//!
//! The footer at the end counts. Where it is gone or its checksum is wrong,
//! the copy at the start counts, and that is a finding. Where neither holds,
//! the caller must have said that wrong checksums are acceptable. Where there
//! is no footer at all, the file is named by its own signature.
//! Format: `docs/vhd.md`, "Which footer counts".

use alloc::vec;

use super::error::{OpenError, VhdError};
use super::finding::{Finding, FooterPlace};
use super::footer::{DiskType, FOOTER_BYTES, Footer, SHORT_FOOTER_BYTES};
use super::foreign::{FOREIGN_HEAD_BYTES, Foreign, ISO_MARK_AT};
use super::header::HEADER_BYTES;
use super::open::{Leniency, Opening};
use crate::read::ReadAt;
use crate::units::{FileOffset, SECTOR_BYTES};

/// The footer to believe, and where disk data must end.
pub(super) struct Believed {
    pub(super) footer: Footer,
    pub(super) end: FileOffset,
    pub(super) head_is_footer: bool,
}

/// The copy at the start, decoded and as it is stored.
type HeadFooter = (Footer, [u8; FOOTER_BYTES]);

impl<S: ReadAt> Opening<'_, S> {
    pub(super) fn believe(&mut self) -> Result<Believed, OpenError<S::Error>> {
        let size = self.file_bytes();
        if size == 0 {
            return Err(VhdError::Empty.into());
        }
        let tail = self.tail_footer()?;
        let head = self.head_footer()?;
        let head_is_footer = head.is_some();
        let Some((footer, at)) = tail else {
            let Some((head, _)) = head else { return Err(self.name_what_it_is()?.into()) };
            if !head.checksum.holds() {
                self.accept_footer(FooterPlace::Start, &head, 0)?;
            }
            self.findings.push(Finding::FooterMissing { place: FooterPlace::End });
            return Ok(Believed { footer: head, end: FileOffset::new(size), head_is_footer });
        };
        let end = FileOffset::new(at);
        if size - at == SHORT_FOOTER_BYTES as u64 {
            self.findings.push(Finding::ShortFooter);
        }
        if footer.checksum.holds() {
            self.compare_head(&footer, at, head.as_ref())?;
            return Ok(Believed { footer, end, head_is_footer });
        }
        // A fixed disk may begin with a whole VHD of its guest's; its own
        // footer, where the sizes agree, is the better witness.
        let is_fixed = footer.disk_type == DiskType::FIXED && footer.current_size.get() == at;
        match head {
            Some((head, _)) if head.checksum.holds() && !is_fixed => {
                self.findings.push(Finding::bad_footer(FooterPlace::End, &footer));
                Ok(Believed { footer: head, end, head_is_footer })
            }
            _ => {
                self.accept_footer(FooterPlace::End, &footer, at)?;
                Ok(Believed { footer, end, head_is_footer })
            }
        }
    }

    /// The footer at the end and where it begins.
    fn tail_footer(&self) -> Result<Option<(Footer, u64)>, OpenError<S::Error>> {
        let size = self.file_bytes();
        for length in [FOOTER_BYTES, SHORT_FOOTER_BYTES] {
            let is_short = length == SHORT_FOOTER_BYTES;
            let Some(at) = size.checked_sub(length as u64) else { continue };
            if is_short && !at.is_multiple_of(SECTOR_BYTES) {
                continue;
            }
            let mut bytes = [0; FOOTER_BYTES];
            self.read(at, &mut bytes[..length])?;
            if let Some(footer) = Footer::decode(&bytes) {
                return Ok(Some((footer, at)));
            }
        }
        Ok(None)
    }

    /// The copy at the start, where the file can have one: a fixed image has
    /// its disk there.
    fn head_footer(&self) -> Result<Option<HeadFooter>, OpenError<S::Error>> {
        if self.file_bytes() < (FOOTER_BYTES + HEADER_BYTES) as u64 {
            return Ok(None);
        }
        let mut bytes = [0; FOOTER_BYTES];
        self.read(0, &mut bytes)?;
        let is_sparse =
            |footer: &Footer| matches!(footer.disk_type, DiskType::DYNAMIC | DiskType::DIFFERENCING);
        Ok(Footer::decode(&bytes).filter(is_sparse).map(|footer| (footer, bytes)))
    }

    /// Notes what is wrong with the copy at the start of a sound image.
    fn compare_head(
        &mut self,
        footer: &Footer,
        at: u64,
        head: Option<&HeadFooter>,
    ) -> Result<(), OpenError<S::Error>> {
        if footer.disk_type == DiskType::FIXED {
            return Ok(());
        }
        let Some((head, head_bytes)) = head else {
            self.findings.push(Finding::FooterMissing { place: FooterPlace::Start });
            return Ok(());
        };
        if !head.checksum.holds() {
            self.findings.push(Finding::bad_footer(FooterPlace::Start, head));
            return Ok(());
        }
        let length = usize::try_from(self.file_bytes() - at).unwrap_or(FOOTER_BYTES).min(FOOTER_BYTES);
        let mut bytes = [0; FOOTER_BYTES];
        self.read(at, &mut bytes[..length])?;
        if bytes != *head_bytes {
            self.findings.push(Finding::FootersDiffer);
        }
        Ok(())
    }

    fn accept_footer(&mut self, place: FooterPlace, footer: &Footer, at: u64) -> Result<(), VhdError> {
        match self.leniency {
            Leniency::Strict => Err(VhdError::FooterChecksum {
                at: FileOffset::new(at),
                stored: footer.checksum.stored,
                computed: footer.checksum.computed,
            }),
            Leniency::AcceptChecksums => {
                self.findings.push(Finding::bad_footer(place, footer));
                Ok(())
            }
        }
    }

    fn name_what_it_is(&self) -> Result<VhdError, OpenError<S::Error>> {
        let size = self.file_bytes();
        let length = usize::try_from(size).unwrap_or(usize::MAX).min(FOREIGN_HEAD_BYTES);
        let mut head = vec![0; length];
        self.read(0, &mut head)?;
        let mut mark = [0; 5];
        if size >= ISO_MARK_AT + 5 {
            self.read(ISO_MARK_AT, &mut mark)?;
        }
        let found = if mark == *b"CD001" { Some(Foreign::Iso) } else { Foreign::recognise(&head) };
        Ok(match found {
            Some(found) => VhdError::Foreign { found },
            None if size < SHORT_FOOTER_BYTES as u64 => VhdError::TooShort { size: self.source.size() },
            None => VhdError::NoFooter { at: FileOffset::new(size.saturating_sub(SECTOR_BYTES)) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Failing, change_footer, disk, file};
    use super::super::{Image, ImageKind, NewKind};
    use super::*;
    use crate::read::Bytes;
    use crate::units::ByteCount;
    use alloc::vec::Vec;
    use core::convert::Infallible;

    fn dynamic() -> Vec<u8> {
        file(&disk(NewKind::Dynamic, 8_192, 1, None), &[1], 7)
    }

    fn findings(file: &[u8], leniency: Leniency) -> Result<Vec<Finding>, OpenError<Infallible>> {
        Image::open(Bytes(file), leniency).map(|image| {
            let is_usual = |finding: &&Finding| !matches!(finding, Finding::BlockSize { .. });
            image.findings().iter().filter(is_usual).cloned().collect()
        })
    }

    #[test]
    fn a_sound_image_has_no_findings() {
        assert_eq!(findings(&dynamic(), Leniency::Strict), Ok(vec![]));
    }

    #[test]
    fn the_copy_counts_where_the_footer_at_the_end_is_damaged() {
        let mut file = dynamic();
        let end = file.len();
        file[end - 1] ^= 1;
        let found = findings(&file, Leniency::Strict).unwrap();
        assert!(matches!(found[..], [Finding::FooterChecksum { place: FooterPlace::End, .. }]), "{found:?}");
    }

    #[test]
    fn the_copy_counts_where_the_footer_at_the_end_is_gone() {
        let mut file = dynamic();
        file.truncate(file.len() - 512);
        assert_eq!(
            findings(&file, Leniency::Strict),
            Ok(vec![Finding::FooterMissing { place: FooterPlace::End }])
        );
    }

    #[test]
    fn a_damaged_copy_is_a_finding_and_a_different_one_too() {
        let mut file = dynamic();
        file[100] ^= 1;
        let found = findings(&file, Leniency::Strict).unwrap();
        assert!(
            matches!(found[..], [Finding::FooterChecksum { place: FooterPlace::Start, .. }]),
            "{found:?}"
        );
        change_footer(&mut file, 0, |footer| footer.created += 1);
        assert_eq!(findings(&file, Leniency::Strict), Ok(vec![Finding::FootersDiffer]));
    }

    #[test]
    fn two_damaged_footers_are_refused_until_wrong_checksums_are_accepted() {
        let mut file = dynamic();
        let end = file.len();
        file[end - 1] ^= 1;
        file[100] ^= 1;
        let refused = findings(&file, Leniency::Strict).unwrap_err();
        assert!(matches!(refused, OpenError::Format(VhdError::FooterChecksum { .. })), "{refused:?}");
        assert_eq!(findings(&file, Leniency::AcceptChecksums).unwrap().len(), 1);
    }

    #[test]
    fn a_vhd_inside_a_fixed_disk_is_not_taken_for_the_disk() {
        let guest = dynamic();
        let mut file = guest.clone();
        let end = file.len();
        file.extend(
            super::super::testing::file(&disk(NewKind::Fixed, end as u64, 2, None), &[], 0).split_off(end),
        );
        assert_eq!(Image::open(Bytes(&file), Leniency::Strict).unwrap().kind(), ImageKind::Fixed);
        // Damaged, it must not give way to the guest's own footer.
        let last = file.len() - 1;
        file[last] ^= 1;
        let refused = findings(&file, Leniency::Strict).unwrap_err();
        assert!(matches!(refused, OpenError::Format(VhdError::FooterChecksum { .. })), "{refused:?}");
        let image = Image::open(Bytes(&file), Leniency::AcceptChecksums).unwrap();
        assert_eq!((image.kind(), image.size()), (ImageKind::Fixed, ByteCount::new(guest.len() as u64)));
    }

    #[test]
    fn a_footer_of_511_bytes_is_found_only_after_whole_sectors() {
        let mut file = file(&disk(NewKind::Fixed, 1_024, 1, None), &[], 0);
        file.pop();
        assert_eq!(findings(&file, Leniency::Strict), Ok(vec![Finding::ShortFooter]));
        file.insert(0, 0);
        assert!(matches!(
            findings(&file, Leniency::Strict),
            Err(OpenError::Format(VhdError::NoFooter { .. }))
        ));
    }

    #[test]
    fn the_smallest_file_that_can_have_a_copy_is_footer_and_header() {
        // A footer at the start, a header, and nothing else; then a byte less.
        let mut file = dynamic()[..1_536].to_vec();
        let found = Image::open(Bytes(&file), Leniency::Strict).unwrap_err();
        assert!(matches!(found, OpenError::Format(VhdError::TablePastEnd { .. })), "{found:?}");
        file.pop();
        let found = Image::open(Bytes(&file), Leniency::Strict).unwrap_err();
        assert!(matches!(found, OpenError::Format(VhdError::NoFooter { .. })), "{found:?}");
    }

    #[test]
    fn a_file_of_a_disc_is_known_from_the_last_byte_of_its_mark() {
        let mut disc = vec![0; 32_774];
        disc[32_769..].copy_from_slice(b"CD001");
        let refused = findings(&disc, Leniency::Strict).unwrap_err();
        assert_eq!(refused, VhdError::Foreign { found: Foreign::Iso }.into());
    }

    #[test]
    fn nothing_is_read_past_the_end_of_the_file() {
        // A footer of 511 bytes is compared with its copy as far as it goes.
        let mut file = dynamic();
        file.pop();
        let image = Image::open(Failing::new(&file), Leniency::Strict).unwrap();
        assert!(image.findings().contains(&Finding::ShortFooter));
        // Too short for the mark of a disc, by one byte and by five.
        for size in [32_773, 32_769] {
            let refused = Image::open(Failing::new(&vec![0; size]), Leniency::Strict).unwrap_err();
            assert!(matches!(refused, OpenError::Format(VhdError::NoFooter { .. })), "{refused:?}");
        }
    }

    #[test]
    fn from_511_bytes_on_a_footer_is_missed_and_not_a_file() {
        let refused = findings(&[0; 511], Leniency::Strict).unwrap_err();
        assert_eq!(refused, VhdError::NoFooter { at: FileOffset::ZERO }.into());
    }

    #[test]
    fn files_that_are_no_vhd_are_called_what_they_are() {
        let refused = |bytes: &[u8]| findings(bytes, Leniency::AcceptChecksums).unwrap_err();
        assert_eq!(refused(b""), VhdError::Empty.into());
        assert_eq!(refused(&[0; 510]), VhdError::TooShort { size: ByteCount::new(510) }.into());
        assert_eq!(refused(&[0; 512]), VhdError::NoFooter { at: FileOffset::ZERO }.into());
        assert_eq!(refused(b"hello"), VhdError::Foreign { found: Foreign::Text }.into());
        let mut disc = vec![0; 40_000];
        disc[32_769..32_774].copy_from_slice(b"CD001");
        assert_eq!(refused(&disc), VhdError::Foreign { found: Foreign::Iso }.into());
    }
}
