//! Zeroes: whether there is anything else, and the stretches worth writing between them.

/// Zeroes are looked for in grains of this size.
const GRAIN_BYTES: usize = 4096;

/// So many zero grains in a row become a hole; fewer are written.
const HOLE_GRAINS_MIN: usize = 16;

/// The next stretch from `start` on worth writing, as a range of `data`;
/// short zero runs inside it are written, long ones end it.
pub(crate) fn next_run(data: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut run: Option<(usize, usize)> = None;
    let mut at = start;
    for grain in data.get(start..)?.chunks(GRAIN_BYTES) {
        let past = at + grain.len();
        if !is_zero(grain) {
            run = Some((run.map_or(at, |(from, _)| from), past));
        } else if run.is_some_and(|(_, to)| past - to >= HOLE_GRAINS_MIN * GRAIN_BYTES) {
            return run;
        }
        at = past;
    }
    run
}

/// Whether all bytes are zero, at memory speed.
pub(crate) fn is_zero(data: &[u8]) -> bool {
    let (head, tail) = data.as_chunks::<64>();
    head.iter().all(|chunk| chunk.iter().fold(0, |all, byte| all | byte) == 0)
        && tail.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_runs_of_zeroes_become_holes() {
        let grains = |pattern: &[(usize, u8)]| -> Vec<u8> {
            pattern.iter().flat_map(|(count, byte)| vec![*byte; count * GRAIN_BYTES]).collect()
        };
        let long = grains(&[(1, 0), (2, 1), (16, 0), (1, 1)]);
        assert_eq!(next_run(&long, 0), Some((GRAIN_BYTES, 3 * GRAIN_BYTES)));
        assert_eq!(next_run(&long, 3 * GRAIN_BYTES), Some((19 * GRAIN_BYTES, 20 * GRAIN_BYTES)));
        assert_eq!(next_run(&long, 20 * GRAIN_BYTES), None);
        let short = grains(&[(1, 1), (15, 0), (1, 1), (3, 0)]);
        assert_eq!(next_run(&short, 0), Some((0, 17 * GRAIN_BYTES)));
        assert_eq!(next_run(&grains(&[(40, 0)]), 0), None);
    }
}
