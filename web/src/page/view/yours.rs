//! Yours: what is known of the given disks, and a machine of them for the simulator.

use leptos::prelude::*;
use vhault_web::pattern::{DISKS_MAX, DiskPattern};
use vhault_web::text::Text;
use vhault_web::view_model::disk::Disk;
use vhault_web::view_model::number;
use vhault_web::view_model::simulator::place::of_yours;

use crate::page::kit::Table;
use crate::page::session::session;
use crate::page::settings::{say, settings};

/// The way from looking at disks to trying how their backup goes.
#[component]
pub(crate) fn YoursPanel(disks: Vec<Disk>) -> impl IntoView {
    let session = session();
    let settings = settings();
    let disks = StoredValue::new(disks.into_iter().take(DISKS_MAX).collect::<Vec<_>>());
    // Each as far as it was read and compared by now.
    let patterns = Memo::new(move |_| {
        disks.with_value(|disks| disks.iter().map(|disk| named(disk, session)).collect::<Vec<_>>())
    });
    let address = move || {
        let patterns: Vec<DiskPattern> = patterns.get().into_iter().map(|(_, pattern)| pattern).collect();
        of_yours(&patterns)
    };
    let rows = move || {
        patterns
            .get()
            .into_iter()
            .map(|(name, pattern)| {
                let repeats = pattern.repeats_per_mille;
                let change = number::bytes(pattern.change_bytes_per_day());
                let is_assumed = pattern.changed_bytes.is_none();
                vec![
                    name.into_any(),
                    number::bytes(pattern.disk_bytes).into_any(),
                    number::bytes(pattern.held_bytes()).into_any(),
                    (move || match repeats {
                        Some(repeats) => number::percent(u64::from(repeats), 1_000),
                        None => settings.say(Text::YoursUnread).to_owned(),
                    })
                    .into_any(),
                    (move || match is_assumed {
                        true => settings.fill(Text::YoursAssumed, &[&change]),
                        false => change.clone(),
                    })
                    .into_any(),
                ]
            })
            .collect::<Vec<_>>()
    };
    let columns = vec![
        (Text::YoursDisk, false),
        (Text::Size, true),
        (Text::YoursHolds, true),
        (Text::YoursRepeats, true),
        (Text::YoursChanges, true),
    ];
    view! {
        <section class="card yours">
            <h2>{say(Text::YoursTitle)}</h2>
            <p class="lead">{say(Text::YoursLead)}</p>
            {move || view! { <Table caption=Text::YoursTable columns=columns.clone() rows=rows() /> }}
            <p><a class="button primary" href=address>{say(Text::YoursSimulate)}</a></p>
        </section>
    }
}

fn named(disk: &Disk, session: crate::page::session::Session) -> (String, DiskPattern) {
    let image = disk.images.first();
    let name = image.map(|image| image.name.clone()).unwrap_or_default();
    let changed = session.changes.with(|changes| changes.get(&name).copied());
    let pattern = session
        .readings
        .with(|readings| DiskPattern::of(disk, image.and_then(|image| readings.get(&image.file)), changed));
    (name, pattern)
}
