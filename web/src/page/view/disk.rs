//! Disk: everything about one inspected disk.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use vhault_core::copy::estimate;
use vhault_web::text::{self, Text};
use vhault_web::view_model::disk::{Disk, Found, Picture, Row};
use vhault_web::view_model::number;
use vhault_web::view_model::tone::Tone;

use super::copy::CopyPanel;
use super::inspect::list;
use super::measure::MeasurePanel;
use crate::page::chart::HeatMap;
use crate::page::kit::{Badge, Notice, Pairs, SaveJson, Table, Tabs};
use crate::page::session::session;
use crate::page::settings::{say, settings};

/// One disk.
#[component]
pub(crate) fn DiskView(disk: Disk, place: usize) -> impl IntoView {
    let settings = settings();
    let name = disk.images.first().map(|image| image.name.clone()).unwrap_or_default();
    let tone = disk.worst.map_or(Tone::Good, |level| {
        if disk.verdict() == Text::VerdictNotes { Tone::Good } else { level.tone() }
    });
    let verdict = disk.verdict();
    let size = number::bytes(disk.disk_bytes);
    let title = format!("disk-{place}");
    let file = disk.images.first().map_or(0, |image| image.file);
    let command = disk.command();
    let missing = (!disk.is_complete).then(|| view! { <MissingParent /> });
    let tabs = vec![
        (Text::TabOverview, overview(&disk)),
        (Text::TabMap, maps(&disk)),
        (Text::TabFields, fields(&disk)),
        (
            Text::TabMeasure,
            view! { <MeasurePanel file disk_bytes=disk.disk_bytes copy_bytes=disk.copy_bytes is_complete=disk.is_complete /> }
                .into_any(),
        ),
    ];
    let chain = disk.images.iter().enumerate().map(|(depth, image)| link(depth, image)).collect_view();
    view! {
        <article class="card" aria-labelledby=title.clone()>
            <header class="card-head">
                <h2 id=title.clone() class="name">{name.clone()}</h2>
                <Badge tone label=Signal::derive(move || settings.say(verdict).to_owned()) />
                <span class="quiet">{move || settings.fill(Text::DiskOf, &[&size])}</span>
            </header>
            <section aria-label=say(Text::Images)>
                <ol class="chain">{chain}</ol>
                {(disk.images.len() > 1).then(|| view! { <p class="quiet">{say(Text::ChildFirst)}</p> })}
                {missing}
            </section>
            <Findings findings=disk.findings.clone() />
            <Tabs id=format!("disk-{place}") label=Text::Views tabs />
            <SaveJson name=format!("{name}.json") text=disk.export command />
        </article>
    }
}

fn link(depth: usize, image: &Picture) -> impl IntoView + use<> {
    let settings = settings();
    let (kind, size) = (image.kind.text(), number::bytes(image.file_bytes));
    view! {
        <li>
            <span class="quiet">{move || settings.fill(Text::ImageOf, &[&depth.to_string()])}</span>
            <strong class="name">{image.name.clone()}</strong>
            <span>{say(kind)}</span>
            <span class="number">{size}</span>
        </li>
    }
}

#[component]
fn MissingParent() -> impl IntoView {
    let session = session();
    let input = NodeRef::<html::Input>::new();
    let on_choose = move |_| {
        if let Some(input) = input.get_untracked() {
            session.take_files(list(input.files()), true);
        }
    };
    view! {
        <Notice tone=Tone::Warn>
            <p>{say(Text::ParentMissing)}</p>
            <label class="button">
                <span>{say(Text::AddParent)}</span>
                <input class="unseen" type="file" multiple node_ref=input on:change=on_choose />
            </label>
        </Notice>
    }
}

