//! How many threads a sweep may be told to have. Starts none.

use std::num::NonZeroUsize;

/// Threads of one sweep, at most: more than a machine has cores, fewer than it has memory for.
pub const MOST_THREADS: usize = 1_024;

/// A text that names no number of threads that a sweep can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is no number of threads: write 1 to {MOST_THREADS}", text.escape_debug())]
pub struct NoThreads {
    text: String,
}

/// The number of threads that a text names.
///
/// ```
/// use synod::explore::number_of_threads;
/// assert_eq!(number_of_threads("8").unwrap().get(), 8);
/// let error = number_of_threads("1000000").unwrap_err();
/// assert_eq!(error.to_string(), "'1000000' is no number of threads: write 1 to 1024");
/// ```
///
/// # Errors
/// If it is no number, or one that no sweep can have.
pub fn number_of_threads(text: &str) -> Result<NonZeroUsize, NoThreads> {
    let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= MOST_THREADS);
    number.ok_or_else(|| NoThreads { text: text.to_owned() })
}
