//! Events: what happened, newest first, and why.

use leptos::prelude::*;
use vhault_core::sim::Event;
use vhault_web::text::SimText;
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::happening::{Happening, of};
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::{advice_links, fill, follow, tell};
use crate::page::kit::{Badge, Notice};
use crate::page::settings::words;

/// How many events are drawn.
const ROWS_MAX: usize = 100;

/// Everything that happened.
#[component]
pub(super) fn EventsView() -> impl IntoView {
    let stage = Stage::here();
    let is_whole = RwSignal::new(false);
    let shown = Memo::new(move |_| {
        let is_whole = is_whole.get();
        stage.read(|simulator| {
            let records = simulator.history().iter().rev().filter(|record| record.event != Event::TimePassed);
            let lines = records.map(of).filter(|line| is_whole || line.tone != Tone::Quiet);
            lines.take(ROWS_MAX).collect::<Vec<Happening>>()
        })
    });
    let all = Memo::new(move |_| stage.read(|simulator| simulator.world().events));
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty));
    view! {
        <h1>{tell(SimText::EventsTitle)}</h1>
        <p class="lead">{tell(SimText::EventsLead)}</p>
        {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::EventsEmpty)}</p></Notice> })}
        <section class="card" hidden=is_empty>
            <label class="check"><input type="checkbox" prop:checked=is_whole
                on:change=move |event| is_whole.set(event_target_checked(&event)) /> <span>{tell(SimText::Quiet)}</span></label>
            <p class="quiet">{move || fill(SimText::EventsMore, &[&shown.with(Vec::len).to_string(), &number::grouped(all.get())])}</p>
            <div class="table-frame" role="group" aria-label=tell(SimText::EventsTitle) tabindex="0"><table class="events">
                <caption>{tell(SimText::EventsTitle)}</caption>
                <thead><tr><th scope="col" class="number">{tell(SimText::Number)}</th><th scope="col" class="number">{tell(SimText::When)}</th>
                    <th scope="col">{tell(SimText::Status)}</th><th scope="col">{tell(SimText::What)}</th><th scope="col">{tell(SimText::Why)}</th></tr></thead>
                <tbody><For each=move || shown.get() key=|line| line.number let:line>
                    <tr><td class="number">{line.number}</td><td class="number">{line.at}</td>
                        <td><Badge tone=line.tone label=words(line.tone.text()) /></td>
                        <td>{follow(line.words)}</td><td>{advice_links(&line.advice)}</td></tr>
                </For></tbody>
            </table></div>
        </section>
    }
}
