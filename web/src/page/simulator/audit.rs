//! Alerts and audit: what calls for attention, and who asked for what.

use leptos::prelude::*;
use vhault_web::text::{SimText, TaskText};
use vhault_web::view_model::simulator::audit::{Alert, Caller, Line, Narrow, alerts, lines};
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::{advice_links, fill, follow, tell};
use crate::page::kit::Badge;
use crate::page::settings::{settings, words};

/// Both lists.
#[component]
pub(super) fn AuditView() -> impl IntoView {
    let stage = Stage::here();
    let raised = Memo::new(move |_| stage.read(alerts));
    let narrow = RwSignal::new(Narrow::default());
    let log = Memo::new(move |_| stage.read(|simulator| narrow.with(|narrow| lines(simulator, narrow))));
    let has_alerts = Memo::new(move |_| raised.with(|raised| !raised.is_empty()));
    let count = move || {
        fill(
            TaskText::LeftOf,
            &[&log.with(|(lines, _)| lines.len().to_string()), &log.with(|(_, all)| all.to_string())],
        )
    };
    let on_caller = move |event| {
        let caller = match event_target_value(&event).as_str() {
            "person" => Some(Caller::Person),
            "schedule" => Some(Caller::Schedule),
            _ => None,
        };
        narrow.update(|narrow| narrow.caller = caller);
    };
    view! {
        <h1>{tell(SimText::Audit)}</h1>
        <section class="card">
            <h2>{tell(SimText::Alerts)}</h2>
            {move || match has_alerts.get() {
                true => view! { <ul class="findings alerts">{move || raised.get().into_iter().map(alert).collect_view()}</ul> }.into_any(),
                false => view! { <p class="quiet">{tell(SimText::NoAlerts)}</p> }.into_any(),
            }}
        </section>
        <section class="card">
            <h2>{tell(TaskText::LogTitle)}</h2>
            <div class="filter form" role="search" aria-label=tell(TaskText::LogTitle)>
                <label class="choice"><span>{tell(TaskText::FindWords)}</span>
                    <input type="search" on:input=move |event| narrow.update(|narrow| narrow.words = event_target_value(&event)) /></label>
                <label class="choice"><span>{tell(TaskText::Caller)}</span><select on:change=on_caller>
                    <option value="">{tell(SimText::All)}</option><option value="person">{tell(TaskText::Person)}</option>
                    <option value="schedule">{tell(TaskText::TheSchedule)}</option></select></label>
                <label class="check"><input type="checkbox"
                    on:change=move |event| narrow.update(|narrow| narrow.refused_only = event_target_checked(&event)) />
                    <span>{tell(TaskText::RefusedOnly)}</span></label>
                <output class="quiet number" aria-live="polite">{count}</output>
            </div>
            <div class="table-frame" role="group" aria-label=tell(TaskText::LogTitle) tabindex="0"><table class="audit">
                <caption>{tell(TaskText::LogTitle)}</caption>
                <thead><tr><th scope="col" class="number">{tell(SimText::When)}</th><th scope="col">{tell(TaskText::Caller)}</th>
                    <th scope="col">{tell(SimText::What)}</th><th scope="col">{tell(TaskText::Outcome)}</th>
                    <th scope="col">{tell(SimText::CommandLine)}</th></tr></thead>
                <tbody>{move || log.get().0.into_iter().map(line).collect_view()}</tbody>
            </table></div>
        </section>
    }
}

fn alert(alert: Alert) -> AnyView {
    view! {
        <li><span class="number quiet">{alert.at}</span> <Badge tone=alert.tone label=words(alert.tone.text()) />
            <strong>{alert.item}</strong> <span>{follow(alert.words)}</span> {advice_links(alert.id.as_slice())}</li>
    }
    .into_any()
}

fn line(line: Line) -> AnyView {
    let settings = settings();
    let (tone, outcome) = match line.refused {
        None => (Tone::Good, None),
        Some(why) => (Tone::Bad, Some(why)),
    };
    let said = move |text: TaskText| Signal::derive(move || text.say(settings.lang.get()).to_owned());
    let badge = if tone == Tone::Good { TaskText::CarriedOut } else { TaskText::Refused };
    let caller = if line.caller == Caller::Person { TaskText::Person } else { TaskText::TheSchedule };
    view! {
        <tr data-outcome=tone.name()><td class="number">{line.at}</td><td>{tell(caller)}</td><td>{follow(line.words)}</td>
            <td><Badge tone label=said(badge) /> {outcome.map(|why| view! { <span class="why">{follow(why)}</span> })}</td>
            <td>{line.command_line.map(|line| view! { <code class="line">{line}</code> })}</td></tr>
    }
    .into_any()
}
