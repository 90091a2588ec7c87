//! Heat: the cells of a heat map, and moving and zooming in it. A narrow
//! screen gets fewer and larger cells, so that a finger can hit one.

use super::map::{Map, State};

/// Cells in a row, where there is room for them.
pub const COLUMNS_MAX: u64 = 64;

/// Cells in a row on the narrowest screen.
const COLUMNS_MIN: u64 = 8;

/// From this width on, in pixels of CSS, a row has [`COLUMNS_MAX`] cells.
const WIDE_PIXELS: u64 = 768;

/// Below it, pixels that a finger needs.
const FINGER_PIXELS: u64 = 24;

/// Rows at most.
pub const ROWS_MAX: u64 = 24;

/// One cell: some blocks together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its first block.
    pub from: u64,
    /// How many blocks.
    pub count: u64,
    /// Damaged where any of them is; else what most of them are, and of
    /// equals what holds more.
    pub state: State,
    /// Whether some are otherwise.
    pub is_mixed: bool,
}

/// What is seen of a map, and which block is pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Blocks of the whole map.
    blocks: u64,
    /// The first block that is seen.
    from: u64,
    /// How many are seen.
    count: u64,
    /// The block pointed at.
    at: u64,
    /// Cells in a row.
    columns: u64,
}

/// Where to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A cell back.
    Left,
    /// A cell on.
    Right,
    /// A row back.
    Up,
    /// A row on.
    Down,
    /// To the first block.
    First,
    /// To the last block.
    Last,
}

impl Window {
    /// All of a map of `blocks` blocks.
    pub fn whole(blocks: u64) -> Window {
        Window { blocks, from: 0, count: blocks, at: 0, columns: COLUMNS_MAX }
    }

    /// The same, on a canvas of so many pixels of CSS.
    #[must_use]
    pub fn fitted(self, width: u64) -> Window {
        let columns = if width >= WIDE_PIXELS { COLUMNS_MAX } else { width / FINGER_PIXELS / 4 * 4 };
        Window { columns: columns.clamp(COLUMNS_MIN, COLUMNS_MAX), ..self }
    }

    /// Cells in a row.
    pub fn columns(self) -> u64 {
        self.columns
    }

    /// The first block that is seen.
    pub fn from(self) -> u64 {
        self.from
    }

    /// One past the last block that is seen.
    pub fn past(self) -> u64 {
        self.from + self.count
    }

    /// The block pointed at.
    pub fn at(self) -> u64 {
        self.at
    }

    /// Blocks in a cell.
    pub fn step(self) -> u64 {
        self.count.div_ceil(self.columns * ROWS_MAX).max(1)
    }

    /// How many cells there are.
    pub fn cells(self) -> u64 {
        self.count.div_ceil(self.step())
    }

    /// How many rows that makes.
    pub fn rows(self) -> u64 {
        self.cells().div_ceil(self.columns).max(1)
    }

    /// The cell that has the block pointed at.
    pub fn cell(self) -> u64 {
        self.at.saturating_sub(self.from) / self.step()
    }

    /// The same window, pointing at the cell `cell`.
    #[must_use]
    pub fn point(self, cell: u64) -> Window {
        let cell = cell.min(self.cells().saturating_sub(1));
        Window { at: self.from + cell * self.step(), ..self }
    }

    /// The same window with the pointer moved; it moves along at its edges.
    #[must_use]
    pub fn moved(self, to: Step) -> Window {
        let step = self.step();
        let last = self.blocks.saturating_sub(1);
        let at = match to {
            Step::Left => self.at.saturating_sub(step),
            Step::Right => self.at.saturating_add(step).min(last),
            Step::Up => self.at.saturating_sub(step * self.columns),
            Step::Down => self.at.saturating_add(step * self.columns).min(last),
            Step::First => 0,
            Step::Last => last,
        };
        Window { at, ..self }.follow()
    }

    /// A quarter of what is seen, around the pointer.
    #[must_use]
    pub fn closer(self) -> Window {
        self.zoomed((self.count / 4).max(self.columns.min(self.blocks)))
    }

    /// Four times what is seen.
    #[must_use]
    pub fn wider(self) -> Window {
        self.zoomed(self.count.saturating_mul(4))
    }

    /// All of it.
    #[must_use]
    pub fn all(self) -> Window {
        Window { at: self.at, columns: self.columns, ..Window::whole(self.blocks) }
    }

