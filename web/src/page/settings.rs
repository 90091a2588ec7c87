//! Settings: language and theme, kept where the browser allows it.

use leptos::prelude::*;
use vhault_web::text::{self, Both, Lang, Text};

/// How the page looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system says.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// As far apart as can be.
    Contrast,
}

impl Theme {
    /// All of them.
    pub(crate) const ALL: [Theme; 4] = [Theme::System, Theme::Light, Theme::Dark, Theme::Contrast];

    /// Its name in the style sheet.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Contrast => "contrast",
        }
    }

    /// What to call it.
    pub(crate) fn text(self) -> Text {
        match self {
            Theme::System => Text::ThemeSystem,
            Theme::Light => Text::ThemeLight,
            Theme::Dark => Text::ThemeDark,
            Theme::Contrast => Text::ThemeContrast,
        }
    }
}

/// How close things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Density {
    /// With room.
    Roomy,
    /// Close together.
    Dense,
}

impl Density {
    /// All of them.
    pub(crate) const ALL: [Density; 2] = [Density::Roomy, Density::Dense];

    /// Its name in the style sheet.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Density::Roomy => "roomy",
            Density::Dense => "dense",
        }
    }
}

/// How much moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    /// As the system says.
    System,
    /// As little as can be.
    Less,
}

impl Motion {
    /// All of them.
    pub(crate) const ALL: [Motion; 2] = [Motion::System, Motion::Less];

    /// Its name in the style sheet.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Motion::System => "system",
            Motion::Less => "less",
        }
    }
}

/// The settings in force.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// The language of all texts.
    pub(crate) lang: RwSignal<Lang>,
    /// How the page looks.
    pub(crate) theme: RwSignal<Theme>,
    /// How close things stand.
    pub(crate) density: RwSignal<Density>,
    /// How much moves.
    pub(crate) motion: RwSignal<Motion>,
}

impl Settings {
    /// What was kept, else what the browser asks for.
    pub(crate) fn provide() -> Settings {
        let asked = window().navigator().language();
        let lang = stored("lang").and_then(|code| Lang::of(&code)).or_else(|| Lang::of(&asked?));
        let theme =
            stored("theme").and_then(|name| Theme::ALL.into_iter().find(|theme| theme.name() == name));
        let density = stored("density")
            .and_then(|name| Density::ALL.into_iter().find(|density| density.name() == name));
        let motion =
            stored("motion").and_then(|name| Motion::ALL.into_iter().find(|motion| motion.name() == name));
        let settings = Settings {
            lang: RwSignal::new(lang.unwrap_or(Lang::En)),
            theme: RwSignal::new(theme.unwrap_or(Theme::System)),
            density: RwSignal::new(density.unwrap_or(Density::Roomy)),
            motion: RwSignal::new(motion.unwrap_or(Motion::System)),
        };
        provide_context(settings);
        Effect::new(move || {
            let lang = settings.lang.get();
            attribute("lang", lang.code());
            document().set_title(&format!("vhault · {}", Text::Tagline.say(lang)));
            keep("lang", lang.code());
        });
        Effect::new(move || {
            let theme = settings.theme.get();
            attribute("data-theme", theme.name());
            keep("theme", theme.name());
        });
        Effect::new(move || {
            let (density, motion) = (settings.density.get(), settings.motion.get());
            attribute("data-density", density.name());
            keep("density", density.name());
            attribute("data-motion", motion.name());
            keep("motion", motion.name());
        });
        settings
    }

    /// A text in the language in force.
    pub(crate) fn say(self, text: Text) -> &'static str {
        text.say(self.lang.get())
    }

    /// A text with values in the language in force.
    pub(crate) fn fill(self, text: Text, values: &[&str]) -> String {
        text::fill(self.say(text), values)
    }

    /// One of both in the language in force.
    pub(crate) fn of(self, both: &Both) -> String {
        both.get(self.lang.get()).to_owned()
    }
}

/// The settings, from anywhere in the page.
pub(crate) fn settings() -> Settings {
    expect_context()
}

/// A text that follows the language.
pub(crate) fn say(text: Text) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    let settings = settings();
    move || settings.say(text)
}

/// The same, for what takes any words.
pub(crate) fn words(text: Text) -> Signal<String> {
    let settings = settings();
    Signal::derive(move || settings.say(text).to_owned())
}

fn attribute(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // The root takes any attribute.
        let _ = root.set_attribute(name, value);
    }
}

/// Storage may be denied; then nothing is kept.
fn stored(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(&format!("vhault.{name}")).ok()?
}

fn keep(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(&format!("vhault.{name}"), value);
    }
}
