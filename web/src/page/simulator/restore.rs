//! Restore: point, target, settings, checks, review; and the proof.

use leptos::prelude::*;
use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{JobId, JobKind, PointNumber, VaultName};
use vhault_web::text::{Both, SimText, TaskText};
use vhault_web::view_model::simulator::happening::of_advice;
use vhault_web::view_model::simulator::job::of_status;
use vhault_web::view_model::simulator::restore::{Choices, Draft, Proof, choices, proof};
use vhault_web::view_model::simulator::{command_line, deed, disk, place};
use vhault_web::view_model::tone::Tone;

use super::drafts::{Drafts, RestoreForm};
use super::policy_form::field;
use super::stage::Stage;
use super::{fill, follow, same_as, task_words, tell};
use crate::page::kit::{Badge, Notice, Wizard, WizardStep};
use crate::page::settings::{settings, words};

/// How many restores are told.
const RESTORES_MAX: usize = 20;

/// The wizard, for one point where the address names it, and all restores.
#[component]
pub(super) fn RestoreView(point: Option<(VaultName, PointNumber)>) -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let form = Drafts::here().restore;
    if let Some((vault, number)) = point
        && form.draft.with_untracked(|draft| draft.point != Some((vault.clone(), number)))
    {
        form.draft.set(untrack(|| stage.read(|simulator| Draft::of(simulator, &vault, number))));
        form.at.set(0);
    }
    let offered = Memo::new(move |_| {
        let draft = form.draft.get();
        stage.read(|simulator| choices(simulator, &draft))
    });
    let lacks = |of: fn(&Draft, &vhault_web::simulator::Simulator) -> Option<Both>| {
        Signal::derive(move || {
            let draft = form.draft.get();
            stage.read(|simulator| of(&draft, simulator)).map(|why| settings.of(&why))
        })
    };
    let no_point = lacks(|draft, simulator| {
        draft
            .item(simulator)
            .is_none()
            .then(|| Both::new("Choose a recovery point.", "복구 지점을 고르세요."))
    });
    let no_target = lacks(|draft, simulator| draft.request(simulator).err());
    let refused = lacks(Draft::refusal);
    let nothing = Signal::derive(|| None);
    let finish = Callback::new(move |()| {
        let draft = form.draft.get_untracked();
        let Ok(command) = stage.read(|simulator| draft.command(simulator)) else { return };
        if stage.submit(command) {
            form.at.set(0);
            form.draft.set(Draft::default());
        }
    });
    let step = |name, lacks, body: AnyView| WizardStep { name: task_words(name), lacks, body };
    view! {
        <p><a href="#/sim/points">{tell(SimText::Points)}</a></p>
        <h1>{tell(TaskText::RestoreTitle)}</h1>
        <section class="card">
            <h2 class="unseen">{tell(TaskText::Steps)}</h2>
            <Wizard title=task_words(TaskText::RestoreTitle) finish=task_words(TaskText::Restore) at=form.at steps=vec![
                step(TaskText::StepPoint, no_point, view! { <Point form offered /> }.into_any()),
                step(TaskText::StepTarget, no_target, view! { <Target form offered /> }.into_any()),
                step(TaskText::StepSettings, nothing, view! { <Network form offered /> }.into_any()),
                step(TaskText::StepChecks, refused, view! { <Checks form /> }.into_any()),
                step(TaskText::StepReview, refused, view! { <Review form /> }.into_any()),
            ] on_finish=finish />
        </section>
        <Restores />
    }
}

#[component]
fn Point(form: RestoreForm, offered: Memo<Choices>) -> impl IntoView {
    let stage = Stage::here();
    let points = Memo::new(move |_| offered.with(|offered| offered.points.clone()));
    let on_point = move |event| {
        let value = event_target_value(&event);
        let chosen = value.split_once('/').and_then(|(vault, number)| {
            Some((VaultName::new(vault).ok()?, PointNumber(number.parse().ok()?)))
        });
        let draft =
            chosen.map(|(vault, number)| stage.read(|simulator| Draft::of(simulator, &vault, number)));
        form.draft.set(draft.unwrap_or_default());
    };
    view! {
        {move || points.with(Vec::is_empty).then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::PointsEmpty)}</p></Notice> })}
        <label class="choice"><span>{tell(SimText::Points)}</span><select class="which-point" on:change=on_point>
            <option value="" selected=move || form.draft.with(|draft| draft.point.is_none())>"–"</option>
            {move || points.get().into_iter().map(|(vault, number, words)| {
                let value = format!("{vault}/{number}");
                let mine = Some((vault, number));
                view! { <option value=value selected=move || form.draft.with(|draft| draft.point == mine)>{words}</option> }
            }).collect_view()}
        </select></label>
    }
}

