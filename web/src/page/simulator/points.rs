//! Recovery points: a calendar, and the list with reason and expiry.

use leptos::prelude::*;
use vhault_core::lifecycle::PointNumber;
use vhault_web::text::SimText;
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::point::{calendar, rows};
use vhault_web::view_model::simulator::why::Question;
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::why::WhyButton;
use super::{advice_links, fill, follow, tell};
use crate::page::kit::Notice;

/// How many days the calendar shows.
const DAYS: i64 = 35;
/// How many points are listed.
const ROWS_MAX: usize = 200;

/// The points of all machines.
#[component]
pub(super) fn PointsView() -> impl IntoView {
    let stage = Stage::here();
    let days = Memo::new(move |_| stage.read(|simulator| calendar(simulator, None, DAYS)));
    let points = Memo::new(move |_| stage.read(|simulator| rows(simulator, None)));
    let is_empty = Memo::new(move |_| points.with(Vec::is_empty));
    let cells = move || {
        days.get()
            .into_iter()
            .map(|day| {
                let (date, count) = (day.date, day.points.to_string());
                let name = {
                    let (date, count) = (date.clone(), count.clone());
                    move || fill(SimText::CalendarDay, &[&date, &count])
                };
                let tone = if day.points > 0 { "good" } else { "quiet" };
                view! { <li data-tone=tone title=name.clone()>
                <span aria-hidden="true">{date.get(8..).unwrap_or_default().to_owned()}</span>
                <span class="unseen">{name.clone()}</span></li> }
            })
            .collect_view()
    };
    let list = move || {
        points.get().into_iter().take(ROWS_MAX).map(|row| view! {
            <tr>
                <td class="number">{row.number}</td><td class="name">{row.item.to_string()}</td><td class="number">{row.at}</td>
                <td>{advice_links(&[row.consistency])}</td><td>{follow(row.reason)}</td><td class="number">{row.expires}</td>
                <td class="number">{number::bytes(row.logical_bytes)}</td><td class="number">{number::bytes(row.sent_bytes)}</td>
                <td><WhyButton question=Question::Point(row.vault, PointNumber(row.number)) name=named_point(row.number) /></td>
            </tr>
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
        (SimText::Why, false),
    ];
    view! {
        <h1>{tell(SimText::PointsTitle)}</h1>
        <section class="card">
            <h2>{tell(SimText::Calendar)}</h2>
            <ol class="strip calendar">{cells}</ol>
        </section>
        {move || is_empty.get().then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::PointsEmpty)}</p></Notice> })}
        <section class="card" hidden=is_empty>
            <div class="table-frame" role="group" aria-label=tell(SimText::PointsTitle) tabindex="0"><table class="points">
                <caption>{tell(SimText::PointsTitle)}</caption>
                <thead><tr>{heads.into_iter().map(|(name, is_number)| view! {
                    <th scope="col" class:number=is_number>{tell(name)}</th> }).collect_view()}</tr></thead>
                <tbody>{list}</tbody>
            </table></div>
        </section>
    }
}

/// A point as its button is called.
fn named_point(number: u64) -> Signal<String> {
    let name = tell(SimText::PointsTitle);
    Signal::derive(move || format!("{} {number}", name()))
}
