//! All that is sent is delivered: once faults have stopped, letters within the healed core arrive in time.
//!
//! Says nothing about runs that never heal, and nothing about letters from or to members outside the core: a channel
//! may need its writer to come back.

use super::letters::{Letter, Letters, Posted};
use super::online::{Observe, Online, Seen, judge};
use super::waiting::{Heal, WITHIN};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, Environment, Event, History};
use crate::id::NodeId;
use crate::time::{Duration, Time};
use std::collections::BTreeMap;

/// After the heal every member of the core gets every letter to it that a member of the core ever sent.
///
/// - A letter is due `within` after the heal or its sending, whichever is later.
/// - Letters sent before the heal count: a channel keeps what it has accepted.
/// - If the history ends before the bound has passed, the verdict is [`Verdict::Unknown`].
#[derive(Clone, Copy, Debug)]
pub struct AllDelivered {
    /// The bound.
    pub within: Duration,
}

impl Default for AllDelivered {
    fn default() -> AllDelivered {
        AllDelivered::DEFAULT
    }
}

impl AllDelivered {
    /// With a bound of sixty seconds, as for decisions: far beyond the longest pause before a repetition.
    pub const DEFAULT: AllDelivered = AllDelivered { within: WITHIN };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "all_delivered",
        about: "after the heal every letter within the core arrives, in bounded time",
        source: "Cachin, Guerraoui, Rodrigues 2011, module 2.3, PL1 (reliable delivery)",
        kind: PropertyKind::Liveness,
    };
}

impl Check for AllDelivered {
    fn property(&self) -> Property {
        AllDelivered::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for AllDelivered {
    type State = Mail;

    fn begin(&self) -> Mail {
        Mail { within: self.within, letters: Letters::default(), heal: None, until: Time::ZERO }
    }
}

/// What was sent and delivered, and since when it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    within: Duration,
    letters: Letters,
    heal: Option<Heal>,
    until: Time,
}

/// A letter that one member owes another.
#[derive(Clone, Copy)]
struct Owed<'a> {
    letter: Letter,
    posted: &'a Posted,
    to: NodeId,
    due: Time,
}

impl Observe for Mail {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        self.until = entry.at;
        if let Event::Environment(Environment::Healed { core }) = &entry.event {
            self.heal = Some(Heal { by: Seen::of(place, entry), core: core.clone() });
        }
        self.letters.observe(place, entry);
        None
    }

    fn conclude(self) -> Verdict {
        let Some(heal) = &self.heal else { return Verdict::Holds { judged: 0 } };
        let arrived: BTreeMap<NodeId, BTreeMap<Letter, Seen>> =
            heal.core.iter().map(|node| (*node, self.arrived(*node))).collect();
        let (mut judged, mut open) = (0, None);
        for owed in self.owed(heal) {
            match arrived[&owed.to].get(&owed.letter) {
                Some(by) if by.at <= owed.due => judged += 1,
                None if self.until < owed.due => open = open.or(Some(owed)),
                late => return Verdict::Violated(refute(owed, heal, self.within, late.copied())),
            }
        }
        match open {
            None => Verdict::Holds { judged },
            Some(Owed { letter, to, due, .. }) => {
                Verdict::Unknown { limit: format!("the run ended before {due}, by when {letter} must reach {to}") }
            }
        }
    }
}

impl Mail {
    fn arrived(&self, node: NodeId) -> BTreeMap<Letter, Seen> {
        self.letters.receipts(node).map(|receipt| (receipt.letter, receipt.by)).collect()
    }

    fn owed<'a>(&'a self, heal: &'a Heal) -> impl Iterator<Item = Owed<'a>> {
        let within = self.letters.posted().filter(|(letter, _)| heal.core.contains(&letter.from));
        within.flat_map(move |(letter, posted)| {
            let due = posted.by.at.max(heal.by.at) + self.within;
            let readers = posted.to.iter().copied().filter(|to| heal.core.contains(to));
            readers.map(move |to| Owed { letter, posted, to, due })
        })
    }
}

#[cold]
fn refute(owed: Owed<'_>, heal: &Heal, within: Duration, late: Option<Seen>) -> Witness {
    let Owed { letter, posted, to, due } = owed;
    let sent = posted.by.step(format_args!("sends its letter {} to {:?}", letter.number, posted.to));
    let (shape, end) = match late {
        Some(by) => ("a letter comes late", by.step(format_args!("takes {letter} at last"))),
        None => ("a letter never comes", Seen::missing(due, to, format_args!("has not got {letter}"))),
    };
    let how = if late.is_some() { "came only later" } else { "did not come" };
    let said = format!("{letter} had {within} to reach {to} after the heal and {how}.");
    AllDelivered::PROPERTY.refuted(shape, vec![sent, heal.step(to), end], said)
}
