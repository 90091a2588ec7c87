//! Which sectors differ, counted without vhault.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use vhault_benches::program::{Outcome, While};

use crate::say::{self, Tone};

const SECTOR_BYTES: usize = 512;
/// Cells of a map on a terminal, label and share beside it.
const TERMINAL_CELLS: usize = 56;

/// How one disk differs between two days.
pub(crate) struct Change {
    sectors: u64,
    changed: Vec<u64>,
    used: Vec<bool>,
}

/// What a cell of the map holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Zeroes on both days.
    Empty,
    /// Data, the same on both days.
    Same,
    /// A little of it changed.
    Some,
    /// A tenth of it or more changed.
    Much,
}

/// Reads two raw images side by side.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn compare(before: &Path, after: &Path) -> Outcome<Change> {
    let open = |path: &Path| File::open(path).while_doing(|| format!("cannot open {}", path.display()));
    let (mut one, mut two) = (open(before)?, open(after)?);
    let mut change = Change { sectors: 0, changed: Vec::new(), used: Vec::new() };
    let (mut ours, mut theirs) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        let read = fill(&mut one, &mut ours).while_doing(|| format!("cannot read {}", before.display()))?;
        fill(&mut two, &mut theirs).while_doing(|| format!("cannot read {}", after.display()))?;
        let pairs = ours[..read].chunks(SECTOR_BYTES).zip(theirs[..read].chunks(SECTOR_BYTES));
        for (mine, other) in pairs {
            if mine != other {
                change.changed.push(change.sectors);
            }
            change.used.push(other.iter().any(|byte| *byte != 0));
            change.sectors += 1;
        }
        if read < ours.len() {
            return Ok(change);
        }
    }
}

fn fill(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

impl Change {
    /// Sectors that differ.
    pub(crate) fn changed_sectors(&self) -> u64 {
        self.changed.len() as u64
    }

    /// Bytes that lie in sectors that differ.
    pub(crate) fn changed_bytes(&self) -> u64 {
        self.changed_sectors() * SECTOR_BYTES as u64
    }

    /// Bytes of the disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.sectors * SECTOR_BYTES as u64
    }

    /// The first sector that differs and lies in none of the extents, each
    /// given as first sector and count.
    pub(crate) fn first_outside(&self, extents: &[(u64, u64)]) -> Option<u64> {
        let mut sorted = extents.to_vec();
        sorted.sort_unstable();
        let mut rest = sorted.iter().peekable();
        self.changed.iter().copied().find(|sector| {
            while rest.next_if(|(start, count)| start + count <= *sector).is_some() {}
            rest.peek().is_none_or(|(start, _)| start > sector)
        })
    }

    /// The disk from its first sector to its last, in `count` cells at most.
    pub(crate) fn cells(&self, count: usize) -> Vec<Cell> {
        let width = self.used.len().div_ceil(count).max(1);
        let mut changed = vec![0_usize; count];
        for sector in &self.changed {
            let at = usize::try_from(*sector).unwrap_or(usize::MAX) / width;
            if let Some(count) = changed.get_mut(at) {
                *count += 1;
            }
        }
        let used = self.used.chunks(width);
        used.zip(changed)
            .map(|(sectors, changed)| match changed {
                0 if sectors.contains(&true) => Cell::Same,
                0 => Cell::Empty,
                count if count * 10 < sectors.len() => Cell::Some,
                _ => Cell::Much,
            })
            .collect()
    }

    /// The cells as one line of text, and the share that changed.
    pub(crate) fn strip(&self) -> String {
        let mut text = String::new();
        for cell in self.cells(TERMINAL_CELLS) {
            text.push_str(&match cell {
                Cell::Empty => say::toned(Tone::Faint, "·"),
                Cell::Same => say::toned(Tone::Faint, "░"),
                Cell::Some => say::toned(Tone::Warn, "▒"),
                Cell::Much => say::toned(Tone::Warn, "█"),
            });
        }
        format!("{text}  {} changed", say::share(self.changed_bytes(), self.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::Change;

    #[test]
    fn a_changed_sector_outside_every_extent_is_found() {
        let change = Change { sectors: 100, changed: vec![3, 4, 50, 99], used: vec![true; 100] };
        assert_eq!(change.first_outside(&[(48, 4), (0, 8), (99, 1)]), None);
        assert_eq!(change.first_outside(&[(0, 4), (48, 4), (99, 1)]), Some(4));
        assert_eq!(change.first_outside(&[(0, 8), (48, 4)]), Some(99));
        assert_eq!(change.first_outside(&[]), Some(3));
    }
}
