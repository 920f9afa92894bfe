//! What makes two failures the same one: how grave, which property, which shape. Knows no run's details.

use super::attempt::Tried;
use super::{Attempt, Failures, Gravity, Group, Outcome};
use serde::Serialize;
use std::fmt;

/// What two failing runs share if they fail alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fingerprint {
    /// How grave.
    pub gravity: Gravity,
    /// The violated property, or `crash`.
    pub property: String,
    /// The shape of the violation.
    pub shape: String,
}

impl Fingerprint {
    /// That of a group of failures.
    #[must_use]
    pub fn of(group: &Group) -> Fingerprint {
        Fingerprint { gravity: group.gravity, property: group.property.clone(), shape: group.shape.clone() }
    }

    /// The group of this outcome's failures that bears it, if one does.
    #[must_use]
    pub fn find(&self, outcome: &Outcome) -> Option<Group> {
        let mut failures = Failures::default();
        if let Ok(run) = outcome {
            failures.absorb(&Tried { seed: run.seed, attempt: &Attempt::from(run.seed) }, run);
        }
        failures.groups().iter().find(|group| Fingerprint::of(group) == *self).cloned()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fingerprint { gravity, property, shape } = self;
        match gravity {
            Gravity::Crash => write!(f, "{property} ({shape})"),
            Gravity::Safety | Gravity::Liveness => write!(f, "violated {property} ({shape})"),
        }
    }
}
