//! What was sent and delivered, as participants told it first: a restart may make them tell it again. Knows no order
//! that letters should keep.
//!
//! Several properties are about letters, so who judges a whole history takes down once what it tells of them
//! ([`Mailbag`]), and each judge is told the news of it with all that was known by then ([`Known`]). Entry by entry a
//! judge has [`Letters`] of its own ([`Alone`]). It cannot tell the two apart.

use super::Verdict;
use super::dense::{Dense, key_of};
use super::online::{Observe, Seen};
use super::verdict::{Step, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use crate::id::NodeId;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// A letter's name: who sent it, and which of the sender's letters it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Letter {
    pub(super) from: NodeId,
    pub(super) number: u64,
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}'s letter {}", self.from, self.number)
    }
}

/// A letter that was handed to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posted {
    /// To whom.
    pub(super) to: Address,
    pub(super) by: Seen,
}

/// Receivers in the order in which a sender names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address(usize);

/// A delivery that was told for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    pub(super) letter: Letter,
    pub(super) position: u64,
    pub(super) turn: Turn,
    pub(super) by: Seen,
}

/// Where a delivery stands among what its receiver had still to take from the same sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It was the next.
    Next,
    /// The letter of this number was.
    After(u64),
    /// The letter was never sent to the receiver, or was taken before.
    NotDue,
}

/// What an entry adds.
#[derive(Clone, Copy, Debug)]
pub(super) enum News {
    /// A letter was sent.
    Sent(Letter, Posted),
    /// A letter was taken.
    Taken(Receipt),
    /// A number or a place was told again.
    Again,
}

/// Every letter sent, and every place of every receiver's sequence, by its first telling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Letters {
    addresses: Vec<Vec<NodeId>>,
    known: BTreeMap<Vec<NodeId>, Address>,
    /// By sender, then by number.
    sent: Dense<Dense<Posted>>,
    /// By receiver.
    taken: Dense<Taken>,
}

/// What one receiver took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Taken {
    /// By position.
    by_place: Dense<Receipt>,
    /// By sender, then by number: where the letter was taken first.
    by_letter: Dense<Dense<Receipt>>,
    /// By sender: the numbers that are still to be taken, in order.
    due: Dense<VecDeque<u64>>,
}

impl Letters {
    /// Takes one entry in; nothing if it is about no letter.
    #[inline]
    pub(super) fn observe(&mut self, place: usize, entry: &Entry) -> Option<News> {
        match &entry.event {
            Event::Fact(Fact::Sent { number, to }) => {
                if self.sent.slot(key_of(entry.node)).get(*number).is_some() {
                    return Some(News::Again);
                }
                let posted = Posted { to: self.address(to), by: Seen::of(place, entry) };
                self.sent.slot(key_of(entry.node)).put(*number, posted);
                for to in to {
                    let due = self.taken.slot(key_of(*to)).due.slot(key_of(entry.node));
                    await_letter(due, *number);
                }
                Some(News::Sent(Letter { from: entry.node, number: *number }, posted))
            }
            Event::Fact(Fact::Delivered { from, number, position }) => {
                let letter = Letter { from: *from, number: *number };
                let taken = self.taken.slot(key_of(entry.node));
                if taken.by_place.get(*position).is_some() {
                    return Some(News::Again);
                }
                let turn = take_letter(taken.due.slot(key_of(*from)), *number);
                let receipt = Receipt { letter, position: *position, turn, by: Seen::of(place, entry) };
                taken.by_place.put(*position, receipt);
                taken.by_letter.slot(key_of(*from)).get_or(*number, || receipt);
                Some(News::Taken(receipt))
            }
            _ => None,
        }
    }

    /// All that was told so far.
    pub(super) const fn known(&self) -> Known<'_> {
        Known { letters: self, now: usize::MAX }
    }

    /// There are few addresses, and most letters are to everyone.
    fn address(&mut self, to: &[NodeId]) -> Address {
        if let Some(address) = self.known.get(to) {
            return *address;
        }
        let address = Address(self.addresses.len());
        self.addresses.push(to.to_vec());
        self.known.insert(to.to_vec(), address);
        address
    }
}

/// Puts a number among those that are to come.
#[inline]
pub(super) fn await_letter(due: &mut VecDeque<u64>, number: u64) {
    let at = due.partition_point(|other| *other < number);
    due.insert(at, number);
}

/// Takes a number from those that are to come.
#[inline]
pub(super) fn take_letter(due: &mut VecDeque<u64>, number: u64) -> Turn {
    let Ok(at) = due.binary_search(&number) else { return Turn::NotDue };
    let first = due[0];
    due.remove(at);
    if first == number { Turn::Next } else { Turn::After(first) }
}

/// What had been told up to an entry.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    letters: &'a Letters,
    /// The place of that entry.
    now: usize,
}

