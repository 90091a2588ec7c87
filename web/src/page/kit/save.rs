//! Saving what is shown as a file.

use leptos::prelude::*;
use vhault_web::text::{self, Both, Lang, Text};
use vhault_web::view_model::tone::Tone;

use super::toast::Toasts;
use crate::page::session::both;
use crate::page::settings::{say, settings};

/// Saves text as a file with this button.
#[component]
pub(crate) fn SaveJson(name: String, text: String, command: String) -> impl IntoView {
    let settings = settings();
    let toasts = Toasts::here();
    let save = move |_| {
        let mut whole = text.clone();
        // The program ends its line.
        whole.push('\n');
        toasts.push(match save(&name, &whole) {
            Some(()) => (Tone::Good, saved(&name)),
            None => (Tone::Bad, both(Text::SaveFailed)),
        });
    };
    view! {
        <p class="save">
            <button type="button" on:click=save>{say(Text::ExportJson)}</button>
            <span class="quiet">{move || settings.fill(Text::SameAsProgram, &[&command])}</span>
        </p>
    }
}

/// That a file of this name was saved.
pub(crate) fn saved(name: &str) -> Both {
    let in_lang = |lang| text::fill(Text::Saved.say(lang), &[name]);
    Both::new(in_lang(Lang::En), in_lang(Lang::Ko))
}

/// Saves text as a file; `None` where the browser does not let it.
pub(crate) fn save(name: &str, text: &str) -> Option<()> {
    let parts = js_sys::Array::of1(&text.into());
    let bag = web_sys::BlobPropertyBag::new();
    bag.set_type("application/json");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &bag).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link = document().create_element("a").ok()?;
    link.set_attribute("href", &url).ok()?;
    link.set_attribute("download", name).ok()?;
    wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(link).ok()?.click();
    web_sys::Url::revoke_object_url(&url).ok()
}
