//! Spark: a row of numbers as a small line, and in words.

/// The width of the drawing, in its own measure.
pub const WIDTH: u32 = 120;

/// Its height.
pub const HEIGHT: u32 = 32;

/// Room for the line's own thickness.
const EDGE: f64 = 2.0;

/// What the numbers come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extremes {
    /// The first of them.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// The least.
    pub least: u64,
    /// The greatest.
    pub greatest: u64,
}

/// The first, last, least and greatest; `None` where there are no numbers.
pub fn extremes(values: &[u64]) -> Option<Extremes> {
    Some(Extremes {
        first: *values.first()?,
        last: *values.last()?,
        least: *values.iter().min()?,
        greatest: *values.iter().max()?,
    })
}

/// The line's points as SVG wants them, from zero up to the greatest.
#[expect(clippy::cast_precision_loss, reason = "a place on a drawing of some hundred pixels")]
pub fn points(values: &[u64]) -> String {
    let greatest = values.iter().copied().max().unwrap_or(0).max(1) as f64;
    let steps = values.len().saturating_sub(1).max(1) as f64;
    let (width, height) = (f64::from(WIDTH) - 2.0 * EDGE, f64::from(HEIGHT) - 2.0 * EDGE);
    let point = |(place, value): (usize, &u64)| {
        let x = EDGE + width * place as f64 / steps;
        let y = EDGE + height * (1.0 - *value as f64 / greatest);
        format!("{x:.1},{y:.1}")
    };
    values.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_spans_the_drawing_and_stands_on_zero() {
        assert_eq!(points(&[0, 5, 10]), "2.0,30.0 60.0,16.0 118.0,2.0");
        assert_eq!(points(&[0, 0]), "2.0,30.0 118.0,30.0");
        assert_eq!(points(&[7]), "2.0,2.0");
        assert_eq!(points(&[]), "");
    }

    #[test]
    fn extremes_are_told_in_words() {
        let all = extremes(&[3, 9, 1]).unwrap();
        assert_eq!((all.first, all.last, all.least, all.greatest), (3, 1, 1, 9));
        assert_eq!(extremes(&[]), None);
    }
}
