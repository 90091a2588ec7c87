//! The page itself: draws view models and passes on what a person does.
//!
//! | room | what lives there |
//! | --- | --- |
//! | `settings` | language and theme |
//! | `session` | the given files, and what became of them |
//! | `task` | a worker from the page's side |
//! | `crash` | what is shown when the page fails |
//! | `kit` | our controls |
//! | `chart` | our charts, each with a twin in words |
//! | `simulator` | the simulation: its clock, and one file a view |
//! | `app`, `view` | the frame, and one file a view |

mod app;
mod chart;
mod crash;
mod kit;
mod session;
mod settings;
#[cfg(feature = "simulator")]
mod simulator;
mod task;
mod view;

/// Shows the page.
pub(crate) fn start() {
    crash::watch();
    app::mount();
}
