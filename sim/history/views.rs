//! What was made of a history, kept beside it. Knows no entry: whoever changes the history says so.

use super::shelf::Shelf;
use super::store::Wrong;
use super::{History, Lens, Projection};

/// A history's projections as far as anyone asked for them. No part of the history: a copy begins without any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Views {
    whole: Shelf,
    entry_by_entry: Shelf,
    letters: Shelf,
}

type View = Result<Projection, Wrong>;

impl Views {
    /// The projection through this lens.
    pub(super) fn of(&self, history: &History, lens: Lens) -> Result<&Projection, &Wrong> {
        let view = match lens {
            Lens::Whole => &self.whole,
            Lens::EntryByEntry => &self.entry_by_entry,
        };
        view.get_or(|| -> View { Projection::of(history, lens) }).as_ref()
    }

    /// What judges of letters share.
    pub(super) const fn letters(&self) -> &Shelf {
        &self.letters
    }

    /// The history is another one now.
    #[inline]
    pub(super) fn forget(&mut self) {
        if !(self.whole.is_empty() && self.entry_by_entry.is_empty() && self.letters.is_empty()) {
            *self = Views::default();
        }
    }
}
