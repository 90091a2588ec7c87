//! Sparkline: how a number went, as a small line.

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::spark::{self, HEIGHT, WIDTH};

use crate::page::settings::settings;

/// A small line of numbers, oldest first. Its name says the first, the last,
/// the least and the greatest.
#[component]
pub(crate) fn Sparkline(
    /// What the numbers are.
    label: Text,
    /// The numbers.
    #[prop(into)]
    values: Signal<Vec<u64>>,
    /// How a number is written.
    write: fn(u64) -> String,
) -> impl IntoView {
    let settings = settings();
    let words = move || {
        let told = values.with(|values| spark::extremes(values));
        let label = settings.say(label);
        match told {
            None => format!("{label}: {}", settings.say(Text::NoValues)),
            Some(all) => {
                let numbers = [all.first, all.last, all.least, all.greatest].map(write);
                let all: Vec<&str> = numbers.iter().map(String::as_str).collect();
                format!("{label}: {}", settings.fill(Text::SparkWords, &all))
            }
        }
    };
    let last = move || {
        let last = values.with(|values| values.last().copied().map(write));
        last.unwrap_or_else(|| settings.say(Text::NoValues).to_owned())
    };
    view! {
        <span class="spark">
            <svg role="img" aria-label=words viewBox=format!("0 0 {WIDTH} {HEIGHT}") width=WIDTH height=HEIGHT
                preserveAspectRatio="none">
                <polyline points=move || values.with(|values| spark::points(values)) />
            </svg>
            <span class="number" aria-hidden="true">{last}</span>
        </span>
    }
}
