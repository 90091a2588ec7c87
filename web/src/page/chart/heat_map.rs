//! Heat map: blocks on a canvas, with a pointer, zoom, and a table twin.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::heat::{self, Cell, Step, Window};
use vhault_web::view_model::map::{Map, State};
use vhault_web::view_model::number;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement, KeyboardEvent, MouseEvent};

use crate::page::settings::{Settings, say, settings};

/// How many runs the table twin lists.
const RUNS_SHOWN: usize = 100;

/// Pixels a cell takes in the canvas' own measure.
const CELL_PIXELS: u32 = 16;

/// Pixels of CSS beside a map: the edges of the page and of its card.
const EDGE_PIXELS: u64 = 100;

/// Pixels of CSS that a map has. A canvas in a tab that is hidden has none yet.
fn room() -> u64 {
    let width = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width, and whole")]
    let width = width as u64;
    width.saturating_sub(EDGE_PIXELS)
}

/// The blocks of one image.
#[component]
pub(crate) fn HeatMap(map: Arc<Map>, name: String) -> impl IntoView {
    let settings = settings();
    let canvas = NodeRef::<html::Canvas>::new();
    let window = RwSignal::new(Window::whole(map.blocks()).fitted(room()));
    let turned = window_event_listener(leptos::ev::resize, move |_| {
        let fitted = window.get_untracked().fitted(room());
        if fitted != window.get_untracked() {
            window.set(fitted);
        }
    });
    on_cleanup(move || turned.remove());
    let drawn = map.clone();
    Effect::new(move || {
        settings.theme.track();
        if let Some(canvas) = canvas.get() {
            draw(&canvas, &drawn, window.get());
        }
    });
    let pointed = {
        let map = map.clone();
        move || {
            let seen = window.get();
            let past = (seen.at() + seen.step()).min(seen.past());
            describe(&heat::cell(&map, seen.at(), past), settings)
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let Some(next) = key(&event.key(), window.get_untracked()) else { return };
        event.prevent_default();
        window.set(next);
    };
    let on_mouse = move |event: MouseEvent| {
        if let Some(cell) =
            canvas.get_untracked().and_then(|canvas| under(&canvas, &event, window.get_untracked()))
        {
            window.update(|window| *window = window.point(cell));
        }
    };
    let legend = map
        .tally()
        .into_iter()
        .map(|(state, count)| {
            view! {
                <li><span class="swatch" data-state=state.name()></span>
                    <span>{say(state.text())}</span> <span class="number">{number::grouped(count)}</span></li>
            }
        })
        .collect_view();
    let zoom = move |change: fn(Window) -> Window| move |_| window.update(|window| *window = change(*window));
    let twin = {
        let map = map.clone();
        move || twin(&map, window.get(), settings)
    };
    view! {
        <div class="heat">
            <ul class="legend">{legend}</ul>
            <canvas
                node_ref=canvas tabindex="0" role="img"
                aria-label=move || settings.fill(Text::MapLabel, &[&name])
                on:keydown=on_key on:mousemove=on_mouse on:click=on_mouse
                on:dblclick=move |_| window.update(|window| *window = window.closer())
            ></canvas>
            <div class="heat-foot">
                <output class="pointed" aria-live="polite">{pointed}</output>
                <span class="buttons">
                    <button type="button" on:click=zoom(Window::closer)>{say(Text::ZoomIn)}</button>
                    <button type="button" on:click=zoom(Window::wider)>{say(Text::ZoomOut)}</button>
                    <button type="button" on:click=zoom(Window::all)>{say(Text::ZoomAll)}</button>
                </span>
            </div>
            <p class="quiet">{say(Text::MapHint)}</p>
            <details>
                <summary>{say(Text::MapTable)}</summary>
                {twin}
            </details>
        </div>
    }
}

fn key(key: &str, window: Window) -> Option<Window> {
    Some(match key {
        "ArrowLeft" => window.moved(Step::Left),
        "ArrowRight" => window.moved(Step::Right),
        "ArrowUp" => window.moved(Step::Up),
        "ArrowDown" => window.moved(Step::Down),
        "Home" => window.moved(Step::First),
        "End" => window.moved(Step::Last),
        "+" | "=" => window.closer(),
        "-" => window.wider(),
        "0" => window.all(),
        _ => return None,
    })
}

fn describe(cell: &Cell, settings: Settings) -> String {
    let state = settings.say(cell.state.text());
    let state =
        if cell.is_mixed { format!("{state} ({})", settings.say(Text::MixedWith)) } else { state.to_owned() };
    let from = number::grouped(cell.from);
    if cell.count <= 1 {
        return settings.fill(Text::MapOneBlock, &[&from, &state]);
    }
    settings.fill(Text::MapCell, &[&from, &number::grouped(cell.from + cell.count - 1), &state])
}

fn twin(map: &Map, window: Window, settings: Settings) -> AnyView {
    let runs: Vec<_> = map.within(window.from(), window.past()).collect();
    let rest = runs.len().saturating_sub(RUNS_SHOWN);
    view! {
        <div class="table-frame" role="group" aria-label=say(Text::MapTable) tabindex="0"><table>
            <thead><tr>
                <th scope="col" class="number">{say(Text::MapFrom)}</th>
                <th scope="col" class="number">{say(Text::MapCount)}</th>
                <th scope="col">{say(Text::MapState)}</th>
            </tr></thead>
            <tbody>{runs.into_iter().take(RUNS_SHOWN).map(|run| view! {
                <tr><td class="number">{number::grouped(run.from)}</td>
                    <td class="number">{number::grouped(run.count)}</td>
                    <td>{say(run.state.text())}</td></tr>
            }).collect_view()}</tbody>
        </table></div>
        {(rest > 0).then(|| view! {
            <p class="quiet">{settings.fill(Text::MapMore, &[&number::grouped(rest as u64)])}</p>
        })}
    }
    .into_any()
}

/// The cell under the mouse.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place on the canvas, cut to it"
)]
fn under(canvas: &HtmlCanvasElement, event: &MouseEvent, window: Window) -> Option<u64> {
    let (width, height) = (canvas.client_width(), canvas.client_height());
    if width <= 0 || height <= 0 {
        return None;
    }
    let x = f64::from(event.offset_x()) / f64::from(width);
    let y = f64::from(event.offset_y()) / f64::from(height);
    let rows = u32::try_from(window.rows()).ok()?;
    let column = (x.clamp(0.0, 0.999) * f64::from(u32::try_from(window.columns()).ok()?)) as u64;
    let row = (y.clamp(0.0, 0.999) * f64::from(rows)) as u64;
    Some(row * window.columns() + column)
}

