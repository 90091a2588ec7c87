//! Protect: items, policy, checks, review.

use std::collections::BTreeSet;

use leptos::prelude::*;
use vhault_core::advice::ProfileId;
use vhault_core::lifecycle::{BackupPolicy, PolicyName, VaultCommand, VaultName, VmIdentity, protect_list};
use vhault_core::sim::Command;
use vhault_web::simulator::Simulator;
use vhault_web::text::{Both, SimText, TaskText};
use vhault_web::view_model::simulator::policy::Draft;
use vhault_web::view_model::simulator::preflight::{Sheet, sheets};
use vhault_web::view_model::simulator::{command_line, deed};
use vhault_web::view_model::tone::Tone;

use super::drafts::{Drafts, ProtectForm};
use super::policy_form::{PolicyFields, PolicyPreview};
use super::stage::Stage;
use super::{advice_links, follow, same_as, task_words, tell};
use crate::page::kit::{Badge, Notice, Wizard, WizardStep};
use crate::page::settings::{settings, words};

/// The vault in question: the chosen one, else the first.
fn vault(form: ProtectForm, simulator: &Simulator) -> Option<VaultName> {
    let vaults = &simulator.world().vaults;
    let chosen = form.vault.get().filter(|chosen| vaults.contains_key(chosen));
    chosen.or_else(|| vaults.keys().next().cloned())
}

/// The machines that can be chosen, and those chosen that cannot.
fn machines(form: ProtectForm, simulator: &Simulator) -> Vec<VmIdentity> {
    let Some(state) = vault(form, simulator).and_then(|vault| simulator.world().vaults.get(&vault)) else {
        return Vec::new();
    };
    let open: BTreeSet<VmIdentity> =
        protect_list(&state.catalogue, &simulator.world().around(state)).into_iter().collect();
    open.union(&form.machines.get()).cloned().collect()
}

/// The wizard. What is filled in stays while a person looks elsewhere.
#[component]
pub(super) fn ProtectView() -> impl IntoView {
    let stage = Stage::here();
    let settings = settings();
    let form = Drafts::here().protect;
    let is_classic = Signal::derive(move || {
        stage.read(|simulator| {
            let vault = vault(form, simulator).and_then(|vault| simulator.world().vaults.get(&vault));
            vault.is_some_and(|vault| vault.catalogue.profile.is_classic())
        })
    });
    let policies = Memo::new(move |_| {
        stage.read(|simulator| {
            let vault = vault(form, simulator).and_then(|vault| simulator.world().vaults.get(&vault));
            vault
                .map(|vault| vault.catalogue.policies.keys().cloned().collect::<Vec<PolicyName>>())
                .unwrap_or_default()
        })
    });
    let existing =
        move || form.existing.get().filter(|name| policies.with(|policies| policies.contains(name)));
    let policy = Memo::new(move |_| chosen_policy(form, existing(), stage));
    let lacks_items = Signal::derive(move || {
        form.machines
            .with(BTreeSet::is_empty)
            .then(|| TaskText::LacksMachines.say(settings.lang.get()).to_owned())
    });
    let lacks_policy = Signal::derive(move || {
        policy.with(|policy| policy.as_ref().err().map(|why| settings.of(why))).or_else(|| {
            let draft = existing().is_none().then(|| new_policy(form, stage))?;
            draft.err().map(|why| settings.of(&why))
        })
    });
    let nothing = Signal::derive(|| None);
    let commands = Memo::new(move |_| commands(form, existing(), stage));
    let finish = Callback::new(move |()| {
        let Ok(commands) = commands.get_untracked() else { return };
        if commands.into_iter().all(|command| stage.submit(command)) {
            form.machines.set(BTreeSet::new());
            form.at.set(0);
            let _ = window().location().set_hash("#/sim/items");
        }
    });
    let step = |name, lacks, body: AnyView| WizardStep { name: task_words(name), lacks, body };
    view! {
        <p><a href="#/sim/items">{tell(SimText::Items)}</a></p>
        <h1>{tell(TaskText::ProtectMachines)}</h1>
        <section class="card">
            <h2 class="unseen">{tell(TaskText::Steps)}</h2>
            <Wizard title=task_words(TaskText::ProtectMachines) finish=task_words(TaskText::ProtectFinish) at=form.at
                steps=vec![
                    step(TaskText::StepItems, lacks_items, view! { <Items form /> }.into_any()),
                    step(TaskText::StepPolicy, lacks_policy, view! { <Policy form policies is_classic policy /> }.into_any()),
                    step(TaskText::StepChecks, nothing, view! { <Checks form policy /> }.into_any()),
                    step(TaskText::StepReview, nothing, view! { <Review commands /> }.into_any()),
                ] on_finish=finish />
        </section>
    }
}

