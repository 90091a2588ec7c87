//! Retention.

use super::{Guard, core, edit};

const PLAN: &str = "core/src/policy/plan.rs";

pub(super) const GUARDS: &[Guard] = &[
    Guard {
        rule: "the newest whole point stays, pinned points stay",
        without: "the plan has no reason to keep the newest whole point",
        edits: &[edit(
            PLAN,
            "newest.into_iter().map(|received| (received, Reason::NewestWhole)).collect();",
            "newest.into_iter().take(0).map(|received| (received, Reason::NewestWhole)).collect();",
        )],
        judges: &[core("policy::plan::tests::the_newest_whole_point_stays_under_any_rules")],
    },
    Guard {
        rule: "partial and damaged points count for no rule",
        without: "every point counts",
        edits: &[edit(
            PLAN,
            "points.iter().rev().filter(|point| point.state == PointState::Whole).collect();",
            "points.iter().rev().filter(|point| point.received < u64::MAX).collect();",
        )],
        judges: &[core("policy::plan::tests::failed_nights_push_no_whole_point_out_of_keep_last")],
    },
    Guard {
        rule: "a clock in doubt ends no wait",
        without: "every clock is believed",
        edits: &[edit(
            PLAN,
            "let doubt = Doubt::find(times, circumstances.now, &circumstances.trust);",
            "let doubt = Doubt::find(times.take(0), circumstances.now, &circumstances.trust);",
        )],
        judges: &[core("policy::plan::tests::a_wrong_present_expires_no_lock_and_no_span")],
    },
    Guard {
        rule: "order of receipt decides",
        without: "points are ordered by their time",
        edits: &[edit(
            PLAN,
            "ordered.sort_by_key(|point| point.received);",
            "ordered.sort_by_key(|point| point.time);",
        )],
        judges: &[core("policy::plan::tests::order_of_receipt_decides_and_not_the_time")],
    },
    Guard {
        rule: "a lock binds until its last moment",
        without: "it binds nothing",
        edits: &[edit(
            PLAN,
            "lock_ends.filter(|until| now < *until)",
            "lock_ends.filter(|until| now < *until && now > *until)",
        )],
        judges: &[core("policy::plan::tests::a_lock_holds_until_its_last_moment")],
    },
];
