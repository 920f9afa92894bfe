//! Which kinds of faults acted on one message. Knows no message.

use crate::fault::Kind;

/// A set of kinds in one word, so that every message under way can carry it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Struck(u64);

const _: () = assert!(Kind::ALL.len() <= 64, "a kind for each bit of a word");

impl Struck {
    /// No fault.
    pub(super) const NONE: Struck = Struck(0);

    /// This kind alone.
    pub(super) const fn by(kind: Kind) -> Struck {
        Struck(1 << kind as u64)
    }

    /// This kind too.
    pub(super) const fn with(self, kind: Kind) -> Struck {
        Struck(self.0 | Struck::by(kind).0)
    }

    #[inline]
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in catalogue order.
    pub(super) fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |kind| self.0 & Struck::by(*kind).0 != 0)
    }
}
