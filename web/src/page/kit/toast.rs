//! Toasts: short messages about what just happened, out of the way.

use std::time::Duration;

use leptos::prelude::*;
use vhault_web::text::{Both, Text};
use vhault_web::view_model::tone::Tone;

use super::badge::Badge;
use crate::page::settings::{say, settings};

/// How long a message stays that asks for nothing.
const STAY: Duration = Duration::from_secs(8);

/// How many are shown at once; the oldest goes first.
const SHOWN_MAX: usize = 4;

/// The messages of the page.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
    /// The pointer or the focus is on them: nothing goes away meanwhile.
    held: RwSignal<bool>,
}

#[derive(Clone)]
struct Toast {
    id: u64,
    tone: Tone,
    words: Both,
    action: Option<(Text, Callback<()>)>,
}

impl Toasts {
    /// None yet.
    pub(crate) fn provide() -> Toasts {
        let toasts = Toasts {
            shown: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            held: RwSignal::new(false),
        };
        provide_context(toasts);
        toasts
    }

    /// Those of the page.
    pub(crate) fn here() -> Toasts {
        expect_context()
    }

    /// Shows a message.
    pub(crate) fn push(self, (tone, words): (Tone, Both)) {
        self.show(tone, words, None);
    }

    /// Shows a message with something to do about it; it stays until then.
    pub(crate) fn push_with(self, tone: Tone, words: Both, name: Text, act: Callback<()>) {
        self.show(tone, words, Some((name, act)));
    }

    fn show(self, tone: Tone, words: Both, action: Option<(Text, Callback<()>)>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        // What went wrong, or waits for an answer, stays until it is read.
        let stays = tone == Tone::Bad || action.is_some();
        self.shown.update(|shown| {
            shown.push(Toast { id, tone, words, action });
            let surplus = shown.len().saturating_sub(SHOWN_MAX);
            shown.drain(..surplus);
        });
        if !stays {
            self.retire(id);
        }
    }

    fn retire(self, id: u64) {
        set_timeout(
            move || {
                if self.held.get_untracked() { self.retire(id) } else { self.close(id) }
            },
            STAY,
        );
    }

    fn close(self, id: u64) {
        self.shown.update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where the messages are shown, and read out.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::here();
    let settings = settings();
    view! {
        <section class="toasts" aria-label=say(Text::Messages)
            on:mouseenter=move |_| toasts.held.set(true) on:mouseleave=move |_| toasts.held.set(false)
            on:focusin=move |_| toasts.held.set(true) on:focusout=move |_| toasts.held.set(false)
        >
            <ul role="list" aria-live="polite" aria-relevant="additions">
                <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                    <li class="toast" data-tone=toast.tone.name()>
                        <Badge tone=toast.tone label=Signal::derive(move || settings.say(toast.tone.text()).to_owned()) />
                        <span class="toast-words">{move || settings.of(&toast.words)}</span>
                        {toast.action.map(|(name, act)| view! {
                            <button type="button" on:click=move |_| { toasts.close(toast.id); act.run(()); }>{say(name)}</button>
                        })}
                        <button type="button" class="quiet-button" on:click=move |_| {
                            toasts.held.set(false);
                            toasts.close(toast.id);
                        }>{say(Text::Dismiss)}</button>
                    </li>
                </For>
            </ul>
        </section>
    }
}
