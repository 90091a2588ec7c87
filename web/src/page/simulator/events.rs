//! Events: what happened, newest first, and why.

use leptos::prelude::*;
use vhault_core::sim::{Event, moment};
use vhault_web::text::{SimText, seeing};
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::happening::{Happening, of};
use vhault_web::view_model::simulator::why::Question;
use vhault_web::view_model::simulator::{deed, refusal};
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::timeline::named;
use super::why::WhyButton;
use super::{advice_links, fill, follow, phrase, tell};
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
                        <td>{follow(line.words.clone())}</td>
                        <td>{advice_links(&line.advice)} <WhyButton question=Question::Event(line.number) name=named(&line.words) /></td></tr>
                </For></tbody>
            </table></div>
        </section>
        <Refusals />
    }
}

/// What was asked and not done, newest first, and what would make it succeed.
#[component]
fn Refusals() -> impl IntoView {
    let stage = Stage::here();
    let all = Memo::new(move |_| {
        stage.read(|simulator| {
            let told = simulator.answers().iter().enumerate().rev().map(|(place, answered)| {
                let out = refusal::way_out(&answered.refusal);
                (
                    place,
                    moment(answered.at),
                    deed::words(&answered.command),
                    refusal::of(&answered.refusal),
                    out,
                )
            });
            told.collect::<Vec<_>>()
        })
    });
    let rows = move || {
        all.get().into_iter().map(|(place, at, asked, why, out)| view! {
            <tr><td class="number">{at}</td><td>{follow(asked.clone())}</td><td>{follow(why)}</td><td>{follow(out)}</td>
                <td><WhyButton question=Question::Refusal(place) name=named(&asked) /></td></tr>
        }).collect_view()
    };
    let is_empty = move || all.with(Vec::is_empty);
    view! {
        <section class="card refusals">
            <h2>{phrase(seeing::REFUSALS)}</h2>
            {move || is_empty().then(|| view! { <p class="quiet">{phrase(seeing::NO_REFUSALS)}</p> })}
            <div class="table-frame" role="group" aria-label=phrase(seeing::REFUSALS) tabindex="0" hidden=is_empty><table>
                <caption>{phrase(seeing::REFUSALS)}</caption>
                <thead><tr><th scope="col" class="number">{tell(SimText::When)}</th><th scope="col">{phrase(seeing::DONE_BY)}</th>
                    <th scope="col">{phrase(seeing::REFUSED_TITLE)}</th><th scope="col">{phrase(seeing::WOULD_SUCCEED)}</th>
                    <th scope="col">{tell(SimText::Why)}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
}
