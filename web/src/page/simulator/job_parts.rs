//! The parts of a job's page: steps in time, blocks of each disk, its error,
//! its events, and jobs related to it.

use leptos::html;
use leptos::prelude::*;
use vhault_core::lifecycle::{JobId, VaultName};
use vhault_web::text::{SimText, seeing};
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::blocks::{COLUMNS, DiskBlocks, Fate, of_job};
use vhault_web::view_model::simulator::gantt::{Bar, of, related};
use vhault_web::view_model::simulator::trouble::page;
use vhault_web::view_model::simulator::why::Question;
use vhault_web::view_model::simulator::{disk, place};

use super::stage::Stage;
use super::timeline::named;
use super::why::WhyButton;
use super::{advice_links, follow, phrase, phrase_with, tell};
use crate::page::chart::Pen;
use crate::page::kit::Badge;
use crate::page::settings::{settings, words};

/// How large a square of the block map is.
const SQUARE_PIXELS: f64 = 10.0;

/// The steps of a job as bars, each row with its words.
#[component]
pub(super) fn Steps(vault: VaultName, id: JobId) -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let gantt = Memo::new(move |_| stage.read(|simulator| of(simulator, &vault, id)));
    let bars = move || {
        gantt
            .with(|gantt| gantt.as_ref().map(|gantt| (gantt.bars.clone(), gantt.whole_ms)))
            .map(|(bars, whole_ms)| bars.into_iter().map(|bar| step(bar, whole_ms)).collect_view())
    };
    let bound = Memo::new(move |_| gantt.with(|gantt| gantt.as_ref().and_then(|gantt| gantt.bound.clone())));
    let planned =
        Memo::new(move |_| gantt.with(|gantt| gantt.as_ref().and_then(|gantt| gantt.planned.clone())));
    let log = Memo::new(move |_| {
        gantt.with(|gantt| gantt.as_ref().map(|gantt| gantt.log.clone()).unwrap_or_default())
    });
    view! {
        <section>
            <dl class="pairs">
                {move || planned.get().map(|planned| view! { <div class="planned"><dt>{phrase(seeing::ENDS_AT)}</dt><dd class="number">{planned}</dd></div> })}
                {move || bound.get().map(|bound| view! { <div class="bound"><dt>{phrase(seeing::LIMITED_BY)}</dt><dd>{move || settings.of(&bound)}</dd></div> })}
            </dl>
            <div class="table-frame" role="group" aria-label=phrase(seeing::GANTT) tabindex="0"><table class="gantt">
                <caption>{phrase(seeing::GANTT)}</caption>
                <thead><tr><th scope="col">{tell(SimText::What)}</th><th scope="col" class="number">{tell(SimText::Begun)}</th>
                    <th scope="col" class="number">{tell(SimText::Took)}</th><th scope="col">{tell(SimText::Progress)}</th></tr></thead>
                <tbody>{bars}</tbody>
            </table></div>
        </section>
        <details class="job-log" open>
            <summary>{phrase(seeing::JOB_LOG)}</summary>
            <div class="table-frame" role="group" aria-label=phrase(seeing::JOB_LOG) tabindex="0"><table class="events">
                <thead><tr><th scope="col" class="number">{tell(SimText::When)}</th><th scope="col">{tell(SimText::Status)}</th>
                    <th scope="col">{tell(SimText::What)}</th><th scope="col">{phrase(seeing::WHY)}</th></tr></thead>
                <tbody><For each=move || log.get() key=|line| line.number let:line>
                    <tr><td class="number">{line.at}</td><td><Badge tone=line.tone label=words(line.tone.text()) /></td>
                        <td>{follow(line.words.clone())}</td><td><WhyButton question=Question::Event(line.number) name=named(&line.words) /></td></tr>
                </For></tbody>
            </table></div>
        </details>
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of a drawing")]
fn step(bar: Bar, whole_ms: u64) -> AnyView {
    let share = |ms: u64| format!("{:.3}%", ms as f64 * 100.0 / whole_ms.max(1) as f64);
    let planned = bar.planned_ms.map(|planned| planned.saturating_sub(bar.from_ms));
    view! {
        <tr><td>{follow(bar.name)}</td><td class="number">{bar.from}</td><td class="number">{bar.took}</td>
            <td class="bar-cell"><span class="bar-track">
                {planned.map(|planned| view! { <span class="bar planned" style:left=share(bar.from_ms) style:width=share(planned)></span> })}
                <span class="bar" data-tone=bar.tone.name() style:left=share(bar.from_ms) style:width=share(bar.until_ms.saturating_sub(bar.from_ms))></span>
            </span><span class="unseen"><Badge tone=bar.tone label=words(bar.tone.text()) /></span></td></tr>
    }
    .into_any()
}

/// What becomes of the blocks of each disk: a picture, and counts.
#[component]
pub(super) fn Blocks(vault: VaultName, id: JobId) -> impl IntoView {
    let stage = Stage::here();
    let disks = Memo::new(move |_| stage.read(|simulator| of_job(simulator, &vault, id)));
    let luns = Memo::new(move |_| disks.with(|disks| disks.iter().map(|disk| disk.lun).collect::<Vec<_>>()));
    let is_empty = move || luns.with(Vec::is_empty);
    let is_past = Memo::new(move |_| disks.with(|disks| disks.iter().any(|disk| disk.is_past)));
    let rows = move || {
        disks.get().into_iter().map(|held| view! {
            <tr><th scope="row">{follow(disk::named(held.lun))}</th>{Fate::ALL.into_iter().map(|fate| view! {
                <td class="number" data-fate=fate.name()>{number::grouped(held.counts.of(fate))}</td> }).collect_view()}</tr>
        }).collect_view()
    };
    view! {
        <section class="blocks" hidden=is_empty>
            <h3>{phrase(seeing::BLOCKS)}</h3>
            <ul class="legend">{Fate::ALL.into_iter().map(|fate| view! {
                <li><span class="swatch" data-fate=fate.name()></span> {phrase(fate.text())}</li> }).collect_view()}</ul>
            <For each=move || luns.get() key=|lun| lun.0 let:lun>
                <DiskMap disk=Signal::derive(move || disks.with(|disks| disks.iter().find(|disk| disk.lun == lun).cloned())) />
            </For>
            <div class="table-frame" role="group" aria-label=phrase(seeing::BLOCKS) tabindex="0"><table class="block-counts">
                <caption>{phrase(seeing::BLOCKS)}</caption>
                <thead><tr><th scope="col">{phrase(seeing::DISK)}</th>{Fate::ALL.into_iter().map(|fate| view! {
                    <th scope="col" class="number">{phrase(fate.text())}</th> }).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {move || is_past.get().then(|| view! { <p class="quiet">{phrase(seeing::BLOCKS_PAST)}</p> })}
        </section>
    }
}

/// One disk as squares.
#[component]
fn DiskMap(#[prop(into)] disk: Signal<Option<DiskBlocks>>) -> impl IntoView {
    let settings = settings();
    let canvas = NodeRef::<html::Canvas>::new();
    let lines = move || {
        disk.with(|disk| disk.as_ref().map_or(0, |disk| disk.squares.len()))
            .div_ceil(usize::try_from(COLUMNS).unwrap_or(1))
    };
    Effect::new(move || {
        settings.theme.track();
        let Some(canvas) = canvas.get() else { return };
        disk.with(|disk| {
            if let (Some(pen), Some(disk)) = (Pen::of(&canvas), disk) {
                draw(&pen, disk);
            }
        });
    });
    let label = move || {
        let name = disk.with(|held| held.as_ref().map(|held| settings.of(&disk::named(held.lun))));
        phrase_with(seeing::BLOCKS_LABEL, &[&name.unwrap_or_default()])
    };
    let note = move || {
        let blocks = disk.with(|disk| disk.as_ref().map_or(0, |disk| disk.square_blocks));
        phrase_with(seeing::BLOCKS_NOTE, &[&number::grouped(blocks)])
    };
    view! {
        <figure><canvas node_ref=canvas role="img" aria-label=label
                style:height=move || format!("{}px", f64::from(u32::try_from(lines()).unwrap_or(0)) * SQUARE_PIXELS)></canvas>
            <figcaption class="quiet">{label} ". " {note}</figcaption></figure>
    }
}

/// Each state has a shape besides its colour.
fn draw(pen: &Pen, disk: &DiskBlocks) {
    let wide = pen.width / f64::from(COLUMNS);
    for (place, fate) in (0_u32..).zip(&disk.squares) {
        let (x, y) = (f64::from(place % COLUMNS) * wide, f64::from(place / COLUMNS) * SQUARE_PIXELS);
        let (side, high) = (wide - 1.0, SQUARE_PIXELS - 1.0);
        pen.colour("state-absent");
        pen.fill(x, y, side, high);
        match fate {
            Fate::Zero => {}
            Fate::Unchanged => {
                pen.colour("state-same");
                pen.fill(x, y + high / 2.0, side, high / 2.0);
            }
            Fate::Known => {
                pen.colour("state-partial");
                pen.shape(&[(x, y), (x + side, y), (x, y + high)]);
            }
            Fate::Sent => {
                pen.colour("state-whole");
                pen.fill(x, y, side, high);
            }
            Fate::ToGo => {
                pen.colour("state-changed");
                pen.edge(x + 1.0, y + 1.0, (side - 2.0).max(1.0), high - 2.0, 1.5);
            }
        }
    }
}

/// What went wrong and what to do, where something did.
#[component]
pub(super) fn ErrorCard(vault: VaultName, id: JobId) -> impl IntoView {
    let stage = Stage::here();
    let error = Memo::new(move |_| {
        stage.read(|simulator| {
            let job = simulator.world().vaults.get(&vault)?.catalogue.jobs.get(&id)?;
            job.error.or(job.doom.as_ref().map(|doom| doom.id))
        })
    });
    move || {
        error.get().map(|error| {
        let entry = page(error);
        view! {
            <section class="state error-card" data-tone="bad">
                <h3>{phrase(seeing::ERROR_CARD)}</h3>
                {advice_links(&[error])}
                <p>{follow(entry.message)}</p>
                {entry.remedy.map(|remedy| view! { <p><strong>{phrase(seeing::WHAT_TO_DO)}</strong> " " {follow(remedy)}</p> })}
                <p class="quiet">{tell(SimText::Retry)} ": " {follow(entry.retry)}</p>
            </section>
        }
    })
    }
}

/// Jobs of the same run and machine.
#[component]
pub(super) fn RelatedJobs(vault: VaultName, id: JobId) -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let home = vault.clone();
    let all = Memo::new(move |_| stage.read(|simulator| related(simulator, &vault, id)));
    let is_empty = move || all.with(Vec::is_empty);
    let list = move || {
        all.get().into_iter().map(|job| view! {
            <li><a href=place::of_job(&home, job.id)>{job.id.to_string()}</a> <span class="name">{job.item}</span>
                <Badge tone=job.tone label=Signal::derive(move || settings.of(&job.words)) />
                <span class="quiet">{phrase(job.relation)}</span></li>
        }).collect_view()
    };
    view! {
        <section class="related"><h3>{phrase(seeing::RELATED)}</h3>
            {move || is_empty().then(|| view! { <p class="quiet">{phrase(seeing::NO_RELATED)}</p> })}
            <ul class="related-list">{list}</ul></section>
    }
}
