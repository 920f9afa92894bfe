//! What was sent and delivered, as participants told it first: a restart may make them tell it again. Knows no order
//! that letters should keep.

use super::dense::{Dense, key_of};
use super::online::Seen;
use crate::fact::Fact;
use crate::history::{Entry, Event};
use crate::id::NodeId;

/// A letter's name: who sent it, and which of the sender's letters it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Letter {
    pub(super) from: NodeId,
    pub(super) number: u64,
}

impl std::fmt::Display for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}'s letter {}", self.from, self.number)
    }
}

/// A letter that was handed to a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Posted {
    pub(super) to: Vec<NodeId>,
    pub(super) by: Seen,
}

/// A delivery that was told for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    pub(super) letter: Letter,
    pub(super) position: u64,
    pub(super) by: Seen,
}

/// What an entry adds.
pub(super) enum News {
    /// A letter was sent.
    Sent(Letter),
    /// A letter was taken.
    Taken(Receipt),
    /// Nothing that was not known.
    Nothing,
}

/// Every letter sent, and every place of every receiver's sequence, by its first telling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Letters {
    /// By sender, then by number.
    sent: Dense<Dense<Posted>>,
    /// By receiver, then by position.
    taken: Dense<Dense<Receipt>>,
}

impl Letters {
    /// Takes one entry in. What is told again, of a number or a place that was told before, is nothing new.
    #[inline]
    pub(super) fn observe(&mut self, place: usize, entry: &Entry) -> News {
        match &entry.event {
            Event::Fact(Fact::Sent { number, to }) => {
                let sent = self.sent.slot(key_of(entry.node));
                if sent.get(*number).is_some() {
                    return News::Nothing;
                }
                sent.get_or(*number, || Posted { to: to.clone(), by: Seen::of(place, entry) });
                News::Sent(Letter { from: entry.node, number: *number })
            }
            Event::Fact(Fact::Delivered { from, number, position }) => {
                let letter = Letter { from: *from, number: *number };
                let taken = self.taken.slot(key_of(entry.node));
                if taken.get(*position).is_some() {
                    return News::Nothing;
                }
                let receipt = Receipt { letter, position: *position, by: Seen::of(place, entry) };
                taken.get_or(*position, || receipt);
                News::Taken(receipt)
            }
            _ => News::Nothing,
        }
    }

    /// Every letter that was sent, by sender, then by number.
    pub(super) fn posted(&self) -> impl Iterator<Item = (Letter, &Posted)> {
        let of_each = self.sent.iter().flat_map(|(_, sent)| sent.iter());
        of_each.map(|(number, posted)| (Letter { from: posted.by.node, number }, posted))
    }

    /// A letter that was sent.
    pub(super) fn sent(&self, letter: Letter) -> Option<&Posted> {
        self.sent.get(key_of(letter.from))?.get(letter.number)
    }

    /// What stands at a place of a receiver's sequence.
    pub(super) fn taken(&self, receiver: NodeId, position: u64) -> Option<&Receipt> {
        self.taken.get(key_of(receiver))?.get(position)
    }

    /// A receiver's deliveries, in the order of their places.
    pub(super) fn receipts(&self, receiver: NodeId) -> impl Iterator<Item = &Receipt> {
        self.taken.get(key_of(receiver)).into_iter().flat_map(|taken| taken.iter().map(|(_, receipt)| receipt))
    }
}
