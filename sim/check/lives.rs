//! One thing kept for each live copy of each node. Knows nothing of what it is.

use super::dense::{Dense, key_of};
use crate::history::{Entry, Environment, Event};
use crate::id::ProcessId;

/// A map from process to `T`. A node has few lives, so they are a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lives<T> {
    by_node: Dense<Vec<Life<T>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Life<T> {
    process: ProcessId,
    kept: T,
}

impl<T> Default for Lives<T> {
    fn default() -> Lives<T> {
        Lives { by_node: Dense::default() }
    }
}

impl<T: Default> Lives<T> {
    /// What is kept for the process the entry is about.
    #[inline]
    pub(super) fn get(&self, entry: &Entry) -> Option<&T> {
        let lives = self.by_node.get(key_of(entry.node))?;
        lives.iter().rfind(|life| life.process == entry.process).map(|life| &life.kept)
    }

    /// What is kept for the process the entry is about, from now on if not before.
    #[inline]
    pub(super) fn slot(&mut self, entry: &Entry) -> &mut T {
        let lives = self.by_node.slot(key_of(entry.node));
        // The latest life is the one that acts, except under a zombie.
        let place = lives.iter().rposition(|life| life.process == entry.process).unwrap_or_else(|| {
            lives.push(Life { process: entry.process, kept: T::default() });
            lives.len() - 1
        });
        &mut lives[place].kept
    }
}

/// Whether the entry begins or ends a life, with which a process forgets all that is not durable.
#[inline]
pub(super) fn forgets(entry: &Entry) -> bool {
    matches!(&entry.event, Event::Environment(Environment::Crashed | Environment::Started { .. }))
}
