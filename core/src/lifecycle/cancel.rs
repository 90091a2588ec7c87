//! Whether a job can be cancelled: a total function with one answer (I-16).

use super::job::{Job, JobStatus, Phase};
use super::platform::{FaultPoint, Platform};
use super::profile::Profile;
use super::refusal::Refusal;
use crate::advice::AdviceId;
use crate::time::Instant;

/// Whether `job` may be cancelled at `now`.
///
/// # Errors
///
/// CANCEL-05, 01, 03, 02 or 04, in this order of checks.
pub(super) fn check(
    profile: &Profile,
    platform: &dyn Platform,
    job: &Job,
    now: Instant,
) -> Result<(), Refusal> {
    if !profile.cancel_supported {
        return Err(Refusal::plain(AdviceId::Cancel05));
    }
    if !profile.cancellable.contains(&job.kind) {
        return Err(Refusal::plain(AdviceId::Cancel01));
    }
    match job.status {
        JobStatus::Queued | JobStatus::Cancelling => {
            Err(Refusal::plain(AdviceId::Cancel03).until(now.checked_add(profile.cancel_retry)))
        }
        status if status.is_terminal() => Err(Refusal::plain(AdviceId::Cancel03)),
        _ if !in_window(job) => Err(Refusal::plain(AdviceId::Cancel02).until(Some(job.phase_ends))),
        _ if platform.fault(FaultPoint::Cancel) => Err(Refusal::plain(AdviceId::Cancel04)),
        _ => Ok(()),
    }
}

/// Whether the job has not come to the step that makes it final.
pub(super) fn in_window(job: &Job) -> bool {
    !matches!(job.phase, Some(Phase::Commit | Phase::CreateVm))
}
