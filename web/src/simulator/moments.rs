//! When each command of a log was given.

use vhault_core::sim::Command;
use vhault_core::time::{Instant, Span};

/// Each command with the moment it was given at; a wait with the moment it ended at.
///
/// A wait past the last number a moment has stays where it is; the simulation
/// refuses it.
pub fn moments<'a>(
    start: Instant,
    log: impl IntoIterator<Item = &'a Command>,
) -> impl Iterator<Item = (Instant, &'a Command)> {
    log.into_iter().scan(start, |clock, command| {
        match command {
            Command::AdvanceTo(to) => *clock = *to,
            Command::Wait { minutes } => {
                let span = Span::from_milliseconds(i64::from(*minutes) * 60_000);
                *clock = clock.checked_add(span).unwrap_or(*clock);
            }
            _ => {}
        }
        Some((*clock, command))
    })
}

/// Whether a command only lets time pass.
pub(super) fn is_time(command: &Command) -> bool {
    matches!(command, Command::AdvanceTo(_) | Command::Wait { .. })
}

/// What a person did, in order, with when: the log without the passing of time.
pub fn deeds(start: Instant, log: &[Command]) -> impl Iterator<Item = (Instant, &Command)> {
    moments(start, log).filter(|(_, command)| !is_time(command))
}

/// The same log with neighbouring waits made one, each up to a moment.
///
/// A long wait and many short ones give the same events, so this log leads to
/// the same state.
pub fn compact(start: Instant, log: &[Command]) -> Vec<Command> {
    let mut whole: Vec<Command> = Vec::new();
    for (at, command) in moments(start, log) {
        match (whole.last_mut(), is_time(command)) {
            (Some(Command::AdvanceTo(last)), true) => *last = at,
            (_, true) => whole.push(Command::AdvanceTo(at)),
            (_, false) => whole.push(command.clone()),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_waits_become_one_and_deeds_stay() {
        let at = Instant::from_unix_milliseconds;
        let quota = Command::SetGroupQuota(3);
        let log = [
            Command::Wait { minutes: 1 },
            Command::AdvanceTo(at(90_000)),
            quota.clone(),
            quota.clone(),
            Command::Wait { minutes: 2 },
        ];
        let whole = compact(at(0), &log);
        let expected =
            [Command::AdvanceTo(at(90_000)), quota.clone(), quota.clone(), Command::AdvanceTo(at(210_000))];
        assert_eq!(whole, expected);
        let given: Vec<Instant> = deeds(at(0), &log).map(|(at, _)| at).collect();
        assert_eq!(given, [at(90_000), at(90_000)]);
    }
}
