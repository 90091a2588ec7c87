//! Timeline: a lane for every machine on a canvas, a brush, and a table twin.

use leptos::html;
use leptos::prelude::*;
use vhault_core::lifecycle::VmIdentity;
use vhault_core::sim::moment;
use vhault_core::time::{Instant, Span as Time};
use vhault_web::simulator::Simulator;
use vhault_web::text::{Both, SimText, Text, seeing};
use vhault_web::view_model::simulator::happening;
use vhault_web::view_model::simulator::swim::{Mark, Shape, Swim};
use vhault_web::view_model::simulator::why::Question;
use vhault_web::view_model::timeline::Span;
use vhault_web::view_model::tone::Tone;
use web_sys::{HtmlCanvasElement, KeyboardEvent, PointerEvent};

use super::stage::Stage;
use super::why::{WhyButton, WhyDesk};
use super::{follow, phrase, phrase_with, tell};
use crate::page::chart::Pen;
use crate::page::kit::{Badge, Notice};
use crate::page::settings::{say, settings, words};

/// How high a lane is.
const LANE_PIXELS: f64 = 28.0;
/// How high the names of moments are.
const AXIS_PIXELS: f64 = 24.0;
/// Lanes seen at once, before the frame scrolls.
const LANES_SEEN: f64 = 14.0;
/// A pointer that moves less has clicked.
const BRUSH_PIXELS_MIN: f64 = 5.0;
/// How far from a mark a click still means it.
const SLACK_PIXELS: f64 = 7.0;
/// Rows of the twin.
const ROWS_MAX: usize = 200;

/// What is seen, and what is chosen in it.
#[derive(Clone, Copy)]
struct View {
    span: Span,
    lane: usize,
    mark: Option<usize>,
    brush: Option<(f64, f64)>,
    scroll: f64,
}

/// All that the canvas and what stands below it share.
#[derive(Clone, Copy)]
struct Desk {
    stage: Stage,
    swim: StoredValue<Swim>,
    view: StoredValue<View>,
    touched: RwSignal<u64>,
    canvas: NodeRef<html::Canvas>,
    frame: NodeRef<html::Div>,
}

impl Desk {
    fn change(self, change: impl FnOnce(&mut View)) {
        self.view.update_value(change);
        self.touched.update(|count| *count += 1);
    }

    /// Takes up what happened, and keeps what is chosen where it still is.
    fn catch_up(self, simulator: &Simulator) {
        self.swim.update_value(|swim| swim.follow(simulator));
        let whole_ms = Swim::since(simulator.genesis().start, simulator.end().max(simulator.now()));
        let lanes =
            self.swim.with_value(|swim| swim.lanes().iter().map(|lane| lane.marks.len()).collect::<Vec<_>>());
        self.view.update_value(|view| {
            view.span = view.span.of_whole(whole_ms);
            view.lane = view.lane.min(lanes.len().saturating_sub(1));
            view.mark = view.mark.filter(|mark| lanes.get(view.lane).is_some_and(|count| mark < count));
        });
    }

    fn mark(self) -> Option<Mark> {
        let view = self.view.get_value();
        self.swim.with_value(|swim| swim.lanes().get(view.lane)?.marks.get(view.mark?).copied())
    }

    fn vm(self) -> Option<VmIdentity> {
        let lane = self.view.get_value().lane;
        self.swim.with_value(|swim| swim.lanes().get(lane)?.vm.clone())
    }

    fn instant(self, at_ms: u64) -> Instant {
        let start = self.stage.peek(|simulator| simulator.genesis().start);
        let span = Time::from_milliseconds(i64::try_from(at_ms).unwrap_or(i64::MAX));
        start.checked_add(span).unwrap_or(start)
    }

    fn go(self) {
        if let Some(mark) = self.mark() {
            self.stage.seek(
                self.instant(mark.until_ms.filter(|_| mark.shape == Shape::Job).unwrap_or(mark.from_ms)),
            );
        }
    }

    /// The mark before or after, and a window that shows it.
    fn step(self, forth: bool) {
        let view = self.view.get_value();
        let next = self.swim.with_value(|swim| {
            let mark = swim.step(view.lane, view.mark, forth)?;
            Some((mark, swim.lanes().get(view.lane)?.marks.get(mark)?.from_ms))
        });
        if let Some((mark, at_ms)) = next {
            self.change(|view| (view.mark, view.span) = (Some(mark), view.span.with(at_ms)));
        }
    }

