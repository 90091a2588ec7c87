//! Topology: machines and what flows from them, on a canvas, and as a list.

use leptos::html;
use leptos::prelude::*;
use vhault_core::lifecycle::{Phase, VmIdentity};
use vhault_web::simulator::Simulator;
use vhault_web::text::{Lang, Phrase, seeing};
use vhault_web::view_model::simulator::blocks::{Counts, Fate};
use vhault_web::view_model::simulator::deed;
use vhault_web::view_model::simulator::place;
use vhault_web::view_model::simulator::topology::{Flow, Part, Row, deeds, rows, share};
use vhault_web::view_model::simulator::why::Question;
use vhault_web::view_model::tone::Tone;
use web_sys::{HtmlCanvasElement, MouseEvent};

use super::stage::Stage;
use super::why::WhyButton;
use super::{follow, phrase, phrase_with};
use crate::page::chart::Pen;
use crate::page::kit::{Badge, Notice};
use crate::page::settings::{settings, words};

/// Machines in a picture.
const ROWS_SHOWN: usize = 8;
/// Columns of the picture.
const COLUMNS: u32 = 6;
/// How high a machine is.
const ROW_PIXELS: f64 = 64.0;
/// How high the names of the columns are.
const HEAD_PIXELS: f64 = 30.0;
/// Dots in flight at most.
const DOTS: u32 = 24;
/// How often a dot passes while a copy goes from nothing to all.
const PASSES: f64 = 60.0;
/// Disks drawn of one machine; the list has all.
const DISKS_MAX: usize = 6;

/// What is chosen.
type Chosen = Option<(VmIdentity, Part)>;

/// Everything between a machine and its vault.
#[component]
pub(super) fn TopologyView() -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let (first, only) = (RwSignal::new(0_usize), RwSignal::new(false));
    let chosen = RwSignal::new(None::<(VmIdentity, Part)>);
    let shown = Memo::new(move |_| {
        stage.read(|simulator| {
            let (shown, count) = rows(simulator, only.get(), first.get(), ROWS_SHOWN);
            // Machines may have gone meanwhile.
            if shown.is_empty() && first.get() > 0 {
                rows(simulator, only.get(), 0, ROWS_SHOWN)
            } else {
                (shown, count)
            }
        })
    });
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move || {
        settings.theme.track();
        let lang = settings.lang.get();
        let Some(canvas) = canvas.get() else { return };
        let is_still = is_motion_reduced();
        shown.with(|(rows, _)| {
            chosen.with(|chosen| {
                stage.paint(|simulator| {
                    draw(&canvas, simulator, rows, chosen, lang, is_still);
                })
            })
        });
    });
    let count = Memo::new(move |_| shown.with(|(rows, count)| (rows.len(), *count)));
    let is_empty = move || count.get().0 == 0;
    let height = move || {
        let rows = f64::from(u32::try_from(count.get().0).unwrap_or(0));
        format!("{}px", HEAD_PIXELS + rows * ROW_PIXELS)
    };
    let page = move || {
        let ((seen, all), from) = (count.get(), first.get());
        phrase_with(seeing::PAGE_OF, &[&format!("{}–{}", (from + 1).min(all), from + seen), &all.to_string()])
    };
    let on_click = move |event: MouseEvent| {
        if let Some(canvas) = canvas.get_untracked()
            && let Some(found) = shown.with_untracked(|(rows, _)| under(&canvas, &event, rows))
        {
            chosen.set(Some(found));
        }
    };
    let nothing = move || {
        let words = if only.get() { seeing::NONE_AT_WORK } else { seeing::FLOW_EMPTY };
        is_empty().then(|| view! { <Notice tone=Tone::Info><p>{phrase(words)}</p></Notice> })
    };
    view! {
        <h1>{phrase(seeing::FLOW_TITLE)}</h1>
        <p class="lead">{phrase(seeing::FLOW_LEAD)}</p>
        <section class="card topology">
            <div class="buttons">
                <label class="check"><input type="checkbox" prop:checked=only
                    on:change=move |event| { first.set(0); only.set(event_target_checked(&event)); } /> <span>{phrase(seeing::AT_WORK_ONLY)}</span></label>
                <button type="button" disabled=move || first.get() == 0
                    on:click=move |_| first.update(|first| *first = first.saturating_sub(ROWS_SHOWN))>{phrase(seeing::EARLIER_PAGE)}</button>
                <button type="button" disabled=move || { let (seen, all) = count.get(); first.get() + seen >= all }
                    on:click=move |_| first.update(|first| *first += ROWS_SHOWN)>{phrase(seeing::LATER_PAGE)}</button>
                <output class="quiet number">{page}</output>
            </div>
            {nothing}
            <ul class="legend">{Fate::ALL.into_iter().map(|fate| view! {
                <li><span class="swatch" data-fate=fate.name()></span> {phrase(fate.text())}</li> }).collect_view()}</ul>
            <canvas node_ref=canvas role="img" aria-label=phrase(seeing::FLOW_LABEL) hidden=is_empty
                style:height=height on:click=on_click></canvas>
            <Inspector chosen />
            <List shown chosen />
        </section>
    }
}

