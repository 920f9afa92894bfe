//! The properties of stores, by name. Knows no history.

use super::{
    CausalConsistency, CausalConvergence, CausalMemory, CheckStore, Guarantee, Linearizable, PipelinedRam,
    SequentialConsistency, SessionGuarantee, Sight,
};

/// With what a property is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What of the history is looked at.
    pub sight: Sight,
    /// How many configurations a search may look at; the property's own default if nothing is said. Properties that
    /// need no search do not use it.
    pub budget: Option<u64>,
}

impl Look {
    /// At all that was recorded, with each property's own budget.
    pub const DEFAULT: Look = Look { sight: Sight::Recorded, budget: None };
}

/// A property of stores with the other names it answers to.
struct Listing {
    name: &'static str,
    aliases: &'static [&'static str],
    make: fn(Look) -> Box<dyn CheckStore>,
}

const LISTINGS: &[Listing] = &[
    Listing {
        name: "linearizable",
        aliases: &["linearizability", "lin", "atomic", "strong"],
        make: |Look { sight, budget }| {
            Box::new(Linearizable { sight, budget: budget.unwrap_or(Linearizable::DEFAULT.budget) })
        },
    },
    Listing {
        name: "sequential_consistency",
        aliases: &["sequential", "sc"],
        make: |look| {
            let budget = look.budget.unwrap_or(SequentialConsistency::DEFAULT.budget);
            Box::new(SequentialConsistency { budget })
        },
    },
    Listing {
        name: "causal_convergence",
        aliases: &["ccv", "convergent"],
        make: |look| Box::new(CausalConvergence { sight: look.sight }),
    },
    Listing {
        name: "causal_memory",
        aliases: &["cm"],
        make: |Look { sight, budget }| {
            Box::new(CausalMemory { sight, budget: budget.unwrap_or(CausalMemory::DEFAULT.budget) })
        },
    },
    Listing {
        name: "causal_consistency",
        aliases: &["causal", "cc"],
        make: |look| Box::new(CausalConsistency { sight: look.sight }),
    },
    Listing {
        name: "pram",
        aliases: &["pipelined_ram"],
        make: |Look { sight, budget }| {
            Box::new(PipelinedRam { sight, budget: budget.unwrap_or(PipelinedRam::DEFAULT.budget) })
        },
    },
    Listing { name: "read_your_writes", aliases: &["ryw"], make: |look| guarantee(Guarantee::ReadYourWrites, look) },
    Listing { name: "monotonic_reads", aliases: &["mr"], make: |look| guarantee(Guarantee::MonotonicReads, look) },
    Listing { name: "monotonic_writes", aliases: &["mw"], make: |look| guarantee(Guarantee::MonotonicWrites, look) },
    Listing {
        name: "writes_follow_reads",
        aliases: &["wfr"],
        make: |look| guarantee(Guarantee::WritesFollowReads, look),
    },
];

fn guarantee(guarantee: Guarantee, look: Look) -> Box<dyn CheckStore> {
    Box::new(SessionGuarantee { guarantee, sight: look.sight })
}

/// Every property's checker, from the strongest level down.
///
/// ```
/// use synod::check::consistency::{Look, all};
/// assert_eq!(all(Look::DEFAULT)[0].property().name, "linearizable");
/// ```
#[must_use]
pub fn all(look: Look) -> Vec<Box<dyn CheckStore>> {
    LISTINGS.iter().map(|listing| (listing.make)(look)).collect()
}

/// The other names a property of stores answers to.
#[must_use]
pub fn aliases(name: &str) -> &'static [&'static str] {
    LISTINGS.iter().find(|listing| listing.name == name).map_or(&[], |listing| listing.aliases)
}

/// Every name that a property of stores answers to.
pub fn names() -> impl Iterator<Item = &'static str> {
    LISTINGS.iter().flat_map(|listing| [listing.name].into_iter().chain(listing.aliases.iter().copied()))
}

/// The checker of a property by its name or an alias, in any case, with `-` for `_` if you like.
///
/// ```
/// use synod::check::consistency::{Look, by_name};
/// let check = by_name("Causal", Look::DEFAULT).expect("there is one");
/// assert_eq!(check.property().name, "causal_consistency");
/// assert!(by_name("casual", Look::DEFAULT).is_none());
/// ```
#[must_use]
pub fn by_name(name: &str, look: Look) -> Option<Box<dyn CheckStore>> {
    let wanted = name.trim().to_lowercase().replace(['-', ' '], "_");
    let answers = |listing: &&Listing| listing.name == wanted || listing.aliases.contains(&&*wanted);
    LISTINGS.iter().find(answers).map(|listing| (listing.make)(look))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_properties_of_stores_or_of_runs() {
        let runs = crate::check::all();
        let runs = runs.iter().map(|check| check.property().name);
        let known = runs.flat_map(|name| [name].into_iter().chain(crate::check::aliases(name).iter().copied()));
        let mut all: Vec<&str> = names().chain(known).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn every_property_is_listed_under_its_own_name_whatever_the_look() {
        for look in [Look::DEFAULT, Look { sight: Sight::ValuesOnly, budget: Some(1) }] {
            for listing in LISTINGS {
                assert_eq!((listing.make)(look).property().name, listing.name);
            }
        }
    }
}
