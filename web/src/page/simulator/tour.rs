//! Tour: the first minutes, stop by stop, above whatever is looked at.

use leptos::prelude::*;
use vhault_web::simulator::{TOUR_ERROR, TourStop, begin_tour};
use vhault_web::text::{Both, TaskText};
use vhault_web::view_model::simulator::home::standing;
use vhault_web::view_model::simulator::place::{self, Place};
use vhault_web::view_model::tone::Tone;

use super::drafts::Drafts;
use super::stage::{Stage, of_stop};
use super::{fill, follow, tell};

/// How everything stands, and the way into the tour; above the scenarios.
#[component]
pub(super) fn HomeView() -> impl IntoView {
    let stage = Stage::here();
    let drafts = Drafts::here();
    let stands = Memo::new(move |_| stage.read(standing));
    let begin = move |_| {
        stage.replace(begin_tour(), None);
        drafts.tour.set(Some(0));
        let _ = window().location().set_hash("#/sim/discover");
    };
    view! {
        {move || { let stands = stands.get(); view! { <p class="state standing" data-tone=stands.tone.name()>{follow(stands.words)}</p> } }}
        <section class="card tour-start">
            <h2>{tell(TaskText::TourTitle)}</h2>
            <p>{tell(TaskText::TourLead)}</p>
            <div class="buttons"><button type="button" class="primary begin-tour" on:click=begin>{tell(TaskText::TourBegin)}</button></div>
        </section>
    }
}

/// Where a stop is done, what to do there, and what is to be seen.
fn texts(stop: TourStop) -> (TaskText, TaskText, &'static str) {
    match stop {
        TourStop::Protect => (TaskText::TourProtect, TaskText::TourProtectSay, "#/sim/protect"),
        TourStop::FirstPoint => (TaskText::TourPoint, TaskText::TourPointSay, "#/sim/points"),
        TourStop::Attach => (TaskText::TourAttach, TaskText::TourAttachSay, "#/sim/discover"),
        TourStop::TimeOut => (TaskText::TourTimeOut, TaskText::TourTimeOutSay, "#/sim/jobs"),
        TourStop::Understand => (TaskText::TourUnderstand, TaskText::TourUnderstandSay, ""),
        TourStop::Cure => (TaskText::TourCure, TaskText::TourCureSay, "#/sim/items"),
        TourStop::Healed => (TaskText::TourHealed, TaskText::TourHealedSay, "#/sim/items"),
    }
}

/// The stop the tour is at, while it is taken.
#[component]
pub(super) fn TourGuide(place: Memo<Place>) -> impl IntoView {
    let stage = Stage::here();
    let tour = Drafts::here().tour;
    let stop = Memo::new(move |_| tour.get().and_then(|at| TourStop::ALL.get(at).copied()));
    let is_over = Memo::new(move |_| tour.get().is_some_and(|at| at >= TourStop::ALL.len()));
    let is_reached = Memo::new(move |_| {
        let is_reading = matches!(place.get(), Place::Entry(id) if id == TOUR_ERROR);
        let Some(stop) = stop.get() else { return false };
        stage.read(|simulator| stop.is_reached(simulator, is_reading))
    });
    let next = move |_| tour.update(|tour| *tour = tour.map(|at| at + 1));
    let leave = move |_| tour.set(None);
    let help = move |_| {
        let Some(stop) = stop.get_untracked() else { return };
        stage.play(false);
        if let Err(why) = stage.act(|simulator| stop.help(simulator)) {
            let Both { en, ko } = of_stop(&why);
            stage.say(Tone::Bad, Both::new(en, ko));
        }
        let address = match stop {
            TourStop::Understand => place::of_entry(TOUR_ERROR),
            stop => texts(stop).2.to_owned(),
        };
        let address = if stop == TourStop::Protect { "#/sim/items".to_owned() } else { address };
        let _ = window().location().set_hash(&address);
    };
    let guide = move |stop: TourStop| {
        let (title, say, address) = texts(stop);
        let number = TourStop::ALL.iter().position(|other| *other == stop).unwrap_or(0) + 1;
        let (number, all) = (number.to_string(), TourStop::ALL.len().to_string());
        let address = if address.is_empty() { place::of_entry(TOUR_ERROR) } else { address.to_owned() };
        view! {
            <section class="card tour" aria-label=tell(TaskText::TourTitle) data-stop=format!("{stop:?}")>
                <div class="card-head"><span class="badge" data-tone="info">{move || fill(TaskText::TourStopOf, &[&number, &all])}</span>
                    <h2>{tell(title)}</h2></div>
                <p>{tell(say)}</p>
                <div role="status">{move || is_reached.get().then(|| view! { <p class="state" data-tone="good">{tell(TaskText::TourReached)}</p> })}</div>
                <div class="buttons">
                    <button type="button" class="primary tour-next" disabled=move || !is_reached.get() on:click=next>{tell(TaskText::TourNext)}</button>
                    <a class="button" href=address>{tell(TaskText::TourGo)}</a>
                    <button type="button" class="tour-help" disabled=move || is_reached.get() on:click=help>{tell(TaskText::TourHelp)}</button>
                    <button type="button" class="quiet-button tour-leave" on:click=leave>{tell(TaskText::TourLeave)}</button>
                </div>
            </section>
        }
    };
    view! {
        {move || stop.get().map(guide)}
        {move || is_over.get().then(|| view! {
            <section class="card tour" aria-label=tell(TaskText::TourTitle) data-stop="Over">
                <h2>{tell(TaskText::TourOver)}</h2><p>{tell(TaskText::TourOverSay)}</p>
                <div class="buttons"><a class="button primary" href="#/sim" on:click=leave>{tell(TaskText::TourStories)}</a>
                    <button type="button" class="tour-leave" on:click=leave>{tell(TaskText::TourLeave)}</button></div>
            </section> })}
    }
}
