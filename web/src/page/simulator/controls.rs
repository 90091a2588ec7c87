//! Controls: the clock, seeking, forks.

use leptos::prelude::*;
use vhault_core::sim::moment;
use vhault_core::time::Span;
use vhault_web::simulator::{Aim, Speed};
use vhault_web::text::{Both, SimText};
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::outcome;
use vhault_web::view_model::tone::Tone;

use super::share::Share;
use super::stage::{Stage, Task, of};
use super::{fill, tell};
use crate::page::settings::settings;

/// The slider's steps.
const STEPS: i64 = 1_000;

fn name(speed: Speed) -> SimText {
    match speed {
        Speed::RealTime => SimText::SpeedRealTime,
        Speed::MinuteASecond => SimText::SpeedMinute,
        Speed::TenMinutesASecond => SimText::SpeedTenMinutes,
        Speed::HourASecond => SimText::SpeedHour,
        Speed::SixHoursASecond => SimText::SpeedSixHours,
        Speed::DayASecond => SimText::SpeedDay,
        Speed::YearAMinute => SimText::SpeedYear,
    }
}

/// The time above every view.
#[component]
pub(super) fn Controls() -> impl IntoView {
    let stage = Stage::here();
    let clock = move || stage.glance(|simulator| moment(simulator.now()));
    let settings = settings();
    let title = Memo::new(move |_| {
        let (en, ko) = stage.read(|simulator| (simulator.title().en.clone(), simulator.title().ko.clone()));
        settings.of(&Both::new(en, ko))
    });
    let toggle =
        move |_| stage.play(!stage.is_playing.get_untracked() && stage.task.get_untracked().is_none());
    let is_busy = move || stage.is_playing.get() || stage.task.get().is_some();
    let aim = move |aim: Aim| {
        stage.is_playing.set(false);
        let limit = stage.act(|simulator| simulator.aim_limit());
        stage.run(Task::Aim(aim, limit));
    };
    let on_speed = move |event| {
        let place: Option<usize> = event_target_value(&event).parse().ok();
        if let Some(speed) = place.and_then(|place| Speed::ALL.get(place)) {
            stage.speed.set(*speed);
        }
    };
    let (play, pause) = (tell(SimText::Play), tell(SimText::Pause));
    let can_undo = Memo::new(move |_| stage.read(|simulator| simulator.can_undo()));
    let can_redo = Memo::new(move |_| stage.read(|simulator| simulator.can_redo()));
    view! {
        <section class="card time" aria-label=tell(SimText::Time)>
            <div class="card-head">
                <strong class="name">{title}</strong>
                <output class="clock number">{clock}</output>
            </div>
            <div class="buttons">
                <button type="button" class="primary play" on:click=toggle>
                    {move || if is_busy() { pause() } else { play() }}
                </button>
                <button type="button" on:click=move |_| aim(Aim::Event)>{tell(SimText::Step)}</button>
                <button type="button" on:click=move |_| aim(Aim::Job)>{tell(SimText::UntilJob)}</button>
                <button type="button" on:click=move |_| aim(Aim::Failure)>{tell(SimText::UntilFailure)}</button>
                <button type="button" on:click=move |_| aim(Aim::Expiry)>{tell(SimText::UntilExpiry)}</button>
                <button type="button" disabled=move || !can_undo.get() on:click=move |_| { stage.act(|simulator| simulator.undo()); }>
                    {tell(SimText::Undo)}</button>
                <button type="button" disabled=move || !can_redo.get() on:click=move |_| { stage.act(|simulator| simulator.redo()); }>
                    {tell(SimText::Redo)}</button>
                <label class="choice"><span>{tell(SimText::Speed)}</span>
                    <select on:change=on_speed>
                        {Speed::ALL.into_iter().enumerate().map(|(place, speed)| view! {
                            <option value=place.to_string() selected=move || stage.speed.get() == speed>{tell(name(speed))}</option>
                        }).collect_view()}
                    </select>
                </label>
            </div>
            <Seek />
            <Forks />
            <Share />
        </section>
    }
}

