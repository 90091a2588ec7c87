//! Discover and register: what can be taken in, and why not.

use leptos::prelude::*;
use vhault_core::lifecycle::VaultName;
use vhault_core::sim::Command;
use vhault_web::text::{Both, SimText, TaskText};
use vhault_web::view_model::simulator::item::Ask;
use vhault_web::view_model::simulator::machine::{Row, discoveries, registered};
use vhault_web::view_model::tone::Tone;

use super::bulk::Bulk;
use super::choice_table::{Chosen, Shape, choice_table};
use super::drafts::Drafts;
use super::stage::Stage;
use super::{deed_button, fill, follow, tell};
use crate::page::kit::{Badge, Notice};
use crate::page::settings::settings;

/// Every machine there is, as each vault sees it.
#[component]
pub(super) fn DiscoverView() -> impl IntoView {
    let stage = Stage::here();
    let found = Memo::new(move |_| stage.read(discoveries));
    let rows = Memo::new(move |_| {
        found.with(|found| found.iter().flat_map(|found| found.rows.clone()).collect::<Vec<Row>>())
    });
    let heads = Memo::new(move |_| {
        found.with(|found| {
            let head = |found: &vhault_web::view_model::simulator::machine::Discovery| {
                (
                    found.vault.clone(),
                    found.is_explicit,
                    found.until.clone(),
                    found.last.clone(),
                    found.search.clone(),
                )
            };
            found.iter().map(head).collect::<Vec<_>>()
        })
    });
    let chosen = RwSignal::new(Chosen::new());
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let shape = Shape {
        caption: SimText::Discover,
        class: "machines",
        heads: vec![
            (SimText::Region, false),
            (SimText::Model, false),
            (SimText::System, false),
            (SimText::Power, false),
            (SimText::DataDisks, true),
            (SimText::Capacity, true),
            (SimText::Agent, false),
            (SimText::Status, false),
            (SimText::Eligible, false),
        ],
        key: |row: &Row| (row.vault.clone(), row.machine.clone()),
        state: |row| row.known.0.clone(),
        cells,
    };
    view! {
        <h1>{tell(SimText::Discover)}</h1>
        <p class="lead">{tell(TaskText::DiscoverLead)}</p>
        {move || heads.get().into_iter().map(search).collect_view()}
        {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(TaskText::NoMachines)}</p></Notice> })}
        <section class="card" hidden=is_empty>
            <Bulk asks=vec![Ask::Register] chosen />
            <ProtectThem chosen name=TaskText::ProtectChosen />
            {choice_table(shape, rows, chosen)}
        </section>
    }
}

/// Searching in one vault: when it did, and the button, or why not.
fn search(
    (vault, is_explicit, until, last, search): (
        VaultName,
        bool,
        Option<String>,
        Option<String>,
        Result<Command, Both>,
    ),
) -> AnyView {
    let name = vault.to_string();
    let state = move || match (&until, &last) {
        _ if !is_explicit => TaskText::FoundAlways.say(settings().lang.get()).to_owned(),
        (Some(until), _) => fill(TaskText::SearchingUntil, &[until]),
        (None, Some(last)) => fill(TaskText::FoundAt, &[last]),
        (None, None) => TaskText::NeverSearched.say(settings().lang.get()).to_owned(),
    };
    view! {
        <section class="card search-vault">
            <div class="card-head"><h2>{move || fill(SimText::VaultOf, &[&name])}</h2> <span class="quiet">{state}</span></div>
            {is_explicit.then(|| deed_button(TaskText::SearchNow, search))}
        </section>
    }
    .into_any()
}

/// Goes to the wizard with what is chosen.
#[component]
pub(super) fn ProtectThem(chosen: RwSignal<Chosen>, name: TaskText) -> impl IntoView {
    let drafts = Drafts::here();
    let go = move |_| {
        let items = chosen.get_untracked();
        let Some((vault, _)) = items.first().cloned() else { return };
        let machines = items.into_iter().filter(|(other, _)| *other == vault).map(|(_, machine)| machine);
        drafts.protect.machines.set(machines.collect());
        drafts.protect.vault.set(Some(vault));
        drafts.protect.at.set(0);
        let _ = window().location().set_hash("#/sim/protect");
    };
    view! { <p><button type="button" class="primary" disabled=move || chosen.with(Chosen::is_empty) on:click=go>
    {tell(name)}</button></p> }
}

fn badge((words, tone): (Both, Tone)) -> AnyView {
    let settings = settings();
    view! { <Badge tone label=Signal::derive(move || settings.of(&words)) /> }.into_any()
}

fn cells(row: Row) -> Vec<AnyView> {
    let eligible = match row.next {
        Ok(_) => view! { <span>{tell(TaskText::Yes)}</span> }.into_any(),
        Err(why) => view! { <span class="quiet why">{follow(why)}</span> }.into_any(),
    };
    vec![
        row.region.into_any(),
        follow(row.model).into_any(),
        follow(row.system).into_any(),
        badge(row.power),
        row.disks.0.into_any(),
        format!("{} GB", row.disks.1).into_any(),
        badge(row.agent),
        badge(row.known),
        eligible,
    ]
}

/// Machines that some vault has listed, and how far each is.
#[component]
pub(super) fn RegisteredView() -> impl IntoView {
    let stage = Stage::here();
    let rows = Memo::new(move |_| stage.read(registered));
    let chosen = RwSignal::new(Chosen::new());
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let shape = Shape {
        caption: SimText::Registered,
        class: "registered",
        heads: vec![
            (SimText::Model, false),
            (SimText::Registration, false),
            (SimText::Agent, false),
            (SimText::Extension, false),
            (SimText::Protection, false),
        ],
        key: |row: &Row| (row.vault.clone(), row.machine.clone()),
        state: |row| row.registration.clone().map_or_else(|| Both::new("", ""), |(words, _)| words),
        cells: |row| {
            let registration = row.registration.map_or_else(|| "–".into_any(), badge);
            vec![
                follow(row.model).into_any(),
                registration,
                badge(row.agent),
                follow(row.extension).into_any(),
                badge(row.known),
            ]
        },
    };
    view! {
        <h1>{tell(SimText::Registered)}</h1>
        <p class="lead">{tell(TaskText::RegisteredLead)}</p>
        {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::ItemsEmpty)}</p></Notice> })}
        <section class="card" hidden=is_empty>
            <Bulk asks=Ask::REGISTERED.to_vec() chosen />
            <ProtectThem chosen name=TaskText::ProtectChosen />
            {choice_table(shape, rows, chosen)}
        </section>
    }
}
