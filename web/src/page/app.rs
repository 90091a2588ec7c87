//! The frame: brand, views, settings, the keyboard map, and what is said.

use leptos::html;
use leptos::prelude::*;
use vhault_web::sample::Sample;
use vhault_web::text::{Lang, Text};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::kit::{Dialog, Palette, PaletteDialog, PaletteItem, ToastRegion, Toasts};
use super::session::{Session, both};
use super::settings::{Settings, Theme, say, words};
#[cfg(feature = "simulator")]
use super::simulator::{Drafts, SimulatorView, Stage};
use super::view;

/// The views, by what follows `#/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Inspect,
    Compare,
    Simulate,
    Kit,
    Unknown,
}

impl Route {
    const LISTED: [(Route, &'static str, Text); 4] = [
        (Route::Inspect, "#/inspect", Text::NavInspect),
        (Route::Compare, "#/compare", Text::NavCompare),
        (Route::Simulate, "#/sim", Text::NavSimulate),
        (Route::Kit, "#/kit", Text::NavKit),
    ];

    fn now() -> Route {
        let hash = window().location().hash().unwrap_or_default();
        if matches!(hash.as_str(), "" | "#" | "#/") {
            return Route::Inspect;
        }
        // The simulator has views of its own.
        if hash.starts_with("#/sim/") {
            return Route::Simulate;
        }
        Route::LISTED
            .into_iter()
            .find(|(_, name, _)| *name == hash)
            .map_or(Route::Unknown, |(route, ..)| route)
    }
}

/// Puts the page in place of what waited for it.
pub(crate) fn mount() {
    if let Some(waiting) = document().get_element_by_id("waiting") {
        waiting.remove();
    }
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let settings = Settings::provide();
    Toasts::provide();
    let palette = Palette::provide();
    let session = Session::provide();
    #[cfg(feature = "simulator")]
    {
        Stage::provide();
        Drafts::provide();
    }
    let route = RwSignal::new(Route::now());
    let main = NodeRef::<html::Main>::new();
    let keys = RwSignal::new(false);
    palette.add(commands(settings, session, keys));
    let _ = window_event_listener(leptos::ev::hashchange, move |_| {
        // The simulator is another program: `start.js` loads the one that fits the address.
        if Route::now() == Route::Simulate && !cfg!(feature = "simulator") {
            // A browser that will not reload leaves the view that is there.
            let _ = window().location().reload();
        }
        route.set(Route::now());
        focus(main);
        request_animation_frame(show_title);
    });
    let _ = window_event_listener(leptos::ev::keydown, move |event| on_key(&event, keys));
    // What misses the drop area must not make the browser open the file.
    let _ = window_event_listener(leptos::ev::dragover, |event| event.prevent_default());
    let _ = window_event_listener(leptos::ev::drop, |event| event.prevent_default());
    let skip = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        focus(main);
    };
    let notice = move || session.notice.get().map(|both| settings.of(&both)).unwrap_or_default();
    let shown = move |wanted| move || route.get() != wanted;
    // Going from one of the simulator's views to another builds nothing anew here.
    let is_simulating = Memo::new(move |_| route.get() == Route::Simulate);
    view! {
        <a class="skip" href="#content" on:click=skip>{say(Text::SkipToContent)}</a>
        <Head route keys />
        <main id="content" node_ref=main tabindex="-1">
            <div hidden=shown(Route::Inspect)><view::inspect::InspectView /></div>
            <div hidden=shown(Route::Compare)><view::compare::CompareView /></div>
            {move || is_simulating.get().then(simulator)}
            {move || (route.get() == Route::Kit).then(|| view! { <view::kit::KitView /> })}
            {move || (route.get() == Route::Unknown).then(|| view! {
                <h1>{say(Text::UnknownView)}</h1>
                <p><a class="button" href="#/inspect">{say(Text::NavInspect)}</a></p>
            })}
        </main>
        <footer><p>{say(Text::StaysHere)}</p></footer>
        <div class="unseen" role="status" aria-live="polite">{notice}</div>
        <ToastRegion />
        <PaletteDialog />
        <Keys keys />
    }
}

/// The simulator, in the program that has it.
#[cfg(feature = "simulator")]
fn simulator() -> impl IntoView {
    view! { <SimulatorView /> }
}

/// What is seen until the program with the simulator is there.
#[cfg(not(feature = "simulator"))]
fn simulator() -> impl IntoView {
    view! { <h1>{say(Text::NavSimulate)}</h1> }
}

#[component]
fn Head(route: RwSignal<Route>, keys: RwSignal<bool>) -> impl IntoView {
    let palette = Palette::here();
    view! {
        <header class="head">
            <p class="brand"><strong>{say(Text::Brand)}</strong> <span class="quiet">{say(Text::Tagline)}</span></p>
            <nav aria-label=say(Text::Views)>
                {Route::LISTED.into_iter().map(|(wanted, name, text)| view! {
                    <a href=name aria-current=move || (route.get() == wanted).then_some("page")>{say(text)}</a>
                }).collect_view()}
            </nav>
            <Choices />
            <button type="button" aria-keyshortcuts="Control+K" on:click=move |_| palette.open.set(true)>
                {say(Text::PaletteTitle)} <kbd aria-hidden="true">"Ctrl K"</kbd>
            </button>
            <button type="button" on:click=move |_| keys.set(true)>{say(Text::Keys)}</button>
        </header>
    }
}

