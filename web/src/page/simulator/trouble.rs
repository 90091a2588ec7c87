//! Troubleshooting: the catalogue of advice, each error shown and mended.

use leptos::prelude::*;
use vhault_core::advice::AdviceId;
use vhault_core::sim::{Command, scenarios};
use vhault_web::simulator::{Lesson, LessonState};
use vhault_web::text::{Both, SimText};
use vhault_web::view_model::simulator::trouble::{Narrow, OPERATIONS, of_operation, of_profile, page, rows};
use vhault_web::view_model::simulator::{deed, happening, place};
use vhault_web::view_model::tone::Tone;

use super::stage::{Stage, Task};
use super::{fill, follow, tell};
use crate::page::kit::{Badge, Notice};
use crate::page::settings::{settings, words};

/// How many events after a cure are told.
const TOLD_MAX: usize = 12;

/// The whole catalogue, narrowed by words.
#[component]
pub(super) fn TroubleView() -> impl IntoView {
    let settings = settings();
    let narrow = RwSignal::new(Narrow::default());
    let found = Memo::new(move |_| narrow.with(rows));
    let count =
        move || fill(SimText::Count, &[&found.with(Vec::len).to_string(), &AdviceId::ALL.len().to_string()]);
    let on_operation = move |event| {
        let place: Option<usize> = event_target_value(&event).parse().ok();
        narrow.update(|narrow| narrow.operation = place.and_then(|place| OPERATIONS.get(place).copied()));
    };
    let is_empty = Memo::new(move |_| found.with(Vec::is_empty));
    view! {
        <h1>{tell(SimText::TroubleTitle)}</h1>
        <p class="lead">{tell(SimText::TroubleLead)}</p>
        <section class="card">
            <div class="filter form" role="search" aria-label=tell(SimText::Trouble)>
                <label class="choice"><span>{tell(SimText::Search)}</span>
                    <input type="search" on:input=move |event| narrow.update(|narrow| narrow.words = event_target_value(&event)) /></label>
                <label class="choice"><span>{tell(SimText::Operation)}</span><select on:change=on_operation>
                    <option value="">{tell(SimText::All)}</option>
                    {OPERATIONS.into_iter().enumerate().map(|(place, operation)| view! {
                        <option value=place.to_string()>{follow(of_operation(operation))}</option> }).collect_view()}
                </select></label>
                <label class="check"><input type="checkbox"
                    on:change=move |event| narrow.update(|narrow| narrow.errors_only = event_target_checked(&event)) />
                    <span>{tell(SimText::ErrorsOnly)}</span></label>
                <output class="quiet number" aria-live="polite">{count}</output>
            </div>
            {move || is_empty.get().then(|| view! { <p>{tell(SimText::NothingFound)}</p> })}
            <ul class="entries">
                <For each=move || found.get() key=|row| row.id let:row>
                    <li><a href=place::of_entry(row.id)><code>{row.id.code()}</code> " " {follow(row.title)}</a>
                        <Badge tone=row.tone label=Signal::derive(move || settings.of(&row.kind)) /></li>
                </For>
            </ul>
        </section>
    }
}

/// One entry, and the error before one's eyes.
#[component]
pub(super) fn EntryView(id: AdviceId) -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let page = page(id);
    let kind = page.row.kind;
    let is_shown =
        Memo::new(move |_| stage.lesson.with(|lesson| lesson.as_ref().is_some_and(|lesson| lesson.id == id)));
    let shows = page.shown_under.into_iter().map(|profile| {
        let name = of_profile(profile);
        let show = move |_| {
            if let Some((simulator, lesson)) = Lesson::begin(id, profile) {
                stage.replace(simulator, Some(lesson));
            }
        };
        view! { <button type="button" class="primary show-me" data-profile=profile.name() on:click=show>
        {move || fill(SimText::ShowMe, &[&settings.of(&name)])}</button> }
    });
    let rules = page.profiles.into_iter().map(|profile| view! { <li>{follow(of_profile(profile))}</li> });
    let scenarios = page.scenarios.into_iter().map(|(name, title)| {
        let open = move |_| {
            if let Some(preset) = scenarios::find(&name) {
                stage.begin(&preset.scenario);
                stage.run(Task::Out);
            }
        };
        view! { <li><button type="button" on:click=open>{follow(title)}</button></li> }
    });
    let scenarios = scenarios.collect_view();
    let has_scenarios = !scenarios.is_empty();
    view! {
        <p><a href="#/sim/trouble">{tell(SimText::BackToList)}</a></p>
        <h1><code>{id.code()}</code> " " {follow(page.row.title)}</h1>
        <section class="card entry">
            <div class="card-head">
                <Badge tone=page.row.tone label=Signal::derive(move || settings.of(&kind)) />
                <span class="quiet">{follow(page.operation)}</span>
            </div>
            <dl class="pairs">
                <div><dt>{tell(SimText::Said)}</dt><dd>{follow(page.message)}</dd></div>
                <div><dt>{tell(SimText::Remedy)}</dt><dd>{match page.remedy {
                    Some(remedy) => view! { {follow(remedy)} }.into_any(),
                    None => view! { <span class="quiet">{tell(SimText::NoRemedy)}</span> }.into_any(),
                }}</dd></div>
                <div><dt>{tell(SimText::Retry)}</dt><dd>{follow(page.retry)}</dd></div>
                <div><dt>{tell(SimText::Rules)}</dt><dd><ul>{rules.collect_view()}</ul></dd></div>
                <div><dt>{tell(SimText::CommandLine)}</dt><dd><code>{page.command}</code></dd></div>
            </dl>
            <div class="buttons">{shows.collect_view()}</div>
            {has_scenarios.then(|| view! { <h2>{tell(SimText::SeenIn)}</h2> <ul class="buttons">{scenarios}</ul> })}
        </section>
        <div aria-live="polite">{move || is_shown.get().then(|| view! { <LessonView /> })}</div>
    }
}

