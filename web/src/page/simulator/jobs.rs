//! Jobs: the list, and one of them.

use leptos::prelude::*;
use vhault_core::lifecycle::{JobId, VaultName};
use vhault_web::text::SimText;
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::happening::of_kind;
use vhault_web::view_model::simulator::job::{
    Details, KINDS, Narrow, Row, STATUSES, Work, details, of_status, rows,
};
use vhault_web::view_model::simulator::place;
use vhault_web::view_model::simulator::why::Question;
use vhault_web::view_model::tone::Tone;

use super::job_parts::{Blocks, ErrorCard, RelatedJobs, Steps};
use super::stage::Stage;
use super::why::WhyButton;
use super::{advice_links, fill, follow, tell};
use crate::page::kit::{Badge, Notice};
use crate::page::settings::settings;

/// How many jobs are drawn.
const ROWS_MAX: usize = 200;

/// All jobs, newest first.
#[component]
pub(super) fn JobsView() -> impl IntoView {
    let stage = Stage::here();
    let narrow = RwSignal::new(Narrow::default());
    let shown = Memo::new(move |_| stage.read(|simulator| rows(simulator, narrow.get())));
    let is_empty = Memo::new(move |_| shown.with(|(rows, _)| rows.is_empty()));
    let count =
        move || shown.with(|(rows, all)| fill(SimText::Count, &[&rows.len().to_string(), &all.to_string()]));
    let on_kind = move |event| {
        let place: Option<usize> = event_target_value(&event).parse().ok();
        narrow.update(|narrow| narrow.kind = place.and_then(|place| KINDS.get(place).copied()));
    };
    let on_status = move |event| {
        let place: Option<usize> = event_target_value(&event).parse().ok();
        narrow.update(|narrow| narrow.status = place.and_then(|place| STATUSES.get(place).copied()));
    };
    let first = move || shown.with(|(rows, _)| rows.iter().take(ROWS_MAX).cloned().collect::<Vec<_>>());
    let heads = [
        (SimText::Job, true),
        (SimText::Machine, false),
        (SimText::Kind, false),
        (SimText::Status, false),
        (SimText::Trigger, false),
        (SimText::Created, true),
        (SimText::Took, true),
        (SimText::Progress, true),
        (SimText::Error, false),
    ];
    view! {
        <h1>{tell(SimText::JobsTitle)}</h1>
        <section class="card">
            <div class="filter form" role="search" aria-label=tell(SimText::JobsTitle)>
                <label class="choice"><span>{tell(SimText::Kind)}</span><select on:change=on_kind>
                    <option value="">{tell(SimText::All)}</option>
                    {KINDS.into_iter().enumerate().map(|(place, kind)| view! {
                        <option value=place.to_string()>{follow(of_kind(kind))}</option> }).collect_view()}
                </select></label>
                <label class="choice"><span>{tell(SimText::Status)}</span><select on:change=on_status>
                    <option value="">{tell(SimText::All)}</option>
                    {STATUSES.into_iter().enumerate().map(|(place, status)| view! {
                        <option value=place.to_string()>{follow(of_status(status).0)}</option> }).collect_view()}
                </select></label>
                <output class="quiet number">{count}</output>
            </div>
            {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::NoJobs)}</p></Notice> })}
            <div class="table-frame" role="group" aria-label=tell(SimText::JobsTitle) tabindex="0" hidden=is_empty><table class="jobs">
                <caption>{tell(SimText::JobsTitle)}</caption>
                <thead><tr>{heads.into_iter().map(|(name, is_number)| view! {
                    <th scope="col" class:number=is_number>{tell(name)}</th> }).collect_view()}</tr></thead>
                <tbody><For each=first key=|row| (row.vault.clone(), row.id) let:row><JobRow row shown /></For></tbody>
            </table></div>
        </section>
    }
}

