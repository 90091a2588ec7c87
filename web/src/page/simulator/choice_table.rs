//! Choice table: rows with a box each, narrowed by words and state.

use std::collections::BTreeSet;

use leptos::prelude::*;
use vhault_core::lifecycle::{VaultName, VmIdentity};
use vhault_web::text::{Both, SimText, TaskText};

use super::{fill, tell};
use crate::page::settings::settings;

/// A machine of a vault.
pub(super) type Key = (VaultName, VmIdentity);

/// Those whose box is set.
pub(super) type Chosen = BTreeSet<Key>;

/// What a table shows of a row.
pub(super) struct Shape<R> {
    /// What the table is about.
    pub(super) caption: SimText,
    /// Its name in the style sheet.
    pub(super) class: &'static str,
    /// The heads, and whether each stands over numbers.
    pub(super) heads: Vec<(SimText, bool)>,
    /// Which machine a row is.
    pub(super) key: fn(&R) -> Key,
    /// Its state, to narrow by.
    pub(super) state: fn(&R) -> Both,
    /// Its cells after the name.
    pub(super) cells: fn(R) -> Vec<AnyView>,
}

/// The table, with what narrows it. Rows keep their boxes while their state changes.
pub(super) fn choice_table<R>(shape: Shape<R>, rows: Memo<Vec<R>>, chosen: RwSignal<Chosen>) -> AnyView
where
    R: Clone + PartialEq + Send + Sync + 'static,
{
    let settings = settings();
    let Shape { caption, class, heads, key, state, cells } = shape;
    let (words, wanted) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let states = Memo::new(move |_| {
        let mut states: Vec<Both> = Vec::new();
        rows.with(|rows| {
            rows.iter().map(state).for_each(|one| {
                if !states.contains(&one) {
                    states.push(one);
                }
            })
        });
        states
    });
    let shown = Memo::new(move |_| {
        let (words, wanted) = (words.get().trim().to_lowercase(), wanted.get());
        let fits = |row: &&R| {
            let state = state(row);
            let name = key(row).1.to_string().to_lowercase();
            (words.is_empty() || name.contains(&words)) && (wanted.is_empty() || state.en == wanted)
        };
        rows.with(|rows| rows.iter().filter(fits).cloned().collect::<Vec<R>>())
    });
    let numeric: Vec<bool> = heads.iter().map(|(_, is_number)| *is_number).collect();
    let all = move || {
        chosen.update(|chosen| {
            chosen.extend(shown.with_untracked(|rows| rows.iter().map(key).collect::<Vec<_>>()))
        });
    };
    let left = move || {
        let numbers = [shown.with(Vec::len).to_string(), rows.with(Vec::len).to_string()];
        fill(TaskText::LeftOf, &[&numbers[0], &numbers[1]])
    };
    let one = move |row: R| {
        let here = key(&row);
        let name = here.1.to_string();
        let now = {
            let here = here.clone();
            Memo::new(move |_| {
                rows.with(|rows| rows.iter().find(|other| key(other) == here).cloned())
                    .unwrap_or_else(|| row.clone())
            })
        };
        let is_chosen = {
            let here = here.clone();
            move || chosen.with(|chosen| chosen.contains(&here))
        };
        let on_choose = move |event| {
            let on = event_target_checked(&event);
            chosen.update(|chosen| {
                if on {
                    chosen.insert(here.clone())
                } else {
                    chosen.remove(&here)
                };
            });
        };
        let numeric = numeric.clone();
        let drawn = move || {
            let cells = cells(now.get()).into_iter().zip(numeric.clone());
            cells.map(|(cell, is_number)| view! { <td class:number=is_number>{cell}</td> }).collect_view()
        };
        view! {
            <tr data-item=name.clone()>
                <td><input type="checkbox" class="check-box" aria-label=name.clone() prop:checked=is_chosen on:change=on_choose /></td>
                <th scope="row" class="name">{name.clone()}</th>
                {drawn}
            </tr>
        }
    };
    view! {
        <div class="filter form" role="search" aria-label=tell(caption)>
            <label class="choice"><span>{tell(TaskText::FindMachine)}</span>
                <input type="search" prop:value=words on:input=move |event| words.set(event_target_value(&event)) /></label>
            <label class="choice"><span>{tell(SimText::Status)}</span>
                <select prop:value=wanted on:change=move |event| wanted.set(event_target_value(&event))>
                    <option value="">{tell(SimText::All)}</option>
                    {move || states.get().into_iter().map(|state| {
                        let value = state.en.clone();
                        view! { <option value=value>{settings.of(&state)}</option> }
                    }).collect_view()}
                </select></label>
            <button type="button" on:click=move |_| all()>{tell(SimText::ChooseAll)}</button>
            <button type="button" disabled=move || chosen.with(BTreeSet::is_empty)
                on:click=move |_| chosen.set(Chosen::new())>{tell(TaskText::ChooseNone)}</button>
            <output class="quiet number" aria-live="polite">{left}</output>
        </div>
        <div class="table-frame" role="group" aria-label=tell(caption) tabindex="0"><table class=class>
            <caption>{tell(caption)}</caption>
            <thead><tr>
                <th scope="col">{tell(SimText::Choose)}</th><th scope="col">{tell(SimText::Machine)}</th>
                {heads.into_iter().map(|(name, is_number)| view! {
                    <th scope="col" class:number=is_number>{tell(name)}</th> }).collect_view()}
            </tr></thead>
            <tbody><For each=move || shown.get() key=move |row| key(row) let:row>{one(row)}</For></tbody>
        </table></div>
    }
    .into_any()
}