/// What is chosen, how it is, and what can be done to it.
#[component]
fn Inspector(chosen: RwSignal<Chosen>) -> impl IntoView {
    let stage = Stage::here();
    let held = Memo::new(move |_| {
        let (vm, part) = chosen.get()?;
        stage.read(|simulator| {
            let world = simulator.world();
            let place = world.vms.keys().position(|held| *held == vm)?;
            let row = rows(simulator, false, place, 1).0.pop()?;
            let node = row.nodes.iter().find(|node| node.part == part)?.clone();
            let offered = deeds(simulator, &vm, &part);
            Some((vm.clone(), node, row.vault.zip(row.flow.map(|flow| flow.job)), offered))
        })
    });
    let offered = Memo::new(move |_| {
        held.with(|held| held.as_ref().map(|(_, _, _, offered)| offered.clone()).unwrap_or_default())
    });
    let head = Memo::new(move |_| {
        held.with(|held| held.as_ref().map(|(vm, node, job, _)| (vm.clone(), node.clone(), job.clone())))
    });
    let buttons = move || {
        offered.get().into_iter().map(|(command, mends)| {
            let words = deed::words(&command);
            let verb = if mends { seeing::MEND_IT } else { seeing::BREAK_IT };
            view! {
                <li><button type="button" class="deed" data-mends=mends.to_string() on:click=move |_| { stage.submit(command.clone()); }>
                    <span class="quiet">{phrase(verb)}</span> <span>{follow(words)}</span></button></li>
            }
        }).collect_view()
    };
    view! {
        <div class="inspector" aria-live="polite">{move || match head.get() {
            Some((vm, node, job)) => {
                let title = node.name.clone();
                view! {
                    <h2><span class="name">{vm.to_string()}</span> " · " {follow(node.name)}</h2>
                    <p class="part-state"><Badge tone=node.tone label=words(node.tone.text()) /> {follow(node.state)}</p>
                    {job.map(|(vault, id)| view! {
                        <p class="buttons"><a href=place::of_job(&vault, id)>{move || super::fill(vhault_web::text::SimText::JobOf, &[&id.to_string()])}</a>
                            <WhyButton question=Question::Job(vault.clone(), id) name=super::timeline::named(&title) /></p> })}
                }.into_any()
            }
            None => view! { <p class="quiet">{phrase(seeing::CHOOSE_PART)}</p> }.into_any(),
        }}</div>
        <ul class="deeds-offered buttons">{buttons}</ul>
    }
}

/// The picture in words: each part a button.
#[component]
fn List(shown: Memo<(Vec<Row>, usize)>, chosen: RwSignal<Chosen>) -> impl IntoView {
    let machines =
        Memo::new(move |_| shown.with(|(rows, _)| rows.iter().map(|row| row.vm.clone()).collect::<Vec<_>>()));
    view! {
        <details class="parts-list" open>
            <summary>{phrase(seeing::FLOW_LIST)}</summary>
            <ul><For each=move || machines.get() key=ToString::to_string let:vm><Machine vm shown chosen /></For></ul>
        </details>
    }
}

