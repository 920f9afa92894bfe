//! Fault profiles: groups of faults that a command line knows by name.

use super::Nemesis;

/// A group of faults that goes by a name.
///
/// ```
/// use synod::fault::{FaultProfile, Kind};
/// let network = FaultProfile::named("network").expect("one of them").nemesis();
/// assert!(network.allows(Kind::Loss) && !network.allows(Kind::Crash));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FaultProfile {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub about: &'static str,
    nemesis: fn() -> Nemesis,
}

impl FaultProfile {
    /// Every profile.
    pub const ALL: [FaultProfile; 7] = [
        FaultProfile { name: "none", about: "no fault at all", nemesis: Nemesis::none },
        FaultProfile { name: "all", about: "every kind under which the team promises anything", nemesis: Nemesis::all },
        FaultProfile { name: "network", about: "every fault of a directed link", nemesis: Nemesis::network },
        FaultProfile { name: "partitions", about: "cuts and partitions of every shape", nemesis: Nemesis::partitions },
        FaultProfile { name: "processes", about: "every fault of a process and its disk", nemesis: Nemesis::processes },
        FaultProfile { name: "hallucinations", about: "what a model says amiss", nemesis: Nemesis::hallucinations },
        FaultProfile {
            name: "outages",
            about: "what goes wrong on the way to and from a model",
            nemesis: Nemesis::outages,
        },
    ];

    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<FaultProfile> {
        FaultProfile::ALL.into_iter().find(|profile| profile.name == name)
    }

    /// What plans its faults.
    #[must_use]
    pub fn nemesis(&self) -> Nemesis {
        (self.nemesis)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_is_found_by_its_name_and_by_no_other() {
        for profile in FaultProfile::ALL {
            assert_eq!(FaultProfile::named(profile.name).map(|found| found.about), Some(profile.about));
        }
        assert!(FaultProfile::named("netwrok").is_none());
    }
}
