//! Catalogues: scenarios by name. Knows nothing of what is in them.

use super::{Contestant, Pairing, Pattern, Runnable};
use crate::fault::FaultProfile;
use crate::model::BuiltIn;

/// Scenarios that a command line offers, in the order in which they are shown.
pub struct Catalogue {
    scenarios: Vec<Box<dyn Runnable>>,
    contestants: Vec<Contestant>,
    pairings: Vec<Pairing>,
    patterns: Vec<Pattern>,
}

/// A name that no scenario has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scenario '{}'{}: `synod list` shows all", name.escape_debug(), question(nearest.as_deref()))]
pub struct UnknownScenario {
    /// The name asked for.
    pub name: String,
    /// The name most like it, if one is alike at all.
    pub nearest: Option<String>,
}

/// What stands between a scenario's name and that of a task it is to have instead of its own.
pub const ON_TASK: char = '@';

/// What stands between a scenario's name and that of a fault profile that it is to be under instead of its own faults.
pub const UNDER: char = '+';

/// A name that no fault profile has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no fault profile '{}'{}: this version has {}",
    name.escape_debug(), question(nearest.as_deref()), FaultProfile::ALL.map(|profile| profile.name).join(", ")
)]
pub struct UnknownFaults {
    /// The name asked for.
    pub name: String,
    /// The name most like it, if one is alike at all.
    pub nearest: Option<String>,
}

/// The fault profile of this name.
///
/// ```
/// use synod::scenario::fault_profile;
/// assert_eq!(fault_profile("network").map(|profile| profile.name), Ok("network"));
/// assert_eq!(fault_profile("netwrok").err().and_then(|unknown| unknown.nearest).as_deref(), Some("network"));
/// ```
///
/// # Errors
/// If there is none; names the nearest.
pub fn fault_profile(name: &str) -> Result<FaultProfile, UnknownFaults> {
    let names = FaultProfile::ALL.iter().map(|profile| profile.name.to_owned());
    FaultProfile::named(name).ok_or_else(|| UnknownFaults { name: name.to_owned(), nearest: nearest(name, names) })
}

/// A name that no built-in task has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no task '{}'{}: the built-in tasks are {}", name.escape_debug(), question(nearest.as_deref()), names()
)]
pub struct UnknownTask {
    /// The name asked for.
    pub name: String,
    /// The name most like it, if one is alike at all.
    pub nearest: Option<String>,
}

fn names() -> String {
    BuiltIn::ALL.map(|task| task.name).join(", ")
}

/// The built-in task of this name.
///
/// ```
/// use synod::scenario::built_in;
/// assert_eq!(built_in("plan").map(|task| task.name), Ok("plan"));
/// assert_eq!(built_in("plam").err().and_then(|unknown| unknown.nearest).as_deref(), Some("plan"));
/// ```
///
/// # Errors
/// If there is none; names the nearest.
pub fn built_in(name: &str) -> Result<BuiltIn, UnknownTask> {
    let names = BuiltIn::ALL.iter().map(|task| task.name.to_owned());
    BuiltIn::named(name).ok_or_else(|| UnknownTask { name: name.to_owned(), nearest: nearest(name, names) })
}

fn question(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |near| format!(", did you mean '{near}'?"))
}

impl Catalogue {
    /// A catalogue of these scenarios.
    ///
    /// # Panics
    /// If two have the same name.
    #[must_use]
    pub fn of(scenarios: Vec<Box<dyn Runnable>>) -> Catalogue {
        let mut names: Vec<String> = scenarios.iter().map(|scenario| scenario.summary().name).collect();
        names.sort();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        assert!(twice.is_none(), "two scenarios are called {:?}: rename one", twice.map(|pair| &pair[0]));
        Catalogue { scenarios, contestants: Vec::new(), pairings: Vec::new(), patterns: Vec::new() }
    }

