//! Heat: the cells of a heat map, and moving and zooming in it.

use super::map::{Map, State};

/// Cells in a row.
pub const COLUMNS: u64 = 64;

/// Rows at most.
pub const ROWS_MAX: u64 = 24;

/// One cell: some blocks together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its first block.
    pub from: u64,
    /// How many blocks.
    pub count: u64,
    /// What most of them are; of equals, what holds more.
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
        Window { blocks, from: 0, count: blocks, at: 0 }
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
        self.count.div_ceil(COLUMNS * ROWS_MAX).max(1)
    }

    /// How many cells there are.
    pub fn cells(self) -> u64 {
        self.count.div_ceil(self.step())
    }

    /// How many rows that makes.
    pub fn rows(self) -> u64 {
        self.cells().div_ceil(COLUMNS).max(1)
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
            Step::Up => self.at.saturating_sub(step * COLUMNS),
            Step::Down => self.at.saturating_add(step * COLUMNS).min(last),
            Step::First => 0,
            Step::Last => last,
        };
        Window { at, ..self }.follow()
    }

    /// A quarter of what is seen, around the pointer.
    #[must_use]
    pub fn closer(self) -> Window {
        self.zoomed((self.count / 4).max(COLUMNS.min(self.blocks)))
    }

    /// Four times what is seen.
    #[must_use]
    pub fn wider(self) -> Window {
        self.zoomed(self.count.saturating_mul(4))
    }

    /// All of it.
    #[must_use]
    pub fn all(self) -> Window {
        Window { at: self.at, ..Window::whole(self.blocks) }
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
    let most = counts.iter().max_by_key(|(state, count)| (*count, *state));
    let state = most.map_or(State::Absent, |(state, _)| *state);
    Cell { from, count: past - from, state, is_mixed: counts.len() > 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_maps_show_every_block_and_large_ones_share_cells() {
        assert_eq!(Window::whole(10).step(), 1);
        assert_eq!(Window::whole(COLUMNS * ROWS_MAX).step(), 1);
        assert_eq!(Window::whole(COLUMNS * ROWS_MAX + 1).step(), 2);
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
        assert_eq!(window.past() - window.from(), COLUMNS);
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
    fn a_map_of_no_blocks_has_no_cells() {
        let window = Window::whole(0);
        assert_eq!(cells(&Map::new(1), window.moved(Step::Down).closer().wider()), []);
    }
}
