//! Pattern: what looking into disks told of them, short enough for an address.
//!
//! So the simulator, a program of its own, is told of a person's disks:
//! sizes, where they hold something, how much of it repeats, how much changes
//! in a day. No name and no content is in it.
//!
//! ```text
//! 67108864~0-12.20-3~5~2097152_1073741824~0-512~~
//! ```
//!
//! Two disks: bytes, runs as first block and count, thousandths that repeat,
//! bytes that changed; the last two may be unknown. In plain numbers, so that
//! the page without the simulator needs neither hash nor codec for it.

use std::fmt::Write as _;

use vhault_core::sim::BLOCK_BYTES;

use crate::measure::{Measured, VAULT_CHUNK_BYTES};
use crate::view_model::disk::Disk;
use crate::view_model::map::{Map, State};

/// How many runs of a disk are told at most; where there are more, those with little between them are told as one.
pub const RUNS_MAX: usize = 32;
/// How many disks there are at most: as many as a machine can have.
pub const DISKS_MAX: usize = 17;
/// What changes in a day where nobody compared, in thousandths of what is held.
pub const CHANGE_PER_MILLE: u64 = 20;

/// The longest text that is read.
const CHARACTERS_MAX: usize = 16 << 10;
/// The largest disk that is told of, in bytes: the largest that the simulation makes, in whole blocks.
pub(crate) const DISK_BYTES_MAX: u64 = 65_536_000_000_000 / BLOCK_BYTES * BLOCK_BYTES;

/// Blocks of [`BLOCK_BYTES`] that follow each other: the first, and how many.
pub type Range = (u32, u32);

/// One disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskPattern {
    /// Its size.
    pub disk_bytes: u64,
    /// Where it holds something, in order.
    pub runs: Vec<Range>,
    /// How much of that repeats something else of it, in thousandths; none where nobody read it.
    pub repeats_per_mille: Option<u16>,
    /// What a copy found changed since an earlier image of it, in bytes; none where nobody compared.
    pub changed_bytes: Option<u64>,
}

/// What reading all of a disk told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    runs: Vec<Range>,
    repeats_per_mille: u16,
}

/// Text is no pattern: cut, changed, or of disks that there could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address tells of no disks that there could be")]
pub struct NoPattern;

impl Reading {
    /// What of it a pattern tells.
    pub fn of(measured: &Measured) -> Reading {
        let held = measured.map.runs().iter().filter(|run| run.state != State::Zero);
        let held = held.map(|run| blocks(&measured.map, run.from, run.count)).collect();
        let chunks = measured.chunks.iter().find(|count| count.chunk_bytes == VAULT_CHUNK_BYTES);
        let repeats = chunks.map_or(0, |count| {
            let repeated = count.with_data.saturating_sub(count.unique);
            (repeated * 1_000).checked_div(count.with_data).unwrap_or(0)
        });
        Reading { runs: few(joined(held)), repeats_per_mille: u16::try_from(repeats).unwrap_or(1_000) }
    }
}

impl DiskPattern {
    /// What is known of a disk: from its tables, from reading it, and from comparing it with an earlier image.
    pub fn of(disk: &Disk, reading: Option<&Reading>, changed_bytes: Option<u64>) -> DiskPattern {
        let of_tables = || {
            let maps = disk.images.iter().map(|image| &image.map);
            let held = maps.flat_map(|map| {
                let runs = map.runs().iter();
                let runs =
                    runs.filter(|run| matches!(run.state, State::Whole | State::Partial | State::Damaged));
                runs.map(|run| blocks(map, run.from, run.count))
            });
            few(joined(held.collect()))
        };
        DiskPattern {
            disk_bytes: disk.disk_bytes,
            runs: reading.map_or_else(of_tables, |reading| reading.runs.clone()),
            repeats_per_mille: reading.map(|reading| reading.repeats_per_mille),
            changed_bytes,
        }
    }

    /// How much it holds, in whole blocks.
    pub fn held_bytes(&self) -> u64 {
        self.runs.iter().map(|(_, count)| u64::from(*count) * BLOCK_BYTES).sum()
    }

