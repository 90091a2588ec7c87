//! Forgotten points whose wait is over stop being roots.

use vhault_core::catalogue::PointStanding;
use vhault_core::digest::PointId;
use vhault_core::protocol::{Refusal, Request, decide};
use vhault_core::time::{Instant, Span};

use super::report::PointFate;
use crate::vault::{Vault, VaultError};

/// When forgotten points are purged.
#[derive(Clone, Copy, Debug)]
pub struct PurgeRule {
    /// How long a point must have been forgotten.
    pub wait: Span,
    /// The present, by the host's clock.
    pub now: Instant,
    /// A person says that all times are right.
    pub clock_confirmed: bool,
}

impl PurgeRule {
    fn request(&self, points: Vec<PointId>) -> Request {
        Request::Purge { points, now: self.now, wait: self.wait, clock_confirmed: self.clock_confirmed }
    }
}

/// Purges the forgotten points that may go, and says of each forgotten point what became of it.
///
/// # Errors
///
/// Log or storage that failed.
pub fn purge(vault: &Vault, rule: &PurgeRule, dry_run: bool) -> Result<Vec<PointFate>, VaultError> {
    vault.refresh()?;
    let mut fates = Vec::new();
    if dry_run {
        fates = fates_of(vault, rule);
        return Ok(fates);
    }
    let purged = vault.append(&mut |catalogue| {
        fates = sort(catalogue, rule);
        let goes = fates.iter().filter(|fate| fate.refusal.is_none()).map(|fate| fate.point).collect();
        Ok::<_, VaultError>(rule.request(goes))
    });
    match purged {
        Ok(_) | Err(VaultError::Refused(Refusal::Nothing)) => Ok(fates),
        Err(error) => Err(error),
    }
}

fn fates_of(vault: &Vault, rule: &PurgeRule) -> Vec<PointFate> {
    sort(&vault.head().catalogue, rule)
}

fn sort(catalogue: &vhault_core::catalogue::Catalogue, rule: &PurgeRule) -> Vec<PointFate> {
    let forgotten = catalogue.points.iter().filter_map(|kept| match kept.standing {
        PointStanding::Forgotten { since, .. } => Some((kept, since)),
        PointStanding::Live => None,
    });
    forgotten
        .map(|(kept, since)| PointFate {
            point: kept.point.id,
            vm: kept.point.vm.clone(),
            forgotten: since,
            refusal: decide(catalogue, rule.request(vec![kept.point.id])).err(),
        })
        .collect()
}
