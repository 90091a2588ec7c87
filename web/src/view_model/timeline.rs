//! Timeline: what happened when, in lanes, within a window of time.
//!
//! Times are milliseconds from any beginning; who draws it says which.

use super::tone::Tone;

/// The drawing's width, in its own measure.
pub const WIDTH: u32 = 1000;

/// The height of one lane.
pub const LANE_HEIGHT: u32 = 28;

/// Something that happened. Without length it is a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When it began.
    pub from_ms: u64,
    /// When it ended.
    pub until_ms: u64,
    /// What it means.
    pub tone: Tone,
    /// What it was.
    pub label: String,
}

/// What happened to one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The thing.
    pub name: String,
    /// What happened to it, in order of beginning.
    pub marks: Vec<Mark>,
}

/// The window of time that is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// All there is, from zero.
    whole_ms: u64,
    from_ms: u64,
    length_ms: u64,
}

/// No window is shorter.
const LENGTH_MS_MIN: u64 = 1000;

/// A drawn mark: its place and width on the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Which mark of its lane.
    pub mark: usize,
    /// Where it begins.
    pub x: f64,
    /// How wide it is; wide enough to be seen.
    pub width: f64,
}

/// The least width of a mark.
const MARK_WIDTH_MIN: f64 = 4.0;

impl Span {
    /// All of it.
    pub fn whole(whole_ms: u64) -> Span {
        let whole_ms = whole_ms.max(LENGTH_MS_MIN);
        Span { whole_ms, from_ms: 0, length_ms: whole_ms }
    }

    /// Where the window begins.
    pub fn from_ms(self) -> u64 {
        self.from_ms
    }

    /// Where it ends.
    pub fn until_ms(self) -> u64 {
        self.from_ms + self.length_ms
    }

    /// A quarter of the window, around `at_ms`.
    #[must_use]
    pub fn closer(self, at_ms: u64) -> Span {
        self.of_length((self.length_ms / 4).max(LENGTH_MS_MIN), at_ms)
    }

    /// Four times the window, around `at_ms`.
    #[must_use]
    pub fn wider(self, at_ms: u64) -> Span {
        self.of_length(self.length_ms.saturating_mul(4), at_ms)
    }

    /// The same length, with `at_ms` in it.
    #[must_use]
    pub fn with(self, at_ms: u64) -> Span {
        if (self.from_ms..=self.until_ms()).contains(&at_ms) {
            self
        } else {
            self.of_length(self.length_ms, at_ms)
        }
    }

    /// From one time to another, in either order.
    #[must_use]
    pub fn between(self, one_ms: u64, other_ms: u64) -> Span {
        let (from, until) = (one_ms.min(other_ms), one_ms.max(other_ms).min(self.whole_ms));
        let length_ms = (until.saturating_sub(from)).max(LENGTH_MS_MIN);
        self.of_length(length_ms, from + length_ms / 2)
    }

    /// The same window of a whole that has another length now; all of it where
    /// all was seen.
    #[must_use]
    pub fn of_whole(self, whole_ms: u64) -> Span {
        if self.length_ms == self.whole_ms {
            return Span::whole(whole_ms);
        }
        let whole_ms = whole_ms.max(LENGTH_MS_MIN);
        Span { whole_ms, ..self }.of_length(self.length_ms, self.from_ms + self.length_ms / 2)
    }

    fn of_length(self, length_ms: u64, at_ms: u64) -> Span {
        let length_ms = length_ms.min(self.whole_ms);
        let from_ms = at_ms.saturating_sub(length_ms / 2).min(self.whole_ms - length_ms);
        Span { from_ms, length_ms, ..self }
    }

    /// The place of a time on the drawing; outside of it where it is not seen.
    #[expect(clippy::cast_precision_loss, reason = "a place on a drawing")]
    pub fn x(self, at_ms: u64) -> f64 {
        (at_ms as f64 - self.from_ms as f64) * f64::from(WIDTH) / self.length_ms as f64
    }

