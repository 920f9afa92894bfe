//! What a member must not forget of its channel: numbers, what is not acknowledged, what came. Knows no link.

use super::Past;
use crate::id::NodeId;
use crate::protocol::Fold;
use crate::protocol::channel::{Delivery, Letter};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Which first start of a member is meant: its clock's reading then. 0: unknown. A member that keeps its disk keeps its
/// incarnation, whatever happens to its processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Incarnation(pub u64);

impl Incarnation {
    /// No start is known.
    pub const UNKNOWN: Incarnation = Incarnation(0);
}

impl crate::digest::Digest for Incarnation {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        digester.word(self.0);
    }
}

/// A letter with what it has to wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The letter.
    pub letter: Letter,
    /// What its writer knew sent before; `None` where nobody waits for that.
    pub past: Option<Past>,
}

crate::digestible! { struct Parcel { letter, past } }

/// A stream of letters to one reader: numbered from 1 for each pair of incarnations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The number of the last letter.
    pub last: u64,
    /// What is not known to have arrived, by number.
    pub waiting: BTreeMap<u64, Parcel>,
}

crate::digestible! { struct Stream { last, waiting } }

impl Stream {
    fn push(&mut self, parcel: Parcel) {
        self.last += 1;
        self.waiting.insert(self.last, parcel);
    }

    fn settle(&mut self, done: &BTreeSet<u64>) {
        self.waiting.retain(|number, _| !done.contains(number));
    }

    /// What waits begins a new stream.
    fn renumber(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.last = 0;
        waiting.into_values().for_each(|parcel| self.push(parcel));
    }
}

/// What has come of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Everything up to here.
    pub upto: u64,
    /// And these, after a gap; only where letters are delivered out of order.
    pub beyond: BTreeSet<u64>,
}

crate::digestible! { struct Cursor { upto, beyond } }

impl Cursor {
    /// Whether the letter of this number has come.
    #[must_use]
    pub fn has(&self, number: u64) -> bool {
        number <= self.upto || self.beyond.contains(&number)
    }

    fn add(&mut self, number: u64) {
        self.beyond.insert(number);
        while self.beyond.remove(&(self.upto + 1)) {
            self.upto += 1;
        }
    }

    /// As if everything up to the latest had come: what a planted bug believes.
    #[cfg(feature = "planted")]
    pub(super) fn without_gaps(self) -> Cursor {
        let upto = self.beyond.last().map_or(self.upto, |latest| self.upto.max(*latest));
        Cursor { upto, beyond: BTreeSet::new() }
    }
}

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    /// Which first start this disk is of.
    pub incarnation: Incarnation,
    /// How many letters this member has written.
    pub posted: u64,
    /// How many were delivered to it.
    pub delivered: u64,
    /// What it knows sent.
    pub past: Past,
    /// Its streams to others.
    pub streams: BTreeMap<NodeId, Stream>,
    /// What has come from others, and from itself.
    pub cursors: BTreeMap<NodeId, Cursor>,
    /// Whose disks it has met.
    pub met: BTreeMap<NodeId, Incarnation>,
    /// What was handed over and is not known taken in.
    pub inbox: VecDeque<Delivery>,
}

crate::digestible! { struct Durable { incarnation, posted, delivered, past, streams, cursors, met, inbox } }

/// What need not be kept any more. It rides on other writes: forgetting it in a crash costs a repetition, no letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// What has arrived, by reader.
    pub arrived: BTreeMap<NodeId, BTreeSet<u64>>,
    /// Up to which position the holder has taken deliveries in.
    pub taken: u64,
}

crate::digestible! { struct Settled { arrived, taken } }

/// A letter that is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Its number in the stream of its writer.
    pub number: u64,
    /// Its place among all that this member gets.
    pub position: u64,
    /// The letter with its past.
    pub parcel: Parcel,
}

impl crate::digest::Digest for Arrival {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        digester.word(self.number);
        digester.word(self.position);
        self.parcel.digest(digester);
    }
}

/// One atomic change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// The member starts for the first time.
    Born {
        /// When, by its clock.
        incarnation: Incarnation,
    },
    /// It met another one's disk, for the first time or a new one: streams from and to it begin anew.
    Met {
        /// The other one.
        peer: NodeId,
        /// Its incarnation.
        incarnation: Incarnation,
        /// What the former one had.
        arrived: BTreeSet<u64>,
    },
    /// It wrote a letter.
    Posted {
        /// The letter.
        parcel: Parcel,
        /// For whom else.
        to: Vec<NodeId>,
        /// The place at which it gets the letter itself, if it does.
        own: Option<u64>,
        /// What may be forgotten.
        settled: Settled,
    },
    /// Letters were delivered to it, in this order.
    Came {
        /// The letters.
        arrivals: Vec<Arrival>,
        /// What may be forgotten.
        settled: Settled,
    },
}

crate::digestible! { enum Write {
    1 = Born { incarnation }, 2 = Met { peer, incarnation, arrived }, 3 = Posted { parcel, to, own, settled },
    4 = Came { arrivals, settled },
} }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Born { incarnation } => self.incarnation = *incarnation,
            Write::Met { peer, incarnation, arrived } => {
                self.met.insert(*peer, *incarnation);
                self.cursors.remove(peer);
                let stream = self.streams.entry(*peer).or_default();
                stream.settle(arrived);
                stream.renumber();
            }
            Write::Posted { parcel, to, own, settled } => {
                self.settle(settled);
                let letter = &parcel.letter;
                self.posted = letter.id.number;
                for reader in to {
                    self.streams.entry(*reader).or_default().push(parcel.clone());
                }
                if parcel.past.is_some() {
                    self.past.sent(letter.id.from, letter.to);
                }
                if let Some(position) = own {
                    self.cursors.entry(letter.id.from).or_default().upto += 1;
                    self.deliver(*position, letter);
                }
            }
            Write::Came { arrivals, settled } => {
                self.settle(settled);
                for arrival in arrivals {
                    self.arrive(arrival);
                }
            }
        }
    }
}

impl Durable {
    fn settle(&mut self, settled: &Settled) {
        for (reader, arrived) in &settled.arrived {
            if let Some(stream) = self.streams.get_mut(reader) {
                stream.settle(arrived);
            }
        }
        self.inbox.retain(|delivery| delivery.position > settled.taken);
    }

    fn arrive(&mut self, arrival: &Arrival) {
        let Parcel { letter, past } = &arrival.parcel;
        let cursor = self.cursors.entry(letter.id.from).or_default();
        cursor.add(arrival.number);
        if let Some(past) = past {
            let mut known = past.clone();
            known.sent(letter.id.from, letter.to);
            self.past.join(&known);
        }
        self.deliver(arrival.position, letter);
    }

    /// With streams that begin at 1 again: what a planted bug remembers.
    #[cfg(feature = "planted")]
    pub(super) fn numbered_anew(mut self) -> Durable {
        self.streams.values_mut().for_each(Stream::renumber);
        self
    }

    fn deliver(&mut self, position: u64, letter: &Letter) {
        self.delivered = position;
        self.inbox.push_back(Delivery { position, letter: letter.clone() });
    }
}