    fn switch(self, down: bool) {
        let count = self.swim.with_value(|swim| swim.lanes().len());
        let lane = self.view.get_value().lane;
        let lane = if down { (lane + 1).min(count.saturating_sub(1)) } else { lane.saturating_sub(1) };
        self.change(|view| (view.lane, view.mark) = (lane, None));
        if let Some(frame) = self.frame.get_untracked() {
            let (top, high) = (as_pixels(lane) * LANE_PIXELS, f64::from(frame.client_height()) - AXIS_PIXELS);
            let seen = f64::from(frame.scroll_top());
            if top < seen || top + LANE_PIXELS > seen + high {
                #[expect(clippy::cast_possible_truncation, reason = "pixels of a scrolled frame")]
                frame.set_scroll_top((top - high / 2.0).max(0.0) as i32);
            }
        }
    }

    fn zoom(self, change: fn(Span, u64) -> Span) {
        let now_ms = self.stage.peek(now_ms);
        let at_ms = self.mark().map_or(now_ms, |mark| mark.from_ms);
        self.change(|view| view.span = change(view.span, at_ms));
    }

    fn all(self) {
        let whole_ms = self.stage.peek(|simulator| Swim::since(simulator.genesis().start, simulator.end()));
        self.change(|view| view.span = Span::whole(whole_ms));
    }
}

fn now_ms(simulator: &Simulator) -> u64 {
    Swim::since(simulator.genesis().start, simulator.now())
}

