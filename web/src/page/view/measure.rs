//! Measure: read all of a disk, and say what a first backup would store.

use std::sync::Arc;

use leptos::prelude::*;
use vhault_core::copy::estimate;
use vhault_web::measure::{Measured, Share, join, slices};
use vhault_web::message::{Answer, Job};
use vhault_web::pattern::Reading;
use vhault_web::sketch::ChunkCount;
use vhault_web::text::Text;
use vhault_web::view_model::number;
use vhault_web::view_model::pace::Pace;
use vhault_web::view_model::tone::Tone;

use super::copy::CopyPanel;
use crate::page::chart::HeatMap;
use crate::page::kit::{Notice, Pairs, Progress, Table, Toasts};
use crate::page::session::{Phase, Work, both, session, workers};
use crate::page::settings::{say, settings};

/// The panel of one disk.
#[component]
pub(crate) fn MeasurePanel(
    file: usize,
    disk_bytes: u64,
    copy_bytes: u64,
    is_complete: bool,
) -> impl IntoView {
    let session = session();
    let settings = settings();
    let toasts = Toasts::here();
    let work: Work<Measured> = Work::new();
    let count = u32::try_from(slices(disk_bytes)).unwrap_or(u32::MAX).min(workers());
    let start = move |_| {
        let jobs = (0..count).map(|number| Job::Measure { file, share: Share { number, of: count } });
        session.run_all(work, jobs.collect(), |answers| {
            let part = |answer| if let Answer::Measured(part) = answer { Some(part) } else { None };
            join(answers.into_iter().map(part).collect::<Option<_>>()?)
        });
    };
    Effect::new(move || {
        work.phase.with(|phase| {
            if let Phase::Done(measured, _) = phase {
                let reading = Reading::of(measured);
                session.readings.update(|readings| {
                    readings.insert(file, reading);
                });
            }
        });
    });
    let running = Memo::new(move |_| work.is_running());
    let pace = Signal::derive(move || {
        work.phase.with(|phase| if let Phase::Running(pace) = phase { *pace } else { Pace::default() })
    });
    let result = move || {
        work.phase.with(|phase| match phase {
            Phase::Idle | Phase::Running(_) => ().into_any(),
            Phase::Failed(why) => {
                let why = why.clone();
                view! { <Notice tone=Tone::Bad><p>{move || settings.of(&why)}</p></Notice> }.into_any()
            }
            Phase::Done(measured, pace) => shown(measured, copy_bytes, *pace),
        })
    };
    view! {
        <p>{say(Text::MeasureLead)}</p>
        {if is_complete {
            view! { <button type="button" class="primary" disabled=move || running.get() on:click=start>{say(Text::MeasureStart)}</button> }.into_any()
        } else {
            view! { <Notice tone=Tone::Warn><p>{say(Text::MeasureNeedsParent)}</p></Notice> }.into_any()
        }}
        {move || running.get().then(|| view! {
            <Progress label=Text::Reading pace on_cancel=Callback::new(move |()| {
                work.cancel();
                toasts.push((Tone::Info, both(Text::Cancelled)));
            }) />
            <p class="quiet">{move || settings.fill(Text::Workers, &[&count.to_string()])}</p>
        })}
        {result}
    }
}

fn shown(measured: &Measured, copy_bytes: u64, pace: Pace) -> AnyView {
    let settings = settings();
    let size = measured.disk_bytes;
    let share = |part: u64| format!("{} ({})", number::bytes(part), number::percent(part, size));
    let pairs = vec![
        (Text::DiskHash, view! { <code class="hash">{measured.hash.clone()}</code> }.into_any()),
        (Text::ZeroShare, share(measured.zero_bytes).into_any()),
        (Text::DataShare, share(size.saturating_sub(measured.zero_bytes)).into_any()),
    ];
    let rate = Pace { done: size, total: size, ..pace }.rate().map(number::bytes);
    let took = rate.map(|rate| {
        let seconds = number::span(pace.elapsed_ms / 1000);
        view! { <p class="quiet">{move || settings.fill(Text::TookTime, &[&seconds, &rate])}</p> }
    });
    let rows = measured.chunks.iter().map(row).collect();
    let is_exact = measured.chunks.iter().all(|chunk| chunk.is_exact);
    let is_stored = measured.chunks.iter().any(|chunk| chunk.stored_bytes.is_some());
    let columns = vec![
        (Text::ChunkSize, true),
        (Text::ChunksOfData, true),
        (Text::ChunksUnique, true),
        (Text::FirstBackup, true),
        (Text::StoredInVault, true),
    ];
    let note = if is_stored { Text::CompressedLike } else { Text::BeforeCompression };
    let work = estimate::Work { read_bytes: copy_bytes, new_bytes: measured.new_bytes().min(copy_bytes) };
    view! {
        <Pairs pairs />
        {took}
        <Table caption=Text::FirstBackupTitle columns rows />
        <p class="quiet">{say(note)}</p>
        {(!is_exact).then(|| view! { <p class="quiet">{say(Text::Sampled)}</p> })}
        <CopyPanel work note=Text::CopyRead />
        <HeatMap map=Arc::new(measured.map.clone()) name=String::from("BLAKE3") />
    }
    .into_any()
}

/// One chunk size: what was counted, or stands for more.
fn row(chunk: &ChunkCount) -> Vec<AnyView> {
    let mark = if chunk.is_exact { "" } else { "≈ " };
    let stored = chunk.stored_bytes.map(|stored| format!("{mark}{}", number::bytes(stored)));
    vec![
        number::bytes(chunk.chunk_bytes).into_any(),
        number::grouped(chunk.with_data).into_any(),
        format!("{mark}{}", number::grouped(chunk.unique)).into_any(),
        format!("{mark}{}", number::bytes(chunk.unique_bytes)).into_any(),
        stored.unwrap_or_else(|| "–".to_owned()).into_any(),
    ]
}
