//! Very many rows: filtered, moved in, opened.

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::number;
use vhault_web::view_model::search;
use vhault_web::view_model::tone::Tone;

use crate::page::kit::{Badge, Column, Drawer, FilterBar, FilterChoice, Pairs, VirtualTable};
use crate::page::settings::{say, words};

/// How many rows there are.
const ROWS: u64 = 100_000;

/// One made-up job.
#[derive(Clone, Copy)]
struct Job {
    number: u64,
    tone: Tone,
    machine: &'static str,
    stored_bytes: u64,
}

const MACHINES: [&str; 4] = ["web01", "db01", "mail", "files"];

impl Job {
    fn of(number: u64) -> Job {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let tone = match mixed % 20 {
            0 => Tone::Bad,
            1..=3 => Tone::Warn,
            _ => Tone::Good,
        };
        let machine = usize::try_from(mixed % 4).map_or("", |place| MACHINES[place]);
        Job { number, tone, machine, stored_bytes: (mixed % 5000) << 20 }
    }
}

/// A hundred thousand jobs.
#[component]
pub(super) fn Many() -> impl IntoView {
    let (typed, state) = (RwSignal::new(String::new()), RwSignal::new(0_usize));
    let opened = RwSignal::new(None::<Job>);
    let drawer = RwSignal::new(false);
    let left = Memo::new(move |_| {
        let wanted = match state.get() {
            1 => Some(Tone::Good),
            2 => Some(Tone::Warn),
            3 => Some(Tone::Bad),
            _ => None,
        };
        typed.with(|typed| {
            let jobs = (0..ROWS).map(Job::of).filter(|job| wanted.is_none_or(|tone| job.tone == tone));
            let fits = |job: &Job| {
                typed.trim().is_empty()
                    || search::rank(typed, &format!("{} {}", job.number, job.machine)).is_some()
            };
            jobs.filter(fits).map(|job| job.number).collect::<Vec<u64>>()
        })
    });
    let job = move |row: u64| {
        let number = left.with(|left| usize::try_from(row).ok().and_then(|row| left.get(row).copied()));
        Job::of(number.unwrap_or_default())
    };
    let cells = Callback::new(move |row| {
        let job = untrack(|| job(row));
        vec![
            number::grouped(job.number).into_any(),
            view! { <Badge tone=job.tone label=words(job.tone.text()) /> }.into_any(),
            job.machine.into_any(),
            number::bytes(job.stored_bytes).into_any(),
        ]
    });
    let column = |name, is_number, share| Column { name, is_number, share };
    let columns = vec![
        column(Text::KitJob, true, 2),
        column(Text::KitState, false, 3),
        column(Text::KitVm, false, 3),
        column(Text::KitStored, true, 2),
    ];
    let open = Callback::new(move |row| {
        opened.set(Some(job(row)));
        drawer.set(true);
    });
    let details = move || {
        opened.get().map(|job| {
            let pairs = vec![
                (Text::KitState, view! { <Badge tone=job.tone label=words(job.tone.text()) /> }.into_any()),
                (Text::KitVm, job.machine.into_any()),
                (Text::KitStored, number::exact(job.stored_bytes).into_any()),
            ];
            view! { <Pairs pairs /> }
        })
    };
    let title = move || {
        let number = opened.get().map(|job| number::grouped(job.number)).unwrap_or_default();
        format!("{} {number}", say(Text::KitJob)())
    };
    let count = Signal::derive(move || left.with(|left| left.len() as u64));
    view! {
        <section class="card"><h2>{say(Text::KitFilter)}</h2>
            <p>{say(Text::KitFilterLead)}</p>
            <FilterBar label=Text::KitFilter words=typed left=Signal::derive(move || (count.get(), ROWS)) choices=vec![
                FilterChoice {
                    label: Text::KitState,
                    options: vec![Text::FilterAll, Tone::Good.text(), Tone::Warn.text(), Tone::Bad.text()],
                    chosen: state,
                },
            ] />
            <VirtualTable caption=Text::KitFilter id="kit-jobs" columns count cells on_open=open
                identity=Callback::new(move |row| job(row).number) />
            <Drawer open=drawer id="kit-job" title=Signal::derive(title)>{details}</Drawer>
        </section>
    }
}
