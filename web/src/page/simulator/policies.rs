//! Policies: the list, the editor, and what an edit does before it is made.

use leptos::prelude::*;
use vhault_core::lifecycle::{BackupPolicy, PolicyName, VaultCommand, VaultName};
use vhault_core::sim::Command;
use vhault_web::text::{Both, SimText, TaskText};
use vhault_web::view_model::simulator::command_line;
use vhault_web::view_model::simulator::machine::asked;
use vhault_web::view_model::simulator::policy::{Draft, Row, rows};
use vhault_web::view_model::simulator::retention::{Mark, Month, calendar, count, effect};
use vhault_web::view_model::tone::Tone;

use super::drafts::{Drafts, PolicyForm};
use super::policy_form::{PolicyFields, PolicyPreview};
use super::stage::Stage;
use super::{fill, follow, same_as, tell};
use crate::page::kit::Notice;
use crate::page::settings::settings;

/// How far the calendar looks.
const HORIZONS: [(u32, TaskText); 3] =
    [(35, TaskText::FiveWeeks), (365, TaskText::OneYear), (3 * 365, TaskText::ThreeYears)];

/// Most kept points that are listed.
const LISTED_MAX: usize = 200;

/// Every policy, and the one being made or changed.
#[component]
pub(super) fn PoliciesView() -> impl IntoView {
    let stage = Stage::here();
    let form = Drafts::here().policy;
    let shown = Memo::new(move |_| stage.read(rows));
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty));
    let first = Memo::new(move |_| stage.read(|simulator| simulator.world().vaults.keys().next().cloned()));
    let begin = move |_| {
        if let Some(vault) = first.get_untracked() {
            form.draft.set(Draft::default());
            form.of.set(Some((vault, None)));
        }
    };
    let heads = [
        (SimText::Policy, false),
        (SimText::Schedule, false),
        (SimText::Keeps, false),
        (SimText::OffsetUtc, false),
        (SimText::CopyWindow, true),
        (SimText::Machines, true),
        (SimText::NextRun, true),
        (SimText::Actions, false),
    ];
    view! {
        <h1>{tell(SimText::Policies)}</h1>
        <p class="lead">{tell(TaskText::PoliciesLead)}</p>
        <section class="card">
            <p><button type="button" class="primary" disabled=move || first.with(Option::is_none) on:click=begin>{tell(TaskText::NewPolicy)}</button></p>
            {move || is_empty.get().then(|| view! { <p class="quiet">{tell(TaskText::NoPolicies)}</p> })}
            <div class="table-frame" role="group" aria-label=tell(SimText::Policies) tabindex="0" hidden=is_empty><table class="policies">
                <caption>{tell(SimText::Policies)}</caption>
                <thead><tr>{heads.into_iter().map(|(name, is_number)| view! {
                    <th scope="col" class:number=is_number>{tell(name)}</th> }).collect_view()}</tr></thead>
                <tbody>{move || shown.get().into_iter().map(|row| one(stage, form, row)).collect_view()}</tbody>
            </table></div>
        </section>
        {move || form.of.get().map(|(vault, name)| view! { <Editor form vault name /> })}
    }
}

fn one(stage: Stage, form: PolicyForm, row: Row) -> AnyView {
    let (vault, name) = (row.vault.clone(), row.name.clone());
    let edit = move |_| {
        let held = stage.read(|simulator| {
            let vault = simulator.world().vaults.get(&vault)?;
            vault.catalogue.policies.get(&name).map(|held| Draft::of(&name, &held.policy))
        });
        if let Some(draft) = held {
            form.draft.set(draft);
            form.of.set(Some((vault.clone(), Some(name.clone()))));
        }
    };
    let delete = Command::Vault {
        vault: row.vault.clone(),
        command: VaultCommand::DeletePolicy { name: row.name.clone() },
    };
    let delete = stage.read(|simulator| asked(simulator, delete));
    let shown = row.name.to_string();
    view! {
        <tr data-policy=shown.clone()>
            <th scope="row" class="name">{shown.clone()}</th><td>{follow(row.schedule)}</td><td>{follow(row.keeps)}</td><td>{row.offset}</td>
            <td class="number">{row.window_hours.map_or_else(|| "–".to_owned(), |hours| format!("{hours} h"))}</td>
            <td class="number">{row.items}</td><td class="number">{row.next_run.unwrap_or_else(|| "–".to_owned())}</td>
            <td><div class="buttons"><button type="button" class="edit" on:click=edit>{tell(TaskText::Edit)}</button>
                {super::deed_button(TaskText::Delete, delete)}</div></td>
        </tr>
    }
    .into_any()
}

