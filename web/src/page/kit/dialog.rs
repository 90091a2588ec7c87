//! Dialog and drawer: the browser's own modal element, in the middle or at
//! the side. It holds the focus, closes on Esc and gives the focus back.

use leptos::html;
use leptos::prelude::*;
use vhault_web::text::Text;

use crate::page::settings::say;

/// A dialog in the middle of the page.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open; the dialog writes it when it closes by itself.
    open: RwSignal<bool>,
    /// What its id begins with; once in a page.
    id: &'static str,
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    children: Children,
) -> impl IntoView {
    modal(open, id, "", title, children())
}

/// A dialog at the side, for the details of one thing among others.
#[component]
pub(crate) fn Drawer(
    /// Whether it is open; the drawer writes it when it closes by itself.
    open: RwSignal<bool>,
    /// What its id begins with; once in a page.
    id: &'static str,
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    children: Children,
) -> impl IntoView {
    modal(open, id, "drawer", title, children())
}

fn modal<V: IntoView>(
    open: RwSignal<bool>,
    id: &'static str,
    class: &'static str,
    title: Signal<String>,
    body: V,
) -> impl IntoView + use<V> {
    let dialog = NodeRef::<html::Dialog>::new();
    follow(dialog, open);
    let title_id = format!("{id}-title");
    view! {
        <dialog node_ref=dialog class=class aria-labelledby=title_id on:close=move |_| open.set(false)>
            <header class="dialog-head">
                <h2 id=title_id.clone()>{title}</h2>
                <button type="button" class="quiet-button" on:click=move |_| open.set(false)>{say(Text::Close)}</button>
            </header>
            {body}
        </dialog>
    }
}

/// Opens and closes a dialog element as a signal says.
pub(super) fn follow(dialog: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move || {
        let (Some(dialog), open) = (dialog.get(), open.get()) else { return };
        if open && !dialog.open() {
            // It is in the page and closed, so it opens.
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
}
