//! Clock validity: stamps of a hybrid logical clock grow along causality and invent no time.
//!
//! Kulkarni, Demirbas, Madappa, Avva and Leone, *Logical physical clocks*, OPODIS 2014, section 3. Judged are the
//! clock's promises, not the algorithm: a stamp is greater than its node's last one and than the one just received
//! (theorem 1); its time is not behind the physical clock (theorem 2) and is one that the node's clock, its last stamp
//! or the received one had (corollary 1: it is some clock's); and nobody receives a stamp that was never given. A
//! process that starts again may tell its node's last stamp once more: a crash may have come before the first telling.

use super::dense::{Dense, key_of};
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use crate::fact::{Fact, Stamp};
use crate::history::{Entry, Event, History};
use crate::id::ProcessId;
use crate::time::Time;

/// Stamps of one node grow for ever, beyond every stamp received, and their times are clocks' times.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClockValidity;

impl ClockValidity {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "clock_validity",
        about: "hybrid clocks' stamps grow along causality and invent no time",
        source: "Kulkarni et al. 2014 (Logical Physical Clocks), section 3, theorems 1 and 2",
        kind: PropertyKind::Safety,
    };
}

impl Check for ClockValidity {
    fn property(&self) -> Property {
        ClockValidity::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ClockValidity {
    type State = Clocks;

    fn begin(&self) -> Clocks {
        Clocks::default()
    }
}

/// The stamps given so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// By node: its stamps, which grow.
    given: Dense<Vec<Given>>,
    judged: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Given {
    stamp: Stamp,
    by: Seen,
    /// In which life of its node.
    process: ProcessId,
}

impl Given {
    fn step(self) -> Step {
        self.by.step(format_args!("stamps {}", self.stamp))
    }
}

impl Observe for Clocks {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(Fact::Stamped { stamp, clock, heard }) = entry.event else { return None };
        self.judged += 1;
        let now = Given { stamp, by: Seen::of(place, entry), process: entry.process };
        let last = self.given.get(key_of(entry.node)).and_then(|given| given.last()).copied();
        if last.is_some_and(|last| last.stamp == stamp && last.process != now.process) {
            // Told again after a restart; twice in one life is no repetition.
            if let Some(last) = self.given.slot(key_of(entry.node)).last_mut() {
                *last = now;
            }
            return None;
        }
        if let Some(witness) = self.wrong(now, clock, heard, last) {
            return Some(witness);
        }
        self.given.slot(key_of(entry.node)).push(now);
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Clocks {
    fn find(&self, stamp: Stamp) -> Option<Given> {
        let given = self.given.get(key_of(stamp.node))?;
        let place = given.binary_search_by_key(&stamp, |given| given.stamp).ok()?;
        Some(given[place])
    }

    fn wrong(&self, now: Given, clock: Time, heard: Option<Stamp>, last: Option<Given>) -> Option<Witness> {
        let refuted = |shape, before: Option<Given>, contradiction: String| {
            let steps = before.into_iter().chain([now]).map(Given::step).collect();
            Some(ClockValidity::PROPERTY.refuted(shape, steps, contradiction))
        };
        let (stamp, node) = (now.stamp, now.by.node);
        let known = heard.map(|stamp| (stamp, self.find(stamp)));
        if stamp.node != node {
            return refuted("a stamp under another's name", None, format!("{stamp} is not {node}'s to give."));
        }
        if let Some(last) = last.filter(|last| last.stamp >= stamp) {
            let said = format!("{stamp} is not after {}, {node}'s stamp before it.", last.stamp);
            return refuted("a clock that stands or runs back", Some(last), said);
        }
        if let Some((heard, None)) = known {
            return refuted("a stamp from nowhere", None, format!("{node} heard {heard}, which nobody had given."));
        }
        if let Some((heard, given)) = known.filter(|(heard, _)| *heard >= stamp) {
            let said = format!("{stamp} is not after {heard}, which {node} had just heard.");
            return refuted("a receipt before its cause", given, said);
        }
        if stamp.time < clock {
            return refuted("a stamp behind its clock", None, format!("{node}'s clock showed {clock} already."));
        }
        let times = [Some(clock), last.map(|last| last.stamp.time), heard.map(|heard| heard.time)];
        if !times.contains(&Some(stamp.time)) {
            let said = format!("No clock that {node} knew of showed {}.", stamp.time);
            return refuted("an invented time", None, said);
        }
        None
    }
}
