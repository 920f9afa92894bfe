//! Scenarios that carry a bug or do not, made anew for each use. Knows no bug.

use super::Switch;
use synod::scenario::Runnable;

/// Makes a scenario with a bug in it, or the same without.
pub(super) struct Carrier(Box<dyn Fn(Switch) -> Box<dyn Runnable> + Send + Sync>);

impl Carrier {
    /// One that makes it so.
    pub(super) fn of<R: Runnable + 'static>(make: impl Fn(Switch) -> R + Send + Sync + 'static) -> Carrier {
        Carrier(Box::new(move |switch| Box::new(make(switch))))
    }

    pub(super) fn scenario(&self, switch: Switch) -> Box<dyn Runnable> {
        (self.0)(switch)
    }
}