fn as_pixels(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Where the lanes begin.
fn gutter(width: f64) -> f64 {
    if width < 560.0 { 76.0 } else { 140.0 }
}

/// The timeline of all machines.
#[component]
pub(super) fn TimelineView() -> impl IntoView {
    let (stage, why) = (Stage::here(), WhyDesk::here());
    let settings = settings();
    let span = Span::whole(stage.peek(|simulator| Swim::since(simulator.genesis().start, simulator.end())));
    let view = View { span, lane: 0, mark: None, brush: None, scroll: 0.0 };
    let desk = Desk {
        stage,
        swim: StoredValue::new(Swim::default()),
        view: StoredValue::new(view),
        touched: RwSignal::new(0),
        canvas: NodeRef::new(),
        frame: NodeRef::new(),
    };
    Effect::new(move || {
        settings.theme.track();
        let lang = settings.lang.get();
        desk.touched.track();
        let Some(canvas) = desk.canvas.get() else { return };
        stage.paint(|simulator| {
            desk.catch_up(simulator);
            draw(&canvas, desk, simulator, seeing::SURROUNDINGS.say(lang));
        });
    });
    let lanes = Memo::new(move |_| {
        stage.read(|simulator| {
            desk.catch_up(simulator);
            desk.swim.with_value(|swim| swim.lanes().len())
        })
    });
    let is_empty = move || lanes.get() == 0;
    let frame_height = move || as_pixels(lanes.get()).min(LANES_SEEN) * LANE_PIXELS + AXIS_PIXELS;
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowRight" => desk.step(true),
            "ArrowLeft" => desk.step(false),
            "ArrowDown" => desk.switch(true),
            "ArrowUp" => desk.switch(false),
            "Enter" => desk.go(),
            "+" | "=" => desk.zoom(Span::closer),
            "-" => desk.zoom(Span::wider),
            "0" => desk.all(),
            "w" | "W" => {
                if let Some(mark) = desk.mark() {
                    why.ask(stage, &Question::Event(mark.number));
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let window = move || {
        desk.touched.track();
        stage.glance(|_| ());
        let span = desk.view.get_value().span;
        let (from, until) = (desk.instant(span.from_ms()), desk.instant(span.until_ms()));
        phrase_with(seeing::WINDOW, &[&moment(from), &moment(until)])
    };
    let chosen = Memo::new(move |_| {
        desk.touched.track();
        stage.glance(|simulator| {
            let mark = desk.mark()?;
            let (_, record) = simulator.event(mark.number)?;
            Some((desk.vm(), mark, happening::of(record)))
        })
    });
    view! {
        <h1>{phrase(seeing::SWIM_TITLE)}</h1>
        <p class="lead">{phrase(seeing::SWIM_LEAD)}</p>
        {move || is_empty().then(|| view! { <Notice tone=Tone::Info><p>{phrase(seeing::SWIM_EMPTY)}</p></Notice> })}
        <section class="card swim" hidden=is_empty>
            <ul class="legend">
                {[Shape::Job, Shape::Point, Shape::Fault, Shape::Alert].into_iter().map(|shape| view! {
                    <li><span class="mark-sign" aria-hidden="true">{sign(shape)}</span> {phrase(shape.text())}</li> }).collect_view()}
            </ul>
            <div class="swim-frame" node_ref=desk.frame style:height=move || format!("{}px", frame_height())
                on:scroll=move |_| desk.change(|view| view.scroll = desk.frame.get_untracked().map_or(0.0, |frame| f64::from(frame.scroll_top())))>
                <div style:height=move || format!("{}px", as_pixels(lanes.get()) * LANE_PIXELS + AXIS_PIXELS)>
                    <canvas node_ref=desk.canvas tabindex="0" role="img" aria-label=phrase(seeing::SWIM_LABEL)
                        aria-describedby="swim-keys" style:height=move || format!("{}px", frame_height())
                        on:keydown=on_key on:pointerdown=move |event| press(desk, &event)
                        on:pointermove=move |event| drag(desk, &event) on:pointerup=move |event| release(desk, &event)
                        on:pointercancel=move |_| desk.change(|view| view.brush = None)></canvas>
                </div>
            </div>
            <div class="buttons">
                <button type="button" on:click=move |_| desk.switch(false)>{phrase(seeing::LANE_ABOVE)}</button>
                <button type="button" on:click=move |_| desk.switch(true)>{phrase(seeing::LANE_BELOW)}</button>
                <button type="button" on:click=move |_| desk.step(false)>{phrase(seeing::PREVIOUS_MARK)}</button>
                <button type="button" on:click=move |_| desk.step(true)>{phrase(seeing::NEXT_MARK)}</button>
                <button type="button" class="zoom-in" on:click=move |_| desk.zoom(Span::closer)>{say(Text::ZoomIn)}</button>
                <button type="button" class="zoom-out" on:click=move |_| desk.zoom(Span::wider)>{say(Text::ZoomOut)}</button>
                <button type="button" class="zoom-all" on:click=move |_| desk.all()>{say(Text::ZoomAllTime)}</button>
            </div>
            <output class="quiet number window">{window}</output>
            <div class="chosen" aria-live="polite">{move || match chosen.get() {
                Some((vm, mark, line)) => view! {
                    <Badge tone=line.tone label=words(line.tone.text()) />
                    <span class="name">{vm.map_or_else(|| phrase(seeing::SURROUNDINGS)().to_owned(), |vm| vm.to_string())}</span>
                    <span class="number quiet">{line.at.clone()}</span>
                    <span>{follow(line.words.clone())}</span>
                    <button type="button" on:click=move |_| desk.go()>{phrase(seeing::SEEK_MARK)}</button>
                    <WhyButton question=Question::Event(mark.number) name=named(&line.words) />
                }.into_any(),
                None => view! { <span class="quiet">{phrase(seeing::NO_MARK)}</span> }.into_any(),
            }}</div>
            <p class="quiet" id="swim-keys">{phrase(seeing::SWIM_KEYS)}</p>
            <Twin desk />
        </section>
    }
}

/// A name for a button, in the language in force.
pub(super) fn named(words: &Both) -> Signal<String> {
    let (settings, words) = (settings(), words.clone());
    Signal::derive(move || settings.of(&words))
}

fn sign(shape: Shape) -> &'static str {
    match shape {
        Shape::Job => "▬",
        Shape::Point => "◆",
        Shape::Fault => "✕",
        Shape::Alert => "▲",
    }
}

/// What the window shows, as a table; made only while it is open.
#[component]
fn Twin(desk: Desk) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let rows = Memo::new(move |_| {
        if !is_open.get() {
            return (Vec::new(), 0);
        }
        desk.touched.track();
        desk.stage.read(|simulator| {
            let (now_ms, span) = (now_ms(simulator), desk.view.get_value().span);
            desk.swim.with_value(|swim| {
                let seen = |lane: usize| swim.seen(lane, span, now_ms).map(move |(_, mark)| (lane, *mark));
                let mut all: Vec<(usize, Mark)> = (0..swim.lanes().len()).flat_map(seen).collect();
                all.sort_by_key(|(lane, mark)| (std::cmp::Reverse(mark.from_ms), *lane));
                let count = all.len();
                let row = |(lane, mark): (usize, Mark)| {
                    let line = simulator.event(mark.number).map(|(_, record)| happening::of(record))?;
                    Some((swim.lanes().get(lane)?.vm.clone(), mark, line))
                };
                (all.into_iter().take(ROWS_MAX).filter_map(row).collect::<Vec<_>>(), count)
            })
        })
    });
    let more = move || {
        rows.with(|(rows, count)| {
            phrase_with(seeing::SWIM_MORE, &[&rows.len().to_string(), &count.to_string()])
        })
    };
    let body = move || {
        rows.with(|(rows, _)| rows.clone()).into_iter().map(|(vm, mark, line)| {
            let until = mark.until_ms.map(|until| moment(desk.instant(until)));
            let name = vm.map_or_else(|| phrase(seeing::SURROUNDINGS)().to_owned(), |vm| vm.to_string());
            view! {
                <tr><td class="name">{name}</td><td>{phrase(mark.shape.text())}</td>
                    <td class="number">{moment(desk.instant(mark.from_ms))}</td>
                    <td class="number">{until.unwrap_or_else(|| phrase(seeing::GOES_ON)().to_owned())}</td>
                    <td><Badge tone=mark.tone label=words(mark.tone.text()) /></td><td>{follow(line.words.clone())}</td>
                    <td><WhyButton question=Question::Event(mark.number) name=named(&line.words) /></td></tr>
            }
        }).collect_view()
    };
    view! {
        <details on:toggle=move |event| is_open.set(event_target::<web_sys::HtmlElement>(&event).has_attribute("open"))>
            <summary>{phrase(seeing::SWIM_TABLE)}</summary>
            <p class="quiet">{more}</p>
            <div class="table-frame" role="group" aria-label=phrase(seeing::SWIM_TABLE) tabindex="0"><table class="marks">
                <thead><tr><th scope="col">{tell(SimText::Machine)}</th><th scope="col">{tell(SimText::Kind)}</th>
                    <th scope="col" class="number">{say(Text::From)}</th><th scope="col" class="number">{say(Text::Until)}</th>
                    <th scope="col">{tell(SimText::Status)}</th><th scope="col">{tell(SimText::What)}</th>
                    <th scope="col">{phrase(seeing::WHY)}</th></tr></thead>
                <tbody>{body}</tbody>
            </table></div>
        </details>
    }
}

/// Where a pointer is, on the lanes: pixels from where they begin.
fn along(desk: Desk, event: &PointerEvent) -> Option<(f64, f64)> {
    let canvas = desk.canvas.get_untracked()?;
    let width = f64::from(canvas.client_width());
    let lanes = width - gutter(width);
    (lanes > 0.0).then(|| ((f64::from(event.offset_x()) - gutter(width)).clamp(0.0, lanes), lanes))
}

fn press(desk: Desk, event: &PointerEvent) {
    if let (Some((x, _)), 0) = (along(desk, event), event.button()) {
        if let Some(canvas) = desk.canvas.get_untracked() {
            // Without it a brush ends at the edge of the canvas.
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
        desk.change(|view| view.brush = Some((x, x)));
    }
}

fn drag(desk: Desk, event: &PointerEvent) {
    if desk.view.get_value().brush.is_some()
        && let Some((x, _)) = along(desk, event)
    {
        desk.change(|view| view.brush = view.brush.map(|(from, _)| (from, x)));
    }
}

fn release(desk: Desk, event: &PointerEvent) {
    let view = desk.view.get_value();
    let (Some((from, _)), Some((x, width))) = (view.brush, along(desk, event)) else { return };
    if (x - from).abs() >= BRUSH_PIXELS_MIN {
        desk.change(|view| {
            (view.brush, view.span) =
                (None, view.span.between(view.span.at(from / width), view.span.at(x / width)))
        });
        return;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place on the canvas, not below zero"
    )]
    let lane = ((f64::from(event.offset_y()) + view.scroll) / LANE_PIXELS).max(0.0) as usize;
    let at_ms = view.span.at(x / width);
    let slack_ms = view.span.at(SLACK_PIXELS / width) - view.span.from_ms();
    let now_ms = desk.stage.peek(now_ms);
    let mark = desk.swim.with_value(|swim| swim.at(lane, view.span, now_ms, at_ms, slack_ms));
    desk.change(|view| (view.brush, view.lane, view.mark) = (None, lane, mark));
    desk.stage.seek(desk.instant(at_ms));
}

fn draw(canvas: &HtmlCanvasElement, desk: Desk, simulator: &Simulator, around: &str) -> Option<()> {
    let pen = Pen::of(canvas)?;
    let view = desk.view.get_value();
    let (left, bottom) = (gutter(pen.width), pen.height - AXIS_PIXELS);
    let width = pen.width - left;
    let now_ms = now_ms(simulator);
    desk.swim.with_value(|swim| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place on the canvas, not below zero"
        )]
        let first = (view.scroll / LANE_PIXELS).max(0.0) as usize;
        for (place, lane) in swim.lanes().iter().enumerate().skip(first) {
            let y = as_pixels(place) * LANE_PIXELS - view.scroll;
            if y > bottom {
                break;
            }
            if place == view.lane {
                pen.colour("info-ground");
                pen.fill(0.0, y, pen.width, LANE_PIXELS);
            }
            pen.colour("line");
            pen.line((0.0, y + LANE_PIXELS - 0.5), (pen.width, y + LANE_PIXELS - 0.5), 1.0);
            pen.colour("text");
            let name = lane.vm.as_ref().map(ToString::to_string);
            pen.words(name.as_deref().unwrap_or(around), 4.0, y + LANE_PIXELS / 2.0, left - 8.0, 12);
            for drawn in swim.drawn(place, view.span, now_ms, width) {
                mark(&pen, drawn.shape, drawn.tone, (left + drawn.x, y), drawn.width);
                if place == view.lane && view.mark == Some(drawn.mark) {
                    pen.colour("text");
                    let wide = if drawn.shape == Shape::Job { drawn.width } else { 0.0 };
                    pen.edge(left + drawn.x - 7.0, y + 3.0, wide + 14.0, LANE_PIXELS - 6.0, 2.0);
                }
            }
        }
    });
    pen.colour("card");
    pen.fill(0.0, bottom, pen.width, AXIS_PIXELS);
    axis(&pen, desk, view.span, (left, bottom), now_ms);
    if let Some((from, to)) = view.brush {
        pen.colour("accent");
        pen.solid(0.25);
        pen.fill(left + from.min(to), 0.0, (to - from).abs(), bottom);
        pen.solid(1.0);
    }
    Some(())
}

