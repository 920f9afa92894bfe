//! FIFO order: a receiver takes one sender's letters in the order in which they were sent to it, without leaving any
//! out. Says nothing of two senders: see [`CausalDelivery`](super::CausalDelivery).

use super::dense::{Dense, key_of};
use super::letters::{Letter, Letters, News, Receipt};
use super::online::{Observe, Online, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, History};
use std::collections::VecDeque;

/// If somebody sends one letter before another to the same receiver, the receiver takes the second only after the
/// first.
#[derive(Clone, Copy, Debug, Default)]
pub struct FifoDelivery;

impl FifoDelivery {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "fifo_delivery",
        about: "a receiver takes each sender's letters in the order they were sent, leaving none out",
        source: "Hadzilacos, Toueg 1994 (TR 94-1425), section 3.3 (FIFO order)",
        kind: PropertyKind::Safety,
    };
}

impl Check for FifoDelivery {
    fn property(&self) -> Property {
        FifoDelivery::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for FifoDelivery {
    type State = Queues;

    fn begin(&self) -> Queues {
        Queues::default()
    }
}

/// What each receiver has still to take from each sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    letters: Letters,
    /// By receiver, then by sender: numbers in their order.
    due: Dense<Dense<VecDeque<u64>>>,
    judged: u64,
}

impl Observe for Queues {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match self.letters.observe(place, entry) {
            News::Sent(letter) => {
                for to in self.letters.sent(letter).into_iter().flat_map(|posted| &posted.to) {
                    let due = self.due.slot(key_of(*to)).slot(key_of(letter.from));
                    let at = due.partition_point(|number| *number < letter.number);
                    due.insert(at, letter.number);
                }
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

impl Queues {
    fn take(&mut self, Receipt { letter, position, by }: Receipt) -> Option<Witness> {
        let due = self.due.slot(key_of(by.node)).slot(key_of(letter.from));
        // What is not due was never sent or is taken again, which are other properties' business.
        due.binary_search(&letter.number).ok()?;
        self.judged += 1;
        let first = *due.front()?;
        if first == letter.number {
            due.pop_front();
            return None;
        }
        let overtaken = Letter { number: first, ..letter };
        let sent = |letter: Letter| {
            let posted = self.letters.sent(letter)?;
            Some(posted.by.step(format_args!("sends its letter {} to {:?}", letter.number, posted.to)))
        };
        let taken = by.step(format_args!("takes {letter} as delivery {position}"));
        let steps = [sent(overtaken), sent(letter), Some(taken)].into_iter().flatten().collect();
        let contradiction = format!("{} took {letter} before {overtaken}, which was sent first.", by.node);
        Some(FifoDelivery::PROPERTY.refuted("a letter overtaken", steps, contradiction))
    }
}
