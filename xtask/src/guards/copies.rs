//! Copies and restores.

use super::{Guard, core, datapath, edit, rig};

const AUDIT: &str = "core/src/copy/audit.rs";
const BACKUP: &str = "datapath/src/backup/mod.rs";
const BASE: &str = "datapath/src/backup/base.rs";
const CATALOGUE: &str = "core/src/catalogue/mod.rs";
const DEAD_JOURNAL: &str = "datapath/src/copy/journal.rs";
const JOURNAL: &str = "core/src/copy/journal.rs";
const LOSSES: &str = "datapath/src/restore/losses.rs";
const OUTLOOK: &str = "core/src/copy/outlook.rs";
const PACE: &str = "core/src/copy/pace.rs";
const PATIENCE: &str = "core/src/copy/patience.rs";
const READER: &str = "datapath/src/copy/reader.rs";
const SUSPECT: &str = "core/src/catalogue/suspect.rs";
const WATCH: &str = "core/src/copy/watch.rs";

pub(super) const GUARDS: &[Guard] = &[
    Guard {
        rule: "a source that was written to while it was copied makes no point",
        without: "nobody looks whether it was",
        edits: &[edit(BACKUP, "        refuse_changed(&disks)?;\n", "")],
        judges: &[rig(
            "deadlines",
            "a_source_that_changes_or_grows_while_it_is_copied_makes_no_point_and_is_not_stored_twice",
        )],
    },
    Guard {
        rule: "of what a hint calls unchanged a part is read each time",
        without: "no part is read",
        edits: &[edit(AUDIT, "Turn::Part(u64::from(base.parts_read) % AUDIT_RUNS)", "Turn::Nothing")],
        judges: &[
            core("copy::audit::tests::every_part_is_read_once_in_a_round_and_rounds_follow_each_other"),
            rig("audit", "a_lie_is_found_out_in_its_turn_and_those_that_believed_it_are_marked"),
        ],
    },
    Guard {
        rule: "points that believed a lying hint are marked",
        without: "the chain ends with the first",
        edits: &[edit(SUSPECT, "                base = earlier.base;", "                base = None;")],
        judges: &[rig("audit", "a_lie_is_found_out_in_its_turn_and_those_that_believed_it_are_marked")],
    },
    Guard {
        rule: "a hint counts where the files below are untouched",
        without: "a parent that was written to is believed",
        edits: &[edit(
            BASE,
            "        if !same || !opened.are_files || resized {",
            "        if !opened.are_files || resized {",
        )],
        judges: &[rig("hints", "a_parent_that_was_written_to_since_is_read_again")],
    },
    Guard {
        rule: "a hint counts where the files below are untouched",
        without: "nobody asks whether an image below is shorter",
        edits: &[edit(
            BASE,
            "        if !same || !opened.are_files || resized {",
            "        if !same || !opened.are_files {",
        )],
        judges: &[rig("hints", "past_the_end_of_a_shorter_parent_nothing_is_taken_for_unchanged")],
    },
    Guard {
        rule: "a partial point is never the latest, nor a base where it has holes",
        without: "any point is the latest",
        edits: &[edit(
            CATALOGUE,
            ".find(|kept| kept.is_whole() && vm.is_none_or(",
            ".find(|kept| vm.is_none_or(",
        )],
        judges: &[rig("resume", "a_partial_point_is_never_the_latest_and_never_a_base_with_holes")],
    },
    Guard {
        rule: "a partial point is never the latest, nor a base where it has holes",
        without: "a disk with holes is a base",
        edits: &[edit(BASE, "|_, disk| disk.is_complete()", "|_, _| true")],
        judges: &[rig("resume", "a_partial_point_is_never_the_latest_and_never_a_base_with_holes")],
    },
    Guard {
        rule: "a stopped copy is gone on with from the very same files",
        without: "any file of that size will do",
        edits: &[edit(
            BASE,
            "opened.identities.iter().zip(&disk.sources).all(|(now, then)| is_untouched(now, then))\n        };",
            "opened.identities.iter().zip(&disk.sources).all(|(now, then)| now.file_bytes == then.file_bytes)\n        };",
        )],
        judges: &[rig("resume", "a_file_put_in_the_place_of_another_is_not_taken_for_it")],
    },
    Guard {
        rule: "a journal is believed up to its tear, of the very same files",
        without: "what follows a tear is believed",
        edits: &[edit(
            JOURNAL,
            "if head[4..] == blake3::hash(payload).as_bytes()[..FRAME_HEAD_BYTES - 4] {",
            "if head.len() > 4 || payload.is_empty() {",
        )],
        judges: &[
            core("copy::journal::tests::a_torn_journal_says_less_and_nothing_else"),
            datapath(
                "copy::journal::tests::a_torn_journal_is_believed_up_to_the_tear_and_one_without_head_is_removed",
            ),
        ],
    },
    Guard {
        rule: "a journal is believed up to its tear, of the very same files",
        without: "a journal of any source is believed",
        edits: &[edit(
            DEAD_JOURNAL,
            "journal.head.disks.iter().position(&is_same)?;",
            "journal.head.disks.iter().position(|disk| is_same(disk) || disk.size_bytes > 0)?;",
        )],
        judges: &[rig(
            "killed",
            "the_journal_of_another_source_is_not_believed_though_what_it_stored_is_used",
        )],
    },
    Guard {
        rule: "what a medium does not give is listed",
        without: "zeroes stand there and nobody is told",
        edits: &[edit(
            READER,
            "        unreadable.push(ByteRange { offset, length: buffer.len() as u64 });\n",
            "",
        )],
        judges: &[rig("deadlines", "sectors_that_cannot_be_read_are_named_and_the_rest_is_there")],
    },
    Guard {
        rule: "a disk of which nothing comes is given up",
        without: "it is waited for",
        edits: &[edit(
            WATCH,
            "} else if stood(self.limits.stall, held.moved_at) {",
            "} else if stood(None, held.moved_at) {",
        )],
        judges: &[core("copy::watch::tests::a_disk_without_progress_is_stopped_in_time")],
    },
    Guard {
        rule: "time in which nobody looked is nobody's stall",
        without: "a machine that slept has stalled disks",
        edits: &[edit(WATCH, "clamp(Span::ZERO, GAP_MAX)", "max(Span::ZERO)")],
        judges: &[core(
            "copy::watch::tests::a_process_that_was_stopped_for_an_hour_has_stalled_disks_no_more_than_before",
        )],
    },
    Guard {
        rule: "time in which nobody looked is nobody's stall",
        without: "a machine that slept has a vault that hangs",
        edits: &[edit(PATIENCE, "clamp(Span::ZERO, GAP_MAX)", "max(Span::ZERO)")],
        judges: &[core("copy::patience::tests::time_in_which_nobody_looked_does_not_count")],
    },
    Guard {
        rule: "a vault that hangs ends the command",
        without: "an operation may take for ever",
        edits: &[edit(
            PATIENCE,
            "is_some_and(|stall| after >= stall)",
            "is_some_and(|stall| after < stall && after > stall)",
        )],
        judges: &[core("copy::patience::tests::an_operation_that_never_returns_is_found_and_others_are_not")],
    },
    Guard {
        rule: "a limit of bytes a second holds over all threads",
        without: "nobody queues behind another",
        edits: &[edit(
            PACE,
            "self.paid_at_nanoseconds.max(now.saturating_sub(BURST_NANOSECONDS))",
            "now.saturating_sub(BURST_NANOSECONDS)",
        )],
        judges: &[
            core("copy::pace::tests::no_stretch_of_time_lets_through_more_than_the_limit"),
            core("copy::pace::tests::a_piece_takes_as_long_as_the_rate_says"),
        ],
    },
    Guard {
        rule: "an end is told when it can be known",
        without: "it is told before the rate has settled",
        edits: &[edit(OUTLOOK, "if milliseconds < SETTLED_AFTER.milliseconds() {", "if milliseconds <= 0 {")],
        judges: &[core(
            "copy::outlook::tests::nobody_knows_before_the_rate_has_settled_and_then_each_disk_waits_for_those_before_it",
        )],
    },
    Guard {
        rule: "a restore has its name when it is whole, or may have holes",
        without: "holes are always allowed",
        edits: &[edit(
            LOSSES,
            "if holes.is_empty() || allowed {",
            "if holes.is_empty() || allowed || !holes.is_empty() {",
        )],
        judges: &[rig("damage", "a_flipped_bit_costs_one_chunk_and_the_rest_can_be_had_with_holes")],
    },
];
