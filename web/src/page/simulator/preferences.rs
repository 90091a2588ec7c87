//! Settings: language, looks, keys, and a test of the page by itself.

use leptos::prelude::*;
use vhault_web::simulator::{KNOWN, SelfTest};
use vhault_web::text::{Lang, SimText, TaskText};
use vhault_web::view_model::tone::Tone;

use super::{fill, tell};
use crate::page::kit::Badge;
use crate::page::settings::{Density, Motion, Theme, say, settings};

/// What a frame may give the test.
const BUDGET_MS: f64 = 8.0;

/// The keys of the simulator.
pub(super) const KEYS: [(&str, TaskText); 6] = [
    ("Space", TaskText::KeyPlay),
    (".", TaskText::KeyStep),
    (",", TaskText::KeyBack),
    ("F", TaskText::KeyFork),
    ("P", TaskText::KeyProtect),
    ("Ctrl K", TaskText::KeyPalette),
];

/// All of it.
#[component]
pub(super) fn SettingsView() -> impl IntoView {
    let settings = settings();
    let langs = Lang::ALL.into_iter().map(|lang| {
        radio(
            "lang",
            move || settings.lang.get() == lang,
            move || settings.lang.set(lang),
            view! { <span lang=lang.code()>{lang.name()}</span> }.into_any(),
        )
    });
    let themes = Theme::ALL.into_iter().map(|theme| {
        radio(
            "theme",
            move || settings.theme.get() == theme,
            move || settings.theme.set(theme),
            say(theme.text()).into_any(),
        )
    });
    let densities = Density::ALL.into_iter().map(|density| {
        let name = match density {
            Density::Roomy => TaskText::Roomy,
            Density::Dense => TaskText::Dense,
        };
        radio(
            "density",
            move || settings.density.get() == density,
            move || settings.density.set(density),
            tell(name).into_any(),
        )
    });
    let motions = Motion::ALL.into_iter().map(|motion| {
        let name = match motion {
            Motion::System => TaskText::MotionSystem,
            Motion::Less => TaskText::MotionLess,
        };
        radio(
            "motion",
            move || settings.motion.get() == motion,
            move || settings.motion.set(motion),
            tell(name).into_any(),
        )
    });
    view! {
        <h1>{tell(SimText::SettingsView)}</h1>
        <section class="card settings">
            {group(TaskText::SetLanguage, langs.collect_view().into_any())}
            {group(TaskText::SetTheme, themes.collect_view().into_any())}
            {group(TaskText::SetDensity, densities.collect_view().into_any())}
            {group(TaskText::SetMotion, motions.collect_view().into_any())}
        </section>
        <section class="card"><h2>{tell(TaskText::KeysTitle)}</h2>
            <dl class="pairs">{KEYS.into_iter().map(|(key, name)| view! {
                <div><dt><kbd>{key}</kbd></dt><dd>{tell(name)}</dd></div> }).collect_view()}</dl></section>
        <TestItself />
    }
}

fn group(name: TaskText, choices: AnyView) -> AnyView {
    view! { <fieldset class="days"><legend>{tell(name)}</legend><div class="buttons">{choices}</div></fieldset> }.into_any()
}

fn radio(
    name: &'static str,
    is_chosen: impl Fn() -> bool + Send + Sync + 'static,
    choose: impl Fn() + 'static,
    label: AnyView,
) -> AnyView {
    view! {
        <label class="check"><input type="radio" name=format!("set-{name}") prop:checked=is_chosen on:change=move |_| choose() />
            <span>{label}</span></label>
    }
    .into_any()
}

/// Runs every ready scenario here and compares what it comes to with what it comes to natively.
#[component]
fn TestItself() -> impl IntoView {
    let test = StoredValue::new(SelfTest::default());
    let (results, is_running) = (RwSignal::new(Vec::<(&'static str, bool)>::new()), RwSignal::new(false));
    let begin = move |_| {
        test.set_value(SelfTest::default());
        results.set(Vec::new());
        is_running.set(true);
        frame(test, results, is_running);
    };
    let done = move || results.with(|results| results.len() == KNOWN.len());
    let same = move || results.with(|results| results.iter().filter(|(_, is_same)| *is_same).count());
    let verdict = move || {
        let tone = if same() == KNOWN.len() { Tone::Good } else { Tone::Bad };
        done().then(|| {
            view! { <p class="state test-verdict" data-tone=tone.name()>
            {move || fill(TaskText::SameHashes, &[&same().to_string(), &KNOWN.len().to_string()])}</p> }
        })
    };
    let settings = settings();
    let row = move |(name, is_same): (&'static str, bool)| {
        let (tone, words) =
            if is_same { (Tone::Good, TaskText::HashSame) } else { (Tone::Bad, TaskText::HashDiffers) };
        let label = Signal::derive(move || words.say(settings.lang.get()).to_owned());
        view! { <li data-scenario-test=name><code>{name}</code> <Badge tone label /></li> }
    };
    view! {
        <section class="card self-test">
            <h2>{tell(TaskText::TestTitle)}</h2>
            <p>{tell(TaskText::TestLead)}</p>
            <div class="buttons"><button type="button" class="primary" disabled=is_running on:click=begin>{tell(TaskText::TestRun)}</button>
                <progress max=KNOWN.len().to_string() value=move || results.with(Vec::len).to_string()
                    aria-label=tell(TaskText::TestTitle) hidden=move || !is_running.get()></progress></div>
            <div role="status">{verdict}</div>
            <ul class="findings">{move || results.get().into_iter().map(row).collect_view()}</ul>
        </section>
    }
}

fn frame(
    test: StoredValue<SelfTest>,
    results: RwSignal<Vec<(&'static str, bool)>>,
    is_running: RwSignal<bool>,
) {
    request_animation_frame(move || {
        let clock = || window().performance().map_or(0.0, |clock| clock.now());
        let begun = clock();
        // The view may be gone by now; then the test is too.
        let Some(is_done) = test.try_update_value(|test| test.go_on(&mut || clock() - begun < BUDGET_MS))
        else {
            return;
        };
        let known = test.try_with_value(|test| test.results().to_vec()).unwrap_or_default();
        results.try_set(known);
        if is_done {
            is_running.try_set(false);
        } else {
            frame(test, results, is_running);
        }
    });
}
