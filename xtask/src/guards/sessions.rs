//! Sessions and commit.

use super::{Guard, datapath, edit, rig};

const CHUNK_WRITER: &str = "datapath/src/chunk_writer.rs";
const PACKER: &str = "datapath/src/packer.rs";
const TABLE: &str = "datapath/src/vault/table.rs";

pub(super) const GUARDS: &[Guard] = &[
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
];