    /// What changes in a day: as it was found, or as it is assumed.
    pub fn change_bytes_per_day(&self) -> u64 {
        self.changed_bytes.unwrap_or(self.held_bytes() / 1_000 * CHANGE_PER_MILLE)
    }

    fn could_be(&self) -> bool {
        let blocks = u32::try_from(self.disk_bytes.div_ceil(BLOCK_BYTES)).unwrap_or(u32::MAX);
        let ends = self.runs.iter().map(|(start, count)| start.checked_add(*count).filter(|_| *count > 0));
        let mut past = Some(0);
        for ((start, _), end) in self.runs.iter().zip(ends) {
            past = past.filter(|past| start >= past).and(end);
        }
        (1..=DISK_BYTES_MAX).contains(&self.disk_bytes)
            && self.runs.len() <= RUNS_MAX
            && past.is_some_and(|past| past <= blocks)
            && self.repeats_per_mille.is_none_or(|repeats| repeats <= 1_000)
    }
}

/// Disks as text for an address.
pub fn write(disks: &[DiskPattern]) -> String {
    let mut text = String::new();
    for (place, disk) in disks.iter().enumerate() {
        let _ = write!(text, "{}{}~", if place > 0 { "_" } else { "" }, disk.disk_bytes);
        for (place, (start, count)) in disk.runs.iter().enumerate() {
            let _ = write!(text, "{}{start}-{count}", if place > 0 { "." } else { "" });
        }
        text.push('~');
        let _ = disk.repeats_per_mille.map(|repeats| write!(text, "{repeats}"));
        text.push('~');
        let _ = disk.changed_bytes.map(|changed| write!(text, "{changed}"));
    }
    text
}

/// Reads what [`write`] wrote.
///
/// # Errors
///
/// [`NoPattern`].
pub fn read(text: &str) -> Result<Vec<DiskPattern>, NoPattern> {
    if text.len() > CHARACTERS_MAX {
        return Err(NoPattern);
    }
    let disks: Vec<DiskPattern> = text.split('_').map(one).collect::<Option<_>>().ok_or(NoPattern)?;
    let is_sound = disks.len() <= DISKS_MAX && disks.iter().all(DiskPattern::could_be);
    if is_sound { Ok(disks) } else { Err(NoPattern) }
}

