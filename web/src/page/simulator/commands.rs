//! Commands: what the palette and the keys do in the simulator.

use leptos::prelude::*;
use vhault_core::lifecycle::FaultPoint;
use vhault_core::sim::{Command, scenarios};
use vhault_web::simulator::Aim;
use vhault_web::text::{Both, Lang, SimText, TaskText, Words, fill};
use vhault_web::view_model::simulator::deed;
use vhault_web::view_model::simulator::place::Place;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::stage::{Stage, Task, of};
use crate::page::kit::{Palette, PaletteItem};
use vhault_web::view_model::tone::Tone;

/// Offers all of it while the simulator is shown.
pub(super) fn provide(stage: Stage) {
    let mut items = Vec::new();
    let mut add =
        |name: Both, key: &'static str, run: Callback<()>| items.push(PaletteItem { name, key, run });
    for (address, name) in Place::LISTED {
        add(with(TaskText::GoTo, &both(name)), "", Callback::new(move |()| go(address)));
    }
    add(both(TaskText::ProtectMachines), "P", Callback::new(move |()| go("#/sim/protect")));
    add(both(TaskText::RestoreTitle), "", Callback::new(move |()| go("#/sim/restore")));
    add(both(TaskText::KeyPlay), "Space", Callback::new(move |()| toggle(stage)));
    for (aim, name, key) in [
        (Aim::Event, SimText::Step, "."),
        (Aim::Job, SimText::UntilJob, ""),
        (Aim::Failure, SimText::UntilFailure, ""),
        (Aim::Expiry, SimText::UntilExpiry, ""),
    ] {
        add(both(name), key, Callback::new(move |()| pursue(stage, aim)));
    }
    add(both(TaskText::KeyBack), ",", Callback::new(move |()| back(stage)));
    add(
        both(SimText::Undo),
        "",
        Callback::new(move |()| {
            stage.act(|simulator| simulator.undo());
        }),
    );
    add(
        both(SimText::Redo),
        "",
        Callback::new(move |()| {
            stage.act(|simulator| simulator.redo());
        }),
    );
    add(both(SimText::Fork), "F", Callback::new(move |()| fork(stage)));
    for fault in [FaultPoint::Discovery, FaultPoint::Register, FaultPoint::Backup, FaultPoint::Cancel] {
        for command in [Command::InjectFault(fault), Command::ClearFault(fault)] {
            let name = deed::words(&command);
            add(
                name,
                "",
                Callback::new(move |()| {
                    stage.submit(command.clone());
                }),
            );
        }
    }
    for preset in scenarios::all() {
        let title = Both::new(preset.scenario.title.en.clone(), preset.scenario.title.ko.clone());
        let scenario = preset.scenario;
        add(
            with(TaskText::Story, &title),
            "",
            Callback::new(move |()| {
                stage.begin(&scenario);
                stage.run(Task::Out);
                go("#/sim/dashboard");
            }),
        );
    }
    Palette::here().add(items);
    let keys = window_event_listener(leptos::ev::keydown, move |event| on_key(stage, &event));
    on_cleanup(move || keys.remove());
}

fn both(text: impl Words) -> Both {
    Both::new(text.in_lang(Lang::En), text.in_lang(Lang::Ko))
}

fn with(text: TaskText, value: &Both) -> Both {
    Both::new(fill(text.say(Lang::En), &[&value.en]), fill(text.say(Lang::Ko), &[&value.ko]))
}

/// Goes to a view. The browser may refuse; then the view stays.
fn go(address: &str) {
    let _ = window().location().set_hash(address);
}

fn toggle(stage: Stage) {
    stage.play(!stage.is_playing.get_untracked() && stage.task.get_untracked().is_none());
}

fn pursue(stage: Stage, aim: Aim) {
    stage.is_playing.set(false);
    let limit = stage.act(|simulator| simulator.aim_limit());
    stage.run(Task::Aim(aim, limit));
}

/// Goes to just before the last thing that happened.
fn back(stage: Stage) {
    stage.play(false);
    if let Some(before) = stage.act(|simulator| simulator.before_last()) {
        stage.run(Task::Seek(before));
    }
}

fn fork(stage: Stage) {
    stage.act(|simulator| simulator.fork());
    stage.say(Tone::Info, of(SimText::Forked));
}

/// Keys work where no field, button or link wants them.
fn on_key(stage: Stage, event: &KeyboardEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let is_taken = target.is_some_and(|element| {
        let takes_space = matches!(element.tag_name().as_str(), "BUTTON" | "A" | "SUMMARY");
        let takes_all =
            matches!(element.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA" | "CANVAS" | "DIALOG");
        takes_all
            || (takes_space && event.key() == " ")
            || element.closest("dialog[open]").is_ok_and(|dialog| dialog.is_some())
    });
    if is_taken || event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return;
    }
    match event.key().as_str() {
        " " => toggle(stage),
        "." => pursue(stage, Aim::Event),
        "," => back(stage),
        "f" | "F" => fork(stage),
        "p" | "P" => go("#/sim/protect"),
        _ => return,
    }
    event.prevent_default();
}
