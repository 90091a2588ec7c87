//! Bulk: one thing asked of several machines, each answered by itself.

use std::collections::BTreeSet;

use leptos::prelude::*;
use vhault_web::text::{SimText, TaskText};
use vhault_web::view_model::simulator::command_line;
use vhault_web::view_model::simulator::item::{Answer, Ask, ask, refusal};

use super::choice_table::{Chosen, Key};
use super::stage::Stage;
use super::{fill, follow, same_as, tell};
use crate::page::settings::settings;

fn name(ask: Ask) -> SimText {
    match ask {
        Ask::BackUp => SimText::BackUpNow,
        Ask::Stop => SimText::StopKeep,
        Ask::Delete => SimText::StopDelete,
        Ask::Register => SimText::RegisterThem,
        Ask::Unregister => SimText::UnregisterThem,
    }
}

/// Buttons for what can be asked, why not where none would take it, and the answers.
#[component]
pub(super) fn Bulk(asks: Vec<Ask>, chosen: RwSignal<Chosen>) -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let answers = RwSignal::new(Vec::<Answer>::new());
    let done = RwSignal::new(Vec::<String>::new());
    let items = move || chosen.get().into_iter().collect::<Vec<Key>>();
    let whys: Vec<_> = asks
        .iter()
        .map(|what| {
            let what = *what;
            (
                what,
                Memo::new(move |_| {
                    let items = items();
                    stage.read(|simulator| refusal(simulator, what, &items))
                }),
            )
        })
        .collect();
    let on_ask = move |what: Ask| {
        let items: Vec<Key> = chosen.get_untracked().into_iter().collect();
        let lines = items.iter().filter_map(|(vault, item)| command_line::of(&what.of(vault, item)));
        let lines: Vec<String> = lines.collect();
        answers.set(stage.act(|simulator| ask(simulator, what, &items)));
        done.set(lines);
    };
    let buttons = whys.clone().into_iter().map(|(what, why)| {
        let is_off = move || chosen.with(BTreeSet::is_empty) || why.with(Option::is_some);
        view! { <button type="button" disabled=is_off on:click=move |_| on_ask(what)>{tell(name(what))}</button> }
    });
    let reasons = whys.into_iter().map(|(what, why)| {
        move || {
            why.get().map(|why| {
                view! {
                <li><strong>{tell(name(what))}</strong> <span>{follow(why)}</span></li> }
            })
        }
    });
    let reasons = reasons.map(|reason| view! { {reason} }).collect_view();
    let told =
        move || {
            let answers = answers.get();
            (!answers.is_empty()).then(|| view! {
            <h2>{tell(SimText::Answers)}</h2>
            <ul class="findings">{answers.into_iter().map(|(item, why)| {
                let words = why.map_or_else(
                    || SimText::Accepted.say(settings.lang.get()).to_owned(), |why| settings.of(&why));
                view! { <li><strong>{item.to_string()}</strong> <span>{words}</span></li> }
            }).collect_view()}</ul>
            {same_as((!done.with(Vec::is_empty)).then(|| done.get().join("\n")))}
        })
        };
    let has_reasons = move || !chosen.with(BTreeSet::is_empty);
    view! {
        <div class="buttons">
            {buttons.collect_view()}
            <output class="quiet">{move || fill(SimText::Chosen, &[&chosen.with(BTreeSet::len).to_string()])}</output>
        </div>
        <ul class="findings reasons" aria-label=tell(TaskText::WhyNot) hidden=move || !has_reasons()>{reasons}</ul>
        <div role="status">{told}</div>
    }
}
