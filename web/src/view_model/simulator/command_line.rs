//! Command line: what the program is told to do the same, where it can.

use vhault_core::lifecycle::{BackupPolicy, PolicyName, VaultCommand, VaultName, VmIdentity};
use vhault_core::policy::{DayChoice, Month, Retention, RunDays, WeekdaySet};
use vhault_core::sim::Command;

use super::policy::usual;

/// The same on the command line, a line a machine; `None` where the program
/// has nothing like it.
///
/// Words in capitals stand for what only a person or a real vault knows: `DISK.vhd`, `OUT.vhd`, and `POINT`, an id
/// that `vhault list` tells.
pub fn of(command: &Command) -> Option<String> {
    let Command::Vault { vault, command } = command else { return None };
    match command {
        VaultCommand::CreatePolicy { name, policy } | VaultCommand::UpdatePolicy { name, policy } => {
            policy_set(vault, name, policy)
        }
        VaultCommand::DeletePolicy { name } => {
            Some(format!("vhault policy delete {vault} {}", quoted(name.as_str())))
        }
        VaultCommand::Protect { items, policy } => {
            let lines: Vec<String> = items.iter().map(|item| protect(vault, item, policy)).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        VaultCommand::ChangePolicy { item, policy } | VaultCommand::ResumeProtection { item, policy } => {
            Some(protect(vault, item, policy))
        }
        VaultCommand::BackupNow { item, .. } => {
            Some(format!("vhault backup {vault} --vm {} DISK.vhd", name(item)))
        }
        VaultCommand::Cancel { job } => Some(format!("vhault cancel {vault} {job}")),
        VaultCommand::Restore(request) => {
            let point = match request.point {
                Some(_) => "POINT".to_owned(),
                None => format!("latest:{}", name(&request.item)),
            };
            Some(format!("vhault restore {vault} {point} --format fixed --out OUT.vhd"))
        }
        VaultCommand::StopProtection { item, retain: true } => {
            Some(format!("vhault stop {vault} --vm {} --retain-data", name(item)))
        }
        VaultCommand::StopProtection { item, .. } | VaultCommand::DeleteBackupData { item } => {
            Some(format!("vhault stop {vault} --vm {} --delete-data", name(item)))
        }
        VaultCommand::RunDiscovery
        | VaultCommand::Register { .. }
        | VaultCommand::Unregister { .. }
        | VaultCommand::SwitchProfile(_) => None,
    }
}

fn protect(vault: &VaultName, item: &VmIdentity, policy: &PolicyName) -> String {
    format!("vhault protect {vault} --vm {} --policy {} DISK.vhd", name(item), quoted(policy.as_str()))
}

/// A real vault knows machines by their names alone.
fn name(item: &VmIdentity) -> String {
    quoted(item.name.as_str())
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    if is_plain && !text.starts_with('-') {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn policy_set(vault: &VaultName, name: &PolicyName, policy: &BackupPolicy) -> Option<String> {
    let schedule = &policy.schedule;
    let [time] = schedule.times.as_slice() else { return None };
    let when = match &schedule.days {
        RunDays::Daily => format!("--daily {time}"),
        RunDays::Weekly(days) => format!("--weekly {}@{time}", day_names(days)),
    };
    let mut line = format!("vhault policy set {vault} {} {when}", quoted(name.as_str()));
    let (first, week_days) = usual(schedule);
    match &policy.retention {
        Retention::Days(days) => line.push_str(&format!(" --keep-daily {days}")),
        Retention::Ranges(ranges) => {
            // The program chooses these days itself; others it cannot be told.
            let month_days: Vec<&DayChoice> =
                [ranges.monthly.as_ref().map(|rule| &rule.on), ranges.yearly.as_ref().map(|rule| &rule.on)]
                    .into_iter()
                    .flatten()
                    .collect();
            let january = |months: &std::collections::BTreeSet<Month>| months.iter().eq([&Month::January]);
            let fits = month_days.iter().all(|days| **days == first)
                && ranges.weekly.as_ref().is_none_or(|rule| rule.on == week_days)
                && ranges.yearly.as_ref().is_none_or(|rule| january(&rule.months));
            if !fits {
                return None;
            }
            let counts = [
                ("daily", ranges.daily_days),
                ("weekly", ranges.weekly.as_ref().map(|rule| rule.weeks)),
                ("monthly", ranges.monthly.as_ref().map(|rule| rule.months)),
                ("yearly", ranges.yearly.as_ref().map(|rule| rule.years)),
            ];
            for (range, count) in counts.into_iter().filter_map(|(range, count)| Some((range, count?))) {
                line.push_str(&format!(" --keep-{range} {count}"));
            }
        }
    }
    let offset = String::from(schedule.offset);
    if offset != "+00:00" {
        line.push_str(&format!(" --utc-offset {offset}"));
    }
    if let Some(window) = policy.copy_window {
        line.push_str(&format!(" --copy-window {}m", window.milliseconds() / 60_000));
    }
    Some(line)
}

fn day_names(days: &WeekdaySet) -> String {
    let days = vhault_core::policy::Weekday::ALL.into_iter().filter(|day| days.contains(*day));
    days.map(|day| format!("{day:?}").to_lowercase()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::super::policy::Draft;
    use super::*;
    use vhault_core::advice::ProfileId;
    use vhault_core::policy::{DayOfMonth, Weekday};
    use vhault_core::sim::stage;

    fn set(draft: &Draft) -> Option<String> {
        let policy = draft.policy(ProfileId::Recovery2016).unwrap();
        let name = draft.policy_name().unwrap();
        of(&stage::ask(VaultCommand::CreatePolicy { name, policy: Box::new(policy) }))
    }

    #[test]
    fn a_policy_is_written_as_the_program_takes_it() {
        let draft = Draft { weekly: "12".to_owned(), window: "4".to_owned(), ..Draft::default() };
        assert_eq!(
            set(&draft).unwrap(),
            "vhault policy set vault nightly --daily 22:00 --keep-daily 30 --keep-weekly 12 --copy-window 240m"
        );
        let days = [Weekday::Saturday, Weekday::Sunday].into();
        let weekend = Draft {
            name: "the weekend".to_owned(),
            days,
            daily: String::new(),
            weekly: "8".to_owned(),
            offset: "+09:00".to_owned(),
            ..Draft::default()
        };
        assert_eq!(
            set(&weekend).unwrap(),
            "vhault policy set vault 'the weekend' --weekly saturday,sunday@22:00 --keep-weekly 8 --utc-offset +09:00"
        );
    }

    #[test]
    fn what_the_program_cannot_be_told_has_no_line() {
        let draft = Draft { monthly: "12".to_owned(), ..Draft::default() };
        assert!(set(&draft).is_some());
        let last = DayChoice::Dates([DayOfMonth::Last].into());
        assert_eq!(set(&Draft { chosen: Some((Some(last), None, None)), ..draft }), None);
        assert_eq!(of(&stage::ask(VaultCommand::RunDiscovery)), None);
        assert_eq!(of(&stage::wait(5)), None);
    }

    #[test]
    fn each_machine_has_a_line_of_its_own() {
        let lines = of(&stage::protect(&["shop/web", "shop/the db"])).unwrap();
        let expected = "vhault protect vault --vm web --policy night DISK.vhd\n\
                        vhault protect vault --vm 'the db' --policy night DISK.vhd";
        assert_eq!(lines, expected);
    }
}
