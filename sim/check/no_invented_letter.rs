//! No creation: what a channel delivers was sent, and to whom it is delivered.

use super::letters::{Alone, Known, Letter, News, Reader, Receipt, judge_letters};
use super::online::{Online, Seen};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};

/// Every letter that is delivered was sent before, to its receiver among others, and every number names one letter.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoInventedLetter;

impl NoInventedLetter {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_invented_letter",
        about: "a channel delivers only what was sent, and only to whom it was sent",
        source: "Cachin, Guerraoui, Rodrigues 2011, module 2.3, PL3 (no creation)",
        kind: PropertyKind::Safety,
    };
}

impl Check for NoInventedLetter {
    fn property(&self) -> Property {
        NoInventedLetter::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge_letters(Posts::default(), history)
    }
}

impl Online for NoInventedLetter {
    type State = Alone<Posts>;

    fn begin(&self) -> Alone<Posts> {
        Alone::of(Posts::default())
    }
}

/// How many letters were taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posts {
    judged: u64,
}

impl Reader for Posts {
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

impl Posts {
    #[inline]
    fn take(&mut self, Receipt { letter, position, by, .. }: Receipt, known: Known<'_>) -> Option<Witness> {
        self.judged += 1;
        let posted = known.sent(letter);
        if posted.is_some_and(|posted| known.readers(posted).contains(&by.node)) {
            return None;
        }
        let taken = by.step(format_args!("takes {letter} as delivery {position}"));
        let Some(sent) = known.sending(letter) else {
            let contradiction = format!("Nobody had sent {letter}.");
            return Some(NoInventedLetter::PROPERTY.refuted("a letter that nobody sent", vec![taken], contradiction));
        };
        let contradiction = format!("{letter} was not for {}.", by.node);
        Some(NoInventedLetter::PROPERTY.refuted("a letter for somebody else", vec![sent, taken], contradiction))
    }
}

/// A number that is told again with others to get it names two letters.
fn again(known: Known<'_>, place: usize, entry: &Entry) -> Option<Witness> {
    let Event::Fact(Fact::Sent { number, to }) = &entry.event else { return None };
    let letter = Letter { from: entry.node, number: *number };
    known.sent(letter).filter(|first| known.readers(*first) != to.as_slice())?;
    let second = Seen::of(place, entry).step(format_args!("sends its letter {number} to {to:?}"));
    let steps = known.sending(letter).into_iter().chain([second]).collect();
    let contradiction = format!("Two letters are called {letter}.");
    Some(NoInventedLetter::PROPERTY.refuted("a number given twice", steps, contradiction))
}
