//! Damage: the blocks of a file that is refused for them.

use std::sync::Arc;

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::damage::Damage;
use vhault_web::view_model::number;
use vhault_web::view_model::tone::Tone;

use crate::page::chart::HeatMap;
use crate::page::kit::{Badge, Table};
use crate::page::settings::settings;

/// One refused file; `place` tells it from the others.
#[component]
pub(crate) fn DamageView(name: String, damage: Damage, place: usize) -> impl IntoView {
    let settings = settings();
    let title = format!("damage-{place}");
    let size = number::bytes(damage.disk_bytes);
    let (count, blocks) = (number::grouped(damage.count), number::grouped(damage.map.blocks()));
    let rest = damage.count.saturating_sub(damage.faults.len() as u64);
    let rest = (rest > 0).then(|| {
        let rest = number::grouped(rest);
        view! { <p class="quiet">{move || settings.fill(Text::DamageMore, &[&rest])}</p> }
    });
    let rows = damage
        .faults
        .into_iter()
        .map(|(block, why)| vec![number::grouped(block).into_any(), (move || settings.of(&why)).into_any()]);
    view! {
        <article class="card torn" aria-labelledby=title.clone()>
            <header class="card-head">
                <h2 id=title.clone() class="name">{name.clone()}</h2>
                <Badge tone=Tone::Bad label=Signal::derive(move || settings.say(Text::StateDamaged).to_owned()) />
                <span class="quiet">{move || settings.fill(Text::DiskOf, &[&size])}</span>
            </header>
            <p>{move || settings.fill(Text::DamageLead, &[&count, &blocks])}</p>
            <HeatMap map=Arc::new(damage.map) name />
            <Table caption=Text::DamageTitle columns=vec![(Text::DamageBlock, true), (Text::DamageWhy, false)] rows=rows.collect() />
            {rest}
        </article>
    }
}