#[component]
fn Findings(findings: Vec<Found>) -> impl IntoView {
    let settings = settings();
    let body = if findings.is_empty() {
        view! { <p>{say(Text::NoFindings)}</p> }.into_any()
    } else {
        let items = findings.into_iter().map(|found| {
            let (what, advice, level, image) = (found.what, found.advice, found.level, found.image.to_string());
            view! {
                <li data-code=found.code>
                    <Badge tone=level.tone() label=Signal::derive(move || text::severity(level, settings.lang.get()).to_owned()) />
                    <div>
                        <p><span class="quiet">{move || settings.fill(Text::ImageOf, &[&image])}": "</span>
                            {move || settings.of(&what)}</p>
                        <p class="advice">{move || settings.of(&advice)}</p>
                    </div>
                </li>
            }
        }).collect_view();
        view! { <ul class="findings">{items}</ul> }.into_any()
    };
    view! { <section><h3>{say(Text::Findings)}</h3>{body}</section> }
}

fn overview(disk: &Disk) -> AnyView {
    let work = estimate::Work { read_bytes: disk.copy_bytes, new_bytes: disk.copy_bytes };
    let images = disk
        .images
        .iter()
        .map(|image| {
            let mut pairs: Vec<(Text, AnyView)> = vec![
                (Text::Kind, say(image.kind.text()).into_any()),
                (Text::DiskSize, number::exact(image.disk_bytes).into_any()),
                (Text::FileSize, number::exact(image.file_bytes).into_any()),
                (Text::GuestData, number::exact(image.guest_bytes).into_any()),
                (Text::ContainerData, number::exact(image.container_bytes).into_any()),
            ];
            if let Some(is_in_order) = image.is_in_disk_order {
                let settings = settings();
                let (count, size) =
                    (number::grouped(image.map.blocks()), number::bytes(image.map.block_bytes));
                let order = if is_in_order { Text::InDiskOrder } else { Text::NotInDiskOrder };
                let words = move || {
                    format!("{}, {}", settings.fill(Text::BlocksOf, &[&count, &size]), settings.say(order))
                };
                pairs.push((Text::Blocks, words.into_any()));
            }
            if let Some(parent) = &image.parent {
                pairs.push((Text::Parent, parent.name.clone().into_any()));
                pairs.push((Text::ParentId, view! { <code>{parent.unique_id.clone()}</code> }.into_any()));
                pairs.push((Text::ParentTime, parent.created.clone().into_any()));
                pairs.push((Text::LookedFor, parent.candidates.join(", ").into_any()));
            }
            view! { <h3 class="name">{image.name.clone()}</h3> <Pairs pairs /> }
        })
        .collect_view();
    let panel = disk.is_complete.then(|| {
        view! { <CopyPanel work note=Text::CopyFirst /> }
    });
    view! { {images} {panel} }.into_any()
}

fn maps(disk: &Disk) -> AnyView {
    disk.images
        .iter()
        .map(|image| {
            view! {
                <h3 class="name">{image.name.clone()}</h3>
                <HeatMap map=Arc::new(image.map.clone()) name=image.name.clone() />
            }
        })
        .collect_view()
        .into_any()
}

fn fields(disk: &Disk) -> AnyView {
    disk.images
        .iter()
        .map(|image| {
            view! {
                <h3 class="name">{image.name.clone()}</h3>
                {table(Text::Footer, &image.footer)}
                {table(Text::Header, &image.header)}
            }
        })
        .collect_view()
        .into_any()
}

fn table(caption: Text, rows: &[Row]) -> Option<impl IntoView + use<>> {
    let settings = settings();
    let rows: Vec<Vec<AnyView>> = rows.iter().map(|row| {
        let (name, mark) = (row.name.clone(), row.mark);
        vec![
            (move || text::field_name(&name, settings.lang.get())).into_any(),
            view! { <code>{row.value.clone()}</code> }.into_any(),
            view! { <Badge tone=mark.tone() label=Signal::derive(move || text::verdict(mark, settings.lang.get()).to_owned()) /> }.into_any(),
        ]
    }).collect();
    let columns = vec![(Text::FieldName, false), (Text::FieldValue, false), (Text::FieldVerdict, false)];
    (!rows.is_empty()).then(|| view! { <Table caption columns rows /> })
}