fn one(text: &str) -> Option<DiskPattern> {
    let mut fields = text.split('~');
    let disk_bytes = fields.next()?.parse().ok()?;
    let runs = fields.next()?.split('.').filter(|run| !run.is_empty());
    let range = |run: &str| {
        let (start, count) = run.split_once('-')?;
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let runs = runs.map(range).collect::<Option<_>>()?;
    let repeats_per_mille = some(fields.next()?)?;
    let changed_bytes = some(fields.next()?)?;
    fields.next().is_none().then_some(DiskPattern { disk_bytes, runs, repeats_per_mille, changed_bytes })
}

/// A number that may be left out.
fn some<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

/// `count` blocks of a map from `from` on, as blocks of a pattern that they touch: the first, and the one past the last.
fn blocks(map: &Map, from: u64, count: u64) -> (u32, u32) {
    let first = from * map.block_bytes / BLOCK_BYTES;
    let past = ((from + count) * map.block_bytes).div_ceil(BLOCK_BYTES);
    (u32::try_from(first).unwrap_or(u32::MAX), u32::try_from(past).unwrap_or(u32::MAX))
}

/// Firsts and pasts in any order, as ranges in order that do not touch.
fn joined(mut held: Vec<(u32, u32)>) -> Vec<Range> {
    held.sort_unstable();
    let mut ranges: Vec<Range> = Vec::new();
    for (first, past) in held {
        match ranges.last_mut() {
            Some((start, count)) if first <= *start + *count => *count = (*count).max(past - *start),
            _ => ranges.push((first, past - first)),
        }
    }
    ranges
}

/// At most [`RUNS_MAX`] ranges that hold as much: those with the smallest holes between them become one, without the holes.
fn few(ranges: Vec<Range>) -> Vec<Range> {
    if ranges.len() <= RUNS_MAX {
        return ranges;
    }
    let hole = |place: usize| ranges[place].0 - (ranges[place - 1].0 + ranges[place - 1].1);
    let mut begins: Vec<usize> = (1..ranges.len()).collect();
    begins.sort_by_key(|place| std::cmp::Reverse(hole(*place)));
    begins.truncate(RUNS_MAX - 1);
    begins.push(0);
    begins.sort_unstable();
    let ends = begins.iter().skip(1).copied().chain([ranges.len()]);
    let groups = begins.iter().zip(ends).map(|(begin, end)| &ranges[*begin..end]);
    groups.map(|group| (group[0].0, group.iter().map(|(_, count)| count).sum())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(disk_bytes: u64, runs: &[Range]) -> DiskPattern {
        DiskPattern { disk_bytes, runs: runs.to_vec(), repeats_per_mille: Some(5), changed_bytes: None }
    }

    #[test]
    fn disks_come_back_from_their_address_and_garbage_does_not() {
        let disks = vec![
            disk(10 << 30, &[(0, 7), (9, 1)]),
            DiskPattern { repeats_per_mille: None, changed_bytes: Some(12), ..disk(1, &[]) },
        ];
        let text = write(&disks);
        assert_eq!(text, "10737418240~0-7.9-1~5~_1~~~12");
        assert_eq!(read(&text).unwrap(), disks);
        for garbage in
            ["", "%", "1", "1~", "1~~", "1~0~~", "1~0-~~", "1~0-1~x~", "1~0-1~~-5", "1~~~~", "_1~~~", "1~~~_"]
        {
            assert_eq!(read(garbage), Err(NoPattern), "{garbage}");
        }
        assert_eq!(read(&"1".repeat(CHARACTERS_MAX + 1)), Err(NoPattern));
    }

    #[test]
    fn disks_that_cannot_be_are_refused() {
        let impossible = [
            disk(0, &[]),
            disk(DISK_BYTES_MAX + 1, &[]),
            disk(4 << 20, &[(1, 2)]),
            disk(1 << 40, &[(0, 2), (1, 2)]),
            disk(1 << 40, &[(5, 0)]),
            disk(1 << 40, &[(u32::MAX, 2)]),
            disk(1 << 40, &[(0, 1); RUNS_MAX + 1]),
            DiskPattern { repeats_per_mille: Some(1_001), ..disk(1 << 40, &[]) },
        ];
        for disk in impossible {
            assert_eq!(read(&write(std::slice::from_ref(&disk))), Err(NoPattern), "{disk:?}");
        }
        assert_eq!(read(&write(&[])), Err(NoPattern));
        assert_eq!(read(&write(&vec![disk(1, &[]); DISKS_MAX + 1])), Err(NoPattern));
    }

    #[test]
    fn many_runs_become_few_that_hold_as_much_and_keep_the_largest_holes() {
        let many: Vec<Range> = (0..1_000).map(|place| (place * 10 + place / 500 * 5_000, 3)).collect();
        let ranges = few(many);
        assert_eq!(ranges.len(), RUNS_MAX);
        assert_eq!(ranges.iter().map(|(_, count)| count).sum::<u32>(), 3_000);
        assert!(ranges.iter().any(|(start, _)| *start == 10_000), "{ranges:?}");
        assert!(ranges.windows(2).all(|pair| pair[0].0 + pair[0].1 < pair[1].0), "{ranges:?}");
        assert_eq!(joined(vec![(9, 12), (0, 4), (4, 6), (10, 11)]), [(0, 6), (9, 3)]);
    }

    #[test]
    fn tables_tell_where_something_is_in_any_image_of_a_chain() {
        let mut child = Map::new(512 << 10);
        child.push(State::Absent, 9);
        child.push(State::Partial, 1);
        let mut parent = Map::new(4 << 20);
        parent.push(State::Whole, 1);
        parent.push(State::Empty, 1);
        let held = [&child, &parent].into_iter().flat_map(|map| {
            let runs = map.runs().iter().filter(|run| matches!(run.state, State::Whole | State::Partial));
            runs.map(|run| blocks(map, run.from, run.count))
        });
        assert_eq!(joined(held.collect()), [(0, 3)]);
    }
}
