//! Recovery points: a calendar, and the list with reason and expiry.

use leptos::prelude::*;
use vhault_core::lifecycle::{PointNumber, VmIdentity};
use vhault_core::policy::Weekday;
use vhault_web::text::{SimText, TaskText};
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::place::of_restore;
use vhault_web::view_model::simulator::point::{Month, calendar, rows};
use vhault_web::view_model::simulator::policy::of_day;
use vhault_web::view_model::simulator::why::Question;
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::why::WhyButton;
use super::{advice_links, fill, follow, tell};
use crate::page::kit::Notice;

/// How far back the calendar goes, in months.
const BACK_MAX: u32 = 1_200;
/// How many points are listed.
const ROWS_MAX: usize = 200;

/// The points of all machines, or of one.
#[component]
pub(super) fn PointsView() -> impl IntoView {
    let stage = Stage::here();
    let (back, day) = (RwSignal::new(0_u32), RwSignal::new(None::<String>));
    let item = RwSignal::new(None::<VmIdentity>);
    let month = Memo::new(move |_| {
        stage.read(|simulator| item.with(|item| calendar(simulator, item.as_ref(), back.get())))
    });
    let points = Memo::new(move |_| stage.read(|simulator| item.with(|item| rows(simulator, item.as_ref()))));
    let machines = Memo::new(move |_| {
        let rows = stage.read(|simulator| rows(simulator, None));
        let mut machines: Vec<VmIdentity> = rows.into_iter().map(|row| row.item).collect();
        machines.sort();
        machines.dedup();
        machines
    });
    let is_empty = Memo::new(move |_| points.with(Vec::is_empty));
    let shown = Memo::new(move |_| {
        let day = day.get();
        points.with(|points| {
            let of_day = |row: &&vhault_web::view_model::simulator::point::Row| {
                day.as_ref().is_none_or(|day| row.at.starts_with(day.as_str()))
            };
            points.iter().filter(of_day).cloned().collect::<Vec<_>>()
        })
    });
    let count = move || {
        fill(TaskText::LeftOf, &[&shown.with(Vec::len).to_string(), &points.with(Vec::len).to_string()])
    };
    let list = move || {
        shown.get().into_iter().take(ROWS_MAX).map(|row| {
            let name = format!("{} {}", row.item, row.at);
            view! {
                <tr data-point=row.number.to_string()>
                    <td class="number">{row.number}</td><td class="name">{row.item.to_string()}</td><td class="number">{row.at}</td>
                    <td>{advice_links(&[row.consistency])}</td><td>{follow(row.reason)}</td><td class="number">{row.expires}</td>
                    <td class="number">{number::bytes(row.logical_bytes)}</td><td class="number">{number::bytes(row.sent_bytes)}</td>
                    <td><a class="button" href=of_restore(&row.vault, PointNumber(row.number))
                        aria-label=move || format!("{} {name}", TaskText::Restore.say(crate::page::settings::settings().lang.get()))>{tell(TaskText::Restore)}</a></td>
                    <td><WhyButton question=Question::Point(row.vault, PointNumber(row.number)) name=named_point(row.number) /></td>
                </tr>
            }
        }).collect_view()
    };
    let heads = [
        (SimText::Number, true),
        (SimText::Machine, false),
        (SimText::When, true),
        (SimText::Consistency, false),
        (SimText::Reason, false),
        (SimText::Expires, true),
        (SimText::Size, true),
        (SimText::SentBytes, true),
        (SimText::Actions, false),
        (SimText::Why, false),
    ];
    let on_machine = move |event| {
        item.set(event_target_value(&event).parse().ok());
        day.set(None);
    };
    let turn = move |to: u32| {
        back.set(to.min(BACK_MAX));
        day.set(None);
    };
    view! {
        <h1>{tell(SimText::PointsTitle)}</h1>
        <section class="card">
            <div class="form">
                <label class="choice"><span>{tell(SimText::Machine)}</span><select on:change=on_machine>
                    <option value="">{tell(SimText::All)}</option>
                    {move || machines.get().into_iter().map(|machine| {
                        let name = machine.to_string();
                        view! { <option value=name.clone() selected=move || item.with(|item| item.as_ref() == Some(&machine))>{name.clone()}</option> }
                    }).collect_view()}
                </select></label>
                <button type="button" on:click=move |_| turn(back.get_untracked() + 1)>{tell(TaskText::MonthBefore)}</button>
                <strong class="number month-name" aria-live="polite">{move || month.with(|month| month.name.clone())}</strong>
                <button type="button" disabled=move || back.get() == 0 on:click=move |_| turn(back.get_untracked().saturating_sub(1))>{tell(TaskText::MonthAfter)}</button>
            </div>
            {move || days(month.get(), day)}
        </section>
        {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::PointsEmpty)}</p></Notice> })}
        <section class="card" hidden=is_empty>
            <div class="buttons"><output class="quiet number" aria-live="polite">{count}</output>
                <button type="button" disabled=move || day.with(Option::is_none) on:click=move |_| day.set(None)>{tell(TaskText::AllDays)}</button></div>
            <div class="table-frame" role="group" aria-label=tell(SimText::PointsTitle) tabindex="0"><table class="points">
                <caption>{tell(SimText::PointsTitle)}</caption>
                <thead><tr>{heads.into_iter().map(|(name, is_number)| view! {
                    <th scope="col" class:number=is_number>{tell(name)}</th> }).collect_view()}</tr></thead>
                <tbody>{list}</tbody>
            </table></div>
        </section>
    }
}

/// A month; a day with points is a button that lists them.
fn days(month: Month, chosen: RwSignal<Option<String>>) -> AnyView {
    let heads = Weekday::ALL
        .into_iter()
        .map(|day| view! { <li class="blank quiet" aria-hidden="true">{follow(of_day(day))}</li> });
    let blanks = (0..month.lead).map(|_| view! { <li class="blank" aria-hidden="true"></li> });
    let days = month.days.into_iter().map(|day| {
        let (date, count) = (day.date.clone(), day.points.to_string());
        let name = move || fill(SimText::CalendarDay, &[&date, &count]);
        let number = day.date.get(8..).unwrap_or_default().to_owned();
        let mine = day.date.clone();
        let is_chosen = move || chosen.with(|chosen| chosen.as_ref() == Some(&mine));
        let choose = move |_| chosen.set(Some(day.date.clone()));
        if day.points == 0 {
            return view! { <li><span class="quiet" aria-hidden="true">{number}</span><span class="unseen">{name}</span></li> }.into_any();
        }
        let shown = day.points.to_string();
        view! {
            <li><button type="button" class="day" aria-pressed=move || is_chosen().to_string() on:click=choose>
                <span class="day-count" aria-hidden="true">{number}<strong>"×"{shown}</strong></span><span class="unseen">{name}</span></button></li>
        }
        .into_any()
    });
    view! { <ol class="calendar">{heads.collect_view()} {blanks.collect_view()} {days.collect_view()}</ol> }
        .into_any()
}

/// A point as its button is called.
fn named_point(number: u64) -> Signal<String> {
    let name = tell(SimText::PointsTitle);
    Signal::derive(move || format!("{} {number}", name()))
}
