//! FIFO order: a receiver takes one sender's letters in the order in which they were sent to it, without leaving any
//! out. Says nothing of two senders: see [`CausalDelivery`](super::CausalDelivery).

use super::letters::{Alone, Known, Letter, News, Reader, Receipt, Turn, judge_letters};
use super::online::Online;
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, History};

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
        judge_letters(Queues::default(), history)
    }
}

impl Online for FifoDelivery {
    type State = Alone<Queues>;

    fn begin(&self) -> Alone<Queues> {
        Alone::of(Queues::default())
    }
}

/// How many letters were taken that were due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    judged: u64,
}

impl Reader for Queues {
    #[inline]
    fn hear(&mut self, news: News, known: Known<'_>, _: usize, _: &Entry) -> Option<Witness> {
        let News::Taken(receipt) = news else { return None };
        match receipt.turn {
            // What was never sent or is taken again is other properties' business.
            Turn::NotDue => return None,
            Turn::Next => self.judged += 1,
            Turn::After(first) => return Some(refute(known, first, receipt)),
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(known: Known<'_>, first: u64, Receipt { letter, position, by, .. }: Receipt) -> Witness {
    let overtaken = Letter { number: first, ..letter };
    let sent = |letter| known.sending(letter);
    let taken = by.step(format_args!("takes {letter} as delivery {position}"));
    let steps = [sent(overtaken), sent(letter), Some(taken)].into_iter().flatten().collect();
    let contradiction = format!("{} took {letter} before {overtaken}, which was sent first.", by.node);
    FifoDelivery::PROPERTY.refuted("a letter overtaken", steps, contradiction)
}
