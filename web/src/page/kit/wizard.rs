//! Wizard: a task in steps, each of which says what it still needs.

use leptos::html;
use leptos::prelude::*;
use vhault_web::text::Text;

use super::badge::Notice;
use crate::page::settings::{say, settings};
use vhault_web::view_model::tone::Tone;

/// One step.
pub(crate) struct WizardStep {
    /// What it is about.
    pub(crate) name: Signal<String>,
    /// What keeps a person from going on, if anything.
    pub(crate) lacks: Signal<Option<String>>,
    /// What is asked.
    pub(crate) body: AnyView,
}

/// A task in steps. What was entered stays when a person goes back.
#[component]
pub(crate) fn Wizard(
    /// What the task is.
    #[prop(into)]
    title: Signal<String>,
    /// The steps, in order.
    steps: Vec<WizardStep>,
    /// What the last button says.
    #[prop(into)]
    finish: Signal<String>,
    /// What it does.
    on_finish: Callback<()>,
    /// The step it stands at, where that outlives the wizard.
    #[prop(optional)]
    at: Option<RwSignal<usize>>,
) -> impl IntoView {
    let settings = settings();
    let at = at.unwrap_or_else(|| RwSignal::new(0));
    // Asked to go on, and could not: then the step says why.
    let pressed = RwSignal::new(false);
    let heading = NodeRef::<html::H3>::new();
    let last = steps.len().saturating_sub(1);
    let names: Vec<Signal<String>> = steps.iter().map(|step| step.name).collect();
    let lacks: Vec<Signal<Option<String>>> = steps.iter().map(|step| step.lacks).collect();
    let lack = Signal::derive(move || lacks.get(at.get()).and_then(|lacks| lacks.get()));
    let go = move |to: usize| {
        pressed.set(false);
        at.set(to);
        if let Some(heading) = heading.get_untracked() {
            // A heading with a tab index takes the focus.
            let _ = heading.focus();
        }
    };
    let on_next = move |_| {
        if lack.get_untracked().is_some() {
            pressed.set(true);
        } else if at.get_untracked() == last {
            on_finish.run(());
        } else {
            go(at.get_untracked() + 1);
        }
    };
    let shown_name = {
        let names = names.clone();
        move || names.get(at.get()).map(|name| name.get())
    };
    let place = move || settings.fill(Text::StepOf, &[&(at.get() + 1).to_string(), &(last + 1).to_string()]);
    let marks = names
        .into_iter()
        .enumerate()
        .map(|(step, name)| {
            let state = move || match step.cmp(&at.get()) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "later",
            };
            view! {
                <li data-state=state aria-current=move || (at.get() == step).then_some("step")>
                    <span class="step-number" aria-hidden="true">
                        {move || if step < at.get() { "✓".to_owned() } else { (step + 1).to_string() }}
                    </span>
                    <span>{name}</span>
                </li>
            }
        })
        .collect_view();
    let bodies = steps
        .into_iter()
        .enumerate()
        .map(|(step, held)| view! { <div class="step" hidden=move || at.get() != step>{held.body}</div> })
        .collect_view();
    let why = move || {
        let lack = pressed.get().then(|| lack.get()).flatten();
        lack.map(|lack| view! { <Notice tone=Tone::Bad><p>{lack}</p></Notice> })
    };
    view! {
        <section class="wizard" aria-label=title>
            <ol class="steps">{marks}</ol>
            <h3 node_ref=heading tabindex="-1">{shown_name} " " <span class="quiet">{place}</span></h3>
            {bodies}
            <div role="alert">{why}</div>
            <div class="buttons">
                <button type="button" disabled=move || at.get() == 0
                    on:click=move |_| go(at.get_untracked().saturating_sub(1))>{say(Text::Back)}</button>
                <button type="button" class="primary" on:click=on_next>
                    {move || if at.get() == last { finish.get() } else { settings.say(Text::Next).to_owned() }}
                </button>
            </div>
        </section>
    }
}
