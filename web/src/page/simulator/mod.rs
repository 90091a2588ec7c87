//! The simulator in the page: components that draw its view models.
//!
//! | file | noun |
//! | --- | --- |
//! | `stage` | holds the simulator and lets time pass, frame by frame |
//! | `controls` | the clock, seeking, forks |
//! | `share` | links and files |
//! | `drafts` | what a person is filling in, kept while they look elsewhere |
//! | `choice_table`, `bulk` | rows to choose from, and one thing asked of several |
//! | `policy_form` | the fields of a policy, and what it will do |
//! | `commands` | what the palette and the keys do |
//! | `tour` | the guided tour, and the way into it |
//! | `scenarios`, `dashboard`, `discover`, `items`, `protect`, `policies`, `points`, `restore`, `jobs`, `storage`, `audit`, `events`, `trouble`, `rules`, `preferences` | one file a view |
//! | `timeline`, `topology` | the same, on canvases that follow each frame |
//! | `job_parts` | the parts of a job's page |
//! | `why` | a drawer with a chain of causes |

mod audit;
mod bulk;
mod choice_table;
mod commands;
mod controls;
mod dashboard;
mod discover;
mod drafts;
mod events;
mod items;
mod job_parts;
mod jobs;
mod points;
mod policies;
mod policy_form;
mod preferences;
mod protect;
mod restore;
mod rules;
mod scenarios;
mod share;
mod stage;
mod storage;
mod timeline;
mod topology;
mod tour;
mod trouble;
mod why;

use leptos::prelude::*;
use vhault_core::advice::AdviceId;
use vhault_core::sim::Command;
use vhault_web::pattern;
use vhault_web::simulator::Link;
use vhault_web::text::{Both, Phrase, SimText, TaskText, Words};
use vhault_web::view_model::simulator::command_line;
use vhault_web::view_model::simulator::happening::of_advice;
use vhault_web::view_model::simulator::place::{self, Place};

pub(crate) use drafts::Drafts;
pub(crate) use stage::Stage;

use crate::page::settings::settings;

/// A text of the simulator that follows the language.
fn tell(text: impl Words) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    let settings = settings();
    move || text.in_lang(settings.lang.get())
}

/// The same, for what takes any words.
fn task_words(text: TaskText) -> Signal<String> {
    let settings = settings();
    Signal::derive(move || text.say(settings.lang.get()).to_owned())
}

/// The same, with values. Called where something is drawn.
fn fill(text: impl Words, values: &[&str]) -> String {
    vhault_web::text::fill(text.in_lang(settings().lang.get()), values)
}

/// A phrase that follows the language.
fn phrase(phrase: Phrase) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    let settings = settings();
    move || phrase.say(settings.lang.get())
}

/// The same, with values. Called where something is drawn.
fn phrase_with(phrase: Phrase, values: &[&str]) -> String {
    vhault_web::text::fill(phrase.say(settings().lang.get()), values)
}

/// A text in both languages, with one value.
fn both(text: SimText, value: &Both) -> Both {
    use vhault_web::text::{Lang, fill};
    Both::new(fill(text.say(Lang::En), &[&value.en]), fill(text.say(Lang::Ko), &[&value.ko]))
}

/// One of both in the language in force, following it.
fn follow(both: Both) -> impl Fn() -> String + Clone + Send + Sync + 'static {
    let settings = settings();
    move || settings.of(&both)
}

/// Entries as links to what they say.
fn advice_links(ids: &[AdviceId]) -> AnyView {
    let links = ids.iter().map(|id| {
        view! { <li><a href=place::of_entry(*id)>{follow(of_advice(*id))}</a></li> }
    });
    view! { <ul class="advice">{links.collect_view()}</ul> }.into_any()
}

/// A button for one deed; where it cannot be done, it rests and says why.
fn deed_button(name: TaskText, deed: Result<Command, Both>) -> AnyView {
    let stage = Stage::here();
    let why = deed.as_ref().err().cloned();
    let is_off = deed.is_err();
    let line = deed.as_ref().ok().and_then(command_line::of);
    let run = move |_| {
        if let Ok(command) = &deed {
            stage.submit(command.clone());
        }
    };
    view! {
        <div class="deed">
            <button type="button" disabled=is_off title=line on:click=run>{tell(name)}</button>
            {why.map(|why| view! { <span class="quiet why">{follow(why)}</span> })}
        </div>
    }
    .into_any()
}

