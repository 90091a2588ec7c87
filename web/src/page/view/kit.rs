//! Kit: every control in each of its states.

mod charts;
mod controls;
mod many;

use leptos::prelude::*;
use vhault_web::text::Text;

use crate::page::settings::say;

/// The view.
#[component]
pub(crate) fn KitView() -> impl IntoView {
    view! {
        <h1>{say(Text::KitTitle)}</h1>
        <p class="lead">{say(Text::KitLead)}</p>
        <controls::Controls />
        <many::Many />
        <charts::Charts />
    }
}
