//! The rolling audit: which part of what a hint called unchanged is read all
//! the same.
//!
//! The chunks of a disk are dealt into [`AUDIT_RUNS`] parts. Each copy that
//! trusts a hint reads one part, the next one the next, so that a round of them
//! has read everything. Where the very same file did not move since its last
//! copy, up to [`AUDIT_SKIPS_MAX`] copies in a row read none, and the round
//! stands still. A copy without a hint reads everything, which is a round.

use crate::vault::point::Audit;

/// In so many copies that audit, everything that hints called unchanged is read once.
pub const AUDIT_RUNS: u64 = 8;

/// So many copies in a row may read no part of a file that is the very same.
pub const AUDIT_SKIPS_MAX: u8 = 3;

/// What a copy of one disk audits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// There is no hint: everything is read.
    Everything,
    /// This part of what the hint calls unchanged.
    Part(u64),
    /// Nothing: the file is the very same.
    Nothing,
}

impl Turn {
    /// The turn of a copy that trusts a hint, after that of its base.
    pub fn after(base: &Audit, is_same_file: bool) -> Turn {
        if is_same_file && base.skipped_runs < AUDIT_SKIPS_MAX {
            return Turn::Nothing;
        }
        Turn::Part(u64::from(base.parts_read) % AUDIT_RUNS)
    }

    /// Which part is read.
    pub fn part(self) -> Option<u64> {
        match self {
            Turn::Part(part) => Some(part),
            Turn::Everything | Turn::Nothing => None,
        }
    }

    /// What is recorded after it.
    pub fn recorded(self, base: Option<&Audit>) -> Audit {
        let base = base.copied().unwrap_or_default();
        match self {
            Turn::Everything => Audit { parts_read: whole(), ..Audit::default() },
            Turn::Part(part) => {
                Audit { parts_read: u8::try_from(part + 1).unwrap_or(whole()), ..Audit::default() }
            }
            Turn::Nothing => Audit {
                parts_read: base.parts_read,
                skipped_runs: base.skipped_runs.saturating_add(1),
                ..Audit::default()
            },
        }
    }
}

fn whole() -> u8 {
    u8::try_from(AUDIT_RUNS).expect("there are fewer than 256 parts")
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn every_part_is_read_once_in_a_round_and_rounds_follow_each_other() {
        let mut audit = Turn::Everything.recorded(None);
        assert_eq!(u64::from(audit.parts_read), AUDIT_RUNS);
        let parts: Vec<u64> = (0..3 * AUDIT_RUNS)
            .map(|_| {
                let turn = Turn::after(&audit, false);
                audit = turn.recorded(Some(&audit));
                turn.part().expect("the file moved")
            })
            .collect();
        for round in parts.chunks(8) {
            assert_eq!(round, [0, 1, 2, 3, 4, 5, 6, 7]);
        }
    }

    #[test]
    fn a_file_that_is_the_same_is_skipped_for_the_stated_number_of_runs_and_no_more() {
        let mut audit = Turn::Everything.recorded(None);
        let mut said = Vec::new();
        for _ in 0..9 {
            let turn = Turn::after(&audit, true);
            let before = audit.parts_read;
            audit = turn.recorded(Some(&audit));
            assert!(turn != Turn::Nothing || audit.parts_read == before, "coverage stands still");
            said.push(turn.part());
        }
        let nothing = [None; 3];
        assert_eq!(said, [&nothing[..], &[Some(0)], &nothing, &[Some(1)], &nothing[..1]].concat());
        // One that moves is audited at once.
        assert_eq!(Turn::after(&Audit::default(), false), Turn::Part(0));
    }
}