    fn zoomed(self, count: u64) -> Window {
        let count = count.min(self.blocks);
        let from = self.at.saturating_sub(count / 2).min(self.blocks - count);
        Window { from, count, ..self }
    }

    fn follow(self) -> Window {
        if self.at >= self.from && self.at < self.past() {
            return self;
        }
        self.zoomed(self.count)
    }
}

/// The cells that a window shows.
pub fn cells(map: &Map, window: Window) -> Vec<Cell> {
    let step = window.step();
    (0..window.cells())
        .map(|index| {
            let from = window.from() + index * step;
            cell(map, from, (from + step).min(window.past()))
        })
        .collect()
}

/// The cell that covers `from..past`.
pub fn cell(map: &Map, from: u64, past: u64) -> Cell {
    let mut counts: Vec<(State, u64)> = Vec::new();
    for run in map.within(from, past) {
        match counts.iter_mut().find(|(state, _)| *state == run.state) {
            Some((_, count)) => *count += run.count,
            None => counts.push((run.state, run.count)),
        }
    }
    // One damaged block in thousands must not vanish.
    let most = counts.iter().max_by_key(|(state, count)| (*state == State::Damaged, *count, *state));
    let state = most.map_or(State::Absent, |(state, _)| *state);
    Cell { from, count: past - from, state, is_mixed: counts.len() > 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_maps_show_every_block_and_large_ones_share_cells() {
        assert_eq!(Window::whole(10).step(), 1);
        assert_eq!(Window::whole(COLUMNS_MAX * ROWS_MAX).step(), 1);
        assert_eq!(Window::whole(COLUMNS_MAX * ROWS_MAX + 1).step(), 2);
        assert_eq!(Window::whole(1 << 19).rows(), ROWS_MAX);
    }

    #[test]
    fn the_pointer_stays_on_the_map_and_the_window_follows_it() {
        let window = Window::whole(100_000).closer().closer();
        assert_eq!(window.moved(Step::Left).at(), 0);
        let end = window.moved(Step::Last);
        assert_eq!((end.at(), end.past()), (99_999, 100_000));
        assert_eq!(end.moved(Step::Right), end);
        assert_eq!(end.all().past() - end.all().from(), 100_000);
    }

    #[test]
    fn zooming_ends_at_one_row_and_at_the_whole() {
        let mut window = Window::whole(1 << 16);
        for _ in 0..20 {
            window = window.closer();
        }
        assert_eq!(window.past() - window.from(), COLUMNS_MAX);
        for _ in 0..20 {
            window = window.wider();
        }
        assert_eq!(window, Window::whole(1 << 16));
    }

    #[test]
    fn a_cell_is_what_most_of_its_blocks_are_and_says_when_it_is_mixed() {
        let mut map = Map::new(1);
        map.push(State::Whole, 3);
        map.push(State::Absent, 2);
        let mixed = cell(&map, 0, 5);
        assert_eq!((mixed.state, mixed.is_mixed), (State::Whole, true));
        let tie = cell(&map, 1, 5);
        assert_eq!(tie.state, State::Whole);
        assert!(!cell(&map, 3, 5).is_mixed);
    }

    #[test]
    fn a_damaged_block_shows_among_thousands() {
        let mut map = Map::new(1);
        map.push(State::Whole, 5_000);
        map.push(State::Damaged, 1);
        map.push(State::Absent, 5_000);
        let damaged = cells(&map, Window::whole(map.blocks()));
        assert_eq!(damaged.iter().filter(|cell| cell.state == State::Damaged && cell.is_mixed).count(), 1);
    }

    /// 24 pixels of CSS are what the guidelines for targets ask for.
    #[test]
    fn cells_of_a_narrow_screen_are_as_large_as_a_finger_needs() {
        for width in [200, 280, 326, 500, 700, 767] {
            let window = Window::whole(100_000).fitted(width);
            assert!(
                width / window.columns() >= 24 && window.cells() <= window.columns() * ROWS_MAX,
                "{width}"
            );
        }
        assert_eq!(Window::whole(9).fitted(768).columns(), COLUMNS_MAX);
        assert_eq!(Window::whole(9).fitted(0).columns(), 8);
        let moved = Window::whole(100_000).closer().moved(Step::Last);
        assert_eq!(moved.fitted(326).at(), moved.at());
    }

    #[test]
    fn a_map_of_no_blocks_has_no_cells() {
        let window = Window::whole(0);
        assert_eq!(cells(&Map::new(1), window.moved(Step::Down).closer().wider()), []);
    }
}
