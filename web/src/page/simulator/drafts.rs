//! Drafts: what a person is filling in, kept while they look elsewhere.

use std::collections::BTreeSet;

use leptos::prelude::*;
use vhault_core::lifecycle::{PolicyName, VaultName, VmIdentity};
use vhault_web::view_model::simulator::{policy, restore};

/// Machines to protect, and by what.
#[derive(Clone, Copy)]
pub(super) struct ProtectForm {
    /// In which vault; none for the first.
    pub(super) vault: RwSignal<Option<VaultName>>,
    /// Which.
    pub(super) machines: RwSignal<BTreeSet<VmIdentity>>,
    /// By a policy there is; none makes a new one.
    pub(super) existing: RwSignal<Option<PolicyName>>,
    /// The new one.
    pub(super) policy: RwSignal<policy::Draft>,
    /// The step it stands at.
    pub(super) at: RwSignal<usize>,
}

/// A point to restore, and where to.
#[derive(Clone, Copy)]
pub(super) struct RestoreForm {
    /// What is filled in.
    pub(super) draft: RwSignal<restore::Draft>,
    /// The step it stands at.
    pub(super) at: RwSignal<usize>,
}

/// A policy being made or changed.
#[derive(Clone, Copy)]
pub(super) struct PolicyForm {
    /// Which one, with its vault; a new one has no name yet.
    pub(super) of: RwSignal<Option<(VaultName, Option<PolicyName>)>>,
    /// What is filled in.
    pub(super) draft: RwSignal<policy::Draft>,
}

/// All that is being filled in. It lives as long as the page.
#[derive(Clone, Copy)]
pub(crate) struct Drafts {
    /// The wizard that protects.
    pub(super) protect: ProtectForm,
    /// The wizard that restores.
    pub(super) restore: RestoreForm,
    /// The editor of policies.
    pub(super) policy: PolicyForm,
    /// The stop of the guided tour, while one is taken.
    pub(super) tour: RwSignal<Option<usize>>,
}

impl Drafts {
    /// Nothing filled in.
    pub(crate) fn provide() {
        provide_context(Drafts {
            protect: ProtectForm {
                vault: RwSignal::new(None),
                machines: RwSignal::new(BTreeSet::new()),
                existing: RwSignal::new(None),
                policy: RwSignal::new(policy::Draft::default()),
                at: RwSignal::new(0),
            },
            restore: RestoreForm { draft: RwSignal::new(restore::Draft::default()), at: RwSignal::new(0) },
            policy: PolicyForm { of: RwSignal::new(None), draft: RwSignal::new(policy::Draft::default()) },
            tour: RwSignal::new(None),
        });
    }

    /// Those of the page.
    pub(super) fn here() -> Drafts {
        expect_context()
    }
}
