//! Audit: what was asked, by whom, and what became of it; and the alerts.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{AlertKind, Trigger, VaultEvent};
use vhault_core::sim::{Command, Event, moment};
use vhault_core::time::Instant;

use super::happening::{of_kind, of_refusal};
use super::{command_line, deed};
use crate::simulator::{Simulator, deeds};
use crate::text::{Both, Lang};
use crate::view_model::tone::Tone;

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person.
    Person,
    /// The schedule.
    Schedule,
}

/// How many lines are told.
pub const LINES_MAX: usize = 300;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: String,
    /// Who.
    pub caller: Caller,
    /// What.
    pub words: Both,
    /// Why not; none where it was carried out.
    pub refused: Option<Both>,
    /// The same on the command line, where it exists.
    pub command_line: Option<String>,
}

/// What the log is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Words that occur.
    pub words: String,
    /// Only what was refused.
    pub refused_only: bool,
    /// Only what this caller asked.
    pub caller: Option<Caller>,
}

impl Narrow {
    fn lets(&self, line: &Line) -> bool {
        let words = self.words.trim().to_lowercase();
        let text = |lang| {
            let why = line.refused.as_ref().map_or("", |why| why.get(lang));
            format!("{} {} {why}", line.at, line.words.get(lang)).to_lowercase()
        };
        (words.is_empty() || Lang::ALL.into_iter().any(|lang| text(lang).contains(&words)))
            && (!self.refused_only || line.refused.is_some())
            && self.caller.is_none_or(|caller| caller == line.caller)
    }
}

/// The log, newest first, as far as `narrow` lets it through; and how many lines there are in all.
pub fn lines(simulator: &Simulator, narrow: &Narrow) -> (Vec<Line>, usize) {
    let log = simulator.log();
    let person = |command: &Command, refused: Option<Both>, at: Instant| {
        let line = Line {
            at: moment(at),
            caller: Caller::Person,
            words: deed::words(command),
            refused,
            command_line: command_line::of(command),
        };
        (at, line)
    };
    let done = deeds(simulator.genesis().start, &log).map(|(at, command)| person(command, None, at));
    let answers = simulator.answers().iter();
    let refused = answers.map(|answer| person(&answer.command, Some(of_refusal(&answer.refusal)), answer.at));
    let scheduled = simulator.history().iter().filter_map(|record| {
        let Event::Vault(vault, VaultEvent::JobCreated { job, kind, trigger: Trigger::Scheduled, item, .. }) =
            &record.event
        else {
            return None;
        };
        let kind = of_kind(*kind);
        let words =
            Both::new(format!("Job {job}: {} {item}", kind.en), format!("작업 {job}: {} {item}", kind.ko));
        let line = Line {
            at: moment(record.at),
            caller: Caller::Schedule,
            words,
            refused: None,
            command_line: Some(format!("vhault run {vault} --due")),
        };
        Some((record.at, line))
    });
    let mut all: Vec<(Instant, Line)> = done.chain(refused).chain(scheduled).collect();
    let count = all.len();
    all.sort_by_key(|(at, _)| *at);
    let newest = all.into_iter().rev().map(|(_, line)| line);
    (newest.filter(|line| narrow.lets(line)).take(LINES_MAX).collect(), count)
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// When.
    pub at: String,
    /// What it means.
    pub tone: Tone,
    /// About which machine.
    pub item: String,
    /// About what.
    pub words: Both,
    /// The entry that says more.
    pub id: Option<AdviceId>,
}

/// The alerts of all vaults, newest first.
pub fn alerts(simulator: &Simulator) -> Vec<Alert> {
    let vaults = simulator.world().vaults.values();
    let mut all: Vec<_> = vaults.flat_map(|vault| &vault.catalogue.alerts).collect();
    all.sort_by_key(|alert| std::cmp::Reverse(alert.at));
    let one = |alert: &vhault_core::lifecycle::Alert| {
        let (words, tone) = of_alert(alert.kind);
        Alert { at: moment(alert.at), tone, item: alert.item.to_string(), words, id: alert.id }
    };
    all.into_iter().take(LINES_MAX).map(one).collect()
}

fn of_alert(kind: AlertKind) -> (Both, Tone) {
    let (en, ko, tone) = match kind {
        AlertKind::BackupFailed => ("a backup failed", "백업 실패", Tone::Bad),
        AlertKind::RestoreFailed => ("a restore failed", "복원 실패", Tone::Bad),
        AlertKind::DataDeleted => ("backup data was deleted", "백업 데이터 삭제됨", Tone::Warn),
    };
    (Both::new(en, ko), tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::{VmChange, scenarios, stage};

    #[test]
    fn the_log_has_every_deed_every_refusal_and_every_scheduled_job() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        let (before, count) = lines(&simulator, &Narrow::default());
        let deeds = deeds(simulator.genesis().start, &simulator.log()).count();
        let of = |caller| before.iter().filter(|line| line.caller == caller).count();
        assert_eq!((of(Caller::Person), of(Caller::Schedule), count), (deeds, 2, deeds + 2));
        assert!(before.windows(2).all(|pair| pair[0].at >= pair[1].at));
        simulator.submit(stage::backup_now("shop/web")).unwrap_err();
        let refused = Narrow { refused_only: true, ..Narrow::default() };
        let (lines, count) = lines(&simulator, &refused);
        assert_eq!((lines.len(), count), (1, deeds + 3));
        assert!(lines[0].refused.as_ref().unwrap().en.contains("PROT-09"));
        let words = Narrow { words: "PROT-09".to_owned(), ..Narrow::default() };
        assert_eq!(super::lines(&simulator, &words).0, lines);
        let schedule = Narrow { caller: Some(Caller::Schedule), ..Narrow::default() };
        assert_eq!(super::lines(&simulator, &schedule).0.len(), 2);
    }

    #[test]
    fn a_failed_night_is_an_alert() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        assert!(alerts(&simulator).is_empty());
        simulator.submit(stage::change("shop/web", VmChange::RemoveAgent)).unwrap();
        let night = simulator.now().checked_add(vhault_core::time::Span::from_milliseconds(86_400_000));
        simulator.run_to(night.unwrap(), &mut || true).unwrap();
        let alert = alerts(&simulator).remove(0);
        assert_eq!(
            (alert.item.as_str(), alert.tone, alert.id),
            ("shop/web", Tone::Bad, Some(AdviceId::Bkp07))
        );
    }
}
