//! Sessions that stood still lose their right to commit.
//!
//! Only this process's own monotonic clock is asked, and only to decide when
//! to try: the record is refused where the session gave a sign of life.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use vhault_core::catalogue::SessionStanding;
use vhault_core::digest::SessionId;
use vhault_core::protocol::{Refusal, Request};

use super::SweepRequest;
use super::report::{Swept, SweptSession};
use crate::monitor::{Event, Monitor};
use crate::vault::{Vault, VaultError};

/// Waits, and fences those that stood still.
///
/// # Errors
///
/// Log or storage that failed; [`VaultError::Stopped`].
pub(super) fn fence(
    vault: &Vault,
    request: &SweepRequest,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
    swept: &mut Swept,
) -> Result<(), VaultError> {
    vault.refresh()?;
    let seen = open_sessions(vault);
    let wait = request.fence_after.filter(|_| !request.dry_run && !seen.is_empty());
    if let Some(wait) = wait {
        let text = format!("{} open; waiting {} s for signs of life", seen.len(), wait.as_secs());
        monitor.hear(Event::Noticed { text });
        vault.wait_until(wait, stop, &|| {
            open_sessions(vault).iter().all(|(id, last)| seen.get(id) != Some(last))
        })?;
    }
    for (session, seen_record) in seen {
        let known = vault.head().catalogue.sessions.get(&session).cloned();
        let Some(known) = known else { continue };
        let is_fenced = wait.is_some() && {
            match vault.append(&mut |_| Ok::<_, VaultError>(Request::Fence { session, seen_record })) {
                Ok(_) => true,
                Err(VaultError::Refused(Refusal::Lives { .. } | Refusal::NotOpen { .. })) => false,
                Err(error) => return Err(error),
            }
        };
        swept.sessions.push(SweptSession {
            session: session.to_string(),
            host: known.host,
            purpose: known.purpose,
            begun: known.host_time,
            fenced: is_fenced,
        });
    }
    Ok(())
}

fn open_sessions(vault: &Vault) -> BTreeMap<SessionId, u64> {
    let head = vault.head();
    let open = head.catalogue.sessions.iter().filter(|(_, known)| known.standing == SessionStanding::Open);
    open.map(|(id, known)| (*id, known.last_record)).collect()
}
