//! Our controls: small, native where the browser has one, named for readers.

mod badge;
mod dialog;
mod filter;
mod palette;
mod progress;
mod save;
mod table;
mod tabs;
mod toast;
mod virtual_table;
mod wizard;

pub(crate) use badge::{Badge, Notice};
pub(crate) use dialog::{Dialog, Drawer};
pub(crate) use filter::{FilterBar, FilterChoice};
pub(crate) use palette::{Palette, PaletteDialog, PaletteItem};
pub(crate) use progress::Progress;
pub(crate) use save::{SaveJson, save, saved};
pub(crate) use table::{Pairs, Table};
pub(crate) use tabs::Tabs;
pub(crate) use toast::{ToastRegion, Toasts};
pub(crate) use virtual_table::{Column, VirtualTable};
pub(crate) use wizard::{Wizard, WizardStep};
