//! A backup asked for through the library, for tests that look inside.

use std::path::Path;

use vhault_core::time::Instant;
use vhault_core::vault::point::Consistency;
use vhault_core::vhd::Leniency;
use vhault_datapath::backup::{BackupRequest, Source};
use vhault_datapath::copy::CopyOptions;

/// A backup of raw disks of one VM, called `vm`, with every option as it comes. Tests say what is special with
/// `..raw_backup(files, now)`.
#[must_use]
pub fn raw_backup(files: &[&Path], now: Instant) -> BackupRequest {
    BackupRequest {
        vm: "vm".into(),
        sources: files.iter().map(|file| Source { label: None, path: file.into() }).collect(),
        parents: Vec::new(),
        raw: true,
        leniency: Leniency::Strict,
        consistency: Consistency::Crash,
        read_all: false,
        options: CopyOptions::default(),
        medium: None,
        now,
    }
}
