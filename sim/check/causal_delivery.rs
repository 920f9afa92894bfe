//! Causal order: a receiver takes a letter only after every letter to it that its sender had sent or taken before.
//!
//! Schiper, Eggli and Sandoz, *A new algorithm to implement causal ordering*, WDAG 1989, for letters to one, to some
//! and to all; Birman, Schiper and Stephenson, TOCS 9(3), 1991, section 5, for letters to all. Each letter has a past:
//! how many letters of each sender come before it. A letter must not be taken while an older one of its past, sent to
//! the same receiver, is still to come. O(k) for each letter, k being the senders. FIFO order is part of it.

use super::dense::{Dense, key_of};
use super::letters::{Alone, Known, Letter, News, Reader, Receipt, Turn, await_letter, judge_letters, take_letter};
use super::online::Online;
use super::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use crate::history::{Entry, History};
use crate::id::NodeId;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

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
        judge_letters(Pasts::default(), history)
    }
}

impl Online for CausalDelivery {
    type State = Alone<Pasts>;

    fn begin(&self) -> Alone<Pasts> {
        Alone::of(Pasts::default())
    }
}

/// A letter was taken by whoever then sent the next.
#[derive(Clone, Copy)]
struct Hop {
    taken: Receipt,
    next: Letter,
}

/// What everybody knows of, and what is still to come. Senders have numbers here, in the order of their first letters,
/// so that a past is a row: of each sender, the greatest number known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pasts {
    senders: Vec<NodeId>,
    number_of: Dense<usize>,
    /// By participant: the letters in its past.
    known: Dense<Vec<u64>>,
    /// Every letter's past, itself left out, one after the other.
    rows: Vec<u64>,
    /// By sender, then by number: which part of them.
    row_of: Vec<Dense<Range<usize>>>,
    /// By receiver and sender: the numbers still to be taken, in order.
    due: Dense<Vec<VecDeque<u64>>>,
    judged: u64,
}

impl Reader for Pasts {
    #[inline]
    fn hear(&mut self, news: News, known: Known<'_>, _: usize, _: &Entry) -> Option<Witness> {
        match news {
            News::Sent(letter, posted) => {
                self.send(letter, known.readers(posted));
                None
            }
            News::Taken(receipt) => self.take(receipt, known),
            News::Again => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Pasts {
    fn send(&mut self, letter: Letter, readers: &[NodeId]) {
        let sender = self.sender(letter.from);
        let known = self.known.slot(key_of(letter.from));
        let start = self.rows.len();
        self.rows.extend_from_slice(known);
        self.row_of[sender].put(letter.number, start..self.rows.len());
        raise(known, sender, letter.number);
        for to in readers {
            await_letter(room(self.due.slot(key_of(*to)), sender), letter.number);
        }
    }

    fn sender(&mut self, node: NodeId) -> usize {
        let fresh = self.senders.len();
        let number = *self.number_of.get_or(key_of(node), || fresh);
        if number == fresh {
            self.senders.push(node);
            self.row_of.push(Dense::default());
        }
        number
    }

    #[inline]
    fn take(&mut self, receipt: Receipt, known: Known<'_>) -> Option<Witness> {
        let Receipt { letter, by, turn, .. } = receipt;
        // What is not due was never sent to it or is taken again: other properties' business.
        if turn == Turn::NotDue {
            return None;
        }
        let sender = *self.number_of.get(key_of(letter.from))?;
        let past = &self.rows[self.row_of[sender].get(letter.number)?.clone()];
        let due = self.due.slot(key_of(by.node));
        self.judged += 1;
        take_letter(room(due, sender), letter.number);
        let is_missing = |(due, last): (&VecDeque<u64>, &u64)| due.front().is_some_and(|first| first <= last);
        if due.iter().zip(past).any(is_missing) {
            let missing = (0..).zip(due.iter().zip(past)).filter(|(_, pair)| is_missing(*pair));
            let missing =
                missing.map(|(other, (due, _)): (usize, _)| Letter { from: self.senders[other], number: due[0] });
            return missing.min().map(|missing| refute(known, missing, receipt));
        }
        let mine = self.known.slot(key_of(by.node));
        past.iter().enumerate().for_each(|(other, number)| raise(mine, other, *number));
        raise(mine, sender, letter.number);
        None
    }
}

/// A list's place for a sender, made if it is not there yet.
#[inline]
fn room<T: Clone + Default>(list: &mut Vec<T>, sender: usize) -> &mut T {
    if sender >= list.len() {
        list.resize(sender + 1, T::default());
    }
    &mut list[sender]
}

#[inline]
fn raise(past: &mut Vec<u64>, sender: usize, number: u64) {
    let last = room(past, sender);
    *last = (*last).max(number);
}

#[cold]
fn refute(known: Known<'_>, missing: Letter, receipt: Receipt) -> Witness {
    let Receipt { letter, position, by, .. } = receipt;
    let mut steps: Vec<Step> = known.sending(missing).into_iter().collect();
    steps.extend(way(known, missing, letter));
    steps.extend(known.sending(letter));
    steps.push(by.step(format_args!("takes {letter} as delivery {position}")));
    let shape = if missing.from == letter.from { "a letter overtaken" } else { "an answer before its cause" };
    let contradiction = format!("{missing} comes before {letter} and was for {} too, which has not taken it.", by.node);
    CausalDelivery::PROPERTY.refuted(shape, steps, contradiction)
}

/// How whoever sent the later letter came to know of the earlier one: the fewest letters that carried it on.
fn way(known: Known<'_>, early: Letter, late: Letter) -> Vec<Step> {
    let carries = |letter: Letter| letter.from == early.from && letter.number >= early.number;
    let mut queue = VecDeque::from([late]);
    let mut hops: BTreeMap<Letter, Hop> = BTreeMap::new();
    while let Some(next) = queue.pop_front() {
        if carries(next) {
            return told(known, next, &hops);
        }
        let Some(posted) = known.sent(next) else { continue };
        for taken in known.receipts(next.from).filter(|receipt| receipt.by.place < posted.by.place) {
            if taken.letter != late && !hops.contains_key(&taken.letter) {
                hops.insert(taken.letter, Hop { taken, next });
                queue.push_back(taken.letter);
            }
        }
    }
    Vec::new()
}

/// The steps from the letter that carries on to the last one: each was taken by whoever sent the next.
fn told(known: Known<'_>, mut letter: Letter, hops: &BTreeMap<Letter, Hop>) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(Hop { taken, next }) = hops.get(&letter) {
        steps.extend(known.sending(letter));
        steps.push(taken.by.step(format_args!("takes {letter} as delivery {}", taken.position)));
        letter = *next;
    }
    steps
}