/// One job; it follows its own state and keeps its link.
#[component]
fn JobRow(row: Row, shown: Memo<(Vec<Row>, usize)>) -> impl IntoView {
    let settings = settings();
    let first = row.clone();
    let now = Memo::new(move |_| {
        let same = |other: &&Row| (&other.vault, other.id) == (&first.vault, first.id);
        shown.with(|(rows, _)| rows.iter().find(same).cloned()).unwrap_or_else(|| first.clone())
    });
    let progress = move || {
        now.with(|row| row.per_mille.map(|part| number::percent(part, 1_000)))
            .unwrap_or_else(|| "–".to_owned())
    };
    let status = Memo::new(move |_| now.with(|row| (row.status.clone(), row.tone)));
    let error = Memo::new(move |_| now.with(|row| row.error));
    view! {
        <tr>
            <td class="number"><a href=place::of_job(&row.vault, row.id)>{row.id.to_string()}</a></td>
            <td class="name">{row.item}</td><td>{follow(row.kind)}</td>
            <td>{move || { let (words, tone) = status.get(); view! { <Badge tone label=Signal::derive(move || settings.of(&words)) /> } }}</td>
            <td>{follow(row.trigger)}</td><td class="number">{row.created}</td>
            <td class="number">{move || now.with(|row| row.took.clone())}</td><td class="number">{progress}</td>
            <td>{move || advice_links(error.get().as_slice())}</td>
        </tr>
    }
}

/// One job: its parts, its copy, whether it can be cancelled.
#[component]
pub(super) fn JobView(vault: VaultName, id: JobId) -> impl IntoView {
    let stage = Stage::here();
    let number = id.to_string();
    let held = vault.clone();
    let all = Memo::new(move |_| stage.read(|simulator| details(simulator, &held, id)));
    let is_there = Memo::new(move |_| all.with(Option::is_some));
    view! {
        <p><a href="#/sim/jobs">{tell(SimText::BackToJobs)}</a></p>
        <h1>{move || fill(SimText::JobOf, &[&number])}</h1>
        {move || match is_there.get() {
            true => view! { <JobBody all vault=vault.clone() id /> }.into_any(),
            false => view! { <Notice tone=Tone::Info><p>{tell(SimText::JobGone)}</p></Notice> }.into_any(),
        }}
    }
}

#[component]
fn JobBody(all: Memo<Option<Details>>, vault: VaultName, id: JobId) -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let pick = move |what: fn(&Details) -> String| {
        move || all.with(|all| all.as_ref().map(what)).unwrap_or_default()
    };
    let status =
        Memo::new(move |_| all.with(|all| all.as_ref().map(|all| (all.row.status.clone(), all.row.tone))));
    let kind = Memo::new(move |_| all.with(|all| all.as_ref().map(|all| all.row.kind.clone())));
    let phase = Memo::new(move |_| all.with(|all| all.as_ref().and_then(|all| all.phase.clone())));
    let doom = Memo::new(move |_| all.with(|all| all.as_ref().and_then(|all| all.doom.clone())));
    let advice =
        Memo::new(move |_| all.with(|all| all.as_ref().map(|all| all.advice.clone()).unwrap_or_default()));
    let parts =
        Memo::new(move |_| all.with(|all| all.as_ref().map(|all| all.parts.clone()).unwrap_or_default()));
    let cancel = Memo::new(move |_| all.with(|all| all.as_ref().map(|all| all.cancel.clone())));
    let work = Memo::new(move |_| all.with(|all| all.as_ref().and_then(|all| all.work.clone())));
    let has_work = Memo::new(move |_| work.with(Option::is_some));
    view! {
        <section class="card job">
            <div class="card-head">
                <h2>{move || kind.get().map(|kind| settings.of(&kind))} " " <span class="name">{pick(|all| all.row.item.clone())}</span></h2>
                {move || status.get().map(|(words, tone)| view! { <Badge tone label=Signal::derive(move || settings.of(&words)) /> })}
                <WhyButton question=Question::Job(vault.clone(), id) name=Signal::derive(move || fill(SimText::JobOf, &[&id.to_string()])) />
            </div>
            <ErrorCard vault=vault.clone() id />
            <dl class="pairs">
                <div><dt>{tell(SimText::Created)}</dt><dd class="number">{pick(|all| all.row.created.clone())}</dd></div>
                <div><dt>{tell(SimText::Took)}</dt><dd class="number">{pick(|all| all.row.took.clone())}</dd></div>
                {move || phase.get().map(|(words, until)| view! {
                    <div><dt>{tell(SimText::Now)}</dt><dd>{move || fill(SimText::Until, &[&settings.of(&words), &until])}</dd></div> })}
            </dl>
            {move || doom.get().map(|doom| view! { <Notice tone=Tone::Warn><p>{move || fill(SimText::Doomed, &[&settings.of(&doom)])}</p></Notice> })}
            {move || match cancel.get() {
                Some(Ok(command)) => view! {
                    <p><button type="button" on:click=move |_| { stage.submit(command.clone()); }>{tell(SimText::CancelJob)}</button></p> }.into_any(),
                Some(Err(why)) => view! { <p class="quiet cannot">{move || fill(SimText::CannotCancel, &[&settings.of(&why)])}</p> }.into_any(),
                None => ().into_any(),
            }}
            {move || (!advice.with(Vec::is_empty)).then(|| view! { <h3>{tell(SimText::SeeAlso)}</h3> {advice_links(&advice.get())} })}
            <div class="table-frame" role="group" aria-label=tell(SimText::Parts) tabindex="0"><table class="parts">
                <caption>{tell(SimText::Parts)}</caption>
                <thead><tr><th scope="col">{tell(SimText::What)}</th><th scope="col">{tell(SimText::Status)}</th>
                    <th scope="col" class="number">{tell(SimText::Begun)}</th><th scope="col" class="number">{tell(SimText::Took)}</th></tr></thead>
                <tbody>{move || parts.get().into_iter().map(|part| view! {
                    <tr><td>{follow(part.name)}</td><td><Badge tone=part.tone label=Signal::derive(move || settings.of(&part.status)) /></td>
                        <td class="number">{part.from.unwrap_or_default()}</td><td class="number">{part.took.unwrap_or_default()}</td></tr>
                }).collect_view()}</tbody>
            </table></div>
            {move || has_work.get().then(|| view! { <JobWork work /> })}
            <Steps vault=vault.clone() id />
            <Blocks vault=vault.clone() id />
            <RelatedJobs vault id />
        </section>
    }
}

