//! No creation: what a channel delivers was sent, and to whom it is delivered.

use super::letters::{Letter, Letters, News, Receipt};
use super::online::{Observe, Online, Seen, judge};
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
        judge(self.begin(), history)
    }
}

impl Online for NoInventedLetter {
    type State = Posts;

    fn begin(&self) -> Posts {
        Posts::default()
    }
}

/// What was sent so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posts {
    letters: Letters,
    judged: u64,
}

impl Observe for Posts {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match self.letters.observe(place, entry) {
            News::Sent(_) => None,
            News::Taken(receipt) => self.take(receipt),
            News::Nothing => self.again(place, entry),
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Posts {
    fn take(&mut self, Receipt { letter, position, by }: Receipt) -> Option<Witness> {
        self.judged += 1;
        let taken = by.step(format_args!("takes {letter} as delivery {position}"));
        let Some(posted) = self.letters.sent(letter) else {
            let contradiction = format!("Nobody had sent {letter}.");
            return Some(NoInventedLetter::PROPERTY.refuted("a letter that nobody sent", vec![taken], contradiction));
        };
        if posted.to.contains(&by.node) {
            return None;
        }
        let sent = posted.by.step(format_args!("sends its letter {} to {:?}", letter.number, posted.to));
        let contradiction = format!("{letter} was not for {}.", by.node);
        Some(NoInventedLetter::PROPERTY.refuted("a letter for somebody else", vec![sent, taken], contradiction))
    }

    /// A number that is told again with others to get it names two letters.
    fn again(&self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(Fact::Sent { number, to }) = &entry.event else { return None };
        let letter = Letter { from: entry.node, number: *number };
        let first = self.letters.sent(letter).filter(|first| first.to != *to)?;
        let step = |by: Seen, to| by.step(format_args!("sends its letter {number} to {to:?}"));
        let steps = vec![step(first.by, &first.to), step(Seen::of(place, entry), to)];
        let contradiction = format!("Two letters are called {letter}.");
        Some(NoInventedLetter::PROPERTY.refuted("a number given twice", steps, contradiction))
    }
}