impl<'a> Known<'a> {
    /// Every letter that was sent, by sender, then by number.
    pub(super) fn posted(self) -> impl Iterator<Item = (Letter, Posted)> + 'a {
        let of_each = self.letters.sent.iter().flat_map(|(_, sent)| sent.iter());
        let posted = of_each.map(|(number, posted)| (Letter { from: posted.by.node, number }, *posted));
        posted.filter(move |(_, posted)| posted.by.place <= self.now)
    }

    /// A letter that was sent.
    #[inline]
    pub(super) fn sent(self, letter: Letter) -> Option<Posted> {
        let posted = self.letters.sent.get(key_of(letter.from))?.get(letter.number)?;
        (posted.by.place <= self.now).then_some(*posted)
    }

    /// The step of a witness in which a letter was sent.
    pub(super) fn sending(self, letter: Letter) -> Option<Step> {
        let posted = self.sent(letter)?;
        let to = self.readers(posted);
        Some(posted.by.step(format_args!("sends its letter {} to {to:?}", letter.number)))
    }

    /// To whom a letter is.
    #[inline]
    pub(super) fn readers(self, posted: Posted) -> &'a [NodeId] {
        &self.letters.addresses[posted.to.0]
    }

    /// What stands at a place of a receiver's sequence.
    #[inline]
    pub(super) fn taken(self, receiver: NodeId, position: u64) -> Option<Receipt> {
        let receipt = self.letters.taken.get(key_of(receiver))?.by_place.get(position)?;
        (receipt.by.place <= self.now).then_some(*receipt)
    }

    /// Where a receiver took a letter first.
    #[inline]
    pub(super) fn first(self, receiver: NodeId, letter: Letter) -> Option<Receipt> {
        let taken = &self.letters.taken.get(key_of(receiver))?.by_letter;
        let receipt = taken.get(key_of(letter.from))?.get(letter.number)?;
        (receipt.by.place <= self.now).then_some(*receipt)
    }

    /// A receiver's deliveries, in the order of their places.
    pub(super) fn receipts(self, receiver: NodeId) -> impl Iterator<Item = Receipt> + 'a {
        let taken = self.letters.taken.get(key_of(receiver)).into_iter();
        let receipts = taken.flat_map(|taken| taken.by_place.iter().map(|(_, receipt)| *receipt));
        receipts.filter(move |receipt| receipt.by.place <= self.now)
    }
}

impl Address {
    /// Its number, for what is kept by address: from 0 in the order of first use.
    pub(super) const fn number(self) -> usize {
        self.0
    }
}

/// Who judges by the news of letters.
pub(super) trait Reader: Clone + Eq + fmt::Debug {
    /// Takes one piece of news in, with the entry that it comes from. A witness is final.
    fn hear(&mut self, news: News, known: Known<'_>, place: usize, entry: &Entry) -> Option<Witness>;

    /// The verdict, if nothing proved a violation before.
    fn conclude(self) -> Verdict;
}

/// A judge with letters of its own, for one who is told entry by entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone<R> {
    letters: Letters,
    reader: R,
}

impl<R> Alone<R> {
    pub(super) fn of(reader: R) -> Alone<R> {
        Alone { letters: Letters::default(), reader }
    }
}

impl<R: Reader> Observe for Alone<R> {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let news = self.letters.observe(place, entry)?;
        self.reader.hear(news, self.letters.known(), place, entry)
    }

    fn conclude(self) -> Verdict {
        self.reader.conclude()
    }
}

/// All that a history tells of letters, for every judge of it.
#[derive(Debug, Default)]
pub(super) struct Mailbag {
    letters: Letters,
    news: Vec<Place>,
    /// The last heal.
    pub(super) healed: Option<usize>,
}

/// News, and the place of the entry that it comes from.
#[derive(Clone, Copy, Debug)]
struct Place {
    place: usize,
    news: News,
}

impl Mailbag {
    fn of(history: &History) -> Mailbag {
        let mut bag = Mailbag::default();
        for (place, entry) in history.entries().iter().enumerate() {
            if let Some(news) = bag.letters.observe(place, entry) {
                bag.news.push(Place { place, news });
            } else if matches!(entry.event, Event::Environment(Environment::Healed { .. })) {
                bag.healed = Some(place);
            }
        }
        bag
    }

    /// What this history tells of letters, taken down when it is first asked for.
    pub(super) fn from(history: &History) -> &Mailbag {
        history.letters().get_or(|| Mailbag::of(history))
    }

    /// All letters of the history.
    pub(super) const fn whole(&self) -> Known<'_> {
        self.letters.known()
    }
}

/// Judges a whole history by what it tells of letters.
pub(super) fn judge_letters(mut reader: impl Reader, history: &History) -> Verdict {
    let bag = Mailbag::from(history);
    let violation = bag.news.iter().find_map(|Place { place, news }| {
        let known = Known { letters: &bag.letters, now: *place };
        reader.hear(*news, known, *place, &history.entries()[*place])
    });
    violation.map_or_else(|| reader.conclude(), Verdict::Violated)
}
