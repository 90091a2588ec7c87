//! Inspect: files in, disks out.

use leptos::html;
use leptos::prelude::*;
use vhault_web::inspect::Inspected;
use vhault_web::sample::Sample;
use vhault_web::text::Text;
use vhault_web::view_model::damage::Refused;
use vhault_web::view_model::disk::Disk;
use vhault_web::view_model::tone::Tone;
use web_sys::{DragEvent, File, FileList};

use super::damage::DamageView;
use super::disk::DiskView;
use super::yours::YoursPanel;
use crate::page::kit::{Notice, Progress};
use crate::page::session::{Phase, session};
use crate::page::settings::{say, settings};

/// The view.
#[component]
pub(crate) fn InspectView() -> impl IntoView {
    let session = session();
    let settings = settings();
    let work = session.inspected;
    // Only what a person sees changes with the phase, so that what is shown
    // of a disk stays as it is while it only repeats itself.
    let result = move || {
        work.phase.with(|phase| match phase {
            Phase::Idle | Phase::Running(_) => ().into_any(),
            Phase::Failed(why) => {
                let why = why.clone();
                view! { <Notice tone=Tone::Bad><p>{move || settings.of(&why)}</p></Notice> }.into_any()
            }
            Phase::Done(inspected, _) => results(inspected),
        })
    };
    let running = Memo::new(move |_| work.is_running());
    let pace = Signal::derive(move || {
        work.phase.with(|phase| if let Phase::Running(pace) = phase { *pace } else { Default::default() })
    });
    view! {
        <h1>{say(Text::InspectTitle)}</h1>
        <p class="lead">{say(Text::InspectLead)}</p>
        <Drop />
        {move || running.get().then(|| view! {
            <Progress label=Text::Reading pace on_cancel=Callback::new(move |()| work.cancel()) />
        })}
        <section aria-busy=move || running.get().to_string()>{result}</section>
    }
}

#[component]
fn Drop() -> impl IntoView {
    let session = session();
    let over = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        session.take_files(list(event.data_transfer().and_then(|data| data.files())), event.shift_key());
    };
    let on_choose = move |_| {
        if let Some(input) = input.get_untracked() {
            session.take_files(list(input.files()), false);
            // So that the same file can be chosen again.
            input.set_value("");
        }
    };
    view! {
        <div
            class="drop" class:over=move || over.get()
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=on_drop
        >
            <p class="drop-word">{say(Text::DropHere)}</p>
            <label class="button primary">
                <span>{say(Text::OrChoose)}</span>
                <input class="unseen" type="file" multiple node_ref=input on:change=on_choose />
            </label>
        </div>
        <section class="samples" aria-labelledby="samples-title">
            <h2 id="samples-title">{say(Text::SamplesTitle)}</h2>
            <div class="buttons">
                {Sample::ALL.into_iter().map(|sample| view! {
                    <button type="button" on:click=move |_| session.take_sample(sample)>{say(sample.text())}</button>
                }).collect_view()}
            </div>
        </section>
    }
}

fn results(inspected: &Inspected) -> AnyView {
    let settings = settings();
    let refused = (!inspected.refused.is_empty()).then(|| {
        let files = inspected
            .refused
            .clone()
            .into_iter()
            .map(|Refused { name, why, .. }| {
                view! {
                    <li><strong class="name">{name}</strong>": " {move || settings.of(&why)}</li>
                }
            })
            .collect_view();
        view! { <Notice tone=Tone::Bad><h2>{say(Text::Refused)}</h2><ul>{files}</ul></Notice> }
    });
    let torn = inspected.refused.clone().into_iter().enumerate().filter_map(|(place, refused)| {
        let (name, damage) = (refused.name, refused.damage?);
        Some(view! { <DamageView name damage place /> })
    });
    let torn = torn.collect_view();
    let disks = inspected
        .disks
        .clone()
        .into_iter()
        .enumerate()
        .map(|(place, disk)| {
            view! {
                <DiskView disk place />
            }
        })
        .collect_view();
    let whole: Vec<Disk> = inspected.disks.iter().filter(|disk| disk.is_complete).cloned().collect();
    let yours = (!whole.is_empty()).then(|| view! { <YoursPanel disks=whole /> });
    view! { {refused} {torn} {disks} {yours} }.into_any()
}

pub(crate) fn list(files: Option<FileList>) -> Vec<File> {
    let Some(files) = files else { return Vec::new() };
    (0..files.length()).filter_map(|place| files.get(place)).collect()
}