/// What the copy does: how much, how fast, how long still.
#[component]
fn JobWork(work: Memo<Option<Work>>) -> impl IntoView {
    let settings = settings();
    let bytes = move |what: fn(&Work) -> u64| {
        move || work.with(|work| work.as_ref().map(|work| number::exact(what(work)))).unwrap_or_default()
    };
    let part = move || {
        work.with(|work| {
            work.as_ref()
                .map_or(0, |work| (work.sent_bytes * 1_000).checked_div(work.send_bytes).unwrap_or(1_000))
        })
    };
    let rate = move || {
        work.with(|work| work.as_ref().and_then(|work| work.rate_bytes))
            .map_or_else(|| "–".to_owned(), |rate| fill(SimText::PerSecond, &[&number::bytes(rate)]))
    };
    let left = move || {
        work.with(|work| work.as_ref().and_then(|work| work.seconds_left))
            .map_or_else(|| "–".to_owned(), number::span)
    };
    view! {
        <div class="progress">
            <div class="progress-head"><span>{tell(SimText::Progress)}</span><span class="number">{move || number::percent(part(), 1_000)}</span></div>
            <progress max="1000" value=move || part().to_string() aria-label=tell(SimText::Progress)></progress>
        </div>
        <dl class="pairs">
            <div><dt>{tell(SimText::Method)}</dt><dd>{move || work.get().map(|work| settings.of(&work.method))}</dd></div>
            <div><dt>{tell(SimText::Size)}</dt><dd class="number">{bytes(|work| work.logical_bytes)}</dd></div>
            <div><dt>{tell(SimText::ToRead)}</dt><dd class="number">{bytes(|work| work.read_bytes)}</dd></div>
            <div><dt>{tell(SimText::ToSend)}</dt><dd class="number">{bytes(|work| work.send_bytes)}</dd></div>
            <div><dt>{tell(SimText::Sent)}</dt><dd class="number">{bytes(|work| work.sent_bytes)}</dd></div>
            <div><dt>{tell(SimText::Rate)}</dt><dd class="number">{rate}</dd></div>
            <div><dt>{tell(SimText::Left)}</dt><dd class="number">{left}</dd></div>
        </dl>
    }
}
