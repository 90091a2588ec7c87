//! The guards, in the order of `docs/proofs/vault.md`.

use super::{Edit, Guard, Judge};

const LOG: &str = "datapath/src/vault/log.rs";
const STORE: &str = "datapath/src/vault/store.rs";
const LOCAL: &str = "datapath/src/vault/local.rs";
const STRUCTURE: &str = "datapath/src/verify/structure.rs";
const CATALOGUE: &str = "core/src/catalogue/mod.rs";
const CHECKPOINT: &str = "core/src/catalogue/checkpoint.rs";
const RECORD: &str = "core/src/vault/record.rs";
const DELETE: &str = "datapath/src/sweep/delete.rs";
const PACKER: &str = "datapath/src/packer.rs";
const CHUNK_WRITER: &str = "datapath/src/chunk_writer.rs";
const FILES: &str = "core/src/protocol/files.rs";
const TABLE: &str = "datapath/src/vault/table.rs";
const BLOBS: &str = "datapath/src/vault/blobs.rs";
const HOLD: &str = "datapath/src/vault/hold.rs";
const REPAIR: &str = "datapath/src/repair.rs";
const ORPHANS: &str = "datapath/src/sweep/orphans.rs";
const SESSION: &str = "datapath/src/vault/session.rs";
const PACK: &str = "core/src/vault/pack.rs";
const BLOB: &str = "core/src/vault/blob.rs";
const PLAN: &str = "core/src/policy/plan.rs";
const SLOT: &str = "core/src/vault/slot.rs";
const SLOTS: &str = "datapath/src/vault/slots.rs";
const KEY: &str = "core/src/vault/key.rs";
const OPEN: &str = "datapath/src/vault/open.rs";
const UNLOCK: &str = "datapath/src/bin/vhault/commands/unlock.rs";
const PACKS: &str = "datapath/src/verify/packs.rs";
const CODEC: &str = "datapath/src/codec.rs";
const PRIVATE: &str = "datapath/src/bin/vhault/private.rs";
const CACHE: &str = "datapath/src/vault/cache.rs";
const MAPPED: &str = "datapath/src/vault/mapped.rs";
const FRAGMENT: &str = "core/src/vault/fragment.rs";
const CONTAINER: &str = "datapath/src/container.rs";
const ENVELOPE: &str = "core/src/vault/envelope.rs";

const fn edit(file: &'static str, stands: &'static str, becomes: &'static str) -> Edit {
    Edit { file, stands, becomes }
}

const fn core(path: &'static str) -> Judge {
    Judge { package: "vhault-core", rig: None, test: path }
}

const fn datapath(path: &'static str) -> Judge {
    Judge { package: "vhault-datapath", rig: None, test: path }
}

const fn rig(file: &'static str, test: &'static str) -> Judge {
    Judge { package: "vhault-tests", rig: Some(file), test }
}

