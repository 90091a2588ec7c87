//! Copy: how long it would take, whether that fits, and what to do if not.

use leptos::prelude::*;
use vhault_core::copy::estimate::{NEW_COST, WORK_BYTES_PER_SECOND_DEFAULT, Work};
use vhault_web::text::Text;
use vhault_web::view_model::copy::{self, SPEEDS, WINDOW_HOURS, expect, seconds};
use vhault_web::view_model::number;

use crate::page::kit::{Badge, Notice};
use crate::page::settings::{say, settings};

/// Speed and window first offered: nothing measured yet, and a night.
const FIRST: (usize, usize) = (0, 2);

/// An estimate for `work`, after earlier copies and within a window that a
/// person chooses.
#[component]
pub(crate) fn CopyPanel(
    /// What there is to do.
    work: Work,
    /// What that counts.
    note: Text,
) -> impl IntoView {
    let settings = settings();
    let (speed, window) = (RwSignal::new(FIRST.0), RwSignal::new(FIRST.1));
    let found = Memo::new(move |_| {
        let hours = WINDOW_HOURS.get(window.get()).copied().unwrap_or(1);
        expect(work, speed.get(), hours)
    });
    let choose = |chosen: RwSignal<usize>| {
        move |event| {
            if let Ok(place) = event_target_value(&event).parse() {
                chosen.set(place);
            }
        }
    };
    let takes = move || {
        let time = found.with(|found| number::span(seconds(found.whole)));
        settings
            .fill(Text::CopyTime, &[&number::bytes(work.read_bytes), &number::bytes(work.new_bytes), &time])
    };
    let risk = Memo::new(move |_| found.with(|found| found.risk));
    let label = Signal::derive(move || settings.say(copy::text(risk.get())).to_owned());
    let advice = move || {
        let (id, title, remedy) = found.with(copy::advice)?;
        let tone = copy::tone(risk.get());
        let remedy = remedy.map(|remedy| view! { <p>{move || settings.of(&remedy)}</p> });
        Some(view! {
            <Notice tone><p><code>{id.to_string()}</code>" "{move || settings.of(&title)}</p>{remedy}</Notice>
        })
    };
    let name = move |place: usize| match SPEEDS.get(place).copied().flatten() {
        Some((name, _)) => name.to_owned(),
        None => {
            let rate = number::bytes(WORK_BYTES_PER_SECOND_DEFAULT / (1 + NEW_COST));
            settings.fill(Text::CopyUnmeasured, &[&rate])
        }
    };
    view! {
        <section class="copy" aria-label=say(Text::CopyTitle)>
            <h3>{say(Text::CopyTitle)}</h3>
            <div class="form">
                <label class="choice"><span>{say(Text::CopySpeed)}</span>
                    <select on:change=choose(speed)>
                        {(0..SPEEDS.len()).map(|place| view! {
                            <option value=place.to_string() selected=place == FIRST.0>{move || name(place)}</option>
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
                    {move || view! { <Badge tone=copy::tone(risk.get()) label /> }} " " {takes}
                </p>
            </div>
            {advice}
            <p class="quiet">{say(note)}</p>
        </section>
    }
}
