//! Copy: how long it would take to send so much, and whether that fits.

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::copy::{SPEEDS, WINDOW_HOURS, estimate};
use vhault_web::view_model::number;

use crate::page::kit::Badge;
use crate::page::settings::{say, settings};

/// Speed and window first offered: 200 Mbit/s and a night.
const FIRST: (usize, usize) = (2, 2);

/// An estimate for `bytes`, at a speed and within a window that a person
/// chooses.
#[component]
pub(crate) fn CopyPanel(bytes: u64) -> impl IntoView {
    let settings = settings();
    let (speed, window) = (RwSignal::new(FIRST.0), RwSignal::new(FIRST.1));
    let found = Memo::new(move |_| {
        let bytes_per_second = SPEEDS.get(speed.get()).map_or(1, |(_, rate)| *rate);
        let hours = WINDOW_HOURS.get(window.get()).copied().unwrap_or(1);
        estimate(bytes, bytes_per_second, hours * 3600)
    });
    let choose = |chosen: RwSignal<usize>| {
        move |event| {
            if let Ok(place) = event_target_value(&event).parse() {
                chosen.set(place);
            }
        }
    };
    let takes =
        move || settings.fill(Text::CopyTime, &[&number::bytes(bytes), &number::span(found.get().seconds)]);
    let risk = Signal::derive(move || settings.say(found.get().risk.text()).to_owned());
    view! {
        <section class="copy" aria-label=say(Text::CopyTitle)>
            <h3>{say(Text::CopyTitle)}</h3>
            <div class="form">
                <label class="choice"><span>{say(Text::CopySpeed)}</span>
                    <select on:change=choose(speed)>
                        {SPEEDS.into_iter().enumerate().map(|(place, (name, _))| view! {
                            <option value=place.to_string() selected=place == FIRST.0>{name}</option>
                        }).collect_view()}
                    </select>
                </label>
                <label class="choice"><span>{say(Text::CopyWindow)}</span>
                    <select on:change=choose(window)>
                        {WINDOW_HOURS.into_iter().enumerate().map(|(place, hours)| view! {
                            <option value=place.to_string() selected=place == FIRST.1>
                                {move || settings.fill(Text::CopyHours, &[&hours.to_string()])}
                            </option>
                        }).collect_view()}
                    </select>
                </label>
                <p aria-live="polite" class="copy-words">
                    {move || view! { <Badge tone=found.get().risk.tone() label=risk /> }} " " {takes}
                </p>
            </div>
        </section>
    }
}
