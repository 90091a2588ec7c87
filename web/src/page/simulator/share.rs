//! Share: a moment as a link, all of it as a file, and a file opened.

use leptos::html;
use leptos::prelude::*;
use vhault_core::sim::Scenario;
use vhault_web::simulator::Simulator;
use vhault_web::text::{self, Both, SimText};
use vhault_web::view_model::simulator::place;
use vhault_web::view_model::tone::Tone;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlInputElement;

use super::stage::{Stage, Task, of};
use super::{both, fill, tell};
use crate::page::kit::{save, saved};

/// Links and files.
#[component]
pub(super) fn Share() -> impl IntoView {
    let stage = Stage::here();
    let link = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Input>::new();
    let on_link = move |_| {
        let made = stage.act(|simulator| simulator.link()).encode();
        match made {
            Ok(link_text) => {
                let base = window().location().href().unwrap_or_default();
                let base = base.split('#').next().unwrap_or_default().to_owned();
                let whole = format!("{base}{}", place::of_link(&link_text));
                // Where there is no clipboard, the field has it.
                let _ = window().navigator().clipboard().write_text(&whole);
                link.set(Some(whole));
                stage.say(Tone::Good, of(SimText::LinkShown));
            }
            Err(error) => {
                stage.say(Tone::Bad, both(SimText::LinkBad, &text::of_link_error(&error)));
            }
        }
    };
    let on_save = move |_| {
        let scenario = stage.act(|simulator| simulator.scenario());
        let name = file_name(&scenario);
        match save(&name, &scenario.to_json()) {
            Some(()) => stage.say(Tone::Good, saved(&name)),
            None => stage.say(Tone::Bad, of(SimText::ImportBad)),
        }
    };
    let hash = move || {
        let is_still = !stage.is_playing.get() && stage.task.get().is_none();
        is_still.then(|| stage.read(|simulator| simulator.state_hash()))
    };
    let replay = "vhault sim replay FILE";
    view! {
        <div class="buttons share">
            <button type="button" on:click=on_link>{tell(SimText::Link)}</button>
            <button type="button" on:click=on_save>{tell(SimText::Export)}</button>
            <label class="button"><span>{tell(SimText::Import)}</span>
                <input type="file" class="unseen" accept=".json,application/json" on:change=move |event| on_file(stage, &event) />
            </label>
            {move || link.get().map(|text| view! {
                <label class="choice"><span>{tell(SimText::LinkLabel)}</span>
                    <input type="text" readonly class="link" node_ref=field prop:value=text
                        on:focus=move |_| if let Some(field) = field.get_untracked() { field.select(); } /></label>
            })}
        </div>
        <details class="hash-line">
            <summary>{tell(SimText::StateHash)}</summary>
            <p><code class="hash state-hash">{hash}</code></p>
            <p class="quiet">{move || fill(SimText::ExportHint, &[replay])}</p>
        </details>
    }
}

/// A name the program's shell needs no quotes for.
fn file_name(scenario: &Scenario) -> String {
    let name: String = scenario
        .name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let name = if name.is_empty() { "simulation".to_owned() } else { name };
    format!("{}.json", name.to_lowercase())
}

fn on_file(stage: Stage, event: &web_sys::Event) {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input else { return };
    let file = input.files().and_then(|files| files.get(0));
    // The same file can be chosen again.
    input.set_value("");
    let Some(file) = file else { return };
    let heard = Closure::once_into_js(move |text: JsValue| open(stage, text.as_string().as_deref()));
    let failed = Closure::once_into_js(move |_: JsValue| open(stage, None));
    // One of both is called, once; the other is never.
    let _ = then(&file.text(), &heard, &failed);
}

/// Has a promise call one of two functions.
fn then(promise: &js_sys::Promise, heard: &JsValue, failed: &JsValue) -> Result<JsValue, JsValue> {
    let then = js_sys::Reflect::get(promise, &"then".into())?;
    then.unchecked_into::<js_sys::Function>().call2(promise, heard, failed)
}

fn open(stage: Stage, text: Option<&str>) {
    match text.map(Scenario::parse) {
        Some(Ok(scenario)) => {
            stage.replace(Simulator::begin(&scenario), None);
            stage.run(Task::Out);
        }
        Some(Err(error)) => {
            stage.say(Tone::Bad, both(SimText::ImportBad, &text::of_scenario_error(&error)));
        }
        None => {
            stage.say(Tone::Bad, both(SimText::ImportBad, &Both::new("it cannot be read", "읽을 수 없음")))
        }
    }
}
