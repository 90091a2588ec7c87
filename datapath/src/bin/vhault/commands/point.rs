//! Recovery points as the commands name and show them.

use serde::Serialize;
use vhault_core::catalogue::{Catalogue, KeptPoint};
use vhault_core::time::Instant;
use vhault_core::vault::point::{
    Audit, ByteRange, Consistency, ContainerKind, Copied, Disk, PointState, RecoveryPoint,
};

use vhault_core::copy::audit::AUDIT_RUNS;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::words;

/// A point, as JSON shows it.
#[derive(Serialize)]
pub(crate) struct PointView {
    id: String,
    vm: String,
    /// RFC 3339, by the clock of the host that made it.
    time: String,
    took_milliseconds: i64,
    state: PointState,
    consistency: Consistency,
    host: String,
    /// Order of receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<String>,
    /// A later copy found the hints to lie that this one believed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    may_be_stale: bool,
    /// Virtual size of all disks, in bytes.
    size_bytes: u64,
    /// What this point added to the vault, in bytes.
    stored_bytes: u64,
    disks: Vec<DiskView>,
}

/// A disk of a point, as JSON shows it.
#[derive(Serialize)]
struct DiskView {
    index: usize,
    label: String,
    size_bytes: u64,
    /// Names the content: the same in the same vault for the same bytes.
    root: Option<String>,
    format: ContainerKind,
    file_name: String,
    file_bytes: u64,
    base: Option<String>,
    unreadable: Vec<ByteRange>,
    not_copied: Vec<ByteRange>,
    #[serde(flatten)]
    copied: Copied,
}

impl PointView {
    /// The view of `point`, with what the catalogue adds.
    pub(crate) fn new(point: &RecoveryPoint, kept: Option<&KeptPoint>) -> PointView {
        PointView {
            id: point.id.to_string(),
            vm: point.vm.clone(),
            time: rfc3339(point.host_time),
            took_milliseconds: point.took.milliseconds(),
            state: point.state,
            consistency: point.consistency,
            host: point.host.clone(),
            record: kept.map(|kept| kept.record),
            pinned: kept.and_then(|kept| kept.pinned.clone()),
            may_be_stale: false,
            size_bytes: point.disks.iter().map(|disk| disk.content.length.get()).sum(),
            stored_bytes: point.disks.iter().map(|disk| disk.copied.stored_bytes).sum(),
            disks: point.disks.iter().enumerate().map(|(index, disk)| DiskView::new(index, disk)).collect(),
        }
    }

    /// The same, of a point that may be stale.
    #[must_use]
    pub(crate) fn stale(mut self, may_be_stale: bool) -> PointView {
        self.may_be_stale = may_be_stale;
        self
    }

    /// The view of a point the catalogue keeps.
    pub(crate) fn kept(kept: &KeptPoint) -> PointView {
        PointView::new(&kept.point, Some(kept))
    }
}

impl DiskView {
    fn new(index: usize, disk: &Disk) -> DiskView {
        DiskView {
            index,
            label: disk.label.clone(),
            size_bytes: disk.content.length.get(),
            root: disk.content.root.map(|root| root.to_string()),
            format: disk.container.kind,
            file_name: disk.container.file_name.clone(),
            file_bytes: disk.container.file_bytes.get(),
            base: disk.base.map(|base| base.to_string()),
            unreadable: disk.unreadable.clone(),
            not_copied: disk.not_copied.clone(),
            copied: disk.copied,
        }
    }
}

/// How far the audit has come, in words.
pub(crate) fn audit_words(audit: &Audit) -> String {
    let whole = u64::from(audit.parts_read) == AUDIT_RUNS;
    let percent = words::percent(u64::from(audit.parts_read), AUDIT_RUNS);
    let mut text =
        if whole { "all was read".to_owned() } else { format!("{percent} of this round was read") };
    if audit.skipped_runs > 0 {
        text += &format!(", stands still for {}", words::count(u64::from(audit.skipped_runs), "run"));
    }
    if audit.hint_lied {
        text += "; a hint was found to lie, and everything was read";
    }
    text
}

/// The word for a container kind.
pub(crate) fn kind_word(kind: ContainerKind) -> &'static str {
    match kind {
        ContainerKind::Raw => "raw",
        ContainerKind::Fixed => "fixed VHD",
        ContainerKind::Dynamic => "dynamic VHD",
        ContainerKind::Differencing => "differencing VHD",
    }
}

/// A moment as RFC 3339, in UTC, to the second.
pub(crate) fn rfc3339(at: Instant) -> String {
    jiff::Timestamp::from_second(at.unix_milliseconds().div_euclid(1000))
        .map_or_else(|_| format!("{} ms", at.unix_milliseconds()), |time| time.to_string())
}

/// The point a person means: an id, a unique prefix of one, `latest` or `latest:VM`.
///
/// # Errors
///
/// A [`Failure`] saying which points there are.
pub(crate) fn find<'a>(catalogue: &'a Catalogue, text: &str) -> Result<&'a KeptPoint, Failure> {
    let refuse = |why: String| {
        Err(Failure::new(Exit::Usage, why)
            .with_way_out("`vhault list VAULT` names the points; latest:VM is the newest of a VM"))
    };
    if text == "latest" || text.starts_with("latest:") {
        let vm = text.strip_prefix("latest:");
        return match (catalogue.latest(vm), vm) {
            (Some(kept), _) => Ok(kept),
            (None, Some(vm)) => refuse(format!("the vault has no whole point of a VM called {vm:?}")),
            (None, None) => refuse("the vault has no whole point yet".into()),
        };
    }
    if text.is_empty() {
        return refuse("an empty text names no point".into());
    }
    match catalogue.by_prefix(text).as_slice() {
        [kept] => Ok(kept),
        [] => refuse(format!("no point's id begins with {text:?}")),
        several => refuse(format!("{} points have ids that begin with {text:?}", several.len())),
    }
}

/// The disk a person means: its place from 0, or its label.
///
/// # Errors
///
/// A [`Failure`] saying which disks there are.
pub(crate) fn find_disk<'a>(point: &'a RecoveryPoint, text: &str) -> Result<&'a Disk, Failure> {
    let by_label = point.disks.iter().find(|disk| disk.label == text);
    let by_place = || text.parse::<usize>().ok().and_then(|place| point.disks.get(place));
    by_label.or_else(by_place).ok_or_else(|| {
        let disks: Vec<String> =
            point.disks.iter().enumerate().map(|(place, disk)| format!("{place} ({})", disk.label)).collect();
        Failure::new(Exit::Usage, format!("point {} has no disk {text:?}", point.id))
            .with_way_out(format!("one of {}", disks.join(", ")))
    })
}
