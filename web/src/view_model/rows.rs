//! Rows: which of very many rows are drawn, and moving among them.

/// The height of a row in pixels, as the style sheet has it.
pub const ROW_PIXELS: u32 = 36;

/// Rows drawn above and below what is seen.
const MARGIN: u64 = 6;

/// The tallest thing that browsers lay out without losing places.
const PIXELS_MAX: u64 = 16_000_000;

/// Very many rows behind a window of some pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// How many there are.
    pub count: u64,
    /// How far the window is from the top, in pixels.
    pub scrolled: u64,
    /// How tall the window is, in pixels.
    pub height: u64,
}

/// Where to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leap {
    /// A row up.
    Up,
    /// A row down.
    Down,
    /// A window up.
    PageUp,
    /// A window down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl Rows {
    /// How tall all rows are together; beyond a bound they share their pixels.
    pub fn pixels(self) -> u64 {
        self.count.saturating_mul(u64::from(ROW_PIXELS)).min(PIXELS_MAX)
    }

    /// Rows that the window holds whole.
    pub fn page(self) -> u64 {
        (self.height / u64::from(ROW_PIXELS)).max(1)
    }

    /// The row at the top of the window.
    fn top(self) -> u64 {
        let (rows, travel) = self.travel();
        let at = u128::from(self.scrolled.min(travel)) * u128::from(rows);
        u64::try_from(at / u128::from(travel.max(1))).unwrap_or(0)
    }

    /// How many rows the window passes over in how many pixels.
    fn travel(self) -> (u64, u64) {
        (
            self.count.saturating_sub(self.page()),
            self.pixels().saturating_sub(self.page() * u64::from(ROW_PIXELS)),
        )
    }

    /// The rows to draw: the first, and one past the last.
    pub fn drawn(self) -> (u64, u64) {
        let top = self.top();
        (top.saturating_sub(MARGIN), (top + self.page() + 1 + MARGIN).min(self.count))
    }

    /// Where the first drawn row lies, in pixels from the top of all.
    pub fn offset(self) -> u64 {
        let (top, (first, _)) = (self.top(), self.drawn());
        self.place(top).saturating_sub((top - first) * u64::from(ROW_PIXELS))
    }

    /// How far to scroll so that `row` is the first in the window.
    fn place(self, row: u64) -> u64 {
        let (rows, travel) = self.travel();
        if rows == 0 {
            return 0;
        }
        let at = (u128::from(row.min(rows)) * u128::from(travel)).div_ceil(u128::from(rows));
        u64::try_from(at).unwrap_or(0)
    }

    /// How far to scroll so that `row` is seen; as it is where it is seen.
    pub fn reveal(self, row: u64) -> u64 {
        let (top, page) = (self.top(), self.page());
        if row <= top {
            self.place(row)
        } else if row >= top + page {
            self.place(row + 1 - page)
        } else {
            self.scrolled
        }
    }

    /// The row that a leap from `row` ends at.
    pub fn leap(self, row: u64, to: Leap) -> u64 {
        let last = self.count.saturating_sub(1);
        match to {
            Leap::Up => row.saturating_sub(1),
            Leap::Down => (row + 1).min(last),
            Leap::PageUp => row.saturating_sub(self.page()),
            Leap::PageDown => (row + self.page()).min(last),
            Leap::First => 0,
            Leap::Last => last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: u64, scrolled: u64) -> Rows {
        Rows { count, scrolled, height: 360 }
    }

    #[test]
    fn only_what_is_seen_and_a_margin_is_drawn() {
        assert_eq!(rows(100_000, 0).drawn(), (0, 17));
        assert_eq!(rows(100_000, 36_000).drawn(), (994, 1017));
        assert_eq!(rows(100_000, u64::MAX).drawn(), (99_984, 100_000));
        assert_eq!(rows(3, 0).drawn(), (0, 3));
        assert_eq!(rows(0, 0).drawn(), (0, 0));
    }

    #[test]
    fn every_row_can_be_reached_and_is_then_drawn() {
        for count in [1, 9, 10, 11, 100_000, 10_000_000] {
            let all = rows(count, 0);
            for row in [0, count / 3, count / 2, count - 1] {
                let seen = Rows { scrolled: all.reveal(row), ..all };
                let (first, past) = seen.drawn();
                assert!(first <= row && row < past, "{row} of {count}: {first}..{past}");
                assert!(seen.offset() + (past - first) * u64::from(ROW_PIXELS) <= all.pixels() + 7 * 36);
            }
        }
    }

    #[test]
    fn leaps_end_at_the_ends() {
        let all = rows(100, 0);
        assert_eq!(all.leap(0, Leap::Up), 0);
        assert_eq!(all.leap(95, Leap::PageDown), 99);
        assert_eq!(all.leap(50, Leap::PageUp), 40);
        assert_eq!(all.leap(3, Leap::Last), 99);
        assert_eq!(rows(0, 0).leap(0, Leap::Down), 0);
        assert_eq!(rows(0, 0).leap(0, Leap::Last), 0);
    }

    #[test]
    fn a_row_that_is_seen_needs_no_scrolling() {
        assert_eq!(rows(100, 72).reveal(5), 72);
        assert_eq!(rows(100, 72).reveal(0), 0);
        assert_eq!(rows(100, 0).reveal(10), 36);
    }
}