fn axis(pen: &Pen, desk: Desk, span: Span, (left, bottom): (f64, f64), now_ms: u64) {
    let width = pen.width - left;
    let scale = width / f64::from(vhault_web::view_model::timeline::WIDTH);
    let most = if width < 420.0 { 2 } else { 6 };
    let is_long = span.until_ms() - span.from_ms() > 3 * 86_400_000;
    pen.colour("quiet");
    for at_ms in span.ticks(most) {
        let x = left + span.x(at_ms) * scale;
        pen.line((x, bottom), (x, bottom + 5.0), 1.0);
        let written = moment(desk.instant(at_ms));
        let written = if is_long { written.get(..10) } else { written.get(5..16) };
        pen.words(written.unwrap_or_default(), (x + 3.0).min(pen.width - 74.0), bottom + 14.0, 90.0, 11);
    }
    let x = left + span.x(now_ms) * scale;
    if x >= left && x <= pen.width {
        pen.colour("text");
        pen.line((x, 0.0), (x, bottom), 2.0);
    }
}

/// Each kind has a shape besides its colour.
fn mark(pen: &Pen, shape: Shape, tone: Tone, (x, y): (f64, f64), width: f64) {
    pen.colour(tone.name());
    let middle = y + LANE_PIXELS / 2.0;
    match shape {
        Shape::Job => pen.fill(x, y + 8.0, width, LANE_PIXELS - 16.0),
        Shape::Point => {
            pen.shape(&[(x, middle - 7.0), (x + 6.0, middle), (x, middle + 7.0), (x - 6.0, middle)])
        }
        Shape::Alert => pen.shape(&[(x, y + 3.0), (x + 6.0, y + 13.0), (x - 6.0, y + 13.0)]),
        Shape::Fault => {
            pen.line((x - 4.0, middle - 4.0), (x + 4.0, middle + 4.0), 2.0);
            pen.line((x - 4.0, middle + 4.0), (x + 4.0, middle - 4.0), 2.0);
        }
    }
}
