//! Kit: every control in each of its states.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::map::{Map, State};
use vhault_web::view_model::pace::Pace;

use crate::page::heat_map::HeatMap;
use crate::page::kit::{Badge, Notice, Pairs, Progress, Table, Tabs};
use crate::page::session::{both, session};
use crate::page::settings::{say, settings};

/// The view.
#[component]
pub(crate) fn KitView() -> impl IntoView {
    let settings = settings();
    let session = session();
    let dialog = NodeRef::<html::Dialog>::new();
    let open = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            // It is closed, so it opens.
            let _ = dialog.show_modal();
        }
    };
    let badge = move |tone, text: Text| {
        view! {
            <Badge tone label=Signal::derive(move || settings.say(text).to_owned()) />
        }
    };
    let pace = |done, total| Signal::derive(move || Pace { done, total, elapsed_ms: 2000 });
    let mut map = Map::new(32 << 10);
    for (place, state) in State::ALL.into_iter().cycle().take(70).enumerate() {
        map.push(state, 1 + (place as u64 * 7) % 23);
    }
    let row = |text: Text, number: &'static str| vec![say(text).into_any(), number.into_any()];
    view! {
        <h1>{say(Text::KitTitle)}</h1>
        <p class="lead">{say(Text::KitLead)}</p>
        <section class="card"><h2>{say(Text::KitButtons)}</h2><div class="buttons">
            <button type="button" class="primary">{say(Text::KitPrimary)}</button>
            <button type="button">{say(Text::KitPlain)}</button>
            <button type="button" class="quiet-button">{say(Text::KitQuiet)}</button>
            <button type="button" disabled>{say(Text::KitDisabled)}</button>
        </div></section>
        <section class="card"><h2>{say(Text::KitBadges)}</h2><div class="buttons">
            {badge("good", Text::VerdictGood)} {badge("info", Text::VerdictNotes)} {badge("warn", Text::VerdictWarnings)}
            {badge("bad", Text::VerdictDamage)} {badge("quiet", Text::KitQuiet)}
        </div></section>
        <section class="card"><h2>{say(Text::KitToast)}</h2>
            <Notice tone="info"><p>{say(Text::StaysHere)}</p></Notice>
            <Notice tone="warn"><p>{say(Text::ParentMissing)}</p></Notice>
            <Notice tone="bad"><p>{say(Text::WorkerGone)}</p></Notice>
            <button type="button" on:click=move |_| session.notice.set(Some(both(Text::KitDone)))>{say(Text::KitOpen)}</button>
        </section>
        <section class="card"><h2>{say(Text::KitProgress)}</h2>
            <Progress label=Text::Reading pace=pace(0, 1 << 30) />
            <Progress label=Text::Reading pace=pace(400 << 20, 1 << 30) on_cancel=Callback::new(|()| ()) />
            <Progress label=Text::KitDone pace=pace(1 << 30, 1 << 30) />
            <Progress label=Text::KitUnknown pace=pace(3 << 20, 0) />
        </section>
        <section class="card"><h2>{say(Text::KitTabs)}</h2>
            <Tabs id="kit" label=Text::KitTabs tabs=vec![
                (Text::TabOverview, view! { <p>{say(Text::InspectLead)}</p> }.into_any()),
                (Text::TabMap, view! { <p>{say(Text::MapHint)}</p> }.into_any()),
                (Text::TabFields, view! { <p>{say(Text::MeasureLead)}</p> }.into_any()),
            ] />
        </section>
        <section class="card"><h2>{say(Text::KitTable)}</h2>
            <Table caption=Text::KitTable columns=vec![(Text::FieldName, false), (Text::FieldValue, true)]
                rows=vec![row(Text::DiskSize, "1,048,576"), row(Text::FileSize, "512"), row(Text::Blocks, "0")] />
            <Pairs pairs=vec![(Text::Kind, say(Text::KindDynamic).into_any()), (Text::Size, "16 MiB".into_any())] />
        </section>
        <section class="card"><h2>{say(Text::KitField)}</h2><div class="form">
            <label class="choice"><span>{say(Text::FieldName)}</span>
                <select><option>{say(Text::KindFixed)}</option><option>{say(Text::KindDynamic)}</option></select></label>
            <label class="choice"><span>{say(Text::KitDisabled)}</span>
                <select disabled><option>{say(Text::KindFixed)}</option></select></label>
        </div></section>
        <section class="card"><h2>{say(Text::KitDialog)}</h2>
            <button type="button" on:click=open>{say(Text::KitOpen)}</button>
            <dialog node_ref=dialog aria-labelledby="kit-dialog">
                <h2 id="kit-dialog">{say(Text::KitDialog)}</h2>
                <p>{say(Text::StaysHere)}</p>
                <button type="button" class="primary" on:click=move |_| if let Some(dialog) = dialog.get_untracked() { dialog.close() }>{say(Text::Close)}</button>
            </dialog>
        </section>
        <section class="card"><h2>{say(Text::KitMap)}</h2>
            <HeatMap map=Arc::new(map) name=String::from("0–7") />
        </section>
    }
}
