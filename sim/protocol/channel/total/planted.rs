//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

use super::Total;

/// One small mistake each, all made by real implementations.
#[cfg(feature = "planted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// A letter is delivered as it is submitted, whatever the log says (C02, for total order).
    DeliversEarly,
    /// Letters are delivered as the log has them, though earlier ones of their writers are not there yet (F02: what
    /// was submitted again is overtaken).
    ForgetsSendersOrder,
}

#[cfg(feature = "planted")]
impl Planted {
    /// Every planted bug.
    pub const ALL: &[Planted] = &[Planted::DeliversEarly, Planted::ForgetsSendersOrder];
}

#[cfg(feature = "planted")]
crate::digestible! { enum Planted { 1 = DeliversEarly, 2 = ForgetsSendersOrder } }

impl Total {
    /// Whether letters are delivered before they are in the log.
    pub(super) fn delivers_early(&self) -> bool {
        !unless_planted!(self, DeliversEarly)
    }

    /// Whether a letter waits for earlier ones of its writer.
    pub(super) fn keeps_senders_order(&self) -> bool {
        unless_planted!(self, ForgetsSendersOrder)
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn with(mut self, bug: Planted) -> Total {
        self.planted = Some(bug);
        self
    }
}
