//! Compare: what changed between two of the given images.

use std::sync::Arc;

use leptos::prelude::*;
use vhault_core::copy::estimate;
use vhault_core::units::SECTOR_BYTES;
use vhault_web::message::{Answer, Job};
use vhault_web::sample::Sample;
use vhault_web::text::Text;
use vhault_web::view_model::difference::Compared;
use vhault_web::view_model::number;
use vhault_web::view_model::pace::Pace;
use vhault_web::view_model::tone::Tone;

use super::copy::CopyPanel;
use crate::page::chart::HeatMap;
use crate::page::kit::{Notice, Pairs, Progress, SaveJson, Table};
use crate::page::session::{Phase, Work, session};
use crate::page::settings::{say, settings};

/// The view.
#[component]
pub(crate) fn CompareView() -> impl IntoView {
    let session = session();
    let settings = settings();
    let work: Work<Compared> = Work::new();
    // Every image once, oldest first: that is how people name them.
    let images = Memo::new(move |_| {
        session.inspected.phase.with(|phase| {
            let Phase::Done(inspected, _) = phase else { return Vec::new() };
            let mut images: Vec<(usize, String)> = Vec::new();
            for image in inspected.disks.iter().flat_map(|disk| disk.images.iter().rev()) {
                if !images.iter().any(|(file, _)| *file == image.file) {
                    images.push((image.file, image.name.clone()));
                }
            }
            images
        })
    });
    let chosen = (RwSignal::new(0), RwSignal::new(0));
    Effect::new(move || {
        let images = images.get();
        work.cancel();
        chosen.0.set(images.first().map_or(0, |(file, _)| *file));
        chosen.1.set(images.last().map_or(0, |(file, _)| *file));
    });
    let start = move |_| {
        let job = Job::Compare { before: chosen.0.get_untracked(), after: chosen.1.get_untracked() };
        session.run(work, job, |answer| match answer {
            Answer::Compared(compared) => Some(compared),
            _ => None,
        });
    };
    Effect::new(move || {
        work.phase.with(|phase| {
            if let Phase::Done(compared, _) = phase {
                let (after, sent) = (compared.after.clone(), compared.sent_bytes());
                session.changes.update(|changes| {
                    changes.insert(after, sent);
                });
            }
        });
    });
    let running = Memo::new(move |_| work.is_running());
    let pace = Signal::derive(move || {
        work.phase.with(|phase| if let Phase::Running(pace) = phase { *pace } else { Pace::default() })
    });
    let form = move || {
        if images.with(Vec::len) < 2 {
            return view! {
                <Notice tone=Tone::Info><p>{say(Text::CompareNeedsTwo)}</p>
                    <div class="buttons">
                        <button type="button" on:click=move |_| session.take_sample(Sample::Chain)>{say(Text::SampleChain)}</button>
                        <a class="button" href="#/inspect">{say(Text::NavInspect)}</a>
                    </div>
                </Notice>
            }.into_any();
        }
        view! {
            <div class="form">
                <Choice label=Text::Before images chosen=chosen.0 />
                <Choice label=Text::After images chosen=chosen.1 />
                <button type="button" class="primary" disabled=move || running.get() on:click=start>{say(Text::CompareStart)}</button>
            </div>
        }.into_any()
    };
    let result = move || {
        work.phase.with(|phase| match phase {
            Phase::Idle | Phase::Running(_) => ().into_any(),
            Phase::Failed(why) => {
                let why = why.clone();
                view! { <Notice tone=Tone::Bad><p>{move || settings.of(&why)}</p></Notice> }.into_any()
            }
            Phase::Done(compared, _) => shown(compared),
        })
    };
    view! {
        <h1>{say(Text::CompareTitle)}</h1>
        <p class="lead">{say(Text::CompareLead)}</p>
        {form}
        {move || running.get().then(|| view! {
            <Progress label=Text::Compared pace on_cancel=Callback::new(move |()| work.cancel()) />
        })}
        {result}
    }
}

#[component]
fn Choice(label: Text, images: Memo<Vec<(usize, String)>>, chosen: RwSignal<usize>) -> impl IntoView {
    let on_change = move |event| {
        if let Ok(file) = event_target_value(&event).parse() {
            chosen.set(file);
        }
    };
    view! {
        <label class="choice"><span>{say(label)}</span>
            <select on:change=on_change>
                {move || images.get().into_iter().map(|(file, name)| view! {
                    <option value=file.to_string() selected=move || chosen.get() == file>{name}</option>
                }).collect_view()}
            </select>
        </label>
    }
}

fn shown(compared: &Compared) -> AnyView {
    let settings = settings();
    let whole = compared.whole_bytes;
    let changed = [
        number::bytes(compared.changed_bytes),
        number::grouped(compared.extent_count),
        number::percent(compared.changed_bytes, whole),
    ];
    let is_equal = compared.extent_count == 0;
    let summary = move || {
        if is_equal {
            settings.say(Text::NothingChanged).to_owned()
        } else {
            settings.fill(Text::ChangedSummary, &[&changed[0], &changed[1], &changed[2]])
        }
    };
    let pairs = vec![
        (Text::Changed, summary.into_any()),
        (Text::ProvenShared, number::bytes(compared.shared_bytes).into_any()),
        (Text::ProvenUnallocated, number::bytes(compared.unallocated_bytes).into_any()),
        (Text::Compared, number::bytes(compared.compared_bytes).into_any()),
        (Text::DataRead, number::bytes(compared.read_bytes).into_any()),
    ];
    let sends = compared
        .sends
        .iter()
        .map(|(chunk, sent)| {
            vec![
                number::bytes(*chunk).into_any(),
                number::bytes(*sent).into_any(),
                number::percent(*sent, whole).into_any(),
            ]
        })
        .collect();
    let extents = compared
        .extents
        .iter()
        .map(|(start, count)| {
            vec![
                number::grouped(*start).into_any(),
                number::grouped(*count).into_any(),
                number::bytes(count * SECTOR_BYTES).into_any(),
            ]
        })
        .collect();
    let rest = compared.extent_count.saturating_sub(compared.extents.len() as u64);
    let rest = (rest > 0).then(|| {
        let rest = number::grouped(rest);
        view! { <p class="quiet">{move || settings.fill(Text::MoreExtents, &[&rest])}</p> }
    });
    let work = estimate::Work { read_bytes: compared.sent_bytes(), new_bytes: compared.sent_bytes() };
    let title = format!("{} → {}", compared.before, compared.after);
    view! {
        <article class="card">
            <h2 class="name">{title.clone()}</h2>
            <Pairs pairs />
            <HeatMap map=Arc::new(compared.map.clone()) name=title />
            <Table caption=Text::IncrementalTitle columns=vec![(Text::ChunkSize, true), (Text::WouldSend, true), (Text::OfDisk, true)] rows=sends />
            <CopyPanel work note=Text::CopyNext />
            {(!is_equal).then(|| view! {
                <Table caption=Text::Extents columns=vec![(Text::FromSector, true), (Text::Sectors, true), (Text::Size, true)] rows=extents />
            })}
            {rest}
            <SaveJson name=String::from("diff.json") text=compared.export.clone() command=compared.command() />
        </article>
    }
    .into_any()
}
