//! Our controls: small, native where the browser has one, named for readers.

use leptos::html;
use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::number;
use vhault_web::view_model::pace::Pace;

use super::settings::{say, settings};

/// A short word with a tone: `good`, `info`, `warn`, `bad` or `quiet`.
#[component]
pub(crate) fn Badge(tone: &'static str, #[prop(into)] label: Signal<String>) -> impl IntoView {
    view! { <span class="badge" data-tone=tone>{label}</span> }
}

/// Progress of something that can be cancelled.
#[component]
pub(crate) fn Progress(
    /// What is under way.
    label: Text,
    #[prop(into)] pace: Signal<Pace>,
    #[prop(optional, into)] on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let settings = settings();
    let words = move || {
        let pace = pace.get();
        let rate = pace.rate().map(number::bytes);
        match (rate, pace.seconds_left()) {
            (Some(rate), Some(left)) => settings.fill(Text::RateAndRest, &[&rate, &number::span(left)]),
            (Some(_), None) if pace.total == 0 => {
                settings.fill(Text::ReadSoFar, &[&number::bytes(pace.done)])
            }
            (Some(rate), None) => settings.fill(Text::RateOnly, &[&rate]),
            (None, _) => String::new(),
        }
    };
    let value = move || pace.get().per_mille();
    let text = move || value().map(|part| number::percent(part, 1000)).unwrap_or_default();
    view! {
        <div class="progress">
            <div class="progress-head">
                <span>{say(label)}</span>
                <span class="number">{text}</span>
            </div>
            // Without a value the bar says "under way".
            {move || match value().is_some() {
                true => view! {
                    <progress max="1000" value=move || value().unwrap_or(0).to_string() aria-label=say(label)></progress>
                }.into_any(),
                false => view! { <progress aria-label=say(label)></progress> }.into_any(),
            }}
            <div class="progress-foot">
                <span class="quiet number">{words}</span>
                {on_cancel.map(|cancel| view! {
                    <button type="button" on:click=move |_| cancel.run(())>{say(Text::Cancel)}</button>
                })}
            </div>
        </div>
    }
}

/// Tabs whose panels stay as they were while another is shown.
#[component]
pub(crate) fn Tabs(
    /// What ids begin with; once in a page.
    #[prop(into)]
    id: String,
    /// What the tabs are about.
    label: Text,
    /// Each tab's name and panel.
    tabs: Vec<(Text, AnyView)>,
) -> impl IntoView {
    let chosen = RwSignal::new(0_usize);
    let count = tabs.len();
    let buttons: Vec<NodeRef<html::Button>> = tabs.iter().map(|_| NodeRef::new()).collect();
    let refs = buttons.clone();
    let on_key = move |event: web_sys::KeyboardEvent| {
        let at = chosen.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % count,
            "ArrowLeft" => (at + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        chosen.set(next);
        if let Some(button) = refs.get(next).and_then(|button| button.get_untracked()) {
            // A button that is shown takes the focus.
            let _ = button.focus();
        }
    };
    let (names, panels): (Vec<Text>, Vec<AnyView>) = tabs.into_iter().unzip();
    let tab_id = move |id: &str, place: usize| format!("{id}-tab-{place}");
    let heads = names
        .into_iter()
        .zip(buttons)
        .enumerate()
        .map(|(place, (name, button))| {
            view! {
                <button
                    type="button" role="tab" node_ref=button id=tab_id(&id, place)
                    aria-controls=format!("{id}-panel-{place}")
                    aria-selected=move || (chosen.get() == place).to_string()
                    tabindex=move || if chosen.get() == place { "0" } else { "-1" }
                    on:click=move |_| chosen.set(place)
                >{say(name)}</button>
            }
        })
        .collect_view();
    let bodies = panels.into_iter().enumerate().map(|(place, panel)| {
        view! {
            <div
                role="tabpanel" id=format!("{id}-panel-{place}") aria-labelledby=tab_id(&id, place) tabindex="0"
                hidden=move || chosen.get() != place
            >{panel}</div>
        }
    }).collect_view();
    view! {
        <div class="tabs">
            <div role="tablist" aria-label=say(label) on:keydown=on_key>{heads}</div>
            {bodies}
        </div>
    }
}

/// A table with a caption and columns; numbers are set to the right.
#[component]
pub(crate) fn Table(
    /// What the table is about.
    caption: Text,
    /// The columns, and whether each holds numbers.
    columns: Vec<(Text, bool)>,
    /// The rows, a cell a column.
    rows: Vec<Vec<AnyView>>,
) -> impl IntoView {
    let numeric: Vec<bool> = columns.iter().map(|(_, is_number)| *is_number).collect();
    view! {
        <div class="table-frame" role="group" aria-label=say(caption) tabindex="0">
            <table>
                <caption>{say(caption)}</caption>
                <thead><tr>
                    {columns.into_iter().map(|(name, is_number)| view! {
                        <th scope="col" class:number=is_number>{say(name)}</th>
                    }).collect_view()}
                </tr></thead>
                <tbody>
                    {rows.into_iter().map(|row| view! {
                        <tr>{row.into_iter().zip(numeric.clone()).map(|(cell, is_number)| view! {
                            <td class:number=is_number>{cell}</td>
                        }).collect_view()}</tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// Names and values, one pair a line.
#[component]
pub(crate) fn Pairs(pairs: Vec<(Text, AnyView)>) -> impl IntoView {
    view! {
        <dl class="pairs">
            {pairs.into_iter().map(|(name, value)| view! {
                <div><dt>{say(name)}</dt><dd>{value}</dd></div>
            }).collect_view()}
        </dl>
    }
}

/// A message that stays: its tone, and what it says.
#[component]
pub(crate) fn Notice(tone: &'static str, children: Children) -> impl IntoView {
    view! { <div class="notice" data-tone=tone>{children()}</div> }
}

/// Saves text as a file with this button.
#[component]
pub(crate) fn SaveJson(name: String, text: String, command: String) -> impl IntoView {
    let settings = settings();
    let save = move |_| {
        let mut whole = text.clone();
        // The program ends its line.
        whole.push('\n');
        save(&name, &whole);
    };
    view! {
        <p class="save">
            <button type="button" on:click=save>{say(Text::ExportJson)}</button>
            <span class="quiet">{move || settings.fill(Text::SameAsProgram, &[&command])}</span>
        </p>
    }
}

fn save(name: &str, text: &str) -> Option<()> {
    let parts = js_sys::Array::of1(&text.into());
    let bag = web_sys::BlobPropertyBag::new();
    bag.set_type("application/json");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &bag).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link = document().create_element("a").ok()?;
    link.set_attribute("href", &url).ok()?;
    link.set_attribute("download", name).ok()?;
    wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(link).ok()?.click();
    web_sys::Url::revoke_object_url(&url).ok()
}
