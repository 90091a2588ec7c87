//! Storage: what vaults hold, over time, and what each point alone holds.

use leptos::prelude::*;
use vhault_core::sim::moment;
use vhault_web::text::{SimText, TaskText, Text};
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::storage::{Growth, Vault, vaults};
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::{fill, tell};
use crate::page::chart::Sparkline;
use crate::page::kit::Notice;

/// Events folded again at once.
const EVENTS_AT_ONCE: usize = 5_000;
/// Samples of the curve.
const SAMPLES: usize = 120;
/// Samples of its table.
const ROWS: usize = 24;

/// Every vault's store.
#[component]
pub(super) fn StorageView() -> impl IntoView {
    let stage = Stage::here();
    let shown = Memo::new(move |_| stage.read(vaults));
    let growth = StoredValue::new(stage.read(|simulator| Growth::new(simulator.genesis())));
    let more = RwSignal::new(0_u32);
    let samples = Memo::new(move |_| {
        more.track();
        let is_all = stage.read(|simulator| {
            growth.try_update_value(|growth| growth.follow(simulator, EVENTS_AT_ONCE)).unwrap_or(true)
        });
        if !is_all {
            // The rest in later frames.
            request_animation_frame(move || {
                // The view may be gone by then.
                more.try_update(|more| *more = more.wrapping_add(1));
            });
        }
        growth.try_with_value(|growth| (growth.samples(SAMPLES), growth.samples(ROWS))).unwrap_or_default()
    });
    let values = Signal::derive(move || {
        samples.with(|(curve, _)| curve.iter().map(|sample| sample.stored_bytes).collect::<Vec<u64>>())
    });
    let rows =
        move || {
            samples.with(|(_, rows)| {
                rows.iter().rev().map(|sample| view! {
            <tr><td class="number">{moment(sample.at)}</td><td class="number">{sample.points}</td>
                <td class="number">{number::bytes(sample.stored_bytes)}</td></tr>
        }).collect_view()
            })
        };
    let ends = move || {
        samples.with(|(curve, _)| {
            curve.first().zip(curve.last()).map(|(first, last)| (moment(first.at), moment(last.at)))
        })
    };
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty));
    let has_samples = move || samples.with(|(curve, _)| !curve.is_empty());
    view! {
        <h1>{tell(SimText::Storage)}</h1>
        <p class="lead">{tell(TaskText::StorageLead)}</p>
        {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::DashboardEmpty)}</p></Notice> })}
        {move || shown.get().into_iter().map(one).collect_view()}
        <section class="card growth" hidden=move || !has_samples()>
            <h2>{tell(TaskText::OverTime)}</h2>
            <div class="wide-spark"><Sparkline label=Text::StoredOverTime values write=number::bytes />
                <p class="ends quiet number">{move || ends().map(|(first, last)| view! { <span>{first}</span><span>{last}</span> })}</p></div>
            <details><summary>{tell(TaskText::SameAsList)}</summary>
                <div class="table-frame" role="group" aria-label=tell(TaskText::OverTime) tabindex="0"><table>
                    <caption>{tell(TaskText::OverTime)}</caption>
                    <thead><tr><th scope="col" class="number">{tell(SimText::When)}</th><th scope="col" class="number">{tell(SimText::PointCount)}</th>
                        <th scope="col" class="number">{tell(TaskText::Stored)}</th></tr></thead>
                    <tbody>{rows}</tbody></table></div></details>
        </section>
    }
}

fn one(vault: Vault) -> AnyView {
    let name = vault.name.to_string();
    let saved = number::percent(vault.logical_bytes.saturating_sub(vault.stored_bytes), vault.logical_bytes);
    let tiles = [
        (TaskText::Stored, number::bytes(vault.stored_bytes), "stored"),
        (TaskText::InDisks, number::bytes(vault.logical_bytes), "logical"),
        (TaskText::SentInAll, number::bytes(vault.sent_bytes), "sent"),
        (TaskText::NotStoredTwice, saved, "saved"),
        (TaskText::PointsHeld, vault.points.to_string(), "points"),
    ];
    let clean_up = vault.clean_up.unwrap_or_else(|| "–".to_owned());
    let expiring = vault.expiring.to_string();
    let rows = vault.newest.into_iter().map(|held| {
        view! {
            <tr data-point=held.number.to_string()><td class="number">{held.number.to_string()}</td><td class="name">{held.item.to_string()}</td>
                <td class="number">{held.at}</td><td class="number">{number::bytes(held.logical_bytes)}</td>
                <td class="number" data-alone=held.alone_bytes.to_string()>{number::bytes(held.alone_bytes)}</td></tr>
        }
    });
    let rows = rows.collect_view();
    let has_rows = !rows.is_empty();
    view! {
        <section class="card store">
            <h2>{move || fill(SimText::VaultOf, &[&name])}</h2>
            <ul class="tiles">{tiles.into_iter().map(|(name, value, key)| view! {
                <li class="tile" data-tile=key><span class="quiet">{tell(name)}</span><strong class="number">{value}</strong></li> }).collect_view()}</ul>
            <p>{move || fill(TaskText::NextCleanUp, &[&clean_up, &expiring])}</p>
            {has_rows.then(|| view! {
                <div class="table-frame" role="group" aria-label=tell(TaskText::AloneTitle) tabindex="0"><table class="alone">
                    <caption>{tell(TaskText::AloneTitle)}</caption>
                    <thead><tr><th scope="col" class="number">{tell(SimText::Number)}</th><th scope="col">{tell(SimText::Machine)}</th>
                        <th scope="col" class="number">{tell(SimText::When)}</th><th scope="col" class="number">{tell(SimText::Size)}</th>
                        <th scope="col" class="number">{tell(TaskText::Alone)}</th></tr></thead>
                    <tbody>{rows}</tbody></table></div> })}
        </section>
    }
    .into_any()
}
