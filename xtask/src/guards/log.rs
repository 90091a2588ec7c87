//! The log.

use super::{Guard, core, datapath, edit, rig};

const CATALOGUE: &str = "core/src/catalogue/mod.rs";
const DELETE: &str = "datapath/src/sweep/delete.rs";
const LOCAL: &str = "datapath/src/vault/local.rs";
const LOG: &str = "datapath/src/vault/log.rs";
const RECORD: &str = "core/src/vault/record.rs";
const STORE: &str = "datapath/src/vault/store.rs";
const STRUCTURE: &str = "datapath/src/verify/structure.rs";

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
];
