//! Virtual table: very many rows, of which only the seen ones are drawn.

use leptos::html;
use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::rows::{Leap, ROW_PIXELS, Rows};
use web_sys::KeyboardEvent;

use crate::page::settings::say;

/// One column.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    /// What it holds.
    pub(crate) name: Text,
    /// Whether these are numbers.
    pub(crate) is_number: bool,
    /// Its share of the width.
    pub(crate) share: u32,
}

/// A grid of rows of one height. Arrow keys, page keys, Home and End move;
/// Enter opens.
#[component]
pub(crate) fn VirtualTable(
    /// What the table is about.
    caption: Text,
    /// What its ids begin with; once in a page.
    id: &'static str,
    /// The columns.
    columns: Vec<Column>,
    /// How many rows there are.
    #[prop(into)]
    count: Signal<u64>,
    /// The cells of a row, one a column.
    cells: Callback<u64, Vec<AnyView>>,
    /// What a row is about, where that can change: a row is drawn anew when
    /// another number comes back.
    #[prop(optional, into)]
    identity: Option<Callback<u64, u64>>,
    /// What opening a row does.
    #[prop(optional, into)]
    on_open: Option<Callback<u64>>,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let rows = RwSignal::new(Rows::default());
    let at = RwSignal::new(0_u64);
    Effect::new(move || {
        let count = count.get();
        rows.update(|rows| rows.count = count);
        at.update(|at| *at = (*at).min(count.saturating_sub(1)));
        if let Some(frame) = frame.get() {
            measure(&frame, rows);
        }
    });
    let on_scroll = move |_| {
        if let Some(frame) = frame.get_untracked() {
            measure(&frame, rows);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let to = match event.key().as_str() {
            "ArrowUp" => Leap::Up,
            "ArrowDown" => Leap::Down,
            "PageUp" => Leap::PageUp,
            "PageDown" => Leap::PageDown,
            "Home" => Leap::First,
            "End" => Leap::Last,
            "Enter" if count.get_untracked() > 0 => {
                if let Some(on_open) = on_open {
                    event.prevent_default();
                    on_open.run(at.get_untracked());
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        let all = rows.get_untracked();
        let next = all.leap(at.get_untracked(), to);
        at.set(next);
        if let Some(frame) = frame.get_untracked() {
            frame.set_scroll_top(i32::try_from(all.reveal(next)).unwrap_or(i32::MAX));
            measure(&frame, rows);
        }
    };
    let template =
        columns.iter().map(|column| format!("minmax(0, {}fr)", column.share)).collect::<Vec<_>>().join(" ");
    let numeric: Vec<bool> = columns.iter().map(|column| column.is_number).collect();
    let width = columns.len().to_string();
    let heads = columns
        .into_iter()
        .map(|column| view! { <span role="columnheader" class:number=column.is_number>{say(column.name)}</span> })
        .collect_view();
    // The place of what is drawn, apart from where it is scrolled to.
    let drawn = Memo::new(move |_| rows.get().drawn());
    let seen = move || {
        let (first, past) = drawn.get();
        (first..past).map(|row| (row, identity.map_or(row, |identity| identity.run(row)))).collect::<Vec<_>>()
    };
    let row_id = move |row: u64| format!("{id}-row-{row}");
    let active = move || {
        let (first, past) = drawn.get();
        let at = at.get();
        (first..past).contains(&at).then(|| row_id(at))
    };
    let one = {
        let template = template.clone();
        move |row: u64| {
            let columns = template.clone();
            let filled = cells.run(row).into_iter().zip(numeric.clone()).map(|(cell, is_number)| {
                view! { <span role="gridcell" class:number=is_number>{cell}</span> }
            });
            view! {
                <div role="row" class="grid-row" id=row_id(row) aria-rowindex=(row + 2).to_string()
                    aria-selected=move || (at.get() == row).to_string() style:grid-template-columns=columns
                    on:click=move |_| at.set(row)
                    on:dblclick=move |_| if let Some(on_open) = on_open { on_open.run(row) }
                >{filled.collect_view()}</div>
            }
        }
    };
    view! {
        <div
            class="grid" role="grid" tabindex="0" node_ref=frame aria-label=say(caption)
            aria-rowcount=move || (count.get() + 1).to_string() aria-colcount=width
            aria-activedescendant=active on:scroll=on_scroll on:keydown=on_key
        >
            <div role="rowgroup" class="grid-head">
                <div role="row" class="grid-row" aria-rowindex="1" style:grid-template-columns=template>{heads}</div>
            </div>
            <div role="rowgroup" class="grid-space" style:height=move || format!("{}px", rows.get().pixels())>
                <div role="presentation" class="grid-rows"
                    style:transform=move || format!("translateY({}px)", rows.get().offset())>
                    <For each=seen key=|seen| *seen children=move |(row, _)| one(row) />
                </div>
            </div>
        </div>
    }
}

/// Notes what the browser made of the frame.
fn measure(frame: &web_sys::HtmlDivElement, rows: RwSignal<Rows>) {
    let scrolled = u64::try_from(frame.scroll_top()).unwrap_or(0);
    // The head covers a row of the window.
    let height = u64::try_from(frame.client_height()).unwrap_or(0).saturating_sub(u64::from(ROW_PIXELS));
    let seen = Rows { scrolled, height, ..rows.get_untracked() };
    if seen != rows.get_untracked() {
        rows.set(seen);
    }
}
