//! Charts, with little in them, much, and nothing.

use std::sync::Arc;

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::map::{Map, State};
use vhault_web::view_model::number;
use vhault_web::view_model::timeline::{Lane, Mark};
use vhault_web::view_model::tone::Tone;

use crate::page::chart::{HeatMap, Sparkline, Strip, StripCell, Timeline};
use crate::page::settings::say;

const HOUR_MS: u64 = 3_600_000;
const WEEK_MS: u64 = 7 * 24 * HOUR_MS;

/// Every chart.
#[component]
pub(super) fn Charts() -> impl IntoView {
    let at_ms = RwSignal::new(30 * HOUR_MS);
    let write = |at_ms: u64| number::span(at_ms / 1000);
    let grown: Vec<u64> = (0..30_u64).map(|day| (day * day + 11 * (day % 7)) << 24).collect();
    let cells: Vec<StripCell> = (1..=30_u64)
        .map(|day| {
            let tone = match day {
                4 | 19 => Tone::Bad,
                11 | 12 => Tone::Warn,
                25.. => Tone::Quiet,
                _ => Tone::Good,
            };
            StripCell { name: format!("2026-01-{day:02}"), tone }
        })
        .collect();
    let lanes = vec![lane("web01", 22, 2), lane("db01", 23, 5), lane("mail", 1, 1)];
    let mut map = Map::new(32 << 10);
    for (place, state) in State::ALL.into_iter().cycle().take(70).enumerate() {
        map.push(state, 1 + (place as u64 * 7) % 23);
    }
    view! {
        <section class="card"><h2>{say(Text::KitSpark)}</h2><div class="buttons">
            <Sparkline label=Text::KitStored values=Signal::stored(grown) write=number::bytes />
            <Sparkline label=Text::KitStored values=Signal::stored(vec![7 << 20]) write=number::bytes />
            <Sparkline label=Text::KitStored values=Signal::stored(Vec::new()) write=number::bytes />
        </div></section>
        <section class="card"><h2>{say(Text::KitStrip)}</h2>
            <Strip label=Text::KitCells cells=Signal::stored(cells) />
        </section>
        <section class="card"><h2>{say(Text::KitTimeline)}</h2>
            <Timeline label=Text::KitTimeline lanes=Signal::stored(lanes) whole_ms=Signal::stored(WEEK_MS) at_ms write />
        </section>
        <section class="card"><h2>{say(Text::KitMap)}</h2>
            <HeatMap map=Arc::new(map) name=String::from("0–7") />
        </section>
    }
}

/// A week of nightly jobs, one of them failed, and a moment's warning.
fn lane(name: &str, hour: u64, hours: u64) -> Lane {
    let mut marks: Vec<Mark> = (0..7)
        .map(|day| {
            let from_ms = (day * 24 + hour) * HOUR_MS;
            let tone = if day == hours { Tone::Bad } else { Tone::Good };
            let until_ms = (from_ms + hours * HOUR_MS).min(WEEK_MS);
            Mark { from_ms, until_ms, tone, label: format!("{name} {}", day + 1) }
        })
        .collect();
    let at = 60 * HOUR_MS + hour * HOUR_MS;
    marks.push(Mark { from_ms: at, until_ms: at, tone: Tone::Warn, label: format!("{name} !") });
    marks.sort_by_key(|mark| mark.from_ms);
    Lane { name: name.to_owned(), marks }
}
