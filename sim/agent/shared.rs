//! State that several tasks of one process share, such as a breaker. Knows nothing of what it holds.

use std::sync::{Arc, Mutex, PoisonError};

/// A policy's state, shared by everything that one process does: clones mean the same state. It lives in memory and
/// ends with its process, and so it must be made inside of the agent's function.
///
/// ```
/// use synod::agent::Shared;
/// use synod::policy::Budget;
/// let budget = Shared::new(Budget::new(10, 1));
/// assert!(budget.clone().with(Budget::take));
/// assert!(!budget.with(Budget::take));
/// ```
#[derive(Debug, Default)]
pub struct Shared<T>(Arc<Mutex<T>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Shared<T> {
        Shared(self.0.clone())
    }
}

impl<T> Shared<T> {
    /// This state.
    #[must_use]
    pub fn new(state: T) -> Shared<T> {
        Shared(Arc::new(Mutex::new(state)))
    }

    /// Looks at the state or alters it.
    pub fn with<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        // A policy's state is whole after each of its steps, so it is of use even after a panic.
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