/// One policy: what is filled in, what it does, what the edit changes.
#[component]
fn Editor(form: PolicyForm, vault: VaultName, name: Option<PolicyName>) -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let draft = form.draft;
    let horizon = RwSignal::new(365_u32);
    let held = {
        let (vault, name) = (vault.clone(), name.clone());
        Memo::new(move |_| {
            stage.read(|simulator| {
                let catalogue = &simulator.world().vaults.get(&vault)?.catalogue;
                let old = name.as_ref().and_then(|name| catalogue.policies.get(name));
                Some((catalogue.profile.id, old.map(|old| old.policy.clone())))
            })
        })
    };
    let is_classic = Signal::derive(move || {
        held.get().is_some_and(|(profile, _)| profile == vhault_core::advice::ProfileId::Classic2015)
    });
    let policy = Memo::new(move |_| -> Result<BackupPolicy, Both> {
        let Some((profile, _)) = held.get() else {
            return Err(Both::new("There is no vault yet.", "아직 자격 증명 모음이 없습니다."));
        };
        draft.with(|draft| draft.policy(profile))
    });
    let command = {
        let vault = vault.clone();
        let is_new = name.is_none();
        Memo::new(move |_| {
            let draft = draft.get();
            stage.read(|simulator| {
                let command = draft.command(simulator, &vault)?;
                if is_new
                    && matches!(&command, Command::Vault { command: VaultCommand::UpdatePolicy { .. }, .. })
                {
                    return Err(Both::new(
                        "A policy of this name is there already.",
                        "같은 이름의 정책이 이미 있습니다.",
                    ));
                }
                asked(simulator, command)
            })
        })
    };
    let change = {
        let (vault, name) = (vault.clone(), name.clone());
        Memo::new(move |_| {
            let name = name.clone()?;
            let policy = policy.get().ok()?;
            stage.read(|simulator| effect(simulator, &vault, &name, &policy).ok())
        })
    };
    let months = Memo::new(move |_| {
        let policy = policy.get().ok()?;
        let before = held.get().and_then(|(_, old)| old);
        let now = stage.read(vhault_web::simulator::Simulator::now);
        Some(calendar(&policy, before.as_ref(), now, horizon.get()))
    });
    let save = move |_| {
        if let Ok(command) = command.get_untracked()
            && stage.submit(command)
        {
            form.of.set(None);
        }
    };
    let on_horizon = move |event| {
        if let Ok(days) = event_target_value(&event).parse() {
            horizon.set(days);
        }
    };
    let title = name.map(|name| name.to_string());
    let is_named = title.is_some();
    let told = move || {
        change.get().map(|change| {
            let [going, sooner, later, items] =
                [change.going.len(), change.sooner, change.later, change.items].map(|count| count.to_string());
            let tone = if change.going.is_empty() { Tone::Info } else { Tone::Warn };
            view! {
                <Notice tone><p class="effect">{move || fill(TaskText::EditEffect, &[&going, &items, &sooner, &later])}</p>
                    {(!change.going.is_empty()).then(|| view! { <ul class="going">{change.going.into_iter().take(LISTED_MAX).map(|(number, item, at)| view! {
                        <li class="number">{number.to_string()} " · " {item.to_string()} " · " {at}</li> }).collect_view()}</ul> })}
                </Notice>
            }
        })
    };
    let wrong = move || command.with(|command| command.as_ref().err().cloned());
    view! {
        <section class="card editor">
            <h2>{move || title.clone().unwrap_or_else(|| TaskText::NewPolicy.say(settings.lang.get()).to_owned())}</h2>
            <PolicyFields draft is_classic is_named />
            <div role="status">{move || wrong().map(|why| view! { <Notice tone=Tone::Bad><p class="wrong">{follow(why)}</p></Notice> })} {told}</div>
            <div class="buttons">
                <button type="button" class="primary save-policy" disabled=move || wrong().is_some() on:click=save>{tell(TaskText::SavePolicy)}</button>
                <button type="button" on:click=move |_| form.of.set(None)>{tell(TaskText::Discard)}</button>
            </div>
            {move || same_as(command.get().ok().and_then(|command| command_line::of(&command)))}
            <PolicyPreview policy />
            <h3>{tell(TaskText::RetentionTitle)}</h3>
            <label class="choice"><span>{tell(TaskText::LookAhead)}</span><select on:change=on_horizon>
                {HORIZONS.into_iter().map(|(days, name)| view! {
                    <option value=days.to_string() selected=move || horizon.get() == days>{tell(name)}</option> }).collect_view()}
            </select></label>
            {move || months.get().map(keeping)}
        </section>
    }
}