/// One machine of the list; its buttons stay while their words change.
#[component]
fn Machine(vm: VmIdentity, shown: Memo<(Vec<Row>, usize)>, chosen: RwSignal<Chosen>) -> impl IntoView {
    let settings = settings();
    let name = vm.to_string();
    let row = {
        let vm = vm.clone();
        Memo::new(move |_| shown.with(|(rows, _)| rows.iter().find(|row| row.vm == vm).cloned()))
    };
    let parts = Memo::new(move |_| {
        row.with(|row| {
            row.iter().flat_map(|row| &row.nodes).map(|node| node.part.clone()).collect::<Vec<_>>()
        })
    });
    let one = move |part: Part| {
        let (mine, this) = (vm.clone(), (vm.clone(), part.clone()));
        let node = Memo::new(move |_| {
            row.with(|row| row.iter().flat_map(|row| &row.nodes).find(|node| node.part == part).cloned())
        });
        let tone = move || node.with(|node| node.as_ref().map_or("quiet", |node| node.tone.name()));
        let words = move || {
            node.with(|node| {
                node.as_ref().map(|node| {
                    format!("{} {}: {}", node.tone.sign(), settings.of(&node.name), settings.of(&node.state))
                })
            })
        };
        let pressed = {
            let this = this.clone();
            move || chosen.with(|chosen| chosen.as_ref() == Some(&this)).to_string()
        };
        view! {
            <li><button type="button" class="part" data-tone=tone data-part=this.1.column().to_string() data-vm=mine.to_string()
                aria-pressed=pressed on:click=move |_| chosen.set(Some(this.clone()))>{words}</button></li>
        }
    };
    let flow = move || row.with(|row| row.as_ref().and_then(|row| row.flow.as_ref().map(|flow| flow.counts)));
    view! {
        <li><strong class="name">{name}</strong>
            <ul class="buttons"><For each=move || parts.get() key=|part| format!("{part:?}") let:part>{one(part)}</For></ul>
            {move || flow().filter(|counts| *counts != Counts::default()).map(|counts| view! {
                <p class="quiet number">{move || Fate::ALL.into_iter().map(|fate| {
                    format!("{}: {}", fate.text().say(settings.lang.get()), vhault_web::view_model::number::grouped(counts.of(fate)))
                }).collect::<Vec<_>>().join(" · ")}</p> })}
        </li>
    }
}

fn is_motion_reduced() -> bool {
    let asked = window().match_media("(prefers-reduced-motion: reduce)");
    asked.ok().flatten().is_some_and(|asked| asked.matches())
}

/// The middle of a column, and how wide it is.
fn column(width: f64, column: u32) -> (f64, f64) {
    let wide = width / f64::from(COLUMNS);
    (wide * (f64::from(column) + 0.5), wide)
}

/// The box of each part of a row: place of the node, and left, top, width, height.
fn boxes(row: &Row, width: f64, top: f64) -> Vec<(usize, [f64; 4])> {
    let (_, wide) = column(width, 0);
    let (box_width, box_height) = ((wide - 14.0).clamp(24.0, 96.0), 34.0);
    let disks =
        row.nodes.iter().filter(|node| matches!(node.part, Part::Disk(_))).count().clamp(1, DISKS_MAX);
    let per_row = f64::from(u32::try_from(disks.min(3)).unwrap_or(1));
    let lines = if disks > 3 { 2.0 } else { 1.0 };
    let (mut boxes, mut disk) = (Vec::new(), 0_u32);
    for (place, node) in row.nodes.iter().enumerate() {
        let (middle, _) = column(width, node.part.column());
        let (left, up) = (middle - box_width / 2.0, top + 22.0);
        if matches!(node.part, Part::Disk(_)) {
            if usize::try_from(disk).unwrap_or(usize::MAX) >= DISKS_MAX {
                continue;
            }
            let (side, high) = (box_width / per_row, box_height / lines);
            let (x, y) = (f64::from(disk % 3) * side, f64::from(disk / 3) * high);
            boxes.push((place, [left + x + 1.0, up + y + 1.0, side - 2.0, high - 2.0]));
            disk += 1;
        } else {
            boxes.push((place, [left, up, box_width, box_height]));
        }
    }
    boxes
}

fn top_of(row: usize) -> f64 {
    HEAD_PIXELS + f64::from(u32::try_from(row).unwrap_or(u32::MAX)) * ROW_PIXELS
}

fn under(canvas: &HtmlCanvasElement, event: &MouseEvent, rows: &[Row]) -> Option<(VmIdentity, Part)> {
    let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
    let width = f64::from(canvas.client_width());
    rows.iter().enumerate().find_map(|(place, row)| {
        let hit = boxes(row, width, top_of(place)).into_iter().find(|(_, [left, top, wide, high])| {
            (*left..=left + wide).contains(&x) && (*top..=top + high).contains(&y)
        });
        hit.map(|(node, _)| (row.vm.clone(), row.nodes[node].part.clone()))
    })
}

