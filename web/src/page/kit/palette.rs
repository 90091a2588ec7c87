//! Palette: every command of the page, found by a few letters (Ctrl-K).

use leptos::ev::keydown;
use leptos::html;
use leptos::prelude::*;
use vhault_web::text::{Both, Lang, Text};
use vhault_web::view_model::search;
use web_sys::KeyboardEvent;

use super::dialog::follow;
use crate::page::settings::{say, settings};

/// One command.
#[derive(Clone)]
pub(crate) struct PaletteItem {
    /// What it does.
    pub(crate) name: Both,
    /// The key that does the same, if there is one.
    pub(crate) key: &'static str,
    /// Does it.
    pub(crate) run: Callback<()>,
}

/// The commands of the page; a view may add its own while it is there.
#[derive(Clone, Copy)]
pub(crate) struct Palette {
    items: RwSignal<Vec<PaletteItem>>,
    /// Whether it is shown.
    pub(crate) open: RwSignal<bool>,
}

impl Palette {
    /// Without commands yet.
    pub(crate) fn provide() -> Palette {
        let palette = Palette { items: RwSignal::new(Vec::new()), open: RwSignal::new(false) };
        provide_context(palette);
        palette
    }

    /// That of the page.
    pub(crate) fn here() -> Palette {
        expect_context()
    }

    /// Adds commands, until the view that adds them goes away.
    pub(crate) fn add(self, added: Vec<PaletteItem>) {
        let names: Vec<Both> = added.iter().map(|item| item.name.clone()).collect();
        self.items.update(|items| items.extend(added));
        on_cleanup(move || {
            // The page itself may be going.
            self.items.try_update(|items| items.retain(|item| !names.contains(&item.name)));
        });
    }

    /// The commands that fit what was typed, best first.
    fn found(self, typed: &str, lang: Lang) -> Vec<PaletteItem> {
        self.items.with(|items| {
            let names = items.iter().map(|item| item.name.get(lang));
            search::found(typed, names).into_iter().filter_map(|place| items.get(place).cloned()).collect()
        })
    }
}

/// The palette's dialog; one in a page.
#[component]
pub(crate) fn PaletteDialog() -> impl IntoView {
    let settings = settings();
    let palette = Palette::here();
    let open = palette.open;
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    let typed = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    follow(dialog, open);
    Effect::new(move || {
        if open.get() {
            typed.set(String::new());
            at.set(0);
        }
    });
    let handle = window_event_listener(keydown, move |event: KeyboardEvent| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            open.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || handle.remove());
    let found = Memo::new_with_compare(
        move |_| typed.with(|typed| palette.found(typed, settings.lang.get())),
        |old, new| {
            let names = |found: Option<&Vec<PaletteItem>>| {
                found.map(|found| found.iter().map(|item| item.name.clone()).collect::<Vec<_>>())
            };
            names(old) != names(new)
        },
    );
    let run = move |item: Option<PaletteItem>| {
        let Some(item) = item else { return };
        open.set(false);
        if let Some(dialog) = dialog.get_untracked() {
            // At once, so that the command finds the focus where it was.
            dialog.close();
        }
        item.run.run(());
    };
    let on_key = move |event: KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        let now = at.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => at.set((now + 1) % count),
            "ArrowUp" if count > 0 => at.set((now + count - 1) % count),
            "Home" => at.set(0),
            "End" => at.set(count.saturating_sub(1)),
            "Enter" => run(found.with_untracked(|found| found.get(now).cloned())),
            _ => return,
        }
        event.prevent_default();
    };
    let options = move || {
        found
            .get()
            .into_iter()
            .enumerate()
            .map(|(place, item)| {
                let (name, key) = (item.name.clone(), item.key);
                view! {
                    <li role="option" id=format!("palette-{place}") aria-selected=move || (at.get() == place).to_string()
                        on:mousemove=move |_| at.set(place) on:click=move |_| run(Some(item.clone()))>
                        <span>{move || settings.of(&name)}</span> {(!key.is_empty()).then(|| view! { <kbd>{key}</kbd> })}
                    </li>
                }
            })
            .collect_view()
    };
    let is_empty = move || found.with(Vec::is_empty);
    let active = move || (!is_empty()).then(|| format!("palette-{}", at.get()));
    view! {
        <dialog node_ref=dialog class="palette" aria-label=say(Text::PaletteTitle) on:close=move |_| open.set(false)>
            <input
                node_ref=input type="text" role="combobox" autocomplete="off" spellcheck="false" autofocus
                aria-label=say(Text::PaletteTitle) aria-expanded="true" aria-controls="palette-list"
                aria-autocomplete="list" aria-activedescendant=active
                placeholder=say(Text::PaletteHint) prop:value=typed
                on:input=move |event| { typed.set(event_target_value(&event)); at.set(0); } on:keydown=on_key
            />
            <ul role="listbox" id="palette-list" aria-label=say(Text::PaletteTitle) hidden=is_empty>{options}</ul>
            <p role="status" class="quiet">{move || is_empty().then(|| settings.say(Text::PaletteNothing))}</p>
        </dialog>
    }
}
