//! Rules: both profiles side by side, and the switch between them.

use leptos::prelude::*;
use vhault_web::text::{SimText, TaskText};
use vhault_web::view_model::simulator::rules::{InForce, in_force, rows};
use vhault_web::view_model::simulator::trouble::of_profile;
use vhault_web::view_model::tone::Tone;

use super::stage::Stage;
use super::{advice_links, deed_button, fill, follow, tell};
use crate::page::kit::{Badge, Notice};
use crate::page::settings::settings;

/// The rules in force, and all parameters.
#[component]
pub(super) fn RulesView() -> impl IntoView {
    let stage = Stage::here();
    let held = Memo::new(move |_| stage.read(in_force));
    let is_all = RwSignal::new(false);
    let shown = move || {
        let is_all = is_all.get();
        rows().into_iter().filter(|row| is_all || row.differs).map(|row| view! {
            <tr data-parameter=row.name data-differs=row.differs.to_string()><th scope="row">{follow(row.words)}</th>
                <td>{follow(row.classic)}</td><td>{follow(row.recovery)}</td></tr>
        }).collect_view()
    };
    let profiles = vhault_core::advice::ProfileId::ALL.map(of_profile);
    view! {
        <h1>{tell(SimText::RulesView)}</h1>
        <p class="lead">{tell(TaskText::RulesLead)}</p>
        {move || held.with(Vec::is_empty).then(|| view! { <Notice tone=Tone::Info><p>{tell(SimText::DashboardEmpty)}</p></Notice> })}
        {move || held.get().into_iter().map(one).collect_view()}
        <section class="card">
            <label class="check"><input type="checkbox" on:change=move |event| is_all.set(event_target_checked(&event)) />
                <span>{tell(TaskText::AllParameters)}</span></label>
            <div class="table-frame" role="group" aria-label=tell(TaskText::Parameters) tabindex="0"><table class="parameters">
                <caption>{tell(TaskText::Parameters)}</caption>
                <thead><tr><th scope="col">{tell(TaskText::Parameter)}</th>
                    {profiles.into_iter().map(|name| view! { <th scope="col">{follow(name)}</th> }).collect_view()}</tr></thead>
                <tbody>{shown}</tbody>
            </table></div>
        </section>
    }
}

fn one(held: InForce) -> AnyView {
    let settings = settings();
    let vault = held.vault.to_string();
    let profile = of_profile(held.profile);
    let (command, flags) = match held.switch {
        Ok((command, flags)) => (Ok(command), flags),
        Err(why) => (Err(why), Vec::new()),
    };
    let count = flags.len().to_string();
    let has_flags = !flags.is_empty();
    view! {
        <section class="card in-force" data-profile=held.profile.name()>
            <div class="card-head"><h2>{move || fill(SimText::VaultOf, &[&vault])}</h2>
                <Badge tone=Tone::Info label=Signal::derive(move || settings.of(&profile)) />
                {held.is_custom.then(|| view! { <span class="quiet">{tell(TaskText::CustomRules)}</span> })}</div>
            {has_flags.then(|| view! {
                <Notice tone=Tone::Warn><p>{move || fill(TaskText::SwitchFlags, &[&count])}</p>
                    <ul>{flags.into_iter().map(|(item, id)| view! { <li><strong>{item.to_string()}</strong> {advice_links(&[id])}</li> }).collect_view()}</ul></Notice> })}
            {deed_button(TaskText::SwitchRules, command)}
        </section>
    }
    .into_any()
}