fn draw(
    canvas: &HtmlCanvasElement,
    simulator: &Simulator,
    rows: &[Row],
    chosen: &Chosen,
    lang: Lang,
    is_still: bool,
) -> Option<()> {
    let pen = Pen::of(canvas)?;
    let heads: [Phrase; 6] = [
        seeing::PART_MACHINE,
        seeing::PART_AGENT,
        seeing::PART_DISKS,
        seeing::PART_SNAPSHOT,
        seeing::PART_TRANSFER,
        seeing::PART_VAULT,
    ];
    for (place, head) in (0..).zip(heads) {
        let (middle, wide) = column(pen.width, place);
        pen.colour("quiet");
        pen.words(
            head.say(lang),
            middle - (wide - 14.0).clamp(24.0, 96.0) / 2.0,
            HEAD_PIXELS / 2.0,
            wide - 4.0,
            12,
        );
    }
    for (place, row) in rows.iter().enumerate() {
        draw_row(&pen, simulator, row, top_of(place), chosen, is_still);
    }
    Some(())
}

fn draw_row(pen: &Pen, simulator: &Simulator, row: &Row, top: f64, chosen: &Chosen, is_still: bool) {
    pen.colour("line");
    pen.line((0.0, top + 0.5), (pen.width, top + 0.5), 1.0);
    pen.colour("text");
    pen.words(&row.vm.to_string(), 6.0, top + 11.0, pen.width - 12.0, 12);
    let middle = top + 39.0;
    let last = if row.vault.is_some() { 5 } else { 4 };
    pen.colour("quiet");
    pen.line((column(pen.width, 0).0, middle), (column(pen.width, last).0, middle), 1.0);
    for (place, [x, y, wide, high]) in boxes(row, pen.width, top) {
        let node = &row.nodes[place];
        let is_chosen = chosen.as_ref().is_some_and(|(vm, part)| *vm == row.vm && *part == node.part);
        let ground =
            if node.tone == Tone::Quiet { "card".to_owned() } else { format!("{}-ground", node.tone.name()) };
        pen.colour(&ground);
        pen.fill(x, y, wide, high);
        pen.colour(if is_chosen { "accent" } else { node.tone.name() });
        pen.edge(x, y, wide, high, if is_chosen { 3.0 } else { 1.0 });
        pen.colour(node.tone.name());
        pen.words(node.tone.sign(), x + wide / 2.0 - 4.0, y + high / 2.0, wide, 14);
    }
    if let Some((flow, vault)) = row.flow.as_ref().zip(row.vault.as_ref()) {
        let share = share(simulator, vault, flow.job).map(|share| if is_still { 0.5 } else { share });
        draw_flow(pen, flow, share, middle);
    }
}

/// Blocks on their way: as many dots of each state as there are blocks of it.
fn draw_flow(pen: &Pen, flow: &Flow, share: Option<f64>, middle: f64) {
    let (from, until) = (column(pen.width, 3).0, column(pen.width, 5).0);
    let Some(share) = share else {
        if flow.phase == Some(Phase::Commit) {
            pen.colour("state-whole");
            pen.dot(until, middle, 6.0);
        }
        return;
    };
    let bar = until - from;
    pen.colour("accent");
    pen.fill(from, middle + 20.0, bar * share, 3.0);
    for dot in 0..DOTS {
        let at = (f64::from(dot) / f64::from(DOTS) + share * PASSES).fract();
        let at = if flow.is_restore { 1.0 - at } else { at };
        let fate = fate_of(flow, dot);
        let x = from + bar * at;
        pen.colour(colour(fate));
        match fate {
            // What is known passes and is not stored again: a ring.
            Fate::Known => pen.edge(x - 3.0, middle - 3.0, 6.0, 6.0, 2.0),
            Fate::Unchanged | Fate::Zero => pen.dot(x, middle, 1.5),
            Fate::Sent | Fate::ToGo => pen.fill(x - 3.5, middle - 3.5, 7.0, 7.0),
        }
    }
}

fn colour(fate: Fate) -> &'static str {
    match fate {
        Fate::Zero => "state-zero",
        Fate::Unchanged => "state-same",
        Fate::Known => "state-partial",
        Fate::Sent => "state-whole",
        Fate::ToGo => "state-changed",
    }
}

/// Which blocks a dot stands for: the states in order, by how many there are.
fn fate_of(flow: &Flow, dot: u32) -> Fate {
    let whole: u64 =
        Fate::ALL.into_iter().filter(|fate| *fate != Fate::Zero).map(|fate| flow.counts.of(fate)).sum();
    if whole == 0 {
        return Fate::Sent;
    }
    // Dots of one state lie apart, so that each stretch shows the mixture.
    let turn = u64::from((dot * 7) % DOTS) * whole / u64::from(DOTS);
    let mut sum = 0;
    for fate in Fate::ALL.into_iter().filter(|fate| *fate != Fate::Zero) {
        sum += flow.counts.of(fate);
        if turn < sum {
            return fate;
        }
    }
    Fate::Sent
}