fn profile(form: ProtectForm, simulator: &Simulator) -> Option<ProfileId> {
    let vault = vault(form, simulator)?;
    Some(simulator.world().vaults.get(&vault)?.catalogue.profile.id)
}

fn no_vault() -> Both {
    Both::new("There is no vault yet.", "아직 자격 증명 모음이 없습니다.")
}

/// The policy that will apply, or what is typed wrongly.
fn chosen_policy(
    form: ProtectForm,
    existing: Option<PolicyName>,
    stage: Stage,
) -> Result<BackupPolicy, Both> {
    stage.read(|simulator| match existing {
        Some(name) => {
            let vault = vault(form, simulator).and_then(|vault| simulator.world().vaults.get(&vault));
            let held = vault.and_then(|vault| vault.catalogue.policies.get(&name));
            held.map(|held| held.policy.clone()).ok_or_else(no_vault)
        }
        None => form.policy.get().policy(profile(form, simulator).ok_or_else(no_vault)?),
    })
}

/// The command that makes the new policy, if the rules allow it.
fn new_policy(form: ProtectForm, stage: Stage) -> Result<Command, Both> {
    stage.read(|simulator| {
        let vault = vault(form, simulator).ok_or_else(no_vault)?;
        let command = form.policy.get().command(simulator, &vault)?;
        if matches!(&command, Command::Vault { command: VaultCommand::UpdatePolicy { .. }, .. }) {
            return Err(Both::new(
                "A policy of this name is there already: choose it above, or take another name.",
                "같은 이름의 정책이 이미 있습니다. 위에서 고르거나 다른 이름을 쓰세요.",
            ));
        }
        vhault_web::view_model::simulator::machine::asked(simulator, command)
    })
}

/// All that the wizard will ask for.
fn commands(form: ProtectForm, existing: Option<PolicyName>, stage: Stage) -> Result<Vec<Command>, Both> {
    let mut commands = Vec::new();
    let policy = match existing {
        Some(name) => name,
        None => {
            commands.push(new_policy(form, stage)?);
            form.policy.with(Draft::policy_name)?
        }
    };
    let vault = stage.read(|simulator| vault(form, simulator)).ok_or_else(no_vault)?;
    let items = form.machines.get().into_iter().collect();
    commands.push(Command::Vault { vault, command: VaultCommand::Protect { items, policy } });
    Ok(commands)
}

#[component]
fn Items(form: ProtectForm) -> impl IntoView {
    let stage = Stage::here();
    let shown = Memo::new(move |_| stage.read(|simulator| machines(form, simulator)));
    let vaults = Memo::new(move |_| {
        stage.read(|simulator| simulator.world().vaults.keys().cloned().collect::<Vec<VaultName>>())
    });
    let on_vault = move |event| form.vault.set(VaultName::new(&event_target_value(&event)).ok());
    let one = move |machine: VmIdentity| {
        let name = machine.to_string();
        let here = machine.clone();
        let toggle = move |event| {
            let on = event_target_checked(&event);
            form.machines.update(|machines| {
                if on {
                    machines.insert(machine.clone())
                } else {
                    machines.remove(&machine)
                };
            });
        };
        view! {
            <label class="check"><input type="checkbox" prop:checked=move || form.machines.with(|held| held.contains(&here))
                on:change=toggle /> <span>{name}</span></label>
        }
    };
    view! {
        {move || (vaults.with(Vec::len) > 1).then(|| view! {
            <label class="choice"><span>{tell(TaskText::Vault)}</span><select on:change=on_vault>
                {vaults.get().into_iter().map(|vault| {
                    let name = vault.to_string();
                    view! { <option value=name.clone() selected=move || form.vault.get().as_ref() == Some(&vault)>{name.clone()}</option> }
                }).collect_view()}</select></label>
        })}
        {move || shown.with(Vec::is_empty).then(|| view! { <Notice tone=Tone::Info><p>{tell(TaskText::NobodyToProtect)}</p></Notice> })}
        <div class="buttons machines-to-protect"><For each=move || shown.get() key=|machine| machine.clone() let:machine>{one(machine)}</For></div>
    }
}