/// What led to the error, the answer, the fix, and what became of it.
#[component]
fn LessonView() -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let state =
        Memo::new(move |_| stage.lesson.with(|lesson| lesson.as_ref().map(|lesson| lesson.state.clone())));
    let apply = move |_| {
        let Some(mut lesson) = stage.lesson.get_untracked() else { return };
        stage.play(false);
        stage.act(|simulator| lesson.apply(simulator));
        stage.lesson.set(Some(lesson));
    };
    let badge = move || {
        state.get().map(|state| {
            let (tone, words) = match state {
                LessonState::Raised => (Tone::Bad, SimText::LessonRaised.say(settings.lang.get()).to_owned()),
                LessonState::Cured => (Tone::Good, SimText::LessonCured.say(settings.lang.get()).to_owned()),
                LessonState::Again => (Tone::Warn, SimText::LessonAgain.say(settings.lang.get()).to_owned()),
                LessonState::Broken(why) => {
                    (Tone::Bad, fill(SimText::LessonBroken, &[&settings.of(&happening::of_refusal(&why))]))
                }
            };
            let name = match tone {
                Tone::Good => "cured",
                Tone::Warn => "again",
                _ => "raised",
            };
            view! { <p class="state lesson-state" data-tone=tone.name() data-state=name>{words}</p> }
        })
    };
    let told = move || {
        let lesson = stage.lesson.get()?;
        if lesson.state == LessonState::Raised {
            return None;
        }
        let lines = stage.read(|simulator| {
            let from = lesson.cured_from.min(simulator.history().len());
            let lines =
                simulator.history()[from..].iter().map(happening::of).filter(|line| line.tone != Tone::Quiet);
            lines.take(TOLD_MAX).collect::<Vec<_>>()
        });
        Some(view! {
            <h2>{tell(SimText::HappenedThen)}</h2>
            <ul class="findings">{lines.into_iter().map(|line| view! {
                <li><span class="number quiet">{line.at}</span> <Badge tone=line.tone label=words(line.tone.text()) /> <span>{follow(line.words)}</span></li>
            }).collect_view()}</ul>
        })
    };
    let body = move || {
        stage.lesson.get().map(|lesson| {
        let answer = answer(stage, &lesson);
        let fix = lesson.cure.as_ref().map(|cure| (cure.fix.clone(), cure.retry.clone()));
        view! {
            <h2>{tell(SimText::Answer)}</h2>
            <p>{follow(answer)}</p>
            <details><summary>{tell(SimText::LedHere)}</summary>{deeds(&lesson.led)}</details>
            <h2>{tell(SimText::RaisedBy)}</h2> {deeds(&lesson.raised_by)}
            {match fix {
                None => view! { <Notice tone=Tone::Warn><p>{tell(SimText::NothingHelps)}</p></Notice>
                    <p><button type="button" class="primary apply" on:click=apply>{tell(SimText::TryAgain)}</button></p> }.into_any(),
                Some((fix, retry)) => view! {
                    <h2>{tell(SimText::FixTitle)}</h2>
                    {if fix.is_empty() { view! { <p>{tell(SimText::NoFixNeeded)}</p> }.into_any() } else { deeds(&fix) }}
                    {(!retry.is_empty()).then(|| view! { <h2>{tell(SimText::RetryTitle)}</h2> {deeds(&retry)} })}
                    <p><button type="button" class="primary apply" disabled=move || state.get() != Some(LessonState::Raised)
                        on:click=apply>{tell(SimText::ApplyFix)}</button></p> }.into_any(),
            }}
        }
    })
    };
    view! {
        <section class="card lesson">
            {badge}
            {body}
            {told}
        </section>
    }
}

/// What was answered: the refusal, or the event that told of the failure.
fn answer(stage: Stage, lesson: &Lesson) -> Both {
    stage.read(|simulator| {
        let refused =
            simulator.answers().iter().rev().find(|answered| answered.refusal.advice() == Some(lesson.id));
        let told = || {
            simulator
                .history()
                .iter()
                .rev()
                .map(happening::of)
                .find(|line| line.tone == Tone::Bad && line.advice.first() == Some(&lesson.id))
        };
        match (refused, told()) {
            (Some(answered), _) => happening::of_refusal(&answered.refusal),
            (None, Some(line)) => {
                Both::new(format!("{} {}", line.at, line.words.en), format!("{} {}", line.at, line.words.ko))
            }
            (None, None) => happening::of_advice(lesson.id),
        }
    })
}

/// Commands in words, each as files write it below.
fn deeds(commands: &[Command]) -> AnyView {
    let lines = commands.iter().map(|command| {
        view! {
            <li><details><summary>{follow(deed::words(command))}</summary>
                <p class="quiet">{tell(SimText::AsFile)}</p><pre>{deed::written(command)}</pre></details></li>
        }
    });
    view! { <ol class="deeds">{lines.collect_view()}</ol> }.into_any()
}
