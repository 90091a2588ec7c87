//! Timeline: lanes of what happened, a moment to seek, and a table twin.

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::timeline::{LANE_HEIGHT, Lane, Span, WIDTH};
use web_sys::{KeyboardEvent, MouseEvent};

use crate::page::settings::{Settings, say, settings};

/// How many rows the table twin has.
const ROWS_SHOWN: usize = 200;

/// Names below the picture at most.
const TICKS_MAX: u64 = 6;

/// Lanes of marks within a window of time. The slider below it seeks; + and −
/// on it zoom, 0 shows all.
#[component]
pub(crate) fn Timeline(
    /// What happened.
    label: Text,
    /// The lanes.
    #[prop(into)]
    lanes: Signal<Vec<Lane>>,
    /// All the time there is, in milliseconds.
    #[prop(into)]
    whole_ms: Signal<u64>,
    /// The moment that is looked at.
    at_ms: RwSignal<u64>,
    /// How a time is written.
    write: fn(u64) -> String,
) -> impl IntoView {
    let settings = settings();
    let svg = NodeRef::<leptos::svg::Svg>::new();
    let span = RwSignal::new(Span::whole(whole_ms.get_untracked()));
    Effect::new(move || span.set(Span::whole(whole_ms.get())));
    let seek = move |to: u64| {
        let to = to.min(whole_ms.get_untracked());
        at_ms.set(to);
        span.update(|span| *span = span.with(to));
    };
    let on_click = move |event: MouseEvent| {
        if let Some(svg) = svg.get_untracked() {
            let frame = svg.get_bounding_client_rect();
            if frame.width() > 0.0 {
                seek(span.get_untracked().at((f64::from(event.client_x()) - frame.left()) / frame.width()));
            }
        }
    };
    let zoom = move |change: fn(Span, u64) -> Span| {
        let at = at_ms.get_untracked();
        span.update(|span| *span = change(*span, at));
    };
    let all = move |_: Span, _| Span::whole(whole_ms.get_untracked());
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "+" | "=" => zoom(Span::closer),
            "-" => zoom(Span::wider),
            "0" => span.update(|span| *span = all(*span, 0)),
            _ => return,
        }
        event.prevent_default();
    };
    let on_input = move |event| {
        if let Ok(to) = event_target_value(&event).parse() {
            seek(to);
        }
    };
    let height = move || {
        lanes.with(|lanes| u32::try_from(lanes.len()).unwrap_or(u32::MAX)).saturating_mul(LANE_HEIGHT)
    };
    let marks = move || {
        lanes.with(|lanes| {
            lanes.iter().enumerate().map(|(row, lane)| draw(row, lane, span.get())).collect_view()
        })
    };
    let names = move || {
        lanes.with(|lanes| lanes.iter().map(|lane| view! { <li>{lane.name.clone()}</li> }).collect_view())
    };
    let cursor = move || format!("{:.1}", span.get().x(at_ms.get()));
    let ticks = move || {
        span.get()
            .ticks(TICKS_MAX)
            .into_iter()
            .map(|at| {
                let share = span.get().x(at) * 100.0 / f64::from(WIDTH);
                view! { <li style:left=format!("{share:.2}%")>{write(at)}</li> }
            })
            .collect_view()
    };
    let seen = move || {
        let span = span.get();
        settings.fill(Text::TimeSeen, &[&write(span.from_ms()), &write(span.until_ms())])
    };
    view! {
        <div class="timeline">
            <ul class="lanes" aria-hidden="true">{names}</ul>
            <div class="lane-frame">
                <svg node_ref=svg role="img" aria-label=say(label) preserveAspectRatio="none"
                    viewBox=move || format!("0 0 {WIDTH} {}", height()) height=height on:click=on_click>
                    {marks}
                    <line class="cursor" x1=cursor x2=cursor y1="0" y2=height />
                </svg>
                <ol class="ticks" aria-hidden="true">{ticks}</ol>
            </div>
            <label class="seek"><span>{say(Text::Moment)}</span>
                <input type="range" min="0" max=move || whole_ms.get().to_string()
                    step=move || (whole_ms.get() / 1000).max(1).to_string()
                    prop:value=move || at_ms.get().to_string() aria-valuetext=move || write(at_ms.get())
                    on:input=on_input on:keydown=on_key />
                <output class="number">{move || write(at_ms.get())}</output>
            </label>
            <div class="heat-foot">
                <output class="quiet" aria-live="polite">{seen}</output>
                <span class="buttons">
                    <button type="button" on:click=move |_| zoom(Span::closer)>{say(Text::ZoomIn)}</button>
                    <button type="button" on:click=move |_| zoom(Span::wider)>{say(Text::ZoomOut)}</button>
                    <button type="button" on:click=move |_| span.update(|span| *span = all(*span, 0))>{say(Text::ZoomAllTime)}</button>
                </span>
            </div>
            <details>
                <summary>{say(Text::TimelineTable)}</summary>
                {move || lanes.with(|lanes| twin(lanes, span.get(), write, settings))}
            </details>
        </div>
    }
}

fn draw(row: usize, lane: &Lane, span: Span) -> AnyView {
    let y = u32::try_from(row).unwrap_or(u32::MAX).saturating_mul(LANE_HEIGHT) + 4;
    let marks = span.drawn(lane).into_iter().filter_map(|drawn| {
        let mark = lane.marks.get(drawn.mark)?;
        Some(view! {
            <rect data-tone=mark.tone.name() x=format!("{:.1}", drawn.x) y=y width=format!("{:.1}", drawn.width)
                height=LANE_HEIGHT - 8 rx="2"><title>{mark.label.clone()}</title></rect>
        })
    });
    view! {
        <g>
            <line class="lane" x1="0" x2=WIDTH y1=y + LANE_HEIGHT - 4 y2=y + LANE_HEIGHT - 4 />
            {marks.collect_view()}
        </g>
    }
    .into_any()
}

fn twin(lanes: &[Lane], span: Span, write: fn(u64) -> String, settings: Settings) -> AnyView {
    let rows = lanes.iter().flat_map(|lane| {
        let seen = span.drawn(lane).into_iter().filter_map(|drawn| lane.marks.get(drawn.mark));
        seen.map(|mark| (lane.name.clone(), mark.clone())).collect::<Vec<_>>()
    });
    let rows = rows.take(ROWS_SHOWN).map(|(name, mark)| {
        view! {
            <tr><td>{name}</td><td class="number">{write(mark.from_ms)}</td><td class="number">{write(mark.until_ms)}</td>
                <td>{settings.say(mark.tone.text())}</td><td>{mark.label}</td></tr>
        }
    });
    view! {
        <div class="table-frame" role="group" aria-label=say(Text::TimelineTable) tabindex="0"><table>
            <thead><tr>
                <th scope="col">{settings.say(Text::Lane)}</th>
                <th scope="col" class="number">{settings.say(Text::From)}</th>
                <th scope="col" class="number">{settings.say(Text::Until)}</th>
                <th scope="col">{settings.say(Text::MapState)}</th>
                <th scope="col">{settings.say(Text::What)}</th>
            </tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table></div>
    }
    .into_any()
}
