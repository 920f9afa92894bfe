//! Version vectors: how many updates of each replica are known (Parker et al. 1983; Mattern 1989). Knows no update.

use crate::id::NodeId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An update's place: the n-th that a replica accepted from a client, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dot {
    /// The replica that accepted it.
    pub origin: NodeId,
    /// Which of its updates.
    pub number: u64,
}

crate::digestible! { struct Dot { origin, number } }

/// For each replica how many of its updates, from the first on.
///
/// ```
/// use synod::id::NodeId;
/// use synod::protocol::store::{Dot, Vector};
/// let [a, b] = [0, 1].map(NodeId::agent);
/// let mut seen = Vector::default();
/// seen.add(Dot { origin: a, number: 1 });
/// assert!(seen.holds(Dot { origin: a, number: 1 }) && !seen.holds(Dot { origin: b, number: 1 }));
/// let mut both = seen.clone();
/// both.add(Dot { origin: b, number: 1 });
/// assert!(both.covers(&seen) && !seen.covers(&both));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vector(BTreeMap<NodeId, u64>);

impl crate::digest::Digest for Vector {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        self.0.digest(digester);
    }
}

impl Vector {
    /// How many updates of this replica it holds.
    #[must_use]
    pub fn count(&self, origin: NodeId) -> u64 {
        self.0.get(&origin).copied().unwrap_or(0)
    }

    /// Whether it holds this update.
    #[must_use]
    pub fn holds(&self, dot: Dot) -> bool {
        dot.number <= self.count(dot.origin)
    }

    /// Whether it holds everything that the other holds.
    #[must_use]
    pub fn covers(&self, other: &Vector) -> bool {
        other.0.iter().all(|(origin, count)| self.count(*origin) >= *count)
    }

    /// Holds this update, and all earlier ones of its replica, from now on.
    pub fn add(&mut self, dot: Dot) {
        let count = self.0.entry(dot.origin).or_insert(0);
        *count = (*count).max(dot.number);
    }

    /// Holds everything that the other holds from now on: the least upper bound of both.
    pub fn join(&mut self, other: &Vector) {
        other.0.iter().for_each(|(origin, number)| self.add(Dot { origin: *origin, number: *number }));
    }

    /// What both hold: the greatest lower bound.
    #[must_use]
    pub fn meet(&self, other: &Vector) -> Vector {
        let common = self.0.iter().map(|(origin, count)| (*origin, other.count(*origin).min(*count)));
        Vector(common.filter(|(_, count)| *count > 0).collect())
    }

    /// The same without one replica's part, for those who want to be wrong.
    #[must_use]
    pub(super) fn without_first(mut self) -> Vector {
        self.0.pop_first();
        self
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
