//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.
//!
//! The rest of the protocol asks what it does, never which bug is planted, so that the correct reading stays the plain
//! one.

use super::{Config, Write};
use crate::fact::Stamp;
use crate::id::NodeId;
use crate::protocol::store::{Clock, Vector, Winner};
use crate::time::Time;

bugs! {
    1 = OmitsDependency, "One dependency is left out of what an update says (C01).";
    2 = TakesAtOnce, "Updates are taken in without waiting for what they depend on (C02).";
    3 = SkipsGaps, "A later update of an origin is taken in before an earlier one, which then counts as seen (C04).";
    4 = IgnoresTokens, "A session that moves is served whatever it has seen (C06; Jepsen MongoDB 3.6.4).";
    5 = StampsByWallClock, "The last writer is found by the wall clock alone (C07; Jepsen Cassandra).";
    6 = CollectsTooSoon, "Tombstones are collected before all replicas saw them (C08).";
    7 = LastToComeWins, "Of two concurrent writes the one that comes last stays: the merge is not commutative (C09).";
    8 = TakesCallsTwice, "A call that comes twice takes effect twice (C11, T01).";
    9 = AnswersBeforeDurable, "The own updates are acknowledged and told without being written to disk (R17).";
    10 = DropsLogTooSoon, "The log is dropped once a majority has seen it: who lacks it never hears of it again.";
    11 = WatchesHoldWorkers, "A watch holds the only worker until it is answered, whoever has long given it up.";
    12 = AnswersNoSummary, "What another replica lacks is not sent to it: what was lost once is lost for good.";
    13 = IgnoresDiskErrors, "A replica whose disk fails goes on with what is in its memory.";
    14 = HearsNoStamps, "A clock does not go on from the stamps that its replica hears of.";
    15 = DropsLateEntries, "An entry that comes after a later one of its thread counts as seen and is shown nowhere.";
}

impl Config {
    pub(super) fn takes_without_gaps(&self) -> bool {
        unless_planted!(self, SkipsGaps)
    }

    pub(super) fn waits_for_needs(&self) -> bool {
        unless_planted!(self, TakesAtOnce)
    }

    pub(super) fn heeds_tokens(&self) -> bool {
        unless_planted!(self, IgnoresTokens)
    }

    pub(super) fn keeps_tombstones(&self) -> bool {
        unless_planted!(self, CollectsTooSoon)
    }

    pub(super) fn counts_calls(&self) -> bool {
        unless_planted!(self, TakesCallsTwice)
    }

    pub(super) fn waits_for_all(&self) -> bool {
        unless_planted!(self, DropsLogTooSoon)
    }

    pub(super) fn watches_hold_nobody_up(&self) -> bool {
        unless_planted!(self, WatchesHoldWorkers)
    }

    pub(super) fn makes_up(&self) -> bool {
        unless_planted!(self, AnswersNoSummary)
    }

    pub(super) fn heeds_disk_errors(&self) -> bool {
        unless_planted!(self, IgnoresDiskErrors)
    }

    pub(super) fn winner(&self) -> Winner {
        match (unless_planted!(self, LastToComeWins), unless_planted!(self, DropsLateEntries)) {
            (true, true) => Winner::LaterStamp,
            (true, false) => Winner::NoLateEntry,
            (false, _) => Winner::LastToCome,
        }
    }

    pub(super) fn hears_stamps(&self) -> bool {
        unless_planted!(self, HearsNoStamps)
    }

    /// What an update says that it needs.
    pub(super) fn told(&self, needs: Vector) -> Vector {
        if unless_planted!(self, OmitsDependency) { needs } else { needs.without_first() }
    }

    /// Whether a write goes to the disk at all.
    pub(super) fn persists(&self, write: &Write, me: NodeId) -> bool {
        unless_planted!(self, AnswersBeforeDurable)
            || !matches!(write, Write::Took { update, .. } if update.dot.origin == me)
    }

    pub(super) fn stamp(&self, clock: &mut Clock, now: Time, me: NodeId) -> Stamp {
        let stamp = clock.stamp(now, me);
        if unless_planted!(self, StampsByWallClock) { stamp } else { Stamp { time: now, ..stamp } }
    }
}
