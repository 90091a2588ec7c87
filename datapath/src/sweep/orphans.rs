//! Files that no record names: uploads of sessions that ended before they
//! could say so. A listing is a hint: what it does not show is left for the
//! next sweep, and what it shows is judged by the session its head states.

use serde::Serialize;
use vhault_core::catalogue::{Catalogue, FileStanding, SessionStanding};
use vhault_core::digest::{FragmentName, PackName, SessionId};
use vhault_core::vault::envelope::{ENVELOPE_BYTES, Envelope, FileKind};

use crate::vault::store::{Folder, Name};
use crate::vault::{Vault, VaultError};

/// An orphan.
#[derive(Clone, Debug)]
pub(crate) struct Orphan<N> {
    pub(crate) name: N,
    pub(crate) bytes: u64,
    pub(crate) session: SessionId,
}

/// A file that is in the vault's folders and is nobody's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Foreign {
    /// Where it lies.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Why it is left alone.
    pub why: &'static str,
}

/// Files that no record names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orphans {
    pub(crate) packs: Vec<Orphan<PackName>>,
    pub(crate) fragments: Vec<Orphan<FragmentName>>,
    pub(crate) foreign: Vec<Foreign>,
}

impl Orphans {
    /// Looks for them.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub(crate) fn find(vault: &Vault, catalogue: &Catalogue) -> Result<Orphans, VaultError> {
        let mut orphans = Orphans::default();
        for listed in vault.store().list(Folder::Packs).map_err(VaultError::Store)? {
            let Ok(name) = listed.file_name.parse::<PackName>() else {
                orphans.leave(format!("packs/{}", listed.file_name), listed.bytes, "its name is no pack's");
                continue;
            };
            if catalogue.packs.contains_key(&name) {
                continue;
            }
            match owner(vault, &Name::pack(name), FileKind::Pack, catalogue)? {
                Owner::Ended(session) => {
                    orphans.packs.push(Orphan { name, bytes: listed.bytes, session });
                }
                Owner::AtWork => {}
                Owner::Nobody(why) => orphans.leave(Name::pack(name).to_string(), listed.bytes, why),
            }
        }
        for listed in vault.store().list(Folder::Tables).map_err(VaultError::Store)? {
            let Ok(name) = listed.file_name.parse::<FragmentName>() else {
                let file = format!("tables/{}", listed.file_name);
                orphans.leave(file, listed.bytes, "its name is no table fragment's");
                continue;
            };
            if catalogue.fragments.contains_key(&name) {
                continue;
            }
            match owner(vault, &Name::fragment(name), FileKind::Fragment, catalogue)? {
                Owner::Ended(session) => {
                    orphans.fragments.push(Orphan { name, bytes: listed.bytes, session });
                }
                Owner::AtWork => {}
                Owner::Nobody(why) => orphans.leave(Name::fragment(name).to_string(), listed.bytes, why),
            }
        }
        Ok(orphans)
    }

    fn leave(&mut self, file: String, bytes: u64, why: &'static str) {
        self.foreign.push(Foreign { file, bytes, why });
    }

    /// Those that are orphans in a newer catalogue too.
    pub(crate) fn still(&self, catalogue: &Catalogue) -> Orphans {
        let ended = |session: &SessionId| {
            catalogue.sessions.get(session).is_some_and(|known| known.standing.has_ended())
        };
        let mut still = self.clone();
        still.packs.retain(|pack| ended(&pack.session) && !catalogue.packs.contains_key(&pack.name));
        still
            .fragments
            .retain(|fragment| ended(&fragment.session) && !catalogue.fragments.contains_key(&fragment.name));
        still
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packs.is_empty() && self.fragments.is_empty()
    }

    pub(crate) fn packs_with_sessions(&self) -> Vec<(PackName, SessionId)> {
        self.packs.iter().map(|orphan| (orphan.name, orphan.session)).collect()
    }

    pub(crate) fn fragments_with_sessions(&self) -> Vec<(FragmentName, SessionId)> {
        self.fragments.iter().map(|orphan| (orphan.name, orphan.session)).collect()
    }
}

/// Fragments that a record names, of sessions that ended without a commit.
pub(crate) fn leftover_fragments(catalogue: &Catalogue) -> Vec<FragmentName> {
    let is_leftover =
        |session: &SessionId| catalogue.sessions.get(session).is_some_and(|known| known.standing.has_ended());
    let uploaded = catalogue.fragments.values().filter(|known| known.standing == FileStanding::Uploaded);
    uploaded.filter(|known| is_leftover(&known.session)).map(|known| known.entry.name).collect()
}

enum Owner {
    Ended(SessionId),
    AtWork,
    Nobody(&'static str),
}

fn owner(vault: &Vault, name: &Name, kind: FileKind, catalogue: &Catalogue) -> Result<Owner, VaultError> {
    let mut head = [0; ENVELOPE_BYTES];
    match vault.store().read_at(name, 0, &mut head) {
        Ok(true) => {}
        // Gone since it was listed.
        Ok(false) => return Ok(Owner::AtWork),
        Err(_) => return Ok(Owner::Nobody("its head cannot be read")),
    }
    let Ok(envelope) = Envelope::decode_of(&head, kind, vault.settings().vault) else {
        return Ok(Owner::Nobody("its head is not of this vault"));
    };
    Ok(match catalogue.sessions.get(&envelope.session).map(|known| known.standing) {
        Some(SessionStanding::Open) => Owner::AtWork,
        Some(_) => Owner::Ended(envelope.session),
        None => Owner::Nobody("its session has committed without it, or is unknown"),
    })
}