#[component]
fn Policy(
    form: ProtectForm,
    policies: Memo<Vec<PolicyName>>,
    is_classic: Signal<bool>,
    policy: Memo<Result<BackupPolicy, Both>>,
) -> impl IntoView {
    let is_new =
        move || form.existing.get().is_none_or(|name| policies.with(|policies| !policies.contains(&name)));
    let on_choose = move |event| form.existing.set(PolicyName::new(&event_target_value(&event)).ok());
    view! {
        <label class="choice"><span>{tell(SimText::Policy)}</span><select class="which-policy" on:change=on_choose>
            <option value="" selected=is_new>{tell(TaskText::NewPolicy)}</option>
            {move || policies.get().into_iter().map(|name| {
                let shown = name.to_string();
                view! { <option value=shown.clone() selected=move || form.existing.get().as_ref() == Some(&name)>{shown.clone()}</option> }
            }).collect_view()}
        </select></label>
        <div hidden=move || !is_new()><PolicyFields draft=form.policy is_classic /></div>
        {move || policy.with(|policy| policy.as_ref().err().cloned()).map(|why| view! {
            <Notice tone=Tone::Warn><p>{follow(why)}</p></Notice> })}
        <PolicyPreview policy />
    }
}

#[component]
fn Checks(form: ProtectForm, policy: Memo<Result<BackupPolicy, Both>>) -> impl IntoView {
    let stage = Stage::here();
    let found = Memo::new(move |_| {
        let machines: Vec<VmIdentity> = form.machines.get().into_iter().collect();
        let policy = policy.get().ok();
        stage.read(|simulator| {
            let vault = vault(form, simulator);
            vault.map(|vault| sheets(simulator, &vault, &machines, policy.as_ref())).unwrap_or_default()
        })
    });
    view! {
        <p>{tell(TaskText::ChecksLead)}</p>
        {move || found.get().into_iter().map(sheet).collect_view()}
    }
}

fn sheet(sheet: Sheet) -> AnyView {
    let name = sheet.machine.to_string();
    let counts = [Tone::Good, Tone::Warn, Tone::Bad].map(|tone| (tone, sheet.count(tone)));
    let lines = sheet.lines.into_iter().map(|line| {
        let mut ids = vec![line.id];
        ids.extend(line.causes);
        let speaks = line.tone != Tone::Good;
        view! {
            <li data-tone=line.tone.name() data-id=line.id.code()>
                <Badge tone=line.tone label=words(line.tone.text()) />
                <div><span>{follow(line.concern)}</span>
                    {speaks.then(|| advice_links(&ids))}
                    {line.remedy.map(|remedy| view! { <p class="quiet">{follow(remedy)}</p> })}</div>
            </li>
        }
    });
    view! {
        <section class="sheet" data-machine=name.clone()>
            <h4>{name.clone()} " " {counts.into_iter().filter(|(_, count)| *count > 0).map(|(tone, count)| view! {
                <span class="badge" data-tone=tone.name()>{tone.sign()} " " {count}</span> " "
            }).collect_view()}</h4>
            <ul class="findings checks">{lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Review(commands: Memo<Result<Vec<Command>, Both>>) -> impl IntoView {
    let shown = move || match commands.get() {
        Err(why) => view! { <Notice tone=Tone::Bad><p>{follow(why)}</p></Notice> }.into_any(),
        Ok(commands) => {
            let lines: Vec<String> = commands.iter().filter_map(command_line::of).collect();
            view! {
                <ol class="deeds">{commands.iter().map(|command| view! { <li>{follow(deed::words(command))}</li> }).collect_view()}</ol>
                {same_as((!lines.is_empty()).then(|| lines.join("\n")))}
            }
            .into_any()
        }
    };
    view! { <div class="review">{shown}</div> }
}
