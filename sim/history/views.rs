//! What was made of a history, kept beside it. Knows no entry: whoever changes the history says so.

use super::shelf::Shelf;
use super::store::Wrong;
use super::{History, Lens, Projection};
use std::sync::OnceLock;

/// A history's projections as far as anyone asked for them. No part of the history: a copy begins without any.
#[derive(Debug, Default)]
pub(super) struct Views {
    whole: OnceLock<Box<View>>,
    entry_by_entry: OnceLock<Box<View>>,
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
        view.get_or_init(|| Box::new(Projection::of(history, lens))).as_ref().as_ref()
    }

    /// What judges of letters share.
    pub(super) const fn letters(&self) -> &Shelf {
        &self.letters
    }

    /// The history is another one now.
    #[inline]
    pub(super) fn forget(&mut self) {
        if self.whole.get().is_some() || self.entry_by_entry.get().is_some() || !self.letters.is_empty() {
            *self = Views::default();
        }
    }
}

impl Clone for Views {
    fn clone(&self) -> Views {
        Views::default()
    }
}

impl PartialEq for Views {
    fn eq(&self, _: &Views) -> bool {
        true
    }
}

impl Eq for Views {}
