//! Protected items, and what can be asked of several at once.

use leptos::prelude::*;
use vhault_web::text::SimText;
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::item::{Ask, Row, rows};
use vhault_web::view_model::tone::Tone;

use super::bulk::Bulk;
use super::choice_table::{Chosen, Shape, choice_table};
use super::discover::ProtectThem;
use super::stage::Stage;
use super::{advice_links, follow, tell};
use crate::page::kit::{Badge, Notice};
use crate::page::settings::settings;
use vhault_web::text::TaskText;

/// Every item of every vault.
#[component]
pub(super) fn ItemsView() -> impl IntoView {
    let stage = Stage::here();
    let shown = Memo::new(move |_| stage.read(rows));
    let chosen = RwSignal::new(Chosen::new());
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty));
    let shape = Shape {
        caption: SimText::ItemsTitle,
        class: "items",
        heads: vec![
            (SimText::Registration, false),
            (SimText::Protection, false),
            (SimText::Policy, false),
            (SimText::LastBackup, false),
            (SimText::Newest, true),
            (SimText::PointCount, true),
            (SimText::NextRun, false),
            (SimText::Punctual, false),
            (SimText::SentBytes, true),
        ],
        key: |row: &Row| (row.vault.clone(), row.item.clone()),
        state: |row| row.protection.clone(),
        cells,
    };
    view! {
        <h1>{tell(SimText::ItemsTitle)}</h1>
        <p><a class="button primary" href="#/sim/protect">{tell(TaskText::ProtectMachines)}</a></p>
        {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::ItemsEmpty)}</p></Notice> })}
        <section class="card" hidden=is_empty>
            <Bulk asks=Ask::PROTECTED.to_vec() chosen />
            <ProtectThem chosen name=TaskText::ChangePolicy />
            {choice_table(shape, shown, chosen)}
        </section>
    }
}

fn cells(row: Row) -> Vec<AnyView> {
    let settings = settings();
    let text = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned()).into_any();
    let (protection, tone) = (row.protection, row.tone);
    let last = row.last.map(|(words, tone, at, id)| view! {
        <Badge tone label=Signal::derive(move || settings.of(&words)) /> " " <span class="number">{at}</span> {advice_links(id.as_slice())}
    });
    let punctual = match (row.is_late, row.points) {
        (true, _) => view! { <Badge tone=Tone::Bad label=Signal::derive(move || TaskText::Late.say(settings.lang.get()).to_owned()) /> }.into_any(),
        (false, 0) => "–".into_any(),
        (false, _) => view! { <Badge tone=Tone::Good label=Signal::derive(move || TaskText::InTime.say(settings.lang.get()).to_owned()) /> }.into_any(),
    };
    let expected = row.expected.map(|(words, id)| {
        view! {
            <span class="quiet expected">{follow(words)}</span> {advice_links(id.as_slice())}
        }
    });
    let next =
        view! { <span class="number">{row.next_run.unwrap_or_else(|| "–".to_owned())}</span> {expected} };
    vec![
        follow(row.registration).into_any(),
        view! { <Badge tone label=Signal::derive(move || settings.of(&protection)) /> {advice_links(&row.flags)} }.into_any(),
        text(row.policy),
        last.map_or_else(|| "–".into_any(), IntoAny::into_any),
        text(row.newest),
        row.points.into_any(),
        next.into_any(),
        punctual,
        number::bytes(row.sent_bytes).into_any(),
    ]
}