/// A list to choose a name from; the empty one says what it means.
fn select(
    label: TaskText,
    empty: TaskText,
    options: Signal<Vec<(String, String)>>,
    held: RwSignal<Draft>,
    get: fn(&Draft) -> &String,
    part: fn(&mut Draft) -> &mut String,
) -> AnyView {
    view! {
        <label class="choice"><span>{tell(label)}</span>
            <select on:change=move |event| held.update(|held| *part(held) = event_target_value(&event))>
                <option value="" selected=move || held.with(|held| get(held).is_empty())>{tell(empty)}</option>
                {move || options.get().into_iter().map(|(value, words)| {
                    let mine = value.clone();
                    view! { <option value=value selected=move || held.with(|held| *get(held) == mine)>{words}</option> }
                }).collect_view()}
            </select></label>
    }
    .into_any()
}

#[component]
fn Target(form: RestoreForm, offered: Memo<Choices>) -> impl IntoView {
    let draft = form.draft;
    let groups = Signal::derive(move || {
        offered.with(|offered| offered.groups.iter().map(|name| (name.clone(), name.clone())).collect())
    });
    let accounts = Signal::derive(move || {
        let one = |(name, region): &(String, String)| (name.clone(), format!("{name} ({region})"));
        offered.with(|offered| offered.accounts.iter().map(one).collect())
    });
    let kind = move |disks_only: bool, name: TaskText| {
        view! {
            <label class="check"><input type="radio" name="restore-kind" disabled=move || disks_only && !offered.with(|offered| offered.offers_disks)
                prop:checked=move || draft.with(|draft| draft.disks_only == disks_only)
                on:change=move |_| draft.update(|draft| draft.disks_only = disks_only) /> <span>{tell(name)}</span></label>
        }
    };
    view! {
        <fieldset class="days"><legend>{tell(TaskText::WhatToMake)}</legend>
            <div class="buttons">{kind(false, TaskText::NewMachine)} {kind(true, TaskText::DisksOnly)}</div></fieldset>
        {move || (!offered.with(|offered| offered.offers_disks)).then(|| view! { <p class="quiet">{tell(TaskText::NoDisksOnly)}</p> })}
        <div class="form">
            {field(TaskText::MachineName, draft, |draft| &draft.name, |draft| &mut draft.name, "text")}
            {select(TaskText::Group, TaskText::NewGroup, groups, draft, |draft| &draft.group, |draft| &mut draft.group)}
            {select(TaskText::Account, TaskText::ChooseOne, accounts, draft, |draft| &draft.account, |draft| &mut draft.account)}
        </div>
    }
}

#[component]
fn Network(form: RestoreForm, offered: Memo<Choices>) -> impl IntoView {
    let draft = form.draft;
    let same = |name: &String| (name.clone(), name.clone());
    let networks = Signal::derive(move || {
        offered.with(|offered| offered.networks.iter().map(|(name, _)| same(name)).collect())
    });
    let subnets = Signal::derive(move || {
        let chosen = draft.with(|draft| draft.network.clone());
        offered.with(|offered| {
            let network = offered.networks.iter().find(|(name, _)| *name == chosen);
            network.map(|(_, subnets)| subnets.iter().map(same).collect()).unwrap_or_default()
        })
    });
    view! {
        <div class="form">
            {select(TaskText::Network, TaskText::NoNetwork, networks, draft, |draft| &draft.network, |draft| &mut draft.network)}
            {select(TaskText::Subnet, TaskText::NoNetwork, subnets, draft, |draft| &draft.subnet, |draft| &mut draft.subnet)}
        </div>
    }
}

#[component]
fn Checks(form: RestoreForm) -> impl IntoView {
    let stage = Stage::here();
    let conditions = Memo::new(move |_| {
        let draft = form.draft.get();
        stage.read(|simulator| (draft.conditions(simulator), draft.refusal(simulator)))
    });
    let one = |(id, against): (AdviceId, bool)| {
        let tone = if against { Tone::Bad } else { Tone::Good };
        view! { <li data-id=id.code() data-tone=tone.name()><Badge tone label=words(tone.text()) />
        <a href=place::of_entry(id)>{follow(of_advice(id))}</a></li> }
    };
    move || {
        let (conditions, refusal) = conditions.get();
        let is_empty = conditions.is_empty();
        view! {
            {is_empty.then(|| view! { <p class="quiet">{tell(TaskText::NoRestoreTable)}</p> })}
            {match refusal {
                Some(why) => view! { <Notice tone=Tone::Bad><p>{follow(why)}</p></Notice> }.into_any(),
                None => view! { <p class="state" data-tone="good">{tell(TaskText::WouldBeAccepted)}</p> }.into_any(),
            }}
            <ul class="findings checks">{conditions.into_iter().map(one).collect_view()}</ul>
        }
    }
}

