//! Panics that escape a whole run. Knows how to tell of them, not what panicked.

use crate::world::contain;

/// A panic that escaped a whole run: the scenario's own code failed, not an agent in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("panicked: {what}")]
pub struct Escape {
    /// What the panic said, and where.
    pub what: String,
}

/// Runs `work`; a panic in it is returned instead of printed.
pub(super) fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Escape> {
    contain(work).map_err(|panicked| {
        let place = if panicked.place.is_empty() { String::new() } else { format!(" ({})", panicked.place) };
        Escape { what: panicked.text + &place }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_says_what_and_where() {
        let escape = contained(|| panic!("no such slot")).map(|(): ()| ()).unwrap_err();
        assert!(escape.what.starts_with("no such slot (") && escape.what.contains("contain.rs:"), "{escape}");
    }
}
