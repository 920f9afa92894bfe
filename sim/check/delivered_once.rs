//! No duplication: a receiver takes each letter once, and each place of its sequence is one letter's.
//!
//! Whoever crashed between a delivery and the report of it reports it again: the same letter at the same place is no
//! second delivery.

use super::letters::{Alone, Known, Letter, News, Reader, Receipt, Turn, judge_letters};
use super::online::{Online, Seen};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};

/// A receiver takes each letter at most once, at one place of one sequence without holes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveredOnce;

impl DeliveredOnce {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "delivered_once",
        about: "a receiver takes each letter at most once, in one sequence without holes",
        source: "Cachin, Guerraoui, Rodrigues 2011, module 2.3, PL2 (no duplication)",
        kind: PropertyKind::Safety,
    };
}

impl Check for DeliveredOnce {
    fn property(&self) -> Property {
        DeliveredOnce::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge_letters(Places::default(), history)
    }
}

impl Online for DeliveredOnce {
    type State = Alone<Places>;

    fn begin(&self) -> Alone<Places> {
        Alone::of(Places::default())
    }
}

/// How many letters were taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    judged: u64,
}

impl Reader for Places {
    #[inline]
    fn hear(&mut self, news: News, known: Known<'_>, place: usize, entry: &Entry) -> Option<Witness> {
        match news {
            News::Sent(..) => None,
            News::Taken(receipt) => self.take(receipt, known),
            News::Again => again(known, place, entry),
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Places {
    #[inline]
    fn take(&mut self, receipt: Receipt, known: Known<'_>) -> Option<Witness> {
        let Receipt { letter, position, by, .. } = receipt;
        self.judged += 1;
        let first = known.first(by.node, letter)?;
        if first.position != position {
            let contradiction = format!("{} took {letter} twice.", by.node);
            return refute("a letter taken twice", vec![first, receipt], contradiction);
        }
        // Places count from 1 and are told in their order.
        let before = position.checked_sub(1)?;
        if before > 0 && known.taken(by.node, before).is_none() {
            let contradiction = format!("Nothing was delivered to {} as {before}.", by.node);
            return refute("a place left out", vec![receipt], contradiction);
        }
        None
    }
}

/// A place that is told again has to be the same letter's.
fn again(known: Known<'_>, place: usize, entry: &Entry) -> Option<Witness> {
    let Event::Fact(Fact::Delivered { from, number, position }) = entry.event else { return None };
    let letter = Letter { from, number };
    let first = known.taken(entry.node, position).filter(|first| first.letter != letter)?;
    let second = Receipt { letter, position, turn: Turn::NotDue, by: Seen::of(place, entry) };
    let contradiction = format!("Two letters are delivery {position} to {}.", entry.node);
    refute("two letters at one place", vec![first, second], contradiction)
}

#[cold]
fn refute(shape: &str, receipts: Vec<Receipt>, contradiction: String) -> Option<Witness> {
    let step = |Receipt { letter, position, by, .. }: Receipt| by.step(format_args!("takes {letter} as {position}"));
    let steps = receipts.into_iter().map(step).collect();
    Some(DeliveredOnce::PROPERTY.refuted(shape, steps, contradiction))
}
