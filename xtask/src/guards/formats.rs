//! Formats.

use super::{Guard, core, datapath, edit, rig};

const BLOB: &str = "core/src/vault/blob.rs";
const CACHE: &str = "datapath/src/vault/cache.rs";
const CHUNK_WRITER: &str = "datapath/src/chunk_writer.rs";
const CONTAINER: &str = "datapath/src/container.rs";
const ENVELOPE: &str = "core/src/vault/envelope.rs";
const FRAGMENT: &str = "core/src/vault/fragment.rs";
const MAPPED: &str = "datapath/src/vault/mapped.rs";

pub(super) const GUARDS: &[Guard] = &[
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