/// The slider over all there is: what happened, and what is ahead.
#[component]
fn Seek() -> impl IntoView {
    let stage = Stage::here();
    let span =
        move || stage.glance(|simulator| (simulator.genesis().start, simulator.now(), simulator.end()));
    let share = move || {
        let (start, now, end) = span();
        let whole = end.since(start).milliseconds().max(1);
        now.since(start).milliseconds() * STEPS / whole
    };
    let on_seek = move |event| {
        let Ok(share) = event_target_value(&event).parse::<i64>() else { return };
        stage.is_playing.set(false);
        let (start, end) = stage.act(|simulator| (simulator.genesis().start, simulator.end()));
        let past = end.since(start).milliseconds() / STEPS * share;
        let moment =
            if share >= STEPS { Some(end) } else { start.checked_add(Span::from_milliseconds(past)) };
        stage.run(Task::Seek(moment.unwrap_or(end)));
    };
    let words = move || {
        let (_, now, end) = span();
        fill(SimText::SeekWords, &[&moment(now), &moment(end)])
    };
    let out = move |_| {
        stage.is_playing.set(false);
        stage.run(Task::Out);
    };
    let has_ahead = Memo::new(move |_| stage.read(|simulator| simulator.ahead_count() > 0));
    view! {
        <div class="seek">
            <input type="range" min="0" max=STEPS.to_string() aria-label=tell(SimText::SeekTo)
                aria-valuetext=words prop:value=move || share().to_string() on:change=on_seek />
            <button type="button" disabled=move || !has_ahead.get() on:click=out>{tell(SimText::ToEnd)}</button>
        </div>
    }
}

/// Two futures, and what each came to.
#[component]
fn Forks() -> impl IntoView {
    let stage = Stage::here();
    let fork = move |_| {
        stage.act(|simulator| simulator.fork());
        stage.say(Tone::Info, of(SimText::Forked));
    };
    let both = Memo::new(move |_| {
        stage.read(|simulator| {
            let other = simulator.other()?;
            Some((outcome::of(simulator), outcome::of(other), outcome::parting(simulator, other)))
        })
    });
    let has_other = Memo::new(move |_| both.with(Option::is_some));
    let table = move || {
        both.get().map(|(here, there, (first, second))| {
            let rows = [
                (SimText::SeekTo, here.now, there.now),
                (SimText::Succeeded24, here.succeeded.to_string(), there.succeeded.to_string()),
                (SimText::Failed24, here.failed.to_string(), there.failed.to_string()),
                (SimText::PointCount, here.points.to_string(), there.points.to_string()),
                (SimText::SentBytes, number::bytes(here.sent_bytes), number::bytes(there.sent_bytes)),
                (SimText::Alerts, here.alerts.to_string(), there.alerts.to_string()),
            ];
            let is_same = first.is_none() && second.is_none();
            view! {
                <div class="table-frame" role="group" aria-label=tell(SimText::Futures) tabindex="0"><table>
                    <caption>{tell(SimText::Futures)}</caption>
                    <thead><tr><th scope="col">{tell(SimText::What)}</th><th scope="col" class="number">{tell(SimText::This)}</th>
                        <th scope="col" class="number">{tell(SimText::Other)}</th></tr></thead>
                    <tbody>{rows.into_iter().map(|(name, here, there)| view! {
                        <tr><th scope="row">{tell(name)}</th><td class="number">{here}</td><td class="number">{there}</td></tr>
                    }).collect_view()}</tbody>
                </table></div>
                {first.map(|line| view! { <p class="quiet">{move || fill(SimText::PartFirst, &[&line])}</p> })}
                {second.map(|line| view! { <p class="quiet">{move || fill(SimText::PartFirstOther, &[&line])}</p> })}
                {is_same.then(|| view! { <p class="quiet">{tell(SimText::SameSoFar)}</p> })}
            }
        })
    };
    view! {
        <div class="buttons">
            <button type="button" class="fork" on:click=fork>{tell(SimText::Fork)}</button>
            {move || has_other.get().then(|| view! {
                <button type="button" on:click=move |_| stage.act(|simulator| simulator.swap())>{tell(SimText::Swap)}</button>
                <button type="button" on:click=move |_| stage.act(|simulator| simulator.part())>{tell(SimText::Part)}</button>
            })}
        </div>
        {table}
    }
}
