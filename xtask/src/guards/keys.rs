//! Keys.

use super::{Guard, core, datapath, edit, rig};

const BLOB: &str = "core/src/vault/blob.rs";
const CHECKPOINT: &str = "core/src/catalogue/checkpoint.rs";
const CODEC: &str = "datapath/src/codec.rs";
const KEY: &str = "core/src/vault/key.rs";
const LOG: &str = "datapath/src/vault/log.rs";
const OPEN: &str = "datapath/src/vault/open.rs";
const PACK: &str = "core/src/vault/pack.rs";
const PACKS: &str = "datapath/src/verify/packs.rs";
const PRIVATE: &str = "datapath/src/bin/vhault/private.rs";
const RECORD: &str = "core/src/vault/record.rs";
const SESSION: &str = "datapath/src/vault/session.rs";
const SLOT: &str = "core/src/vault/slot.rs";
const SLOTS: &str = "datapath/src/vault/slots.rs";
const UNLOCK: &str = "datapath/src/bin/vhault/commands/unlock.rs";

pub(super) const GUARDS: &[Guard] = &[
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
];
