//! Badge and notice: a word with a meaning, and a message that stays.

use leptos::prelude::*;
use vhault_web::view_model::tone::Tone;

/// A short word with a meaning.
#[component]
pub(crate) fn Badge(tone: Tone, #[prop(into)] label: Signal<String>) -> impl IntoView {
    view! { <span class="badge" data-tone=tone.name()>{label}</span> }
}

/// A message that stays.
#[component]
pub(crate) fn Notice(tone: Tone, children: Children) -> impl IntoView {
    view! { <div class="notice" data-tone=tone.name()>{children()}</div> }
}