    /// The time at a share of the drawing's width, from 0 to 1.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of a window, cut to it"
    )]
    pub fn at(self, share: f64) -> u64 {
        self.from_ms + (self.length_ms as f64 * share.clamp(0.0, 1.0)) as u64
    }

    /// What is seen of a lane.
    pub fn drawn(self, lane: &Lane) -> Vec<Drawn> {
        let seen = lane.marks.iter().enumerate().filter(|(_, mark)| {
            mark.until_ms.max(mark.from_ms) >= self.from_ms && mark.from_ms <= self.until_ms()
        });
        seen.map(|(place, mark)| {
            let (from, until) = (self.x(mark.from_ms).max(0.0), self.x(mark.until_ms).min(f64::from(WIDTH)));
            let width = (until - from).max(MARK_WIDTH_MIN);
            Drawn { mark: place, x: from.min(f64::from(WIDTH) - width), width }
        })
        .collect()
    }

    /// Times to write below the drawing: at most `most`, a round step apart.
    pub fn ticks(self, most: u64) -> Vec<u64> {
        let step =
            ROUND_MS.into_iter().find(|step| self.length_ms / step < most.max(1)).unwrap_or_else(|| {
                self.length_ms.div_ceil(most.max(1)).next_multiple_of(ROUND_MS[ROUND_MS.len() - 1])
            });
        let first = self.from_ms.div_ceil(step);
        (first..).map(|tick| tick * step).take_while(|at| *at <= self.until_ms()).collect()
    }
}

const SECOND_MS: u64 = 1000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Steps that people count in.
const ROUND_MS: [u64; 16] = [
    SECOND_MS,
    5 * SECOND_MS,
    15 * SECOND_MS,
    MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    14 * DAY_MS,
    30 * DAY_MS,
    90 * DAY_MS,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn lane() -> Lane {
        let mark = |from_ms, until_ms| Mark { from_ms, until_ms, tone: Tone::Good, label: String::new() };
        Lane { name: "web01".to_owned(), marks: vec![mark(0, 0), mark(2_000, 6_000), mark(9_000, 20_000)] }
    }

    #[test]
    fn marks_are_cut_to_the_window_and_wide_enough_to_see() {
        let drawn = Span::whole(10_000).drawn(&lane());
        assert_eq!(drawn[0], Drawn { mark: 0, x: 0.0, width: 4.0 });
        assert_eq!(drawn[1], Drawn { mark: 1, x: 200.0, width: 400.0 });
        assert_eq!(drawn[2], Drawn { mark: 2, x: 900.0, width: 100.0 });
        let near = Span::whole(10_000).closer(4_000);
        assert_eq!((near.from_ms(), near.until_ms()), (2_750, 5_250));
        assert_eq!(near.drawn(&lane()), [Drawn { mark: 1, x: 0.0, width: 1000.0 }]);
    }

    #[test]
    fn windows_stay_within_the_whole() {
        let span = Span::whole(100_000);
        assert_eq!(span.closer(0).from_ms(), 0);
        assert_eq!(span.closer(100_000).until_ms(), 100_000);
        assert_eq!(span.closer(50_000).wider(50_000), span);
        assert_eq!(span.closer(0).with(90_000).until_ms(), 100_000);
        assert_eq!(Span::whole(0).until_ms(), LENGTH_MS_MIN);
        let mut small = span;
        for _ in 0..20 {
            small = small.closer(50_000);
        }
        assert_eq!(small.until_ms() - small.from_ms(), LENGTH_MS_MIN);
    }

    #[test]
    fn a_brushed_window_is_what_was_brushed_and_grows_not_with_the_whole() {
        let brushed = Span::whole(100_000).between(60_000, 20_000);
        assert_eq!((brushed.from_ms(), brushed.until_ms()), (20_000, 60_000));
        assert_eq!(brushed.of_whole(200_000).from_ms(), 20_000);
        assert_eq!(brushed.of_whole(200_000).until_ms(), 60_000);
        assert_eq!(brushed.of_whole(30_000).until_ms(), 30_000);
        assert_eq!(Span::whole(100_000).of_whole(200_000), Span::whole(200_000));
        let least = Span::whole(100_000).between(5, 5);
        assert_eq!(least.until_ms() - least.from_ms(), LENGTH_MS_MIN);
    }

    #[test]
    fn a_place_and_its_time_agree() {
        let span = Span::whole(100_000).closer(30_000);
        for at in [span.from_ms(), 30_000, span.until_ms()] {
            assert_eq!(span.at(span.x(at) / f64::from(WIDTH)), at);
        }
        assert_eq!(span.at(-1.0), span.from_ms());
        assert_eq!(span.at(2.0), span.until_ms());
    }

    #[test]
    fn ticks_are_round_and_not_too_many() {
        assert_eq!(Span::whole(10 * MINUTE_MS).ticks(5), [0, 5 * MINUTE_MS, 10 * MINUTE_MS]);
        for whole in [1, 999, DAY_MS, 400 * DAY_MS, 40_000 * DAY_MS] {
            let ticks = Span::whole(whole).ticks(8);
            assert!((1..=9).contains(&ticks.len()), "{whole}: {ticks:?}");
        }
    }
}
