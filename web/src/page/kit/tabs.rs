//! Tabs.

use leptos::html;
use leptos::prelude::*;
use vhault_web::text::Text;

use crate::page::settings::say;

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
