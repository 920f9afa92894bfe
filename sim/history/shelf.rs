//! A place beside a history for what its judges derive from it. Knows neither the history nor what is kept.

use std::any::Any;
use std::fmt;
use std::sync::OnceLock;

/// One thing, made by whoever asks first and kept for all who judge the same history after it. No part of the history:
/// a copy begins with an empty one, and what is kept makes no difference between two.
#[derive(Default)]
pub(crate) struct Shelf(OnceLock<Box<dyn Any + Send + Sync>>);

impl Shelf {
    /// What is kept, after making it if there was nothing.
    ///
    /// # Panics
    /// If something else is kept here: a shelf is for one kind of thing.
    pub(crate) fn get_or<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> &T {
        let kept = self.0.get_or_init(|| Box::new(make()));
        kept.downcast_ref().expect("a shelf keeps one kind of thing")
    }

    /// Whether nothing is kept.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.get().is_none()
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "empty" } else { "kept" })
    }
}

impl Clone for Shelf {
    fn clone(&self) -> Shelf {
        Shelf::default()
    }
}

impl PartialEq for Shelf {
    fn eq(&self, _: &Shelf) -> bool {
        true
    }
}

impl Eq for Shelf {}
