//! Policy form: what a policy says, and at once what it will do.

use leptos::prelude::*;
use vhault_core::lifecycle::BackupPolicy;
use vhault_core::policy::Weekday;
use vhault_web::text::{Both, SimText, TaskText, Text, Words};
use vhault_web::view_model::simulator::policy::{Draft, of_day, preview};

use super::stage::Stage;
use super::{fill, follow, tell};
use crate::page::chart::Sparkline;

/// A field over one typed part of what is filled in.
pub(super) fn field<D, W>(
    label: W,
    held: RwSignal<D>,
    get: fn(&D) -> &String,
    part: fn(&mut D) -> &mut String,
    kind: &'static str,
) -> AnyView
where
    D: Send + Sync + 'static,
    W: Words,
{
    view! {
        <label class="choice"><span>{tell(label)}</span>
            <input type=kind inputmode=(kind == "number").then_some("numeric") min=(kind == "number").then_some("0")
                prop:value=move || held.with(|held| get(held).clone())
                on:input=move |event| held.update(|held| *part(held) = event_target_value(&event)) /></label>
    }
    .into_any()
}

/// The fields of a policy. Under the rules of 2015 there is one span of days.
#[component]
pub(super) fn PolicyFields(
    draft: RwSignal<Draft>,
    /// Whether the rules of 2015 apply.
    is_classic: Signal<bool>,
    /// Whether its name stays.
    #[prop(optional)]
    is_named: bool,
) -> impl IntoView {
    let days = Weekday::ALL.into_iter().map(|day| {
        let toggle = move |event| {
            let on = event_target_checked(&event);
            draft.update(|draft| {
                if on { draft.days.insert(day) } else { draft.days.remove(&day) };
            });
        };
        view! {
            <label class="check"><input type="checkbox" prop:checked=move || draft.with(|draft| draft.days.contains(&day))
                on:change=toggle /> <span>{follow(of_day(day))}</span></label>
        }
    });
    view! {
        <div class="form policy-form">
            {(!is_named).then(|| field(SimText::Policy, draft, |draft| &draft.name, |draft| &mut draft.name, "text"))}
            {field(TaskText::TimeOfDay, draft, |draft| &draft.time, |draft| &mut draft.time, "time")}
            {field(TaskText::Offset, draft, |draft| &draft.offset, |draft| &mut draft.offset, "text")}
            {field(TaskText::KeepDays, draft, |draft| &draft.daily, |draft| &mut draft.daily, "number")}
            <div class="form" hidden=is_classic>
                {field(TaskText::KeepWeeks, draft, |draft| &draft.weekly, |draft| &mut draft.weekly, "number")}
                {field(TaskText::KeepMonths, draft, |draft| &draft.monthly, |draft| &mut draft.monthly, "number")}
                {field(TaskText::KeepYears, draft, |draft| &draft.yearly, |draft| &mut draft.yearly, "number")}
            </div>
            {field(TaskText::Window, draft, |draft| &draft.window, |draft| &mut draft.window, "number")}
        </div>
        <fieldset class="days"><legend>{tell(TaskText::DaysLegend)}</legend><div class="buttons">{days.collect_view()}</div></fieldset>
    }
}

/// What a policy will do: its next runs, and the points of one machine after a year.
#[component]
pub(super) fn PolicyPreview(
    /// The policy, or what is typed wrongly.
    policy: Memo<Result<BackupPolicy, Both>>,
) -> impl IntoView {
    let stage = Stage::here();
    let shown = Memo::new(move |_| {
        let now = stage.read(vhault_web::simulator::Simulator::now);
        policy.with(|policy| policy.as_ref().ok().map(|policy| preview(policy, now)))
    });
    move || {
        shown.get().map(|shown| {
            let values = shown.points.clone();
            let (after, most) = (shown.after_a_year.to_string(), shown.points_max.to_string());
            view! {
                <div class="preview">
                    <p><strong>{follow(shown.schedule)}</strong> <span class="quiet">{tell(TaskText::Keeps)} " " {follow(shown.keeps)}</span></p>
                    <h3>{tell(TaskText::NextTen)}</h3>
                    <ol class="runs">{shown.runs.into_iter().map(|run| view! { <li class="number">{run}</li> }).collect_view()}</ol>
                    <h3>{tell(TaskText::YearOfPoints)}</h3>
                    <p class="after-a-year">{move || fill(TaskText::AfterAYear, &[&after, &most])}</p>
                    <Sparkline label=Text::PointsByMonth values=Signal::derive(move || values.clone()) write=|count| count.to_string() />
                </div>
            }
        })
    }
}