/// Every guard that a test is to miss.
pub(super) const GUARDS: &[Guard] = &[
    Guard {
        rule: "record n+1 is created only if absent",
        without: "a record's name replaces what has it",
        edits: &[edit(LOCAL, "match fs::hard_link(from, to) {", "match fs::rename(from, to) {")],
        judges: &[datapath("vault::log::tests::two_hosts_that_append_see_each_others_records")],
    },
    Guard {
        rule: "record n+1 is created only if absent",
        without: "`init` does not judge the race",
        edits: &[edit(STORE, "if winners != 1 || again? != Creation::Exists {", "if winners == 0 {")],
        judges: &[datapath(
            "vault::store::tests::storage_where_two_creates_win_or_none_or_a_later_one_is_refused",
        )],
    },
    Guard {
        rule: "names are never deleted or reused",
        without: "a sweep deletes the first record",
        edits: &[edit(
            DELETE,
            "    remove_slots(vault)?;\n",
            "    remove_slots(vault)?;\n    vault.store().remove(&Name::record(1)).map_err(VaultError::Store)?;\n",
        )],
        judges: &[rig("faults", "a_sweep_that_is_cut_short_loses_nothing_and_can_be_run_again")],
    },
    Guard {
        rule: "a checkpoint carries all that a reader needs",
        without: "it says nothing of damaged chunks",
        edits: &[edit(
            CATALOGUE,
            "    pub damaged: BTreeMap<PackName, DamagedBlobs>,",
            "    #[serde(skip)]\n    pub damaged: BTreeMap<PackName, DamagedBlobs>,",
        )],
        judges: &[core(
            "catalogue::checkpoint::tests::a_checkpoint_at_any_record_leads_to_what_the_log_says",
        )],
    },
    Guard {
        rule: "record n is synced before n+1 is created",
        without: "record n is not synced",
        edits: &[edit(LOG, "match store.sync(&Name::record(head)) {", "match Ok::<(), StoreError>(()) {")],
        judges: &[rig("faults", "nobody_builds_on_a_record_that_a_power_cut_would_take")],
    },
    Guard {
        rule: "our own commit id means success",
        without: "a record of our own is not known again",
        edits: &[edit(LOG, "if record.head.commit_id() == commit);", "if record.number != number);")],
        judges: &[rig("faults", "a_record_that_was_written_is_a_success_whatever_the_answer_said")],
    },
    Guard {
        rule: "a broken chain, a gap, a renamed record are named",
        without: "nobody looks behind a gap",
        edits: &[edit(LOG, "        if newest > head && ", "        if newest < head && ")],
        judges: &[datapath("vault::log::tests::a_gap_a_broken_chain_and_a_renamed_record_are_named")],
    },
    Guard {
        rule: "a broken chain, a gap, a renamed record are named",
        without: "the hash of the record before is not compared",
        edits: &[edit(LOG, "if record.head.previous != catalogue.head_hash {", "if false {")],
        judges: &[datapath("vault::log::tests::a_gap_a_broken_chain_and_a_renamed_record_are_named")],
    },
    Guard {
        rule: "a broken chain, a gap, a renamed record are named",
        without: "a record's number is not compared with its name",
        edits: &[edit(LOG, "        if record.number != number {", "        if false {")],
        judges: &[datapath("vault::log::tests::a_gap_a_broken_chain_and_a_renamed_record_are_named")],
    },
    Guard {
        rule: "nothing is appended after a record that is gone",
        without: "the head is not looked for before it is built on",
        edits: &[
            edit(
                LOG,
                "                    Err(error) => return Err(VaultError::Store(error).into()),\n                }\n            }\n            let commit",
                "                    Err(_) => {}\n                }\n            }\n            let commit",
            ),
            edit(
                LOG,
                "Err(_) if matches!(store.size(&Name::record(head)), Ok(None)) => {",
                "Err(_) if false => {",
            ),
        ],
        judges: &[rig("compat", "a_log_that_ends_before_its_checkpoint_is_named_and_not_built_on")],
    },
    Guard {
        rule: "the newest record is what was opened",
        without: "`verify` takes the newest record as it is",
        edits: &[edit(
            STRUCTURE,
            "Ok(_) if newest.is_some_and(|hash| hash != catalogue.head()) =>",
            "Ok(_) if newest.is_some_and(|_| false) =>",
        )],
        judges: &[rig("damage", "the_newest_record_is_looked_at_though_a_checkpoint_covers_it")],
    },
    Guard {
        rule: "an unknown record is read around only where it says so",
        without: "every unknown record is read around",
        edits: &[edit(
            RECORD,
            "Err(_) if head.may_skip => None,",
            "Err(_) if head.nonce < u64::MAX => None,",
        )],
        judges: &[core("vault::record::tests::an_unknown_entry_is_read_around_only_where_it_says_so")],
    },
    Guard {
        rule: "what was not acknowledged is there whole or not at all",
        without: "a pack has no name yet when a record names it",
        edits: &[edit(
            PACKER,
            "self.upload.publish(&Name::pack(self.entry.name)).map_err(VaultError::Store)?;",
            "drop(self.upload);",
        )],
        judges: &[rig("faults", "a_backup_that_is_cut_short_costs_nothing_that_was_acknowledged")],
    },
    Guard {
        rule: "damage satisfies no lookup, the newest copy wins",
        without: "a damaged copy is relied on",
        edits: &[edit(TABLE, "self.find(id).filter(|found| self.is_undamaged(found))", "self.find(id)")],
        judges: &[rig("damage", "the_next_backup_heals_what_its_source_still_has")],
    },
    Guard {
        rule: "damage satisfies no lookup, the newest copy wins",
        without: "a damaged copy is read before a sound one",
        edits: &[edit(TABLE, "sound.chain(damaged)", "damaged.chain(sound)")],
        judges: &[datapath(
            "vault::table::tests::a_damaged_copy_is_read_when_there_is_no_other_and_never_relied_on",
        )],
    },
    Guard {
        rule: "what is stored was seen to come back",
        without: "a blob is sealed whatever it decodes to",
        edits: &[edit(CHUNK_WRITER, "            if !same {", "            if false {")],
        judges: &[datapath("chunk_writer::tests::a_blob_that_does_not_come_back_is_not_sealed")],
    },
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
    Guard {
        rule: "the newest whole point stays, pinned points stay",
        without: "the plan has no reason to keep the newest whole point",
        edits: &[edit(
            PLAN,
            "newest.into_iter().map(|received| (received, Reason::NewestWhole)).collect();",
            "newest.into_iter().take(0).map(|received| (received, Reason::NewestWhole)).collect();",
        )],
        judges: &[core("policy::plan::tests::the_newest_whole_point_stays_under_any_rules")],
    },
    Guard {
        rule: "partial and damaged points count for no rule",
        without: "every point counts",
        edits: &[edit(
            PLAN,
            "points.iter().rev().filter(|point| point.state == PointState::Whole).collect();",
            "points.iter().rev().filter(|point| point.received < u64::MAX).collect();",
        )],
        judges: &[core("policy::plan::tests::failed_nights_push_no_whole_point_out_of_keep_last")],
    },
    Guard {
        rule: "a clock in doubt ends no wait",
        without: "every clock is believed",
        edits: &[edit(
            PLAN,
            "let doubt = Doubt::find(times, circumstances.now, &circumstances.trust);",
            "let doubt = Doubt::find(times.take(0), circumstances.now, &circumstances.trust);",
        )],
        judges: &[core("policy::plan::tests::a_wrong_present_expires_no_lock_and_no_span")],
    },
    Guard {
        rule: "order of receipt decides",
        without: "points are ordered by their time",
        edits: &[edit(
            PLAN,
            "ordered.sort_by_key(|point| point.received);",
            "ordered.sort_by_key(|point| point.time);",
        )],
        judges: &[core("policy::plan::tests::order_of_receipt_decides_and_not_the_time")],
    },
    Guard {
        rule: "a lock binds until its last moment",
        without: "it binds nothing",
        edits: &[edit(
            PLAN,
            "lock_ends.filter(|until| now < *until)",
            "lock_ends.filter(|until| now < *until && now > *until)",
        )],
        judges: &[core("policy::plan::tests::a_lock_holds_until_its_last_moment")],
    },
    Guard {
        rule: "each process that writes draws its own salt",
        without: "a session seals with one salt",
        edits: &[edit(
            SESSION,
            "sealer: vault.keyring().sealer(settings.vault, settings.suite, random::bytes()),",
            "sealer: vault.keyring().sealer(settings.vault, settings.suite, [7; 32]),",
        )],
        judges: &[rig("rules", "no_two_processes_seal_with_one_salt_even_where_a_host_was_cloned")],
    },
    Guard {
        rule: "a pack is readable though its session's other files are lost",
        without: "a pack's head does not say its salt",
        edits: &[edit(
            PACK,
            "        key: sealer.descriptor(),",
            "        key: super::seal::KeyDescriptor { salt: [0; 32], ..sealer.descriptor() },",
        )],
        judges: &[rig("damage", "a_lost_table_is_rebuilt_from_packs_alone")],
    },
    Guard {
        rule: "records are bound to number and predecessor, chunks to their id",
        without: "a record is bound to nothing",
        edits: &[
            edit(
                RECORD,
                "let tag = sealer.seal(nonce, &file, &mut body);",
                "let tag = sealer.seal(nonce, &[], &mut body);",
            ),
            edit(
                RECORD,
                "key.open(\"log record\", head.nonce, associated, &mut body)?",
                "key.open(\"log record\", head.nonce, &associated[..0], &mut body)?",
            ),
        ],
        judges: &[core("vault::record::tests::a_record_is_bound_to_its_number_and_to_the_one_before")],
    },
    Guard {
        rule: "records are bound to number and predecessor, chunks to their id",
        without: "a chunk is bound to no id",
        edits: &[edit(BLOB, "        bytes[2..].copy_from_slice(&self.bytes);\n", "")],
        judges: &[core("vault::record::tests::a_chunk_is_bound_to_its_id")],
    },
    Guard {
        rule: "a pack's index is bound to session and sequence",
        without: "it is bound to nothing",
        edits: &[
            edit(
                PACK,
                "let tag = sealer.seal(nonce, head, &mut foot);",
                "let tag = sealer.seal(nonce, &head[..0], &mut foot);",
            ),
            edit(
                PACK,
                "key.open(\"pack index\", tail.nonce, head, sealed)?",
                "key.open(\"pack index\", tail.nonce, &head[..0], sealed)?",
            ),
        ],
        judges: &[core("vault::pack::tests::an_index_opens_only_under_its_own_session_and_sequence")],
    },
    Guard {
        rule: "a missing pack is noticed without any key",
        without: "what is missing is passed over",
        edits: &[edit(
            PACKS,
            "        Ok(None) => return Some(\"it is missing\".into()),",
            "        Ok(None) => return None,",
        )],
        judges: &[rig("damage", "packs_are_verified_without_any_key")],
    },
    Guard {
        rule: "a missing pack is noticed without any key",
        without: "bytes are not compared with their name",
        edits: &[edit(
            PACKS,
            "(hasher.finalize().as_bytes() != wanted)",
            "(hasher.finalize().as_bytes() != wanted && length == u64::MAX)",
        )],
        judges: &[rig("damage", "packs_are_verified_without_any_key")],
    },
    Guard {
        rule: "an older copy is noticed by a host that saw more",
        without: "the host forgets its highest record",
        edits: &[edit(OPEN, "    if seen > catalogue.head_number {", "    if seen == u64::MAX {")],
        judges: &[rig("rules", "an_older_copy_in_the_vaults_place_is_noticed_by_a_host_that_saw_more")],
    },
    Guard {
        rule: "a head that is expected is demanded of any host",
        without: "a log that ends before it is taken",
        edits: &[
            edit(UNLOCK, "    if number > newest {", "    if number == u64::MAX {"),
            edit(
                UNLOCK,
                "        _ => refuse(format!(\"record {number} is not",
                "        None => Ok(()),\n        _ => refuse(format!(\"record {number} is not",
            ),
        ],
        judges: &[rig("reading", "an_expected_head_is_demanded_of_a_host_that_never_saw_the_vault")],
    },
    Guard {
        rule: "a removed slot opens nothing",
        without: "the log is not asked which slots count",
        edits: &[edit(
            SLOTS,
            "Ok((log, catalogue)) if catalogue.slots.contains(&slot) => {",
            "Ok((log, catalogue)) if catalogue.head_number > 0 => {",
        )],
        judges: &[rig("keys", "a_removed_slot_opens_nothing_though_its_file_is_put_back")],
    },
    Guard {
        rule: "after a rotation old keys write nothing that is believed",
        without: "a record of an older epoch is taken",
        edits: &[edit(LOG, "            if epoch < self.epoch {", "            if epoch == u32::MAX {")],
        judges: &[rig("keys", "a_record_under_old_keys_after_a_rotation_is_refused")],
    },
    Guard {
        rule: "after a rotation old keys write nothing that is believed",
        without: "a checkpoint of an older epoch is taken",
        edits: &[edit(
            CHECKPOINT,
            "if envelope.key.epoch != keyring.epoch() {",
            "if envelope.key.epoch > keyring.epoch() {",
        )],
        judges: &[rig("keys", "a_record_under_old_keys_after_a_rotation_is_refused")],
    },
    Guard {
        rule: "an encrypted vault opens nothing that calls itself unencrypted",
        without: "a file's own word is taken",
        edits: &[edit(
            KEY,
            "if self.id_key != Keyring::public(vault).id_key {",
            "if self.epoch_keys.is_empty() {",
        )],
        judges: &[rig(
            "vault_input",
            "a_record_that_calls_itself_unencrypted_is_no_record_of_an_encrypted_vault",
        )],
    },
    Guard {
        rule: "a slot opens to its secret, in its vault",
        without: "a slot's keyring is bound to nothing",
        edits: &[
            edit(SLOT, "let tag = key.seal(0, &file, &mut held);", "let tag = key.seal(0, &[], &mut held);"),
            edit(
                SLOT,
                "key.open(\"keyring\", 0, &self.associated, &mut held)?",
                "key.open(\"keyring\", 0, &self.associated[..0], &mut held)?",
            ),
        ],
        judges: &[core("vault::slot::tests::a_slot_is_bound_to_its_vault_and_to_what_it_says_in_clear")],
    },
    Guard {
        rule: "sizes, counts and hardness are bounded before memory is taken",
        without: "a slot's hardness is not looked at when it is read",
        edits: &[edit(SLOT, "        check(&head)?;\n        Ok(Slot {", "        Ok(Slot {")],
        judges: &[core("vault::slot::tests::hardness_out_of_bounds_is_refused_before_memory_is_taken")],
    },
    Guard {
        rule: "sizes, counts and hardness are bounded before memory is taken",
        without: "a plain blob may be of any length",
        edits: &[edit(
            CODEC,
            "Codec::Plain if stored.len() <= limit => {",
            "Codec::Plain if stored.len() < usize::MAX => {",
        )],
        judges: &[datapath("codec::tests::text_shrinks_noise_stays_plain_and_both_come_back")],
    },
    Guard {
        rule: "keys leave no core dump",
        without: "the limit is left as it was",
        edits: &[edit(PRIVATE, "current: Some(0), maximum", "current: limit.current, maximum")],
        judges: &[rig("keys", "a_process_that_holds_keys_forbids_core_dumps")],
    },
    Guard {
        rule: "what a host keeps of a vault is for its owner alone",
        without: "a copy may be read by everybody",
        edits: &[edit(
            CACHE,
            ".create_new(true).mode(0o600).open(&temporary)?;",
            ".create_new(true).mode(0o644).open(&temporary)?;",
        )],
        judges: &[rig("rules", "what_a_host_keeps_of_a_vault_is_for_its_owner_alone")],
    },
    Guard {
        rule: "pages cover fixed ranges and hold no time, session or place",
        without: "the id of a page depends on who stores it",
        edits: &[edit(
            CHUNK_WRITER,
            "let bytes = page.encode();\n        let id = self.session.vault().ids().page(&bytes);",
            "let bytes = page.encode();\n        let id = self.session.vault().ids().page(&[&bytes, &self.session.id().as_bytes()[..]].concat());",
        )],
        judges: &[rig("round_trip", "the_same_input_gives_the_same_root_at_one_and_at_many_threads")],
    },
    Guard {
        rule: "fragments are sealed page by page, and a host's copy is checked",
        without: "a page is not bound to its place",
        edits: &[
            edit(FRAGMENT, "    bytes[ENVELOPE_BYTES..].copy_from_slice(&page.to_le_bytes());\n", ""),
            edit(
                FRAGMENT,
                "if places.last().is_some_and(|last| last.id.as_bytes() >= place.id.as_bytes()) {",
                "if places.len() == usize::MAX {",
            ),
            edit(FRAGMENT, "let nonce = first_nonce.wrapping_add(page);", "let nonce = first_nonce;"),
            edit(FRAGMENT, "sealer.seal(first_nonce + page, ", "sealer.seal(first_nonce, "),
        ],
        judges: &[core("vault::fragment::tests::swapped_pages_and_flipped_bytes_do_not_open")],
    },
    Guard {
        rule: "fragments are sealed page by page, and a host's copy is checked",
        without: "a copy's length is not compared",
        edits: &[edit(MAPPED, "(length == held.len())", "(length <= held.len() + 1)")],
        judges: &[datapath("vault::mapped::tests::a_copy_cut_short_is_not_used")],
    },
    Guard {
        rule: "what a container has besides its sectors comes back",
        without: "bytes that no sector owns are kept as zeroes",
        edits: &[edit(
            CONTAINER,
            "self.sink.literals(grain)?;",
            "self.sink.literals(&vec![0; grain.len()])?;",
        )],
        judges: &[rig("round_trip", "a_disk_with_files_comes_back_in_every_form_after_a_day_of_change")],
    },
    Guard {
        rule: "old vaults are read for ever, newer ones refused by version",
        without: "the version is not looked at",
        edits: &[edit(ENVELOPE, "        if bytes[7] != FORMAT_VERSION {", "        if bytes[7] == 0 {")],
        judges: &[rig("compat", "a_newer_format_is_refused_by_its_version_in_every_kind_of_file")],
    },
    Guard {
        rule: "old vaults are read for ever, newer ones refused by version",
        without: "an entry of a page is read from its other end",
        edits: &[
            edit(
                BLOB,
                "nonce: u64::from_le_bytes(field(bytes, 32)),",
                "nonce: u64::from_be_bytes(field(bytes, 32)),",
            ),
            edit(
                BLOB,
                "bytes[32..40].copy_from_slice(&self.nonce.to_le_bytes());",
                "bytes[32..40].copy_from_slice(&self.nonce.to_be_bytes());",
            ),
        ],
        judges: &[rig("compat", "golden_vaults_open_verify_and_restore_to_the_known_bytes")],
    },
];
