//! Dashboard: vaults at a glance.

use leptos::prelude::*;
use vhault_core::lifecycle::{JobId, VaultName};
use vhault_web::text::SimText;
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::dashboard::{Vault, vaults};
use vhault_web::view_model::simulator::place;
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::{advice_links, fill, follow, tell};
use crate::page::kit::{Badge, Notice};
use crate::page::settings::settings;

/// Every vault.
#[component]
pub(super) fn DashboardView() -> impl IntoView {
    let stage = Stage::here();
    let shown = Memo::new(move |_| stage.read(vaults));
    view! {
        <h1>{tell(SimText::Dashboard)}</h1>
        {move || match shown.get() {
            none if none.is_empty() => view! { <Notice tone=Tone::Info><p>{tell(SimText::DashboardEmpty)}</p></Notice> }.into_any(),
            some => some.into_iter().map(one).collect_view().into_any(),
        }}
    }
}

fn one(vault: Vault) -> AnyView {
    let settings = settings();
    let tone = if vault.is_well { Tone::Good } else { Tone::Bad };
    let rules = vault.rules.clone();
    let name = vault.name.to_string();
    let tiles = [
        (SimText::ProtectedOf, format!("{} / {}", vault.protected.0, vault.protected.1)),
        (SimText::Pending, vault.pending.to_string()),
        (SimText::PointCount, vault.points.to_string()),
        (SimText::DiskBytes, number::bytes(vault.logical_bytes)),
        (SimText::SentBytes, number::bytes(vault.sent_bytes)),
    ];
    let jobs = [
        (SimText::Succeeded24, Tone::Good, &vault.succeeded),
        (SimText::Failed24, Tone::Bad, &vault.failed),
        (SimText::InProgress, Tone::Info, &vault.in_progress),
    ];
    let jobs = jobs.map(|(name, tone, ids)| view! {
        <li class="tile" data-tile=format!("{name:?}")><span class="quiet">{tell(name)}</span>
            <strong class="number" data-tone=if ids.is_empty() { "quiet" } else { tone.name() }>{ids.len()}</strong>
            {job_links(&vault.name, ids)}</li>
    });
    let runs = vault.next_runs.into_iter().map(|(at, policy, items)| {
        view! {
            <tr><td class="number">{at}</td><td>{policy}</td><td class="number">{items}</td></tr>
        }
    });
    let runs = runs.collect_view();
    let has_runs = !runs.is_empty();
    let alerts = vault.alerts.into_iter().map(|(at, item, id)| view! {
        <li><span class="number">{at}</span> " " <strong>{item}</strong> {advice_links(id.as_slice())}</li>
    });
    let alerts = alerts.collect_view();
    let has_alerts = !alerts.is_empty();
    let crowded = vault.crowded.join(", ");
    let is_crowded = !crowded.is_empty();
    view! {
        <section class="card vault">
            <div class="card-head">
                <h2>{move || fill(SimText::VaultOf, &[&name])}</h2>
                <Badge tone=Tone::Quiet label=Signal::derive(move || settings.of(&rules)) />
                <span class="quiet">{vault.region}</span>
            </div>
            <p class="state" data-tone=tone.name()>{follow(vault.state)}</p>
            {is_crowded.then(|| view! { <Notice tone=Tone::Warn>
                <p>{move || fill(SimText::Crowded, &[&crowded])}</p>{advice_links(&[vhault_core::advice::AdviceId::Pol08])}</Notice> })}
            <ul class="tiles">
                {jobs.into_iter().collect_view()}
                {tiles.into_iter().map(|(name, value)| view! {
                    <li class="tile" data-tile=format!("{name:?}")><span class="quiet">{tell(name)}</span><strong class="number">{value}</strong></li>
                }).collect_view()}
            </ul>
            {if has_runs { view! {
                <div class="table-frame" role="group" aria-label=tell(SimText::NextRuns) tabindex="0"><table>
                    <caption>{tell(SimText::NextRuns)}</caption>
                    <thead><tr><th scope="col" class="number">{tell(SimText::When)}</th><th scope="col">{tell(SimText::Policy)}</th>
                        <th scope="col" class="number">{tell(SimText::Machines)}</th></tr></thead>
                    <tbody>{runs}</tbody>
                </table></div> }.into_any() } else { view! { <p class="quiet">{tell(SimText::NoRuns)}</p> }.into_any() }}
            <h3>{tell(SimText::Alerts)}</h3>
            {if has_alerts { view! { <ul class="findings alerts">{alerts}</ul> }.into_any() }
                else { view! { <p class="quiet">{tell(SimText::NoAlerts)}</p> }.into_any() }}
        </section>
    }
    .into_any()
}

/// How many jobs a tile names.
const LINKS_MAX: usize = 6;

fn job_links(vault: &VaultName, ids: &[JobId]) -> AnyView {
    let links = ids.iter().rev().take(LINKS_MAX).map(|id| {
        let number = id.to_string();
        view! { <a href=place::of_job(vault, *id)>{move || fill(SimText::JobOf, &[&number])}</a> " " }
    });
    view! { <span>{links.collect_view()}</span> }.into_any()
}