#[component]
fn Choices() -> impl IntoView {
    let settings: Settings = expect_context();
    let on_lang = move |event| {
        if let Some(lang) = Lang::of(&event_target_value(&event)) {
            settings.lang.set(lang);
        }
    };
    let on_theme = move |event| {
        let name = event_target_value(&event);
        if let Some(theme) = Theme::ALL.into_iter().find(|theme| theme.name() == name) {
            settings.theme.set(theme);
        }
    };
    view! {
        <label class="choice"><span>{say(Text::Language)}</span>
            <select on:change=on_lang prop:value=move || settings.lang.get().code()>
                {Lang::ALL.into_iter().map(|lang| view! {
                    <option value=lang.code() lang=lang.code() selected=move || settings.lang.get() == lang>{lang.name()}</option>
                }).collect_view()}
            </select>
        </label>
        <label class="choice"><span>{say(Text::Theme)}</span>
            <select on:change=on_theme prop:value=move || settings.theme.get().name()>
                {Theme::ALL.into_iter().map(|theme| view! {
                    <option value=theme.name() selected=move || settings.theme.get() == theme>{say(theme.text())}</option>
                }).collect_view()}
            </select>
        </label>
    }
}

/// What each key does.
const KEYS: [(&str, Text); 9] = [
    ("Ctrl K", Text::KeysPalette),
    ("?", Text::KeysShow),
    ("1 2 3 4", Text::KeysViews),
    ("← → ↑ ↓ Home End", Text::KeysMapMove),
    ("+ − 0", Text::KeysMapZoom),
    ("← →", Text::KeysTabs),
    ("↑ ↓ PgUp PgDn Home End Enter", Text::KeysTable),
    ("← → + − 0", Text::KeysTime),
    ("Esc", Text::KeysClose),
];

#[component]
fn Keys(keys: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open=keys id="keys" title=words(Text::KeysTitle)>
            <dl class="pairs">
                {KEYS.into_iter().map(|(key, text)| view! {
                    <div><dt><kbd>{key}</kbd></dt><dd>{say(text)}</dd></div>
                }).collect_view()}
            </dl>
        </Dialog>
    }
}

/// What the palette offers everywhere.
fn commands(settings: Settings, session: Session, keys: RwSignal<bool>) -> Vec<PaletteItem> {
    let item = |name: Text, key, run: Callback<()>| PaletteItem { name: both(name), key, run };
    let go = |hash: &'static str| Callback::new(move |()| go(hash));
    let speak = move |lang| Callback::new(move |()| settings.lang.set(lang));
    let wear = move |theme| Callback::new(move |()| settings.theme.set(theme));
    vec![
        item(Text::CommandInspect, "1", go("#/inspect")),
        item(Text::CommandCompare, "2", go("#/compare")),
        item(Text::CommandSimulate, "3", go("#/sim")),
        item(Text::CommandKit, "4", go("#/kit")),
        item(
            Text::CommandSample,
            "",
            Callback::new(move |()| {
                session.take_sample(Sample::Chain);
                self::go("#/inspect");
            }),
        ),
        item(Text::CommandEnglish, "", speak(Lang::En)),
        item(Text::CommandKorean, "", speak(Lang::Ko)),
        item(Text::CommandSystem, "", wear(Theme::System)),
        item(Text::CommandLight, "", wear(Theme::Light)),
        item(Text::CommandDark, "", wear(Theme::Dark)),
        item(Text::CommandContrast, "", wear(Theme::Contrast)),
        item(Text::CommandKeys, "?", Callback::new(move |()| keys.set(true))),
    ]
}

/// Goes to a view. The browser may refuse; then the view stays.
fn go(hash: &str) {
    let _ = window().location().set_hash(hash);
}

fn on_key(event: &KeyboardEvent, keys: RwSignal<bool>) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let is_typing = target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA" | "CANVAS" | "DIALOG")
    });
    if is_typing || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    if event.key() == "?" {
        keys.set(true);
        return;
    }
    let number: Option<usize> = event.key().parse().ok();
    if let Some((_, hash, _)) = number.and_then(|number| Route::LISTED.get(number.checked_sub(1)?)) {
        go(hash);
    }
}

/// Brings the title of what was gone to into sight, where a link further down led away from it.
fn show_title() {
    let title = document().query_selector("main > :not([hidden]) h1, main > h1");
    let Ok(Some(title)) = title else { return };
    let frame = title.get_bounding_client_rect();
    let below = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(f64::MAX);
    if frame.top() < 0.0 || frame.bottom() > below {
        title.scroll_into_view();
    }
}

fn focus(main: NodeRef<html::Main>) {
    if let Some(main) = main.get_untracked() {
        // An element with a tab index takes the focus.
        let _ = main.focus();
    }
}
