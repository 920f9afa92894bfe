//! The rule of locks: who locked on a value votes for no other, nor proposes another than the valid one it knows,
//! without proof of a later round. Reads what members report and which of them were turned by faults.

use super::dense::{Dense, key_of};
use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{Decision, Fact, Phase};
use crate::history::{Entry, Environment, Event, History};
use std::collections::{BTreeMap, BTreeSet};

/// A correct member that locked on a value prevotes another only after a certificate of prevotes for it of no earlier
/// round; and having seen a value become valid, it proposes the latest such value. Restarts change nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct LockedValue;

impl LockedValue {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "locked_value",
        about: "a correct member neither votes against its lock nor proposes past what it knows to be valid",
        source: "Buchman, Kwon, Milosevic: The latest gossip on BFT consensus (2018), algorithm 1, lines 15-16, 22-33",
        kind: PropertyKind::Safety,
    };
}

impl Check for LockedValue {
    fn property(&self) -> Property {
        LockedValue::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for LockedValue {
    type State = Locks;

    fn begin(&self) -> Locks {
        Locks::default()
    }
}

/// Each member's locks, by height.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locks {
    members: Dense<Member>,
    judged: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Member {
    turned: Turned,
    /// The height of the round it entered last: what it proposes is for that one.
    height: u64,
    heights: BTreeMap<u64, Held>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turned {
    #[default]
    Never,
    Already,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Held {
    lock: Option<Bound>,
    valid: Option<Bound>,
    /// The rounds of all prevote certificates it reported, by what they are for.
    shown: BTreeMap<Decision, BTreeSet<u64>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    round: u64,
    decision: Decision,
    by: Seen,
}

decisive!(Locks { members });
decisive!(Member { turned, height, heights });
decisive!(Held { lock, valid, shown });
decisive!(Bound { round, decision });
crate::digestible! { enum Turned { 1 = Never, 2 = Already } }

impl Observe for Locks {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let member = self.members.slot(key_of(entry.node));
        let fact = match &entry.event {
            Event::Environment(Environment::Suborned) => {
                member.turned = Turned::Already;
                return None;
            }
            Event::Fact(fact) if member.turned == Turned::Never => fact,
            _ => return None,
        };
        let by = Seen::of(place, entry);
        match fact {
            Fact::Entered { height, .. } => member.height = *height,
            Fact::Locked { height, round, decision } => {
                self.judged += 1;
                let bound = Bound { round: *round, decision: decision.clone(), by };
                member.heights.entry(*height).or_default().lock = Some(bound);
            }
            Fact::Certified { height, round, phase: Phase::Prevote, decision, .. } => {
                let held = member.heights.entry(*height).or_default();
                held.shown.entry(decision.clone()).or_default().insert(*round);
            }
            Fact::Cast { height, round, phase: Phase::Prevote, choice: Some(decision) } => {
                let held = member.heights.entry(*height).or_default();
                let lock = held.lock.as_ref()?;
                let proof = |from: &BTreeSet<u64>| from.range(lock.round..*round).next().is_some();
                let proven = || held.shown.get(decision).is_some_and(proof);
                // Only of a later round is there anything to prove.
                if *round > lock.round && *decision != lock.decision && !proven() {
                    return Some(refute("a vote against a lock", lock, by.step(fact)));
                }
            }
            Fact::Cast { height, round, phase: Phase::Precommit, choice: Some(decision) } => {
                let bound = Bound { round: *round, decision: decision.clone(), by };
                member.heights.entry(*height).or_default().valid = Some(bound);
            }
            Fact::Proposed { slot, value } => {
                let held = member.heights.get(&member.height)?;
                let valid = held.valid.as_ref()?;
                let proposed = Decision { slot: *slot, value: value.clone() };
                // A later certificate may have made something else valid.
                let newer = held.shown.get(&proposed).is_some_and(|rounds| rounds.last() > Some(&valid.round));
                if proposed != valid.decision && !newer {
                    return Some(refute("a proposal past a valid value", valid, by.step(fact)));
                }
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(shape: &str, bound: &Bound, broken: super::Step) -> Witness {
    let said = format!("{} was bound to {} since round {}.", bound.by.node, bound.decision, bound.round);
    let bound = bound.by.step(format_args!("locks on {} in round {}", bound.decision, bound.round));
    LockedValue::PROPERTY.refuted(shape, vec![bound, broken], said)
}
