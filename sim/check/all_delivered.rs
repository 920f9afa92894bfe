//! All that is sent is delivered: once faults have stopped, letters within the healed core arrive in time.
//!
//! Says nothing about runs that never heal, and nothing about letters from or to members outside the core: a channel
//! may need its writer to come back.

use super::letters::{Known, Letter, Letters, Mailbag};
use super::online::{Observe, Online, Seen};
use super::waiting::{Heal, WITHIN};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, History};
use crate::id::NodeId;
use crate::time::{Duration, Time};

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
        let bag = Mailbag::from(history);
        let heal = bag.healed.and_then(|place| Heal::at(place, &history.entries()[place]));
        let until = history.entries().last().map_or(Time::ZERO, |last| last.at);
        settle(Terms { within: self.within, heal: heal.as_ref(), until }, bag.whole())
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

/// What was promised, since when and how far the history reaches.
#[derive(Clone, Copy)]
struct Terms<'a> {
    within: Duration,
    heal: Option<&'a Heal>,
    until: Time,
}

/// A letter that one member owes another.
#[derive(Clone, Copy)]
struct Owed {
    letter: Letter,
    to: NodeId,
    due: Time,
}

impl Observe for Mail {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        self.until = entry.at;
        self.heal = Heal::at(place, entry).or(self.heal.take());
        self.letters.observe(place, entry);
        None
    }

    fn conclude(self) -> Verdict {
        settle(Terms { within: self.within, heal: self.heal.as_ref(), until: self.until }, self.letters.known())
    }
}

fn settle(terms: Terms<'_>, known: Known<'_>) -> Verdict {
    let Some(heal) = terms.heal else { return Verdict::Holds { judged: 0 } };
    let (mut judged, mut open) = (0, None);
    for (letter, posted) in known.posted().filter(|(letter, _)| heal.core.contains(&letter.from)) {
        let due = posted.by.at.max(heal.by.at) + terms.within;
        for to in known.readers(posted).iter().copied().filter(|to| heal.core.contains(to)) {
            match known.first(to, letter).map(|receipt| receipt.by) {
                Some(by) if by.at <= due => judged += 1,
                None if terms.until < due => open = open.or(Some(Owed { letter, to, due })),
                late => {
                    let owed = Owed { letter, to, due };
                    return Verdict::Violated(refute(owed, known, heal, terms.within, late));
                }
            }
        }
    }
    match open {
        None => Verdict::Holds { judged },
        Some(Owed { letter, to, due }) => {
            Verdict::Unknown { limit: format!("the run ended before {due}, by when {letter} must reach {to}") }
        }
    }
}

#[cold]
fn refute(owed: Owed, known: Known<'_>, heal: &Heal, within: Duration, late: Option<Seen>) -> Witness {
    let Owed { letter, to, due } = owed;
    let (shape, end) = match late {
        Some(by) => ("a letter comes late", by.step(format_args!("takes {letter} at last"))),
        None => ("a letter never comes", Seen::missing(due, to, format_args!("has not got {letter}"))),
    };
    let how = if late.is_some() { "came only later" } else { "did not come" };
    let said = format!("{letter} had {within} to reach {to} after the heal and {how}.");
    let steps = known.sending(letter).into_iter().chain([heal.step(to), end]).collect();
    AllDelivered::PROPERTY.refuted(shape, steps, said)
}