#[component]
fn Review(form: RestoreForm) -> impl IntoView {
    let stage = Stage::here();
    let command = Memo::new(move |_| {
        let draft = form.draft.get();
        stage.read(|simulator| draft.command(simulator).ok())
    });
    move || {
        command.get().map(|command| view! {
            <div class="review"><p>{follow(deed::words(&command))}</p> {same_as(command_line::of(&command))}</div>
        })
    }
}

/// A restore, and what it gave back.
#[derive(Clone, Debug, PartialEq)]
struct Restored {
    vault: VaultName,
    job: JobId,
    item: String,
    name: String,
    status: (Both, Tone),
    proofs: Option<Vec<Proof>>,
}

/// The restores that are remembered, newest first, each with its proof.
#[component]
fn Restores() -> impl IntoView {
    let stage = Stage::here();
    let restores = Memo::new(move |_| {
        stage.read(|simulator| {
            let vaults = simulator.world().vaults.iter();
            let jobs = vaults.flat_map(|(vault, state)| {
                let jobs = state.catalogue.jobs.values().rev().filter(|job| job.kind == JobKind::Restore);
                jobs.map(move |job| (vault, job))
            });
            let one = |(vault, job): (&VaultName, &vhault_core::lifecycle::Job)| Restored {
                vault: vault.clone(),
                job: job.id,
                item: job.item.to_string(),
                name: job.order.restore.as_ref().map(|request| request.name.to_string()).unwrap_or_default(),
                status: of_status(job.status),
                proofs: proof(simulator, vault, job),
            };
            jobs.take(RESTORES_MAX).map(one).collect::<Vec<_>>()
        })
    });
    let is_empty = Memo::new(move |_| restores.with(Vec::is_empty));
    view! {
        <section class="card restores" hidden=is_empty>
            <h2>{tell(TaskText::Restores)}</h2>
            <p class="quiet">{tell(TaskText::ProofLead)}</p>
            {move || restores.get().into_iter().map(restored).collect_view()}
        </section>
    }
}

fn restored(restore: Restored) -> AnyView {
    let settings = settings();
    let (status, tone) = restore.status;
    let (id, number) = (restore.job.to_string(), restore.job.to_string());
    let is_proven = restore.proofs.as_ref().is_some_and(|proofs| proofs.iter().all(Proof::is_same));
    let has_machine =
        restore.proofs.as_ref().is_some_and(|proofs| proofs.iter().all(|one| one.restored.is_some()));
    let verdict = restore.proofs.is_some().then_some(match (has_machine, is_proven) {
        (true, true) => (Tone::Good, TaskText::ProofSame),
        (true, false) => (Tone::Warn, TaskText::ProofChanged),
        (false, _) => (Tone::Info, TaskText::ProofDisks),
    });
    let lines = restore.proofs.unwrap_or_default().into_iter().map(|proof| {
        let is_same = proof.is_same().to_string();
        view! {
            <tr data-same=is_same><th scope="row">{follow(disk::named(proof.lun))}</th><td><code class="hash">{proof.in_vault}</code></td>
                <td><code class="hash">{proof.restored.unwrap_or_else(|| "–".to_owned())}</code></td></tr>
        }
    });
    let lines = lines.collect_view();
    let has_lines = !lines.is_empty();
    view! {
        <article class="restored" data-job=number>
            <p><a href=place::of_job(&restore.vault, restore.job)>{move || fill(SimText::JobOf, &[&id])}</a> " "
                <strong>{restore.item} " → " {restore.name}</strong> " "
                <Badge tone label=Signal::derive(move || settings.of(&status)) /></p>
            {verdict.map(|(tone, text)| view! { <p class="state" data-tone=tone.name()>{tell(text)}</p> })}
            {has_lines.then(|| view! {
                <div class="table-frame" role="group" aria-label=tell(TaskText::Proof) tabindex="0"><table class="proof">
                    <caption>{tell(TaskText::Proof)}</caption>
                    <thead><tr><th scope="col">{tell(TaskText::Disk)}</th><th scope="col">{tell(TaskText::InVault)}</th>
                        <th scope="col">{tell(TaskText::OnMachine)}</th></tr></thead>
                    <tbody>{lines}</tbody></table></div> })}
        </article>
    }
    .into_any()
}
