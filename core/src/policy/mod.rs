//! Policy: when the next backup is due, and which recovery points stay.
//!
//! | file | noun |
//! | --- | --- |
//! | `calendar` | dates |
//! | `week` | weekdays and months |
//! | `clock` | local times at a fixed offset from UTC |
//! | `schedule` | when runs are due |
//! | `retention` | spans after which a point may go, and the tags they give |
//! | `keep` | keep rules by count, for vaults without a fixed schedule |
//! | `candidate` | a recovery point as retention sees it |
//! | `plan` | points in, plan out: a reason for every point that stays |
//! | `trust` | which points carry a time that can be believed |
//! | `projection` | what a policy keeps over the years |
//! | `stagger` | start times for virtual machines that crowd each other |
//!
//! Everything here is a value: nothing is deleted, no clock is read.

mod calendar;
mod candidate;
mod clock;
mod keep;
mod plan;
mod projection;
mod retention;
mod schedule;
mod stagger;
mod trust;
mod week;

pub(crate) use calendar::DAY_MILLISECONDS;
pub use calendar::{CalendarError, Date};
pub use candidate::{Candidate, PointState};
pub use clock::{FixedOffset, LocalTime};
pub use keep::KeepRules;
pub use plan::{Circumstances, Decision, Reason, RetentionPlan, plan};
pub use projection::{Projection, ProjectionStep, project};
pub use retention::{
    DayChoice, DayOfMonth, LongTerm, Monthly, Retention, RetentionFault, RetentionLimits, Tag, WeekOfMonth,
    Weekly, Yearly,
};
pub use schedule::{RunDays, Schedule, ScheduleFault};
pub use stagger::{CrowdTooLarge, Slot, stagger};
pub use trust::{ClockTrust, Doubt};
pub use week::{Month, Weekday, WeekdaySet};
