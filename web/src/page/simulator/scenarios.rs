//! Scenarios: the stories to choose from.

use leptos::prelude::*;
use vhault_core::sim::scenarios;
use vhault_web::text::{Both, SimText, StoryText};

use super::stage::{Stage, Task};
use super::{advice_links, follow, tell};
use crate::page::settings::settings;

/// What this is, above the clock.
#[component]
pub(super) fn ScenariosHead() -> impl IntoView {
    view! {
        <h1>{tell(SimText::ScenariosTitle)}</h1>
        <p class="lead">{tell(SimText::ScenariosLead)}</p>
    }
}

/// Every ready scenario, in the order in which a newcomer may take them.
#[component]
pub(super) fn ScenariosView() -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let now = Memo::new(move |_| stage.read(|simulator| simulator.name().to_owned()));
    let cards = scenarios::all().into_iter().map(|preset| {
        let name = preset.scenario.name.clone();
        let story = StoryText::of(&name);
        let mut path = Vec::new();
        for id in preset.path {
            if !path.contains(&id) {
                path.push(id);
            }
        }
        let title = Both::new(preset.scenario.title.en.clone(), preset.scenario.title.ko.clone());
        let scenario = StoredValue::new(preset.scenario);
        let watch = move |_| {
            stage.begin(&scenario.get_value());
            stage.play(true);
        };
        let skip = move |_| {
            stage.begin(&scenario.get_value());
            stage.run(Task::Out);
        };
        let labelled = |action: SimText| {
            let title = title.clone();
            move || format!("{}: {}", settings.of(&title), action.say(settings.lang.get()))
        };
        let (watch_label, skip_label) = (labelled(SimText::Watch), labelled(SimText::GoToEnd));
        view! {
            <li class="card" data-scenario=name.clone() aria-current=move || (now.get() == name).then_some("true")>
                <h3>{follow(title.clone())}</h3>
                {story.map(|story| view! { <p>{tell(story)}</p> })}
                {advice_links(&path)}
                <div class="buttons">
                    <button type="button" class="primary" on:click=watch aria-label=watch_label>{tell(SimText::Watch)}</button>
                    <button type="button" on:click=skip aria-label=skip_label>{tell(SimText::GoToEnd)}</button>
                </div>
            </li>
        }
    });
    view! {
        <super::tour::HomeView />
        <h2>{tell(SimText::Scenarios)}</h2>
        <ul class="cards">{cards.collect_view()}</ul>
    }
}
