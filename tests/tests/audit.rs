//! The rolling audit: what hints call unchanged is read round by round, a lie
//! is found out, and the points that believed it are named.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails it on the spot")]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use vhault_benches::draw::Draw;
use vhault_core::copy::audit::{AUDIT_RUNS, AUDIT_SKIPS_MAX};
use vhault_core::digest::PointId;
use vhault_core::time::{Instant, Span};
use vhault_core::vault::point::{Consistency, PointState, RecoveryPoint};
use vhault_core::vhd::Leniency;
use vhault_datapath::backup::{BackupRequest, Source, back_up, foresee};
use vhault_datapath::copy::CopyOptions;
use vhault_datapath::image::Medium;
use vhault_datapath::monitor::{Event, Monitor};
use vhault_datapath::restore::{RestoreFormat, RestoreRequest, restore};
use vhault_datapath::sweep::{PurgeRule, SweepRequest, sweep};
use vhault_datapath::vault::open::NewVault;
use vhault_datapath::vault::{Unlock, Vault, VaultError};
use vhault_tests::image;
use vhault_tests::program::run;
use vhault_tests::vault::Home;

const CHUNK: usize = 64 << 10;
const CHUNKS: usize = 40;
/// The chunk that changes behind everybody's back, and the part of the audit that reads it.
const LIE: usize = 37;
/// Three that skip, and one that reads.
const RUNS_PER_PART: u64 = 4;

/// A medium that gives another byte than the file has, without the file's times moving: a hint that lies.
#[derive(Debug, Default)]
struct Liar(AtomicBool);

