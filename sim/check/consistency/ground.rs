//! The common ground of all causal checkers: a history as threads, who wrote what under which key, and causal order.
//!
//! Made once a history and kept beside it, for several properties are asked of one. Knows no property.

use super::clocks::Clocks;
use super::paths::Derived;
use super::reads_from::Sight;
use super::threads::Threads;
use super::visible::Visible;
use crate::history::store::StoreHistory;
use std::sync::OnceLock;

/// What causal checkers go by.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) threads: Threads,
    pub(super) visible: Visible,
    order: OnceLock<Order>,
    /// Once the history was found to be causally consistent: its conflict order, if that was collected.
    causal: OnceLock<Option<Vec<Derived>>>,
}

/// Causal order, as far as it goes.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) clocks: Clocks,
    /// Operations that wait for each other, each after the one before it.
    pub(super) cycle: Option<Vec<u32>>,
}

/// A history's grounds, by what is looked at.
#[derive(Debug, Default)]
struct Grounds {
    recorded: OnceLock<Result<Ground, String>>,
    by_value: OnceLock<Result<Ground, String>>,
}

impl Ground {
    /// The ground of this history.
    ///
    /// # Errors
    /// As [`Threads::of`].
    pub(super) fn of(history: &StoreHistory, sight: Sight) -> Result<&Ground, String> {
        let grounds = history.grounds().get_or(Grounds::default);
        let ground = match sight {
            Sight::Recorded => &grounds.recorded,
            Sight::ValuesOnly => &grounds.by_value,
        };
        ground.get_or_init(|| Ground::new(history, sight)).as_ref().map_err(Clone::clone)
    }

    fn new(history: &StoreHistory, sight: Sight) -> Result<Ground, String> {
        let threads = Threads::of(history, sight)?;
        let visible = Visible::of(history, &threads);
        Ok(Ground { threads, visible, order: OnceLock::new(), causal: OnceLock::new() })
    }

    /// Remembers that the history is causally consistent, with its conflict order if that was collected.
    pub(super) fn found_causal(&self, conflicts: Option<&[Derived]>) {
        _ = self.causal.set(conflicts.map(<[Derived]>::to_vec));
    }

    /// The conflict order of a history that was found to be causally consistent, if it was collected.
    pub(super) fn known_conflicts(&self) -> Option<&[Derived]> {
        self.causal.get()?.as_deref()
    }

    /// Whether the history is known to be causally consistent: someone asked, and it is.
    pub(super) fn is_known_causal(&self) -> bool {
        self.causal.get().is_some()
    }

    /// Causal order over these threads.
    pub(super) fn order(&self, history: &StoreHistory) -> &Order {
        self.order.get_or_init(|| {
            let (clocks, cycle) = Clocks::of(history, &self.threads);
            Order { clocks, cycle }
        })
    }
}
