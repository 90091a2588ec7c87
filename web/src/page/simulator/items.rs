//! Protected items, and what can be asked of several at once.

use std::collections::BTreeSet;

use leptos::prelude::*;
use vhault_core::lifecycle::{VaultName, VmIdentity};
use vhault_web::text::SimText;
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::item::{Answer, Ask, Row, ask, rows};
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::{advice_links, fill, tell};
use crate::page::kit::{Badge, Notice};
use crate::page::settings::settings;

type Chosen = BTreeSet<(VaultName, VmIdentity)>;

/// Every item of every vault.
#[component]
pub(super) fn ItemsView() -> impl IntoView {
    let stage = Stage::here();
    let shown = Memo::new(move |_| stage.read(rows));
    let chosen = RwSignal::new(Chosen::new());
    let answers = RwSignal::new(Vec::<Answer>::new());
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty));
    let all = move || {
        shown.with(|rows| rows.iter().map(|row| (row.vault.clone(), row.item.clone())).collect::<Chosen>())
    };
    let on_ask = move |what: Ask| {
        // What is not there at this moment was not meant.
        let there = untrack(all);
        let items: Vec<_> = chosen.get_untracked().into_iter().filter(|item| there.contains(item)).collect();
        answers.set(stage.act(|simulator| ask(simulator, what, &items)));
    };
    let buttons = Ask::ALL.into_iter().map(|what| {
        let name = match what {
            Ask::BackUp => SimText::BackUpNow,
            Ask::Stop => SimText::StopKeep,
            Ask::Delete => SimText::StopDelete,
        };
        view! { <button type="button" disabled=move || chosen.with(BTreeSet::is_empty)
        on:click=move |_| on_ask(what)>{tell(name)}</button> }
    });
    let told = move || {
        let answers = answers.get();
        (!answers.is_empty()).then(|| view! {
            <h2>{tell(SimText::Answers)}</h2>
            <ul class="findings">{answers.into_iter().map(|(item, why)| {
                let words = why.map_or_else(|| tell(SimText::Accepted)().to_owned(), |why| settings().of(&why));
                view! { <li><strong>{item.to_string()}</strong> <span>{words}</span></li> }
            }).collect_view()}</ul>
        })
    };
    let heads = [
        SimText::Choose,
        SimText::Machine,
        SimText::Registration,
        SimText::Protection,
        SimText::Policy,
        SimText::LastBackup,
        SimText::Newest,
        SimText::PointCount,
        SimText::NextRun,
        SimText::SentBytes,
    ];
    view! {
        <h1>{tell(SimText::ItemsTitle)}</h1>
        {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::ItemsEmpty)}</p></Notice> })}
        <section class="card" hidden=is_empty>
            <div class="buttons">
                <button type="button" on:click=move |_| chosen.set(untrack(all))>{tell(SimText::ChooseAll)}</button>
                {buttons.collect_view()}
                <output class="quiet">{move || fill(SimText::Chosen, &[&chosen.with(BTreeSet::len).to_string()])}</output>
            </div>
            <div role="status">{told}</div>
            <div class="table-frame" role="group" aria-label=tell(SimText::ItemsTitle) tabindex="0"><table class="items">
                <caption>{tell(SimText::ItemsTitle)}</caption>
                <thead><tr>{heads.into_iter().map(|name| view! { <th scope="col">{tell(name)}</th> }).collect_view()}</tr></thead>
                <tbody><For each=move || shown.get() key=|row| (row.vault.clone(), row.item.clone()) let:row>
                    <ItemRow row shown chosen />
                </For></tbody>
            </table></div>
        </section>
    }
}

/// One item; it follows its own state and keeps its box.
#[component]
fn ItemRow(row: Row, shown: Memo<Vec<Row>>, chosen: RwSignal<Chosen>) -> impl IntoView {
    let settings = settings();
    let key = (row.vault.clone(), row.item.clone());
    let name = row.item.to_string();
    let now = {
        let key = key.clone();
        let row = row.clone();
        Memo::new(move |_| {
            let same = |other: &&Row| (&other.vault, &other.item) == (&key.0, &key.1);
            shown.with(|rows| rows.iter().find(same).cloned()).unwrap_or_else(|| row.clone())
        })
    };
    let is_chosen = {
        let key = key.clone();
        move || chosen.with(|chosen| chosen.contains(&key))
    };
    let on_choose = move |event| {
        let on = event_target_checked(&event);
        chosen.update(|chosen| {
            if on {
                chosen.insert(key.clone())
            } else {
                chosen.remove(&key)
            };
        });
    };
    let last = move || {
        now.get().last.map(|(words, tone, at, id)| view! {
        <Badge tone label=Signal::derive(move || settings.of(&words)) /> " " <span class="number">{at}</span> {advice_links(id.as_slice())}
    })
    };
    let text = move |of: fn(&Row) -> Option<String>| move || now.with(of).unwrap_or_else(|| "–".to_owned());
    view! {
        <tr data-item=name.clone()>
            <td><input type="checkbox" class="check-box" aria-label=name.clone() prop:checked=is_chosen on:change=on_choose /></td>
            <th scope="row" class="name">{name.clone()}</th>
            <td>{move || settings.of(&now.get().registration)}</td>
            <td>{move || { let row = now.get(); view! { <Badge tone=row.tone label=Signal::derive(move || settings.of(&row.protection)) /> {advice_links(&row.flags)} } }}</td>
            <td>{text(|row| row.policy.clone())}</td>
            <td>{last}</td>
            <td class="number">{text(|row| row.newest.clone())}</td>
            <td class="number">{move || now.with(|row| row.points)}</td>
            <td class="number">{text(|row| row.next_run.clone())}</td>
            <td class="number">{move || number::bytes(now.with(|row| row.sent_bytes))}</td>
        </tr>
    }
}
