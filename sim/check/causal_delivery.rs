//! Causal order: a receiver takes a letter only after every letter to it that its sender had sent or taken before.
//!
//! Schiper, Eggli and Sandoz, *A new algorithm to implement causal ordering*, WDAG 1989, for letters to one, to some
//! and to all; Birman, Schiper and Stephenson, TOCS 9(3), 1991, section 5, for letters to all. Each letter has a past:
//! how many letters of each sender come before it. A letter must not be taken while an older one of its past, sent to
//! the same receiver, is still to come. O(k) for each letter, k being the senders. FIFO order is part of it.

use super::dense::{Dense, key_of};
use super::letters::{Letter, Letters, News, Receipt};
use super::online::{Observe, Online, judge};
use super::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use crate::history::{Entry, History};
use crate::id::NodeId;
use std::collections::{BTreeMap, VecDeque};

/// If one letter comes causally before another, whoever gets both takes it before the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct CausalDelivery;

impl CausalDelivery {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "causal_delivery",
        about: "a receiver takes a letter only after all letters to it that its sender knew of",
        source: "Schiper, Eggli, Sandoz 1989; Birman, Schiper, Stephenson 1991, section 5",
        kind: PropertyKind::Safety,
    };
}

impl Check for CausalDelivery {
    fn property(&self) -> Property {
        CausalDelivery::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for CausalDelivery {
    type State = Pasts;

    fn begin(&self) -> Pasts {
        Pasts::default()
    }
}

/// Of each sender: the greatest number known.
type Past = BTreeMap<NodeId, u64>;

/// A letter was taken by whoever then sent the next.
#[derive(Clone, Copy)]
struct Hop {
    taken: Receipt,
    next: Letter,
}

/// What everybody knows of, and what is still to come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pasts {
    letters: Letters,
    /// By participant: the letters in its past.
    known: Dense<Past>,
    /// By sender, then by number: the letter's past, itself left out.
    pasts: Dense<Dense<Past>>,
    /// By receiver: what it has to take from each sender, in order.
    due: Dense<BTreeMap<NodeId, VecDeque<u64>>>,
    judged: u64,
}

impl Observe for Pasts {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match self.letters.observe(place, entry) {
            News::Sent(letter) => {
                self.send(letter);
                None
            }
            News::Taken(receipt) => self.take(receipt),
            News::Nothing => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Pasts {
    fn send(&mut self, letter: Letter) {
        let known = self.known.slot(key_of(letter.from));
        self.pasts.slot(key_of(letter.from)).get_or(letter.number, || known.clone());
        raise(known, letter);
        for to in self.letters.sent(letter).into_iter().flat_map(|posted| &posted.to) {
            let due = self.due.slot(key_of(*to)).entry(letter.from).or_default();
            let at = due.partition_point(|number| *number < letter.number);
            due.insert(at, letter.number);
        }
    }

    fn take(&mut self, receipt: Receipt) -> Option<Witness> {
        let Receipt { letter, by, .. } = receipt;
        let past = self.pasts.get(key_of(letter.from))?.get(letter.number)?.clone();
        let due = self.due.slot(key_of(by.node));
        let own = due.get_mut(&letter.from)?;
        // What is not due was never sent to it or is taken again: other properties' business.
        let at = own.binary_search(&letter.number).ok()?;
        self.judged += 1;
        own.remove(at);
        let missing = past.iter().find_map(|(from, last)| {
            let number = *due.get(from)?.front()?;
            (number <= *last).then_some(Letter { from: *from, number })
        });
        if let Some(missing) = missing {
            return Some(self.refute(missing, receipt));
        }
        let known = self.known.slot(key_of(by.node));
        past.into_iter().for_each(|(from, number)| raise(known, Letter { from, number }));
        raise(known, letter);
        None
    }

    #[cold]
    fn refute(&self, missing: Letter, receipt: Receipt) -> Witness {
        let Receipt { letter, position, by } = receipt;
        let mut steps: Vec<Step> = self.sent(missing).into_iter().collect();
        steps.extend(self.way(missing, letter));
        steps.extend(self.sent(letter));
        steps.push(by.step(format_args!("takes {letter} as delivery {position}")));
        let shape = if missing.from == letter.from { "a letter overtaken" } else { "an answer before its cause" };
        let contradiction =
            format!("{missing} comes before {letter} and was for {} too, which has not taken it.", by.node);
        CausalDelivery::PROPERTY.refuted(shape, steps, contradiction)
    }

    fn sent(&self, letter: Letter) -> Option<Step> {
        let posted = self.letters.sent(letter)?;
        Some(posted.by.step(format_args!("sends its letter {} to {:?}", letter.number, posted.to)))
    }

    /// How whoever sent the later letter came to know of the earlier one: the fewest letters that carried it on.
    fn way(&self, early: Letter, late: Letter) -> Vec<Step> {
        let carries = |letter: Letter| letter.from == early.from && letter.number >= early.number;
        let mut queue = VecDeque::from([late]);
        let mut hops: BTreeMap<Letter, Hop> = BTreeMap::new();
        while let Some(next) = queue.pop_front() {
            if carries(next) {
                return self.told(next, &hops);
            }
            let Some(posted) = self.letters.sent(next) else { continue };
            for taken in self.letters.receipts(next.from).filter(|receipt| receipt.by.place < posted.by.place) {
                if taken.letter != late && !hops.contains_key(&taken.letter) {
                    hops.insert(taken.letter, Hop { taken: *taken, next });
                    queue.push_back(taken.letter);
                }
            }
        }
        Vec::new()
    }

    /// The steps from the letter that carries on to the last one: each was taken by whoever sent the next.
    fn told(&self, mut letter: Letter, hops: &BTreeMap<Letter, Hop>) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(Hop { taken, next }) = hops.get(&letter) {
            steps.extend(self.sent(letter));
            steps.push(taken.by.step(format_args!("takes {letter} as delivery {}", taken.position)));
            letter = *next;
        }
        steps
    }
}

fn raise(past: &mut Past, letter: Letter) {
    let last = past.entry(letter.from).or_default();
    *last = (*last).max(letter.number);
}
