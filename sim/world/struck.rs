//! Which kinds of faults acted on one message. Knows no message.

use crate::fault::{Kind, Part};

/// A set of kinds in one word, so that every message under way can carry it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Struck(u64);

// Only what strikes messages is ever in a set, and the catalogue begins with that.
const _: () = assert!((Kind::ForgedSender as u64) < 64, "a bit of a word for each kind that strikes messages");

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
        let candidates = Kind::ALL.iter().copied().take_while(|kind| kind.part() == Part::Network);
        candidates.filter(move |kind| self.0 & Struck::by(*kind).0 != 0)
    }
}