impl Medium for Liar {
    fn read_exact_at(&self, file: &fs::File, _: &Path, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        file.read_exact_at(buffer, offset)?;
        let lie = (LIE * CHUNK) as u64;
        if self.0.load(Ordering::Relaxed) && (offset..offset + buffer.len() as u64).contains(&lie) {
            buffer[usize::try_from(lie - offset).unwrap()] ^= 1;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Monitor for Heard {
    fn hear(&self, event: Event) {
        if let Event::Noticed { text } = event {
            self.0.lock().unwrap().push(text);
        }
    }
}

struct Bench {
    home: Home,
    vault: Vault,
    request: BackupRequest,
    liar: Arc<Liar>,
    heard: Heard,
    content: Vec<u8>,
}

impl Bench {
    fn new() -> Bench {
        let home = Home::empty();
        let new = NewVault { chunk_log2: 16, ..NewVault::default() };
        Vault::create(&home.vault(), &Unlock::Nothing, new).unwrap();
        let vault = Vault::open(&home.vault(), &Unlock::Nothing, &home.path("cache")).unwrap();
        let content = Draw::new(3).bytes(CHUNKS * CHUNK);
        let file = home.path("disk.raw");
        image::raw(&file, &content);
        let liar = Arc::new(Liar::default());
        let request = BackupRequest {
            vm: "vm".into(),
            sources: vec![Source { label: None, path: file }],
            parents: Vec::new(),
            raw: true,
            leniency: Leniency::Strict,
            consistency: Consistency::Crash,
            read_all: false,
            options: CopyOptions { threads: 2, ask_holes: false, ..CopyOptions::default() },
            medium: Some(Arc::clone(&liar) as Arc<dyn Medium>),
            now: Instant::default(),
        };
        Bench { home, vault, request, liar, heard: Heard::default(), content }
    }

    fn back_up(&self) -> RecoveryPoint {
        back_up(&self.vault, &self.request, &AtomicBool::new(false), &self.heard).unwrap().point
    }
}

#[test]
fn everything_is_read_in_a_round_however_many_points_are_purged() {
    assert_eq!(RUNS_PER_PART, u64::from(AUDIT_SKIPS_MAX) + 1);
    let bench = Bench::new();
    let first = bench.back_up();
    assert_eq!(u64::from(first.disks[0].copied.audit.parts_read), AUDIT_RUNS, "all was read");
    let mut read_chunks = 0;
    for number in 1..=AUDIT_RUNS * RUNS_PER_PART {
        let (_, foreseen) = foresee(&bench.vault, &bench.request).unwrap();
        let point = bench.back_up();
        let copied = point.disks[0].copied;
        let is_audited = number % RUNS_PER_PART == 0;
        let chunks = if is_audited { CHUNKS / 8 } else { 0 };
        assert_eq!(copied.audited_bytes, (chunks * CHUNK) as u64, "backup {number}");
        assert_eq!(copied.read_bytes, copied.audited_bytes, "no more than an eighth is read");
        assert_eq!(
            foreseen.disks[0].work.read_bytes, copied.read_bytes,
            "the estimate knows whose turn it is"
        );
        let parts = match number / RUNS_PER_PART {
            0 => AUDIT_RUNS,
            parts => parts,
        };
        assert_eq!(u64::from(copied.audit.parts_read), parts, "backup {number}");
        assert_eq!(u64::from(copied.audit.skipped_runs), number % RUNS_PER_PART, "it visibly stands still");
        read_chunks += chunks;
        // One point stays, so that their number says nothing about whose turn it is.
        let old: Vec<PointId> =
            bench.vault.head().catalogue.live_points().map(|kept| kept.point.id).collect();
        let points = old[..old.len() - 1].to_vec();
        bench
            .vault
            .append::<VaultError>(&mut |_| {
                let word = vhault_core::protocol::Forgetting::ByRule { damaged: BTreeSet::new() };
                let (points, host_time) = (points.clone(), Instant::default());
                Ok(vhault_core::protocol::Request::Forget { points, host_time, word })
            })
            .unwrap();
        let purge = PurgeRule { wait: Span::ZERO, now: Instant::default(), clock_confirmed: true };
        let request = SweepRequest {
            dry_run: false,
            rules: vhault_core::protocol::SweepRules::default(),
            fence_after: None,
            purge: Some(purge),
            now: Instant::default(),
        };
        sweep(&bench.vault, &request, &AtomicBool::new(false), &bench.heard).unwrap();
        assert_eq!(bench.vault.head().catalogue.points.len(), 1);
    }
    assert_eq!(read_chunks, CHUNKS, "each chunk once");
}

#[test]
fn a_lie_is_found_out_in_its_turn_and_those_that_believed_it_are_marked() {
    let bench = Bench::new();
    let honest = bench.back_up();
    bench.liar.0.store(true, Ordering::Relaxed);
    let caught_at = (LIE as u64 % AUDIT_RUNS + 1) * RUNS_PER_PART;
    let mut believers = BTreeSet::new();
    for _ in 1..caught_at {
        let point = bench.back_up();
        assert_eq!(point.disks[0].content, honest.disks[0].content, "the lie was believed");
        believers.insert(point.id);
    }
    assert!(bench.heard.0.lock().unwrap().is_empty());
    let truth = bench.back_up();
    let disk = &truth.disks[0];
    assert_eq!(truth.state, PointState::Whole);
    assert_ne!(disk.content, honest.disks[0].content);
    assert_eq!(disk.copied.kept_bytes, 0, "nothing is believed any more");
    assert_eq!(disk.copied.read_bytes, (CHUNKS * CHUNK) as u64, "everything is read");
    assert!(disk.copied.audit.hint_lied);
    assert_eq!(u64::from(disk.copied.audit.parts_read), AUDIT_RUNS);
    let heard = bench.heard.0.lock().unwrap().join("\n");
    assert!(heard.contains("chunk 37 changed") && heard.contains("may be stale"), "{heard}");

    // What was read in full is beyond doubt, what believed the hint since is not.
    assert_eq!(bench.vault.head().catalogue.suspects(), believers);
    let mut command = bench.home.command(["list"]);
    let listed = run(command.arg(bench.home.vault())).done();
    assert_eq!(listed.stdout.matches("may be stale").count(), believers.len(), "{}", listed.whole());
    let mut command = bench.home.command(["list", "--json"]);
    let listed = run(command.arg(bench.home.vault())).done().json();
    let stale = listed.as_array().unwrap().iter().filter(|point| point["may_be_stale"] == true);
    assert_eq!(stale.count(), believers.len());

    let target = bench.home.path("out.raw");
    let wanted = RestoreRequest {
        target: target.clone(),
        format: RestoreFormat::Raw,
        azure: false,
        replace: true,
        allow_holes: false,
        threads: 1,
    };
    restore(&bench.vault, disk, Instant::default(), &wanted, &bench.heard).unwrap();
    let mut expected = bench.content.clone();
    expected[LIE * CHUNK] ^= 1;
    assert!(fs::read(target).unwrap() == expected);
    // The next backup trusts again, and marks nobody new.
    bench.back_up();
    assert_eq!(bench.vault.head().catalogue.suspects(), believers);
}
