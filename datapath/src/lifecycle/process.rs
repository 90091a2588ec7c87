//! Which process does a job's work, and whether it still runs.
//!
//! A process is named by its number and the moment it started, as the kernel
//! counts it, so that a later process of the same number is another one.

use std::fs;

use vhault_core::catalogue::Hosted;

use crate::vault::session::host_name;

/// This process.
pub fn this_process() -> Hosted {
    let number = std::process::id();
    Hosted { host: host_name(), process: format!("{number}:{}", started(number).unwrap_or_default()) }
}

/// Whether the process surely runs no more: it was of this host, and it is gone.
pub(super) fn is_gone(hosted: &Hosted) -> bool {
    if hosted.host != host_name() {
        return false;
    }
    let Some((number, then)) = hosted.process.split_once(':') else { return false };
    let Ok(number) = number.parse::<u32>() else { return false };
    // Without a start time nothing can be told.
    !then.is_empty() && started(number).is_none_or(|now| now != then)
}

/// When a process started, in ticks since the host did; `None` when it is not there.
fn started(number: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The second field is the name in parentheses and may hold anything; the start is the 22nd.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_runs_and_one_that_started_at_another_time_does_not() {
        let this = this_process();
        assert!(!is_gone(&this));
        let earlier = Hosted { process: format!("{}:1", std::process::id()), ..this.clone() };
        assert!(is_gone(&earlier));
        assert!(!is_gone(&Hosted { host: "elsewhere".into(), ..earlier }));
    }
}
