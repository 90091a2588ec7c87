//! Why: a drawer with the chain of causes of an event, a job, a point or a refusal.

use leptos::prelude::*;
use vhault_web::text::seeing;
use vhault_web::view_model::simulator::place;
use vhault_web::view_model::simulator::why::{Question, Step, Why, answer};

use super::stage::Stage;
use super::{advice_links, follow, phrase, phrase_with};
use crate::page::kit::{Badge, Drawer};
use crate::page::settings::words;

/// Where questions are asked.
#[derive(Clone, Copy)]
pub(super) struct WhyDesk {
    answer: RwSignal<Option<Why>>,
    open: RwSignal<bool>,
}

impl WhyDesk {
    /// Nothing asked yet.
    pub(super) fn provide() {
        provide_context(WhyDesk { answer: RwSignal::new(None), open: RwSignal::new(false) });
    }

    /// That of the page.
    pub(super) fn here() -> WhyDesk {
        expect_context()
    }

    /// Answers at the side. What happened stays, so the answer does too.
    pub(super) fn ask(self, stage: Stage, question: &Question) {
        self.answer.set(stage.peek(|simulator| answer(simulator, question)));
        self.open.set(true);
    }
}

/// Asks why.
#[component]
pub(super) fn WhyButton(
    /// About what.
    question: Question,
    /// How that is called, for those who hear the button alone.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    let (desk, stage) = (WhyDesk::here(), Stage::here());
    let label = move || phrase_with(seeing::WHY_OF, &[&name.get()]);
    let on_click = move |_| desk.ask(stage, &question);
    view! { <button type="button" class="why" aria-label=label on:click=on_click>{phrase(seeing::WHY)}</button> }
}

/// The answer at the side.
#[component]
pub(super) fn WhyDrawer() -> impl IntoView {
    let desk = WhyDesk::here();
    let title = phrase(seeing::WHY_TITLE);
    // An address in it leads away, and so closes it.
    let handle = window_event_listener(leptos::ev::hashchange, move |_| desk.open.set(false));
    on_cleanup(move || handle.remove());
    view! {
        <Drawer open=desk.open id="why" title=Signal::derive(move || title().to_owned())>
            <div class="why-answer">{move || match desk.answer.get() {
                Some(why) => told(desk, why),
                None => view! { <p>{phrase(seeing::WHY_GONE)}</p> }.into_any(),
            }}</div>
        </Drawer>
    }
}

fn told(desk: WhyDesk, why: Why) -> AnyView {
    let stage = Stage::here();
    let go = move |moment| {
        desk.open.set(false);
        stage.seek(moment);
    };
    let remedies = why.remedies.into_iter().map(|(id, remedy)| {
        view! { <li><a href=place::of_entry(id)><code>{id.code()}</code></a> " " {follow(remedy)}</li> }
    });
    let remedies = remedies.collect::<Vec<_>>();
    let has_remedies = !remedies.is_empty();
    view! {
        <p><strong>{follow(why.title)}</strong> " " <span class="number quiet">{why.at}</span></p>
        {why.way_out.map(|out| view! {
            <section class="state" data-tone="warn"><h3>{phrase(seeing::WOULD_SUCCEED)}</h3><p>{follow(out)}</p></section> })}
        <ol class="causes" aria-label=phrase(seeing::CHAIN)>{why.steps.into_iter().map(|step| one(step, go)).collect_view()}</ol>
        {why.deed.map(|(words, written)| view! {
            <section><h3>{phrase(seeing::DONE_BY)}</h3><p>{follow(words)}</p><pre class="quiet">{written}</pre></section> })}
        {has_remedies.then(|| view! {
            <section><h3>{phrase(seeing::WHAT_TO_DO)}</h3><ul class="remedies">{remedies}</ul></section> })}
    }
    .into_any()
}

fn one(step: Step, go: impl Fn(vhault_core::time::Instant) + Copy + Send + Sync + 'static) -> AnyView {
    let (rule, moment) = (step.rule, step.when);
    let rule = {
        let settings = crate::page::settings::settings();
        move || phrase_with(seeing::BY_RULE, &[&settings.of(&rule)])
    };
    let deeds = (!step.deeds.is_empty()).then(|| view! {
        <div class="deeds-behind"><span class="quiet">{phrase(seeing::BECAUSE_OF)}</span>
            <ul>{step.deeds.into_iter().map(|(_, at, words)| view! {
                <li><span class="number quiet">{at}</span> " " {follow(words)}</li> }).collect_view()}</ul></div>
    });
    view! {
        <li>
            <div class="card-head"><Badge tone=step.tone label=words(step.tone.text()) /> <span class="number quiet">{step.at}</span>
                <button type="button" class="quiet-button" on:click=move |_| go(moment)>{phrase(seeing::GO_THERE)}</button></div>
            <p>{follow(step.words)}</p>
            <p class="quiet rule">{rule}</p>
            {(!step.advice.is_empty()).then(|| advice_links(&step.advice))}
            {deeds}
        </li>
    }
    .into_any()
}
