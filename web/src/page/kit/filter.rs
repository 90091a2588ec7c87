//! Filter bar: words and choices that narrow a list, and how many are left.

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::number;

use crate::page::settings::{say, settings};

/// One thing to narrow by.
pub(crate) struct FilterChoice {
    /// What it is.
    pub(crate) label: Text,
    /// Names to choose from; place 0 means all.
    pub(crate) options: Vec<Text>,
    /// The place of the chosen one.
    pub(crate) chosen: RwSignal<usize>,
}

/// Narrows a list by words and choices.
#[component]
pub(crate) fn FilterBar(
    /// What is being narrowed.
    label: Text,
    /// The words.
    words: RwSignal<String>,
    /// The choices.
    #[prop(optional)]
    choices: Vec<FilterChoice>,
    /// How many are left, of how many.
    #[prop(into)]
    left: Signal<(u64, u64)>,
) -> impl IntoView {
    let settings = settings();
    let chosen: Vec<RwSignal<usize>> = choices.iter().map(|choice| choice.chosen).collect();
    let is_narrowed = {
        let chosen = chosen.clone();
        Memo::new(move |_| !words.with(String::is_empty) || chosen.iter().any(|chosen| chosen.get() > 0))
    };
    let clear = move |_| {
        words.set(String::new());
        chosen.iter().for_each(|chosen| chosen.set(0));
    };
    let count = move || {
        let (left, all) = left.get();
        settings.fill(Text::LeftOf, &[&number::grouped(left), &number::grouped(all)])
    };
    let selects = choices
        .into_iter()
        .map(|FilterChoice { label, options, chosen }| {
            view! {
                <label class="choice"><span>{say(label)}</span>
                    <select prop:value=move || chosen.get().to_string() on:change=move |event| {
                        if let Ok(place) = event_target_value(&event).parse() {
                            chosen.set(place);
                        }
                    }>
                        {options.into_iter().enumerate().map(|(place, name)| view! {
                            <option value=place.to_string() selected=move || chosen.get() == place>{say(name)}</option>
                        }).collect_view()}
                    </select>
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="filter form" role="search" aria-label=say(label)>
            <label class="choice"><span>{say(Text::FilterWords)}</span>
                <input type="search" prop:value=words on:input=move |event| words.set(event_target_value(&event)) />
            </label>
            {selects}
            <button type="button" disabled=move || !is_narrowed.get() on:click=clear>{say(Text::FilterClear)}</button>
            <output class="quiet number" aria-live="polite">{count}</output>
        </div>
    }
}