    /// The same, and these teams to be compared in settings that they share.
    ///
    /// # Panics
    /// If two have the same name.
    #[must_use]
    pub fn comparing(mut self, contestants: Vec<Contestant>) -> Catalogue {
        let mut names: Vec<&str> = contestants.iter().map(Contestant::name).collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        assert!(twice.is_none(), "two teams are called {:?}: rename one", twice.map(|pair| pair[0]));
        self.contestants = contestants;
        self
    }

    /// The same, and these scenarios to be shown as versions of one another.
    ///
    /// # Panics
    /// If one of them is not in the catalogue.
    #[must_use]
    pub fn pairing(mut self, pairings: Vec<Pairing>) -> Catalogue {
        for name in pairings.iter().flat_map(Pairing::versions) {
            assert!(self.find(name).is_ok(), "no scenario is called {name:?}, which is to be a version of another");
        }
        self.pairings = pairings;
        self
    }

    /// Every matter of which there are several versions.
    #[must_use]
    pub fn pairings(&self) -> &[Pairing] {
        &self.pairings
    }

    /// The same, and these patterns, each to be put on every store and channel.
    ///
    /// # Panics
    /// If two have the same name.
    #[must_use]
    pub fn patterned(mut self, patterns: Vec<Pattern>) -> Catalogue {
        let mut names: Vec<&str> = patterns.iter().map(Pattern::name).collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        assert!(twice.is_none(), "two patterns are called {:?}: rename one", twice.map(|pair| pair[0]));
        self.patterns = patterns;
        self
    }

    /// Every pattern.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Every team to be compared.
    #[must_use]
    pub fn contestants(&self) -> &[Contestant] {
        &self.contestants
    }

    /// Every scenario.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Runnable> {
        self.scenarios.iter().map(|scenario| &**scenario)
    }

    /// The scenario of this name.
    ///
    /// # Errors
    /// If there is none; names the nearest.
    pub fn find(&self, name: &str) -> Result<&dyn Runnable, UnknownScenario> {
        let names = self.iter().map(|scenario| scenario.summary().name);
        let unknown = || UnknownScenario { name: name.to_owned(), nearest: nearest(name, names) };
        self.iter().find(|scenario| scenario.summary().name == name).ok_or_else(unknown)
    }
}

/// The name most like one that is not among these, if one is alike at all.
pub(crate) fn nearest(name: &str, names: impl Iterator<Item = String>) -> Option<String> {
    // Beyond a third of its letters, a name is no misspelling but another name.
    let tolerable = name.chars().count().div_ceil(3);
    let near = names.map(|known| (distance(name, &known), known)).min()?;
    (near.0 <= tolerable).then_some(near.1)
}

/// How many letters must be put in, taken out or exchanged to make one word the other (Levenshtein 1966).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != *against);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn catalogue() -> Catalogue {
        Catalogue::of(["last_speaker", "raft", "orchestrator"].map(named).into())
    }

    fn named(name: &str) -> Box<dyn Runnable> {
        Box::new(Scenario::new(name))
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest() {
        let nearest = |name| catalogue().find(name).err().and_then(|unknown| unknown.nearest);
        assert_eq!(nearest("last_speeker").as_deref(), Some("last_speaker"));
        assert_eq!(nearest("rft").as_deref(), Some("raft"));
        assert_eq!(nearest("zyzzyva"), None);
        assert!(catalogue().find("raft").is_ok());
    }

    #[test]
    fn distance_counts_edits() {
        for (one, other, edits) in [("", "abc", 3), ("kitten", "sitting", 3), ("raft", "raft", 0), ("ab", "ba", 2)] {
            assert_eq!(distance(one, other), edits, "{one} {other}");
        }
    }

    #[test]
    #[should_panic(expected = "two scenarios are called")]
    fn two_scenarios_of_one_name_are_a_mistake() {
        let _ = Catalogue::of(["raft", "raft"].map(named).into());
    }
}
