//! Strip: one cell a day or a run, with what became of it.

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::tone::Tone;

use crate::page::settings::{say, settings};

/// One cell.
#[derive(Clone)]
pub(crate) struct StripCell {
    /// Which day or run.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) tone: Tone,
}

/// Cells in a row, oldest first. A list to those who listen.
#[component]
pub(crate) fn Strip(
    /// What the cells are.
    label: Text,
    /// The cells.
    #[prop(into)]
    cells: Signal<Vec<StripCell>>,
) -> impl IntoView {
    let settings = settings();
    let one = move |cell: StripCell| {
        let tone = cell.tone;
        let words = {
            let name = cell.name.clone();
            move || format!("{name}: {}", settings.say(tone.text()))
        };
        view! {
            <li data-tone=tone.name() title=words>
                <span aria-hidden="true">{tone.sign()}</span>
                <span class="unseen">{words.clone()}</span>
            </li>
        }
    };
    view! {
        <ol class="strip" role="list" aria-label=say(label)>
            {move || cells.get().into_iter().map(one).collect_view()}
        </ol>
    }
}
