//! Letting time pass until something happens.

use vhault_core::lifecycle::VaultEvent;
use vhault_core::sim::Event;
use vhault_core::time::{Instant, Span};

use super::present::{Simulator, Stop};

/// No search for what happens next goes further than this.
pub const AIM_DAYS_MAX: i64 = 400;

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Anything at all.
    Event,
    /// A job that begins.
    Job,
    /// Something that fails.
    Failure,
    /// A point that expires.
    Expiry,
}

impl Aim {
    /// All of them.
    pub const ALL: [Aim; 4] = [Aim::Event, Aim::Job, Aim::Failure, Aim::Expiry];

    /// Whether this is it.
    pub fn is_met_by(self, event: &Event) -> bool {
        let Event::Vault(_, event) = event else { return self == Aim::Event && *event != Event::TimePassed };
        match self {
            Aim::Event => true,
            Aim::Job => matches!(event, VaultEvent::JobCreated { .. } | VaultEvent::JobStarted { .. }),
            Aim::Failure => matches!(
                event,
                VaultEvent::JobFailed { .. }
                    | VaultEvent::DiscoveryFailed { .. }
                    | VaultEvent::RegistrationFailed { .. }
                    | VaultEvent::CancelFailed { .. }
            ),
            Aim::Expiry => matches!(event, VaultEvent::PointPruned { .. }),
        }
    }
}

/// How a search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pursuit {
    /// It happened: this is the place of its record in the history.
    Met(usize),
    /// The budget is used up; ask again.
    Working,
    /// Nothing such happens up to the limit, where time stands now.
    Never,
}

impl Simulator {
    /// Where a search that begins now ends at the latest.
    pub fn aim_limit(&self) -> Instant {
        let span = Span::from_milliseconds(AIM_DAYS_MAX * 86_400_000);
        self.now().checked_add(span).unwrap_or(self.now())
    }

    /// Lets time pass until `aim` is met, `limit` is reached or `more` says no.
    ///
    /// Without anything due and anything ahead, time stays where it is.
    ///
    /// # Errors
    ///
    /// A [`Stop`], as of [`Simulator::run_to`].
    pub fn pursue(
        &mut self,
        aim: Aim,
        limit: Instant,
        more: &mut dyn FnMut() -> bool,
    ) -> Result<Pursuit, Stop> {
        loop {
            let first = self.history().len();
            if !self.happen(limit)? {
                return Ok(Pursuit::Never);
            }
            let met = self.history()[first..].iter().position(|record| aim.is_met_by(&record.event));
            if let Some(place) = met {
                return Ok(Pursuit::Met(first + place));
            }
            if !more() {
                return Ok(Pursuit::Working);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::scenarios;

    fn begin(name: &str) -> Simulator {
        Simulator::begin(&scenarios::find(name).unwrap().scenario)
    }

    #[test]
    fn each_aim_is_met_by_its_own_event() {
        for (name, aim, word) in [
            ("first-day", Aim::Job, "JobCreated"),
            ("six-disks", Aim::Failure, "Failed"),
            ("retention", Aim::Expiry, "PointPruned"),
        ] {
            let mut simulator = begin(name);
            let limit = simulator.aim_limit();
            let Pursuit::Met(place) = simulator.pursue(aim, limit, &mut || true).unwrap() else {
                panic!("{name}: {aim:?} is not met");
            };
            let record = &simulator.history()[place];
            assert!(format!("{:?}", record.event).contains(word), "{name}: {record:?}");
            assert_eq!(simulator.now(), record.at);
        }
    }

    #[test]
    fn a_search_keeps_its_budget_and_goes_on_where_it_stopped() {
        let mut whole = begin("retention");
        let limit = whole.aim_limit();
        whole.pursue(Aim::Expiry, limit, &mut || true).unwrap();
        let mut sliced = begin("retention");
        let mut slices = 0;
        while sliced.pursue(Aim::Expiry, limit, &mut || false).unwrap() == Pursuit::Working {
            slices += 1;
        }
        assert!(slices > 100, "{slices}");
        assert_eq!(sliced.state_hash(), whole.state_hash());
    }

    #[test]
    fn what_never_happens_ends_the_search() {
        let mut simulator = begin("first-day");
        simulator.run_out(&mut || true).unwrap();
        let limit = simulator.now().checked_add(Span::from_milliseconds(86_400_000)).unwrap();
        assert_eq!(simulator.pursue(Aim::Failure, limit, &mut || true), Ok(Pursuit::Never));
    }
}
