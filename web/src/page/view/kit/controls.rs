//! Controls of which a view has a few.

use leptos::prelude::*;
use vhault_web::text::Text;
use vhault_web::view_model::pace::Pace;
use vhault_web::view_model::tone::Tone;

use crate::page::kit::{
    Badge, Dialog, Drawer, Notice, Pairs, Palette, Progress, Table, Tabs, Toasts, Wizard, WizardStep,
};
use crate::page::session::both;
use crate::page::settings::{say, settings, words};

/// Buttons to wizards.
#[component]
pub(super) fn Controls() -> impl IntoView {
    let toasts = Toasts::here();
    let palette = Palette::here();
    let (dialog, drawer) = (RwSignal::new(false), RwSignal::new(false));
    let pace = |done, total| Signal::derive(move || Pace { done, total, elapsed_ms: 2000 });
    let row = |text: Text, number: &'static str| vec![say(text).into_any(), number.into_any()];
    let again = move |()| toasts.push((Tone::Good, both(Text::KitDone)));
    view! {
        <section class="card"><h2>{say(Text::KitButtons)}</h2><div class="buttons">
            <button type="button" class="primary">{say(Text::KitPrimary)}</button>
            <button type="button">{say(Text::KitPlain)}</button>
            <button type="button" class="quiet-button">{say(Text::KitQuiet)}</button>
            <button type="button" disabled>{say(Text::KitDisabled)}</button>
        </div></section>
        <section class="card"><h2>{say(Text::KitBadges)}</h2><div class="buttons">
            {Tone::ALL.into_iter().map(|tone| view! { <Badge tone label=words(tone.text()) /> }).collect_view()}
        </div></section>
        <section class="card"><h2>{say(Text::KitToast)}</h2>
            <Notice tone=Tone::Info><p>{say(Text::StaysHere)}</p></Notice>
            <Notice tone=Tone::Warn><p>{say(Text::ParentMissing)}</p></Notice>
            <Notice tone=Tone::Bad><p>{say(Text::WorkerGone)}</p></Notice>
            <div class="buttons">
                {Tone::ALL.into_iter().map(|tone| view! {
                    <button type="button" on:click=move |_| toasts.push((tone, both(Text::KitLong)))>{say(tone.text())}</button>
                }).collect_view()}
                <button type="button" on:click=move |_| {
                    toasts.push_with(Tone::Info, both(Text::KitDone), Text::KitAgain, Callback::new(again));
                }>{say(Text::KitAgain)}</button>
            </div>
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
            <div class="buttons">
                <button type="button" on:click=move |_| dialog.set(true)>{say(Text::KitDialog)}</button>
                <button type="button" on:click=move |_| drawer.set(true)>{say(Text::KitDrawer)}</button>
                <button type="button" on:click=move |_| palette.open.set(true)>{say(Text::KitPalette)}</button>
            </div>
            <Dialog open=dialog id="kit-dialog" title=words(Text::KitDialog)><p>{say(Text::StaysHere)}</p></Dialog>
            <Drawer open=drawer id="kit-drawer" title=words(Text::KitDrawer)>
                <p>{say(Text::KitLong)}</p>
                <Pairs pairs=vec![(Text::Kind, say(Text::KindDynamic).into_any()), (Text::Size, "16 MiB".into_any())] />
            </Drawer>
        </section>
        <section class="card"><h2>{say(Text::KitWizard)}</h2><Protecting /></section>
    }
}

/// A wizard whose first step wants something.
#[component]
fn Protecting() -> impl IntoView {
    let toasts = Toasts::here();
    let settings = settings();
    let chosen = [RwSignal::new(false), RwSignal::new(false)];
    let policy = RwSignal::new(Text::KitOften);
    let lacks = Signal::derive(move || {
        (!chosen.iter().any(|chosen| chosen.get())).then(|| settings.say(Text::KitLacksItem).to_owned())
    });
    let nothing = Signal::derive(|| None);
    let machines = chosen.into_iter().zip(["web01", "db01"]).map(|(chosen, name)| {
        view! {
            <label class="check"><input type="checkbox" prop:checked=chosen
                on:change=move |event| chosen.set(event_target_checked(&event)) /> <span>{name}</span></label>
        }
    });
    let machines = view! { <div class="buttons">{machines.collect_view()}</div> }.into_any();
    let policies = view! {
        <label class="choice"><span>{say(Text::KitStepPolicy)}</span>
            <select><option>{move || say(policy.get())()}</option></select></label>
    };
    let review = move || {
        let names = chosen.into_iter().zip(["web01", "db01"]).filter(|(chosen, _)| chosen.get());
        names.map(|(_, name)| name).collect::<Vec<_>>().join(", ")
    };
    let review = view! { <Pairs pairs=vec![(Text::KitVm, review.into_any())] /> }.into_any();
    let step = |name, lacks, body| WizardStep { name: words(name), lacks, body };
    view! {
        <Wizard title=words(Text::KitWizard) finish=words(Text::KitFinish) steps=vec![
            step(Text::KitStepItems, lacks, machines),
            step(Text::KitStepPolicy, nothing, policies.into_any()),
            step(Text::KitStepReview, nothing, review),
        ] on_finish=Callback::new(move |()| toasts.push((Tone::Good, both(Text::KitDone)))) />
    }
}