/// The calendar, its legend, and the same as a list.
fn keeping(months: Vec<Month>) -> AnyView {
    let marks = [
        (Mark::Kept, TaskText::MarkKept),
        (Mark::Gained, TaskText::MarkGained),
        (Mark::Lost, TaskText::MarkLost),
        (Mark::Gone, TaskText::MarkGone),
    ];
    let legend = marks.map(|(mark, name)| {
        let count = count(&months, mark);
        view! { <li><span class="day-swatch" data-mark=mark.name() aria-hidden="true"></span> {tell(name)} ": "
            <strong class="number" data-count=mark.name()>{count}</strong></li> }
    });
    let listed: Vec<_> = months
        .iter()
        .flat_map(|month| &month.days)
        .filter(|day| matches!(day.mark, Mark::Kept | Mark::Gained | Mark::Lost))
        .rev()
        .take(LISTED_MAX)
        .cloned()
        .collect();
    let drawn = months.into_iter().map(|month| {
        let blanks = (0..month.lead).map(|_| view! { <span></span> });
        view! {
            <div class="month"><span class="quiet">{month.name}</span><div class="month-days">{blanks.collect_view()}
                {month.days.into_iter().map(|day| view! { <span data-mark=day.mark.name() title=day.date></span> }).collect_view()}</div></div>
        }
    });
    view! {
        <ul class="legend marks">{legend.into_iter().collect_view()}</ul>
        <div class="months" aria-hidden="true">{drawn.collect_view()}</div>
        <details><summary>{tell(TaskText::SameAsList)}</summary>
            <div class="table-frame" role="group" aria-label=tell(TaskText::RetentionTitle) tabindex="0"><table class="kept">
                <caption>{tell(TaskText::RetentionTitle)}</caption>
                <thead><tr><th scope="col">{tell(SimText::When)}</th><th scope="col">{tell(SimText::Status)}</th><th scope="col">{tell(SimText::Reason)}</th></tr></thead>
                <tbody>{listed.into_iter().map(|day| {
                    let name = match day.mark { Mark::Gained => TaskText::MarkGained, Mark::Lost => TaskText::MarkLost, _ => TaskText::MarkKept };
                    view! { <tr><td class="number">{day.date}</td><td>{tell(name)}</td><td>{follow(day.reasons)}</td></tr> }
                }).collect_view()}</tbody>
            </table></div>
        </details>
    }
    .into_any()
}
