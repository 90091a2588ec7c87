//! The medians as bars: ours, and the fastest peer's that encrypts.

use std::fmt::Write as _;

use super::table::{Results, seconds};

const WIDTH: u64 = 860;
/// Where bars begin; the steps' names stand left of it.
const LEFT: u64 = 330;
/// What is kept free right of the longest bar, for its number and name.
const RIGHT: u64 = 150;
const STEP_HEIGHT: u64 = 46;
const BAR_HEIGHT: u64 = 15;
const TOP: u64 = 34;

/// The picture, where anybody was measured beside us.
pub(super) fn draw(results: &Results) -> Option<String> {
    let pairs: Vec<_> = results.pairs().collect();
    let longest = pairs.iter().map(|pair| pair.ours.max(pair.theirs)).max()?.max(1);
    let height = TOP + STEP_HEIGHT * pairs.len() as u64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"Seconds for each step, by vhault and by the fastest peer that encrypts\">\n\
         <style>\ntext {{ font: 13px system-ui, sans-serif; fill: #24292f; }}\n.ours {{ fill: #0b6bcb; }}\n\
         .theirs {{ fill: #8c959f; }}\n@media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3; }} \
         .ours {{ fill: #4aa3ff; }} .theirs {{ fill: #6e7681; }} }}\n</style>\n\
         <text x=\"{LEFT}\" y=\"16\">seconds until durable; shorter is better</text>\n"
    );
    for (number, pair) in (0_u64..).zip(&pairs) {
        let top = TOP + number * STEP_HEIGHT;
        let name = pair.step.name();
        let (label_x, label_y) = (LEFT - 10, top + BAR_HEIGHT + 4);
        let _ = writeln!(svg, "<text x=\"{label_x}\" y=\"{label_y}\" text-anchor=\"end\">{name}</text>");
        for (place, class, who, time) in
            [(0, "ours", "vhault", pair.ours), (1, "theirs", pair.rival, pair.theirs)]
        {
            let y = top + place * (BAR_HEIGHT + 2);
            let length = ((WIDTH - LEFT - RIGHT) * time / longest).max(1);
            let (word_x, word_y) = (LEFT + length + 6, y + BAR_HEIGHT - 3);
            let _ = writeln!(
                svg,
                "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{length}\" height=\"{BAR_HEIGHT}\" rx=\"2\"/>\
                 <text x=\"{word_x}\" y=\"{word_y}\">{} {who}</text>",
                seconds(time)
            );
        }
    }
    svg.push_str("</svg>\n");
    Some(svg)
}