/// What does the same on the command line, or that nothing does.
fn same_as(line: Option<String>) -> AnyView {
    match line {
        Some(line) => view! { <div class="same-line"><span class="quiet">{tell(TaskText::SameLine)}</span><pre><code>{line}</code></pre></div> }.into_any(),
        None => view! { <p class="quiet same-line">{tell(TaskText::NoLine)}</p> }.into_any(),
    }
}

/// All views of the simulator, and the time above them.
#[component]
pub(crate) fn SimulatorView() -> impl IntoView {
    let stage = Stage::here();
    why::WhyDesk::provide();
    let now = || Place::of(&window().location().hash().unwrap_or_default());
    let place = RwSignal::new(now());
    let handle = window_event_listener(leptos::ev::hashchange, move |_| place.set(now()));
    on_cleanup(move || handle.remove());
    Effect::new(move || {
        // What is opened lives on from where this goes.
        let next = match place.get() {
            Place::Link(text) => {
                stage.open_link(Link::decode(&text));
                "#/sim/dashboard"
            }
            Place::Yours(text) => {
                stage.open_yours(pattern::read(&text));
                "#/sim/items"
            }
            _ => return,
        };
        let _ = window().location().set_hash(next);
    });
    let seen = Memo::new(move |_| place.get());
    // A newcomer reads what this is before the clock; elsewhere the clock is above what it moves.
    let is_home = Memo::new(move |_| seen.with(Place::home) == Place::Scenarios.home());
    commands::provide(stage);
    view! {
        <div class="sim">
            <nav class="views" aria-label=tell(SimText::Views)>
                {Place::LISTED.into_iter().map(|(address, name)| view! {
                    <a href=address aria-current=move || (seen.with(Place::home) == address).then_some("page")>{tell(name)}</a>
                }).collect_view()}
            </nav>
            <tour::TourGuide place=seen />
            {move || is_home.get().then(|| view! { <scenarios::ScenariosHead /> })}
            <controls::Controls />
            {move || match seen.get() {
                Place::Scenarios | Place::Link(_) | Place::Yours(_) => view! { <scenarios::ScenariosView /> }.into_any(),
                Place::Dashboard => view! { <dashboard::DashboardView /> }.into_any(),
                Place::Discover => view! { <discover::DiscoverView /> }.into_any(),
                Place::Registered => view! { <discover::RegisteredView /> }.into_any(),
                Place::Items => view! { <items::ItemsView /> }.into_any(),
                Place::Protect => view! { <protect::ProtectView /> }.into_any(),
                Place::Policies => view! { <policies::PoliciesView /> }.into_any(),
                Place::Restore(point) => view! { <restore::RestoreView point /> }.into_any(),
                Place::Storage => view! { <storage::StorageView /> }.into_any(),
                Place::Audit => view! { <audit::AuditView /> }.into_any(),
                Place::Rules => view! { <rules::RulesView /> }.into_any(),
                Place::Settings => view! { <preferences::SettingsView /> }.into_any(),
                Place::Points => view! { <points::PointsView /> }.into_any(),
                Place::Jobs => view! { <jobs::JobsView /> }.into_any(),
                Place::Job(vault, id) => view! { <jobs::JobView vault id /> }.into_any(),
                Place::Timeline => view! { <timeline::TimelineView /> }.into_any(),
                Place::Topology => view! { <topology::TopologyView /> }.into_any(),
                Place::Events => view! { <events::EventsView /> }.into_any(),
                Place::Trouble => view! { <trouble::TroubleView /> }.into_any(),
                Place::Entry(id) => view! { <trouble::EntryView id /> }.into_any(),
                Place::NoEntry(code) => view! {
                    <h1>{move || fill(SimText::NoEntry, &[&code])}</h1>
                    <p><a class="button" href="#/sim/trouble">{tell(SimText::BackToList)}</a></p>
                }.into_any(),
                Place::Unknown => view! {
                    <h1>{tell(SimText::NoView)}</h1>
                    <p><a class="button" href="#/sim">{tell(SimText::Scenarios)}</a></p>
                }.into_any(),
            }}
            <p class="quiet">{tell(SimText::Imitated)}</p>
            <why::WhyDrawer />
        </div>
    }
}