fn draw(canvas: &HtmlCanvasElement, map: &Map, window: Window) -> Option<()> {
    let columns = u32::try_from(window.columns()).ok()?;
    canvas.set_width(columns * CELL_PIXELS);
    canvas.set_height(u32::try_from(window.rows()).ok()? * CELL_PIXELS);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let style = web_sys::window()?.get_computed_style(canvas).ok()??;
    let colour = |name: &str| property(&style, &format!("--{name}"));
    let side = f64::from(CELL_PIXELS);
    for (place, cell) in (0_u32..).zip(heat::cells(map, window)) {
        let (x, y) = (f64::from(place % columns) * side, f64::from(place / columns) * side);
        paint(&context, &cell, (x, y), &colour);
    }
    let place = u32::try_from(window.cell()).ok()?;
    let (x, y) = (f64::from(place % columns) * side, f64::from(place / columns) * side);
    context.set_stroke_style_str(&colour("text"));
    context.set_line_width(2.0);
    context.stroke_rect(x + 1.0, y + 1.0, side - 2.0, side - 2.0);
    Some(())
}

fn property(style: &CssStyleDeclaration, name: &str) -> String {
    style.get_property_value(name).unwrap_or_default().trim().to_owned()
}

/// Each state has a shape besides its colour.
fn paint(
    context: &CanvasRenderingContext2d,
    cell: &Cell,
    (x, y): (f64, f64),
    colour: &dyn Fn(&str) -> String,
) {
    let side = f64::from(CELL_PIXELS) - 2.0;
    let (x, y) = (x + 1.0, y + 1.0);
    context.set_fill_style_str(&colour("state-absent"));
    context.fill_rect(x, y, side, side);
    context.set_fill_style_str(&colour(&format!("state-{}", cell.state.name())));
    match cell.state {
        State::Absent => {}
        State::Empty | State::Zero => {
            context.fill_rect(x + side / 3.0, y + side / 3.0, side / 3.0, side / 3.0)
        }
        State::Partial => context.fill_rect(x, y + side / 2.0, side, side / 2.0),
        State::Whole | State::Same | State::Changed => context.fill_rect(x, y, side, side),
        State::Damaged => {
            context.fill_rect(x, y, side, side);
            context.set_stroke_style_str(&colour("card"));
            context.set_line_width(2.0);
            context.begin_path();
            for (from, to) in [(y, y + side), (y + side, y)] {
                context.move_to(x, from);
                context.line_to(x + side, to);
            }
            context.stroke();
        }
    }
    if cell.is_mixed {
        context.set_fill_style_str(&colour("text"));
        context.fill_rect(x + side - 4.0, y, 4.0, 4.0);
    }
}
