//! Progress: how far something is, how fast, and how to stop it.

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::number;
use vhault_web::view_model::pace::Pace;

use crate::page::settings::{say, settings};

/// Progress of something that can be cancelled.
#[component]
pub(crate) fn Progress(
    /// What is under way.
    label: Text,
    #[prop(into)] pace: Signal<Pace>,
    #[prop(optional, into)] on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let settings = settings();
    let words = move || {
        let pace = pace.get();
        let rate = pace.rate().map(number::bytes);
        match (rate, pace.seconds_left()) {
            (Some(rate), Some(left)) if left > 0 => {
                settings.fill(Text::RateAndRest, &[&rate, &number::span(left)])
            }
            (Some(_), None) if pace.total == 0 => {
                settings.fill(Text::ReadSoFar, &[&number::bytes(pace.done)])
            }
            (Some(rate), _) => settings.fill(Text::RateOnly, &[&rate]),
            (None, _) => String::new(),
        }
    };
    let value = move || pace.get().per_mille();
    let text = move || value().map(|part| number::percent(part, 1000)).unwrap_or_default();
    view! {
        <div class="progress">
            <div class="progress-head">
                <span>{say(label)}</span>
                <span class="number">{text}</span>
            </div>
            // Without a value the bar says "under way".
            {move || match value().is_some() {
                true => view! {
                    <progress max="1000" value=move || value().unwrap_or(0).to_string() aria-label=say(label)></progress>
                }.into_any(),
                false => view! { <progress aria-label=say(label)></progress> }.into_any(),
            }}
            <div class="progress-foot">
                <span class="quiet number">{words}</span>
                {on_cancel.map(|cancel| view! {
                    <button type="button" on:click=move |_| cancel.run(())>{say(Text::Cancel)}</button>
                })}
            </div>
        </div>
    }
}
