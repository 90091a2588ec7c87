//! The sweep.

use super::{Guard, core, edit, rig};

const BLOBS: &str = "datapath/src/vault/blobs.rs";
const FILES: &str = "core/src/protocol/files.rs";
const HOLD: &str = "datapath/src/vault/hold.rs";
const ORPHANS: &str = "datapath/src/sweep/orphans.rs";
const PACK: &str = "core/src/vault/pack.rs";
const REPAIR: &str = "datapath/src/repair.rs";
const SESSION: &str = "datapath/src/vault/session.rs";

pub(super) const GUARDS: &[Guard] = &[
    Guard {
        rule: "what ended sessions left goes",
        without: "a file that no record names is left for ever",
        edits: &[edit(ORPHANS, "Some(_) => Owner::Ended(envelope.session),", "Some(_) => Owner::AtWork,")],
        judges: &[rig("sweep", "what_a_killed_backup_left_goes_once_its_session_is_fenced")],
    },
    Guard {
        rule: "a condemned name never comes back",
        without: "packs are sealed with one salt and name no session",
        edits: &[
            edit(
                SESSION,
                "sealer: vault.keyring().sealer(settings.vault, settings.suite, random::bytes()),",
                "sealer: vault.keyring().sealer(settings.vault, settings.suite, [7; 32]),",
            ),
            edit(
                PACK,
                "        session,\n        number: sequence,\n        clear_bytes: 1,",
                "        session: SessionId::from_bytes([0; 16]),\n        number: 0,\n        clear_bytes: 1,",
            ),
        ],
        judges: &[rig("rules", "the_same_content_again_makes_no_pack_name_that_was_condemned")],
    },
    Guard {
        rule: "a pack goes when all that is needed of it was moved",
        without: "a condemn record leaves out the packs that hold what was moved",
        edits: &[edit(
            FILES,
            "Ok(Entry::Condemned { session, covers, packs, fragments, added_packs, added_fragments })",
            "Ok(Entry::Condemned { session, covers, packs, fragments, added_packs: Vec::new(), added_fragments: Vec::new() })",
        )],
        judges: &[
            core("protocol::simulation::no_history_loses_what_was_promised"),
            rig("faults", "a_sweep_that_is_cut_short_loses_nothing_and_can_be_run_again"),
            rig("kills", "a_killed_sweep_costs_no_point_and_the_next_one_frees_the_rest"),
        ],
    },
    Guard {
        rule: "a reader that misses a pack reads the log on",
        without: "it speaks of damage at once",
        edits: &[edit(
            BLOBS,
            "if !self.looks_again || !self.vault.look_again()? {",
            "if self.looks_again || !self.vault.look_again()? {",
        )],
        judges: &[rig("rules", "a_reader_whose_pack_was_swept_away_reads_the_log_on")],
    },
    Guard {
        rule: "a restore that is at work holds its point",
        without: "it holds nothing",
        edits: &[edit(HOLD, "        if points.is_empty() {", "        if points.len() < usize::MAX {")],
        judges: &[rig("reading", "a_sweep_beside_a_restore_leaves_what_it_reads")],
    },
    Guard {
        rule: "a rebuilt table leaves condemned packs out",
        without: "`repair` reads every pack in the folder",
        edits: &[
            edit(
                REPAIR,
                "let packs = catalogue.live_packs();",
                "let packs = vault.store().list(Folder::Packs).map_err(VaultError::Store)?;",
            ),
            edit(
                REPAIR,
                "let name = known.entry.name;\n        let Ok(places) = reader.index(name, known.entry.file_bytes) else {",
                "let Ok(name) = known.file_name.parse::<vhault_core::digest::PackName>() else { continue };\n        let Ok(places) = reader.index(name, known.bytes) else {",
            ),
        ],
        judges: &[rig("rules", "a_table_rebuilt_from_packs_does_not_bring_back_what_was_condemned")],
    },
];
